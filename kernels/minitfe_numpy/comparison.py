"""Comparisons, truth, and the choices that depend on them. Most are numpy's own, under TensorFlow's name."""

from __future__ import annotations

import numpy as np

__all__ = [
    "equal", "greater", "greater_equal", "is_finite", "is_inf", "is_nan", "keep_where", "less", "less_equal",
    "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "not_equal",
]  # fmt: skip

equal, not_equal = np.equal, np.not_equal
less, less_equal, greater, greater_equal = np.less, np.less_equal, np.greater, np.greater_equal
logical_and, logical_or, logical_xor, logical_not = np.logical_and, np.logical_or, np.logical_xor, np.logical_not
is_nan, is_inf, is_finite = np.isnan, np.isinf, np.isfinite
maximum, minimum = np.maximum, np.minimum


def keep_where(x, condition):
    """x where the condition holds, elsewhere 0: not x times 0, which is NaN for infinite x."""
    return np.where(condition, x, x.dtype.type(0))
