"""Algebraic clean-up: operations whose result is known to be one of their inputs, or a simpler operation's.

All rules hold to the bit, whatever the numbers are, but for the sign of a NaN. That is why some of the best known are
missing: x + 0 is not x where x is -0, since -0 + 0 = 0, while x - 0 is; x * 0 is not 0 where x is infinite or NaN; and
(a + bi) 1 is NaN in places where a or b is infinite. An operation may only be left out where dtype and shape stay what
they were.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minitfe.graph.program import (
    Made,
    Program,
    Replacement,
    constant,
    is_pure,
    known_shape,
    only_number,
    rewritten,
    symbol_like,
)
from minitfe.operation import OPS, Operation
from minitfe.tensor import Tensor

Rule = Callable[[Operation, Made], Replacement]


def algebra(program: Program) -> Program:
    """Puts simpler operations, or none, in the place of operations."""
    return rewritten(program, _simplified)


def _simplified(operation: Operation, made: Made) -> Replacement:
    if not is_pure(operation):
        return None
    operation = _with_scalars(operation, made)
    for rule in RULES.get(operation.op.name, ()):
        found = rule(operation, made)
        if found is not None:
            return found
    return [operation]


# ------------------------------------------------------------------------------------------------------- arithmetic


def _with_scalars(operation: Operation, made: Made) -> Operation:
    """A number that was stretched beside a tensor of the output's shape need not be: the op stretches it itself."""
    if not operation.op.broadcasts or len(operation.inputs) != 2:
        return operation
    x, y = operation.inputs
    if known_shape(operation.output) in (None, ()):
        return operation
    number = _scalar(x, made) if _has_shape_of(operation.output, y) else x
    if number is not x:
        return operation._replace(inputs=[number, y])
    number = _scalar(y, made) if _has_shape_of(operation.output, x) else y
    return operation if number is y else operation._replace(inputs=[x, number])


def _scalar(x: Tensor, made: Made) -> Tensor:
    """The number that a tensor repeats, if it does."""
    number = None if known_shape(x) == () else only_number(x)
    if number is not None:
        return constant(np.asarray(number))
    maker = made.get(x)
    if maker is not None and maker.op.name in STRETCHING and known_shape(maker.inputs[0]) == ():
        return maker.inputs[0]
    return x


STRETCHING = {"expand_like", "broadcast_like", "broadcast_to"}


def _has_shape_of(x: Tensor, y: Tensor) -> bool:
    shape = known_shape(x)
    return shape is not None and shape == known_shape(y)


def _is_number(x: Tensor, number: float) -> bool:
    """Whether a constant is this number everywhere; 0.0 and -0.0 are told apart."""
    found = only_number(x)
    if found is None or found.dtype.kind not in "iuf":
        return False
    return bool(found == number and np.signbit(found) == np.signbit(number)) or bool(
        found.dtype.kind != "f" and found == number
    )


def _kept(x: Tensor, operation: Operation) -> list[Tensor] | None:
    """X in the place of the operation, if it is all that the output is."""
    y = operation.output
    return [x] if x.array.dtype == y.array.dtype and _has_shape_of(x, y) else None


def _times_one(operation: Operation, made: Made) -> Replacement:
    """1 x = x"""
    for one, x in (operation.inputs, operation.inputs[::-1]):
        if _is_number(one, 1):
            return _kept(x, operation)
    return None


def _times_negative(operation: Operation, made: Made) -> Replacement:
    """X (-y) = -(x y), which may then be subtracted, or be the same as another product."""
    for x, y in (operation.inputs, operation.inputs[::-1]):
        maker = made.get(y)
        if maker is not None and maker.op.name == "negative" and y.array.dtype.kind == "f":
            product = operation._replace(inputs=[x, maker.inputs[0]], output=symbol_like(operation.output))
            return [product, Operation(maker.op, [product.output], {}, operation.output, operation.where)]
    return None


def _by_one(operation: Operation, made: Made) -> Replacement:
    """x / 1 = x"""
    x, one = operation.inputs
    return _kept(x, operation) if _is_number(one, 1) else None


