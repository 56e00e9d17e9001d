"""Common subexpressions: what was computed once need not be computed again.

Two operations are the same if op, inputs and attributes are, to the bit: 1, 1.0 and True are three attributes, 0.0 and
-0.0 are two. Random draws and calls of Python functions are never the same.

A variable is read again as long as nobody assigns to it: the value read before stands for the later reading. After an
assignment the value assigned does. Calls of Python functions may assign to any variable, so all is forgotten there.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from minitfe.dtypes import DType
from minitfe.graph.graph import TensorOp
from minitfe.graph.program import Made, Program, is_constant, is_pure, rewritten
from minitfe.operation import Operation
from minitfe.tensor import Tensor


def common_subexpressions(program: Program) -> Program:
    """Computes each value once."""
    seen: dict[Hashable, Operation] = {}
    values: dict[Tensor, Tensor] = {}  # of variables, by their handles

    def earlier(operation: Operation, made: Made) -> list[Tensor] | None:
        name = operation.op.name
        if name == "read_variable":
            return _read_again(operation, values)
        if name == "assign_variable":
            handle, value = operation.inputs
            values[handle] = value
        elif isinstance(operation.op, TensorOp):
            values.clear()
        if not is_pure(operation):
            return None
        first = seen.setdefault(_key(operation), operation)
        return None if first is operation else list(first.outputs)

    return rewritten(program, earlier)


def _read_again(operation: Operation, values: dict[Tensor, Tensor]) -> list[Tensor] | None:
    (handle,) = operation.inputs
    if handle in values:
        return [values[handle]]
    values[handle] = operation.output
    return None


def _key(operation: Operation) -> Hashable:
    attributes = tuple((name, attribute_key(value)) for name, value in sorted(operation.attributes.items()))
    inputs: list[Hashable] = list(map(_tensor_key, operation.inputs))
    if operation.op.name in COMMUTATIVE:
        inputs.sort(key=hash)
    return id(operation.op), tuple(inputs), attributes


COMMUTATIVE = {"add", "multiply"}


def _tensor_key(x: Tensor) -> Hashable:
    """Small constants are the same where their bytes are."""
    if is_constant(x) and x.array.dtype.kind != "O" and (x.array.size <= 16 or not any(x.array.strides)):
        first = x.array if x.array.size <= 16 else x.array[(0,) * x.array.ndim]
        return x.array.dtype.str, x.array.shape, first.tobytes()
    return x


def attribute_key(value: Any) -> Hashable:
    """A key that is equal where two attributes mean the same to every kernel; what is not known equals itself alone."""
    if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
        return type(value), repr(value)
    if isinstance(value, (tuple, list)):
        return type(value), tuple(map(attribute_key, value))
    if isinstance(value, slice):
        return slice, attribute_key((value.start, value.stop, value.step))
    if isinstance(value, DType):
        return DType, value.name
    return type(value), id(value)
