"""Arithmetic, element by element: sums, products, quotients, sizes and rounded numbers.

This is the chapter to begin with: all ops are made like these. Throughout, g is the gradient of what is differentiated
with respect to the op's output. A rule returns g times a partial derivative. Where a derivative is cheapest written
with the output, as for 1/x, it is. A rule for an op that takes complex numbers is the complex derivative; the walker
sees to the conjugation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from minitfe import dtypes, shapes
from minitfe.conversion import agree
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import Op, Operation, register
from minitfe.ops import array
from minitfe.ops import complex as complex_ops
from minitfe.ops.declare import binary, unary
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

STEPS = "the output moves in steps: its derivative is 0 or does not exist"

# ---------------------------------------------------------------------------------------------------------- arithmetic


@binary(dtypes.NUMBERS)
def add(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Adds x and y, element by element, with broadcasting.

    >>> tf.add([1., 2.], 1.).numpy()
    array([2., 3.], dtype=float32)
    """


@add.gradient(0, 1)
def add_gradient(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x + y)/dx = d(x + y)/dy = 1"""
    return g


@binary(dtypes.NUMBERS, tensorflow_name="Sub")
def subtract(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Subtracts y from x, element by element, with broadcasting.

    >>> tf.subtract([1., 2.], 1.).numpy()
    array([0., 1.], dtype=float32)
    """


@subtract.gradient(0)
def subtract_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x - y)/dx = 1"""
    return g


@subtract.gradient(1)
def subtract_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x - y)/dy = -1"""
    return negative(g)


@binary(dtypes.NUMBERS, tensorflow_name="Mul")
def multiply(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Multiplies x by y, element by element, with broadcasting.

    >>> tf.multiply([1., 2.], 3.).numpy()
    array([3., 6.], dtype=float32)
    """


@multiply.gradient(0)
def multiply_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(xy)/dx = y"""
    return multiply(g, y)


@multiply.gradient(1)
def multiply_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(xy)/dy = x"""
    return multiply(g, x)


@unary(dtypes.NUMBERS, tensorflow_name="Neg")
def negative(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns -x.

    >>> tf.negative([1., -2.]).numpy()
    array([-1.,  2.], dtype=float32)
    """


@negative.gradient(0)
def negative_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(-x)/dx = -1"""
    return negative(g)


# -------------------------------------------------------------------------------------------------------- sums of many


def _check_one_shape(*inputs: Extents) -> Extents:
    merged = shapes.TensorShape(inputs[0])
    for i, x in enumerate(inputs):
        if not merged.is_compatible_with(x):
            raise ShapeError(
                "Inputs to operation AddN of type AddN must have the same size and shape. Input 0:"
                f" {shapes.bracketed(inputs[0])} != input {i}: {shapes.bracketed(x)}",
                "tf.add stretches shapes to match",
            )
        merged = merged.merge_with(x)
    return cast(Extents, merged.extents)


add_n_op = register(Op("add_n", shape=_check_one_shape, accepts=dtypes.NUMBERS, tensorflow_name="AddN"))


def add_n(inputs: Sequence[TensorLike], name: str | None = None) -> Tensor:
    """Adds up a list of tensors of one shape and dtype, without broadcasting.

    Raises:
        ValueError: where the list is empty.
        InvalidArgumentError: where shapes or dtypes differ.

    >>> tf.add_n([[1., 2.], [10., 20.], [100., 200.]]).numpy()
    array([111., 222.], dtype=float32)
    """
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError("inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape")
    return cast(Tensor, execute(add_n_op, agree(add_n_op, inputs)))


@add_n_op.whole_gradient
def add_n_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """Every summand has slope 1."""
    return gs * len(operation.inputs)


def accumulate_n(
    inputs: Sequence[TensorLike], shape: Any = None, tensor_dtype: Any = None, name: str | None = None
) -> Tensor:
    """Adds up a list of tensors of one shape and dtype: `add_n`, with a shape and a dtype to check against.

    Args:
        inputs: the tensors.
        shape: what their shape must be.
        tensor_dtype: what their dtype must be.

    Raises:
        ValueError: where the list is empty, or the sum has not this shape.
        TypeError: where the tensors have not this dtype.

    >>> tf.accumulate_n([[1., 2.], [10., 20.]], shape=[2]).numpy()
    array([11., 22.], dtype=float32)
    """
    total = add_n(inputs)
    if tensor_dtype is not None and total.dtype != tensor_dtype:
        raise TypeError(
            f"tensor_dtype is {dtypes.as_dtype(tensor_dtype).name}, but input is of type {total.dtype.name}"
        )
    if shape is not None:
        total.shape.assert_is_compatible_with(shape)
    return total


# ------------------------------------------------------------------------------------------------------------ division


@binary(dtypes.SMOOTH, tensorflow_name="RealDiv")
def realdiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Divides floating or complex x by y, element by element, with broadcasting.

    >>> tf.realdiv([1., 2.], 4.).numpy()
    array([0.25, 0.5 ], dtype=float32)
    """


@realdiv.gradient(0)
def realdiv_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x/y)/dx = 1/y"""
    return realdiv(g, y)


@realdiv.gradient(1)
def realdiv_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x/y)/dy = -(x/y)/y"""
    return multiply(g, realdiv(negative(output), y))


