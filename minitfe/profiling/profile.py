"""Profiles: what ran in a block of a program, counted.

    with tf.profile() as p:
        train(model)

A profile hears of each kernel as soon as it has run, and adds it to the row of kernels like it: those of the same op,
on the same device, forward or backward, in the same traced function. Each thread counts for itself, so that none waits
for another. What is no kernel is Python: the program's own, and all of minitfe from the public function to the kernel.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Iterator
from time import perf_counter_ns
from types import TracebackType
from typing import Any, NamedTuple

from minitfe.graph.session import Session
from minitfe.lines import BackwardLine, runs_operations
from minitfe.profiling import chrome, clock, tables
from minitfe.profiling.clock import CALL, KERNEL, PLANNING, TRACING, Event, Work
from minitfe.train.storage import write_text

runs_operations(Session._do)

FORWARD, BACKWARD = "forward", "backward"

MOST_EVENTS = 200_000
"""How many events a trace has, the first ones: each takes some hundred bytes. Rows count all."""


class Row(NamedTuple):
    """All calls of an op that are alike.

    Attributes:
        op: its name; for a group of ops that a compiled plan does at once, ``fused:`` and their names.
        direction: "forward"; or "backward", where it was part of computing a gradient.
        function: the name of the traced function that it was part of; the empty string in eager execution.
        device: where it ran.
        calls: how often.
        seconds: how long altogether, without kernels that ran inside of it.
        input_bytes, output_bytes: the sizes of what went in and what came out, altogether.
        slowest: dtypes and shapes of the call that took longest.
    """

    op: str
    direction: str
    function: str
    device: str
    calls: int
    seconds: float
    input_bytes: int
    output_bytes: int
    slowest: str

    @property
    def mean(self) -> float:
        """How many seconds one call took."""
        return self.seconds / self.calls


class LineRow(NamedTuple):
    """A line of the program.

    Attributes:
        where: file and number, such as ``'train.py:41'``.
        calls: how many kernels ran for it.
        seconds: how long these took.
    """

    where: str
    calls: int
    seconds: float


class FunctionRow(NamedTuple):
    """A traced function: the time that it took beside its kernels.

    Attributes:
        function: its name.
        traces: how often it was traced.
        tracing_seconds: how long that took.
        planning_seconds: how long the passes took, and to write the plan that runs it.
        calls: how often it ran.
        call_seconds: how long that took, without the kernels.
    """

    function: str
    traces: int
    tracing_seconds: float
    planning_seconds: float
    calls: int
    call_seconds: float

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.tracing_seconds + self.planning_seconds + self.call_seconds


class _Sum:
    """What is added up for one row."""

    __slots__ = ("calls", "own", "input_bytes", "output_bytes", "longest", "slowest")

    def __init__(self) -> None:
        self.calls = self.own = self.input_bytes = self.output_bytes = 0
        self.longest = -1
        self.slowest: Event | None = None

    def add(self, event: Event) -> None:
        self.calls += 1
        self.own += event.own
        for _, _, count in event.inputs:
            self.input_bytes += count
        for _, _, count in event.outputs:
            self.output_bytes += count
        if event.own > self.longest:
            self.longest, self.slowest = event.own, event

    def join(self, other: _Sum) -> None:
        self.calls += other.calls
        self.own += other.own
        self.input_bytes += other.input_bytes
        self.output_bytes += other.output_bytes
        if other.longest > self.longest:
            self.longest, self.slowest = other.longest, other.slowest


Key = tuple[Work, bool, str]  # what ran, whether backward, and in which function


AT_ONCE = 500
"""So many events are counted together: that is quicker than one by one, between kernels that need the caches."""


class Thread:
    """What a profile counts on one thread.

    Args:
        numbers: counts the events of all threads.

    Attributes:
        name: the thread's.
        events: those for a trace, in the order in which they ended.
        measuring: how many nanoseconds the profiler took for itself.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self.name = threading.current_thread().name
        self._numbers = numbers
        self._heard: deque[Event] = deque()
        self._counting = threading.RLock()  # a destructor may run a kernel meanwhile
        self.sums: dict[Key, _Sum] = {}
        self.lines: dict[str | None, list[int]] = {}  # calls and nanoseconds
        self.events: list[Event] = []
        self.measuring = 0

    def hear(self, event: Event) -> None:
        """Takes an event, to be counted soon."""
        self._heard.append(event)
        if len(self._heard) >= AT_ONCE:
            self.count()

    def count(self) -> None:
        """Counts what was heard; any thread may ask for that."""
        with self._counting:
            while self._heard:
                self._add(self._heard.popleft())

    def _add(self, event: Event) -> None:
        work, where = event.work, event.where
        self.measuring += event.measuring
        key = (work, type(where) is BackwardLine, event.function)
        found = self.sums.get(key)
        if found is None:
            found = self.sums[key] = _Sum()
        found.add(event)
        if work.kind == KERNEL:
            line = self.lines.get(where)
            if line is None:
                line = self.lines[where] = [0, 0]
            line[0] += 1
            line[1] += event.own
        if next(self._numbers) < MOST_EVENTS:
            self.events.append(event)

    def kernels(self) -> int:
        """How many nanoseconds its kernels took."""
        return sum(found.own for (work, _, _), found in list(self.sums.items()) if work.kind == KERNEL)


