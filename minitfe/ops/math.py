"""Arithmetic and the functions of calculus, element by element.

Throughout, g is the gradient of what is differentiated with respect to the op's output. A rule returns g times a
partial derivative. Where a derivative is cheapest written with the output y, as for tanh and exp, it is.
"""
from __future__ import annotations

from minitfe import dtypes
from minitfe.ops.declare import binary, unary
from minitfe.tensor import Tensor, TensorLike

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


# ---------------------------------------------------------------------------------------------------- hyperbolic


@unary(dtypes.SMOOTH)
def tanh(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the hyperbolic tangent of x.

    >>> tf.tanh([0., 1.]).numpy()
    array([0.       , 0.7615942], dtype=float32)
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
