"""``tf.linalg``: matrices, under the names they have there."""

from typing import Any as _Any

from minitfe.missing import explain as _explain
from minitfe.ops.array import matrix_transpose as transpose
from minitfe.ops.generate import eye
from minitfe.ops.linalg import adjoint, cholesky, einsum, matmul, tensordot
from minitfe.ops.linalg import log_matrix_determinant as slogdet
from minitfe.ops.linalg import matrix_determinant as det
from minitfe.ops.linalg import matrix_inverse as inv
from minitfe.ops.linalg import matrix_solve as solve
from minitfe.ops.linalg import matrix_triangular_solve as triangular_solve
from minitfe.ops.linalg import self_adjoint_eig as eigh
from minitfe.ops.linalg import self_adjoint_eigvals as eigvalsh
from minitfe.ops.rearrange import matrix_band_part as band_part
from minitfe.ops.rearrange import matrix_diag as diag
from minitfe.ops.rearrange import matrix_diag_part as diag_part
from minitfe.ops.rearrange import matrix_set_diag as set_diag
from minitfe.ops.rearrange import trace
from minitfe.ops.reduction import norm

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "eye",
    "inv",
    "matmul",
    "norm",
    "set_diag",
    "slogdet",
    "solve",
    "tensordot",
    "trace",
    "transpose",
    "triangular_solve",
]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.linalg"))
