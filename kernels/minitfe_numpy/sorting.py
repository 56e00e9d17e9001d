"""Order, uniqueness and counts. numpy's stable sort keeps equal elements in their order."""

from __future__ import annotations

import numpy as np

__all__ = [
    "take_along_axis",
    "scatter_along_axis",
    "top_k_indices",
    "argsort",
    "invert_permutation",
    "unique",
    "unique_with_counts",
    "bincount",
    "histogram_fixed_width",
]


def take_along_axis(x, indices, axis):
    """y[…, i, …] = x[…, indices[…, i, …], …]"""
    return np.take_along_axis(x, indices, axis)


def scatter_along_axis(x, indices, like, axis):
    """y[…, indices[…, i, …], …] = x[…, i, …], and 0 elsewhere."""
    output = np.zeros(like.shape, x.dtype)
    np.put_along_axis(output, indices, x, axis)
    return output


def top_k_indices(x, k):
    """Where the k largest are along the last axis."""
    if not x.ndim or x.shape[-1] < k:
        raise ValueError(f"no {k} elements along the last axis of {x.shape}")
    return argsort(x, -1, True)[..., :k]


def argsort(x, axis, descending):
    """The order along an axis. A falling one is the rising one of the reversed array, backwards: ties keep theirs."""
    if not descending:
        return np.argsort(x, axis, kind="stable").astype(np.int32)
    order = np.argsort(np.flip(x, axis), axis, kind="stable")
    return np.flip(x.shape[axis] - 1 - order, axis).astype(np.int32)


def invert_permutation(x):
    """y[x[i]] = i"""
    if x.ndim != 1:
        raise ValueError("invert_permutation expects a 1D vector")
    for i in x[(x < 0) | (x >= len(x))]:
        raise ValueError(f"{i} is not between 0 and {len(x)}")
    for i in np.flatnonzero(np.bincount(x, minlength=len(x)) > 1):
        raise ValueError(f"{i} is duplicated in the input")
    output = np.empty_like(x)
    output[x] = np.arange(len(x), dtype=x.dtype)
    return output


def unique(x, out_idx):
    """The different elements as they first come, and which of them each element is."""
    return unique_with_counts(x, out_idx)[:2]


def unique_with_counts(x, out_idx):
    """As above, and how often each comes. numpy finds them sorted; `order` sorts them by where they first come."""
    if x.ndim != 1:
        raise ValueError("unique expects a 1D vector")
    _, first, inverse, counts = np.unique(
        x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
    )
    order = np.argsort(first)
    return [x[first[order]], np.argsort(order)[inverse].astype(out_idx.numpy), counts[order].astype(out_idx.numpy)]


def bincount(arr, *weights, minlength, maxlength, dtype):
    """How often each number comes, or the sum of the weights of those."""
    if arr.size and arr.min() < 0:
        raise ValueError("Input arr must be non-negative!")
    if weights and weights[0].shape != arr.shape:
        raise ValueError("weights must have the shape of arr")
    length = max(int(arr.max()) + 1 if arr.size else 0, minlength)
    if maxlength is not None:
        length = min(length, maxlength)
    counted = arr < length
    weights = [part[counted] for part in weights]
    return np.bincount(arr[counted], *weights, minlength=length).astype(dtype.numpy)


def histogram_fixed_width(values, value_range, nbins, dtype):
    """How many values fall into each bin; what lies outside counts for the first or last."""
    if value_range.shape != (2,) or not value_range[0] < value_range[1]:
        raise ValueError(f"value_range should satisfy value_range[0] < value_range[1], but got {value_range}")
    low, high = value_range
    bins = np.floor((values - low) / (high - low) * nbins)
    return np.bincount(np.clip(bins, 0, nbins - 1).astype(int).ravel(), minlength=nbins).astype(dtype.numpy)
