"""What neural networks are made of besides products: activations, biases, softmax, cross entropies."""

from __future__ import annotations

from minitfe.onnx_export.rules import rule, same
from minitfe.onnx_export.writer import Value, Writer

same(__name__, {"relu": "Relu"})


@rule
def relu6(w: Writer, x: Value) -> Value:
    """Clip"""
    return w.node("Clip", x, w.constant(0, x.dtype), w.constant(6, x.dtype))


@rule
def elu(w: Writer, x: Value, alpha: float) -> Value:
    """Elu; α times that below 0 for another α than 1, which would be rounded to float32 as an attribute"""
    y = w.node("Elu", x)
    if alpha == 1:
        return y
    scaled = w.node("Mul", y, w.constant(alpha, x.dtype))
    return w.node("Where", w.node("Less", x, w.constant(0, x.dtype)), scaled, y)


@rule
def bias_add(w: Writer, value: Value, bias: Value, data_format: str) -> Value:
    """Add; the channels are the last axis, or the second one in NCHW"""
    if data_format == "NCHW":
        bias = w.unsqueeze(bias, *range(1, value.rank - 1))
    return w.node("Add", value, bias)


@rule
def softmax(w: Writer, x: Value, axis: int) -> Value:
    """Softmax"""
    return w.node("Softmax", x, axis=axis)


@rule
def log_softmax(w: Writer, x: Value, axis: int) -> Value:
    """LogSoftmax"""
    return w.node("LogSoftmax", x, axis=axis)


@rule
def softmax_gradient(w: Writer, g: Value, y: Value, axis: int) -> Value:
    """(g - Σ gy) y"""
    total = w.node("ReduceSum", w.node("Mul", g, y), w.ints(axis), keepdims=1)
    return w.node("Mul", w.node("Sub", g, total), y)


# ---------------------------------------------------------------------------------------------------- cross entropies
# The first two have a second output, the probabilities. Where nobody reads it, it does not get into the model.


@rule
def softmax_cross_entropy_with_logits(w: Writer, logits: Value, labels: Value, axis: int) -> list[Value]:
    """-Σ labels log softmax(logits)"""
    terms = w.node("Mul", labels, log_softmax(w, logits, axis))
    loss = w.node("Neg", w.node("ReduceSum", terms, w.ints(axis), keepdims=0))
    return [loss, softmax(w, logits, axis)]


@rule
def softmax_cross_entropy_gradient(w: Writer, g: Value, p: Value, labels: Value, axis: int) -> Value:
    """g (p Σ labels - labels)"""
    total = w.node("ReduceSum", labels, w.ints(axis), keepdims=1)
    return w.node("Mul", w.unsqueeze(g, axis), w.node("Sub", w.node("Mul", p, total), labels))


@rule
def sparse_softmax_cross_entropy_with_logits(w: Writer, logits: Value, labels: Value) -> list[Value]:
    """-log softmax(logits)[label], by GatherElements"""
    last = logits.rank - 1
    picked = w.node("GatherElements", log_softmax(w, logits, last), w.unsqueeze(labels, last), axis=last)
    return [w.node("Neg", w.squeeze(picked, last)), softmax(w, logits, last)]


@rule
def sparse_softmax_cross_entropy_gradient(w: Writer, g: Value, p: Value, labels: Value) -> Value:
    """g (p - 1 at the label), by ScatterElements"""
    last = p.rank - 1
    places = w.unsqueeze(labels, last)
    minus_one = w.filled(-1, w.shape(places), p.dtype)
    slope = w.node("ScatterElements", p, places, minus_one, axis=last, reduction="add")
    return w.node("Mul", slope, w.unsqueeze(g, last))


@rule
def sigmoid_cross_entropy_with_logits(w: Writer, logits: Value, labels: Value) -> Value:
    """max(x, 0) - xz + softplus(-|x|) for logits x and labels z"""
    linear = w.node("Sub", w.node("Relu", logits), w.node("Mul", logits, labels))
    return w.node("Add", linear, w.node("Softplus", w.node("Neg", w.node("Abs", logits))))


@rule
def sigmoid_cross_entropy_gradient(w: Writer, g: Value, logits: Value, labels: Value) -> Value:
    """g (sigmoid(x) - z)"""
    return w.node("Mul", g, w.node("Sub", w.node("Sigmoid", logits), labels))
