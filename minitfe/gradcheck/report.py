"""The report: what was checked, what was found, and where to look.

It reads as text, as a dictionary (or JSON, for graders), and as a table in notebooks.
"""

from __future__ import annotations

import html
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from minitfe.gradcheck.verdicts import FAIL, PASS

SCHEMA = "minitfe.gradcheck/1"
SHOWN = 5  # how many entries the text shows


@dataclass(frozen=True)
class Failure:
    """One element of a gradient that is wrong, or one thing that is wrong with the rule as a whole.

    Attributes:
        input: the name of the input or variable.
        index: the element; None where the failure is not about a single one.
        analytic, numeric: the slope by the rule, and as measured.
        numeric_error: an estimate of the error of the measured slope.
        relative_error: the difference between both, relative to the larger.
        op, where: the op whose rule is wrong, and the file and line of its call, as far as they are known.
        kind: the kind of mistake, in a word.
        hint: what the mistake may be.
    """

    input: str
    index: tuple[int, ...] | None = None
    analytic: float | None = None
    numeric: float | None = None
    numeric_error: float | None = None
    relative_error: float | None = None
    op: str | None = None
    where: str | None = None
    kind: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = self.input + ("" if self.index is None else f"[{', '.join(map(str, self.index))}]")
        if self.numeric is None or self.analytic is None:
            return f"{place}: {self.hint}" if place else self.hint
        return (
            f"{place}: yours {self.analytic:.6g}, measured {self.numeric:.6g} ± {self.numeric_error:.1g}"
            f" (off by {100 * (self.relative_error or 0):.3g}%)"
        )


@dataclass(frozen=True)
class Undecided:
    """One element, or one direction through many, that the numbers cannot decide, and why.

    Attributes:
        input: the name of the input; empty for a direction through all.
        index: the element; None for a direction.
        reason: "kink", or what hinders.
        analytic, numeric, numeric_error: as in `Failure`.
        left, right: at a kink, the slopes on both sides.
    """

    input: str
    index: tuple[int, ...] | None
    reason: str
    analytic: float
    numeric: float
    numeric_error: float
    left: float | None = None
    right: float | None = None

    def __str__(self) -> str:
        place = f"{self.input}[{', '.join(map(str, self.index))}]" if self.index is not None else "a random direction"
        if self.reason == "kink":
            return (
                f"{place}: a kink, with slope {self.left:.6g} on the left and {self.right:.6g} on the right;"
                f" yours, {self.analytic:.6g}, lies between. Move the input to check it"
            )
        return f"{place}: {self.reason} (yours {self.analytic:.6g}, measured {self.numeric:.6g})"


@dataclass(frozen=True)
class CheckedInput:
    """What was done with one input: how many of its elements were checked, and how many directions through it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    coords_checked: int
    directions: int


@dataclass(frozen=True)
class CheckedOp:
    """What was found for one recorded operation by itself: "right", "wrong", "kink" or "unchecked"."""

    op: str
    where: str | None
    verdict: str
    kind: str = ""
    hint: str = ""
    example: str = ""

    def __str__(self) -> str:
        """The op and the line it was called on."""
        return f"{self.op} at {self.where}" if self.where else self.op


@dataclass
class Report:
    """What a check of a gradient found.

    Attributes:
        verdict: "pass", "fail" or "undecided".
        name: the function's.
        inputs: what was checked.
        failures: what is wrong, the largest relative error first.
        undecided: what the numbers cannot decide.
        structural: what holds of the rule as a whole: count, shape, dtype, linear_in_g, deterministic, mutated.
        ops: after a failure, each recorded op and whether its own rule is right.
        notes: what else a reader should know.
        order: the order of the derivative.
        seed: what random directions were drawn from.
        evaluations: how often the function was called.
    """

    verdict: str
    name: str = "f"
    inputs: list[CheckedInput] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    structural: dict[str, bool] = field(default_factory=dict)
    ops: list[CheckedOp] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    order: int = 1
    seed: int = 0
    evaluations: int = 0

    def __bool__(self) -> bool:
        """True for "pass" only."""
        return self.verdict == PASS

    def __str__(self) -> str:
        return "\n".join([self.headline(), *self.lines()])

    def headline(self) -> str:
        """The verdict in one line."""
        derivative = "gradient" if self.order == 1 else f"derivatives up to order {self.order}"
        return f"{self.verdict.upper()}: {derivative} of {self.name}, {self.extent()}"

    def extent(self) -> str:
        """What was looked at, in words."""
        elements = sum(x.coords_checked for x in self.inputs)
        directions = max([x.directions for x in self.inputs], default=0)
        along = f" and {directions} random directions" if directions else ""
        return f"{elements} elements{along} checked in {self.evaluations} calls"

    def lines(self) -> list[str]:
        """What is wrong, what is undecided, and what else to know, a line each."""
        lines = [f"  {failure}" for failure in self.failures[:SHOWN]] + more(self.failures)
        lines += [f"  hint: {hint}" for hint in dict.fromkeys(f.hint for f in self.failures if f.index is not None)]
        lines += self.blame()
        lines += [f"  undecided: {entry}" for entry in self.undecided[:SHOWN]] + more(self.undecided)
        return lines + [f"  note: {note}" for note in self.notes]

    def blame(self) -> list[str]:
        """Which ops are wrong, and how many are right."""
        wrong = [op for op in self.ops if op.verdict == "wrong"]
        if not self.ops:
            return []
        right = sum(op.verdict == "right" for op in self.ops)
        lines = [f"  {right} of {len(self.ops)} recorded ops are right by themselves"]
        return lines + [f"  wrong: {op}{': ' + op.example if op.example else ''}" for op in wrong]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, the same for the same seed."""
        return {"schema": SCHEMA, **asdict(self)}

    def to_json(self, indent: int | None = None) -> str:
        """The report as JSON text. Numbers that JSON does not know, nan and inf, are written as strings."""
        return json.dumps(plain(self.to_dict()), indent=indent, allow_nan=False)

    def _repr_html_(self) -> str:
        """The report as notebooks show it."""
        colour = {PASS: "#1a7f37", FAIL: "#cf222e"}.get(self.verdict, "#9a6700")
        rows = "".join(html_row(failure) for failure in self.failures[:SHOWN])
        table = f"<table><tr><th>{'<th>'.join(COLUMNS)}</tr>{rows}</table>" if rows else ""
        rest = "".join(f"<li>{html.escape(line.strip())}</li>" for line in self.lines())
        headline = html.escape(self.headline())
        return f"<div><strong style='color:{colour}'>{headline}</strong>{table}<ul>{rest}</ul></div>"


COLUMNS = ("input", "index", "analytic", "numeric", "error", "op", "where", "kind")


def html_row(failure: Failure) -> str:
    """A failure as a row of a table."""
    f = failure
    cells = (f.input, f.index, f.analytic, f.numeric, f.numeric_error, f.op, f.where, f.kind)
    return f"<tr>{''.join(f'<td>{html.escape(shown(cell))}</td>' for cell in cells)}</tr>"


def shown(cell: Any) -> str:
    """A cell's text: numbers with six digits, nothing for None."""
    return "" if cell is None else f"{cell:.6g}" if isinstance(cell, float) else str(cell)


def more(entries: list[Any]) -> list[str]:
    """A line that says how many entries are not shown."""
    return [f"  ... and {len(entries) - SHOWN} more"] if len(entries) > SHOWN else []


def plain(value: Any) -> Any:
    """A nested value as JSON can hold it."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else str(value)
    return value


class GradientMismatch(AssertionError):
    """What `assert_gradients` raises: its text is the report, which is also its attribute ``report``."""

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report
