"""Softmax; cross entropies from logits, with the probabilities that they compute on their way; their gradients."""

from __future__ import annotations

from .elementary import exp, log
from .elementwise import FLOATING, Elementwise
from .math import add, multiply, realdiv, subtract
from .programs import kernel, type_of
from .reduction import reduce_max, reduce_sum
from .runtime import Array, empty

__all__ = [
    "log_softmax", "sigmoid_cross_entropy_gradient", "sigmoid_cross_entropy_with_logits", "softmax",
    "softmax_cross_entropy_gradient", "softmax_cross_entropy_with_logits", "softmax_gradient",
    "sparse_softmax_cross_entropy_gradient", "sparse_softmax_cross_entropy_with_logits",
]  # fmt: skip

# ------------------------------------------------------------------------------------------------------------- softmax


def exponentials(x: Array, axis: int) -> tuple[Array, Array, Array]:
    """x minus its maximum along the axis, so that nothing overflows; its exponential; and the sum of that."""
    shifted = subtract(x, reduce_max(x, (axis,), True))
    exponential = exp(shifted)
    return shifted, exponential, reduce_sum(exponential, (axis,), True)


def softmax(x: Array, axis: int) -> Array:
    """exp(x) / Σ exp(x)"""
    _, exponential, total = exponentials(x, axis)
    return realdiv(exponential, total)


def softmax_gradient(g: Array, y: Array, axis: int) -> Array:
    """(g - Σ gy) y"""
    return _slope(g, reduce_sum(multiply(g, y), (axis,), True), y)


_slope = Elementwise("(x - y) * z", FLOATING)


def log_softmax(x: Array, axis: int) -> Array:
    """x - log Σ exp(x)"""
    shifted, _, total = exponentials(x, axis)
    return subtract(shifted, log(total))


# ----------------------------------------------------------------------------------------------------- cross entropies


def softmax_cross_entropy_with_logits(logits: Array, labels: Array, axis: int) -> list[Array]:
    """Σ labels (log Σ exp(logits) - logits), and softmax(logits)"""
    _require_one_shape(logits, labels)
    shifted, exponential, total = exponentials(logits, axis)
    loss = reduce_sum(_slope(log(total), shifted, labels), (axis,), False)
    return [loss, realdiv(exponential, total)]


def softmax_cross_entropy_gradient(g: Array, p: Array, labels: Array, axis: int) -> Array:
    """g (p Σ labels - labels)"""
    slope = _difference(p, reduce_sum(labels, (axis,), True), labels)
    axis = axis % p.ndim
    return multiply(slope, g.reshape(*p.shape[:axis], 1, *p.shape[axis + 1 :]))


_difference = Elementwise("x * y - z", FLOATING)


def sparse_softmax_cross_entropy_with_logits(logits: Array, labels: Array) -> list[Array]:
    """log Σ exp(logits) - logits[label], and softmax(logits)"""
    if logits.shape[:-1] != labels.shape or not logits.ndim:
        raise ValueError("labels must have the shape of the logits without the last axis")
    shifted, exponential, total = exponentials(logits, -1)
    loss = subtract(log(total).reshape(*labels.shape), _picked(shifted, labels))
    return [loss, realdiv(exponential, total)]


def _picked(x: Array, labels: Array) -> Array:
    picked = empty(x.device, labels.shape, x.dtype)
    compiled = kernel(x.device, "labels.cl", "pick", T=type_of(x.dtype), LABEL=type_of(labels.dtype))
    x.device.launch(compiled, (labels.size,), x.buffer, labels.buffer, picked.buffer, labels.size, x.shape[-1])
    return picked


def sparse_softmax_cross_entropy_gradient(g: Array, p: Array, labels: Array) -> Array:
    """g (p - 1 at the label)"""
    device, classes = p.device, p.shape[-1]
    slope = empty(device, p.shape, p.dtype)
    run = classes if device.tuning.group == 1 else 1
    compiled = kernel(device, "labels.cl", "slope", T=type_of(p.dtype), LABEL=type_of(labels.dtype))
    items = -(-classes // max(run, 1)), labels.size
    device.launch(compiled, items, g.buffer, p.buffer, labels.buffer, slope.buffer, classes, run)
    return slope


def sigmoid_cross_entropy_with_logits(logits: Array, labels: Array) -> Array:
    """max(x, 0) - xz + log(1 + exp(-|x|)) for logits x and labels z: exp never overflows."""
    _require_one_shape(logits, labels)
    return add(_linear(logits, labels), _curved(logits))


_linear = Elementwise("(x > (XS)0 ? x : (XS)0) - x * y", FLOATING)  # 0 for a sure and right answer: first of all
_curved = Elementwise("log1p(exp(-fabs(x)))", FLOATING)


def sigmoid_cross_entropy_gradient(g: Array, logits: Array, labels: Array) -> Array:
    """g (sigmoid(x) - z), with sigmoid(x) = [x ≥ 0] ∓ e/(1 + e) and e = exp(-|x|): [x ≥ 0] - z leaves e its digits."""
    return multiply(g, add(_far(logits, labels), _near(logits)))


_far = Elementwise("(x >= (XS)0 ? (XS)1 : (XS)0) - y", FLOATING)
_near = Elementwise("(x >= (XS)0 ? (XS)-1 : (XS)1) * exp(-fabs(x)) / (1 + exp(-fabs(x)))", FLOATING)


def _require_one_shape(logits: Array, labels: Array) -> None:
    if logits.shape != labels.shape:
        raise ValueError("logits and labels must have one shape")
