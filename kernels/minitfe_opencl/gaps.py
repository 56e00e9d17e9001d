"""What the OpenCL kernels do not have, and why. Such ops run on the CPU, and say so once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .runtime import Device

SIZES = "the shape of its result depends on values, which only reading back would tell"

GAPS: dict[str, str] = {
    **dict.fromkeys(("segment_max", "segment_mean", "segment_min", "segment_prod", "segment_sum"), SIZES),
    **dict.fromkeys(("range_between", "setdiff1d", "unique", "unique_with_counts", "where"), SIZES),
    **dict.fromkeys(
        (
            "cholesky",
            "log_matrix_determinant",
            "matrix_determinant",
            "matrix_inverse",
            "matrix_solve",
            "matrix_triangular_solve",
            "self_adjoint_eig",
        ),
        "factoring a matrix is LAPACK's work, step after step",
    ),
    "multinomial": "its draws compare sums in float64, which must come out the same on all devices to the last bit",
}

MOVING = frozenset((
    "bitcast", "broadcast_like", "broadcast_to", "concat", "concat_gradient", "diag", "diag_part", "expand_dims", "eye",
    "fill", "gather", "gather_nd", "identity", "linspace", "matrix_band_part", "matrix_diag", "matrix_diag_part",
    "matrix_set_diag", "meshgrid", "ones", "ones_like", "pad", "random_integers", "random_permutation",
    "random_standard_normal", "random_standard_uniform", "range", "rank", "reshape", "reshape_like", "reverse",
    "reverse_sequence", "rows", "rows_of_segments", "scatter_along_axis", "shape", "shift", "size", "slice", "split",
    "squeeze", "stack", "stop_gradient", "strided_slice", "strided_slice_gradient", "take_along_axis",
    "tensor_scatter_update", "tile", "transpose", "truncated_standard_normal", "unstack", "zeros", "zeros_like",
))  # fmt: skip
"""Ops that do not compute with elements, and have kernels for all dtypes."""

IN_PARTS = frozenset((
    "angle", "cast", "complex", "conj", "gather_gradient", "imag", "real", "scatter_nd", "scatter_nd_like",
    "scatter_rows", "unbroadcast_like",
))  # fmt: skip
"""Ops that have kernels for complex numbers: they treat the parts alike, or take them apart."""


def declared(kernels: Mapping[str, Any], devices: Iterable[Device]) -> dict[Any, str]:
    """The gaps by op, or by op and dtype; dtypes that a device lacks are gaps of all ops that compute with them."""
    missing = [name for name in ("float64", "float16") if not all(device.has(np.dtype(name)) for device in devices)]
    reasons = {name: f"a device has no {name}" for name in missing}
    computing = [op for op in kernels if op not in MOVING]
    gaps = {(op, dtype): reason for op in computing for dtype, reason in reasons.items()}
    for dtype in ("complex64", "complex128"):
        served = IN_PARTS if dtype == "complex64" or "float64" not in missing else frozenset()
        gaps |= {(op, dtype): "OpenCL has no complex numbers" for op in computing if op not in served}
    return {**GAPS, **gaps}
