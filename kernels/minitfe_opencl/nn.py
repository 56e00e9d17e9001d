"""Activations, biases and ranks: what neural networks are made of besides products."""

from __future__ import annotations

import numpy as np

from .array import converted
from .comparison import greater, greater_equal, is_finite, less, logical_and
from .elementwise import FLOATING, Elementwise, number
from .math import add
from .reduction import reduce_all, reduce_sum
from .runtime import Array
from .sorting import take_along_axis

__all__ = ["bias_add", "elu", "elu_gradient", "in_top_k", "relu", "relu6", "relu6_gradient", "relu_gradient"]

relu = Elementwise("x < (XS)0 ? (XS)0 : x")
relu_gradient = Elementwise("y > (YS)0 ? x : (XS)0")
relu6 = Elementwise("x < (XS)0 ? (XS)0 : x > (XS)6 ? (XS)6 : x")
relu6_gradient = Elementwise("(y > (YS)0) & (y < (YS)6) ? x : (XS)0")

_elu = Elementwise("x < (XS)0 ? expm1(x) * y : x", FLOATING)
_elu_gradient = Elementwise("y < (YS)0 ? x * (y + z) : x", FLOATING)


def elu(x: Array, alpha: float) -> Array:
    """x where x > 0, else α(exp(x) - 1); expm1 keeps the digits near 0."""
    return _elu(x, number(x, alpha))


def elu_gradient(g: Array, y: Array, alpha: float) -> Array:
    """g where y ≥ 0, else g(y + α)"""
    return _elu_gradient(g, y, number(y, alpha))


def bias_add(value: Array, bias: Array, data_format: str) -> Array:
    """Adds one number per channel; the channels are the last axis, or the second one in NCHW."""
    axis = -1 if data_format == "NHWC" else 1
    if bias.ndim != 1 or value.ndim < 2 or value.shape[axis] != bias.shape[0]:
        raise ValueError("a bias must be a vector with one number per channel")
    if axis == 1:
        bias = bias.reshape(bias.size, *[1] * (value.ndim - 2))
    return add(value, bias)


def in_top_k(predictions: Array, targets: Array, k: int) -> Array:
    """Whether fewer than k classes have a larger number than the target; never where a number is not finite."""
    if predictions.ndim != 2 or targets.shape != predictions.shape[:1]:
        raise ValueError("predictions must be a matrix with one row per target")
    chosen = take_along_axis(predictions, targets.reshape(targets.size, 1), 1)
    larger = reduce_sum(converted(greater(predictions, chosen), np.dtype(np.int32)), (1,), False)
    there = logical_and(
        greater_equal(targets, number(targets, 0)), less(targets, number(targets, predictions.shape[1]))
    )
    among_the_first = logical_and(there, less(larger, number(larger, k)))
    return logical_and(among_the_first, reduce_all(is_finite(predictions), (1,), False))
