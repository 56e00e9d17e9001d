"""Groups of rows. `ids` says which segment each row belongs to; where it is negative, or too large, to none.

Where only the ids themselves say how many segments there are, the shape of the result depends on values: see ``gaps``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .comparison import equal
from .elementwise import number
from .indexing import ADD, chosen, gather, scatter
from .moving import filled
from .reduction import products_of_others_alike, reduce_max, reduce_min
from .runtime import Array

__all__ = [
    "rows_of_segments", "segment_products_of_others", "segment_sum_like", "unsorted_segment_max",
    "unsorted_segment_min", "unsorted_segment_sum",
]  # fmt: skip


def rows_of_segments(x: Array, ids: Array) -> Array:
    """x[ids], with zeros where an id is negative."""
    return gather(x, ids, 0)


def _combined(combine: str, data: Array, ids: Array, count: int, empty: Any) -> Array:
    """The rows of each of `count` segments combined, with `empty` for segments without rows."""
    if data.shape[: ids.ndim] != ids.shape:
        raise ValueError("data must start with the shape of segment_ids")
    rows = data.shape[ids.ndim :]
    total = filled(data.device, (count, *rows), data.dtype, empty)
    scatter(data, ids, total, combine)
    return total


def segment_sum_like(data: Array, ids: Array, like: Array) -> Array:
    """The sum of each segment, for as many segments as `like` has rows."""
    return _combined(ADD, data, ids, like.shape[0], 0)


def unsorted_segment_sum(data: Array, ids: Array, num_segments: int) -> Array:
    """Σ"""
    return _combined(ADD, data, ids, num_segments, 0)


def unsorted_segment_max(data: Array, ids: Array, num_segments: int) -> Array:
    """max; the lowest finite number for an empty segment."""
    return _largest(reduce_max.combine, data, ids, num_segments, -1)


def unsorted_segment_min(data: Array, ids: Array, num_segments: int) -> Array:
    """min; the highest finite number for an empty segment."""
    return _largest(reduce_min.combine, data, ids, num_segments, 1)


def _largest(combine: str, data: Array, ids: Array, count: int, sign: int) -> Array:
    """The largest or smallest of each segment. A segment of nothing but infinities is not empty: that takes a count."""
    if data.dtype.kind != "f":
        limits = np.iinfo(data.dtype)
        return _combined(combine, data, ids, count, limits.max if sign > 0 else limits.min)
    found = _combined(combine, data, ids, count, sign * np.inf)
    counts = _combined(ADD, filled(ids.device, ids.shape, np.int32, 1), ids, count, 0)
    empty = equal(counts, number(counts, 0)).reshape(count, *[1] * (found.ndim - 1))
    return chosen(empty, filled(data.device, found.shape, data.dtype, sign * np.finfo(data.dtype).max), found)


def segment_products_of_others(ids: Array, x: Array, *hs: Array) -> Array:
    """Π over the other rows of the same segment."""
    return products_of_others_alike(ids, x, *hs)
