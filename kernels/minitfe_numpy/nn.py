"""Activations, biases and ranks: what neural networks are made of besides products."""

from __future__ import annotations

import numpy as np

from .math import constants

__all__ = [
    "bias_add",
    "elu",
    "elu_gradient",
    "in_top_k",
    "relu",
    "relu6",
    "relu6_gradient",
    "relu_gradient",
]

REALS = "efdbhilqBHILQ"  # numpy's codes for floating and integer dtypes
ZERO, ONE, SIX = constants(0, REALS), constants(1, REALS), constants(6, REALS)


def relu(x):
    """max(x, 0)"""
    return np.maximum(x, ZERO[x.dtype])


def relu_gradient(g, y):
    """g where y > 0, else 0. A product with the mask of 0 and 1 is several times faster than choosing."""
    mask = np.greater(y, ZERO[y.dtype], out=...).astype(g.dtype)
    return np.multiply(g, mask, mask if g.shape == y.shape else None)


def relu6(x):
    """min(max(x, 0), 6)"""
    y = np.maximum(x, ZERO[x.dtype], out=...)
    return np.minimum(y, SIX[x.dtype], out=y)


def relu6_gradient(g, y):
    """g where 0 < y < 6, else 0."""
    mask = np.greater(y, ZERO[y.dtype], out=...)
    np.logical_and(mask, np.less(y, SIX[y.dtype]), mask)
    return np.multiply(g, mask.astype(g.dtype))


def elu(x, alpha):
    """x where x > 0, else α(exp(x) - 1); expm1 keeps the digits near 0."""
    y = np.minimum(x, ZERO[x.dtype], out=...)
    np.expm1(y, y)
    np.multiply(y, x.dtype.type(alpha), y)
    return np.add(y, np.maximum(x, ZERO[x.dtype]), y)


def elu_gradient(g, y, alpha):
    """g where y ≥ 0, else g(y + α)"""
    slope = np.where(np.less(y, ZERO[y.dtype]), np.add(y, y.dtype.type(alpha)), ONE[y.dtype])
    return np.multiply(g, slope)


# ------------------------------------------------------------------------------------------------ biases and ranks


def bias_add(value, bias, data_format):
    """Adds one number per channel; the channels are the last axis, or the second one in NCHW."""
    axis = -1 if data_format == "NHWC" else 1
    if bias.ndim != 1 or value.ndim < 2 or value.shape[axis] != bias.shape[0]:
        raise ValueError("a bias must be a vector with one number per channel")
    if axis == 1:
        bias = bias.reshape(-1, *[1] * (value.ndim - 2))
    return np.add(value, bias)


def in_top_k(predictions, targets, k):
    """Whether fewer than k classes have a larger number than the target; never where a number is not finite."""
    if predictions.ndim != 2 or targets.shape != predictions.shape[:1]:
        raise ValueError("predictions must be a matrix with one row per target")
    rows, classes = predictions.shape
    there = (targets >= 0) & (targets < classes)
    chosen = predictions[np.arange(rows), np.where(there, targets, 0)] if classes else np.zeros(rows)
    larger = np.add.reduce(predictions > chosen[:, None], 1, int)
    return there & (larger < k) & np.logical_and.reduce(np.isfinite(predictions), 1)
