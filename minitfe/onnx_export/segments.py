"""Groups of rows: ScatterND puts each row at the place of its segment, and combines it with what is there already."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer


def _combined(w: Writer, data: Value, ids: Value, count: Value, reduction: str, empty: Any) -> Value:
    """The rows of each of `count` segments combined, from `empty` on."""
    sizes = w.node("Concat", w.unsqueeze(count, 0), w.node("Shape", data, start=ids.rank), axis=0)
    return w.node(
        "ScatterND", w.filled(empty, sizes, data.dtype), w.unsqueeze(ids, ids.rank), data, reduction=reduction
    )


# ------------------------------------------------------------------------------------------------------- any order
# A negative id belongs to no segment: such rows go to a segment of their own at the end, which is then cut off.


def _unsorted(w: Writer, data: Value, ids: Value, number: int, reduction: str, empty: Any) -> Value:
    last = w.constant(number, np.int64)
    numbers = w.cast(ids, np.int64)
    places = w.node("Where", w.node("Less", numbers, w.constant(0, np.int64)), last, numbers)
    placed = places._replace(extents=ids.extents)
    rows = _combined(w, data, placed, w.constant(number + 1, np.int64), reduction, empty)
    return w.node("Slice", rows, w.ints(0), w.ints(number), w.ints(0))


@rule
def unsorted_segment_sum(w: Writer, data: Value, ids: Value, num_segments: int) -> Value:
    """ScatterND, which adds"""
    return _unsorted(w, data, ids, num_segments, "add", 0)


@rule
def unsorted_segment_max(w: Writer, data: Value, ids: Value, num_segments: int) -> Value:
    """ScatterND, which takes the larger"""
    return _unsorted(w, data, ids, num_segments, "max", _limits(data)[0])


@rule
def unsorted_segment_min(w: Writer, data: Value, ids: Value, num_segments: int) -> Value:
    """ScatterND, which takes the smaller"""
    return _unsorted(w, data, ids, num_segments, "min", _limits(data)[1])


def _limits(x: Value) -> tuple[Any, Any]:
    """The lowest and the highest number of a dtype."""
    limits: Any = np.finfo(x.dtype) if x.dtype.kind == "f" else np.iinfo(x.dtype)
    return limits.min, limits.max


# ------------------------------------------------------------------------------------ sorted: the last id says how many


def _sorted(w: Writer, data: Value, ids: Value, reduction: str, empty: Any) -> Value:
    numbers = w.cast(ids, np.int64)._replace(extents=ids.extents)
    count = w.node("Add", w.node("ReduceMax", numbers, keepdims=0), w.constant(1, np.int64))
    return _combined(w, data, numbers, count, reduction, empty)


@rule
def segment_sum(w: Writer, data: Value, ids: Value) -> Value:
    """ScatterND, which adds"""
    return _sorted(w, data, ids, "add", 0)


@rule
def segment_prod(w: Writer, data: Value, ids: Value) -> Value:
    """ScatterND, which multiplies"""
    return _sorted(w, data, ids, "mul", 1)


@rule
def segment_mean(w: Writer, data: Value, ids: Value) -> Value:
    """The sum over the number of rows"""
    ones = w.filled(1, w.shape(data), data.dtype)
    counts = segment_sum(w, ones, ids)
    return w.node("Div", segment_sum(w, data, ids), w.node("Max", counts, w.constant(1, data.dtype)))


# --------------------------------------------------------------------------------------------------- and the way back


@rule
def rows_of_segments(w: Writer, x: Value, ids: Value) -> Value:
    """Gather; 0 where an id is negative"""
    zero = w.constant(0, ids.dtype)
    rows = w.node("Gather", x, w.node("Max", ids, zero), axis=0)
    there = w.unsqueeze(w.node("Not", w.node("Less", ids, zero)), *range(ids.rank, ids.rank + x.rank - 1))
    return w.node("Where", there, rows, w.constant(0, x.dtype))


@rule
def segment_sum_like(w: Writer, data: Value, ids: Value, like: Value) -> Value:
    """ScatterND, which adds; rows without a segment add 0"""
    zero = w.constant(0, ids.dtype)
    there = w.unsqueeze(w.node("Not", w.node("Less", ids, zero)), *range(ids.rank, data.rank))
    places = w.unsqueeze(w.cast(w.node("Max", ids, zero), np.int64), ids.rank)
    rows = w.node("Where", there, data, w.constant(0, data.dtype))
    return w.node("ScatterND", w.filled(0, w.shape(like), data.dtype), places, rows, reduction="add")
