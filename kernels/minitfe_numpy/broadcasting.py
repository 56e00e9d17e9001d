"""Stretching arrays to a common shape, and summing the copies back."""

from __future__ import annotations

import numpy as np

__all__ = ["unbroadcast_like", "broadcast_like"]


def unbroadcast_like(x, like):
    """Sums over the axes that `like` lacks or has only one of."""
    extra = x.ndim - like.ndim
    if x.shape[extra:] == like.shape:  # a bias, mostly: axes were added, none was stretched
        return np.add.reduce(x, tuple(range(extra)))
    stretched = [i + extra for i, size in enumerate(like.shape) if size == 1 and x.shape[i + extra] != 1]
    return np.asarray(np.add.reduce(x, axis=(*range(extra), *stretched))).reshape(like.shape)


def broadcast_like(x, like):
    """A view of x in which it is repeated."""
    return np.broadcast_to(x, like.shape)
