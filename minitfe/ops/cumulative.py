"""Running sums and products along an axis.

Whatever runs forwards has a gradient that runs backwards. The gradient of a running product is a linear recurrence,
sᵢ = aᵢ sᵢ₋₁ + bᵢ, which needs no division and so does not mind zeros. It is an op here, with rules of its own.
"""

from __future__ import annotations

from typing import Any, cast

from minitfe import dtypes
from minitfe.conversion import convert_to_tensor
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.ops import arguments, math
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# --------------------------------------------------------------------------------------------------- sums and products


def _scanned(x: Extents, axis: int, exclusive: bool, reverse: bool) -> Extents:
    return x


cumsum_op = register(Op("cumsum", shape=_scanned, accepts=dtypes.NUMBERS))


def cumsum(
    x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running sums: each element becomes the sum of all up to itself.

    Args:
        x: numbers.
        axis: the axis to run along.
        exclusive: whether the element itself is left out, so that the first sum is 0.
        reverse: whether to run from the end.

    Raises:
        InvalidArgumentError: where there is no such axis.

    >>> tf.cumsum([1, 2, 3]).numpy(), tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy()
    (array([1, 3, 6], dtype=int32), array([5, 3, 0], dtype=int32))
    """
    return _scan(cumsum_op, x, axis, exclusive, reverse)


def _scan(op: Op, x: TensorLike, axis: Any, exclusive: bool, reverse: bool) -> Tensor:
    x = convert_to_tensor(x)
    attributes = {"axis": arguments.axis(axis, x, op), "exclusive": bool(exclusive), "reverse": bool(reverse)}
    return cast(Tensor, execute(op, (x,), attributes))


@cumsum_op.gradient(0)
def cumsum_dx(g: Tensor, x: Tensor, output: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """xᵢ is in all sums from the i-th on: its gradient is their running sum from the other end."""
    return cumsum(g, axis, exclusive, not reverse)


cumprod_op = register(Op("cumprod", shape=_scanned, accepts=dtypes.NUMBERS))


def cumprod(
    x: TensorLike, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Tensor:
    """Running products: each element becomes the product of all up to itself.

    Args and errors are those of `cumsum`; the first exclusive product is 1.

    >>> tf.cumprod([2, 3, 4]).numpy(), tf.cumprod([2, 3, 4], exclusive=True, reverse=True).numpy()
    (array([ 2,  6, 24], dtype=int32), array([12,  4,  1], dtype=int32))
    """
    return _scan(cumprod_op, x, axis, exclusive, reverse)


@cumprod_op.gradient(0)
def cumprod_dx(g: Tensor, x: Tensor, output: Tensor, axis: int, exclusive: bool, reverse: bool) -> Tensor:
    """dL/dxᵢ = (Πₖ xₖ over k < i) sᵢ with sᵢ = gᵢ + xᵢ₊₁ sᵢ₊₁. Nothing is divided by x, which may be 0."""
    if exclusive:
        g, before = _shift(g, axis, not reverse), output
    else:
        before = cumprod(x, axis, exclusive=True, reverse=reverse)
    return math.multiply(before, _linear_recurrence(_shift(x, axis, not reverse), g, axis, not reverse))


# ---------------------------------------------------------------------------------------------- shifts and recurrences


def _moved(x: Extents, axis: int, reverse: bool) -> Extents:
    return x


def _recurred(a: Extents, b: Extents, axis: int, reverse: bool) -> Extents:
    return b


shift_op = register(Op("shift", shape=_moved))
linear_recurrence_op = register(Op("linear_recurrence", shape=_recurred))


def _shift(x: Tensor, axis: int, reverse: bool) -> Tensor:
    """yᵢ = xᵢ₋₁, or xᵢ₊₁ in reverse; a zero moves in."""
    return cast(Tensor, execute(shift_op, (x,), {"axis": axis, "reverse": reverse}))


@shift_op.gradient(0)
def shift_dx(g: Tensor, x: Tensor, output: Tensor, axis: int, reverse: bool) -> Tensor:
    """What was moved one way has its gradient moved the other way."""
    return _shift(g, axis, not reverse)


def _linear_recurrence(a: Tensor, b: Tensor, axis: int, reverse: bool) -> Tensor:
    """sᵢ = aᵢ sᵢ₋₁ + bᵢ, or aᵢ sᵢ₊₁ + bᵢ in reverse; s is 0 beyond the ends."""
    return cast(Tensor, execute(linear_recurrence_op, (a, b), {"axis": axis, "reverse": reverse}))


@linear_recurrence_op.gradient(0)
def linear_recurrence_da(g: Tensor, a: Tensor, b: Tensor, output: Tensor, axis: int, reverse: bool) -> Tensor:
    """aᵢ multiplies sᵢ₋₁ on its way into what bᵢ is added to: dL/daᵢ = sᵢ₋₁ dL/dbᵢ"""
    return math.multiply(linear_recurrence_db(g, a, b, output, axis, reverse), _shift(output, axis, reverse))


@linear_recurrence_op.gradient(1)
def linear_recurrence_db(g: Tensor, a: Tensor, b: Tensor, output: Tensor, axis: int, reverse: bool) -> Tensor:
    """A recurrence backwards: dL/dbᵢ = gᵢ + aᵢ₊₁ dL/dbᵢ₊₁"""
    return _linear_recurrence(_shift(a, axis, not reverse), g, axis, not reverse)
