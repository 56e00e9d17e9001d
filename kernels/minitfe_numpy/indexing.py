"""Picking elements, and putting them back. numpy counts negative indices from the end; the kernels refuse them."""

from __future__ import annotations

import builtins

import numpy as np

from .array import zeros_of

__all__ = [
    "strided_slice", "strided_slice_gradient", "slice", "gather", "rows", "gather_gradient", "gather_nd", "scatter_nd",
    "scatter_nd_like", "tensor_scatter_update", "where", "select", "setdiff1d",
]  # fmt: skip


def strided_slice(x, key):
    """x[key]: a view. The Ellipsis that every key has keeps it an array."""
    return x[key]


def strided_slice_gradient(g, like, key):
    """Zeros, with g at [key]."""
    x = zeros_of(like.shape, g.dtype)
    x[key] = g
    return x


def slice(x, begin, size):
    """A block: a view."""
    if not len(begin) == len(size) == x.ndim:
        raise ValueError("one number for each axis")
    key = []
    for b, n, whole in zip(begin, size, x.shape):
        end = whole if n == -1 else b + n
        if not 0 <= b <= end <= whole:
            raise ValueError("the block reaches beyond the array")
        key.append(builtins.slice(b, end))
    return x[(*key, ...)]


UNSIGNED = {np.dtype(f"{sign}{size}"): np.dtype(f"u{size}") for sign in "iu" for size in (1, 2, 4, 8)}


def check_indices(indices, size):
    """Raises IndexError for the first index that is not in [0, size)."""
    # As unsigned numbers, negative ones are too large as well: one pass finds both.
    if indices.size and np.maximum.reduce(indices.view(UNSIGNED[indices.dtype]), axis=None) >= size:
        at = np.unravel_index(np.argmax((indices < 0) | (indices >= size)), indices.shape)
        place = f"[{','.join(map(str, at))}]" if at else ""
        raise IndexError(f"indices{place} = {indices[at]} is not in [0, {size})")


def gather(params, indices, axis):
    """The entries at the indices, along an axis."""
    check_indices(indices, params.shape[axis])
    return np.asarray(params.take(indices, axis, mode="clip"), params.dtype)


def rows(g, indices):
    """The axes of the indices become one."""
    return g.reshape(indices.size, *g.shape[indices.ndim :])


def add_rows(rows, indices, shape):
    """Zeros of a shape, with rows added at the indices along the first axis.

    Rows of the same index are brought together by sorting, and each group is summed in the order it came in: faster
    than np.add.at, and repeatable. Single numbers are a case that numpy has a function for.
    """
    check_indices(indices, shape[0])
    if rows.ndim == 1 and rows.dtype.kind == "f":
        return np.bincount(indices.astype(np.intp), rows, shape[0]).astype(rows.dtype)
    total = np.zeros(shape, rows.dtype)
    if indices.size:
        order = np.argsort(indices, kind="stable")
        ordered = indices[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        total[ordered[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return total


def gather_gradient(g, indices, like, axis):
    """The entries of g, added at the indices along an axis."""
    shape = like.shape
    apart = g.reshape(*shape[:axis], indices.size, *shape[axis + 1 :])
    moved = (shape[axis], *shape[:axis], *shape[axis + 1 :])
    return np.moveaxis(add_rows(np.moveaxis(apart, axis, 0), indices.reshape(-1), moved), 0, axis)


def places_of(indices, shape):
    """The coordinates of points as one number each, as if the first axes of the shape were one."""
    depth = indices.shape[-1]
    sizes = shape[:depth]
    if depth > len(shape):
        raise ValueError(f"{depth} coordinates for {len(shape)} axes")
    outside = ((indices < 0) | (indices >= np.array(sizes, np.int64))).any(axis=-1)
    if outside.any():
        at = np.unravel_index(np.argmax(outside), outside.shape)
        place = ",".join(map(str, at))
        raise IndexError(f"indices[{place}] = {indices[at].tolist()} does not index into param shape {list(shape)}")
    steps = [int(np.prod(sizes[i + 1 :])) for i in builtins.range(depth)]
    return (indices.astype(np.int64) * steps).sum(axis=-1, dtype=np.int64)


def blocks_of(x, depth):
    """x with its first axes made one."""
    return x.reshape(int(np.prod(x.shape[:depth])), *x.shape[depth:])


def gather_nd(params, indices):
    """The blocks at the coordinates."""
    places = places_of(indices, params.shape)
    return np.asarray(blocks_of(params, indices.shape[-1]).take(places, 0, mode="clip"), params.dtype)


def scatter_nd(updates, indices, shape):
    """Zeros, with updates added at the coordinates."""
    places, depth = checked_places(indices, updates, shape), indices.shape[-1]
    rows = updates.reshape(places.size, *shape[depth:])
    return add_rows(rows, places.reshape(-1), (int(np.prod(shape[:depth])), *shape[depth:])).reshape(shape)


def checked_places(indices, updates, shape):
    """The places of updates, which must have just the shape that fits."""
    places = places_of(indices, shape)
    if updates.shape != (*indices.shape[:-1], *shape[indices.shape[-1] :]):
        raise ValueError("the updates do not fit")
    return places


def scatter_nd_like(updates, indices, like):
    """`scatter_nd` to the shape of another array."""
    return scatter_nd(updates, indices, like.shape)


def tensor_scatter_update(x, updates, indices):
    """A copy of x with updates at the coordinates."""
    places, y = checked_places(indices, updates, x.shape), np.array(x, order="C")
    blocks_of(y, indices.shape[-1])[places] = updates
    return y


def where(x):
    """The coordinates of the elements that are true."""
    return np.argwhere(x)


def select(condition, x, y):
    """x where the condition is true, else y."""
    if x.shape != y.shape or condition.shape not in (x.shape, x.shape[:1], ()):
        raise ValueError("the shapes differ")
    if condition.ndim == 1:
        condition = condition.reshape(-1, *[1] * (x.ndim - 1))
    return np.where(condition, x, y)


def setdiff1d(x, y, index_dtype):
    """The elements of x that are not in y, and their places."""
    if not x.ndim == y.ndim == 1:
        raise ValueError("x and y are no vectors")
    places = np.flatnonzero(~np.isin(x, y))
    return [x[places], places.astype(index_dtype.numpy)]
