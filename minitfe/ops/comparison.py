"""Comparisons: which number is larger, what is true, what is no number at all, and choices that depend on it.

An answer of true or false has no derivative. A choice has: `maximum` passes its gradient to the number that it took.
"""

from __future__ import annotations

from typing import cast

from minitfe import dtypes, shapes
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.ops.declare import binary, unary
from minitfe.tensor import Tensor, TensorLike

TRUTH = "the output is true or false, and has no derivative"

# --------------------------------------------------------------------------------------------------------- comparisons


@binary(None, dtype=dtypes.bool_)
def equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where x equals y, element by element, with broadcasting. Takes numbers, bools and strings.

    >>> tf.equal([1, 2], 2).numpy()
    array([False,  True])
    """


@binary(None, dtype=dtypes.bool_)
def not_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where x differs from y, element by element, with broadcasting. Takes numbers, bools and strings.

    >>> tf.not_equal([1, 2], 2).numpy()
    array([ True, False])
    """


@binary(dtypes.REAL, dtype=dtypes.bool_)
def less(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where x < y, element by element, with broadcasting.

    >>> tf.less([1, 2, 3], 2).numpy()
    array([ True, False, False])
    """


@binary(dtypes.REAL, dtype=dtypes.bool_)
def less_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where x ≤ y, element by element, with broadcasting.

    >>> tf.less_equal([1, 2, 3], 2).numpy()
    array([ True,  True, False])
    """


@binary(dtypes.REAL, dtype=dtypes.bool_)
def greater(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where x > y, element by element, with broadcasting.

    >>> tf.greater([1, 2, 3], 2).numpy()
    array([False, False,  True])
    """


@binary(dtypes.REAL, dtype=dtypes.bool_)
def greater_equal(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where x ≥ y, element by element, with broadcasting.

    >>> tf.greater_equal([1, 2, 3], 2).numpy()
    array([False,  True,  True])
    """


# --------------------------------------------------------------------------------------------------------------- truth


@binary(dtypes.BOOLEAN)
def logical_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where both are true, element by element, with broadcasting.

    >>> tf.logical_and([True, False], True).numpy()
    array([ True, False])
    """


@binary(dtypes.BOOLEAN)
def logical_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where at least one is true, element by element, with broadcasting.

    >>> tf.logical_or([True, False], False).numpy()
    array([ True, False])
    """


@binary(dtypes.BOOLEAN)
def logical_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Says where exactly one is true, element by element, with broadcasting.

    >>> tf.logical_xor([True, False], True).numpy()
    array([False,  True])
    """


@unary(dtypes.BOOLEAN)
def logical_not(x: TensorLike, name: str | None = None) -> Tensor:
    """Turns true into false and false into true.

    >>> tf.logical_not([True, False]).numpy()
    array([False,  True])
    """


# ---------------------------------------------------------------------------------------------------- infinity and NaN


@unary(dtypes.FLOATING, dtype=dtypes.bool_)
def is_nan(x: TensorLike, name: str | None = None) -> Tensor:
    """Says where x is not a number.

    >>> tf.is_nan([1., np.nan, np.inf]).numpy()
    array([False,  True, False])
    """


@unary(dtypes.FLOATING, dtype=dtypes.bool_)
def is_inf(x: TensorLike, name: str | None = None) -> Tensor:
    """Says where x is infinite, of either sign.

    >>> tf.is_inf([1., np.nan, np.inf]).numpy()
    array([False, False,  True])
    """


@unary(dtypes.FLOATING, dtype=dtypes.bool_)
def is_finite(x: TensorLike, name: str | None = None) -> Tensor:
    """Says where x is neither infinite nor NaN.

    >>> tf.is_finite([1., np.nan, np.inf]).numpy()
    array([ True, False, False])
    """


for _comparison in (equal, not_equal, less, less_equal, greater, greater_equal, logical_and, logical_or, logical_xor):
    _comparison.no_gradient(TRUTH)

for _test in (logical_not, is_nan, is_inf, is_finite):
    _test.no_gradient(TRUTH)


# --------------------------------------------------------------------------------------------- the larger, the smaller


@binary(dtypes.REAL)
def maximum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the larger of x and y, element by element, with broadcasting.

    >>> tf.maximum([1., 5.], 3.).numpy()
    array([3., 5.], dtype=float32)
    """


@maximum.gradient(0)
def maximum_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where x is taken; of two equal numbers that is x"""
    return keep_where(g, greater_equal(x, y))


@maximum.gradient(1)
def maximum_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where y is taken"""
    return keep_where(g, logical_not(greater_equal(x, y)))


@binary(dtypes.REAL)
def minimum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the smaller of x and y, element by element, with broadcasting.

    >>> tf.minimum([1., 5.], 3.).numpy()
    array([1., 3.], dtype=float32)
    """


@minimum.gradient(0)
def minimum_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where x is taken; of two equal numbers that is x"""
    return keep_where(g, less_equal(x, y))


@minimum.gradient(1)
def minimum_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where y is taken"""
    return keep_where(g, logical_not(less_equal(x, y)))


keep_where_op = register(Op("keep_where", shape=shapes.broadcast, broadcasts=True))


def keep_where(x: Tensor, condition: Tensor) -> Tensor:
    """x where the condition holds, 0 elsewhere."""
    return cast(Tensor, execute(keep_where_op, (x, condition)))


@keep_where_op.gradient(0)
def keep_where_dx(g: Tensor, x: Tensor, condition: Tensor, output: Tensor) -> Tensor:
    """1 where the condition holds, 0 elsewhere"""
    return keep_where(g, condition)


keep_where_op.no_gradient(TRUTH, 1)
