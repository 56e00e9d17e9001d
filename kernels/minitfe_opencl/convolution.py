"""Convolutions of images: NHWC, that is [image, row, column, channel], with filters [row, column, channel, filter].

How a window slides is computed on the host, by the numpy kernels' own functions; read there about patches and phases.
Here the patches are never copied: ``convolution.cl`` reads them where they are. The one convolution that all goes
through is `correlate`: it also makes the gradient of the input, phase by phase.
"""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

import numpy as np

from minitfe_numpy.convolution import Phase, Slide, needed, phases, require_shape, slides

from .linalg import lanes_for, pack
from .moving import mover
from .programs import kernel, type_of
from .reduction import reduce_sum
from .runtime import Array, constant, empty

__all__ = [
    "channel_window_sum", "conv2d", "conv2d_filter_gradient", "conv2d_input_gradient", "depthwise_conv2d",
    "depthwise_conv2d_filter_gradient", "depthwise_conv2d_input_gradient",
]  # fmt: skip

STOPS = 1024
"""Stops of the window that one work-item adds up for the gradient of a filter: so many stay in a cache with g."""

Pair = tuple[int, int]


class Place(NamedTuple):
    """Where the numbers of the stops lie in an array of images: the first one, and how far it is to the next.

    Attributes:
        first: before the number of the first stop.
        image, row, column: from a stop to the next one along these.
    """

    first: int
    image: int
    row: int
    column: int


# ------------------------------------------------------------------------------------------------------------- frames


