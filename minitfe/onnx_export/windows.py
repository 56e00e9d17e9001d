"""Windows over images: convolutions, pooling, and images in another size.

Images here are [image, row, column, channel], and in ONNX [image, channel, row, column]. So a Transpose stands before
and after each node. Programs that run ONNX models move these through the layers until they meet and cancel.

The pads of "SAME" depend on sizes, which may not be known. ONNX has the same rule by the name SAME_UPPER, so it is left
to the run; but for windows with a dilation the pads are worked out here, since onnxruntime refuses these by that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe.onnx_export.indexing import added_at, added_back
from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer

Pair = tuple[int, int]


def _channels_second(w: Writer, x: Value) -> Value:
    return w.transpose(x, 0, 3, 1, 2)


def _channels_last(w: Writer, x: Value) -> Value:
    return w.transpose(x, 0, 2, 3, 1)


def _auto_pad(padding: str) -> dict[str, str]:
    return {"auto_pad": "SAME_UPPER" if padding == "SAME" else "VALID"}


def _missing(size: int, taps: int, stride: int, dilation: int, padding: str) -> int:
    """How many pixels of an axis are to be imagined, so that the last window has enough."""
    if padding == "VALID":
        return 0
    return max(0, (-(-size // stride) - 1) * stride + (taps - 1) * dilation + 1 - size)


def _halves(missing: Sequence[int]) -> list[int]:
    """The pads before each axis and those after it. An odd one stands after."""
    return [n // 2 for n in missing] + [n - n // 2 for n in missing]


# -------------------------------------------------------------------------------------------------------- convolution


@rule
def conv2d(w: Writer, x: Value, filters: Value, strides: Pair, padding: str, dilations: Pair) -> Value:
    """Conv, between Transposes"""
    return _convolved(w, x, w.transpose(filters, 3, 2, 0, 1), filters, strides, padding, dilations)


@rule
def depthwise_conv2d(w: Writer, x: Value, filters: Value, strides: Pair, padding: str, dilations: Pair) -> Value:
    """Conv with as many groups as channels, between Transposes"""
    (groups,) = filters.sizes(2)
    return _convolved(w, x, _one_per_channel(w, filters), filters, strides, padding, dilations, groups)


def _convolved(
    w: Writer, x: Value, turned: Value, filters: Value, strides: Pair, padding: str, dilations: Pair, group: int = 1
) -> Value:
    """Conv with filters that were turned to ONNX's order."""
    pads: dict[str, Any] = _auto_pad(padding)
    if padding == "SAME" and dilations != (1, 1):
        sizes = (1, 1) if strides == (1, 1) else x.sizes(1, 2)  # with a stride of 1 the pads are the same for all
        axes = zip(sizes, filters.sizes(0, 1), strides, dilations)
        pads = {"pads": _halves([_missing(*axis, padding) for axis in axes])}
    y = w.node("Conv", _channels_second(w, x), turned, strides=strides, dilations=dilations, group=group, **pads)
    return _channels_last(w, y)


def _one_per_channel(w: Writer, filters: Value) -> Value:
    """[row, column, channel, filter] as [channel times filter, 1, row, column]."""
    rows, columns = filters.sizes(0, 1)
    return w.node("Reshape", w.transpose(filters, 2, 3, 0, 1), w.ints(-1, 1, rows, columns))


@rule
def conv2d_input_gradient(
    w: Writer, g: Value, filters: Value, like: Value, strides: Pair, padding: str, dilations: Pair
) -> Value:
    """ConvTranspose, between Transposes"""
    settings = _spread(filters, like, strides, padding, dilations)
    return _transposed(w, g, w.transpose(filters, 3, 2, 0, 1), strides=strides, dilations=dilations, **settings)


@rule
def depthwise_conv2d_input_gradient(
    w: Writer, g: Value, filters: Value, like: Value, strides: Pair, padding: str, dilations: Pair
) -> Value:
    """ConvTranspose with as many groups as channels, between Transposes"""
    settings = _spread(filters, like, strides, padding, dilations) | {"group": filters.sizes(2)[0]}
    return _transposed(w, g, _one_per_channel(w, filters), strides=strides, dilations=dilations, **settings)


def _transposed(w: Writer, g: Value, filters: Value, **settings: Any) -> Value:
    return _channels_last(w, w.node("ConvTranspose", _channels_second(w, g), filters, **settings))


