"""Matrix products: one kernel, over panels, that serves all of them; see ``product.cl``."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .moving import ghost, picked
from .programs import kernel, type_of
from .reduction import reduce_sum
from .runtime import Array, Device, empty

__all__ = ["einsum", "matmul"]


def matmul(a: Array, b: Array, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    """a @ b, for matrices or equal batches of them."""
    if a.ndim < 2 or a.ndim != b.ndim or a.shape[:-2] != b.shape[:-2]:
        raise ValueError(f"batches of matrices must have equal shapes, not {a.shape[:-2]} and {b.shape[:-2]}")
    rows, depth = a.shape[:-3:-1] if transpose_a else a.shape[-2:]
    other, columns = b.shape[:-3:-1] if transpose_b else b.shape[-2:]
    if depth != other:
        raise ValueError(f"{depth} columns do not match {other} rows")
    out = empty(a.device, (*a.shape[:-2], rows, columns), a.dtype)
    strides = (1, rows) if transpose_a else (depth, 1), (1, depth) if transpose_b else (columns, 1)
    product(a, strides[0], b, strides[1], out, prod(a.shape[:-2]), rows, depth, columns)
    return out


def product(a: Array, a_strides: tuple[int, int], b: Array, b_strides: tuple[int, int], out: Array, batches: int,
            rows: int, depth: int, columns: int) -> None:  # fmt: skip
    """Writes the products of batches of matrices into `out`; the strides lead down a column and along a row."""
    device, tuning = out.device, out.device.tuning
    if not out.size:
        return
    a_panels, row_panels = pack(a, batches, rows, depth, *a_strides, tuning.tile_rows)
    b_panels, column_panels = pack(b, batches, columns, depth, *b_strides[::-1], tuning.tile_vectors * _lanes(out))
    multiply = compiled(device, "multiply_panels", out.dtype)
    device.launch(multiply, (row_panels, column_panels, batches), a_panels.buffer, b_panels.buffer, out.buffer, rows,
                  columns, depth, row_panels, column_panels)  # fmt: skip


def pack(
    x: Array, batches: int, lines: int, depth: int, line_stride: int, k_stride: int, width: int
) -> tuple[Array, int]:
    """Copies matrices into panels of so many lines; returns those and their number for each matrix."""
    device = x.device
    count = -(-lines // width)
    panels = empty(device, (batches * count * depth * width,), x.dtype)
    sizes, rest = (lines, depth), (width, lines * depth, count)
    if line_stride == 1:
        packing = compiled(device, "pack_side_by_side", x.dtype)
        device.launch(packing, (count, batches), x.buffer, panels.buffer, *sizes, k_stride, *rest)
    else:
        packing = compiled(device, "pack", x.dtype)
        device.launch(packing, (count, batches), x.buffer, panels.buffer, *sizes, line_stride, k_stride, *rest)
    return panels, count


def compiled(device: Device, name: str, dtype: np.dtype[Any]) -> Any:
    """A kernel of ``product.cl`` for a dtype."""
    tuning = device.tuning
    return kernel(device, "product.cl", name, T=type_of(dtype), LANES=lanes_for(device, dtype), ROWS=tuning.tile_rows,
                  VECTORS=tuning.tile_vectors)  # fmt: skip


def lanes_for(device: Device, dtype: np.dtype[Any]) -> int:
    """Half as many float64 as float32 fit into a register."""
    return max(2, device.tuning.tile_lanes * 4 // dtype.itemsize)


def _lanes(out: Array) -> int:
    return lanes_for(out.device, out.dtype)


# ---------------------------------------------------------------------------------------------------------- any tensors


def einsum(*xs: Array, equation: str) -> Array:
    """Einstein's summation: two tensors at a time are made one, as batches of matrices that are multiplied.

    Raises:
        ValueError: where axes with the same letter differ in size.
    """
    letters, _, result = equation.partition("->")
    labels = letters.split(",")
    _require_sizes(labels, xs)
    (a, x), *others = zip(labels, xs)
    while others:
        (b, y), *others = others
        a, x = _contracted(a, x, b, y, set(result).union(*[label for label, _ in others]))
    a, x = _summed(a, x, set(result))
    return _arranged(a, x, result)


def _contracted(a: str, x: Array, b: str, y: Array, needed: set[str]) -> tuple[str, Array]:
    """Two tensors multiplied; what is not needed later, and is not in both, can be summed over before."""
    a, x = _summed(a, x, needed | set(b))
    b, y = _summed(b, y, needed | set(a))
    batch, inner = ("".join(label for label in a if label in b and (label in needed) is kept) for kept in (True, False))
    left, right = "".join(label for label in a if label not in b), "".join(label for label in b if label not in a)
    sizes = dict(zip(a + b, x.shape + y.shape))
    count, rows, depth, columns = (prod(sizes[label] for label in part) for part in (batch, left, inner, right))
    x = _arranged(a, x, batch + left + inner).reshape(count, rows, depth)
    y = _arranged(b, y, batch + inner + right).reshape(count, depth, columns)
    labels = batch + left + right
    return labels, matmul(x, y).reshape(*[sizes[label] for label in labels])


def _summed(labels: str, x: Array, needed: set[str]) -> tuple[str, Array]:
    axes = tuple(axis for axis, label in enumerate(labels) if label not in needed)
    return "".join(label for label in labels if label in needed), reduce_sum(x, axes, False) if axes else x


def _arranged(labels: str, x: Array, result: str) -> Array:
    """The axes in the order of the result."""
    return picked(x, ghost(x.shape).transpose([labels.index(label) for label in result]))


def _require_sizes(labels: list[str], xs: tuple[Array, ...]) -> None:
    sizes: dict[str, int] = {}
    for label, size in zip("".join(labels), [size for x in xs for size in x.shape]):
        if sizes.setdefault(label, size) != size:
            raise ValueError(f"axes {label} differ in size")
