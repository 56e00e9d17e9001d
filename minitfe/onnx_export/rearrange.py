"""Elements repeated, summed up again, padded, reversed, and laid onto diagonals."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer

# ------------------------------------------------------------------------------------------------------------ repeated


@rule
def tile(w: Writer, x: Value, multiples: tuple[int, ...]) -> Value:
    """Tile"""
    return w.node("Tile", x, w.ints(*multiples))


@rule
def broadcast_to(w: Writer, x: Value, shape: tuple[int, ...]) -> Value:
    """Expand"""
    return w.node("Expand", x, w.ints(*shape))


@rule
def broadcast_like(w: Writer, x: Value, like: Value) -> Value:
    """Expand to the Shape of the other"""
    return w.node("Expand", x, w.shape(like))


@rule
def unbroadcast_like(w: Writer, x: Value, like: Value) -> Value:
    """ReduceSum over the axes that the other lacks, and those where sizes differ: it has only one there."""
    extra = x.rank - like.rank
    if extra:
        x = w.node("ReduceSum", x, w.ints(*range(extra)), keepdims=0)
    differ = w.node("Not", w.node("Equal", w.shape(x), w.shape(like)))
    stretched = w.flat(w.node("NonZero", differ))
    return w.node("ReduceSum", x, stretched, keepdims=1, noop_with_empty_axes=1)


# --------------------------------------------------------------------------------------- padded, reversed, on diagonals


@rule
def pad(w: Writer, x: Value, paddings: Any, mode: str, value: Any) -> Value:
    """Pad; SYMMETRIC, which ONNX has not, by a Gather along each axis."""
    if mode == "SYMMETRIC":
        return _mirrored(w, x, paddings)
    begins, ends = zip(*paddings) if paddings else ((), ())
    fill = w.constant(value, x.dtype) if mode == "CONSTANT" else None
    return w.node("Pad", x, w.ints(*begins, *ends), fill, mode=mode.lower())


def _mirrored(w: Writer, x: Value, paddings: Any) -> Value:
    y = x
    for axis, pair in enumerate(paddings):
        if any(pair):
            (size,) = x.sizes(axis)
            y = w.node("Gather", y, w.constant(np.pad(np.arange(size), pair, "symmetric")), axis=axis)
    return y


@rule
def reverse(w: Writer, x: Value, axis: tuple[int, ...]) -> Value:
    """Slice with steps of -1"""
    if not axis:
        return x
    n = len(axis)
    return w.node("Slice", x, w.ints(*[-1] * n), w.ints(*[-(2**62)] * n), w.ints(*axis), w.ints(*[-1] * n))


@rule
def reverse_sequence(w: Writer, x: Value, lengths: Value, seq_axis: int, batch_axis: int) -> Value:
    """ReverseSequence, with the two axes in front"""
    rest = [axis for axis in range(x.rank) if axis not in (batch_axis, seq_axis)]
    there = [batch_axis, seq_axis, *rest]
    y = w.node("ReverseSequence", w.transpose(x, *there), w.cast(lengths, np.int64), batch_axis=0, time_axis=1)
    return w.transpose(y, *np.argsort(there).tolist())


def _diagonal(w: Writer, rows: int, columns: int) -> Value:
    return w.constant(np.eye(rows, columns, dtype=bool))


@rule
def matrix_diag(w: Writer, x: Value) -> Value:
    """Where the row is the column"""
    (n,) = x.sizes(-1)
    return w.node("Where", _diagonal(w, n, n), w.unsqueeze(x, x.rank), w.constant(0, x.dtype))


@rule
def matrix_set_diag(w: Writer, x: Value, diagonal: Value) -> Value:
    """Where the row is the column"""
    return w.node("Where", _diagonal(w, *x.sizes(-2, -1)), _along_rows(w, x, diagonal), x)


def _along_rows(w: Writer, x: Value, diagonal: Value) -> Value:
    """The diagonal's numbers in each row, as long as the row is."""
    rows, columns = x.sizes(-2, -1)
    if columns > rows:
        ends = [0] * (2 * diagonal.rank - 1)
        diagonal = w.node("Pad", diagonal, w.ints(*ends, columns - rows), w.constant(0, x.dtype))
    return w.unsqueeze(diagonal, x.rank - 2)


@rule
def matrix_diag_part(w: Writer, x: Value) -> Value:
    """Gather from the rows laid end to end"""
    rows, columns = x.sizes(-2, -1)
    laid = w.node("Reshape", x, w.ints(*[0] * (x.rank - 2), rows * columns))
    return w.node("Gather", laid, w.constant(np.arange(min(rows, columns)) * (columns + 1)), axis=x.rank - 2)


@rule
def matrix_band_part(w: Writer, x: Value, num_lower: int, num_upper: int) -> Value:
    """Where the column minus the row is within the band"""
    rows, columns = x.sizes(-2, -1)
    above = np.arange(columns) - np.arange(rows)[:, np.newaxis]
    outside = (above > num_upper) & (num_upper >= 0) | (-above > num_lower) & (num_lower >= 0)
    return w.node("Where", w.constant(outside), w.constant(0, x.dtype), x)


@rule
def diag(w: Writer, x: Value) -> Value:
    """Where the row is the column, of all elements in one row"""
    sizes = x.sizes(*range(x.rank))
    n = int(np.prod(sizes))
    matrix = w.node("Where", _diagonal(w, n, n), w.flat(x), w.constant(0, x.dtype))
    return w.reshape(matrix, w.ints(*sizes, *sizes))


@rule
def diag_part(w: Writer, x: Value) -> Value:
    """Gather from all elements in one row"""
    half = x.sizes(*range(x.rank // 2))
    n = int(np.prod(half))
    places = w.constant((np.arange(n) * (n + 1)).reshape(half))
    return w.node("Gather", w.flat(x), places)
