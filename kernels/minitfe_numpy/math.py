"""Arithmetic and the functions of calculus.

Most are numpy's own, under TensorFlow's name: wrapping them would only make them slower.
"""
from __future__ import annotations

import numpy as np

__all__ = ["accumulate", "add", "subtract", "multiply", "negative", "square", "tanh", "tanh_gradient"]

add, subtract, multiply = np.add, np.subtract, np.multiply
negative, square = np.negative, np.square
tanh = np.tanh

# Below, ``out=...`` makes numpy return an array where it would return a scalar, so that the next line can work in it.
# Numbers as 0-d arrays, one per dtype: a Python number would cost numpy 190 ns more in each call.
FLOATS = [np.dtype(code) for code in "efdFD"]
ONE = {dtype: np.ones((), dtype) for dtype in FLOATS}


def tanh_gradient(g, y):
    """g (1 - y²)"""
    slope = np.multiply(y, y, out=...)
    np.subtract(ONE[y.dtype], slope, slope)
    return np.multiply(g, slope, slope if g.shape == y.shape else None)


def accumulate(total, x):
    """total + x, written into total where that is an array: the one kernel that may change what it is given."""
    return np.add(total, x, total) if type(total) is np.ndarray else np.add(total, x)
