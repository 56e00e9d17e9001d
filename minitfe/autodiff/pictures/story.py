"""What is on a tape, told in names and texts: the sources, what was done to them, and how the gradients went back.

A story holds no tensors. Whoever draws it needs to know nothing of tapes, and can keep it when the tape is gone.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minitfe import lines
from minitfe.autodiff import slow_motion
from minitfe.autodiff.backpropagate import rule_name
from minitfe.autodiff.reasons import Record
from minitfe.context import listening
from minitfe.devices import Device
from minitfe.operation import Op, Operation
from minitfe.ops import array, indexed_slices
from minitfe.tensor import Tensor

VARIABLE, WATCHED, RESULT = "variable", "watched", "result"

_LONGEST = 60


@dataclass(frozen=True)
class Value:
    """A tensor on the tape.

    Attributes:
        name: the variable's name, or t1, t2 and so on.
        role: "variable", "watched" (a tensor that an operation was given) or "result".
        kind: dtype and shape, such as ``float32 (2, 3)``.
        text: its elements, abbreviated.
    """

    name: str
    role: str
    kind: str
    text: str


@dataclass(frozen=True)
class Step:
    """An operation of the record.

    Attributes:
        op: its name.
        arguments: the name of each input; of constants, the value or the kind.
        inputs: the places in `Story.values` of those inputs that are on the tape.
        outputs: the places of its results.
        attributes: its settings, such as ``axis=0``.
        where: the line that asked for it, ``homework.py:41``, or the empty text.
        line: what is written there.
    """

    op: str
    arguments: list[str]
    inputs: list[int]
    outputs: list[int]
    attributes: str
    where: str
    line: str


@dataclass(frozen=True)
class Arrival:
    """What came in at a value, in a backward step: a share, and the sum of all that came so far."""

    value: int
    share: str
    total: str


@dataclass(frozen=True)
class Back:
    """A step backwards: the number of the operation, the names of the rules that ran, and what they brought."""

    step: int
    rules: list[str]
    arrivals: list[Arrival]


@dataclass(frozen=True)
class Story:
    """All of it: values, the steps that made them, where the way back begins, and its steps."""

    values: list[Value]
    steps: list[Step]
    starts: list[Arrival]
    backward: list[Back]


def tell(record: Record, targets: Sequence[Tensor], backward: bool) -> Story:
    """Reads a tape.

    Args:
        record: the tape.
        targets: what to differentiate; where there are none, the last floating point result.
        backward: whether the gradients shall be told, too. They are computed for that.
    """
    operations = list(record.operations)
    cast = Cast(record, operations)
    steps = [cast.step(operation) for operation in operations]
    targets = targets or last_results(operations)
    known = [y for y in targets if y in cast.places and y.dtype.is_differentiable and has_value(y)]
    starts, back = cast.way_back(operations, known) if backward and known else ([], [])
    return Story(cast.values, steps, starts, back)


def last_results(operations: Sequence[Operation]) -> list[Tensor]:
    """The floating point results of the last operation that has any."""
    for operation in reversed(operations):
        floating = [y for y in operation.outputs if y.dtype.is_differentiable]
        if floating:
            return floating
    return []


class Cast:
    """The tensors of a story under their names."""

    def __init__(self, record: Record, operations: Sequence[Operation]) -> None:
        self.record = record
        self.values: list[Value] = []
        self.places: dict[Tensor, int] = {}
        self._names: set[str] = set()
        made = {y for operation in operations for y in operation.outputs}
        used = dict.fromkeys(x for operation in operations for x in operation.inputs)
        idle = [x for x in record.watched if x not in made and x not in used]
        for x in [*used, *sorted(idle, key=lambda x: x.identity_number)]:
            if x in record.watched and x not in made:
                self._add(x, VARIABLE if x in record.variables else WATCHED)
        for operation in operations:
            for y in operation.outputs:
                self._add(y, RESULT)

    def _add(self, x: Tensor, role: str) -> None:
        variable = self.record.variables.get(x)
        name = f"t{len(self.values) + 1 - len(self._names)}" if variable is None else self._free(variable.name)
        text = "" if variable is not None else text_of(x)  # a variable's value is that of each reading
        self.places[x] = len(self.values)
        self.values.append(Value(name, role, kind_of(x), text))

    def _free(self, name: str) -> str:
        """A variable's name, with a number where others have the same."""
        free, number = name, 2
        while free in self._names:
            free, number = f"{name} ({number})", number + 1
        self._names.add(free)
        return free

    def step(self, operation: Operation) -> Step:
        """An operation in names."""
        inputs = [self.places[x] for x in operation.inputs if x in self.places]
        return Step(
            operation.op.name,
            [self.values[self.places[x]].name if x in self.places else constant_text(x) for x in operation.inputs],
            inputs,
            [self.places[y] for y in operation.outputs],
            ", ".join(f"{key}={reprlib.repr(value)}" for key, value in operation.attributes.items() if is_set(value)),
            operation.where or "",
            lines.text_of(operation.where),
        )

    def way_back(self, operations: Sequence[Operation], targets: list[Tensor]) -> tuple[list[Arrival], list[Back]]:
        """The gradients to begin with, and each step of the way back."""
        with listening(tapes=()):
            seeds = [array.ones_like(y) for y in targets]
        starts = [Arrival(self.places[y], text_of(seed), text_of(seed)) for y, seed in zip(targets, seeds)]
        steps = slow_motion.walk(operations, targets, seeds, self.record.watched)
        return starts, [self._back(step) for step in steps]

    def _back(self, step: slow_motion.BackwardStep) -> Back:
        arrivals = [
            Arrival(self.places[x], text_of(partial), text_of(step.gradients[x]))
            for x, partial in step.partials.items()
        ]
        inputs = step.operation.inputs
        watched = [position for position, x in enumerate(inputs) if x in self.record.watched]
        return Back(step.number, list(dict.fromkeys(rule_names(step.operation.op, watched))), arrivals)


