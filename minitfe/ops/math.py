"""Arithmetic and the functions of calculus, element by element.

Throughout, g is the gradient of what is differentiated with respect to the op's output. A rule returns g times a
partial derivative. Where a derivative is cheapest written with the output y, as for tanh and exp, it is. A rule for an
op that takes complex numbers is the complex derivative; the walker sees to the conjugation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from minitfe import dtypes, errors, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import Op, Operation, register
from minitfe.ops import arguments, array, indexed_slices, reduction
from minitfe.ops import complex as complex_ops
from minitfe.ops.declare import binary, unary
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

STEPS = "the output moves in steps: its derivative is 0 or does not exist"
TRUTH = "the output is true or false, and has no derivative"

# ------------------------------------------------------------------------------------------------------- arithmetic


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


# --------------------------------------------------------------------------------------------------------- division


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


# ------------------------------------------------------------------------------------------- powers, roots, logarithms


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


@unary(dtypes.SMOOTH)
def sqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the square root of x; NaN for negative x.

    >>> tf.sqrt([4., 9.]).numpy()
    array([2., 3.], dtype=float32)
    """


@sqrt.gradient(0)
def sqrt_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d√x/dx = 1/(2√x): infinite at 0"""
    return realdiv(multiply(g, 0.5), output)


@unary(dtypes.SMOOTH)
def rsqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns 1/√x.

    >>> tf.rsqrt([4., 16.]).numpy()
    array([0.5 , 0.25], dtype=float32)
    """


@rsqrt.gradient(0)
def rsqrt_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dx^(-1/2)/dx = -1/2 x^(-3/2)"""
    return multiply(multiply(g, -0.5), multiply(output, square(output)))


@binary(dtypes.NUMBERS)
def pow(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns x to the power y.

    Raises:
        InvalidArgumentError: where an exponent of an integer is negative.

    >>> tf.pow([2., 3.], [3., 2.]).numpy()
    array([8., 9.], dtype=float32)
    """


@pow.gradient(0)
def pow_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(xʸ)/dx = y xʸ⁻¹"""
    return multiply(g, _scaled_power(y, x, subtract(y, 1), zero_wins=False))


@pow.gradient(1)
def pow_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(xʸ)/dy = xʸ log x, and 0 where there is no logarithm"""
    return multiply(g, multiply(output, _log_or_zero(x)))


def _log_or_zero(x: Tensor) -> Tensor:
    """log x; 0 for 0 and for negative numbers."""
    defined = not_equal(x, 0) if x.dtype.is_complex else greater(x, 0)
    return log(add(_keep_where(x, defined), _keep_where(array.ones_like(x), logical_not(defined))))


# c xʸ is what derivatives of powers are made of. Differentiated often enough, x³ becomes 0 x⁻¹. That is 0, also at
# x = 0, so 0 wins there. In a first derivative, that of 0⁰, TensorFlow lets it be NaN, and so does pow_dx.
scaled_power_op = register(Op("scaled_power", shape=shapes.broadcast, broadcasts=True))


def _scaled_power(c: Tensor, x: Tensor, y: Tensor, zero_wins: bool) -> Tensor:
    return cast(Tensor, execute(scaled_power_op, (c, x, y), {"zero_wins": zero_wins}))


@scaled_power_op.gradient(0)
def scaled_power_dc(g: Tensor, c: Tensor, x: Tensor, y: Tensor, output: Tensor, zero_wins: bool) -> Tensor:
    """d(c xʸ)/dc = xʸ"""
    return multiply(g, pow(x, y))


@scaled_power_op.gradient(1)
def scaled_power_dx(g: Tensor, c: Tensor, x: Tensor, y: Tensor, output: Tensor, zero_wins: bool) -> Tensor:
    """d(c xʸ)/dx = c y xʸ⁻¹"""
    return multiply(g, _scaled_power(multiply(c, y), x, subtract(y, 1), zero_wins=True))


@scaled_power_op.gradient(2)
def scaled_power_dy(g: Tensor, c: Tensor, x: Tensor, y: Tensor, output: Tensor, zero_wins: bool) -> Tensor:
    """d(c xʸ)/dy = c xʸ log x, and 0 where there is no logarithm"""
    return multiply(g, multiply(output, _log_or_zero(x)))


