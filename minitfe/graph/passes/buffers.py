"""Buffers: where results live, so that a run needs no new memory, and no more than it must.

Looked at from its end, a program tells when each tensor is read for the last time. From then on its memory can serve
another. This pass deals out numbers of buffers: two tensors get the same one if they never live at the same time.

- An elementwise operation may write onto an input that nobody reads later: x + 1 takes the place of x.
- The parts of a `concat` are written straight into their places in the whole.
- A view (a transpose, a slice) lives in the memory of what it shows, which stays as long as any view of it is read.
- What leaves the program, as an output, into a variable or to a Python function, gets new memory in each run, and so
  does what a kernel returns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from minitfe.graph.forms import NEW, Form, form_of, size
from minitfe.graph.graph import TensorOp
from minitfe.graph.passes.fusion import fused_op
from minitfe.graph.program import Program, known_shape
from minitfe.operation import Operation
from minitfe.tensor import Tensor


def buffers(program: Program) -> Program:
    """Says which tensors live in which buffers."""
    lives = Lives(program)
    parts = _parts(program, lives)
    numbers = _Dealer(program, lives, parts).deal()
    return program._replace(buffers=numbers, parts=parts)


class Lives:
    """What is known of tensors' memory.

    Attributes:
        owners: for each tensor, those in whose memory it may lie: itself, or what it may be a view of.
        forms: of the operations, by their outputs.
        end: for each owner, the number of the last operation that reads its memory.
        leaving: owners whose memory is seen outside of the program.
    """

    def __init__(self, program: Program) -> None:
        self.owners: dict[Tensor, frozenset[Tensor]] = {}
        self.forms: dict[Tensor, Form | None] = {}
        self.end: dict[Tensor, int] = {}
        self.leaving: set[Tensor] = set()
        for number, operation in enumerate(program.operations):
            self._follow(operation)
            for x in operation.inputs:
                self.end.update(dict.fromkeys(self.owners.get(x, ()), number))
            if isinstance(operation.op, TensorOp) and operation.op is not fused_op:
                self._leave(operation.inputs)
        self._leave(program.outputs)

    def _follow(self, operation: Operation) -> None:
        if operation.op is fused_op:
            self.owners.update({y: frozenset([y]) for y in operation.outputs})
            return
        form = form_of(operation)
        new = form is not None or operation.op.name in NEW
        shown = frozenset().union(*[self.owners.get(x, ()) for x in ([] if new else operation.inputs)])
        for y in operation.outputs:
            self.owners[y] = shown | {y}
            self.forms[y] = form

    def _leave(self, tensors: Iterable[Tensor]) -> None:
        for x in tensors:
            self.leaving.update(self.owners.get(x, ()))

    def can_be_kept(self, y: Tensor) -> bool:
        """Whether a tensor can live in a buffer."""
        return y not in self.leaving and (y not in self.forms or self.forms[y] is not None)


# ------------------------------------------------------------------------------------------------------ parts of wholes

Parts = dict[Tensor, tuple[Tensor, int, int]]


def _parts(program: Program, lives: Lives) -> Parts:
    """The tensors that are written straight into a concatenation, which may itself be a part of another."""
    parts: Parts = {}
    made = {y: operation for operation in program.operations for y in operation.outputs}
    for operation in reversed(program.operations):
        if operation.op.name != "concat" or not lives.can_be_kept(operation.output):
            continue
        axis, begin, times = operation.attributes["axis"], 0, Counter(operation.inputs)
        for x in operation.inputs:
            if _can_be_part(x, axis, lives, made) and x not in parts and times[x] == 1:
                parts[x] = (operation.output, axis, begin)
            begin += x.array.shape[axis]
    return parts


def _can_be_part(x: Tensor, axis: int, lives: Lives, made: dict[Tensor, Operation]) -> bool:
    form = lives.forms.get(x)
    if form is None or not lives.can_be_kept(x):
        return False
    return axis == 0 or form.elementwise or made[x].op.name == "concat"


# ------------------------------------------------------------------------------------------------------------- dealing


class _Dealer:
    """Goes through the operations and gives a buffer to each tensor that is to have one."""

    def __init__(self, program: Program, lives: Lives, parts: Parts) -> None:
        self.program, self.lives, self.parts = program, lives, parts
        self.numbers: dict[Tensor, int] = {}
        self.sizes: list[int] = []
        self.free: list[int] = []
        self.passed_on: set[Tensor] = set()  # whose buffer another took over at their end
        self.wholes = {self.root(x) for x in parts}
        self.end = dict(lives.end)
        for x in parts:
            whole = self.root(x)
            self.end[whole] = max(self.end.get(whole, 0), self.end.get(x, 0))

    def root(self, x: Tensor) -> Tensor:
        """The tensor that has the memory of its own in which x lies."""
        while x in self.parts:
            x = self.parts[x][0]
        return x

    def deal(self) -> dict[Tensor, int]:
        """Returns the number of each tensor's buffer."""
        ends: dict[int, list[Tensor]] = {}
        for number, operation in enumerate(self.program.operations):
            for y in operation.outputs:
                root = self.root(y)
                if self.lives.can_be_kept(y) and root not in self.numbers:
                    taken = self._taken_over(operation, number) if root is y and y not in self.wholes else None
                    self.numbers[root] = self._dealt(root) if taken is None else taken
                    ends.setdefault(max(self.end.get(root, number), number), []).append(root)
            self.free += [self.numbers[x] for x in ends.pop(number, ()) if x not in self.passed_on]
        return self.numbers

    def _dealt(self, x: Tensor) -> int:
        """The smallest free buffer that is large enough, or else the largest, which grows, or else a new one."""
        needed = size(known_shape(x)) * x.array.dtype.itemsize
        if not self.free:
            self.sizes.append(needed)
            return len(self.sizes) - 1
        enough = [number for number in self.free if self.sizes[number] >= needed]
        best = (
            min(reversed(enough), key=self.sizes.__getitem__) if enough else max(self.free, key=self.sizes.__getitem__)
        )
        self.free.remove(best)
        self.sizes[best] = max(self.sizes[best], needed)
        return best

    def _taken_over(self, operation: Operation, number: int) -> int | None:
        """The buffer of an input that the output may be written onto, if there is one."""
        form = self.lives.forms.get(operation.outputs[0])
        onto = form.onto if form else ()
        for position in onto:
            x = operation.inputs[position]
            if self._dies(x, operation, number) and self._stands_alone(x, operation, onto):
                self.passed_on.add(x)
                return self.numbers[x]
        return None

    def _dies(self, x: Tensor, operation: Operation, number: int) -> bool:
        """Whether x has a buffer like the output's, and nobody reads it later."""
        y = operation.output
        same = known_shape(x) == known_shape(y) and x.array.dtype == y.array.dtype
        return same and x in self.numbers and x not in self.parts and self.end.get(x) == number

    def _stands_alone(self, x: Tensor, operation: Operation, onto: tuple[int, ...]) -> bool:
        """Whether x is read at no place where it must stay as it is, and no other input lies in its memory."""
        for position, other in enumerate(operation.inputs):
            if (other is x and position not in onto) or (other is not x and self._shares(other, x)):
                return False
        return True

    def _shares(self, other: Tensor, x: Tensor) -> bool:
        return any(self.root(owner) is x for owner in self.lives.owners.get(other, ()))
