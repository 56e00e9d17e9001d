"""The sigmoid and its kin, and what OpenCL has of the special functions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import pi
from typing import Any

import numpy as np

from minitfe_numpy import special as series

from .elementwise import FLOATING, Elementwise, common_shape, stretched
from .programs import kernel, type_of
from .runtime import Array, empty

__all__ = [
    "digamma", "erf", "erfc", "lgamma", "polygamma", "sigmoid", "sigmoid_gradient", "softplus", "softsign", "zeta",
]  # fmt: skip

sigmoid = Elementwise("1 / (1 + exponential(-x))", FLOATING)
sigmoid_gradient = Elementwise("x * y * (1 - y)", FLOATING)
softplus = Elementwise("log1p(exp(-fabs(x))) + max(x, (XS)0)", FLOATING)
softsign = Elementwise("x / (1 + fabs(x))", FLOATING)
erf, erfc, lgamma = (Elementwise(f"{name}(x)", FLOATING) for name in ("erf", "erfc", "lgamma"))

# ------------------------------------------------------------------------------------------------ the gamma function


def digamma(x: Array) -> Array:
    """The derivative of lgamma."""
    return _computed("digamma", x, x)


def polygamma(a: Array, x: Array) -> Array:
    """The derivative of order a of digamma; NaN for an a that is no order."""
    return _computed("polygamma", a, x)


def zeta(x: Array, q: Array) -> Array:
    """Hurwitz's zeta function Σ (q + k)⁻ˣ over k ≥ 0; infinite at x = 1 and where q is 0 or a negative integer."""
    return _computed("zeta", x, q)


def _computed(name: str, x: Array, y: Array) -> Array:
    device, shape = x.device, common_shape((x.shape, y.shape))
    x, y = stretched(x, shape), stretched(y, shape)
    out = empty(device, shape, x.dtype)
    span = max(device.tuning.span // 64, 1)
    compiled = kernel(device, "gamma.cl", name, T=type_of(x.dtype), **_numbers(device.has(np.dtype(np.float64))))
    device.launch(compiled, (-(-out.size // span),), x.buffer, y.buffer, out.buffer, out.size, span)
    return out


@cache
def _numbers(exact: bool) -> dict[str, Any]:
    """The coefficients of the series, which the numpy kernels have as well."""
    return {
        "REAL": "double" if exact else "float", "LARGE": "1e300" if exact else "1e30f", "STEPS": series.STEPS, "PI": pi,
        "ROOT": series.ROOT, "ROOT_REST": series.ROOT_REST, "BERNOULLI": _listed(series.BERNOULLI),
        "PSI_SERIES": _listed(series.PSI_SERIES), "AT_ROOT": _listed(series.AT_ROOT),
    }  # fmt: skip


def _listed(numbers: Iterable[float]) -> str:
    return "{" + ", ".join(repr(float(number)) for number in numbers) + "}"
