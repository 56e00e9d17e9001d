"""The elementary functions: powers, exponentials, logarithms, and the functions of angles and of hyperbolas.

The rules are what a table of derivatives lists. Where a derivative is cheapest written with the output, as for exp and
tanh, it is.
"""

from __future__ import annotations

from typing import cast

from minitfe import dtypes, shapes
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.ops import array, comparison, math
from minitfe.ops.declare import binary, unary
from minitfe.tensor import Tensor, TensorLike

# ---------------------------------------------------------------------------------------------------- powers and roots


@unary(dtypes.SMOOTH)
def sqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the square root of x; NaN for negative x.

    >>> tf.sqrt([4., 9.]).numpy()
    array([2., 3.], dtype=float32)
    """


@sqrt.gradient(0)
def sqrt_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d√x/dx = 1/(2√x): infinite at 0"""
    return math.realdiv(math.multiply(g, 0.5), output)


@unary(dtypes.SMOOTH)
def rsqrt(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns 1/√x.

    >>> tf.rsqrt([4., 16.]).numpy()
    array([0.5 , 0.25], dtype=float32)
    """


@rsqrt.gradient(0)
def rsqrt_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dx^(-1/2)/dx = -1/2 x^(-3/2)"""
    return math.multiply(math.multiply(g, -0.5), math.multiply(output, math.square(output)))


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
    return math.multiply(g, _scaled_power(y, x, math.subtract(y, 1), zero_wins=False))


@pow.gradient(1)
def pow_dy(g: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """d(xʸ)/dy = xʸ log x, and 0 where there is no logarithm"""
    return math.multiply(g, math.multiply(output, _log_or_zero(x)))


def _log_or_zero(x: Tensor) -> Tensor:
    """log x; 0 for 0 and for negative numbers."""
    defined = comparison.not_equal(x, 0) if x.dtype.is_complex else comparison.greater(x, 0)
    return log(
        math.add(
            comparison.keep_where(x, defined),
            comparison.keep_where(array.ones_like(x), comparison.logical_not(defined)),
        )
    )


# c xʸ is what derivatives of powers are made of. Differentiated often enough, x³ becomes 0 x⁻¹. That is 0, also at
# x = 0, so 0 wins there. In a first derivative, that of 0⁰, TensorFlow lets it be NaN, and so does pow_dx.
scaled_power_op = register(Op("scaled_power", shape=shapes.broadcast, broadcasts=True))


def _scaled_power(c: Tensor, x: Tensor, y: Tensor, zero_wins: bool) -> Tensor:
    return cast(Tensor, execute(scaled_power_op, (c, x, y), {"zero_wins": zero_wins}))


@scaled_power_op.gradient(0)
def scaled_power_dc(g: Tensor, c: Tensor, x: Tensor, y: Tensor, output: Tensor, zero_wins: bool) -> Tensor:
    """d(c xʸ)/dc = xʸ"""
    return math.multiply(g, pow(x, y))


@scaled_power_op.gradient(1)
def scaled_power_dx(g: Tensor, c: Tensor, x: Tensor, y: Tensor, output: Tensor, zero_wins: bool) -> Tensor:
    """d(c xʸ)/dx = c y xʸ⁻¹"""
    return math.multiply(g, _scaled_power(math.multiply(c, y), x, math.subtract(y, 1), zero_wins=True))


@scaled_power_op.gradient(2)
def scaled_power_dy(g: Tensor, c: Tensor, x: Tensor, y: Tensor, output: Tensor, zero_wins: bool) -> Tensor:
    """d(c xʸ)/dy = c xʸ log x, and 0 where there is no logarithm"""
    return math.multiply(g, math.multiply(output, _log_or_zero(x)))


# -------------------------------------------------------------------------------------------- exponentials, logarithms


@unary(dtypes.SMOOTH)
def exp(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns e to the power x.

    >>> tf.exp([0., 1.]).numpy().round(4)
    array([1.    , 2.7183], dtype=float32)
    """


@exp.gradient(0)
def exp_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d exp(x)/dx = exp(x)"""
    return math.multiply(g, output)


@unary(dtypes.SMOOTH)
def expm1(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns exp(x) - 1, with all digits also for small x.

    >>> tf.expm1([0., 1e-10]).numpy()
    array([0.e+00, 1.e-10], dtype=float32)
    """


@expm1.gradient(0)
def expm1_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(exp(x) - 1)/dx = exp(x)"""
    return math.multiply(g, exp(x))


@unary(dtypes.SMOOTH)
def log(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the natural logarithm of x; NaN for negative x.

    >>> tf.log([1., 10.]).numpy().round(4)
    array([0.    , 2.3026], dtype=float32)
    """


@log.gradient(0)
def log_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log(x)/dx = 1/x"""
    return math.realdiv(g, x)


@unary(dtypes.SMOOTH)
def log1p(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns log(1 + x), with all digits also for small x.

    >>> tf.log1p([0., 1e-10]).numpy()
    array([0.e+00, 1.e-10], dtype=float32)
    """


@log1p.gradient(0)
def log1p_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log(1 + x)/dx = 1/(1 + x)"""
    return math.realdiv(g, math.add(x, 1))


# ------------------------------------------------------------------------------------------------------- trigonometric


@unary(dtypes.SMOOTH)
def sin(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the sine of x, an angle in radians.

    >>> tf.sin([0., 1.]).numpy().round(4)
    array([0.    , 0.8415], dtype=float32)
    """


@sin.gradient(0)
def sin_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d sin(x)/dx = cos(x)"""
    return math.multiply(g, cos(x))


@unary(dtypes.SMOOTH)
def cos(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the cosine of x, an angle in radians.

    >>> tf.cos([0., 1.]).numpy().round(4)
    array([1.    , 0.5403], dtype=float32)
    """


@cos.gradient(0)
def cos_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d cos(x)/dx = -sin(x)"""
    return math.multiply(g, math.negative(sin(x)))


@unary(dtypes.SMOOTH)
def tan(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the tangent of x, an angle in radians.

    >>> tf.tan([0., 1.]).numpy().round(4)
    array([0.    , 1.5574], dtype=float32)
    """


@tan.gradient(0)
def tan_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d tan(x)/dx = 1 + tan(x)²"""
    return math.multiply(g, math.add(math.square(output), 1))


@unary(dtypes.SMOOTH)
def asin(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle between -π/2 and π/2 whose sine is x.

    >>> tf.asin([0., 1.]).numpy().round(4)
    array([0.    , 1.5708], dtype=float32)
    """


@asin.gradient(0)
def asin_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d asin(x)/dx = 1/√(1 - x²)"""
    return math.realdiv(g, sqrt(_one_minus_square(x)))


def _one_minus_square(x: Tensor) -> Tensor:
    """1 - x² as (1 - x)(1 + x), which keeps its digits near x = 1."""
    return math.multiply(math.subtract(1, x), math.add(x, 1))


@unary(dtypes.SMOOTH)
def acos(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle between 0 and π whose cosine is x.

    >>> tf.acos([1., 0.]).numpy().round(4)
    array([0.    , 1.5708], dtype=float32)
    """


@acos.gradient(0)
def acos_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d acos(x)/dx = -1/√(1 - x²)"""
    return math.negative(asin_dx(g, x, output))


@unary(dtypes.SMOOTH)
def atan(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle between -π/2 and π/2 whose tangent is x.

    >>> tf.atan([0., 1.]).numpy().round(4)
    array([0.    , 0.7854], dtype=float32)
    """


@atan.gradient(0)
def atan_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atan(x)/dx = 1/(1 + x²)"""
    return math.realdiv(g, math.add(math.square(x), 1))


@binary(dtypes.FLOATING)
def atan2(y: TensorLike, x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the angle, between -π and π, at which the point (x, y) is seen from the origin.

    >>> tf.atan2(1., [1., -1.]).numpy().round(4)
    array([0.7854, 2.3562], dtype=float32)
    """


@atan2.gradient(0)
def atan2_dy(g: Tensor, y: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atan2(y, x)/dy = x/(x² + y²)"""
    return math.multiply(g, math.realdiv(x, math.add(math.square(x), math.square(y))))


@atan2.gradient(1)
def atan2_dx(g: Tensor, y: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atan2(y, x)/dx = -y/(x² + y²)"""
    return math.multiply(g, math.realdiv(math.negative(y), math.add(math.square(x), math.square(y))))


# ---------------------------------------------------------------------------------------------------------- hyperbolic


@unary(dtypes.SMOOTH)
def sinh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the hyperbolic sine of x.

    >>> tf.sinh([0., 1.]).numpy().round(4)
    array([0.    , 1.1752], dtype=float32)
    """


@sinh.gradient(0)
def sinh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d sinh(x)/dx = cosh(x)"""
    return math.multiply(g, cosh(x))


@unary(dtypes.SMOOTH)
def cosh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the hyperbolic cosine of x.

    >>> tf.cosh([0., 1.]).numpy().round(4)
    array([1.    , 1.5431], dtype=float32)
    """


@cosh.gradient(0)
def cosh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d cosh(x)/dx = sinh(x)"""
    return math.multiply(g, sinh(x))


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
    return math.multiply(h, math.multiply(-2, math.multiply(g, y)))


@unary(dtypes.SMOOTH)
def asinh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the number whose hyperbolic sine is x.

    >>> tf.asinh([0., 1.]).numpy().round(4)
    array([0.    , 0.8814], dtype=float32)
    """


@asinh.gradient(0)
def asinh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d asinh(x)/dx = 1/√(x² + 1) = 1/cosh(y), which does not square large x"""
    return math.realdiv(g, cosh(output))


@unary(dtypes.SMOOTH)
def acosh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the positive number whose hyperbolic cosine is x; NaN for x below 1.

    >>> tf.acosh([1., 2.]).numpy().round(4)
    array([0.   , 1.317], dtype=float32)
    """


@acosh.gradient(0)
def acosh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d acosh(x)/dx = 1/(√(x - 1) √(x + 1)), in two roots for the sake of complex x"""
    return math.realdiv(g, math.multiply(sqrt(math.subtract(x, 1)), sqrt(math.add(x, 1))))


@unary(dtypes.SMOOTH)
def atanh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the number whose hyperbolic tangent is x; NaN for x outside of [-1, 1].

    >>> tf.atanh([0., 0.5]).numpy().round(4)
    array([0.    , 0.5493], dtype=float32)
    """


@atanh.gradient(0)
def atanh_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d atanh(x)/dx = 1/(1 - x²)"""
    return math.realdiv(g, _one_minus_square(x))