def truediv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Divides x by y as Python's ``/`` does: integers are made float64, those of 8 and 16 bits float32.

    >>> tf.truediv([7, 8], 2).numpy()
    array([3.5, 4. ])
    """
    if not (type(x) is type(y) is Tensor and x.array.dtype is y.array.dtype):
        x, y = agree(realdiv.op, (x, y))
    if x.array.dtype in dtypes.INTEGER:
        dtype = dtypes.float32 if x.dtype.size < 4 else dtypes.float64
        x, y = array.cast(x, dtype), array.cast(y, dtype)
    return cast(Tensor, execute(realdiv.op, (x, y)))


def divide(x: TensorLike, y: TensorLike, name: str | None = None) -> Any:
    """Returns ``x / y``: a tensor, or of two Python numbers a Python number.

    >>> tf.divide([7, 8], 2).numpy(), tf.divide(7, 2)
    (array([3.5, 4. ]), 3.5)
    """
    return x / y if isinstance(x, (int, float)) and isinstance(y, (int, float)) else truediv(x, y)


def div(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Divides as Python 2 did: integers are divided and rounded down, all other numbers just divided.

    Raises:
        InvalidArgumentError: where an integer is divided by 0.

    >>> tf.div([7, -7], 2).numpy(), tf.div([7., -7.], 2.).numpy()
    (array([ 3, -4], dtype=int32), array([ 3.5, -3.5], dtype=float32))
    """
    x, y = agree(realdiv.op, (x, y))
    return floordiv(x, y) if x.dtype.is_integer else realdiv(x, y)


