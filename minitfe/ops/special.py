"""Special functions: the sigmoid and its kin, the error function, and the family of the gamma function.

Many are integrals or derivatives of others: softplus is the integral of the sigmoid, digamma the derivative of lgamma.
So the gradient of one is mostly the next.
"""

from __future__ import annotations

import numpy as np

from minitfe import dtypes
from minitfe.ops import elementary, math
from minitfe.ops.declare import binary, unary
from minitfe.tensor import Tensor, TensorLike

# ---------------------------------------------------------------------------------------------- sigmoids and their kin


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
    return math.multiply(h, math.multiply(g, math.subtract(1, math.multiply(y, 2))))


def log_sigmoid(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns log(sigmoid(x)) = -softplus(-x), with all digits also where the sigmoid is close to 0.

    >>> tf.log_sigmoid([0., -100.]).numpy().round(4)
    array([  -0.6931, -100.    ], dtype=float32)
    """
    return math.negative(softplus(math.negative(x)))


@unary(dtypes.FLOATING)
def softplus(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns log(1 + exp(x)): a smooth max(x, 0).

    >>> tf.nn.softplus([0., 100.]).numpy().round(4)
    array([  0.6931, 100.    ], dtype=float32)
    """


@softplus.gradient(0)
def softplus_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log(1 + exp(x))/dx = sigmoid(x)"""
    return math.multiply(g, sigmoid(x))


@unary(dtypes.FLOATING)
def softsign(features: TensorLike, name: str | None = None) -> Tensor:
    """Returns x / (1 + |x|).

    >>> tf.nn.softsign([0., -3.]).numpy()
    array([ 0.  , -0.75], dtype=float32)
    """


@softsign.gradient(0)
def softsign_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d(x / (1 + |x|))/dx = 1/(1 + |x|)²"""
    return math.realdiv(g, math.square(math.add(math.abs(x), 1)))


# -------------------------------------------------------------------------------------------------- the error function


@unary(dtypes.FLOATING)
def erf(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the error function of x: 2/√π times the integral of exp(-t²) from 0 to x.

    >>> tf.erf([0., 1.]).numpy().round(4)
    array([0.    , 0.8427], dtype=float32)
    """


@erf.gradient(0)
def erf_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d erf(x)/dx = 2/√π exp(-x²)"""
    return math.multiply(g, math.multiply(2 / np.sqrt(np.pi), elementary.exp(math.negative(math.square(x)))))


@unary(dtypes.FLOATING)
def erfc(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns 1 - erf(x), with all digits also where that is close to 0.

    >>> tf.erfc([0., 1.]).numpy().round(4)
    array([1.    , 0.1573], dtype=float32)
    """


@erfc.gradient(0)
def erfc_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d erfc(x)/dx = -2/√π exp(-x²)"""
    return math.negative(erf_dx(g, x, output))


# -------------------------------------------------------------------------------------------------- the gamma function


@unary(dtypes.FLOATING)
def lgamma(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns log |Γ(x)|; infinite where x is 0 or a negative integer.

    >>> tf.lgamma([1., 4.]).numpy().round(4)
    array([0.    , 1.7918], dtype=float32)
    """


@lgamma.gradient(0)
def lgamma_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d log |Γ(x)|/dx = ψ(x), digamma by name"""
    return math.multiply(g, digamma(x))


@unary(dtypes.FLOATING)
def digamma(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the derivative of `lgamma`; NaN where x is a negative integer.

    >>> tf.digamma([1., 2.]).numpy().round(4)
    array([-0.5772,  0.4228], dtype=float32)
    """


@digamma.gradient(0)
def digamma_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dψ(x)/dx = ψ⁽¹⁾(x)"""
    return math.multiply(g, polygamma(1, x))


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
    return math.multiply(g, polygamma(math.add(a, 1), x))


@binary(dtypes.FLOATING)
def zeta(x: TensorLike, q: TensorLike, name: str | None = None) -> Tensor:
    """Returns Hurwitz's zeta function, the sum of (q + k)⁻ˣ over k = 0, 1, 2 and so on.

    Args:
        x: exponents greater than 1; the result is NaN for smaller ones, and where x is no integer though q is negative.
        q: where the sum starts.

    >>> tf.zeta([2., 4.], 1.).numpy().round(4)
    array([1.6449, 1.0823], dtype=float32)
    """


zeta.no_gradient("no formula is known for the derivative by the exponent, and TensorFlow has none", 0)


@zeta.gradient(1)
def zeta_dq(g: Tensor, x: Tensor, q: Tensor, output: Tensor) -> Tensor:
    """dζ(x, q)/dq = -x ζ(x + 1, q)"""
    return math.multiply(g, math.multiply(math.negative(x), zeta(math.add(x, 1), q)))
