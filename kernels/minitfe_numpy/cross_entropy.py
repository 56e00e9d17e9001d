"""Softmax; cross entropies from logits, with the probabilities that they compute on their way; their gradients."""

from __future__ import annotations

import numpy as np

from .nn import ONE, ZERO

__all__ = [
    "log_softmax",
    "sigmoid_cross_entropy_gradient",
    "sigmoid_cross_entropy_with_logits",
    "softmax",
    "softmax_cross_entropy_gradient",
    "softmax_cross_entropy_with_logits",
    "softmax_gradient",
    "sparse_softmax_cross_entropy_gradient",
    "sparse_softmax_cross_entropy_with_logits",
]

# --------------------------------------------------------------------------------------------------------- softmax


def exponentials(x, axis):
    """x minus its maximum along the axis, so that nothing overflows; its exponential; and the sum of that."""
    shifted = np.subtract(x, np.maximum.reduce(x, axis, keepdims=True, initial=-np.inf), out=...)
    exponential = np.exp(shifted)
    return shifted, exponential, np.add.reduce(exponential, axis, keepdims=True)


def softmax(x, axis):
    """exp(x) / Σ exp(x)"""
    _, exponential, total = exponentials(x, axis)
    return np.divide(exponential, total, exponential)


def softmax_gradient(g, y, axis):
    """(g - Σ gy) y"""
    total = np.add.reduce(np.multiply(g, y), axis, keepdims=True)
    slope = np.subtract(g, total)
    return np.multiply(slope, y, slope)


def log_softmax(x, axis):
    """x - log Σ exp(x)"""
    shifted, _, total = exponentials(x, axis)
    return np.subtract(shifted, np.log(total), shifted)


# ---------------------------------------------------------------------------------------------------- cross entropies


def softmax_cross_entropy_with_logits(logits, labels, axis):
    """Σ labels (log Σ exp(logits) - logits), and softmax(logits)"""
    if logits.shape != labels.shape:
        raise ValueError("logits and labels must have one shape")
    shifted, exponential, total = exponentials(logits, axis)
    np.subtract(np.log(total), shifted, shifted)
    np.multiply(shifted, labels, shifted)
    return [np.add.reduce(shifted, axis), np.divide(exponential, total, exponential)]


def softmax_cross_entropy_gradient(g, p, labels, axis):
    """g (p Σ labels - labels)"""
    slope = np.multiply(p, np.add.reduce(labels, axis, keepdims=True))
    np.subtract(slope, labels, slope)
    return np.multiply(slope, np.expand_dims(g, axis), slope)


def require_classes(logits, labels):
    """Raises ValueError unless there is a label for each row of logits, and each is the number of a class."""
    if logits.shape[:-1] != labels.shape or not logits.ndim:
        raise ValueError("labels must have the shape of the logits without the last axis")
    classes = logits.shape[-1]
    # Read without a sign, a negative label is a very large one: one comparison finds both kinds.
    if labels.size and np.maximum.reduce(labels.view(f"u{labels.itemsize}"), None) >= classes:
        wrong = labels[(labels < 0) | (labels >= classes)][0]
        raise ValueError(
            f"Received a label value of {wrong} which is outside the valid range of [0, {classes})."
            f"  Label values: {' '.join(map(str, labels.ravel()))}"
        )


def places(logits, labels):
    """Where the labels' classes stand among all logits, counted through row by row."""
    return labels + np.arange(0, logits.size, logits.shape[-1]).reshape(labels.shape)


def sparse_softmax_cross_entropy_with_logits(logits, labels):
    """log Σ exp(logits) - logits[label], and softmax(logits)"""
    require_classes(logits, labels)
    shifted = np.subtract(logits, np.maximum.reduce(logits, -1, keepdims=True, initial=-np.inf), out=...)
    picked = shifted.take(places(logits, labels))
    exponential = np.exp(shifted, shifted)
    total = np.add.reduce(exponential, -1, keepdims=True)
    return [np.subtract(np.log(total[..., 0]), picked), np.divide(exponential, total, exponential)]


def sparse_softmax_cross_entropy_gradient(g, p, labels):
    """g (p - 1 at the label); the labels were checked on the way forward."""
    slope = p.copy()
    slope.reshape(-1)[places(p, labels)] -= ONE[p.dtype]
    return np.multiply(slope, g[..., None], slope)


def sigmoid_cross_entropy_with_logits(logits, labels):
    """max(x, 0) - xz + log(1 + exp(-|x|)) for logits x and labels z: exp never overflows."""
    if logits.shape != labels.shape:
        raise ValueError("logits and labels must have one shape")
    loss = np.abs(logits, out=...)
    np.negative(loss, loss)
    np.exp(loss, loss)
    np.log1p(loss, loss)
    linear = np.multiply(logits, labels, out=...)
    np.subtract(np.maximum(logits, ZERO[logits.dtype]), linear, linear)  # 0 for a sure and right answer: first of all
    return np.add(loss, linear, loss)


def sigmoid_cross_entropy_gradient(g, logits, labels):
    """g (sigmoid(x) - z), with sigmoid(x) = [x ≥ 0] ∓ e/(1 + e) and e = exp(-|x|): [x ≥ 0] - z leaves e its digits."""
    positive = logits >= 0
    slope = np.abs(logits, out=...)
    np.negative(slope, slope)
    np.exp(slope, slope)
    np.divide(slope, np.add(slope, ONE[slope.dtype]), slope)
    np.negative(slope, slope, where=positive)
    np.add(slope, np.subtract(positive, labels), slope)
    return np.multiply(slope, g, slope)
