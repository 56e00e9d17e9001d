"""Running sums and products along an axis, and the recurrence that a running product's gradient is."""

from __future__ import annotations

import numpy as np

__all__ = ["cumprod", "cumsum", "linear_recurrence", "shift"]


def cumsum(x, axis, exclusive, reverse):
    """Running sums."""
    return _running(np.add, x, axis, exclusive, reverse)


def cumprod(x, axis, exclusive, reverse):
    """Running products."""
    return _running(np.multiply, x, axis, exclusive, reverse)


def _running(ufunc, x, axis, exclusive, reverse):
    y = np.flip(x, axis) if reverse else x
    y = ufunc.accumulate(y, axis, x.dtype)
    if exclusive:
        y = _moved(y, axis, ufunc.identity)
    return np.flip(y, axis) if reverse else y


def shift(x, axis, reverse):
    """Each element moved one place up the axis, or down in reverse; a zero moves in."""
    return np.flip(_moved(np.flip(x, axis), axis, 0), axis) if reverse else _moved(x, axis, 0)


def _moved(x, axis, first):
    y = np.empty(x.shape, x.dtype)
    source, target = np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0)
    target[:1], target[1:] = first, source[:-1]
    return y


def linear_recurrence(a, b, axis, reverse):
    """s with sᵢ = aᵢ sᵢ₋₁ + bᵢ, or aᵢ sᵢ₊₁ + bᵢ in reverse."""
    s = np.array(b)
    order = slice(None, None, -1 if reverse else 1)
    coefficients, rows = np.moveaxis(a, axis, 0)[order], np.moveaxis(s, axis, 0)[order]
    for i in range(1, len(rows)):
        rows[i] += coefficients[i] * rows[i - 1]
    return s
