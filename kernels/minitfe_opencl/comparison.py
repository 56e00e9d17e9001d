"""Comparisons, truth, and the choices that depend on them."""

from __future__ import annotations

from .elementwise import ALONE, BOOL, FLOATING, Elementwise

__all__ = [
    "equal", "greater", "greater_equal", "is_finite", "is_inf", "is_nan", "keep_where", "less", "less_equal",
    "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "not_equal",
]  # fmt: skip

equal, not_equal, less, less_equal, greater, greater_equal = (
    Elementwise(f"x {sign} y", "fiub", BOOL) for sign in ("==", "!=", "<", "<=", ">", ">=")
)
logical_and, logical_or, logical_xor = (Elementwise(f"x {sign} y", "b", BOOL) for sign in "&|^")
logical_not = Elementwise("x ^ (XS)1", "b", BOOL)
is_nan, is_inf, is_finite = (Elementwise(f"{test}(x)", FLOATING, BOOL) for test in ("isnan", "isinf", "isfinite"))

# NaN wins, on either side.
maximum = Elementwise({"f": "(x >= y) | (x != x) ? x : y", "i": "max(x, y)", "u": "max(x, y)"})
minimum = Elementwise({"f": "(x <= y) | (x != x) ? x : y", "i": "min(x, y)", "u": "min(x, y)"})

keep_where = Elementwise("HOLDS(y) ? x : (XS)0", ALONE)
