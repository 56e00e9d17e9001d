"""The sigmoid and its kin, and what OpenCL has of the special functions."""

from __future__ import annotations

from .elementwise import FLOATING, Elementwise

__all__ = ["erf", "erfc", "lgamma", "sigmoid", "sigmoid_gradient", "softplus", "softsign"]

sigmoid = Elementwise("1 / (1 + exp(-x))", FLOATING)
sigmoid_gradient = Elementwise("x * y * (1 - y)", FLOATING)
softplus = Elementwise("log1p(exp(-fabs(x))) + max(x, (XS)0)", FLOATING)
softsign = Elementwise("x / (1 + fabs(x))", FLOATING)
erf, erfc, lgamma = (Elementwise(f"{name}(x)", FLOATING) for name in ("erf", "erfc", "lgamma"))
