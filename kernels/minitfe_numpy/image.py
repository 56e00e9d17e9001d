"""Images resized: each pixel of the new one looks for its place in the old one.

Places are kept as fractions of whole numbers, so that a pixel that falls exactly on another one finds it.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "resize_nearest_neighbor",
    "resize_nearest_neighbor_gradient",
    "resize_bilinear",
    "resize_bilinear_gradient",
]


def places(size, count, align_corners):
    """Where `count` new pixels lie on an axis of `size` old ones: whole numbers, and what to divide them by.

    Pixels are points at their upper left corner: the new ones lie size/count apart, beginning at 0. With aligned
    corners, the last one lies on the last old one.
    """
    step, unit = (size - 1, count - 1) if align_corners and count > 1 else (size, count)
    return np.arange(count) * step, unit


def nearest(size, count, align_corners):
    """The old pixel for each new one: at or before it, or with aligned corners the nearest, and of two the later."""
    place, unit = places(size, count, align_corners)
    return (2 * place + unit) // (2 * unit) if align_corners else place // unit


def resize_nearest_neighbor(images, size, align_corners):
    """y[n, r, c] = x[n, nearest(r), nearest(c)]"""
    _, height, width, _ = images.shape
    rows, columns = nearest(height, size[0], align_corners), nearest(width, size[1], align_corners)
    return images[:, rows[:, None], columns]


def resize_nearest_neighbor_gradient(g, like, size, align_corners):
    """Each old pixel gathers g from the new ones that show it."""
    _, height, width, _ = like.shape
    g = gathered(g, 1, nearest(height, size[0], align_corners), height)
    return gathered(g, 2, nearest(width, size[1], align_corners), width)


def neighbours(size, count, align_corners, dtype):
    """For each new pixel the old ones before and after it, and the weight of the one after."""
    place, unit = places(size, count, align_corners)
    before, rest = np.divmod(place, unit)
    return before, np.minimum(before + 1, size - 1), (rest / unit).astype(dtype)


def resize_bilinear(images, size, align_corners):
    """Each new pixel is the mean of the four old ones around it, weighted by how near they are."""
    _, _, _, _ = images.shape  # ValueError for other ranks
    x = images if images.dtype.kind == "f" else images.astype(np.float32)
    for axis in (2, 1):
        before, after, weight = neighbours(x.shape[axis], size[axis - 1], align_corners, x.dtype)
        first = np.take(x, before, axis)
        x = first + along(weight, axis) * (np.take(x, after, axis) - first)
    return x


def resize_bilinear_gradient(g, like, size, align_corners):
    """Each old pixel gathers g, weighted, from the new ones around it."""
    for axis in (1, 2):
        old = like.shape[axis]
        before, after, weight = neighbours(old, size[axis - 1], align_corners, g.dtype)
        share = along(weight, axis) * g
        g = gathered(g - share, axis, before, old) + gathered(share, axis, after, old)
    return g


def along(weight, axis):
    """Weights in the shape that multiplies images along an axis."""
    return weight[:, None, None] if axis == 1 else weight[:, None]


def gathered(g, axis, pixels, size):
    """Adds up the slices of g along an axis that belong to the same pixel, of `size`."""
    total = np.zeros((*g.shape[:axis], size, *g.shape[axis + 1 :]), g.dtype)
    slices = np.moveaxis(total, axis, 0)
    for pixel, part in zip(pixels, np.moveaxis(g, axis, 0), strict=True):
        slices[pixel] += part
    return total
