"""Groups of rows. `ids` says which segment each row belongs to; where it is negative, to none.

Sums go through ``reduceat``, which adds up neighbours: always in the same order, and much faster than ``add.at``.
"""

from __future__ import annotations

import numpy as np

from .reduction import products_of_others_alike

__all__ = [
    "rows_of_segments",
    "segment_sum_like",
    "segment_sum",
    "segment_mean",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_products_of_others",
    "unsorted_segment_sum",
    "unsorted_segment_max",
    "unsorted_segment_min",
]


def rows_of_segments(x, ids):
    """x[ids], with zeros where an id is negative."""
    absent = ids < 0
    if not absent.any():
        return np.take(x, ids, axis=0)
    rows = np.take(x, np.maximum(ids, 0), axis=0) if len(x) else np.empty(ids.shape + x.shape[1:], x.dtype)
    rows[absent] = 0
    return rows


def _combine(ufunc, data, ids, count, empty):
    """The rows of each of `count` segments combined by a ufunc, with `empty` for segments without rows."""
    if data.shape[: ids.ndim] != ids.shape:
        raise ValueError("data must start with the shape of segment_ids")
    rows, ids = data.reshape(ids.size, *data.shape[ids.ndim :]), ids.ravel()
    if ids.size and ids.max() >= count:
        worst = int(ids.argmax())
        raise ValueError(f"segment_ids[{worst}] = {ids[worst]} is out of range [0, {count})")
    if np.any(ids[1:] < ids[:-1]):
        order = np.argsort(ids, kind="stable")
        rows, ids = rows[order], ids[order]
    first = np.searchsorted(ids, 0)
    rows, ids = rows[first:], ids[first:]
    starts = np.flatnonzero(np.diff(ids, prepend=-1))
    combined = np.full((count, *rows.shape[1:]), empty, data.dtype)
    if starts.size:
        combined[ids[starts]] = ufunc.reduceat(rows, starts, axis=0, dtype=data.dtype)
    return combined


def segment_sum_like(data, ids, like):
    """The sum of each segment, for as many segments as `like` has rows."""
    return _combine(np.add, data, ids, len(like), 0)


def _combine_sorted(ufunc, data, ids, empty):
    """As above, for sorted ids that say themselves how many segments there are."""
    if ids.ndim != 1 or data.shape[:1] != ids.shape:
        raise ValueError("segment_ids should be the same size as dimension 0 of input")
    if ids.size and ids[0] < 0:
        raise ValueError("segment ids must be >= 0")
    if np.any(ids[1:] < ids[:-1]):
        raise ValueError("segment ids are not increasing")
    return _combine(ufunc, data, ids, int(ids[-1]) + 1 if ids.size else 0, empty)


def segment_sum(data, ids):
    """Σ"""
    return _combine_sorted(np.add, data, ids, 0)


def segment_mean(data, ids):
    """Σ / n, rounded towards zero for integers."""
    sums = segment_sum(data, ids)
    counts = np.maximum(np.bincount(ids), 1).reshape(-1, *[1] * (data.ndim - 1))
    return np.divide(sums, counts).astype(data.dtype)


def segment_max(data, ids):
    """max; 0 for an empty segment."""
    return _combine_sorted(np.maximum, data, ids, 0)


def segment_min(data, ids):
    """min; 0 for an empty segment."""
    return _combine_sorted(np.minimum, data, ids, 0)


def segment_prod(data, ids):
    """Π"""
    return _combine_sorted(np.multiply, data, ids, 1)


def segment_products_of_others(ids, x, *hs):
    """Π over the other rows of the same segment."""
    flat = [part.reshape(len(ids), x.size // max(len(ids), 1)) for part in (x, *hs)]
    return products_of_others_alike(ids, *flat).reshape(x.shape)


def unsorted_segment_sum(data, ids, num_segments):
    """Σ"""
    return _combine(np.add, data, ids, num_segments, 0)


def _limits(dtype):
    return np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)


def unsorted_segment_max(data, ids, num_segments):
    """max; the lowest finite number for an empty segment."""
    return _combine(np.maximum, data, ids, num_segments, _limits(data.dtype).min)


def unsorted_segment_min(data, ids, num_segments):
    """min; the highest finite number for an empty segment."""
    return _combine(np.minimum, data, ids, num_segments, _limits(data.dtype).max)
