"""Fusion: long chains of elementwise operations are computed piece by piece.

Ten operations on a million numbers each read and write megabytes, most of the time waiting for memory. Cut into tiles
that fit into the processor's cache, all ten are applied to one tile before the next is touched. What is not wanted
outside of the group then never exists as a whole.

This pass finds the groups: operations on tensors of one large shape, in a row, or with nothing between them that could
not run before. Sums over all elements may end a group; tile by tile they add up in another order, with an error of the
same size. A group is one operation; plans write it as a loop over tiles.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from minitfe.graph.forms import form_of, size
from minitfe.graph.graph import TensorOp, run_operation
from minitfe.graph.program import Made, Program, known_shape, uses
from minitfe.operation import Operation
from minitfe.tensor import Tensor

TILE = 1 << 16
"""Elements: smaller tiles cost too many calls, larger ones do not stay in the cache."""

LARGE = 1 << 18
"""Only groups on so many elements gain from tiles."""


def _run(*values: Tensor, operations: Sequence[Operation], reads: Sequence[Tensor], results: Sequence[Tensor]) -> Any:
    known = dict(zip(reads, values))
    for operation in operations:
        inputs = [known.get(x, x) for x in operation.inputs]
        known[operation.output] = run_operation(operation.op, inputs, operation.attributes)
    return [known[y] for y in results]


fused_op = TensorOp("fused", _run, shape=lambda *_, results, **__: [y.extents for y in results], several=True)


def fusion(program: Program) -> Program:
    """Puts groups of operations on large tensors together, in operations of their own."""
    groups: list[list[Operation]] = []
    group: Made = {}  # the members of the group that is open, by their outputs
    for operation in program.operations:
        if _fits(operation, group):
            group[operation.output] = operation
            continue
        large = _is_large(operation)
        if large or not group.keys().isdisjoint(operation.inputs):
            groups.append(list(group.values()))
            group = {operation.output: operation} if large else {}
        if not large:
            groups.append([operation])  # which runs before the group, if that is still open
    groups.append(list(group.values()))
    read = uses(program)
    return program._replace(operations=[operation for members in groups for operation in _as_one(members, read)])


def _fits(operation: Operation, group: Made) -> bool:
    """Whether an operation can be a further member."""
    if not group or any(_is_sum(group[x]) for x in operation.inputs if x in group):
        return False  # a sum is complete only when the loop is
    if _is_sum(operation):
        return operation.inputs[0] in group
    first = next(iter(group))
    return _is_large(operation) and known_shape(operation.output) == known_shape(first)


def _is_large(operation: Operation) -> bool:
    """Whether it is elementwise on large tensors; an input may be a single number."""
    shape = known_shape(operation.output) if not operation.op.several else None
    if shape is None or size(shape) < LARGE:
        return False
    form = form_of(operation)
    return form is not None and form.elementwise and all(known_shape(x) in (shape, ()) for x in operation.inputs)


def _is_sum(operation: Operation) -> bool:
    """Whether it adds up all elements of a tensor of floats."""
    if operation.op.name not in ("reduce_sum", "reduce_mean"):
        return False
    return known_shape(operation.output) == () and operation.output.array.dtype.char in "fd"


def _as_one(group: Sequence[Operation], read: Mapping[Tensor, int]) -> Sequence[Operation]:
    """A group as one operation, which takes what the members read and returns what is read outside of it."""
    if len(group) < 2:
        return group
    made = [member.output for member in group]
    inside = Counter(x for member in group for x in member.inputs)
    results = [y for y in made if read[y] > inside[y]]
    reads = list(dict.fromkeys(x for member in group for x in member.inputs if x not in set(made)))
    attributes = {"operations": tuple(group), "reads": tuple(reads), "results": tuple(results)}
    return [Operation(fused_op, reads, attributes, tuple(results), group[0].where)]
