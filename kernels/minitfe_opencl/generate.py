"""Arrays made from a few numbers. A kernel without inputs gets the device; of `dtype`, minitfe's, `.numpy` is asked.

Sequences of numbers are computed by the numpy kernels: they are the same on all devices then, to the last bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe_numpy import generate as on_the_host

from .comparison import equal, less
from .elementwise import stretched
from .indexing import chosen
from .moving import filled, ghost, picked, put
from .reduction import reduce_max
from .runtime import Array, Device, constant, download, upload

__all__ = [
    "zeros", "ones", "eye", "fill", "range", "linspace", "meshgrid", "one_hot", "sequence_mask",
]  # fmt: skip


def zeros(device: Device, shape: Any, dtype: Any) -> Array:
    """Zeros."""
    return filled(device, tuple(shape), dtype.numpy, 0)


def ones(device: Device, shape: Any, dtype: Any) -> Array:
    """Ones."""
    return filled(device, tuple(shape), dtype.numpy, 1)


def eye(device: Device, shape: Any, dtype: Any) -> Array:
    """Ones on the diagonals of the last two axes, zeros elsewhere."""
    out = zeros(device, shape, dtype)
    diagonals = np.diagonal(ghost(out.shape), axis1=-2, axis2=-1)
    put(filled(device, diagonals.shape, dtype.numpy, 1), out, diagonals)
    return out


def fill(value: Array, dims: Any) -> Array:
    """The value in every place."""
    if value.ndim:
        raise ValueError("value is no scalar")
    return picked(value, np.broadcast_to(ghost(()), tuple(dims)))


def range(device: Device, start: Any, delta: Any, count: int, dtype: Any) -> Array:
    """start, start + delta, and so on, rounded once each."""
    return upload(device, on_the_host.range(device, start, delta, count, dtype))


def linspace(device: Device, start: Any, stop: Any, num: int, dtype: Any) -> Array:
    """Numbers at equal distances, both ends included."""
    return upload(device, on_the_host.linspace(device, start, stop, num, dtype))


def meshgrid(*xs: Array, indexing: str) -> list[Array]:
    """The coordinates of all points of a grid: each array repeated along the axes of the others."""
    grids = on_the_host.meshgrid(*[ghost(x.shape) for x in xs], indexing=indexing)
    return [picked(x, grid) for x, grid in zip(xs, grids)]


def one_hot(indices: Array, depth: int, on: Any, off: Any, axis: int, dtype: Any) -> Array:
    """`on` where the place on the new axis is the index, else `off`."""
    axis %= indices.ndim + 1
    after = indices.shape[axis:]
    places = _counted(indices, depth)
    marked = equal(indices.reshape(*indices.shape[:axis], 1, *after), places.reshape(depth, *[1] * len(after)))
    two = [constant(indices.device, value, np.dtype(dtype.numpy)) for value in (on, off)]
    return chosen(marked, *[stretched(value, marked.shape) for value in two])


def sequence_mask(lengths: Array, maxlen: int | None) -> Array:
    """True where the place is below the length. Without `maxlen` this must wait, to read back the largest length."""
    if maxlen is None:
        maxlen = max(int(download(reduce_max(lengths, None, False))), 0) if lengths.size else 0
    return less(_counted(lengths, maxlen), lengths.reshape(*lengths.shape, 1))


def _counted(like: Array, count: int) -> Array:
    """0, 1, …, in the dtype of another array."""
    return upload(like.device, np.arange(count).astype(like.dtype))
