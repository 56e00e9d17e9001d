"""Images resized: each pixel of the new one looks for its place in the old one; see ``resize.cl``."""

from __future__ import annotations

from typing import Any

import numpy as np

from .elementwise import ALONE, Elementwise
from .moving import mover
from .programs import kernel, type_of
from .runtime import Array, constant, empty

__all__ = [
    "resize_bilinear", "resize_bilinear_gradient", "resize_nearest_neighbor", "resize_nearest_neighbor_gradient",
]  # fmt: skip

FLOAT = np.dtype(np.float32)
Size = tuple[int, int]


def resize_nearest_neighbor(images: Array, size: Size, align_corners: bool) -> Array:
    """y[n, r, c] = x[n, nearest(r), nearest(c)]"""
    return _resized("nearest", mover(images.dtype), images, images.shape, size, align_corners, align_corners)


def resize_nearest_neighbor_gradient(g: Array, like: Array, size: Size, align_corners: bool) -> Array:
    """Each old pixel gathers g from the new ones that show it."""
    return _gathered("nearest_gradient", g, like, size, align_corners, align_corners)


def resize_bilinear(images: Array, size: Size, align_corners: bool) -> Array:
    """Each new pixel is the mean of the four old ones around it, weighted by how near they are."""
    x = images if images.dtype.kind == "f" else _as_float(images, out=FLOAT)
    return _resized("bilinear", type_of(x.dtype), x, x.shape, size, align_corners, False)


_as_float = Elementwise("CONVERT(float, LANES)(x)", ALONE)


def resize_bilinear_gradient(g: Array, like: Array, size: Size, align_corners: bool) -> Array:
    """Each old pixel gathers g, weighted, from the new ones around it."""
    return _gathered("bilinear_gradient", g, like, size, align_corners, False)


def _resized(name: str, dtype: str, x: Array, old: Any, size: Size, align_corners: bool, to_nearest: bool) -> Array:
    count, height, width, channels = old
    out = empty(x.device, (count, *size, channels), x.dtype)
    return _launched(name, dtype, x, out, (height, width), size, align_corners, to_nearest)


def _gathered(name: str, g: Array, like: Array, size: Size, align_corners: bool, to_nearest: bool) -> Array:
    _, height, width, _ = like.shape
    out = empty(g.device, like.shape, g.dtype)
    return _launched(name, type_of(g.dtype), g, out, (height, width), size, align_corners, to_nearest)


def _launched(
    name: str, dtype: str, x: Array, out: Array, old: Size, new: Size, align: bool, to_nearest: bool
) -> Array:
    """Runs a kernel of ``resize.cl``."""
    device, channels = x.device, x.shape[3]
    if out.size:
        run = channels if device.tuning.group == 1 else 1
        table = sum((_axis(*sizes, align, to_nearest) for sizes in zip(old, new)), ())
        compiled = kernel(device, "resize.cl", name, T=dtype)
        device.launch(compiled, (out.size // run,), x.buffer, out.buffer, out.size, run, channels,
                      constant(device, table, np.int32).buffer)  # fmt: skip
    return out


def _axis(size: int, count: int, align_corners: bool, to_nearest: bool) -> tuple[int, ...]:
    """What the kernels know of an axis of `size` old pixels and `count` new ones.

    Pixels are points at their upper left corner: the new ones lie size/count apart, beginning at 0. With aligned
    corners, the last one lies on the last old one. To find the nearest pixel, both are doubled, and half is added.
    """
    step, unit = (size - 1, count - 1) if align_corners and count > 1 else (size, count)
    return (size, count, 2 * step, 2 * unit, unit) if to_nearest else (size, count, step, unit, 0)
