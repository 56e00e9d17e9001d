"""Softmax, and the cross entropies: how far predicted probabilities are from the true ones.

Networks end in logits x, any real numbers, and softmax or sigmoid makes probabilities of them. The cross entropies here
take the logits themselves: a logarithm of a probability that was rounded to 0 would be lost, while log Σ exp(x) never
is.

Their gradients are the probabilities minus the labels, times g. The softmax cross entropies compute the
probabilities on their way, and have them as a second output, which no user sees: the gradient needs them again.
"""

from __future__ import annotations

from math import pi
from typing import Any, cast

from minitfe import conversion, dtypes, errors, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import Op, Operation, register
from minitfe.ops import arguments, array, comparison, elementary, math, reduction, special
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# ------------------------------------------------------------------------------------------------------------- softmax

softmax_op = register(Op("softmax", shape=shapes.same, accepts=dtypes.FLOATING))
softmax_gradient_op = register(Op("softmax_gradient", shape=shapes.same, accepts=dtypes.FLOATING))
log_softmax_op = register(Op("log_softmax", shape=shapes.same, accepts=dtypes.FLOATING))


def softmax(logits: TensorLike, axis: int | None = None, name: str | None = None, dim: int | None = None) -> Tensor:
    """Returns exp(x) / Σ exp(x): positive numbers that sum to 1 along an axis.

    Args:
        logits: floating-point numbers.
        axis: the axis to sum along; the last one by default.
        dim: an older spelling of axis.

    >>> tf.nn.softmax([[0., 0.], [1000., 0.]]).numpy()
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    return _along_axis(softmax_op, logits, axis, dim)


@softmax_op.gradient(0)
def softmax_dx(g: Tensor, x: Tensor, output: Tensor, axis: int) -> Tensor:
    """∂yᵢ/∂xⱼ = yᵢ([i = j] - yⱼ), so the gradient is (g - Σ gy) y."""
    return softmax_gradient(g, output, axis)


def softmax_gradient(g: Tensor, y: Tensor, axis: int) -> Tensor:
    """Returns (g - Σ gy) y, with the sum along the axis."""
    return cast(Tensor, execute(softmax_gradient_op, (g, y), {"axis": axis}))


@softmax_gradient_op.gradient(0)
def softmax_gradient_dg(h: Tensor, g: Tensor, y: Tensor, output: Tensor, axis: int) -> Tensor:
    """The matrix yᵢ([i = j] - yⱼ) is symmetric: the same again."""
    return softmax_gradient(h, y, axis)


@softmax_gradient_op.gradient(1)
def softmax_gradient_dy(h: Tensor, g: Tensor, y: Tensor, output: Tensor, axis: int) -> Tensor:
    """h(g - Σ gy) - g Σ hy"""
    through_factor = math.multiply(h, math.subtract(g, _sum(math.multiply(g, y), axis)))
    return math.subtract(through_factor, math.multiply(g, _sum(math.multiply(h, y), axis)))


def log_softmax(logits: TensorLike, axis: int | None = None, name: str | None = None, dim: int | None = None) -> Tensor:
    """Returns x - log Σ exp(x), the logarithm of `softmax`, without its rounding to 0.

    Args are those of `softmax`.

    >>> tf.nn.log_softmax([1000., 0.]).numpy()
    array([    0., -1000.], dtype=float32)
    """
    return _along_axis(log_softmax_op, logits, axis, dim)


@log_softmax_op.gradient(0)
def log_softmax_dx(g: Tensor, x: Tensor, output: Tensor, axis: int) -> Tensor:
    """∂yᵢ/∂xⱼ = [i = j] - exp(yⱼ), so the gradient is g - exp(y) Σ g."""
    return math.subtract(g, math.multiply(elementary.exp(output), _sum(g, axis)))


def _along_axis(op: Op, logits: TensorLike, axis: int | None, dim: int | None) -> Tensor:
    if axis is not None and dim is not None:
        raise ValueError("Cannot specify both 'axis' and 'dim': the second is the older spelling of the first.")
    x = convert_to_tensor(logits)
    axis = -1 if axis is dim else dim if axis is None else axis
    return cast(Tensor, execute(op, (x,), {"axis": arguments.axis(axis, x, op)}))


def _sum(x: Tensor, axis: int) -> Tensor:
    return reduction.reduce_sum(x, axis, keepdims=True)


# ------------------------------------------------------------------------------------------- softmax cross entropy


def _named(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    """Sees to it that labels and logits were both given, and by name: they are easily mistaken for each other."""
    if sentinel is not None:
        raise ValueError(f"Only call `{function}` with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


def _one_per_example(logits: Extents | None, labels: Extents | None, axis: int) -> list[Extents | None]:
    """The losses have the common shape without the axis of the classes; the probabilities have it whole."""
    if logits is None or labels is None:
        common = labels if logits is None else logits
        return [common and common[:axis] + common[axis % len(common) + 1 :], common]
    if not shapes.TensorShape(logits).is_compatible_with(labels):
        raise ShapeError(
            f"logits and labels must be broadcastable: logits_size={shapes.bracketed(logits)}"
            f" labels_size={shapes.bracketed(labels)}",
            "give each example a label for every class; sparse_softmax_cross_entropy_with_logits takes class numbers",
        )
    return [logits[:axis] + logits[axis + 1 :], logits]


softmax_cross_entropy_op = register(
    Op(
        "softmax_cross_entropy_with_logits",
        shape=_one_per_example,
        any_rank=True,
        accepts=dtypes.FLOATING,
        several=True,
    )
)
softmax_cross_entropy_gradient_op = register(
    Op("softmax_cross_entropy_gradient", shape=shapes.like_second, accepts=dtypes.FLOATING)
)


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, dim: int = -1, name: str | None = None
) -> Tensor:
    """Returns -Σ labels log softmax(logits) for each example. No gradient flows to the labels.

    Args:
        labels: probabilities, of the shape of the logits; they should sum to 1 for each example.
        logits: floating-point numbers.
        dim: the axis of the classes.

    Raises:
        ValueError: where an argument is not given by name.
        InvalidArgumentError: where the shapes differ.

    >>> tf.nn.softmax_cross_entropy_with_logits(labels=[[0., 1.]], logits=[[0., 0.]]).numpy()
    array([0.6931472], dtype=float32)
    """
    _named("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    x, z = _labelled(logits, labels)
    return _softmax_cross_entropy(x, array.stop_gradient(z), dim)


def softmax_cross_entropy_with_logits_v2(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, dim: int = -1, name: str | None = None
) -> Tensor:
    """As `softmax_cross_entropy_with_logits`, but the labels have a gradient too.

    >>> tf.nn.softmax_cross_entropy_with_logits_v2(labels=[[0., 1.]], logits=[[0., 0.]]).numpy()
    array([0.6931472], dtype=float32)
    """
    _named("softmax_cross_entropy_with_logits_v2", _sentinel, labels, logits)
    return _softmax_cross_entropy(*_labelled(logits, labels), dim)


def _labelled(logits: Any, labels: Any) -> tuple[Tensor, Tensor]:
    """Logits and labels as tensors; the labels take the dtype of the logits."""
    x = convert_to_tensor(logits)
    z = conversion.resolve(labels)
    if not isinstance(z, Tensor):
        z = conversion.beside(z, x)
    return x, z if z.dtype is x.dtype else array.cast(z, x.dtype)


def _softmax_cross_entropy(logits: Tensor, labels: Tensor, dim: int) -> Tensor:
    axis = arguments.axis(dim, logits, softmax_cross_entropy_op, "dim")
    loss, _ = execute(softmax_cross_entropy_op, (logits, labels), {"axis": axis})
    return cast(Tensor, loss)


@softmax_cross_entropy_op.whole_gradient
def softmax_cross_entropy_dinputs(operation: Operation, gs: list[Any]) -> list[Any]:
    """∂(Σ z (log Σ exp(x) - x))/∂x = p Σ z - z and ∂/∂z = -log p, for logits x, labels z and p = softmax(x)."""
    (logits, labels), (_, p), axis = operation.inputs, operation.output, operation.attributes["axis"]
    g, dp = gs
    through_p = None if dp is None else softmax_gradient(dp, p, axis)
    if g is None:
        return [through_p, None]
    dlogits = softmax_cross_entropy_gradient(g, p, labels, axis)
    dlabels = math.multiply(array.expand_dims(math.negative(g), axis), log_softmax(logits, axis))
    return [dlogits if through_p is None else math.add(dlogits, through_p), dlabels]


def softmax_cross_entropy_gradient(g: Tensor, p: Tensor, labels: Tensor, axis: int) -> Tensor:
    """Returns g (p Σ labels - labels), with one g per example; the labels of an example mostly sum to 1."""
    return cast(Tensor, execute(softmax_cross_entropy_gradient_op, (g, p, labels), {"axis": axis}))


@softmax_cross_entropy_gradient_op.gradient(0)
def softmax_cross_entropy_gradient_dg(
    h: Tensor, g: Tensor, p: Tensor, labels: Tensor, output: Tensor, axis: int
) -> Tensor:
    """Linear in g: Σ h times the slope, which is the op itself for g = 1."""
    slope = softmax_cross_entropy_gradient(array.ones_like(g), p, labels, axis)
    return reduction.reduce_sum(math.multiply(h, slope), axis)


@softmax_cross_entropy_gradient_op.gradient(1)
def softmax_cross_entropy_gradient_dp(
    h: Tensor, g: Tensor, p: Tensor, labels: Tensor, output: Tensor, axis: int
) -> Tensor:
    """h g Σ labels"""
    return math.multiply(h, math.multiply(array.expand_dims(g, axis), _sum(labels, axis)))


@softmax_cross_entropy_gradient_op.gradient(2)
def softmax_cross_entropy_gradient_dlabels(
    h: Tensor, g: Tensor, p: Tensor, labels: Tensor, output: Tensor, axis: int
) -> Tensor:
    """g (Σ hp - h)"""
    return math.multiply(array.expand_dims(g, axis), math.subtract(_sum(math.multiply(h, p), axis), h))


# ------------------------------------------------------------------------------------------------------- class numbers


def _like_class_numbers(logits: Extents | None, labels: Extents | None) -> list[Extents | None]:
    """One loss per class number, and one probability per logit."""
    if logits is None or labels is None:
        return [logits[:-1] if logits else labels, logits]
    if len(labels) != len(logits) - 1:
        raise ShapeError(
            f"Rank mismatch: Rank of labels (received {len(labels)}) should equal rank of logits minus 1"
            f" (received {len(logits)})",
            "give one class number per example; softmax_cross_entropy_with_logits takes one label for every class",
        )
    if not shapes.TensorShape(logits[:-1]).is_compatible_with(labels):
        raise ShapeError(
            f"logits and labels must have the same first dimension, got logits shape {shapes.bracketed(logits)} and"
            f" labels shape {shapes.bracketed(labels)}",
            "give one class number per example",
        )
    return [labels, logits]


sparse_softmax_cross_entropy_op = register(
    Op(
        "sparse_softmax_cross_entropy_with_logits",
        shape=_like_class_numbers,
        any_rank=True,
        accepts=dtypes.FLOATING,
        several=True,
    )
)
sparse_softmax_cross_entropy_gradient_op = register(
    Op("sparse_softmax_cross_entropy_gradient", shape=shapes.like_second, accepts=dtypes.FLOATING)
)
sparse_softmax_cross_entropy_gradient_op.no_gradient("class numbers are integers", 2)


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """Returns -log softmax(logits)[label] for each example, where labels are class numbers.

    Args:
        labels: integers from 0 to the number of classes - 1, of the shape of the logits without the last axis.
        logits: floating-point numbers, with the classes along the last axis.

    Raises:
        ValueError: where an argument is not given by name.
        InvalidArgumentError: where the shapes do not match, or a label is no class number.

    >>> tf.nn.sparse_softmax_cross_entropy_with_logits(labels=[1], logits=[[0., 0.]]).numpy()
    array([0.6931472], dtype=float32)
    """
    _named("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    x, classes = convert_to_tensor(logits), convert_to_tensor(labels)
    if not classes.dtype.is_integer:
        raise arguments.invalid(
            f"sparse_softmax_cross_entropy_with_logits takes class numbers as labels, integers, not"
            f" {classes.dtype.name}; softmax_cross_entropy_with_logits takes one label for every class."
        )
    loss, _ = execute(sparse_softmax_cross_entropy_op, (x, classes))
    return cast(Tensor, loss)


@sparse_softmax_cross_entropy_op.whole_gradient
def sparse_softmax_cross_entropy_dlogits(operation: Operation, gs: list[Any]) -> list[Any]:
    """∂(log Σ exp(x) - x[label])/∂x = p - [i = label], for p = softmax(x); class numbers have no gradient."""
    (_, labels), (_, p) = operation.inputs, operation.output
    g, dp = gs
    parts = [] if g is None else [sparse_softmax_cross_entropy_gradient(g, p, labels)]
    if dp is not None:
        axis = len(arguments.known(p.extents, "sparse_softmax_cross_entropy_with_logits")) - 1
        parts.append(softmax_gradient(dp, p, axis))
    return [parts[0] if len(parts) == 1 else math.add(parts[0], parts[1]), None]


def sparse_softmax_cross_entropy_gradient(g: Tensor, p: Tensor, labels: Tensor) -> Tensor:
    """Returns g (p - [i = label]), with one g per example."""
    return cast(Tensor, execute(sparse_softmax_cross_entropy_gradient_op, (g, p, labels)))


@sparse_softmax_cross_entropy_gradient_op.gradient(0)
def sparse_softmax_cross_entropy_gradient_dg(h: Tensor, g: Tensor, p: Tensor, labels: Tensor, output: Tensor) -> Tensor:
    """Linear in g: Σ h times the slope, which is the op itself for g = 1."""
    slope = sparse_softmax_cross_entropy_gradient(array.ones_like(g), p, labels)
    return reduction.reduce_sum(math.multiply(h, slope), -1)


@sparse_softmax_cross_entropy_gradient_op.gradient(1)
def sparse_softmax_cross_entropy_gradient_dp(h: Tensor, g: Tensor, p: Tensor, labels: Tensor, output: Tensor) -> Tensor:
    """hg"""
    return math.multiply(h, array.expand_dims(g, -1))


# ------------------------------------------------------------------------------------------------ sigmoid cross entropy


def _same_shapes(logits: Extents, labels: Extents) -> Extents:
    """Both have one shape."""
    if not shapes.TensorShape(logits).is_compatible_with(labels):
        raise ShapeError(
            f"logits and labels must have the same shape ({shapes.format_extents(logits)} vs"
            f" {shapes.format_extents(labels)})",
            "give one label for every logit",
        )
    return logits


sigmoid_cross_entropy_op = register(
    Op("sigmoid_cross_entropy_with_logits", shape=_same_shapes, accepts=dtypes.FLOATING)
)
sigmoid_cross_entropy_gradient_op = register(
    Op("sigmoid_cross_entropy_gradient", shape=shapes.like_second, accepts=dtypes.FLOATING)
)


def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """Returns -z log σ(x) - (1 - z) log(1 - σ(x)) for logits x and labels z, element by element.

    It is for classes that do not exclude each other, each with a sigmoid σ of its own.

    Args:
        labels: probabilities, of the shape of the logits.
        logits: floating-point numbers.

    Raises:
        ValueError: where an argument is not given by name.
        InvalidArgumentError: where the shapes differ.

    >>> tf.nn.sigmoid_cross_entropy_with_logits(labels=[0., 1.], logits=[0., 1000.]).numpy()
    array([0.6931472, 0.       ], dtype=float32)
    """
    _named("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    return cast(Tensor, execute(sigmoid_cross_entropy_op, agree(sigmoid_cross_entropy_op, (logits, labels))))


@sigmoid_cross_entropy_op.gradient(0)
def sigmoid_cross_entropy_dlogits(g: Tensor, logits: Tensor, labels: Tensor, output: Tensor) -> Tensor:
    """∂(log(1 + exp(x)) - xz)/∂x = σ(x) - z"""
    return sigmoid_cross_entropy_gradient(g, logits, labels)


@sigmoid_cross_entropy_op.gradient(1)
def sigmoid_cross_entropy_dlabels(g: Tensor, logits: Tensor, labels: Tensor, output: Tensor) -> Tensor:
    """∂(log(1 + exp(x)) - xz)/∂z = -x"""
    return math.negative(math.multiply(g, logits))


def sigmoid_cross_entropy_gradient(g: Tensor, logits: Tensor, labels: Tensor) -> Tensor:
    """Returns g (σ(x) - z)."""
    return cast(Tensor, execute(sigmoid_cross_entropy_gradient_op, (g, logits, labels)))


@sigmoid_cross_entropy_gradient_op.gradient(0)
def sigmoid_cross_entropy_gradient_dg(h: Tensor, g: Tensor, logits: Tensor, labels: Tensor, output: Tensor) -> Tensor:
    """Linear in g, with the slope σ(x) - z."""
    return sigmoid_cross_entropy_gradient(h, logits, labels)


@sigmoid_cross_entropy_gradient_op.gradient(1)
def sigmoid_cross_entropy_gradient_dlogits(
    h: Tensor, g: Tensor, logits: Tensor, labels: Tensor, output: Tensor
) -> Tensor:
    """∂(g (σ(x) - z))/∂x = g σ(x)(1 - σ(x))"""
    probability = special.sigmoid(logits)
    return math.multiply(math.multiply(h, g), math.multiply(probability, math.subtract(1, probability)))


@sigmoid_cross_entropy_gradient_op.gradient(2)
def sigmoid_cross_entropy_gradient_dlabels(
    h: Tensor, g: Tensor, logits: Tensor, labels: Tensor, output: Tensor
) -> Tensor:
    """∂(g (σ(x) - z))/∂z = -g"""
    return math.negative(math.multiply(h, g))


def weighted_cross_entropy_with_logits(
    targets: TensorLike, logits: TensorLike, pos_weight: TensorLike, name: str | None = None
) -> Tensor:
    """Returns -qz log σ(x) - (1 - z) log(1 - σ(x)): to miss a positive costs q times as much.

    Args:
        targets: probabilities z, of the shape of the logits.
        logits: floating-point numbers x.
        pos_weight: the weight q.

    >>> tf.nn.weighted_cross_entropy_with_logits([0., 1.], [0., 0.], 2.).numpy()
    array([0.6931472, 1.3862944], dtype=float32)
    """
    x, z = agree(sigmoid_cross_entropy_op, (logits, targets))
    _require_one_shape("weighted_cross_entropy_with_logits", x, z)
    # -log σ(x) = softplus(-x) and -log(1 - σ(x)) = x + softplus(-x)
    weight = 1 + (math.multiply(pos_weight, z) - z)
    return (1 - z) * x + weight * special.softplus(-x)


def log_poisson_loss(
    targets: TensorLike, log_input: TensorLike, compute_full_loss: bool = False, name: str | None = None
) -> Tensor:
    """Returns exp(c) - zc: -log of the Poisson probability of z, where exp(c) is expected, but for a term without c.

    Args:
        targets: counts z.
        log_input: logarithms c, of the shape of the targets.
        compute_full_loss: whether to add that term, log z!, by Stirling's formula z log z - z + log(2πz) / 2, where z
            > 1.

    >>> tf.nn.log_poisson_loss([1., 2.], [0., 0.]).numpy()
    array([1., 1.], dtype=float32)
    """
    c, z = agree(sigmoid_cross_entropy_op, (log_input, targets))
    _require_one_shape("log_poisson_loss", c, z)
    loss = elementary.exp(c) - z * c
    if not compute_full_loss:
        return loss
    above = comparison.maximum(z, 1)  # below, where the formula is not used, its logarithm shall be finite
    stirling = above * elementary.log(above) - above + 0.5 * elementary.log(2 * pi * above)
    return loss + array.cast(comparison.greater(z, 1), z.dtype) * stirling


def _require_one_shape(function: str, x: Tensor, z: Tensor) -> None:
    if not x.shape.is_compatible_with(z.shape):
        raise arguments.invalid(
            f"logits and targets must have the same shape ({x.shape} vs {z.shape}): {function} was given"
            f" {errors.describe_operands((x, z))}; give one target for every logit."
        )
