"""Linear algebra, on the last two axes."""

from __future__ import annotations

from math import prod

import numpy as np

__all__ = [
    "matmul",
    "einsum",
    "matrix_inverse",
    "matrix_determinant",
    "log_matrix_determinant",
    "matrix_solve",
    "matrix_triangular_solve",
    "cholesky",
    "self_adjoint_eig",
]


def matmul(a, b, transpose_a=False, transpose_b=False):
    """a @ b; numpy would broadcast batches, and take vectors."""
    if a.ndim != 2 or b.ndim != 2:
        _require_equal_batches(a, b)
    return np.matmul(a.mT if transpose_a else a, b.mT if transpose_b else b)


def _require_equal_batches(a, b):
    if a.ndim < 2 or a.ndim != b.ndim or a.shape[:-2] != b.shape[:-2]:
        raise ValueError(f"batches of matrices must have equal shapes, not {a.shape[:-2]} and {b.shape[:-2]}")


def einsum(*xs, equation):
    """Einstein's summation; of large arrays in the best order, and with matrix products where they will do."""
    sizes = {}
    for labels, x in zip(equation.partition("->")[0].split(","), xs):
        for label, size in zip(labels, x.shape):
            if sizes.setdefault(label, size) != size:  # numpy would stretch a 1
                raise ValueError(f"axes {label} differ in size")
    # To look for the best order takes longer than a few thousand products do.
    return np.asarray(np.einsum(equation, *xs, optimize=prod(sizes.values()) > 5000))


def matrix_inverse(x, adjoint):
    """x⁻¹"""
    return _factored(np.linalg.inv, "Input is not invertible.", _adjoint(x) if adjoint else x)


def _adjoint(x):
    return np.conj(x).mT if x.dtype.kind == "c" else x.mT


def _factored(function, message, *arrays):
    """Calls LAPACK; what it finds wrong with the numbers is said in TensorFlow's words."""
    try:
        with np.errstate(all="ignore"):  # these are Python functions of numpy's: quiet.py does not know their module
            return function(*arrays)
    except np.linalg.LinAlgError:
        raise ValueError(message) from None


def matrix_determinant(x):
    """det x"""
    return np.asarray(_factored(np.linalg.det, "Input matrix must be square.", x))


def log_matrix_determinant(x):
    """The sign of det x, and log |det x|."""
    return [np.asarray(part) for part in _factored(np.linalg.slogdet, "Input matrix must be square.", x)]


def matrix_solve(matrix, rhs, adjoint):
    """matrix⁻¹ rhs"""
    _require_equal_batches(matrix, rhs)
    return _factored(np.linalg.solve, "Input matrix is not invertible.", _adjoint(matrix) if adjoint else matrix, rhs)


def matrix_triangular_solve(matrix, rhs, lower, adjoint):
    """As above, for one triangle of the matrix."""
    if matrix.ndim < 2:
        raise ValueError("Input is not a matrix")  # numpy's triangle of a vector would be one
    triangle = np.tril(matrix) if lower else np.triu(matrix)
    if lower == adjoint:
        return matrix_solve(triangle, rhs, adjoint)
    # Read backwards, a lower triangle is an upper one: what LAPACK solves by substitution, with nothing to eliminate.
    return matrix_solve(triangle[..., ::-1, ::-1], rhs[..., ::-1, :], adjoint)[..., ::-1, :]


def cholesky(x):
    """The lower triangular L with L Lᴴ = x."""
    return _factored(np.linalg.cholesky, "Cholesky decomposition was not successful. The input might not be valid.", x)


def self_adjoint_eig(x):
    """The eigenvalues, rising, and the eigenvectors as columns."""
    return list(_factored(np.linalg.eigh, "Self-adjoint eigen decomposition was not successful.", x))
