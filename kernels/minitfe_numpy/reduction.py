"""Reductions along axes, and the way back. `axis` is a tuple of axes, or None for all."""

from __future__ import annotations

import numpy as np

__all__ = [
    "reduce_sum",
    "reduce_mean",
    "expand_like",
    "expand_mean_like",
    "reduce_max",
    "reduce_min",
    "reduce_prod",
    "products_of_others",
    "reduce_all",
    "reduce_any",
    "reduce_logsumexp",
    "argmax",
    "argmin",
]


def reduce_sum(x, axis, keepdims):
    """Σ x, in the dtype of x."""
    return np.add.reduce(x, axis, x.dtype, None, keepdims)


def reduce_mean(x, axis, keepdims):
    """Σ x / n, rounded towards zero for integers; float16, which ends at 65504, is added up in float32."""
    if x.dtype.char == "e":
        return reduce_mean(x.astype(np.float32), axis, keepdims).astype(x.dtype)
    total = np.add.reduce(x, axis, x.dtype, None, keepdims)
    count = x.size // total.size if total.size else 0
    if x.dtype.kind in "iu":
        return np.trunc(total / count).astype(x.dtype) if count else np.zeros_like(total)
    return np.divide(total, x.dtype.type(count))


def expand_like(g, like, axis, keepdims):
    """A view of g that repeats it along the axes that were reduced."""
    if g.ndim == 0:
        return everywhere(g, like.shape)
    if axis is not None and not keepdims:
        g = np.expand_dims(g, axis)
    return np.broadcast_to(g, like.shape)


def expand_mean_like(g, like, axis, keepdims):
    """g repeated along the reduced axes, and divided by the number of copies, which a float16 may not hold."""
    count = like.size // g.size if g.size else 1
    number = np.float32 if g.dtype.char == "e" else g.dtype.type
    return expand_like(np.divide(g, number(count)).astype(g.dtype, copy=False), like, axis, keepdims)


def everywhere(number, shape):
    """A view in which all elements are one number: what np.broadcast_to gives, at a tenth of its time."""
    return np.ndarray(shape, number.dtype, np.asarray(number), strides=(0,) * len(shape))


def lowest(dtype):
    """The smallest number of a dtype; -inf for floats."""
    return dtype.type(-np.inf) if dtype.kind == "f" else np.iinfo(dtype).min


def highest(dtype):
    """The largest number of a dtype; inf for floats."""
    return dtype.type(np.inf) if dtype.kind == "f" else np.iinfo(dtype).max


def reduce_max(x, axis, keepdims):
    """max x"""
    return np.asarray(np.maximum.reduce(x, axis, keepdims=keepdims, initial=lowest(x.dtype)))


def reduce_min(x, axis, keepdims):
    """min x"""
    return np.asarray(np.minimum.reduce(x, axis, keepdims=keepdims, initial=highest(x.dtype)))


def reduce_prod(x, axis, keepdims):
    """Π x, in the dtype of x."""
    return np.asarray(np.multiply.reduce(x, axis, x.dtype, keepdims=keepdims))


def products_of_others(x, *hs, axis):
    """Π xⱼ over j ≠ k for each k, or the derivative of that in the directions hs."""
    axes = tuple(range(x.ndim)) if axis is None else axis
    in_front = range(len(axes))
    moved = [np.moveaxis(part, axes, in_front) for part in (x, *hs)]
    count = int(np.prod(moved[0].shape[: len(axes)], dtype=int))
    flat = [part.reshape(count, -1) if part.size else part.reshape(count, 0) for part in moved]
    others = products_of_others_alike(np.zeros(count, int), *flat)
    return np.moveaxis(others.reshape(moved[0].shape), in_front, axes)


def products_of_others_alike(groups, x, *hs):
    """The same along the first axis, where only rows of the same group are multiplied; groups stand together.

    The derivative in m directions is the coefficient of ε₁⋯εₘ in a product of the numbers x + ε₁h₁ + … + εₘhₘ, with
    εᵢ² = 0. Such a number is kept as one array for each subset of the ε; bits of its index say which are in it.
    """
    zero = np.zeros_like(x)
    bits = {0: x, **{1 << i: h for i, h in enumerate(hs)}}
    factors = [bits.get(subset, zero) for subset in range(1 << len(hs))]
    before = _products_of_earlier(groups, factors)
    after = _products_of_earlier(groups[::-1], [part[::-1] for part in factors])
    return _multiply(before, [part[::-1] for part in after])[-1]


def _products_of_earlier(groups, factors):
    """The product of the earlier factors of the group, by doubling, in log₂ n passes (Hillis and Steele 1986)."""
    products = _earlier(groups, factors, 1)
    step = 1
    while step < len(groups):
        products = _multiply(_earlier(groups, products, step), products)
        step *= 2
    return products


def _earlier(groups, factors, step):
    """The factor `step` rows earlier; 1 where that row belongs to another group."""
    rows = np.flatnonzero(groups[step:] == groups[: len(groups) - step]) + step
    shifted = [np.full_like(part, subset == 0) for subset, part in enumerate(factors)]
    for new, part in zip(shifted, factors):
        new[rows] = part[rows - step]
    return shifted


def _multiply(a, b):
    """Products of numbers with ε: each subset gets the sum over all ways to split it in two."""
    return [
        sum(a[part] * b[subset ^ part] for part in range(subset + 1) if part & subset == part)
        for subset in range(len(a))
    ]


def reduce_all(x, axis, keepdims):
    """Whether all are true."""
    return np.asarray(np.logical_and.reduce(x, axis, keepdims=keepdims))


def reduce_any(x, axis, keepdims):
    """Whether any is true."""
    return np.asarray(np.logical_or.reduce(x, axis, keepdims=keepdims))


def reduce_logsumexp(x, axis, keepdims):
    """log Σ exp(x) = m + log Σ exp(x - m) for any m; the largest x keeps exp from overflowing."""
    top = reduce_max(x, axis, True)
    top[~np.isfinite(top)] = 0  # inf - inf would be nan
    shifted = np.subtract(x, top, out=...)
    total = np.asarray(np.add.reduce(np.exp(shifted, shifted), axis, keepdims=keepdims))
    return np.add(np.log(total, out=...), top.reshape(total.shape))


def argmax(x, axis, output_type):
    """The index of the largest, the first of equal ones."""
    return np.asarray(np.argmax(x, axis)).astype(output_type.numpy, copy=False)


def argmin(x, axis, output_type):
    """The index of the smallest, the first of equal ones."""
    return np.asarray(np.argmin(x, axis)).astype(output_type.numpy, copy=False)
