"""Arrays made from a few numbers: constants, unless they depend on sizes or numbers that only the run knows."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from minitfe.dtypes import DType
from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer


@rule
def zeros(w: Writer, shape: tuple[int, ...], dtype: DType) -> Value:
    """ConstantOfShape"""
    return w.filled(0, w.ints(*shape), dtype.numpy)


@rule
def ones(w: Writer, shape: tuple[int, ...], dtype: DType) -> Value:
    """ConstantOfShape"""
    return w.filled(1, w.ints(*shape), dtype.numpy)


@rule
def zeros_like(w: Writer, x: Value, dtype: DType | None = None) -> Value:
    """ConstantOfShape"""
    return w.filled(0, w.shape(x), dtype.numpy if dtype else x.dtype)


@rule
def ones_like(w: Writer, x: Value, dtype: DType | None = None) -> Value:
    """ConstantOfShape"""
    return w.filled(1, w.shape(x), dtype.numpy if dtype else x.dtype)


@rule
def fill(w: Writer, value: Value, dims: tuple[int, ...]) -> Value:
    """Expand"""
    return w.node("Expand", value, w.ints(*dims))


@rule
def eye(w: Writer, shape: tuple[int, ...], dtype: DType) -> Value:
    """A constant"""
    matrix = w.constant(np.eye(shape[-2], shape[-1]), dtype.numpy)
    return w.node("Expand", matrix, w.ints(*shape))


@rule
def range(w: Writer, start: Any, delta: Any, count: int, dtype: DType) -> Value:
    """A constant"""
    return w.constant(start + delta * np.arange(count), dtype.numpy)


@rule
def linspace(w: Writer, start: float, stop: float, num: int, dtype: DType) -> Value:
    """A constant"""
    return w.constant(np.linspace(start, stop, num), dtype.numpy)


@rule
def range_between(w: Writer, start: Value, limit: Value, delta: Value) -> Value:
    """Range"""
    return w.node("Range", start, limit, delta)


@rule
def one_hot(w: Writer, indices: Value, depth: int, on: Any, off: Any, axis: int, dtype: DType) -> Value:
    """Where the index is the place. (ONNX's OneHot would count negative indices from the end.)"""
    axis = axis % (indices.rank + 1)
    places = np.arange(depth).reshape(-1, *[1] * (indices.rank - axis))
    marked = w.node("Equal", w.unsqueeze(indices, axis), w.constant(places, indices.dtype))
    return w.node("Where", marked, w.constant(on, dtype.numpy), w.constant(off, dtype.numpy))


@rule
def sequence_mask(w: Writer, lengths: Value, maxlen: int | None) -> Value:
    """Whether the place is Less than the length"""
    zero, one = w.constant(0, lengths.dtype), w.constant(1, lengths.dtype)
    most = w.node("ReduceMax", lengths, keepdims=0) if maxlen is None else w.constant(maxlen, lengths.dtype)
    return w.node("Less", w.node("Range", zero, most, one), w.unsqueeze(lengths, lengths.rank))


@rule
def meshgrid(w: Writer, *xs: Value, indexing: str) -> list[Value]:
    """Each vector along an axis of its own, and Expand"""
    axes = list(builtins.range(len(xs)))
    if indexing == "xy":
        axes[:2] = axes[1::-1]
    sizes = w.node("Concat", *[w.shape(xs[axis]) for axis in axes], axis=0)
    others = [[other for other in builtins.range(len(xs)) if other != axis] for axis in axes]
    return [w.node("Expand", w.unsqueeze(x, *new), sizes) for x, new in zip(xs, others)]