def frame(images: Array, top: int, rows: int, left: int, columns: int) -> Array:
    """images[:, top : top + rows, left : left + columns], with zeros where there are no pixels."""
    count, height, width, channels = images.shape
    if (top, rows, left, columns) == (0, height, 0, width):
        return images
    device, length = images.device, columns * channels
    out = empty(device, (count, rows, columns, channels), images.dtype)
    run = length if device.tuning.group == 1 else 1
    compiled = kernel(device, "frame.cl", "frame", T=mover(images.dtype))
    items = -(-length // max(run, 1)), count * rows
    device.launch(compiled, items, images.buffer, out.buffer, height, width, channels, top, left, rows, columns, run)
    return out


def padded(images: Array, rows: Slide, columns: Slide) -> Array:
    """The images with their imagined pixels around them."""
    height, width = (axis.before + axis.size + axis.after for axis in (rows, columns))
    return frame(images, -rows.before, height, -columns.before, width)


# --------------------------------------------------------------------------------------------------------- correlation


def place(images: Array, rows: Slide, columns: Slide, first: Pair = (0, 0)) -> Place:
    """Where the window stops on images, beginning at a pixel."""
    _, height, width, channels = images.shape
    row = width * channels
    return Place(first[0] * row + first[1] * channels, height * row, rows.stride * row, columns.stride * channels)


def correlate(x: Array, start: Pair, panels: Array, rows: Slide, columns: Slide, y: Array, to: Place) -> None:
    """y[n, r, c, k] = Σ patch[n, r, c, i, j, m] filters[i, j, m, k], sums over i, j and m.

    Args:
        x: images with their imagined pixels; the window begins at pixel `start`.
        panels: the filters, by `packed`.
        y, to: what the result is written into, and where.
    """
    device, tuning = y.device, y.device.tuning
    stops = x.shape[0] * rows.stops * columns.stops
    lines = y.shape[3]
    table = geometry(x, place(x, rows, columns, start), rows, columns, to)
    items = -(-stops // tuning.tile_rows), -(-lines // width_of(y))
    device.launch(compiled(y, "multiply_patches"), items, x.buffer, panels.buffer, y.buffer, stops, lines, table.buffer)


def geometry(x: Array, stops: Place, rows: Slide, columns: Slide, to: Place) -> Array:
    """The table that the kernels read: the stops' number, their places in x and y, and the taps' number and places.

    Where the taps of a row lie side by side, they are one run of numbers in the image.
    """
    _, _, width, channels = x.shape
    taps = columns.window, columns.dilation * channels, channels
    if columns.dilation == 1 or columns.window == 1:
        taps = 1, 0, columns.window * channels
    high = rows.window, rows.dilation * width * channels
    return constant(x.device, (rows.stops, columns.stops, *stops, *to, *high, *taps, x.shape[0]), np.int32)


def packed(filters: Array, transposed: bool, rows: Any, columns: Any) -> Array:
    """Some taps of the filters in panels.

    Args:
        filters: [row, column, channel, filter].
        transposed: whether the filters take the channels' place: for the gradient of the input.
        rows, columns: which taps, in which order: they must be equally far apart.
    """
    device = filters.device
    _, width, channels, count = filters.shape
    (lines, line_step), (numbers, number_step) = (count, 1), (channels, count)
    if transposed:
        (lines, line_step), (numbers, number_step) = (numbers, number_step), (lines, line_step)
    column = channels * count
    row = width * column
    first = _first(rows) * row + _first(columns) * column
    taps, panels = len(rows) * len(columns), -(-lines // width_of(filters))
    out = empty(device, (panels * taps * numbers * width_of(filters),), filters.dtype)
    device.launch(compiled(filters, "pack_taps"), (panels, taps), filters.buffer, out.buffer, lines, line_step, numbers,
                  number_step, first, _step(rows) * row, len(columns), _step(columns) * column, taps,
                  panels)  # fmt: skip
    return out


def _first(taps: Any) -> int:
    return taps[0] if len(taps) else 0


def _step(taps: Any) -> int:
    return taps[1] - taps[0] if len(taps) > 1 else 0


def compiled(like: Array, name: str) -> Any:
    """A kernel of ``convolution.cl``."""
    device, tuning = like.device, like.device.tuning
    return kernel(device, "convolution.cl", name, T=type_of(like.dtype), LANES=lanes_for(device, like.dtype),
                  ROWS=tuning.tile_rows, VECTORS=tuning.tile_vectors)  # fmt: skip


def width_of(like: Array) -> int:
    """How many columns a tile has."""
    return like.device.tuning.tile_vectors * lanes_for(like.device, like.dtype)


# --------------------------------------------------------------------------------------------------------- convolution


def conv2d(x: Array, filters: Array, strides: Pair, padding: str, dilations: Pair) -> Array:
    """y[n, r, c, k] = Σ x[n, sr + di - before, sc + dj - before, m] filters[i, j, m, k], sums over i, j and m."""
    rows, columns = slides(x.shape, filters.shape[:-2], strides, padding, dilations)
    require_channels(x, filters)
    y = empty(x.device, (x.shape[0], rows.stops, columns.stops, filters.shape[3]), x.dtype)
    panels = packed(filters, False, range(rows.window), range(columns.window))
    correlate(padded(x, rows, columns), (0, 0), panels, rows, columns, y, whole(y))
    return y


def whole(y: Array) -> Place:
    """All of an array, stop by stop."""
    _, height, width, channels = y.shape
    return Place(0, height * width * channels, width * channels, channels)


def conv2d_filter_gradient(g: Array, x: Array, like: Array, strides: Pair, padding: str, dilations: Pair) -> Array:
    """dfilters[i, j, m, k] = Σ patch[n, r, c, i, j, m] g[n, r, c, k], sums over n, r and c."""
    rows, columns = slides(x.shape, like.shape[:-2], strides, padding, dilations)
    require_shape(g, (x.shape[0], rows.stops, columns.stops, like.shape[3]))
    require_channels(x, like)
    device, images = x.device, padded(x, rows, columns)
    lines, high, numbers = like.shape[3], x.shape[0] * rows.stops, like.size // max(like.shape[3], 1)
    slopes, panels = pack(g, high, lines, columns.stops, 1, lines, width_of(g))
    chunk = max(1, STOPS // max(columns.stops, 1))
    chunks = max(1, -(-high // chunk))
    out = empty(device, (chunks, numbers, lines), g.dtype)
    table = geometry(images, place(images, rows, columns), rows, columns, whole(g))
    items = -(-numbers // device.tuning.tile_rows), panels, chunks
    device.launch(compiled(g, "multiply_patches_by_slopes"), items, images.buffer, slopes.buffer, out.buffer, numbers,
                  lines, chunk, table.buffer)  # fmt: skip
    return reduce_sum(out, (0,), False).reshape(*like.shape)


def conv2d_input_gradient(g: Array, filters: Array, like: Array, strides: Pair, padding: str, dilations: Pair) -> Array:
    """dx[n, p, q, m] = Σ g[n, r, c, k] filters[i, j, m, k], over all taps i, j that see pixel p, q from a stop r, c.

    Pixels a stride apart are seen by the same taps, so they are one convolution of g with these taps, last tap first.
    """
    rows, columns = slides(like.shape, filters.shape[:-2], strides, padding, dilations)
    require_shape(g, (g.shape[0], rows.stops, columns.stops, filters.shape[3]))
    require_channels(like, filters)
    dx = empty(g.device, (g.shape[0], *like.shape[1:]), g.dtype)
    row_phases, column_phases = phases(rows), phases(columns)
    (top, bottom), (left, right) = needed(row_phases), needed(column_phases)
    g = frame(g, top, bottom - top, left, right - left)
    for y, x in product(row_phases, column_phases):
        panels = packed(filters, True, y.taps, x.taps)
        start = y.first - top, x.first - left
        correlate(g, start, panels, y.slide, x.slide, dx, spread(dx, y, x, rows.stride, columns.stride))
    return dx


def spread(dx: Array, y: Phase, x: Phase, down: int, right: int) -> Place:
    """The pixels of two phases, which are as far apart as the strides say."""
    _, height, width, channels = dx.shape
    row = width * channels
    return Place(y.pixels.start * row + x.pixels.start * channels, height * row, down * row, right * channels)


def require_channels(x: Array, filters: Array) -> None:
    """Raises ValueError unless images and filters have the same channels."""
    if x.shape[3] != filters.shape[2]:
        raise ValueError("image and filter have different channels")


# ------------------------------------------------------------------------------------------------- channel by channel


def windowed(name: str, out: Array, arrays: tuple[Array, ...], rows: Slide, columns: Slide, channels: int,
             filters: int = 1) -> Array:  # fmt: skip
    """Runs a kernel of ``window.cl``, which has a number of the result for each of its channels' filters."""
    device = out.device
    if out.size:
        run = out.shape[-1] if device.tuning.group == 1 else 1
        found = kernel(device, "window.cl", name, T=type_of(arrays[0].dtype))
        table = constant(device, (*rows, *columns, channels, filters), np.int32)
        buffers = [array.buffer for array in (*arrays, out)]
        device.launch(found, (out.size // run,), *buffers, out.size, run, table.buffer)
    return out


def depthwise_conv2d(x: Array, filters: Array, strides: Pair, padding: str, dilations: Pair) -> Array:
    """y[n, r, c, mk] = Σ x[n, sr + di - before, sc + dj - before, m] filters[i, j, m, k], sums over i and j."""
    rows, columns = slides(x.shape, filters.shape[:-2], strides, padding, dilations)
    require_channels(x, filters)
    channels, count = filters.shape[2:]
    y = empty(x.device, (x.shape[0], rows.stops, columns.stops, channels * count), x.dtype)
    return windowed("depthwise", y, (x, filters), rows, columns, channels, count)


def depthwise_conv2d_input_gradient(
    g: Array, filters: Array, like: Array, strides: Pair, padding: str, dilations: Pair
) -> Array:
    """Each pixel gathers g filters[i, j] from the stops that see it."""
    rows, columns = slides(like.shape, filters.shape[:-2], strides, padding, dilations)
    channels, count = filters.shape[2:]
    require_shape(g, (g.shape[0], rows.stops, columns.stops, channels * count))
    dx = empty(g.device, (g.shape[0], *like.shape[1:]), g.dtype)
    return windowed("depthwise_images", dx, (g, filters), rows, columns, channels, count)


def depthwise_conv2d_filter_gradient(
    g: Array, x: Array, like: Array, strides: Pair, padding: str, dilations: Pair
) -> Array:
    """Each tap gathers x g over the pixels that it sees, image by image; what the images say is added up."""
    rows, columns = slides(x.shape, like.shape[:-2], strides, padding, dilations)
    channels, count = like.shape[2:]
    require_shape(g, (x.shape[0], rows.stops, columns.stops, channels * count))
    parts = empty(g.device, (x.shape[0], *like.shape[:2], channels * count), g.dtype)
    windowed("depthwise_filters", parts, (g, x), rows, columns, channels, count)
    return reduce_sum(parts, (0,), False).reshape(*like.shape)


# -------------------------------------------------------------------------------------------- over neighbour channels


def channel_window_sum(x: Array, radius: int) -> Array:
    """y[..., c] = Σ x[..., c - radius : c + radius + 1]: the sum over the nearest channels."""
    device, out, channels = x.device, empty(x.device, x.shape, x.dtype), x.shape[-1]
    run = channels if device.tuning.group == 1 else 1
    found = kernel(device, "window.cl", "near_channels", T=type_of(x.dtype))
    device.launch(found, (x.size // max(run, 1),), x.buffer, out.buffer, x.size, run, channels, radius)
    return out
