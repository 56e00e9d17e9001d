"""Tables: a profile as text, to be read in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from minitfe.lines import text_of

if TYPE_CHECKING:
    from minitfe.profiling.profile import FunctionRow, LineRow, Profile, Row

ORDERS: dict[str, Callable[[Row], float]] = {
    "time": lambda row: row.seconds,
    "calls": lambda row: row.calls,
    "bytes": lambda row: row.input_bytes + row.output_bytes,
}
"""What rows may be sorted by."""

UNITS = ("B", "kB", "MB", "GB", "TB")

WIDEST = 60
"""Characters: longer texts in a table are cut."""


def tables(profile: Profile, sort: str, limit: int | None) -> str:
    """Returns a profile as text. Arguments and errors as for `Profile.table`."""
    if sort not in ORDERS:
        raise ValueError(f"sort must be one of {', '.join(ORDERS)}, not {sort!r}.")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise ValueError(f"limit must be a positive number of rows, or None for all of them, not {limit!r}.")
    total = profile.kernel_seconds + profile.python_seconds
    rows = sorted(profile.rows, key=ORDERS[sort], reverse=True)
    parts = [
        "\n".join(_summary(profile)),
        _table(KERNELS, [_kernel(row, total) for row in rows[:limit]], len(rows)),
        _table(LINES, [_line(row, total) for row in profile.lines[:limit]], len(profile.lines)),
        _table(FUNCTIONS, [_function(row) for row in profile.functions[:limit]], len(profile.functions)),
    ]
    return "\n\n".join(part for part in parts if part)


def _summary(profile: Profile) -> Iterator[str]:
    """Where the time of the block went, in sentences."""
    calls = sum(row.calls for row in profile.rows)
    elsewhere = profile.other_threads_seconds
    yield (
        f"{_ms(profile.seconds)} ms: {_ms(profile.kernel_seconds - elsewhere)} ms in kernels,"
        f" {_ms(profile.python_seconds)} ms Python and the rest, {_ms(profile.profiler_seconds)} ms the profiler"
        f" itself. {calls:,} kernels ran."
    )
    if elsewhere:
        yield f"On other threads, at the same time: {_ms(elsewhere)} ms in kernels."
    if profile.events_left_out:
        yield f"The last {profile.events_left_out:,} events are counted here, but are not in the trace."


# ------------------------------------------------------------------------------------------------------------- rows

KERNELS = (
    ">ms",
    ">share",
    ">calls",
    ">mean us",
    ">out",
    ">in",
    "<op",
    "<direction",
    "<device",
    "<function",
    "<slowest call",
)
LINES = (">ms", ">share", ">kernels", "<line", "<source")
FUNCTIONS = (">ms", ">traced", ">tracing", ">planning", ">called", ">beside kernels", "<function")


def _kernel(row: Row, total: float) -> Sequence[str]:
    times = _ms(row.seconds), _share(row.seconds, total), f"{row.calls:,}", f"{row.mean * 1e6:.1f}"
    sizes = _size(row.output_bytes), _size(row.input_bytes)
    return *times, *sizes, row.op, row.direction, row.device, row.function, row.slowest


def _line(row: LineRow, total: float) -> Sequence[str]:
    return _ms(row.seconds), _share(row.seconds, total), f"{row.calls:,}", row.where, text_of(row.where)


def _function(row: FunctionRow) -> Sequence[str]:
    making = f"{row.traces:,}", _ms(row.tracing_seconds), _ms(row.planning_seconds)
    return _ms(row.seconds), *making, f"{row.calls:,}", _ms(row.call_seconds), row.function


def _ms(seconds: float) -> str:
    return f"{seconds * 1e3:,.3f}"


def _share(seconds: float, total: float) -> str:
    return f"{seconds / total:.1%}" if total else ""


def _size(count: float) -> str:
    """A number of bytes in a unit that suits it.

    >>> _size(20), _size(4_200_000)
    ('20 B', '4.2 MB')
    """
    power = min((len(str(int(count))) - 1) // 3, len(UNITS) - 1)
    return f"{count / 1000**power:.3g} {UNITS[power]}"


# ----------------------------------------------------------------------------------------------------------- columns


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], count: int) -> str:
    """Columns as wide as what is in them. A head begins with the side that its column leans to."""
    if not rows:
        return ""
    lines = [[head[1:] for head in heads], *[list(map(_cut, row)) for row in rows]]
    widths = [max(map(len, column)) for column in zip(*lines)]
    sides = [head[0] for head in heads]
    text = [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths)).rstrip() for line in lines
    ]
    if count > len(rows):
        text.append(f"... and {count - len(rows)} more rows")
    return "\n".join(text)


def _cut(text: str) -> str:
    return text if len(text) <= WIDEST else text[: WIDEST - 3] + "..."
