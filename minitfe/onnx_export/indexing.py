"""Elements picked, and put back.

The gradient of picking is adding up: each element gathers what came of it. Here that is written in one way for all ops
that pick. The op's own rule is applied to the *numbers* of the elements, which gives for each element of the output the
place that it was picked from; and ScatterElements adds there.

    y      = gather(x, i)              x has 5 elements
    places = gather(0 1 2 3 4, i)      = i
    dx     = 0, with g added at places
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from minitfe.dtypes import DType
from minitfe.onnx_export import rearrange
from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer

FAR = 2**62
"""Further than any axis is long."""

# -------------------------------------------------------------------------------------------------------------- slices


def _bounds(part: Any) -> tuple[int, int, int]:
    """Start, end and step of a part of a key, as ONNX reads them."""
    if not isinstance(part, builtins.slice):
        return part, part + 1 if part != -1 else FAR, 1
    step = 1 if part.step is None else part.step
    start, end = (0, FAR) if step > 0 else (FAR, -FAR)
    return start if part.start is None else part.start, end if part.stop is None else part.stop, step


def _spelled_out(key: tuple[Any, ...], rank: int) -> tuple[Any, ...]:
    """The key with whole slices in place of the Ellipsis."""
    at = key.index(Ellipsis)
    named = sum(part is not None and part is not Ellipsis for part in key)
    return (*key[:at], *[builtins.slice(None)] * (rank - named), *key[at + 1 :])


@rule
def strided_slice(w: Writer, x: Value, key: tuple[Any, ...]) -> Value:
    """Slice; integers are slices of size 1, and Squeeze takes their axes out; None is Unsqueeze."""
    parts = _spelled_out(key, x.rank)
    of_axes = [part for part in parts if part is not None]
    cut = [axis for axis, part in enumerate(of_axes) if part != builtins.slice(None)]
    if cut:
        starts, ends, steps = zip(*[_bounds(of_axes[axis]) for axis in cut])
        x = w.node("Slice", x, w.ints(*starts), w.ints(*ends), w.ints(*cut), w.ints(*steps))
    x = w.squeeze(x, *[axis for axis, part in enumerate(of_axes) if not isinstance(part, builtins.slice)])
    kept = [part for part in parts if part is None or isinstance(part, builtins.slice)]
    return w.unsqueeze(x, *[axis for axis, part in enumerate(kept) if part is None])


@rule
def slice(w: Writer, x: Value, begin: tuple[int, ...], size: tuple[int, ...]) -> Value:
    """Slice"""
    ends = [FAR if n == -1 else b + n for b, n in zip(begin, size)]
    return w.node("Slice", x, w.ints(*begin), w.ints(*ends)) if ends else x


# ------------------------------------------------------------------------------------------------------ by indices


@rule
def gather(w: Writer, params: Value, indices: Value, axis: int) -> Value:
    """Gather"""
    return w.node("Gather", params, indices, axis=axis)


@rule
def rows(w: Writer, g: Value, indices: Value) -> Value:
    """Reshape: the axes of the indices become one"""
    rest = w.node("Shape", g, start=indices.rank)
    return w.reshape(g, w.node("Concat", w.unsqueeze(w.node("Size", indices), 0), rest, axis=0))


@rule
def gather_nd(w: Writer, params: Value, indices: Value) -> Value:
    """GatherND"""
    return w.node("GatherND", params, w.cast(indices, np.int64))


@rule
def take_along_axis(w: Writer, x: Value, indices: Value, axis: int) -> Value:
    """GatherElements"""
    return w.node("GatherElements", x, indices, axis=axis)


@rule
def where(w: Writer, x: Value) -> Value:
    """NonZero, a coordinate to a column instead of to a row"""
    return w.transpose(w.node("NonZero", x), 1, 0)


# ------------------------------------------------------------------------------------------------------------ put back


@rule
def scatter_nd(w: Writer, updates: Value, indices: Value, shape: tuple[int, ...]) -> Value:
    """ScatterND, which adds, to zeros"""
    zeros = w.filled(0, w.ints(*shape), updates.dtype)
    return w.node("ScatterND", zeros, w.cast(indices, np.int64), updates, reduction="add")


@rule
def scatter_nd_like(w: Writer, updates: Value, indices: Value, like: Value) -> Value:
    """ScatterND, which adds, to zeros"""
    zeros = w.filled(0, w.shape(like), updates.dtype)
    return w.node("ScatterND", zeros, w.cast(indices, np.int64), updates, reduction="add")


@rule
def scatter_rows(w: Writer, values: Value, indices: Value, like: Value) -> Value:
    """ScatterND, which adds, to zeros"""
    return scatter_nd_like(w, values, w.unsqueeze(indices, 1), like)


@rule
def tensor_scatter_update(w: Writer, x: Value, updates: Value, indices: Value) -> Value:
    """ScatterND"""
    return w.node("ScatterND", x, w.cast(indices, np.int64), updates)


@rule
def scatter_along_axis(w: Writer, x: Value, indices: Value, like: Value, axis: int) -> Value:
    """ScatterElements to zeros"""
    return w.node("ScatterElements", w.filled(0, w.shape(like), x.dtype), indices, x, axis=axis)


# ------------------------------------------------------------------------------------------------ gradients of picking


def added_back(w: Writer, g: Value, like: Value, pick: Callable[[Value], Value]) -> Value:
    """Zeros like a tensor, with g added where its elements were picked from."""
    return added_at(w, g, pick(w.numbered(like)._replace(extents=like.extents)), like)


def added_at(w: Writer, g: Value, places: Value, like: Value) -> Value:
    """Zeros like a tensor, with g added at places that are counted through row by row."""
    zeros = w.filled(0, w.unsqueeze(w.node("Size", like), 0), g.dtype)
    return w.reshape(w.node("ScatterElements", zeros, w.flat(places), w.flat(g), reduction="add"), w.shape(like))


@rule
def strided_slice_gradient(w: Writer, g: Value, like: Value, key: tuple[Any, ...]) -> Value:
    """ScatterElements, which adds, to zeros"""
    return added_back(w, g, like, lambda numbers: strided_slice(w, numbers, key))


@rule
def gather_gradient(w: Writer, g: Value, indices: Value, like: Value, axis: int) -> Value:
    """ScatterElements, which adds, to zeros"""
    return added_back(w, g, like, lambda numbers: gather(w, numbers, indices, axis))


@rule
def tile_gradient(w: Writer, g: Value, like: Value, multiples: tuple[int, ...]) -> Value:
    """ScatterElements, which adds, to zeros"""
    return added_back(w, g, like, lambda numbers: rearrange.tile(w, numbers, multiples))


@rule
def pad_gradient(w: Writer, g: Value, like: Value, paddings: Any, mode: str) -> Value:
    """A Slice; what was mirrored goes back by ScatterElements, which adds"""
    if mode == "CONSTANT":
        key = tuple(builtins.slice(before, -after or None) for before, after in paddings)
        return strided_slice(w, g, (*key, Ellipsis))
    return added_back(w, g, like, lambda numbers: rearrange.pad(w, numbers, paddings, mode, 0))


# ---------------------------------------------------------------------------------------------------- order and sets


@rule
def top_k_indices(w: Writer, x: Value, k: int) -> Value:
    """TopK"""
    return _order(w, x, w.ints(k), x.rank - 1, largest=True)


@rule
def argsort(w: Writer, x: Value, axis: int, descending: bool) -> Value:
    """TopK of all"""
    axis = axis % x.rank
    return _order(w, x, w.node("Shape", x, start=axis, end=axis + 1), axis, largest=descending)


def _order(w: Writer, x: Value, count: Value, axis: int, largest: bool) -> Value:
    _, indices = w.node_with(2, "TopK", x, count, axis=axis, largest=int(largest))
    return w.cast(indices, np.int32)


@rule
def invert_permutation(w: Writer, x: Value) -> Value:
    """TopK: the order of the numbers, smallest first"""
    return w.cast(_order(w, x, w.shape(x), 0, largest=False), x.dtype)


@rule
def unique(w: Writer, x: Value, out_idx: DType) -> list[Value]:
    """Unique"""
    return unique_with_counts(w, x, out_idx)[:2]


@rule
def unique_with_counts(w: Writer, x: Value, out_idx: DType) -> list[Value]:
    """Unique"""
    values, _, inverse, counts = w.node_with(4, "Unique", x, sorted=0)
    return [values, w.cast(inverse, out_idx.numpy), w.cast(counts, out_idx.numpy)]
