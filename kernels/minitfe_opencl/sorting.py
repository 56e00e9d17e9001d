"""Order and counts. Sorting is stable: equal elements keep their order."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .array import converted, transpose
from .elementwise import FLOATING, Elementwise, number
from .indexing import REPLACE, add_rows, along_axis, counted, scatter
from .math import floor, multiply, realdiv, subtract
from .moving import filled, ghost, mover, picked
from .programs import kernel, type_of
from .reduction import reduce_max
from .runtime import Array, download, empty, upload

__all__ = [
    "take_along_axis", "scatter_along_axis", "top_k_indices", "argsort", "invert_permutation", "bincount",
    "histogram_fixed_width",
]  # fmt: skip

BLOCK = 32
"""So many elements are sorted by one work-item; what is longer is merged."""

take_along_axis = along_axis


def scatter_along_axis(x: Array, indices: Array, like: Array, axis: int) -> Array:
    """y[…, indices[…, i, …], …] = x[…, i, …], and 0 elsewhere."""
    axis = counted(axis, x)
    out = filled(x.device, like.shape, x.dtype, 0)
    before, after = prod(x.shape[:axis]), prod(x.shape[axis + 1 :])
    compiled = kernel(x.device, "scatter.cl", "scatter_along", T=mover(x.dtype), I=type_of(indices.dtype),
                      **{"COMBINE(a, b)": REPLACE})  # fmt: skip
    x.device.launch(compiled, (before * after if x.size else 0,), x.buffer, indices.buffer, out.buffer, before * after,
                    like.shape[axis], x.shape[axis], after)  # fmt: skip
    return out


# -------------------------------------------------------------------------------------------------------------- sorting


def top_k_indices(x: Array, k: int) -> Array:
    """Where the k largest are along the last axis."""
    if not x.ndim or x.shape[-1] < k:
        raise ValueError(f"no {k} elements along the last axis of {x.shape}")
    order = argsort(x, -1, True)
    return picked(order, ghost(order.shape)[..., :k])


def argsort(x: Array, axis: int, descending: bool) -> Array:
    """The order along an axis."""
    axis = counted(axis, x)
    perm = (*[i for i in range(x.ndim) if i != axis], axis)
    order = _sorted_rows(transpose(x, perm), descending)
    return transpose(order, tuple(int(i) for i in np.argsort(perm)))


def _sorted_rows(x: Array, descending: bool) -> Array:
    """Sorts blocks of each row, and merges them until there is but one."""
    device, length = x.device, x.shape[-1]
    order = empty(device, x.shape, np.dtype(np.int32))
    if not x.size:
        return order
    rows = x.size // length
    before = "((a) > (b) || ((a) != (a) && (b) == (b)))" if descending else "((a) < (b) || ((b) != (b) && (a) == (a)))"
    macros = {"T": type_of(x.dtype), "BEFORE(a, b)": before}
    blocks = -(-length // BLOCK)
    start = kernel(device, "sorting.cl", "sort_blocks", **macros)
    device.launch(start, (rows * blocks,), x.buffer, order.buffer, rows * blocks, blocks, length, BLOCK)
    width, span = BLOCK, max(device.tuning.span // 16, 8)
    parts = -(-length // span)
    while width < length:
        merged = empty(device, x.shape, order.dtype)
        merge = kernel(device, "sorting.cl", "merge_blocks", **macros)
        device.launch(merge, (rows * parts,), x.buffer, order.buffer, merged.buffer, rows * parts, parts, length, width,
                      span)  # fmt: skip
        order, width = merged, 2 * width
    return order


def invert_permutation(x: Array) -> Array:
    """y[x[i]] = i"""
    if x.ndim != 1:
        raise ValueError("invert_permutation expects a 1D vector")
    out = filled(x.device, x.shape, x.dtype, 0)
    scatter(upload(x.device, np.arange(x.size, dtype=x.dtype)), x, out, REPLACE)
    return out


# --------------------------------------------------------------------------------------------------------------- counts


def bincount(arr: Array, *weights: Array, minlength: int, maxlength: int | None, dtype: Any) -> Array:
    """How often each number comes, or the sum of the weights of those.

    How many numbers there are depends on the largest. To read that back this must wait, unless minlength and maxlength
    leave no choice.
    """
    if weights and weights[0].shape != arr.shape:
        raise ValueError("weights must have the shape of arr")
    length = minlength
    if maxlength != minlength and arr.size:
        length = max(int(download(reduce_max(arr, None, False))) + 1, minlength)
    if maxlength is not None:
        length = min(length, maxlength)
    target = np.dtype(dtype.numpy)
    parts = converted(weights[0], target) if weights else filled(arr.device, arr.shape, target, 1)
    return add_rows(parts.reshape(arr.size), arr.reshape(arr.size), (length,))


_within = Elementwise("x < y ? y : x > z ? z : x", FLOATING)


def histogram_fixed_width(values: Array, value_range: Array, nbins: int, dtype: Any) -> Array:
    """How many values fall into each bin; what lies outside counts for the first or last."""
    if value_range.shape != (2,):
        raise ValueError(f"value_range must be two numbers, not {value_range.shape}")
    wide = values.dtype if values.dtype.kind == "f" else np.dtype(np.float32)
    values, value_range = converted(values, wide), converted(value_range, wide)
    low, high = (picked(value_range, ghost((2,))[i, ...]) for i in range(2))
    places = multiply(realdiv(subtract(values, low), subtract(high, low)), number(values, nbins))
    inside = _within(floor(places), number(values, 0), number(values, nbins - 1))
    bins = converted(inside, np.dtype(np.int32))
    ones = filled(values.device, (values.size,), np.dtype(dtype.numpy), 1)
    return add_rows(ones, bins.reshape(bins.size), (nbins,))
