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
    "multinomial": "its draws compare sums in float64, which must come out the same on all devices to the last bit",
}

MOVING = frozenset(
    """identity stop_gradient ones_like zeros_like shape size rank bitcast reshape reshape_like expand_dims squeeze
    transpose stack unstack concat concat_gradient split zeros ones eye fill range linspace meshgrid broadcast_like tile
    broadcast_to pad reverse reverse_sequence diag diag_part matrix_diag matrix_diag_part matrix_set_diag
    matrix_band_part strided_slice strided_slice_gradient slice gather rows gather_nd tensor_scatter_update
    take_along_axis scatter_along_axis rows_of_segments shift random_standard_uniform random_standard_normal
    truncated_standard_normal random_integers random_permutation""".split()
)
"""Ops that do not compute with elements, and have kernels for all dtypes."""

IN_PARTS = frozenset(
    "real imag conj angle complex cast gather_gradient scatter_nd scatter_nd_like scatter_rows unbroadcast_like".split()
)
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
