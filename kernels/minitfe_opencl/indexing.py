"""Picking elements, and putting them back. What does not exist is 0: an index out of range reads 0 and writes nothing.

Where an index depends on the values of an array, the copy is no regular pattern any more, and there are two kernels for
it: `gather.cl` looks up where each element comes from, and `scatter.cl` where each goes to.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from minitfe_numpy import indexing as views

from .elementwise import ALONE, Elementwise
from .moving import copied, filled, ghost, mover, parts_of, picked, put
from .programs import kernel, type_of
from .runtime import Array, constant, empty

__all__ = [
    "strided_slice", "strided_slice_gradient", "slice", "gather", "rows", "gather_gradient", "gather_nd", "scatter_nd",
    "scatter_nd_like", "tensor_scatter_update", "select",
]  # fmt: skip

# --------------------------------------------------------------------------------------------------------------- slices


def strided_slice(x: Array, key: Any) -> Array:
    """x[key]"""
    return picked(x, ghost(x.shape)[key])


def strided_slice_gradient(g: Array, like: Array, key: Any) -> Array:
    """Zeros, with g at [key]."""
    out = filled(g.device, like.shape, g.dtype, 0)
    place = ghost(like.shape)[key]
    if g.shape != place.shape:
        raise ValueError("the gradient does not fit")
    put(g, out, place)
    return out


def slice(x: Array, begin: Any, size: Any) -> Array:
    """A block."""
    return picked(x, views.slice(ghost(x.shape), begin, size))


# -------------------------------------------------------------------------------------------------------------- gathers


def gather(params: Array, indices: Array, axis: int) -> Array:
    """The entries at the indices, along an axis."""
    axis = counted(axis, params)
    before, length, after = params.shape[:axis], params.shape[axis], params.shape[axis + 1 :]
    out = empty(params.device, (*before, *indices.shape, *after), params.dtype)
    _look_up("gather", params, indices, out, prod(before), length, indices.size, prod(after))
    return out


def along_axis(x: Array, indices: Array, axis: int) -> Array:
    """y[…, i, …] = x[…, indices[…, i, …], …]"""
    axis = counted(axis, x)
    out = empty(x.device, indices.shape, x.dtype)
    before, after = prod(x.shape[:axis]), prod(x.shape[axis + 1 :])
    _look_up("gather_along", x, indices, out, before, x.shape[axis], indices.shape[axis], after)
    return out


def _look_up(name: str, x: Array, indices: Array, out: Array, before: int, length: int, count: int, after: int) -> None:
    if not out.size:
        return
    device = x.device
    compiled = kernel(device, "gather.cl", name, T=mover(x.dtype), I=type_of(indices.dtype))
    span = device.tuning.span
    sizes = before * count * after, length, count, after, span
    device.launch(compiled, (-(-out.size // span),), x.buffer, indices.buffer, out.buffer, *sizes)


def counted(axis: int, x: Array) -> int:
    """An axis counted from 0."""
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis {axis} of an array with {x.ndim} axes")
    return axis % x.ndim


def places_of(indices: Array, shape: Any) -> Array:
    """The coordinates of points as one number each, as if the first axes of the shape were one; -1 for one outside."""
    depth = indices.shape[-1]
    if depth > len(shape):
        raise ValueError(f"{depth} coordinates for {len(shape)} axes")
    places = empty(indices.device, indices.shape[:-1], np.dtype(np.int32))
    sizes = constant(indices.device, tuple(shape[:depth]) or (0,), np.int32)
    compiled = kernel(indices.device, "places.cl", "places", I=type_of(indices.dtype))
    indices.device.launch(compiled, (places.size,), indices.buffer, places.buffer, places.size, depth, sizes.buffer)
    return places


def blocks_of(x: Array, depth: int) -> Array:
    """x with its first axes made one."""
    return x.reshape(prod(x.shape[:depth]), *x.shape[depth:])


def gather_nd(params: Array, indices: Array) -> Array:
    """The blocks at the coordinates."""
    return gather(blocks_of(params, indices.shape[-1]), places_of(indices, params.shape), 0)


# ------------------------------------------------------------------------------------------------------------- scatters

ADD, REPLACE = "((a) + (b))", "(b)"


def rows(g: Array, indices: Array) -> Array:
    """The axes of the indices become one."""
    return g.reshape(indices.size, *g.shape[indices.ndim :])


def add_rows(rows: Array, indices: Array, shape: Any) -> Array:
    """Zeros of a shape, with rows added at the indices along the first axis."""
    if rows.dtype.kind == "c":
        total = add_rows(parts_of(rows), indices, (*shape, 2))
        return Array(total.buffer, tuple(shape), rows.dtype, total.size // 2, rows.device)
    total = filled(rows.device, tuple(shape), rows.dtype, 0)
    scatter(rows, indices, total, ADD)
    return total


def scatter(rows: Array, indices: Array, total: Array, combine: str) -> None:
    """Combines rows with those of a fresh array that the indices name, in their order.

    Work-items share the result out among themselves: each has some columns of some rows, and goes through all indices
    for those that concern it. So no two ever write to one place, and the order of additions is always the same.
    """
    length, width = total.shape[0], prod(total.shape[1:])
    if not rows.size or not total.size:
        return
    device, tuning = total.device, total.device.tuning
    columns = 1 if tuning.group > 1 else 256
    strips = -(-width // columns)
    shares = -(-tuning.group * device.device.max_compute_units // strips)
    slab = -(-length // min(shares, length))
    slabs = -(-length // slab)
    numbers = mover(total.dtype) if combine == REPLACE else type_of(total.dtype)
    macros = {"T": numbers, "I": type_of(indices.dtype), "COMBINE(a, b)": combine}
    compiled = kernel(device, "scatter.cl", "scatter", **macros)
    device.launch(compiled, (strips * slabs,), rows.buffer, indices.buffer, total.buffer, indices.size, length, width,
                  slab, columns, strips)  # fmt: skip


def gather_gradient(g: Array, indices: Array, like: Array, axis: int) -> Array:
    """The entries of g, added at the indices along an axis."""
    axis = counted(axis, like)
    before, length, after = like.shape[:axis], like.shape[axis], like.shape[axis + 1 :]
    apart = np.moveaxis(ghost((*before, indices.size, *after)), axis, 0)
    total = add_rows(picked(g, apart), indices, (length, *before, *after))
    return picked(total, np.moveaxis(ghost(total.shape), 0, axis))


def scatter_nd(updates: Array, indices: Array, shape: Any) -> Array:
    """Zeros, with updates added at the coordinates."""
    places, depth = _checked_places(indices, updates, shape), indices.shape[-1]
    blocks = (prod(shape[:depth]), *shape[depth:])
    return add_rows(rows(updates, places), places, blocks).reshape(*shape)


def _checked_places(indices: Array, updates: Array, shape: Any) -> Array:
    """The places of updates, which must have just the shape that fits."""
    places = places_of(indices, shape)
    if updates.shape != (*indices.shape[:-1], *shape[indices.shape[-1] :]):
        raise ValueError("the updates do not fit")
    return places


def scatter_nd_like(updates: Array, indices: Array, like: Array) -> Array:
    """`scatter_nd` to the shape of another array."""
    return scatter_nd(updates, indices, like.shape)


def tensor_scatter_update(x: Array, updates: Array, indices: Array) -> Array:
    """A copy of x with updates at the coordinates; of several at the same ones, the last."""
    places, y = _checked_places(indices, updates, x.shape), copied(x)
    scatter(rows(updates, places), places, blocks_of(y, indices.shape[-1]), REPLACE)
    return y


# -------------------------------------------------------------------------------------------------------------- choices

_chosen = Elementwise("HOLDS(z) ? x : y", ALONE)
WHOLE = {size: np.dtype(f"u{size}") for size in (1, 2, 4, 8)}


def select(condition: Array, x: Array, y: Array) -> Array:
    """x where the condition is true, else y."""
    if x.shape != y.shape or condition.shape not in (x.shape, x.shape[:1], ()):
        raise ValueError("the shapes differ")
    return chosen(condition.reshape(*condition.shape, *[1] * (x.ndim - condition.ndim)), x, y)


def chosen(condition: Array, x: Array, y: Array) -> Array:
    """x where the condition is true, else y, both read as whole numbers: so one kernel serves all dtypes of a size."""
    if x.dtype.kind == "c":
        parts = chosen(condition.reshape(*condition.shape, 1), parts_of(x), parts_of(y))
        return Array(parts.buffer, x.shape, x.dtype, x.size, x.device)
    size = WHOLE[x.dtype.itemsize]
    numbers = _chosen(_read_as(x, size), _read_as(y, size), condition)
    return _read_as(numbers, x.dtype)


def _read_as(x: Array, dtype: np.dtype[Any]) -> Array:
    return Array(x.buffer, x.shape, dtype, x.size, x.device)
