"""Reductions along axes, and the way back. `axis` is a tuple of axes, or None for all.

Neighbouring axes that are all reduced, or all kept, count as one. What is left is a row to be reduced (its axis is the
last one) or columns (it is not), and there is a kernel for each. Where reduced and kept axes alternate more often, they
are reduced one by one, the last first.
"""

from __future__ import annotations

from itertools import groupby
from math import prod
from typing import Any

import numpy as np

from . import elementary, math
from .elementwise import FLOATING, Elementwise, number, stretched
from .moving import filled, ghost, picked, put
from .programs import kernel, type_of
from .runtime import Array, Device, empty

__all__ = [
    "reduce_sum", "reduce_mean", "expand_like", "expand_mean_like", "reduce_max", "reduce_min", "reduce_prod",
    "products_of_others", "reduce_all", "reduce_any", "reduce_logsumexp", "argmax", "argmin",
]  # fmt: skip

Axes = tuple[int, ...] | None


class Reduction:
    """A kernel function that makes many numbers one.

    Args:
        combine: two results made one, in OpenCL's C.
        initial: the result of nothing, for a dtype.
    """

    def __init__(self, combine: str, initial: Any) -> None:
        self.combine = combine
        self.initial = initial

    def __call__(self, x: Array, axis: Axes, keepdims: bool) -> Array:
        """Reduces along axes."""
        axes = normalized(axis, x.ndim)
        kept = tuple(1 if i in axes else size for i, size in enumerate(x.shape))
        shape = kept if keepdims else tuple(size for i, size in enumerate(x.shape) if i not in axes)
        if not prod(kept):
            return empty(x.device, shape, x.dtype)
        return self.groups(x, merged(x.shape, axes)).reshape(*shape)

    def groups(self, x: Array, groups: list[tuple[bool, int]]) -> Array:
        """Reduces groups of axes, given as (whether to reduce them, their size), from the last on."""
        after = 1
        for place, (reduced, length) in reversed(list(enumerate(groups))):
            if not reduced:
                after *= length
            else:
                before = prod(size for _, size in groups[:place])
                x = self.rows(x, before, length) if after == 1 else self.columns(x, before, length, after)
        return x

    def rows(self, x: Array, rows: int, length: int) -> Array:
        """Reduces each of so many rows to a number."""
        tuning, device = x.device.tuning, x.device
        chunk = tuning.chunk * tuning.group
        chunks = max(1, -(-length // chunk))
        out = empty(device, (rows, chunks), x.dtype)
        together = max(1, chunk // max(length, 1)) if tuning.group == 1 else 1
        items = (chunks * tuning.group, -(-rows // together))
        compiled = self.kernel(device, "along_rows", x.dtype)
        device.launch(compiled, items, x.buffer, out.buffer, rows, length, chunk, chunks, together)
        return out if chunks == 1 else self.rows(out, rows, chunks)

    def columns(self, x: Array, blocks: int, length: int, width: int) -> Array:
        """Reduces the columns of each of so many matrices."""
        tuning, device = x.device.tuning, x.device
        slab = tuning.slab
        slabs = max(1, -(-length // slab))
        out = empty(device, (blocks * slabs, width), x.dtype)
        items = (-(-width // (tuning.lanes * tuning.stripes)), blocks * slabs)
        compiled = self.kernel(device, "down_columns", x.dtype)
        device.launch(compiled, items, x.buffer, out.buffer, length, width, slab, slabs)
        return out if slabs == 1 else self.columns(out, blocks, slabs, width)

    def kernel(self, device: Device, name: str, dtype: np.dtype[Any]) -> Any:
        """The compiled kernel for a dtype."""
        tuning = device.tuning
        return kernel(device, "reduction.cl", name, T=type_of(dtype), LANES=tuning.lanes, GROUP=tuning.group,
                      STRIPES=tuning.stripes,
                      INITIAL=self.initial(dtype), **{"COMBINE(a, b)": self.combine})  # fmt: skip


def normalized(axis: Axes, ndim: int) -> Axes:
    """The axes counted from 0; all of them for None.

    Raises:
        ValueError: where one is out of range, or given twice.
    """
    if axis is None:
        return tuple(range(ndim))
    axes = tuple(i + ndim if i < 0 else i for i in axis)
    if any(not 0 <= i < ndim for i in axes) or len(set(axes)) < len(axes):
        raise ValueError(f"axes {axis} of an array with {ndim} axes")
    return axes


def merged(shape: tuple[int, ...], axes: Axes) -> list[tuple[bool, int]]:
    """Neighbouring axes of one kind as one: (whether they are reduced, their size). Axes of size 1 do not matter."""
    kinds = [(i in axes, size) for i, size in enumerate(shape) if size != 1]
    return [(reduced, prod(size for _, size in group)) for reduced, group in groupby(kinds, key=lambda kind: kind[0])]


def lowest(dtype: np.dtype[Any]) -> str:
    """The smallest number of a dtype, in C; -inf for floats."""
    return "-INFINITY" if dtype.kind == "f" else _whole(dtype, np.iinfo(dtype).min)


def highest(dtype: np.dtype[Any]) -> str:
    """The largest number of a dtype, in C; inf for floats."""
    return "INFINITY" if dtype.kind == "f" else _whole(dtype, np.iinfo(dtype).max)


def _whole(dtype: np.dtype[Any], value: int) -> str:
    """An integer in C, where the lowest one cannot be written down: its digits are one too many before the minus."""
    digits = f"({value + 1} - 1)" if value < 0 else f"{value}{'u' * (dtype.kind == 'u')}"
    return f"(({type_of(dtype)}){digits})"


reduce_sum = Reduction("((a) + (b))", lambda dtype: "0")
reduce_prod = Reduction("((a) * (b))", lambda dtype: "1")
# NaN wins, on either side; an integer is always equal to itself.
reduce_max = Reduction("(((a) >= (b)) | ((a) != (a)) ? (a) : (b))", lowest)
reduce_min = Reduction("(((a) <= (b)) | ((a) != (a)) ? (a) : (b))", highest)
reduce_all = Reduction("((a) & (b))", lambda dtype: "1")
reduce_any = Reduction("((a) | (b))", lambda dtype: "0")


def reduce_mean(x: Array, axis: Axes, keepdims: bool) -> Array:
    """Σ x / n, rounded towards zero for integers."""
    total = reduce_sum(x, axis, keepdims)
    count = x.size // total.size if total.size else 0
    return math.realdiv(total, number(total, count)) if count or x.dtype.kind == "f" else total


def expand_like(g: Array, like: Array, axis: Axes, keepdims: bool) -> Array:
    """g repeated along the axes that were reduced."""
    return stretched(_with_reduced_axes(g, like, axis), like.shape)


def expand_mean_like(g: Array, like: Array, axis: Axes, keepdims: bool) -> Array:
    """g repeated along the reduced axes, and divided by the number of copies."""
    count = like.size // g.size if g.size else 1
    return expand_like(math.realdiv(g, number(g, count)), like, axis, keepdims)


def _with_reduced_axes(g: Array, like: Array, axis: Axes) -> Array:
    axes = normalized(axis, like.ndim)
    return g.reshape(*[1 if i in axes else size for i, size in enumerate(like.shape)])


def products_of_others(x: Array, *hs: Array, axis: Axes) -> Array:
    """Π xⱼ over j ≠ k for each k, or the derivative of that in the directions hs."""
    axes = normalized(axis, x.ndim)
    in_front = tuple(range(len(axes)))
    moved = np.moveaxis(ghost(x.shape), axes, in_front)
    count = prod(moved.shape[: len(axes)])
    ids = filled(x.device, (count,), np.int32, 0)
    others = products_of_others_alike(ids, *[picked(part, moved) for part in (x, *hs)])
    return picked(others, np.moveaxis(ghost(moved.shape), in_front, axes))


def products_of_others_alike(ids: Array, x: Array, *hs: Array) -> Array:
    """The same along the first axes, which have one id each: only rows of the same id, which stand together, count."""
    device, width = x.device, x.size // max(ids.size, 1)
    numbers = empty(device, (len(hs) + 1, x.size), x.dtype)
    for place, part in zip(ghost(numbers.shape), (x, *hs)):
        put(part.reshape(x.size), numbers, place)
    before = empty(device, (x.size << len(hs),), x.dtype)
    out = empty(device, x.shape, x.dtype)
    compiled = kernel(device, "others.cl", "products", T=type_of(x.dtype), I=type_of(ids.dtype), M=len(hs))
    device.launch(compiled, (width,), numbers.buffer, ids.buffer, before.buffer, out.buffer, ids.size, width)
    return out


def reduce_logsumexp(x: Array, axis: Axes, keepdims: bool) -> Array:
    """log Σ exp(x) = m + log Σ exp(x - m) for any m; the largest x keeps exp from overflowing."""
    top = _finite(reduce_max(x, axis, True))
    total = reduce_sum(elementary.exp(math.subtract(x, top)), axis, keepdims)
    return math.add(elementary.log(total), top.reshape(*total.shape))


_finite = Elementwise("isfinite(x) ? x : (XS)0", FLOATING)  # inf - inf would be nan


def argmax(x: Array, axis: int, output_type: Any) -> Array:
    """The index of the largest, the first of equal ones."""
    return _place(x, axis, output_type, "((a) > (b))")


def argmin(x: Array, axis: int, output_type: Any) -> Array:
    """The index of the smallest, the first of equal ones."""
    return _place(x, axis, output_type, "((a) < (b))")


def _place(x: Array, axis: int, output_type: Any, better: str) -> Array:
    (axis,) = normalized((axis,), x.ndim)
    length, width = x.shape[axis], prod(x.shape[axis + 1 :])
    out = empty(x.device, (*x.shape[:axis], *x.shape[axis + 1 :]), output_type.numpy)
    if not length:
        raise ValueError("the axis is empty")
    compiled = kernel(x.device, "arguments.cl", "best_place", T=type_of(x.dtype), PLACE=type_of(out.dtype),
                      **{"BETTER(a, b)": better})  # fmt: skip
    x.device.launch(compiled, (out.size,), x.buffer, out.buffer, length, width, out.size)
    return out
