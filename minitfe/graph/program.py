"""Programs: what a graph's passes work on.

A graph stays as it was traced, since gradients are derived from it. What is to be run is described by a `Program`:
operations in order, what goes in and what comes out. A pass is a function from one program to another. It never changes
operations or tensors; it makes a program with other operations, in which some tensors stand for those of before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Union, cast

import numpy as np

from minitfe import devices
from minitfe.dtypes import DType
from minitfe.graph.graph import AbstractArray, Graph, SymbolicTensor, TensorOp
from minitfe.operation import OPS, Operation
from minitfe.shapes import Extents
from minitfe.tensor import Tensor


class Program(NamedTuple):
    """What is to be run.

    Attributes:
        inputs: tensors whose values are given.
        operations: in the order in which they run.
        outputs: tensors whose values are wanted.
        variables: those that are read or assigned, by their handles.
        buffers: for tensors that live in memory that every run uses again, the number of their buffer.
        parts: for tensors that are written straight into a larger one, that one, the axis, and where on it they begin.
    """

    inputs: Sequence[Tensor]
    operations: Sequence[Operation]
    outputs: Sequence[Tensor]
    variables: Mapping[Tensor, Any]
    buffers: Mapping[Tensor, int] = {}
    parts: Mapping[Tensor, tuple[Tensor, int, int]] = {}


Pass = Callable[[Program], Program]
Made = dict[Tensor, Operation]
Replacement = Union[list[Operation], list[Tensor], None]


def rewritten(program: Program, rule: Callable[[Operation, Made], Replacement]) -> Program:
    """Goes through a program, and puts something else in the place of some operations.

    Args:
        rule: is called with each operation, and with those before it by their outputs. It returns operations to put in
            its place, of which the last has its outputs; or a tensor to stand for each output; or None where all stays
            as it is.
    """
    stand_ins: dict[Tensor, Tensor] = {}
    made: Made = {}
    operations: list[Operation] = []
    for operation in program.operations:
        if not stand_ins.keys().isdisjoint(operation.inputs):
            operation = operation._replace(inputs=[stand_ins.get(x, x) for x in operation.inputs])
        found = rule(operation, made)
        if found is not None and isinstance(found[0], Tensor):
            stand_ins.update(zip(operation.outputs, cast(Sequence[Tensor], found)))
            continue
        for new in [operation] if found is None else cast(Sequence[Operation], found):
            new = new if new.where else new._replace(where=operation.where)
            operations.append(new)
            made.update(dict.fromkeys(new.outputs, new))
    return program._replace(operations=operations, outputs=[stand_ins.get(y, y) for y in program.outputs])


def operation_of(name: str, inputs: Sequence[Tensor], **attributes: Any) -> Operation:
    """A new operation with a new output."""
    op = OPS[name]
    ((dtype, extents),) = op.infer(inputs, attributes)
    return Operation(op, inputs, attributes, symbol(dtype, extents))


def symbol_like(x: Tensor) -> SymbolicTensor:
    """A new tensor of the same dtype and shape."""
    return symbol(x.dtype, x.extents)


def symbol(dtype: DType, extents: Extents | None) -> SymbolicTensor:
    """A tensor of no graph in particular, to stand for the output of an operation that a pass makes."""
    return SymbolicTensor(AbstractArray(dtype.numpy, extents), _NOWHERE)  # type: ignore[arg-type]


_NOWHERE = Graph()

# ------------------------------------------------------------------------------------------------ what passes ask for


def is_constant(x: Tensor) -> bool:
    """Whether the value is known and never changes: a tensor that is neither a graph's nor a variable's handle."""
    return type(x) is Tensor and x.home is devices.cpu()


def is_pure(operation: Operation) -> bool:
    """Whether it does nothing but compute, the same each time."""
    return not operation.op.stateful and not isinstance(operation.op, TensorOp)


def known_shape(x: Tensor) -> tuple[int, ...] | None:
    """The shape where all sizes are known, else None."""
    extents = x.array.shape
    return extents if type(extents) is tuple and None not in extents else None


def uses(program: Program) -> Counter[Tensor]:
    """How often each tensor is read, being returned included."""
    return Counter([x for operation in program.operations for x in operation.inputs] + list(program.outputs))


def only_number(x: Tensor) -> Any:
    """The number that all elements of a constant are equal to, to the bit; None where there is no such number."""
    if not is_constant(x) or x.array.dtype.kind == "O" or not x.array.size:
        return None
    array = np.asarray(x.array)
    first = array[(0,) * array.ndim]
    if not any(array.strides) or array.size == 1:
        return first
    same = array.size <= 4096 and array.tobytes() == first.tobytes() * array.size
    return first if same else None


def constant(array: Any) -> Tensor:
    """An array as a constant."""
    return Tensor(array, devices.cpu())
