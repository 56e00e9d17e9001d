"""Arrays in new shapes: what is an attribute here is mostly an input in ONNX, a small array of whole numbers.

A size that is known only when the model runs is found then, by the operator Shape. So a model may leave its batch open.
"""

from __future__ import annotations

import numpy as np

from minitfe.dtypes import DType
from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Unsupported, Value, Writer

# -------------------------------------------------------------------------------------------------------- what shape


@rule
def shape(w: Writer, x: Value, out_type: DType) -> Value:
    """Shape"""
    return w.cast(w.shape(x), out_type.numpy)


@rule
def size(w: Writer, x: Value, out_type: DType) -> Value:
    """Size"""
    return w.cast(w.node("Size", x), out_type.numpy)


@rule
def rank(w: Writer, x: Value, out_type: DType) -> Value:
    """A constant"""
    return w.constant(x.rank, out_type.numpy)


# ------------------------------------------------------------------------------------------------------- a new shape


@rule
def reshape(w: Writer, x: Value, shape: tuple[int, ...]) -> Value:
    """Reshape"""
    if 0 in shape and -1 in shape:
        raise Unsupported("a shape with both 0 and -1 in it has no meaning there")
    return w.reshape(x, w.ints(*shape))


@rule
def reshape_like(w: Writer, x: Value, like: Value) -> Value:
    """Reshape to the Shape of the other"""
    return w.reshape(x, w.shape(like))


@rule
def expand_dims(w: Writer, x: Value, axis: int) -> Value:
    """Unsqueeze"""
    return w.unsqueeze(x, axis)


@rule
def squeeze(w: Writer, x: Value, axis: tuple[int, ...] | None) -> Value:
    """Squeeze"""
    return w.node("Squeeze", x) if axis is None else w.squeeze(x, *axis)


@rule
def transpose(w: Writer, x: Value, perm: tuple[int, ...]) -> Value:
    """Transpose"""
    return w.transpose(x, *perm) if perm else x


# -------------------------------------------------------------------------------------------------------- put together


@rule
def stack(w: Writer, *xs: Value, axis: int) -> Value:
    """Concat, of parts with a new axis each"""
    return w.node("Concat", *[w.unsqueeze(x, axis) for x in xs], axis=axis)


@rule
def unstack(w: Writer, x: Value, axis: int, num: int) -> list[Value]:
    """A Gather for each part"""
    return [w.node("Gather", x, w.constant(i, np.int64), axis=axis) for i in range(num)]


@rule
def concat(w: Writer, *xs: Value, axis: int) -> Value:
    """Concat"""
    return w.node("Concat", *xs, axis=axis)


@rule
def concat_gradient(w: Writer, g: Value, *parts: Value, axis: int) -> list[Value]:
    """Split by the parts' sizes"""
    sizes = [size for part in parts for size in part.sizes(axis)]
    return w.node_with(len(parts), "Split", g, w.ints(*sizes), axis=axis)


@rule
def split(w: Writer, x: Value, axis: int, sizes: int | tuple[int, ...]) -> list[Value]:
    """Split"""
    if isinstance(sizes, int):
        return w.node_with(sizes, "Split", x, axis=axis, num_outputs=sizes)
    if -1 in sizes:
        (whole,) = x.sizes(axis)
        rest = whole - sum(sizes) - 1  # what -1 stands for: it is in the sum as well
        sizes = tuple(rest if size == -1 else size for size in sizes)
    return w.node_with(len(sizes), "Split", x, w.ints(*sizes), axis=axis)
