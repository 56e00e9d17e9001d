"""Pooling: one number for all that a window sees, channel by channel; see ``window.cl``."""

from __future__ import annotations

import numpy as np

from minitfe_numpy.convolution import require_shape, slides

from .convolution import Pair, windowed
from .runtime import Array, empty

__all__ = ["avg_pool", "avg_pool_gradient", "max_pool", "max_pool_gradient", "max_pool_pick"]


def max_pool(x: Array, ksize: Pair, strides: Pair, padding: str) -> Array:
    """The largest pixel that the window sees. Imagined pixels are smaller than all."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    y = empty(x.device, (x.shape[0], rows.stops, columns.stops, x.shape[3]), x.dtype)
    return windowed("largest", y, (x,), rows, columns, x.shape[3])


def max_pool_gradient(g: Array, x: Array, y: Array, ksize: Pair, strides: Pair, padding: str) -> Array:
    """A window's g goes to the first of its largest pixels."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    require_shape(g, y.shape)
    taps = windowed("first_largest", empty(x.device, y.shape, np.int32), (x, y), rows, columns, x.shape[3])
    return windowed("given_by", empty(x.device, x.shape, g.dtype), (g, taps), rows, columns, x.shape[3])


def max_pool_pick(h: Array, x: Array, y: Array, ksize: Pair, strides: Pair, padding: str) -> Array:
    """From each window of h, the element that stands where x has its first largest pixel."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    require_shape(h, x.shape)
    taps = windowed("first_largest", empty(x.device, y.shape, np.int32), (x, y), rows, columns, x.shape[3])
    return windowed("seen_by", empty(x.device, y.shape, h.dtype), (h, taps), rows, columns, x.shape[3])


def avg_pool(x: Array, ksize: Pair, strides: Pair, padding: str) -> Array:
    """The mean of the pixels that the window sees. Imagined pixels do not count."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    y = empty(x.device, (x.shape[0], rows.stops, columns.stops, x.shape[3]), x.dtype)
    return windowed("mean", y, (x,), rows, columns, x.shape[3])


def avg_pool_gradient(g: Array, like: Array, ksize: Pair, strides: Pair, padding: str) -> Array:
    """A window's g is shared equally among the pixels that it sees."""
    rows, columns = slides(like.shape, ksize, strides, padding)
    require_shape(g, (like.shape[0], rows.stops, columns.stops, like.shape[3]))
    return windowed("shared", empty(g.device, like.shape, g.dtype), (g,), rows, columns, like.shape[3])