@binary(dtypes.REAL, tensorflow_name="FloorDiv")
def floordiv(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Divides x by y and rounds down, also where the quotient is negative.

    Raises:
        InvalidArgumentError: where an integer is divided by 0.

    >>> tf.floordiv([7, -7], 2).numpy()
    array([ 3, -4], dtype=int32)
    """


floordiv.no_gradient(STEPS)
floor_div = floordiv


@binary(dtypes.REAL, tensorflow_name="FloorMod")
def mod(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """What `floordiv` leaves of x, as Python's ``%``: the result has the sign of y.

    Raises:
        InvalidArgumentError: where an integer is divided by 0.

    >>> tf.mod([7, -7], 3).numpy()
    array([1, 2], dtype=int32)
    """


@mod.gradient(0)
def mod_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """x mod y = x - y⌊x/y⌋, so that d(x mod y)/dx = 1"""
    return g


@mod.gradient(1)
def mod_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x mod y)/dy = -⌊x/y⌋"""
    return multiply(g, negative(floordiv(x, y)))


floormod = mod


@unary(dtypes.SMOOTH)
def reciprocal(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns 1/x.

    >>> tf.reciprocal([2., -4.]).numpy()
    array([ 0.5 , -0.25], dtype=float32)
    """


@reciprocal.gradient(0)
def reciprocal_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(1/x)/dx = -1/x²"""
    return multiply(g, negative(square(output)))


# ------------------------------------------------------------------------------------------------------------- squares


@unary(dtypes.NUMBERS)
def square(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns x².

    >>> tf.square([1., -3.]).numpy()
    array([1., 9.], dtype=float32)
    """


@square.gradient(0)
def square_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(x²)/dx = 2x"""
    return multiply(g, multiply(x, 2))


@binary(dtypes.NUMBERS)
def squared_difference(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns (x - y)².

    >>> tf.squared_difference([1., 5.], 3.).numpy()
    array([4., 4.], dtype=float32)
    """


@squared_difference.gradient(0)
def squared_difference_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x - y)²/dx = 2(x - y)"""
    return multiply(g, multiply(subtract(x, y), 2))


@squared_difference.gradient(1)
def squared_difference_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(x - y)²/dy = -2(x - y)"""
    return multiply(g, multiply(subtract(x, y), -2))


# ------------------------------------------------------------------------------------------------------- size and sign


def _real_dtype(x: dtypes.DType) -> dtypes.DType:
    return x.real_dtype


@unary(dtypes.NUMBERS, dtype=_real_dtype, holomorphic=False)
def abs(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the absolute value of x; of a complex number √(a² + b²), which is real.

    >>> tf.abs([1., -2.]).numpy()
    array([1., 2.], dtype=float32)
    """


@abs.gradient(0)
def abs_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d|x|/dx = sign(x), which is 0 at 0; |z| grows fastest in the direction of z, which is sign(z) too"""
    return multiply(complex_ops.as_complex(g) if x.dtype.is_complex else g, sign(x))


@unary(dtypes.NUMBERS, holomorphic=False)
def sign(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns -1, 0 or 1 where x is negative, 0 or positive; of a complex number z/|z|, and 0 of 0.

    >>> tf.sign([3., 0., -2.]).numpy()
    array([ 1.,  0., -1.], dtype=float32)
    """


@sign.gradient(0)
def sign_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """0 for real numbers. z/|z| moves on the unit circle: of g, what points outwards is lost, the rest is g/|z|"""
    if not x.dtype.is_complex:
        return array.zeros_like(x)
    outwards = complex_ops.as_complex(complex_ops.real(multiply(complex_ops.conj(output), g)))
    return realdiv(subtract(g, multiply(output, outwards)), complex_ops.as_complex(abs(x)))


# ------------------------------------------------------------------------------------------------------------ rounding


@unary(dtypes.FLOATING)
def floor(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the largest integer that is not above x.

    >>> tf.floor([1.5, -1.5]).numpy()
    array([ 1., -2.], dtype=float32)
    """


@unary(dtypes.FLOATING)
def ceil(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the smallest integer that is not below x.

    >>> tf.ceil([1.5, -1.5]).numpy()
    array([ 2., -1.], dtype=float32)
    """


@unary(dtypes.REAL)
def round(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the integer nearest to x; of two that are equally near, the even one.

    >>> tf.round([0.5, 1.5, 2.6]).numpy()
    array([0., 2., 3.], dtype=float32)
    """


@unary(dtypes.FLOATING)
def rint(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the integer nearest to x; of two that are equally near, the even one.

    >>> tf.rint([0.5, 1.5, 2.6]).numpy()
    array([0., 2., 3.], dtype=float32)
    """


for _function in (floor, ceil, round, rint):
    _function.no_gradient(STEPS)
