"""Running sums and products along an axis, and the recurrence that a running product's gradient is."""

from __future__ import annotations

from math import prod

from .indexing import counted
from .moving import filled, ghost, picked, put
from .programs import kernel, type_of
from .runtime import Array, empty

__all__ = ["cumprod", "cumsum", "linear_recurrence", "shift"]


def cumsum(x: Array, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Running sums."""
    return _running("((a) + (b))", 0, x, axis, exclusive, reverse)


def cumprod(x: Array, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Running products."""
    return _running("((a) * (b))", 1, x, axis, exclusive, reverse)


def _running(combine: str, identity: int, x: Array, axis: int, exclusive: bool, reverse: bool) -> Array:
    """Long axes are cut into chunks: what comes before a chunk is a running result of the chunks' own results."""
    shape = _around(x, axis)
    out = empty(x.device, x.shape, x.dtype)
    if not x.size:
        return out
    before, length, after = shape
    chunk = x.device.tuning.chunk
    chunks = -(-length // chunk)
    macros = {"T": type_of(x.dtype), "IDENTITY": identity, "COMBINE(a, b)": combine}
    sizes = length, after, chunk, chunks, before * chunks * after, int(reverse)
    starts = x
    if chunks > 1:
        totals = empty(x.device, (before, chunks, after), x.dtype)
        compiled = kernel(x.device, "running.cl", "totals", **macros)
        x.device.launch(compiled, sizes[4:5], x.buffer, totals.buffer, *sizes)
        starts = _running(combine, identity, totals, 1, True, reverse)
    compiled = kernel(x.device, "running.cl", "running", **macros)
    x.device.launch(compiled, sizes[4:5], x.buffer, starts.buffer, out.buffer, *sizes, int(exclusive))
    return out


def _around(x: Array, axis: int) -> tuple[int, int, int]:
    """The numbers of elements before an axis, along it, and after it."""
    axis = counted(axis, x)
    return prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :])


def shift(x: Array, axis: int, reverse: bool) -> Array:
    """Each element moved one place up the axis, or down in reverse; a zero moves in."""
    first = (slice(None),) * counted(axis, x)
    below, above = (*first, slice(None, -1)), (*first, slice(1, None))
    out = filled(x.device, x.shape, x.dtype, 0)
    put(picked(x, ghost(x.shape)[above if reverse else below]), out, ghost(x.shape)[below if reverse else above])
    return out


def linear_recurrence(a: Array, b: Array, axis: int, reverse: bool) -> Array:
    """s with sᵢ = aᵢ sᵢ₋₁ + bᵢ, or aᵢ sᵢ₊₁ + bᵢ in reverse."""
    before, length, after = _around(b, axis)
    out = empty(b.device, b.shape, b.dtype)
    compiled = kernel(b.device, "recurrence.cl", "recurrence", T=type_of(b.dtype))
    b.device.launch(compiled, (before * after,), a.buffer, b.buffer, out.buffer, length, after, before * after,
                    int(reverse))  # fmt: skip
    return out