def _spread(filters: Value, like: Value, strides: Pair, padding: str, dilations: Pair) -> dict[str, Any]:
    """The pads of the convolution that is transposed, and how many pixels at the end none of its windows saw.

    Several sizes of images are convolved to the same; `like` says which of them is meant.
    """
    axes = list(zip(like.sizes(1, 2), filters.sizes(0, 1), strides, dilations))
    missing = [_missing(*axis, padding) for axis in axes]
    return {"pads": _halves(missing), "output_padding": [_unseen(*axis, padding) for axis in axes]}


def _unseen(size: int, taps: int, stride: int, dilation: int, padding: str) -> int:
    reach = (taps - 1) * dilation + 1
    stops = -(-size // stride) if padding == "SAME" else (size - reach) // stride + 1
    return max(0, size - (stops - 1) * stride - reach)


@rule
def channel_window_sum(w: Writer, x: Value, radius: int) -> Value:
    """MatMul with a band of ones"""
    (channels,) = x.sizes(-1)
    apart = np.abs(np.subtract.outer(np.arange(channels), np.arange(channels)))
    return w.node("MatMul", x, w.constant(apart <= radius, x.dtype))


# ------------------------------------------------------------------------------------------------------------ pooling


@rule
def max_pool(w: Writer, x: Value, ksize: Pair, strides: Pair, padding: str) -> Value:
    """MaxPool, between Transposes"""
    return _channels_last(w, w.node("MaxPool", _channels_second(w, x), **_pool(ksize, strides, padding)))


def _pool(ksize: Pair, strides: Pair, padding: str) -> dict[str, Any]:
    return {"kernel_shape": ksize, "strides": strides, **_auto_pad(padding)}


@rule
def max_pool_gradient(w: Writer, g: Value, x: Value, y: Value, ksize: Pair, strides: Pair, padding: str) -> Value:
    """ScatterElements, which adds, at the places that MaxPool tells"""
    images = _channels_second(w, x)
    _, places = w.node_with(2, "MaxPool", images, **_pool(ksize, strides, padding))
    return _channels_last(w, added_at(w, _channels_second(w, g), places, images))


@rule
def avg_pool(w: Writer, x: Value, ksize: Pair, strides: Pair, padding: str) -> Value:
    """AveragePool, between Transposes; imagined pixels do not count"""
    settings = _pool(ksize, strides, padding) | {"count_include_pad": 0}
    return _channels_last(w, w.node("AveragePool", _channels_second(w, x), **settings))


# ----------------------------------------------------------------------------------------------------- another size


@rule
def resize_bilinear(w: Writer, images: Value, size: Pair, align_corners: bool) -> Value:
    """Resize, between Transposes"""
    x = _channels_second(w, images if images.dtype.kind == "f" else w.cast(images, np.float32))
    sizes = w.node("Concat", w.node("Shape", x, end=2), w.ints(*size), axis=0)
    places = "align_corners" if align_corners else "asymmetric"
    resized = w.node("Resize", x, None, None, sizes, mode="linear", coordinate_transformation_mode=places)
    return _channels_last(w, resized)


@rule
def resize_nearest_neighbor(w: Writer, images: Value, size: Pair, align_corners: bool) -> Value:
    """A Gather of rows and one of columns: Resize would find their places in fractions, and miss some"""
    rows, columns = images.sizes(1, 2)
    y = w.node("Gather", images, w.constant(_nearest(rows, size[0], align_corners)), axis=1)
    return w.node("Gather", y, w.constant(_nearest(columns, size[1], align_corners)), axis=2)


@rule
def resize_nearest_neighbor_gradient(w: Writer, g: Value, like: Value, size: Pair, align_corners: bool) -> Value:
    """ScatterElements, which adds, to zeros"""
    return added_back(w, g, like, lambda numbers: resize_nearest_neighbor(w, numbers, size, align_corners))


def _nearest(size: int, count: int, align_corners: bool) -> Any:
    """The old pixel for each new one: at or before it, or with aligned corners the nearest, and of two the later."""
    if align_corners and count > 1:
        return (2 * np.arange(count) * (size - 1) + count - 1) // (2 * (count - 1))
    return np.arange(count) * size // count