@unary(dtypes.SMOOTH)
def exp(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns e to the power x.

    >>> tf.exp([0., 1.]).numpy().round(4)
    array([1.    , 2.7183], dtype=float32)
    """


@exp.gradient(0)
def exp_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d exp(x)/dx = exp(x)"""
    return multiply(g, output)


@unary(dtypes.SMOOTH)
def expm1(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns exp(x) - 1, with all digits also for small x.

    >>> tf.expm1([0., 1e-10]).numpy()
    array([0.e+00, 1.e-10], dtype=float32)
    """


@expm1.gradient(0)
def expm1_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(exp(x) - 1)/dx = exp(x)"""
    return multiply(g, exp(x))


@unary(dtypes.SMOOTH)
def log(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the natural logarithm of x; NaN for negative x.

    >>> tf.log([1., 10.]).numpy().round(4)
    array([0.    , 2.3026], dtype=float32)
    """


@log.gradient(0)
def log_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log(x)/dx = 1/x"""
    return realdiv(g, x)


@unary(dtypes.SMOOTH)
def log1p(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns log(1 + x), with all digits also for small x.

    >>> tf.log1p([0., 1e-10]).numpy()
    array([0.e+00, 1.e-10], dtype=float32)
    """


@log1p.gradient(0)
def log1p_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log(1 + x)/dx = 1/(1 + x)"""
    return realdiv(g, add(x, 1))


# ---------------------------------------------------------------------------------------------------- trigonometry


@unary(dtypes.SMOOTH)
def sin(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the sine of x, an angle in radians.

    >>> tf.sin([0., 1.]).numpy().round(4)
    array([0.    , 0.8415], dtype=float32)
    """


@sin.gradient(0)
def sin_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d sin(x)/dx = cos(x)"""
    return multiply(g, cos(x))


@unary(dtypes.SMOOTH)
def cos(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the cosine of x, an angle in radians.

    >>> tf.cos([0., 1.]).numpy().round(4)
    array([1.    , 0.5403], dtype=float32)
    """


@cos.gradient(0)
def cos_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d cos(x)/dx = -sin(x)"""
    return multiply(g, negative(sin(x)))


@unary(dtypes.SMOOTH)
def tan(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the tangent of x, an angle in radians.

    >>> tf.tan([0., 1.]).numpy().round(4)
    array([0.    , 1.5574], dtype=float32)
    """


@tan.gradient(0)
def tan_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d tan(x)/dx = 1 + tan(x)²"""
    return multiply(g, add(square(output), 1))


@unary(dtypes.SMOOTH)
def asin(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle between -π/2 and π/2 whose sine is x.

    >>> tf.asin([0., 1.]).numpy().round(4)
    array([0.    , 1.5708], dtype=float32)
    """


@asin.gradient(0)
def asin_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d asin(x)/dx = 1/√(1 - x²)"""
    return realdiv(g, sqrt(_one_minus_square(x)))


def _one_minus_square(x: Tensor) -> Tensor:
    """1 - x² as (1 - x)(1 + x), which keeps its digits near x = 1."""
    return multiply(subtract(1, x), add(x, 1))


@unary(dtypes.SMOOTH)
def acos(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle between 0 and π whose cosine is x.

    >>> tf.acos([1., 0.]).numpy().round(4)
    array([0.    , 1.5708], dtype=float32)
    """


@acos.gradient(0)
def acos_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d acos(x)/dx = -1/√(1 - x²)"""
    return negative(asin_dx(g, x, output))


@unary(dtypes.SMOOTH)
def atan(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle between -π/2 and π/2 whose tangent is x.

    >>> tf.atan([0., 1.]).numpy().round(4)
    array([0.    , 0.7854], dtype=float32)
    """


@atan.gradient(0)
def atan_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atan(x)/dx = 1/(1 + x²)"""
    return realdiv(g, add(square(x), 1))


@binary(dtypes.FLOATING)
def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle, between -π and π, at which the point (x, y) is seen from the origin.

    >>> tf.atan2(1., [1., -1.]).numpy().round(4)
    array([0.7854, 2.3562], dtype=float32)
    """


@atan2.gradient(0)
def atan2_dy(g: Tensor, y: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atan2(y, x)/dy = x/(x² + y²)"""
    return multiply(g, realdiv(x, add(square(x), square(y))))


@atan2.gradient(1)
def atan2_dx(g: Tensor, y: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atan2(y, x)/dx = -y/(x² + y²)"""
    return multiply(g, realdiv(negative(y), add(square(x), square(y))))


# ---------------------------------------------------------------------------------------------------- hyperbolic


@unary(dtypes.SMOOTH)
def sinh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the hyperbolic sine of x.

    >>> tf.sinh([0., 1.]).numpy().round(4)
    array([0.    , 1.1752], dtype=float32)
    """


@sinh.gradient(0)
def sinh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d sinh(x)/dx = cosh(x)"""
    return multiply(g, cosh(x))


@unary(dtypes.SMOOTH)
def cosh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the hyperbolic cosine of x.

    >>> tf.cosh([0., 1.]).numpy().round(4)
    array([1.    , 1.5431], dtype=float32)
    """


@cosh.gradient(0)
def cosh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d cosh(x)/dx = sinh(x)"""
    return multiply(g, sinh(x))


@unary(dtypes.SMOOTH)
def tanh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the hyperbolic tangent of x.

    >>> tf.tanh([0., 1.]).numpy().round(4)
    array([0.    , 0.7616], dtype=float32)
    """


@tanh.gradient(0)
def tanh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d tanh(x)/dx = 1 - tanh(x)²"""
    return tanh_gradient(g, output)


@binary(dtypes.SMOOTH, tensorflow_name="TanhGrad")
def tanh_gradient(g: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns g(1 - y²): the gradient of tanh in one step, so that its kernel can work in place."""


@tanh_gradient.gradient(0)
def tanh_gradient_dg(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g(1 - y²))/dg = 1 - y²"""
    return tanh_gradient(h, y)


@tanh_gradient.gradient(1)
def tanh_gradient_dy(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g(1 - y²))/dy = -2gy"""
    return multiply(h, multiply(-2, multiply(g, y)))


@unary(dtypes.SMOOTH)
def asinh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the number whose hyperbolic sine is x.

    >>> tf.asinh([0., 1.]).numpy().round(4)
    array([0.    , 0.8814], dtype=float32)
    """


@asinh.gradient(0)
def asinh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d asinh(x)/dx = 1/√(x² + 1)"""
    return realdiv(g, sqrt(add(square(x), 1)))


@unary(dtypes.SMOOTH)
def acosh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the positive number whose hyperbolic cosine is x; NaN for x below 1.

    >>> tf.acosh([1., 2.]).numpy().round(4)
    array([0.   , 1.317], dtype=float32)
    """


@acosh.gradient(0)
def acosh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d acosh(x)/dx = 1/(√(x - 1) √(x + 1)), in two roots for the sake of complex x"""
    return realdiv(g, multiply(sqrt(subtract(x, 1)), sqrt(add(x, 1))))


@unary(dtypes.SMOOTH)
def atanh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the number whose hyperbolic tangent is x; NaN for x outside of [-1, 1].

    >>> tf.atanh([0., 0.5]).numpy().round(4)
    array([0.    , 0.5493], dtype=float32)
    """


@atanh.gradient(0)
def atanh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atanh(x)/dx = 1/(1 - x²)"""
    return realdiv(g, _one_minus_square(x))


# ------------------------------------------------------------------------------------------- sigmoids and their kin


@unary(dtypes.SMOOTH)
def sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns 1 / (1 + exp(-x)).

    >>> tf.sigmoid([0., 2.]).numpy().round(4)
    array([0.5   , 0.8808], dtype=float32)
    """


@sigmoid.gradient(0)
def sigmoid_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dy/dx = y(1 - y)"""
    return sigmoid_gradient(g, output)


@binary(dtypes.SMOOTH, tensorflow_name="SigmoidGrad")
def sigmoid_gradient(g: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns g y(1 - y): the gradient of sigmoid in one step, so that its kernel can work in place."""


@sigmoid_gradient.gradient(0)
def sigmoid_gradient_dg(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g y(1 - y))/dg = y(1 - y)"""
    return sigmoid_gradient(h, y)


@sigmoid_gradient.gradient(1)
def sigmoid_gradient_dy(h: Tensor, g: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(g y(1 - y))/dy = g(1 - 2y)"""
    return multiply(h, multiply(g, subtract(1, multiply(y, 2))))


def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns log(sigmoid(x)) = -softplus(-x), with all digits also where the sigmoid is close to 0.

    >>> tf.log_sigmoid([0., -100.]).numpy().round(4)
    array([  -0.6931, -100.    ], dtype=float32)
    """
    return negative(softplus(negative(x)))


@unary(dtypes.FLOATING)
def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns log(1 + exp(x)): a smooth max(x, 0).

    >>> tf.nn.softplus([0., 100.]).numpy().round(4)
    array([  0.6931, 100.    ], dtype=float32)
    """


@softplus.gradient(0)
def softplus_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log(1 + exp(x))/dx = sigmoid(x)"""
    return multiply(g, sigmoid(x))


@unary(dtypes.FLOATING)
def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns x / (1 + |x|).

    >>> tf.nn.softsign([0., -3.]).numpy()
    array([ 0.  , -0.75], dtype=float32)
    """


@softsign.gradient(0)
def softsign_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(x / (1 + |x|))/dx = 1/(1 + |x|)²"""
    return realdiv(g, square(add(abs(x), 1)))


# --------------------------------------------------------------------------- the error function and the gamma function


@unary(dtypes.FLOATING)
def erf(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the error function of x: 2/√π times the integral of exp(-t²) from 0 to x.

    >>> tf.erf([0., 1.]).numpy().round(4)
    array([0.    , 0.8427], dtype=float32)
    """


@erf.gradient(0)
def erf_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d erf(x)/dx = 2/√π exp(-x²)"""
    return multiply(g, multiply(2 / np.sqrt(np.pi), exp(negative(square(x)))))


@unary(dtypes.FLOATING)
def erfc(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns 1 - erf(x), with all digits also where that is close to 0.

    >>> tf.erfc([0., 1.]).numpy().round(4)
    array([1.    , 0.1573], dtype=float32)
    """


@erfc.gradient(0)
def erfc_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d erfc(x)/dx = -2/√π exp(-x²)"""
    return negative(erf_dx(g, x, output))


@unary(dtypes.FLOATING)
def lgamma(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns log |Γ(x)|; infinite where x is 0 or a negative integer.

    >>> tf.lgamma([1., 4.]).numpy().round(4)
    array([0.    , 1.7918], dtype=float32)
    """


@lgamma.gradient(0)
def lgamma_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log |Γ(x)|/dx = ψ(x), digamma by name"""
    return multiply(g, digamma(x))


@unary(dtypes.FLOATING)
def digamma(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the derivative of `lgamma`; NaN where x is a negative integer.

    >>> tf.digamma([1., 2.]).numpy().round(4)
    array([-0.5772,  0.4228], dtype=float32)
    """


@digamma.gradient(0)
def digamma_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dψ(x)/dx = ψ⁽¹⁾(x)"""
    return multiply(g, polygamma(1, x))


@binary(dtypes.FLOATING)
def polygamma(a: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the derivative of order a of `digamma` at x.

    Args:
        a: orders: 0, 1, 2 and so on, as floating numbers; the result is NaN for others.
        x: where to evaluate it.

    >>> tf.polygamma(1., [1., 2.]).numpy().round(4)
    array([1.6449, 0.6449], dtype=float32)
    """


polygamma.no_gradient("an order is a whole number", 0)


@polygamma.gradient(1)
def polygamma_dx(g: Tensor, a: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dψ⁽ᵃ⁾(x)/dx = ψ⁽ᵃ⁺¹⁾(x)"""
    return multiply(g, polygamma(add(a, 1), x))


@binary(dtypes.FLOATING)
def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """Returns Hurwitz's zeta function, the sum of (q + k)⁻ˣ over k = 0, 1, 2 and so on.

    Args:
        x: exponents greater than 1; the result is NaN for smaller ones, and where x is no integer though q is negative.
        q: where the sum starts.

    >>> tf.zeta([2., 4.], 1.).numpy().round(4)
    array([1.6449, 1.0823], dtype=float32)
    """


zeta.no_gradient("the derivative by the exponent is not known, in TensorFlow neither", 0)


@zeta.gradient(1)
def zeta_dq(g: Tensor, x: Tensor, q: Tensor, output: Tensor) -> Tensor:
    """dζ(x, q)/dq = -x ζ(x + 1, q)"""
    return multiply(g, multiply(negative(x), zeta(add(x, 1), q)))


# ------------------------------------------------------------------------------------------------- size and sign


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


@binary(dtypes.REAL)
def maximum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the larger of x and y, element by element, with broadcasting.

    >>> tf.maximum([1., 5.], 3.).numpy()
    array([3., 5.], dtype=float32)
    """


@maximum.gradient(0)
def maximum_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where x is taken; of two equal numbers that is x"""
    return _keep_where(g, greater_equal(x, y))


@maximum.gradient(1)
def maximum_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where y is taken"""
    return _keep_where(g, logical_not(greater_equal(x, y)))


@binary(dtypes.REAL)
def minimum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """Returns the smaller of x and y, element by element, with broadcasting.

    >>> tf.minimum([1., 5.], 3.).numpy()
    array([1., 3.], dtype=float32)
    """


@minimum.gradient(0)
def minimum_dx(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where x is taken; of two equal numbers that is x"""
    return _keep_where(g, less_equal(x, y))


@minimum.gradient(1)
def minimum_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """1 where y is taken"""
    return _keep_where(g, logical_not(less_equal(x, y)))


keep_where_op = register(Op("keep_where", shape=shapes.broadcast, broadcasts=True))


def _keep_where(x: Tensor, condition: Tensor) -> Tensor:
    """x where the condition holds, 0 elsewhere."""
    return cast(Tensor, execute(keep_where_op, (x, condition)))


@keep_where_op.gradient(0)
def keep_where_dx(g: Tensor, x: Tensor, condition: Tensor, output: Tensor) -> Tensor:
    """1 where the condition holds, 0 elsewhere"""
    return _keep_where(g, condition)


keep_where_op.no_gradient(TRUTH, 1)

# ------------------------------------------------------------------------------------------------------- rounding


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

# --------------------------------------------------------------------------------------------- comparisons and truth


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


def _checked_numerics(tensor: Extents, message: str) -> Extents:
    return tensor


check_numerics_op = register(Op("check_numerics", shape=_checked_numerics, accepts=dtypes.FLOATING, stateful=True))


def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Returns the tensor, if it is finite throughout.

    Args:
        tensor: floating numbers.
        message: what the error begins with.

    Raises:
        InvalidArgumentError: where an element is infinite or NaN.

    >>> tf.check_numerics([1., 2.], "the loss").numpy()
    array([1., 2.], dtype=float32)
    """
    return cast(Tensor, execute(check_numerics_op, (convert_to_tensor(tensor),), {"message": str(message)}))


@check_numerics_op.gradient(0)
def check_numerics_dx(g: Tensor, tensor: Tensor, output: Tensor, message: str) -> Tensor:
    """A slope of 1, checked in its turn."""
    return check_numerics(g, "Not a number (NaN) or infinity (Inf) values detected in gradient.")


# --------------------------------------------------------------------------------------------- running along an axis


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

    Args:
        x: numbers.
        axis: the axis to run along.
        exclusive: whether the element itself is left out, so that the first product is 1.
        reverse: whether to run from the end.

    Raises:
        InvalidArgumentError: where there is no such axis.

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
    return multiply(before, _linear_recurrence(_shift(x, axis, not reverse), g, axis, not reverse))


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
    return multiply(linear_recurrence_db(g, a, b, output, axis, reverse), _shift(output, axis, reverse))


@linear_recurrence_op.gradient(1)
def linear_recurrence_db(g: Tensor, a: Tensor, b: Tensor, output: Tensor, axis: int, reverse: bool) -> Tensor:
    """A recurrence backwards: dL/dbᵢ = gᵢ + aᵢ₊₁ dL/dbᵢ₊₁"""
    return _linear_recurrence(_shift(a, axis, not reverse), g, axis, not reverse)


# -------------------------------------------------------------------------------------------------------- clipping


def clip_by_value(
    t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = None
) -> Tensor:
    """Replaces what is below the one bound, or above the other, by that bound.

    The gradient passes where t is between the bounds or equal to one of them.

    Args:
        t: numbers.
        clip_value_min, clip_value_max: the bounds, numbers or tensors that are stretched to the shape of t.

    Raises:
        InvalidArgumentError: where a bound has more axes or elements than t.

    >>> tf.clip_by_value([-2., 0.5, 3.], -1., 1.).numpy()
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    t = convert_to_tensor(t)
    clipped = maximum(minimum(t, clip_value_max), clip_value_min)
    if not clipped.shape.is_compatible_with(t.shape):
        raise errors.InvalidArgumentError(
            f"Incompatible shapes: clip_by_value was given {errors.describe_operands((t,))}, and bounds that would"
            f" stretch it to {clipped.shape}; give bounds that broadcast to the shape of t."
        )
    return clipped


def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """Scales a tensor down, where needed, so that its Euclidean norm is at most clip_norm.

    Args:
        t: floating numbers.
        clip_norm: the largest norm to leave.
        axes: the axes along which norms are taken; by default all, for one norm of the whole.

    >>> tf.clip_by_norm([3., 4.], 1.).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    t = convert_to_tensor(t)
    return multiply(t, _shrinking(reduction.reduce_sum(square(t), axes, keepdims=True), clip_norm))


def _shrinking(squares: Tensor, clip_norm: TensorLike) -> Tensor:
    """min(1, clip_norm / √squares), written so that its gradient is 0, not NaN, where the squares are 0."""
    return rsqrt(maximum(realdiv(realdiv(squares, clip_norm), clip_norm), 1))


def clip_by_average_norm(t: TensorLike, clip_norm: TensorLike, name: str | None = None) -> Tensor:
    """Scales a tensor down, where needed, so that its Euclidean norm per element is at most clip_norm.

    >>> tf.clip_by_average_norm([3., 4.], 0.5).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    t = convert_to_tensor(t)
    return clip_by_norm(t, multiply(clip_norm, array.cast(array.size(t), t.dtype)))


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: TensorLike, use_norm: TensorLike | None = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """Scales tensors down together, where needed, so that their common norm is at most clip_norm.

    Args:
        t_list: tensors and IndexedSlices; a None among them stays None.
        clip_norm: the largest norm to leave.
        use_norm: their norm, if it is known already.

    Returns:
        The scaled tensors, and the norm that they had before.

    Raises:
        TypeError: where t_list is not a list.

    >>> clipped, norm = tf.clip_by_global_norm([[3., 0.], None, [4.]], 1.)
    >>> [x if x is None else x.numpy().tolist() for x in clipped], float(norm)
    ([[0.6000000238418579, 0.0], None, [0.800000011920929]], 5.0)
    """
    tensors = _tensors(t_list)
    if use_norm is None:
        squares = _sum_of_squares(tensors)
        norm, scale = sqrt(squares), _shrinking(squares, clip_norm)
    else:
        norm = convert_to_tensor(use_norm, preferred_dtype=next((t.dtype for t in tensors if t is not None), None))
        scale = reciprocal(maximum(realdiv(norm, clip_norm), 1))
    return [None if t is None else _scaled(t, scale) for t in tensors], norm


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The Euclidean norm of all elements of all tensors: √Σ t².

    Args:
        t_list: tensors and IndexedSlices; None counts as nothing.

    Raises:
        TypeError: where t_list is not a list.

    >>> float(tf.global_norm([[3., 0.], None, [4.]]))
    5.0
    """
    return sqrt(_sum_of_squares(_tensors(t_list)))


def _tensors(t_list: Sequence[Any]) -> list[Any]:
    """The list with tensors in it; None and IndexedSlices stay what they are."""
    if not isinstance(t_list, (list, tuple)):
        raise TypeError(f"t_list should be a sequence, a list of tensors, but is {t_list!r}")
    return [t if t is None or isinstance(t, indexed_slices.IndexedSlices) else convert_to_tensor(t) for t in t_list]


def _sum_of_squares(tensors: Sequence[Any]) -> Tensor:
    parts = [t.values if isinstance(t, indexed_slices.IndexedSlices) else t for t in tensors if t is not None]
    return add_n([reduction.reduce_sum(square(t)) for t in parts])


def _scaled(t: Any, scale: Tensor) -> Any:
    """A tensor, or the rows of an IndexedSlices, times a number."""
    if not isinstance(t, indexed_slices.IndexedSlices):
        return multiply(t, scale)
    return indexed_slices.IndexedSlices(multiply(t.values, scale), t.indices, t._dense_shape, t.like)