class Profile:
    """Where the time goes, in a ``with`` block; `profile` makes it.

    Everything can be asked within the block, for what ran so far, and after it.
    """

    def __init__(self, show: bool = True) -> None:
        self.began = 0
        self._show = show
        self._ended: int | None = None
        self._threads: dict[int, Thread] = {}
        self._numbers = itertools.count()  # one that threads can share

    def __enter__(self) -> Profile:
        if self.began:
            raise RuntimeError("This profile has measured a block already; make a new one with tf.profile().")
        self._threads[threading.get_ident()] = Thread(self._numbers)
        clock.listen(self)
        self.began = perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended = perf_counter_ns()
        clock.leave(self)
        if self._show and kind is None:
            print(self)

    def hear(self, event: Event) -> None:
        """Counts an event; the clock calls this."""
        if not self.began or self._ended is not None:
            return  # on another thread, between here and there
        number = threading.get_ident()
        thread = self._threads.get(number)
        if thread is None:
            thread = self._threads[number] = Thread(self._numbers)
        thread.hear(event)

    # ------------------------------------------------------------------------------------------------------- the time

    @property
    def seconds(self) -> float:
        """How long the block took."""
        if not self.began:
            return 0.0
        return ((self._ended or perf_counter_ns()) - self.began) / 1e9

    @property
    def kernel_seconds(self) -> float:
        """How long kernels took, on all threads together."""
        return sum(thread.kernels() for thread in self._all_threads()) / 1e9

    @property
    def other_threads_seconds(self) -> float:
        """How much of that was on other threads than the one of the ``with`` block."""
        return sum(thread.kernels() for thread in self._all_threads()[1:]) / 1e9

    @property
    def profiler_seconds(self) -> float:
        """How long the profiler itself took on the thread of the ``with`` block."""
        return sum(thread.measuring for thread in self._all_threads()[:1]) / 1e9

    @property
    def python_seconds(self) -> float:
        """Python and the rest: how long the thread of the ``with`` block ran neither a kernel nor the profiler."""
        kernels = self.kernel_seconds - self.other_threads_seconds
        return max(self.seconds - kernels - self.profiler_seconds, 0.0)

    def _all_threads(self) -> list[Thread]:
        """All threads on which something was heard, that of the ``with`` block first."""
        threads = list(self._threads.values())
        for thread in threads:
            thread.count()
        return threads

    # ------------------------------------------------------------------------------------------------------- the rows

    @property
    def rows(self) -> list[Row]:
        """The kernels that ran, those that took longest first.

        >>> with tf.profile(show=False) as p:
        ...     x = tf.ones([100]) * tf.constant(2.0)
        >>> row = next(row for row in p.rows if row.op == "multiply")
        >>> row.calls, row.output_bytes, row.slowest
        (1, 400, 'float32 (100,), float32 () -> float32 (100,)')
        """
        sums: dict[tuple[str, str, str, str], _Sum] = {}
        for (work, backward, function), part in self._parts(KERNEL):
            key = work.name, BACKWARD if backward else FORWARD, function, work.device
            sums.setdefault(key, _Sum()).join(part)
        rows = [
            Row(*key, found.calls, found.own / 1e9, found.input_bytes, found.output_bytes, _shapes(found.slowest))
            for key, found in sums.items()
        ]
        return sorted(rows, key=lambda row: -row.seconds)

    @property
    def lines(self) -> list[LineRow]:
        """The lines of the program that kernels ran for, those that took longest first."""
        sums: dict[str, list[int]] = {}
        for thread in self._all_threads():
            for where, (calls, own) in list(thread.lines.items()):
                found = sums.setdefault(str(where), [0, 0])
                found[0] += calls
                found[1] += own
        rows = [LineRow(where, calls, own / 1e9) for where, (calls, own) in sums.items()]
        return sorted(rows, key=lambda row: -row.seconds)

    @property
    def functions(self) -> list[FunctionRow]:
        """The traced functions that were traced or ran, those first that took longest beside their kernels."""
        tracing, planning, calls = map(self._by_name, (TRACING, PLANNING, CALL))
        nothing = _Sum()
        rows = []
        for name in dict.fromkeys([*tracing, *planning, *calls]):
            traced, planned, called = (kind.get(name, nothing) for kind in (tracing, planning, calls))
            seconds = traced.own / 1e9, planned.own / 1e9
            rows.append(FunctionRow(name, traced.calls, *seconds, called.calls, called.own / 1e9))
        return sorted(rows, key=lambda row: -row.seconds)

    def _parts(self, kind: str) -> list[tuple[Key, _Sum]]:
        """The sums of one kind, of all threads."""
        parts = [part for thread in self._all_threads() for part in list(thread.sums.items())]
        return [(key, found) for key, found in parts if key[0].kind == kind]

    def _by_name(self, kind: str) -> dict[str, _Sum]:
        found: dict[str, _Sum] = {}
        for (work, _, _), part in self._parts(kind):
            found.setdefault(work.name, _Sum()).join(part)
        return found

    # ------------------------------------------------------------------------------------------------------- pictures

    def table(self, sort: str = "time", limit: int | None = 20) -> str:
        """Returns tables of kernels, of lines and of traced functions, as text.

        Args:
            sort: what the largest of comes first in the table of kernels: "time", "calls" or "bytes".
            limit: how many rows a table may have; None for all.

        Raises:
            ValueError: where there is no such order, or the limit is no positive number.
        """
        return tables.tables(self, sort, limit)

    def __str__(self) -> str:
        return self.table()

    def save_trace(self, path: Any) -> None:
        """Writes what ran when as a file of Chrome's trace events: open it in https://ui.perfetto.dev.

        Args:
            path: the file's name, such as ``'trace.json'``.

        Raises:
            PermissionDeniedError, FailedPreconditionError: where it cannot be written; what was there still is.
        """
        write_text(str(path), chrome.trace(self.began, self._all_threads()))

    @property
    def events_left_out(self) -> int:
        """How many events a saved trace does not have, since there were too many."""
        threads = self._all_threads()
        heard = sum(found.calls for thread in threads for found in list(thread.sums.values()))
        return heard - sum(len(thread.events) for thread in threads)


def _shapes(event: Event | None) -> str:
    return chrome.signature(event) if event is not None else ""


def profile(show: bool = True) -> Profile:
    """Measures where the time goes in a ``with`` block.

    Kernels of all threads are counted, by op, direction, device and traced function. Blocks may be nested; each counts
    what ran in it. After the block, and within it, its ``rows``, ``lines`` and ``functions`` have the figures,
    ``table()`` is a text, and ``save_trace(path)`` writes a file for trace viewers.

    Args:
        show: whether to print the tables at the end of the block, unless an error ends it.

    Returns:
        A `Profile`, to be used once.

    >>> with tf.profile(show=False) as p:
    ...     y = tf.matmul(tf.ones([50, 50]), tf.ones([50, 50]))
    >>> sorted(row.op for row in p.rows)
    ['matmul', 'ones']

    TensorFlow does not have this; tf.profiler does the like for graphs.
    """
    return Profile(show)
