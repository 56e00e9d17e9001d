"""Copies that rearrange, for everything from `transpose` to `concat`.

All of these are one and the same copy: from one regular pattern of places to another.

    out[o + i₀ t₀ + i₁ t₁ + …] = x[s + i₀ r₀ + i₁ r₁ + …]    for all i₀ < n₀, i₁ < n₁, …

An array is read backwards with a negative stride, repeated with the stride 0, and its diagonal has the strides of two
axes added up. What the strides are for x[1:, ::-1], for a transposed array, or a diagonal, numpy knows already: its own
views work that way. So a *ghost* is an array of numpy's that has a shape and nothing behind it. Take any view of it,
and its strides say where the elements lie on the device:

    picked(x, ghost(x.shape).T)               x transposed
    put(part, out, ghost(out.shape)[2:4])     writes a part into an array that is being made
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .programs import kernel
from .runtime import Array, Device, constant, empty

Shape = tuple[int, ...]
View = Any
"""A view of a ghost."""

TILE = 32
"""Arrays are turned by squares of this size: a row of one is a whole line of memory, or several."""

_NOTHING = np.zeros(1, np.int8)  # items of one byte, so that strides in bytes count elements
_START = _NOTHING.__array_interface__["data"][0]


@lru_cache(maxsize=4096)
def ghost(shape: Shape) -> View:
    """An array whose views say where elements lie, and whose elements must never be looked at: there are none."""
    return as_strided(_NOTHING, shape, steps(shape), writeable=False)


@lru_cache(maxsize=4096)
def steps(shape: Shape) -> Shape:
    """How far apart the elements of a dense array are along each axis."""
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def mover(dtype: np.dtype[Any]) -> str:
    """A type of the same size, for kernels that only move elements: complex numbers and all."""
    return {1: "uchar", 2: "ushort", 4: "uint", 8: "ulong", 16: "ulong2"}[dtype.itemsize]


def picked(x: Array, view: View) -> Array:
    """The elements that a view of x's ghost shows; x itself in another shape, where these are all in their order."""
    if view.size == x.size and plan(view.shape, view.strides, steps(view.shape)).whole:
        return x.reshape(*view.shape)
    out = empty(x.device, view.shape, x.dtype)
    move(x, view, out, ghost(view.shape))
    return out


def pieces(x: Array, views: Iterable[View]) -> list[Array]:
    """An array for each of several views."""
    return [picked(x, view) for view in views]


def put(x: Array, out: Array, view: View) -> None:
    """Writes x where a view of out's ghost is; `out` must be an array that nobody else knows yet."""
    move(x, ghost(x.shape), out, view)


def filled(device: Device, shape: Shape, dtype: Any, value: Any) -> Array:
    """The same number everywhere, in an array to be written into."""
    out = empty(device, shape, dtype)
    move(constant(device, value, out.dtype), np.broadcast_to(ghost(()), shape), out, ghost(shape))
    return out


def copied(x: Array) -> Array:
    """A copy to be written into."""
    out = empty(x.device, x.shape, x.dtype)
    put(x, out, ghost(x.shape))
    return out


def parts_of(x: Array) -> Array:
    """Complex numbers as pairs of real ones, along one more axis."""
    half = np.dtype(f"f{x.dtype.itemsize // 2}")
    return Array(x.buffer, (*x.shape, 2), half, 2 * x.size, x.device)


# ------------------------------------------------------------------------------------------------------------- the copy


class Plan(NamedTuple):
    """How to copy from one pattern of places to another.

    Attributes:
        whole: nothing changes its place.
        turned: the axis along which x goes on in memory is not the one along which the result does: squares are turned.
        axes: the table for the kernel: the number of axes, and for each its size and both strides; the first is the one
            along which the result goes on in memory.
        sizes: the sizes alone.
    """

    whole: bool
    turned: bool
    axes: tuple[int, ...]
    sizes: tuple[int, ...]


def move(x: Array, view: View, out: Array, target: View) -> None:
    """Copies the elements of a view to those of another of the same shape."""
    if not view.size:
        return
    device, way = out.device, plan(view.shape, view.strides, target.strides)
    table = constant(device, way.axes, np.int32)
    if way.turned:
        name, group, width = "turn", device.tuning.group, -(-way.sizes[0] // TILE)
        parts = width * -(-way.sizes[1] // TILE)
    else:
        name, group, width = "move", 1, device.tuning.span
        parts = -(-way.sizes[0] * way.sizes[1] // width)
    items = prod(way.sizes[2:]) * parts * group
    compiled = kernel(device, "move.cl", name, T=mover(x.dtype), TILE=TILE, GROUP=device.tuning.group)
    starts = _start(view), _start(target)
    device.launch(compiled, (items,), x.buffer, out.buffer, *starts, parts, width, items, table.buffer)


def _start(view: View) -> int:
    return int(view.__array_interface__["data"][0] - _START)


@lru_cache(maxsize=4096)
def plan(shape: Shape, strides: Shape, targets: Shape) -> Plan:
    """How to copy elements of these distances to such of those."""
    axes = _merged(shape, strides, targets)
    whole = len(axes) <= 1 and all(stride == target == 1 for _, stride, target in axes)
    first = axes.pop() if axes else (1, 1, 1)
    along = [axis for axis in axes if axis[1] == 1 and min(axis[0], first[0]) >= TILE // 2]
    turned = bool(along) and first[1] != 1 and first[2] == 1
    second = along[0] if turned else max(axes, default=(1, 0, 0))
    if second in axes:
        axes.remove(second)
    table = [first, second, *reversed(axes)]
    sizes = tuple(size for size, *_ in table)
    return Plan(whole, turned, (len(table), *[part for axis in table for part in axis]), sizes)


def _merged(shape: Shape, strides: Shape, targets: Shape) -> list[tuple[int, int, int]]:
    """Axes as (size, stride, target stride), in the order of the result; one that goes on where another ends is one."""
    axes: list[tuple[int, int, int]] = []
    for size, stride, target in sorted(zip(shape, strides, targets), key=lambda axis: -abs(axis[2])):
        if size == 1:
            continue
        if axes and axes[-1][1:] == (stride * size, target * size):
            size *= axes.pop()[0]
        axes.append((size, stride, target))
    return axes
