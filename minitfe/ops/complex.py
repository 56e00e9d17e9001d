"""Complex numbers: taking them apart and putting them together.

These ops are not holomorphic. For them g is TensorFlow's gradient itself, dL/dx + i dL/dy for z = x + iy, and a rule
returns the same for its input. Around all other ops the walker conjugates: their rules can be plain derivatives.
"""

from __future__ import annotations

from minitfe import dtypes
from minitfe.dtypes import DType
from minitfe.ops import array, math
from minitfe.ops.declare import binary, unary
from minitfe.tensor import Tensor, TensorLike


def _complex_dtype(real: DType, imag: DType) -> DType:
    return dtypes.complex64 if real is dtypes.float32 else dtypes.complex128


def _real_dtype(x: DType) -> DType:
    return x.real_dtype


# ----------------------------------------------------------------------------------------------------- put together


@binary(frozenset({dtypes.float32.numpy, dtypes.float64.numpy}), dtype=_complex_dtype, holomorphic=False)
def complex(real: TensorLike, imag: TensorLike, name: str | None = None) -> Tensor:
    """Returns real + i imag: complex64 for float32, complex128 for float64.

    >>> tf.complex([1., 2.], [3., 4.]).numpy()
    array([1.+3.j, 2.+4.j], dtype=complex64)
    """


@complex.gradient(0)
def complex_dreal(g: Tensor, re: Tensor, im: Tensor, output: Tensor) -> Tensor:
    """g = dL/dx + i dL/dy, so dL/dx is its real part."""
    return real(g)


@complex.gradient(1)
def complex_dimag(g: Tensor, re: Tensor, im: Tensor, output: Tensor) -> Tensor:
    """g = dL/dx + i dL/dy, so dL/dy is its imaginary part."""
    return imag(g)


def as_complex(x: Tensor) -> Tensor:
    """The real numbers x as complex ones."""
    return complex(x, array.zeros_like(x))


# ------------------------------------------------------------------------------------------------------ taken apart


@unary(dtypes.NUMBERS, dtype=_real_dtype, holomorphic=False)
def real(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the real part; real numbers come back as they are.

    >>> tf.real(tf.constant([1 + 2j])).numpy()
    array([1.])
    """


@real.gradient(0)
def real_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """L depends on x in x + iy alone: its gradient is g + 0i."""
    return as_complex(g) if x.dtype.is_complex else g


@unary(dtypes.NUMBERS, dtype=_real_dtype, holomorphic=False)
def imag(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the imaginary part, as real numbers; that of real numbers is 0.

    >>> tf.imag(tf.constant([1 + 2j])).numpy()
    array([2.])
    """


@imag.gradient(0)
def imag_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """L depends on y in x + iy alone: its gradient is 0 + gi. Real numbers have no imaginary part to depend on."""
    return complex(array.zeros_like(g), g) if x.dtype.is_complex else array.zeros_like(g)


@unary(None, holomorphic=False)
def conj(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the complex conjugate, a - bi for a + bi; a real tensor comes back as it is.

    >>> tf.conj(tf.constant([1 + 2j])).numpy()
    array([1.-2.j])
    """


@conj.gradient(0)
def conj_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """L(conj(z)) has the gradient conj(g)."""
    return conj(g)


@unary(dtypes.COMPLEX, dtype=_real_dtype, holomorphic=False)
def angle(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the direction of complex numbers in the plane, from -π to π.

    >>> tf.angle(tf.constant([1j, -2 + 0j])).numpy().round(4)
    array([1.5708, 3.1416])
    """


@angle.gradient(0)
def angle_dx(g: Tensor, z: Tensor, output: Tensor) -> Tensor:
    """The direction turns fastest at a right angle to z, and slower farther out: iz/|z|² = i/conj(z)"""
    return math.realdiv(complex(array.zeros_like(g), g), conj(z))
