"""The elementary functions. Nearly all are OpenCL's own."""

from __future__ import annotations

from .elementwise import FLOATING, Elementwise
from .runtime import Array

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "expm1", "log", "log1p", "pow",
    "rsqrt", "scaled_power", "sin", "sinh", "sqrt", "tan", "tanh", "tanh_gradient",
]  # fmt: skip

sqrt, expm1, log, log1p = (Elementwise(f"{name}(x)", FLOATING) for name in ("sqrt", "expm1", "log", "log1p"))
exp = Elementwise("exponential(x)", FLOATING)
sin, cos = Elementwise("sine(x)", FLOATING), Elementwise("cosine(x)", FLOATING)
tan, asin, acos, atan = (Elementwise(f"{name}(x)", FLOATING) for name in ("tan", "asin", "acos", "atan"))
sinh, cosh, tanh, asinh, acosh, atanh = (
    Elementwise(f"{name}(x)", FLOATING) for name in ("sinh", "cosh", "tanh", "asinh", "acosh", "atanh")
)
rsqrt = Elementwise("1 / sqrt(x)", FLOATING)
atan2 = Elementwise("atan2(x, y)", FLOATING)

# A negative power of an integer is 0: to find out would mean to wait for the device.
pow = Elementwise({"f": "pow(x, y)", "i": "whole_power(x, y)", "u": "whole_power(x, y)"})

tanh_gradient = Elementwise("x * (1 - y * y)", FLOATING)

product = Elementwise("x * pow(y, z)", FLOATING)
product_or_0 = Elementwise("x == (XS)0 ? (XS)0 : x * pow(y, z)", FLOATING)


def scaled_power(c: Array, x: Array, y: Array, zero_wins: bool) -> Array:
    """c xʸ; where zero wins, 0 times infinity is 0."""
    return product_or_0(c, x, y) if zero_wins else product(c, x, y)
