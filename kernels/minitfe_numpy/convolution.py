"""Convolutions of images: NHWC, that is [image, row, column, channel], with filters [row, column, channel, filter].

A window slides over an image. The pixels it sees at one stop are a *patch*, and a convolution is one matrix product:
all patches, one per row of a matrix, times all filters, one per column. That matrix is as many times larger than the
image as the window has taps, so it is made a cacheful at a time and forgotten.

Its two gradients are convolutions again. That of the filter sums patches times g. That of the input is a convolution
of g with the filter turned around (Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016,
chapter 4); with a stride, it splits into one such convolution for each phase of the stride.
"""

from __future__ import annotations

import math
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

__all__ = [
    "conv2d",
    "conv2d_input_gradient",
    "conv2d_filter_gradient",
    "depthwise_conv2d",
    "depthwise_conv2d_input_gradient",
    "depthwise_conv2d_filter_gradient",
    "channel_window_sum",
]

CACHE = 1 << 19
"""Bytes of patches in one block: what stays in a core's second-level cache between being copied and multiplied."""

# ------------------------------------------------------------------------------------------------- a window slides


class Slide(NamedTuple):
    """How a window slides along one axis.

    Attributes:
        size: the number of pixels.
        window: the number of taps.
        stride: pixels from one stop to the next.
        dilation: pixels from one tap to the next.
        stops: how often the window stops: the size of the output.
        before, after: imagined pixels in front of the first and behind the last.
    """

    size: int
    window: int
    stride: int
    dilation: int
    stops: int
    before: int
    after: int