def _plus_zero(operation: Operation, made: Made) -> Replacement:
    """x + (-0) = x; for integers, whose zero has no sign, x + 0 = x"""
    for zero, x in (operation.inputs, operation.inputs[::-1]):
        if _is_number(zero, -0.0):
            return _kept(x, operation)
    return None


def _minus_zero(operation: Operation, made: Made) -> Replacement:
    """x - 0 = x"""
    x, zero = operation.inputs
    return _kept(x, operation) if _is_number(zero, 0.0) else None


def _plus_negative(operation: Operation, made: Made) -> Replacement:
    """x + (-y) = x - y, and (-x) + y = y - x"""
    for x, y in (operation.inputs, operation.inputs[::-1]):
        maker = made.get(y)
        if maker is not None and maker.op.name == "negative" and _is_signed(y):
            return [operation._replace(op=OPS["subtract"], inputs=[x, maker.inputs[0]])]
    return None


def _minus_negative(operation: Operation, made: Made) -> Replacement:
    """x - (-y) = x + y"""
    x, y = operation.inputs
    maker = made.get(y)
    if maker is None or maker.op.name != "negative" or not _is_signed(y):
        return None
    return [operation._replace(op=OPS["add"], inputs=[x, maker.inputs[0]])]


def _twice_negative(operation: Operation, made: Made) -> Replacement:
    """-(-x) = x"""
    maker = made.get(operation.inputs[0])
    return [maker.inputs[0]] if maker is not None and maker.op.name == "negative" else None


def _is_signed(x: Tensor) -> bool:
    return x.array.dtype.kind in "fi"


# ---------------------------------------------------------------------------------------------------------- moving


def _nothing(operation: Operation, made: Made) -> Replacement:
    """x = x: where no tape looks on, identity and stop_gradient do nothing."""
    return [operation.inputs[0]]


def _same_dtype(operation: Operation, made: Made) -> Replacement:
    """A cast to the dtype that x has."""
    return _kept(operation.inputs[0], operation)


def _same_shape(operation: Operation, made: Made) -> Replacement:
    """A reshape or stretch to the shape that x has."""
    return _kept(operation.inputs[0], operation)


def _one_reshape(operation: Operation, made: Made) -> Replacement:
    """A reshape of a reshape is one reshape; and so are all that only add or drop axes of size 1."""
    shape = known_shape(operation.output)
    if shape is None:
        return None
    x = operation.inputs[0]
    maker = made.get(x)
    if maker is not None and maker.op.name in RESHAPING:
        x = maker.inputs[0]
    elif operation.op.name == "reshape":
        return _kept(x, operation)
    plain = Operation(OPS["reshape"], [x], {"shape": shape}, operation.output, operation.where)
    return _kept(x, operation) or [plain]


RESHAPING = ("reshape", "reshape_like", "expand_dims", "squeeze")


def _one_transpose(operation: Operation, made: Made) -> Replacement:
    """Two transposes are one, and none where they cancel."""
    perm, x = operation.attributes["perm"], operation.inputs[0]
    if perm is None:
        return None
    maker = made.get(x)
    if maker is not None and maker.op.name == "transpose" and maker.attributes["perm"] is not None:
        perm, x = tuple(maker.attributes["perm"][i] for i in perm), maker.inputs[0]
    if tuple(perm) == tuple(range(len(perm))):
        return [x]
    return [operation._replace(inputs=[x], attributes={"perm": perm})]


RULES: dict[str, tuple[Rule, ...]] = {
    "multiply": (_times_one, _times_negative),
    "realdiv": (_by_one,),
    "add": (_plus_zero, _plus_negative),
    "subtract": (_minus_zero, _minus_negative),
    "negative": (_twice_negative,),
    "identity": (_nothing,),
    "stop_gradient": (_nothing,),
    "cast": (_same_dtype,),
    "broadcast_like": (_same_shape,),
    "broadcast_to": (_same_shape,),
    "transpose": (_one_transpose,),
    **dict.fromkeys(RESHAPING, (_one_reshape,)),
}
