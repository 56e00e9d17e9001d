"""Elements repeated, padded, reversed, and laid onto diagonals."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from minitfe_numpy import rearrange as views

from .array import concat, converted, zeros_like
from .comparison import less_equal, logical_and
from .elementwise import Elementwise, number
from .indexing import chosen
from .math import add, subtract
from .moving import copied, filled, ghost, picked, put
from .reduction import reduce_sum
from .runtime import Array, upload
from .sorting import take_along_axis

__all__ = [
    "tile", "tile_gradient", "broadcast_to", "pad", "pad_gradient", "reverse", "reverse_sequence", "diag", "diag_part",
    "matrix_diag", "matrix_diag_part", "matrix_set_diag", "matrix_band_part",
]  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- repeated


def tile(x: Array, multiples: Any) -> Array:
    """The array repeated along each axis: it is stretched along one more axis before each of its own."""
    if len(multiples) != x.ndim or min(multiples, default=0) < 0:
        raise ValueError("one multiple for each axis")
    apart = ghost(x.shape).reshape(_before_each(x.shape, (1,) * x.ndim))
    tiles = picked(x, np.broadcast_to(apart, _before_each(x.shape, multiples)))
    return tiles.reshape(*[times * size for times, size in zip(multiples, x.shape)])


def tile_gradient(g: Array, like: Array, multiples: Any) -> Array:
    """The sum over all tiles: each axis is taken apart into (tile, place in the tile)."""
    apart = g.reshape(*_before_each(like.shape, multiples))
    return reduce_sum(apart, tuple(range(0, apart.ndim, 2)), False)


def _before_each(shape: Any, multiples: Any) -> tuple[int, ...]:
    return tuple(part for pair in zip(multiples, shape) for part in pair)


def broadcast_to(x: Array, shape: Any) -> Array:
    """x repeated along axes of size 1, and new ones."""
    return picked(x, np.broadcast_to(ghost(x.shape), shape))


# --------------------------------------------------------------------------------------------------------------- padded


def pad(x: Array, paddings: Any, mode: str, value: Any) -> Array:
    """The array with something around it."""
    if len(paddings) != x.ndim or any(min(pair) < 0 for pair in paddings):
        raise ValueError("one pair for each axis, not negative")
    if mode == "CONSTANT":
        return padded(x, paddings, value)
    for pair, size in zip(paddings, x.shape):
        if max(pair) > size - (mode == "REFLECT"):
            raise ValueError("too little to mirror")
    for axis, pair in enumerate(paddings):
        before, after = _mirrored(ghost(x.shape), axis, pair, mode)
        x = concat(picked(x, before), x, picked(x, after), axis=axis)
    return x


def padded(x: Array, paddings: Any, value: Any) -> Array:
    """The array with the same number all around it."""
    shape = tuple(before + size + after for (before, after), size in zip(paddings, x.shape))
    out = filled(x.device, shape, x.dtype, value)
    put(x, out, ghost(shape)[views.inside(paddings, x.shape)])
    return out


def _mirrored(view: Any, axis: int, pair: tuple[int, int], mode: str) -> tuple[Any, Any]:
    """What is put before and behind: REFLECT does not repeat the element of the edge, on which the mirror stands."""
    gap = mode == "REFLECT"
    (before, after), size, first = pair, view.shape[axis], (slice(None),) * axis
    return (
        np.flip(view[(*first, slice(gap, gap + before))], axis),
        np.flip(view[(*first, slice(size - gap - after, size - gap))], axis),
    )


def pad_gradient(g: Array, like: Array, paddings: Any, mode: str) -> Array:
    """The inside; what was mirrored outwards is added to where it came from, axis by axis."""
    if mode == "CONSTANT":
        return picked(g, ghost(g.shape)[views.inside(paddings, like.shape)])
    for axis, ((before, after), size) in enumerate(zip(paddings, like.shape)):
        first, view = (slice(None),) * axis, ghost(g.shape)
        core = picked(g, view[(*first, slice(before, before + size))])
        outside = slice(0, before), slice(before + size, before + size + after)
        for place, part in zip(_mirrored(ghost(core.shape), axis, (before, after), mode), outside):
            if place.size:
                folded = zeros_like(core)
                put(picked(g, view[(*first, part)]), folded, place)
                core = add(core, folded)
        g = core
    return g


# ------------------------------------------------------------------------------------------------------------- reversed


def reverse(x: Array, axis: Any) -> Array:
    """The array counted backwards along some axes."""
    return picked(x, views.reverse(ghost(x.shape), axis))


_mirror_place = Elementwise("x < y ? y - (XS)1 - x : x", "i")


def reverse_sequence(x: Array, lengths: Array, seq_axis: int, batch_axis: int) -> Array:
    """Place i of a sequence takes what stood at length - 1 - i, as long as that is a place in it."""
    if lengths.shape != (x.shape[batch_axis],):
        raise ValueError("one length for each sequence")
    places = upload(x.device, np.arange(x.shape[seq_axis], dtype=np.int32))
    ends = converted(lengths, places.dtype)
    mirrored = _mirror_place(_along(places, seq_axis, x.ndim), _along(ends, batch_axis, x.ndim))
    return take_along_axis(x, broadcast_to(mirrored, x.shape), seq_axis)


def _along(vector: Array, axis: int, ndim: int) -> Array:
    return vector.reshape(*[vector.size if i == axis else 1 for i in range(ndim)])


# ------------------------------------------------------------------------------------------------------------ diagonals


def diag(x: Array) -> Array:
    """Zeros, with x on the diagonal."""
    return matrix_diag(x.reshape(x.size)).reshape(*x.shape * 2)


def diag_part(x: Array) -> Array:
    """The diagonal of an array whose shape is some shape, twice."""
    half = x.shape[: x.ndim // 2]
    if x.shape != half * 2:
        raise ValueError("not some shape twice")
    return matrix_diag_part(x.reshape(prod(half), prod(half))).reshape(*half)


def matrix_diag(x: Array) -> Array:
    """Zeros, with the last axis on the diagonal of two."""
    out = filled(x.device, (*x.shape, x.shape[-1]), x.dtype, 0)
    put(x, out, views.matrix_diag_part(ghost(out.shape)))
    return out


def matrix_diag_part(x: Array) -> Array:
    """The diagonals of the last two axes."""
    return picked(x, views.matrix_diag_part(ghost(x.shape)))


def matrix_set_diag(x: Array, diagonal: Array) -> Array:
    """A copy with other diagonals."""
    out = copied(x)
    place = views.matrix_diag_part(ghost(x.shape))
    if diagonal.shape != place.shape:
        raise ValueError("the diagonals do not fit")
    put(diagonal, out, place)
    return out


def matrix_band_part(x: Array, num_lower: int, num_upper: int) -> Array:
    """x where the column minus the row is within the band, else 0."""
    rows, columns = x.shape[-2:]
    numbers = [upload(x.device, np.arange(count, dtype=np.int32)) for count in (rows, columns)]
    above = subtract(numbers[1], numbers[0].reshape(rows, 1))
    lowest = -num_lower if num_lower >= 0 else -rows
    highest = num_upper if num_upper >= 0 else columns
    inside = logical_and(less_equal(number(above, lowest), above), less_equal(above, number(above, highest)))
    return chosen(broadcast_to(inside, x.shape), x, zeros_like(x))
