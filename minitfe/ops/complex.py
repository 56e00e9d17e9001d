"""Complex numbers: taking them apart and putting them together.

These ops are not holomorphic. For them g is TensorFlow's gradient itself, dL/dx + i dL/dy for z = x + iy, and a rule
returns the same for its input; around all other ops the walker conjugates, so that their rules can be plain derivatives.
"""
from __future__ import annotations

from minitfe.ops.declare import unary
from minitfe.tensor import Tensor, TensorLike


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
