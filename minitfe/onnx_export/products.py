"""Products of matrices.

ONNX's MatMul transposes nothing: where a factor is to be transposed, that is a node of its own.
"""

from __future__ import annotations

from minitfe.onnx_export.rules import rule
from minitfe.onnx_export.writer import Value, Writer


def _turned(w: Writer, x: Value) -> Value:
    """Every matrix of a batch transposed."""
    *batch, rows, columns = range(x.rank)
    return w.transpose(x, *batch, columns, rows)


@rule
def matmul(w: Writer, a: Value, b: Value, transpose_a: bool = False, transpose_b: bool = False) -> Value:
    """MatMul"""
    return w.node("MatMul", _turned(w, a) if transpose_a else a, _turned(w, b) if transpose_b else b)


@rule
def einsum(w: Writer, *xs: Value, equation: str) -> Value:
    """Einsum"""
    return w.node("Einsum", *xs, equation=equation)


@rule
def matrix_determinant(w: Writer, x: Value) -> Value:
    """Det"""
    return w.node("Det", x)


@rule
def log_matrix_determinant(w: Writer, x: Value) -> list[Value]:
    """The sign of Det, and the logarithm of its size"""
    determinant = w.node("Det", x)
    return [w.node("Sign", determinant), w.node("Log", w.node("Abs", determinant))]
