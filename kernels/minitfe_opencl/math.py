"""Arithmetic, element by element."""

from __future__ import annotations

from .elementwise import FLOATING, Elementwise
from .moving import parts_of
from .runtime import Array, download, upload

__all__ = [
    "abs", "accumulate", "add", "add_n", "ceil", "floor", "floordiv", "mod", "multiply", "negative", "realdiv",
    "reciprocal", "rint", "round", "sign", "square", "squared_difference", "subtract",
]  # fmt: skip

add, subtract, multiply = (Elementwise(f"x {sign} y") for sign in "+-*")
realdiv = Elementwise("x / y", FLOATING)
negative = Elementwise("-x")
abs = Elementwise({"f": "fabs(x)", "i": "x < (XS)0 ? -x : x", "u": "x"})
square = Elementwise("x * x")
squared_difference = Elementwise("(x - y) * (x - y)")
reciprocal = Elementwise("1 / x", FLOATING)

# A true comparison of vectors is -1, so the first difference is 1 where x > 0, and NaN stays itself.
sign = Elementwise({"f": "x != x ? x : sign(x)", "i": "(x < (XS)0) - (x > (XS)0)", "u": "min(x, (XS)1)"})

rint = Elementwise("rint(x)", FLOATING)
floor = Elementwise("floor(x)", FLOATING)
ceil = Elementwise("ceil(x)", FLOATING)


def round(x: Array) -> Array:
    """The nearest integer; of two equally near, the even one."""
    return rint(x) if x.dtype.kind == "f" else x


# Integers divided by 0 give 0: to find out would mean to wait for the device.
floordiv = Elementwise({"f": "floor(x / y)", "i": "floored_quotient(x, y)", "u": "whole_quotient(x, y)"})
mod = Elementwise(
    {"f": "floored_rest(x, y)", "i": "x - floored_quotient(x, y) * y", "u": "x - whole_quotient(x, y) * y"},
)


def accumulate(total: Array, x: Array) -> Array:
    """total + x, written into total where that has room: the one kernel that may change what it is given."""
    if total.shape != x.shape:
        return add(total, x)
    if total.dtype.kind == "c":
        accumulate(parts_of(total), parts_of(x))
    elif total.device.has(total.dtype):
        add.run((total, x), total)
    else:  # nobody asks whether there is a gap here, so this goes by way of the host
        return upload(total.device, download(total) + download(x))
    return total


def add_n(*xs: Array) -> Array:
    """Σ xs, for arrays of one shape."""
    if any(x.shape != xs[0].shape for x in xs):
        raise ValueError("the arrays have different shapes")
    total = xs[0]
    for i, x in enumerate(xs[1:]):
        total = accumulate(total, x) if i else add(total, x)
    return total