def slide(size, window, stride, dilation, padding):
    """VALID stops as often as the window fits; SAME size/stride times, rounded up, with pixels imagined around.

    An odd imagined pixel stands after: TensorFlow's rule ("Neural Network" API guide, section "Convolution").
    """
    reach = (window - 1) * dilation + 1
    if padding == "SAME":
        stops = -(-size // stride)
        missing = max(0, (stops - 1) * stride + reach - size)
    elif reach <= size:
        stops, missing = (size - reach) // stride + 1, 0
    else:
        raise ValueError("the window is larger than the image")
    return Slide(size, window, stride, dilation, stops, missing // 2, missing - missing // 2)


def slides(images, window, strides, padding, dilations=(1, 1)):
    """The slides along rows and columns, for images of this shape and a window of this size."""
    _, *sizes, _ = images
    return [slide(*axis, padding) for axis in zip(sizes, window, strides, dilations, strict=True)]


def cutout(images, top, rows, left, columns, fill=0):
    """images[:, top : top + rows, left : left + columns], with `fill` where there are no pixels."""
    y, x = inside(top, rows, images.shape[1]), inside(left, columns, images.shape[2])
    part = images[:, y, x]
    if part.shape[1:3] == (rows, columns):
        return part
    result = np.full((len(images), rows, columns, images.shape[3]), fill, images.dtype)
    result[:, y.start - top : y.stop - top, x.start - left : x.stop - left] = part
    return result


def inside(first, count, size):
    """Which of `count` pixels from `first` on an axis has."""
    return slice(min(max(first, 0), size), min(max(first + count, 0), size))


def padded(images, rows, columns, fill=0):
    """The images with their imagined pixels around them."""
    height, width = (axis.before + axis.size + axis.after for axis in (rows, columns))
    return cutout(images, -rows.before, height, -columns.before, width, fill)


def unpadded(images, rows, columns):
    """A view of padded images without the imagined pixels."""
    return cutout(images, rows.before, rows.size, columns.before, columns.size)


# --------------------------------------------------------------------------------------------------------- patches


def patches(images, rows, columns):
    """A view of what the window sees: [image, stop, stop, tap, tap, channel]. Nothing is copied."""
    image, row, column, channel = images.strides
    return as_strided(
        images,
        (len(images), rows.stops, columns.stops, rows.window, columns.window, images.shape[3]),
        (image, row * rows.stride, column * columns.stride, row * rows.dilation, column * columns.dilation, channel),
        writeable=False,
    )


def blocks(view):
    """Copies patches into a matrix, one per row, a cacheful at a time: some images, or some rows of one.

    Yields:
        An index of these images and rows, and their matrix, which is good until the next one.
    """
    count, height, width = view.shape[:3]
    taps = math.prod(view.shape[3:])
    row = max(1, width * taps * view.itemsize)
    rows = max(1, min(height, CACHE // row))
    images = max(1, min(count, CACHE // (row * height))) if rows == height else 1
    buffer = np.empty((images, rows, *view.shape[2:]), view.dtype)
    for image, top in product(range(0, count, images), range(0, height, rows)):
        here = slice(image, image + images), slice(top, top + rows)
        part = view[here]
        matrix = buffer[: part.shape[0], : part.shape[1]]
        np.copyto(matrix, part)
        yield here, matrix.reshape(part.shape[0] * part.shape[1] * width, taps)


def correlate(images, filters, rows, columns, out):
    """out[n, r, c, k] = Σ patch[n, r, c, i, j, m] filters[i, j, m, k], sums over i, j and m."""
    filters = filters.reshape(math.prod(filters.shape[:3]), filters.shape[3])
    for here, matrix in blocks(patches(images, rows, columns)):
        block = out[here]
        if block.flags.c_contiguous:
            np.matmul(matrix, filters, block.reshape(len(matrix), filters.shape[1]))
        else:
            block[...] = np.matmul(matrix, filters).reshape(block.shape)


# ----------------------------------------------------------------------------------------------------- convolution


def conv2d(x, filters, strides, padding, dilations):
    """y[n, r, c, k] = Σ x[n, sr + di - before, sc + dj - before, m] filters[i, j, m, k], sums over i, j and m."""
    rows, columns = slides(x.shape, filters.shape[:-2], strides, padding, dilations)
    y = np.empty((len(x), rows.stops, columns.stops, filters.shape[3]), x.dtype)
    correlate(np.ascontiguousarray(padded(x, rows, columns)), filters, rows, columns, y)
    return y


def conv2d_filter_gradient(g, x, like, strides, padding, dilations):
    """dfilters[i, j, m, k] = Σ patch[n, r, c, i, j, m] g[n, r, c, k], sums over n, r and c."""
    rows, columns = slides(x.shape, like.shape[:-2], strides, padding, dilations)
    require_shape(g, (len(x), rows.stops, columns.stops, like.shape[3]))
    total = np.zeros((math.prod(like.shape[:3]), like.shape[3]), g.dtype)
    for here, matrix in blocks(patches(np.ascontiguousarray(padded(x, rows, columns)), rows, columns)):
        total += np.matmul(matrix.T, g[here].reshape(len(matrix), like.shape[3]))
    return total.reshape(like.shape)


def conv2d_input_gradient(g, filters, like, strides, padding, dilations):
    """dx[n, p, q, m] = Σ g[n, r, c, k] filters[i, j, m, k], over all taps i, j that see pixel p, q from a stop r, c.

    Pixels a stride apart are seen by the same taps, so they are one convolution of g with these taps, last tap first.
    """
    rows, columns = slides(like.shape, filters.shape[:-2], strides, padding, dilations)
    require_shape(g, (len(g), rows.stops, columns.stops, filters.shape[3]))
    dx = np.empty((len(g), *like.shape[1:]), g.dtype)
    row_phases, column_phases = phases(rows), phases(columns)
    (top, bottom), (left, right) = needed(row_phases), needed(column_phases)
    g = cutout(g, top, bottom - top, left, right - left)  # once, so that what each phase needs is a view
    for y, x in product(row_phases, column_phases):
        share = filters[np.ix_(y.taps, x.taps)].transpose(0, 1, 3, 2)
        near = cutout(g, y.first - top, y.slide.size, x.first - left, x.slide.size)
        correlate(near, share, y.slide, x.slide, dx[:, y.pixels, x.pixels])
    return dx


class Phase(NamedTuple):
    """The pixels of an axis that are seen by the same taps.

    Attributes:
        pixels: which they are: a stride apart.
        taps: the taps that see them, from last to first.
        first: the stop at which the last tap sees the first pixel. It may be an imagined one.
        slide: how these taps slide over the stops.
    """

    pixels: slice
    taps: list[int]
    first: int
    slide: Slide


def phases(axis):
    """Splits an axis into its phases.

    Stop r sees pixel p through tap i where sr + di - before = p, with stride s and dilation d. Tap i sees pixels at
    all if phase + before - di is a multiple of s, and then all of the phase, p = phase, phase + s and so on.
    """
    result = []
    for phase in range(min(axis.stride, axis.size)):
        ahead = [phase + axis.before - i * axis.dilation for i in range(axis.window)]
        taps = [i for i in reversed(range(axis.window)) if ahead[i] % axis.stride == 0]
        stops = [ahead[i] // axis.stride for i in taps] or [0]  # without taps, the pixels get an empty sum: 0
        apart = stops[1] - stops[0] if len(stops) > 1 else 1
        size = len(range(phase, axis.size, axis.stride)) + (len(taps) - 1) * apart
        result.append(Phase(slice(phase, None, axis.stride), taps, stops[0], slide(size, len(taps), 1, apart, "VALID")))
    return result


def needed(phases_):
    """The first stop that phases of an axis need, and the one behind the last."""
    firsts, lasts = [p.first for p in phases_], [p.first + p.slide.size for p in phases_]
    return min(firsts, default=0), max(lasts, default=0)


def require_shape(g, shape):
    """Raises ValueError unless g has the shape of the convolution's output."""
    if g.shape != shape:
        raise ValueError(f"the gradient has shape {g.shape}, the output {shape}")


# ---------------------------------------------------------------------------------------- one filter per channel


def shifts(images, rows, columns):
    """For each tap i, j, in row-major order, a view of the pixel that it sees at each stop."""
    for i, j in product(range(rows.window), range(columns.window)):
        top, left = i * rows.dilation, j * columns.dilation
        y = slice(top, top + rows.stops * rows.stride, rows.stride)
        x = slice(left, left + columns.stops * columns.stride, columns.stride)
        yield i, j, images[:, y, x]


def depthwise_conv2d(x, filters, strides, padding, dilations):
    """y[n, r, c, mk] = Σ x[n, sr + di - before, sc + dj - before, m] filters[i, j, m, k], sums over i and j."""
    rows, columns = slides(x.shape, filters.shape[:-2], strides, padding, dilations)
    if x.shape[3] != filters.shape[2]:
        raise ValueError("image and filter have different channels")
    taps = last_first(filters)
    y = np.zeros((len(taps), len(x), rows.stops, columns.stops, x.shape[3]), x.dtype)
    for i, j, seen in shifts(padded(x, rows, columns), rows, columns):
        for k, total in enumerate(y):
            total += seen * taps[k, i, j]
    return np.moveaxis(y, 0, -1).reshape(*y.shape[1:4], x.shape[3] * len(taps))


def depthwise_conv2d_input_gradient(g, filters, like, strides, padding, dilations):
    """Each pixel gathers g filters[i, j] from the stops that see it."""
    rows, columns = slides(like.shape, filters.shape[:-2], strides, padding, dilations)
    gs, taps = by_filter(g, filters.shape, (len(g), rows.stops, columns.stops)), last_first(filters)
    dx = padded(np.zeros((len(g), *like.shape[1:]), g.dtype), rows, columns)
    for i, j, seen in shifts(dx, rows, columns):
        for k, part in enumerate(gs):
            seen += part * taps[k, i, j]
    return unpadded(dx, rows, columns)


def depthwise_conv2d_filter_gradient(g, x, like, strides, padding, dilations):
    """Each tap gathers x g over the pixels that it sees."""
    rows, columns = slides(x.shape, like.shape[:-2], strides, padding, dilations)
    df = np.empty(like.shape, g.dtype)
    gs = by_filter(g, like.shape, (len(x), rows.stops, columns.stops))
    for i, j, seen in shifts(padded(x, rows, columns), rows, columns):
        for k, part in enumerate(gs):
            df[i, j, :, k] = np.einsum("nrcm,nrcm->m", seen, part)
    return df


def by_filter(g, filters, stops):
    """g for the first filter of all channels, for the second, and so on: [filter, image, row, column, channel]."""
    require_shape(g, (*stops, filters[2] * filters[3]))
    return last_first(g.reshape(*stops, *filters[2:]))


def last_first(x):
    """The last axis as the first one. There are few filters per channel: with them last, all inner loops were short."""
    return np.ascontiguousarray(np.moveaxis(x, -1, 0))


# --------------------------------------------------------------------------------------------- over neighbour channels


def channel_window_sum(x, radius):
    """y[..., c] = Σ x[..., c - radius : c + radius + 1]: the sum over the nearest channels."""
    around = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
    return sliding_window_view(around, 2 * radius + 1, axis=-1).sum(-1)
