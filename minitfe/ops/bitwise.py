"""Integers as rows of bits: ``tf.bitwise``."""

from __future__ import annotations

from minitfe import dtypes
from minitfe.ops.declare import binary, unary
from minitfe.tensor import Tensor, TensorLike


@binary(dtypes.INTEGER)
def bitwise_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the bits that are set in both x and y.

    >>> tf.bitwise.bitwise_and([12, 5], 6).numpy()
    array([4, 4], dtype=int32)
    """


@binary(dtypes.INTEGER)
def bitwise_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the bits that are set in x or y or both.

    >>> tf.bitwise.bitwise_or([12, 5], 6).numpy()
    array([14,  7], dtype=int32)
    """


@binary(dtypes.INTEGER)
def bitwise_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the bits that are set in exactly one of x and y.

    >>> tf.bitwise.bitwise_xor([12, 5], 6).numpy()
    array([10,  3], dtype=int32)
    """


@unary(dtypes.INTEGER)
def invert(x: TensorLike, name: str | None = None) -> Tensor:
    """Turns every bit over: -x - 1 for signed integers.

    >>> tf.bitwise.invert([0, 5]).numpy()
    array([-1, -6], dtype=int32)
    """


@binary(dtypes.INTEGER)
def left_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Moves the bits of x up by y places; what is moved out is lost. y must not be negative.

    >>> tf.bitwise.left_shift([1, 5], 2).numpy()
    array([ 4, 20], dtype=int32)
    """


@binary(dtypes.INTEGER)
def right_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Moves the bits of x down by y places; signed integers keep their sign. y must not be negative.

    >>> tf.bitwise.right_shift([20, -20], 2).numpy()
    array([ 5, -5], dtype=int32)
    """


for _function in (bitwise_and, bitwise_or, bitwise_xor, invert, left_shift, right_shift):
    _function.no_gradient("integers have no derivative")
