"""Stretching arrays to a common shape, and summing the copies back."""

from __future__ import annotations

from .elementwise import stretched
from .moving import parts_of
from .reduction import reduce_sum
from .runtime import Array

__all__ = ["unbroadcast_like", "broadcast_like"]


def unbroadcast_like(x: Array, like: Array) -> Array:
    """Sums over the axes that `like` lacks or has only one of."""
    if x.dtype.kind == "c":
        total = unbroadcast_like(parts_of(x), parts_of(like))
        return Array(total.buffer, like.shape, x.dtype, like.size, x.device)
    extra = x.ndim - like.ndim
    repeated = [i + extra for i, size in enumerate(like.shape) if size == 1 and x.shape[i + extra] != 1]
    return reduce_sum(x, (*range(extra), *repeated), False).reshape(*like.shape)


def broadcast_like(x: Array, like: Array) -> Array:
    """x written out in the shape of another array."""
    return stretched(x, like.shape)
