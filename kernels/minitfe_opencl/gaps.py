"""What the OpenCL kernels do not have, and why. Such ops run on the CPU, and say so once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .runtime import Device

GAPS: dict[str, str] = {}


def declared(kernels: Mapping[str, Any], devices: Iterable[Device]) -> dict[Any, str]:
    """The gaps by op, or by op and dtype; dtypes that a device lacks are gaps of all ops that compute with them."""
    missing = [name for name in ("float64", "float16") if not all(device.has(np.dtype(name)) for device in devices)]
    reasons = {name: f"a device has no {name}" for name in missing}
    reasons |= dict.fromkeys(("complex64", "complex128"), "OpenCL has no complex numbers")
    return {**GAPS, **{(op, dtype): reason for op in kernels for dtype, reason in reasons.items()}}
