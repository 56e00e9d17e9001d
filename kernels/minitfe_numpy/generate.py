"""Arrays made from a few numbers. A kernel without inputs gets the device; of `dtype`, minitfe's, `.numpy` is asked."""

from __future__ import annotations

import numpy as np

from .array import zeros_of

__all__ = [
    "zeros", "ones", "eye", "fill", "range", "range_between", "linspace", "meshgrid", "one_hot", "sequence_mask",
]  # fmt: skip


def zeros(device, shape, dtype):
    """Zeros; of strings, empty ones."""
    return zeros_of(shape, dtype.numpy)


def ones(device, shape, dtype):
    """Ones."""
    return np.ones(shape, dtype.numpy)


def eye(device, shape, dtype):
    """Ones on the diagonals of the last two axes, zeros elsewhere."""
    return np.broadcast_to(np.eye(*shape[-2:], dtype=dtype.numpy), shape)


def fill(value, dims):
    """The value in every place."""
    if value.ndim:
        raise ValueError("value is no scalar")
    return np.full(dims, value, value.dtype)


def range(device, start, delta, count, dtype):
    """start, start + delta, and so on, rounded once each."""
    return (start + delta * np.arange(count)).astype(dtype.numpy)


def range_between(start, limit, delta):
    """Numbers from start to limit, which is not reached."""
    if delta == 0 or (limit - start) * np.sign(delta) < 0:
        raise ValueError(f"Requires a delta that leads from start to limit: {start}/{limit}, delta {delta}")
    return (start + delta * np.arange(np.ceil((limit - start) / delta))).astype(start.dtype)


def linspace(device, start, stop, num, dtype):
    """Numbers at equal distances, both ends included."""
    return np.linspace(start, stop, num).astype(dtype.numpy)


def meshgrid(*xs, indexing):
    """The coordinates of all points of a grid: views in which each axis is repeated."""
    return list(np.meshgrid(*xs, indexing=indexing, copy=False))


def one_hot(indices, depth, on, off, axis, dtype):
    """`on` where the place on the new axis is the index, else `off`."""
    flat = indices.reshape(-1)
    rows = np.full((flat.size, depth), off, dtype.numpy)
    marked = np.nonzero((flat >= 0) & (flat < depth))[0]
    rows[marked, flat[marked]] = on
    return np.moveaxis(rows.reshape(*indices.shape, depth), -1, axis)


def sequence_mask(lengths, maxlen):
    """True where the place is below the length."""
    if maxlen is None:
        maxlen = lengths.max(initial=0)
    return np.arange(maxlen) < lengths[..., np.newaxis]