def rule_names(op: Op, positions: Sequence[int]) -> Iterator[str]:
    """The names of the gradient rules of some inputs."""
    if op.whole is not None:
        yield rule_name(op.whole)
        return
    for position in positions:
        if position in op.partials:
            yield rule_name(op.partials[position])


# ----------------------------------------------------------------------------------------------------------- in texts


def is_set(attribute: Any) -> bool:
    """Whether a setting is worth a word: axis=None and keepdims=False are what goes without saying."""
    return attribute is not None and attribute is not False


def kind_of(x: Any) -> str:
    """Dtype and shape."""
    return f"{x.dtype.name} {x.shape}"


def has_value(x: Tensor) -> bool:
    """Whether it is a tensor with a value, and not one of a graph that has yet to run."""
    return isinstance(x.home, Device)


def text_of(x: Any) -> str:
    """The elements of a tensor or of a sparse gradient, in a few words."""
    if isinstance(x, indexed_slices.IndexedSlices):
        return f"rows {text_of(x.indices)}: {text_of(x.values)}"
    return short_text(np.asarray(x.numpy())) if has_value(x) else "no value before its graph runs"


def short_text(value: np.ndarray[Any, Any]) -> str:
    """An array on one line, the middle of it left out.

    >>> short_text(np.arange(100.0))
    '[0. 1. 2. ... 97. 98. 99.]'
    """
    if value.ndim == 0:
        text = str(value[()])
    else:
        text = re.sub(r"(?<=\[) | (?=\])", "", " ".join(np.array2string(value, precision=4, threshold=6).split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def constant_text(x: Tensor) -> str:
    """A constant among the arguments: a number as it is, an array by dtype and shape."""
    return text_of(x) if x.extents == () and has_value(x) else kind_of(x)
