"""Broadcasting, and undoing it.

Stretching an array along an axis copies its values; so its gradient is the sum over the copies. The walker undoes the
broadcasting of every elementwise op with `unbroadcast_like`. Both ops take the *tensor* to look like, not its shape,
since in a graph the shape may be known only when the graph runs.
"""

from __future__ import annotations

from typing import Any

from minitfe import shapes
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.tensor import Tensor

unbroadcast_like_op = register(Op("unbroadcast_like", shape=shapes.like_second))
broadcast_like_op = register(Op("broadcast_like", shape=shapes.like_second))


def unbroadcast_like(x: Tensor, like: Tensor) -> Tensor:
    """Sums x over the axes along which a tensor shaped like the other was stretched to x's shape."""
    return execute(unbroadcast_like_op, (x, like))  # type: ignore[no-any-return]


@unbroadcast_like_op.gradient(0)
def unbroadcast_like_dx(g: Tensor, x: Tensor, like: Tensor, output: Tensor, **_: Any) -> Tensor:
    """Every summand has slope 1: the gradient is copied back along the summed axes."""
    return broadcast_like(g, x)


unbroadcast_like_op.no_gradient(SHAPE_ONLY, 1)


def broadcast_like(x: Tensor, like: Tensor) -> Tensor:
    """Stretches x to the shape of the other tensor."""
    return execute(broadcast_like_op, (x, like))  # type: ignore[no-any-return]


@broadcast_like_op.gradient(0)
def broadcast_like_dx(g: Tensor, x: Tensor, like: Tensor, output: Tensor, **_: Any) -> Tensor:
    """A value that was copied gathers the gradients of its copies."""
    return unbroadcast_like(g, x)


broadcast_like_op.no_gradient(SHAPE_ONLY, 1)
