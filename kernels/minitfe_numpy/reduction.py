"""Reductions along axes, and the way back. `axis` is a tuple of axes, or None for all."""
from __future__ import annotations

import numpy as np

__all__ = ["reduce_sum", "reduce_mean", "expand_like", "expand_mean_like"]


def reduce_sum(x, axis, keepdims):
    """Σ x, in the dtype of x."""
    return np.asarray(np.add.reduce(x, axis, x.dtype, keepdims=keepdims))


def reduce_mean(x, axis, keepdims):
    """Σ x / n, rounded towards zero for integers."""
    total = np.asarray(np.add.reduce(x, axis, x.dtype, keepdims=keepdims))
    count = x.size // total.size if total.size else 0
    if x.dtype.kind in "iu":
        return np.trunc(total / count).astype(x.dtype) if count else np.zeros_like(total)
    return np.divide(total, x.dtype.type(count))


def expand_like(g, like, axis, keepdims):
    """A view of g that repeats it along the axes that were reduced."""
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, like.shape)


def expand_mean_like(g, like, axis, keepdims):
    """g repeated along the reduced axes, and divided by the number of copies."""
    count = like.size // g.size if g.size else 1
    return expand_like(np.divide(g, g.dtype.type(count)), like, axis, keepdims)
