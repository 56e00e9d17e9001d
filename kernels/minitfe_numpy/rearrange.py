"""Elements repeated, padded, reversed, and laid onto diagonals."""

from __future__ import annotations

import numpy as np

from .array import zeros_of

__all__ = [
    "tile", "tile_gradient", "broadcast_to", "pad", "pad_gradient", "reverse", "reverse_sequence", "diag", "diag_part",
    "matrix_diag", "matrix_diag_part", "matrix_set_diag", "matrix_band_part",
]  # fmt: skip


def tile(x, multiples):
    """The array repeated along each axis."""
    if len(multiples) != x.ndim or min(multiples, default=0) < 0:
        raise ValueError("one multiple for each axis")
    return np.tile(x, multiples)


def tile_gradient(g, like, multiples):
    """The sum over all tiles: each axis is taken apart into (tile, place in the tile)."""
    apart = [part for times, size in zip(multiples, like.shape) for part in (times, size)]
    return np.asarray(np.add.reduce(g.reshape(apart), axis=tuple(range(0, len(apart), 2)), dtype=g.dtype))


def broadcast_to(x, shape):
    """A view of x in which it is repeated."""
    return np.broadcast_to(x, shape)


def pad(x, paddings, mode, value):
    """The array with something around it. numpy would mirror several times over; TensorFlow does not."""
    if len(paddings) != x.ndim or any(min(pair) < 0 for pair in paddings):
        raise ValueError("one pair for each axis, not negative")
    if mode == "CONSTANT":
        y = np.full([before + size + after for (before, after), size in zip(paddings, x.shape)], value, x.dtype)
        y[inside(paddings, x.shape)] = x
        return y
    for pair, size in zip(paddings, x.shape):
        if max(pair) > size - (mode == "REFLECT"):
            raise ValueError("too little to mirror")
    return np.pad(x, paddings, mode.lower())


def inside(paddings, shape):
    """Where the array lies in the padded one."""
    return tuple(slice(before, before + size) for (before, _), size in zip(paddings, shape))


def pad_gradient(g, like, paddings, mode):
    """The inside; what was mirrored outwards is added to where it came from, axis by axis."""
    if mode == "CONSTANT":
        return g[inside(paddings, like.shape)]
    gap = mode == "REFLECT"  # the mirror stands on the element of the edge, which is not repeated
    for axis, ((before, after), size) in enumerate(zip(paddings, like.shape)):
        g = np.moveaxis(g, axis, 0)
        core = g[before : before + size].copy()
        core[gap : before + gap] += g[:before][::-1]
        core[size - after - gap : size - gap] += g[before + size :][::-1]
        g = np.moveaxis(core, 0, axis)
    return g


def reverse(x, axis):
    """A view that counts backwards along some axes."""
    return x[tuple(slice(None, None, -1 if i in axis else 1) for i in range(x.ndim))] if axis else x


def reverse_sequence(x, lengths, seq_axis, batch_axis):
    """Place i of a sequence takes what stood at length - 1 - i, as long as that is a place in it."""
    if lengths.shape != (x.shape[batch_axis],):
        raise ValueError("one length for each sequence")
    size = x.shape[seq_axis]
    if lengths.size and lengths.min() < 0:
        raise ValueError(f"seq_lens = {lengths.min()} < 0")
    if lengths.size and lengths.max() > size:
        raise ValueError(f"reversed_lens = {lengths.max()} > input.dims({seq_axis}) = {size}")
    along = [1] * x.ndim
    along[batch_axis], along[seq_axis] = lengths.size, size
    i, length = np.arange(size), lengths[:, np.newaxis]
    places = np.where(i < length, length - 1 - i, i)
    places = (places if batch_axis < seq_axis else places.T).reshape(along)
    return np.take_along_axis(x, places, seq_axis)


def diag(x):
    """Zeros, with x on the diagonal."""
    y = zeros_of((x.size, x.size), x.dtype)
    y.reshape(-1)[:: x.size + 1] = x.reshape(-1)
    return y.reshape(x.shape * 2)


def diag_part(x):
    """The diagonal of an array whose shape is some shape, twice."""
    half = x.shape[: x.ndim // 2]
    if x.shape != half * 2:
        raise ValueError("not some shape twice")
    return x.reshape(-1)[:: int(np.prod(half)) + 1].reshape(half)


def matrix_diag(x):
    """Zeros, with the last axis on the diagonal of two."""
    y = zeros_of((*x.shape, x.shape[-1]), x.dtype)
    i = np.arange(x.shape[-1])
    y[..., i, i] = x
    return y


def matrix_diag_part(x):
    """The diagonals of the last two axes: a view."""
    return np.diagonal(x, axis1=-2, axis2=-1)


def matrix_set_diag(x, diagonal):
    """A copy with other diagonals."""
    y = np.array(x)
    n = min(x.shape[-2:])
    if diagonal.shape != (*x.shape[:-2], n):
        raise ValueError("the diagonals do not fit")
    y[..., range(n), range(n)] = diagonal
    return y


def matrix_band_part(x, num_lower, num_upper):
    """x where the column minus the row is within the band, else 0."""
    rows, columns = x.shape[-2:]
    above = np.arange(columns) - np.arange(rows)[:, np.newaxis]
    outside = (above > num_upper) & (num_upper >= 0) | (-above > num_lower) & (num_lower >= 0)
    return np.where(outside, x.dtype.type(0), x)
