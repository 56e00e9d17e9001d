"""Pooling: one number for all that a window sees, channel by channel.

Like depthwise convolutions, these go through the taps of the window, not its stops: for each tap, a view of the pixels
that it sees at all the stops (`shifts`), so that a few operations on whole arrays do.
"""

from __future__ import annotations

import numpy as np

from .convolution import padded, require_shape, shifts, slides, unpadded

__all__ = ["max_pool", "max_pool_gradient", "max_pool_pick", "avg_pool", "avg_pool_gradient"]


def max_pool(x, ksize, strides, padding):
    """The largest pixel that the window sees. Imagined pixels are smaller than all."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    y = np.full((len(x), rows.stops, columns.stops, x.shape[3]), -np.inf, x.dtype)
    for _, _, seen in shifts(padded(x, rows, columns, -np.inf), rows, columns):
        np.maximum(y, seen, out=y)
    return y


def largest(x, y, rows, columns):
    """For each tap, in row-major order, whether it sees a window's first largest pixel."""
    found = np.zeros(y.shape, bool)
    for _, _, seen in shifts(padded(x, rows, columns, -np.inf), rows, columns):
        here = (seen == y) & ~found
        found |= here
        yield here


def kept(here, x):
    """x where `here` is true, and 0 elsewhere, also for Inf and NaN: np.where(here, x, 0) at a fifth of its time.

    As an integer, -True has all bits set and -False none.
    """
    bits = np.dtype(f"i{x.itemsize}")
    return (x.view(bits) & -here.astype(bits)).view(x.dtype)


def max_pool_gradient(g, x, y, ksize, strides, padding):
    """A window's g goes to the first of its largest pixels."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    require_shape(g, y.shape)
    dx = padded(np.zeros(x.shape, g.dtype), rows, columns)
    for here, (_, _, seen) in zip(largest(x, y, rows, columns), shifts(dx, rows, columns)):
        seen += kept(here, g)
    return unpadded(dx, rows, columns)


def max_pool_pick(h, x, y, ksize, strides, padding):
    """From each window of h, the element that stands where x has its first largest pixel."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    require_shape(h, x.shape)
    picked = np.zeros(y.shape, h.dtype)
    for here, (_, _, seen) in zip(largest(x, y, rows, columns), shifts(padded(h, rows, columns), rows, columns)):
        picked += kept(here, seen)
    return picked


def avg_pool(x, ksize, strides, padding):
    """The mean of the pixels that the window sees. Imagined pixels do not count."""
    rows, columns = slides(x.shape, ksize, strides, padding)
    total = np.zeros((len(x), rows.stops, columns.stops, x.shape[3]), x.dtype)
    for _, _, seen in shifts(padded(x, rows, columns), rows, columns):
        total += seen
    return np.divide(total, counts(rows, columns, x.dtype), total)


def avg_pool_gradient(g, like, ksize, strides, padding):
    """A window's g is shared equally among the pixels that it sees."""
    rows, columns = slides(like.shape, ksize, strides, padding)
    require_shape(g, (len(like), rows.stops, columns.stops, like.shape[3]))
    share = g / counts(rows, columns, g.dtype)
    dx = padded(np.zeros(like.shape, g.dtype), rows, columns)
    for _, _, seen in shifts(dx, rows, columns):
        seen += share
    return unpadded(dx, rows, columns)


def counts(rows, columns, dtype):
    """How many pixels the window sees at each stop, for [image, stop, stop, channel]."""
    return np.multiply.outer(real_pixels(rows), real_pixels(columns)).astype(dtype)[:, :, None]


def real_pixels(axis):
    """How many pixels of an axis the window sees at each stop."""
    first = np.arange(axis.stops) * axis.stride - axis.before
    return np.minimum(first + axis.window, axis.size) - np.maximum(first, 0)
