"""The elementary functions. Nearly all are numpy's own, under TensorFlow's name."""

from __future__ import annotations

import numpy as np

from .math import ONE

__all__ = [
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "expm1", "log", "log1p", "pow",
    "rsqrt", "scaled_power", "sin", "sinh", "sqrt", "tan", "tanh", "tanh_gradient",
]  # fmt: skip

sqrt, pow, exp, expm1, log, log1p = np.sqrt, np.power, np.exp, np.expm1, np.log, np.log1p
sin, cos, tan, asin, acos, atan, atan2 = np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.arctan2
sinh, cosh, tanh, asinh, acosh, atanh = np.sinh, np.cosh, np.tanh, np.arcsinh, np.arccosh, np.arctanh


def rsqrt(x):
    """1/√x"""
    root = np.sqrt(x, out=...)
    return np.divide(ONE[x.dtype], root, root)


def scaled_power(c, x, y, zero_wins):
    """c xʸ; where zero wins, 0 times infinity is 0."""
    scaled = np.multiply(c, pow(x, y))
    return np.where(c == 0, scaled.dtype.type(0), scaled) if zero_wins else scaled


def tanh_gradient(g, y):
    """g (1 - y²)"""
    slope = np.multiply(y, y, out=...)
    np.subtract(ONE[y.dtype], slope, slope)
    return np.multiply(g, slope, slope if g.shape == y.shape else None)
