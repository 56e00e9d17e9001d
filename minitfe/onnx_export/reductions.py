"""Reductions along axes, and running sums.

The axes are an input in ONNX, and leaving them out means all. No axis at all, ``axis=[]``, leaves the tensor as it is.
"""

from __future__ import annotations

import numpy as np

from minitfe.dtypes import DType
from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer

Axes = tuple[int, ...] | None


def _reduced(w: Writer, kind: str, x: Value, axis: Axes, keepdims: bool) -> Value:
    axes = None if axis is None else w.ints(*axis)
    return w.node(kind, x, axes, keepdims=int(keepdims), noop_with_empty_axes=int(axis is not None))


@rule
def reduce_sum(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceSum"""
    return _reduced(w, "ReduceSum", x, axis, keepdims)


@rule
def reduce_mean(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceMean; of whole numbers in float64, cut off towards 0"""
    numbers = x if x.dtype.kind == "f" else w.cast(x, np.float64)
    return w.cast(_reduced(w, "ReduceMean", numbers, axis, keepdims), x.dtype)


@rule
def reduce_max(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceMax"""
    return _reduced(w, "ReduceMax", x, axis, keepdims)


@rule
def reduce_min(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceMin"""
    return _reduced(w, "ReduceMin", x, axis, keepdims)


@rule
def reduce_prod(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceProd"""
    return _reduced(w, "ReduceProd", x, axis, keepdims)


@rule
def reduce_logsumexp(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceLogSumExp"""
    return _reduced(w, "ReduceLogSumExp", x, axis, keepdims)


@rule
def reduce_all(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceMin of 0 and 1"""
    return w.cast(_reduced(w, "ReduceMin", w.cast(x, np.int32), axis, keepdims), np.bool_)


@rule
def reduce_any(w: Writer, x: Value, axis: Axes, keepdims: bool) -> Value:
    """ReduceMax of 0 and 1"""
    return w.cast(_reduced(w, "ReduceMax", w.cast(x, np.int32), axis, keepdims), np.bool_)


@rule
def argmax(w: Writer, x: Value, axis: int, output_type: DType) -> Value:
    """ArgMax"""
    return w.cast(w.node("ArgMax", x, axis=axis, keepdims=0), output_type.numpy)


@rule
def argmin(w: Writer, x: Value, axis: int, output_type: DType) -> Value:
    """ArgMin"""
    return w.cast(w.node("ArgMin", x, axis=axis, keepdims=0), output_type.numpy)


@rule
def cumsum(w: Writer, x: Value, axis: int, exclusive: bool, reverse: bool) -> Value:
    """CumSum"""
    return w.node("CumSum", x, w.constant(axis, np.int64), exclusive=int(exclusive), reverse=int(reverse))


# ----------------------------------------------------------------------------------------------------- and the way back


@rule
def expand_like(w: Writer, g: Value, like: Value, axis: Axes, keepdims: bool) -> Value:
    """Expand, after the reduced axes are back"""
    if axis is not None and not keepdims:
        g = w.unsqueeze(g, *axis)
    return w.node("Expand", g, w.shape(like))


@rule
def expand_mean_like(w: Writer, g: Value, like: Value, axis: Axes, keepdims: bool) -> Value:
    """The same, divided by the number of copies"""
    count = w.node("Div", w.node("Size", like), w.node("Size", g))
    return expand_like(w, w.node("Div", g, w.cast(count, g.dtype)), like, axis, keepdims)
