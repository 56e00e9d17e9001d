"""Arithmetic, element by element.

Most of it is numpy's own, under TensorFlow's name: wrapping it would only make it slower.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "abs", "accumulate", "add", "add_n", "ceil", "floor", "floordiv", "mod", "multiply", "negative", "realdiv",
    "reciprocal", "rint", "round", "sign", "square", "squared_difference", "subtract",
]  # fmt: skip

add, subtract, multiply, realdiv = np.add, np.subtract, np.multiply, np.true_divide
negative, abs, sign, square = np.negative, np.absolute, np.sign, np.square
floor, ceil, rint = np.floor, np.ceil, np.rint


def constants(number, codes):
    """A number as a 0-d array of each dtype: a Python number would cost numpy 190 ns more in each call."""
    return {np.dtype(code): np.full((), number, code) for code in codes}


FLOATS = "efdFD"  # numpy's codes for floating and complex dtypes
ONE = constants(1, FLOATS)

# Below, ``out=...`` makes numpy return an array where it would return a scalar, so that the next line can work in it.


def accumulate(total, x):
    """total + x, written into total where that is an array: the one kernel that may change what it is given."""
    return np.add(total, x, total) if type(total) is np.ndarray else np.add(total, x)


def add_n(*xs):
    """Σ xs, for arrays of one shape."""
    if any(x.shape != xs[0].shape for x in xs):
        raise ValueError("the arrays have different shapes")
    if len(xs) == 1:
        return xs[0]
    total = np.add(xs[0], xs[1], out=...)
    for x in xs[2:]:
        np.add(total, x, total)
    return total


def squared_difference(x, y):
    """(x - y)²"""
    difference = np.subtract(x, y, out=...)
    return np.multiply(difference, difference, difference)


def reciprocal(x):
    """1/x"""
    return np.divide(ONE[x.dtype], x)


def floordiv(x, y):
    """The quotient, rounded down."""
    if x.dtype.kind == "f":
        quotient = np.divide(x, y, out=...)
        return np.floor(quotient, quotient)
    return np.floor_divide(x, _divisor(y))


def mod(x, y):
    """What is left of x when y was taken from it as often as floordiv says: it has the sign of y."""
    return np.mod(x, y if y.dtype.kind == "f" else _divisor(y))


def _divisor(y):
    if not np.all(y):
        raise ValueError("Integer division by zero")
    return y


def round(x):
    """The nearest integer; of two equally near, the even one."""
    return np.rint(x) if x.dtype.kind == "f" else x
