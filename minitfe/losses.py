"""Loss functions: one number for how far predictions are from what is wanted.

Each takes labels and predictions (or logits), computes a loss for every element or example, and hands these to
`compute_weighted_loss`, which weighs them and makes one number of them. How it does that is the `Reduction`. The
default divides the weighted sum by the number of losses whose weight is not zero: a mean over what counts.

    losses l, weights w                        reduction
    l w                                        NONE
    Σ l w                                      SUM
    Σ l w / Σ w                                MEAN
    Σ l w / number of losses                   SUM_OVER_BATCH_SIZE
    Σ l w / number of losses with w ≠ 0        SUM_BY_NONZERO_WEIGHTS

Where the divisor is 0, so is the result: a batch with nothing to learn from has no loss, rather than NaN.

Losses of float64 predictions are computed in float64; TensorFlow rounds them to float32.
"""

from __future__ import annotations

from typing import Any

from minitfe import dtypes, errors, shapes
from minitfe.conversion import convert_to_tensor
from minitfe.dtypes import DType
from minitfe.graph.collections import GraphKeys, add_to_collection, get_collection
from minitfe.missing import explain as _explain
from minitfe.ops import arguments, array, comparison, cross_entropy, elementary, indexing, math, nn, reduction
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "Reduction",
    "absolute_difference",
    "add_loss",
    "compute_weighted_loss",
    "cosine_distance",
    "get_losses",
    "get_regularization_loss",
    "get_regularization_losses",
    "get_total_loss",
    "hinge_loss",
    "huber_loss",
    "log_loss",
    "mean_pairwise_squared_error",
    "mean_squared_error",
    "sigmoid_cross_entropy",
    "softmax_cross_entropy",
    "sparse_softmax_cross_entropy",
]

_LOSSES = GraphKeys.LOSSES


class Reduction:
    """How weighted losses become one number; see the module for what each does.

    TensorFlow: tf.losses.Reduction.
    """

    NONE = "none"
    SUM = "weighted_sum"
    MEAN = "weighted_mean"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Returns all reductions."""
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key: Any) -> None:
        """Raises ValueError for what is no reduction."""
        if not isinstance(key, str) or key not in cls.all():
            raise ValueError(f"Invalid ReductionKey {key}. Reductions are {', '.join(cls.all())}.")


# ------------------------------------------------------------------------------------------- weighing and summing up


def compute_weighted_loss(
    losses: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """Weighs losses and makes one number of them.

    Args:
        losses: the losses, of any shape.
        weights: a number, or a tensor with as many axes as the losses, each of size 1 or of the losses' size.
        scope: accepted, as in TensorFlow, without effect.
        loss_collection: the collection of a graph that the loss is added to; None for no such.
        reduction: one of `Reduction`.

    Returns:
        A scalar of the losses' dtype; with ``Reduction.NONE``, the weighted losses.

    Raises:
        ValueError: where the weights cannot be stretched to the losses, or there is no such reduction.

    >>> float(tf.losses.compute_weighted_loss([1., 2., 6.], [1., 1., 0.]))
    1.5
    """
    Reduction.validate(reduction)
    given = convert_to_tensor(losses)
    dtype = _working_dtype(given.dtype)
    losses = _cast(given, dtype)
    if isinstance(weights, (int, float)):
        weighted = losses if weights == 1 else math.multiply(losses, float(weights))
    else:
        weights = _cast(convert_to_tensor(weights), dtype)
        _require_broadcastable(weights, losses)
        weighted = math.multiply(losses, weights)
    total = weighted if reduction == Reduction.NONE else _sum(weighted)
    if reduction not in (Reduction.NONE, Reduction.SUM):
        total = _quotient(total, _divisor(reduction, losses, weights))
    loss = _cast(total, given.dtype)
    add_loss(loss, loss_collection)
    return loss


def _divisor(reduction: str, losses: Tensor, weights: Any) -> Any:
    """What the sum of the weighted losses is divided by."""
    if reduction == Reduction.SUM_OVER_BATCH_SIZE:
        return _size(losses)
    share = weights if reduction == Reduction.MEAN else _is_not_zero(weights)
    if isinstance(share, (int, float)):
        return share * _size(losses)
    return _sum(math.multiply(array.ones_like(losses), share))


def _is_not_zero(weights: Any) -> Any:
    """1 where a weight is not zero, and else 0."""
    if isinstance(weights, (int, float)):
        return int(weights != 0)
    return array.cast(comparison.not_equal(weights, 0), weights.dtype)


def _size(losses: Tensor) -> Any:
    """The number of elements; a tensor where it is known only when the graph runs."""
    size = shapes.TensorShape(losses.extents).num_elements()
    return array.cast(array.size(losses), losses.dtype) if size is None else size


def _quotient(total: Tensor, count: Any) -> Tensor:
    """The total divided by the count, and 0 where the count is not positive, also for gradients."""
    if isinstance(count, (int, float)):
        if count > 0:
            return math.realdiv(total, count)
        count = math.multiply(array.ones_like(total), count)
    positive = comparison.greater(count, 0)
    divisor = indexing.where(positive, count, array.ones_like(count))
    return indexing.where(positive, math.realdiv(total, divisor), array.zeros_like(total))


def _require_broadcastable(weights: Tensor, values: Tensor) -> None:
    """Raises ValueError unless weights can be stretched along axes where they have size 1.

    Axes are not added: one weight for each example, beside losses of shape [batch, 1], would give [batch, batch].
    """
    small, large = weights.extents, values.extents
    if small is None or large is None or small == ():
        return
    prefix = "weights can not be broadcast to values."
    if len(small) != len(large):
        raise ValueError(
            f"{prefix} values.rank={len(large)}. weights.rank={len(small)}."
            f" values.shape={values.shape}. weights.shape={weights.shape}. Weights are one number, or have"
            " as many axes as what they weigh; add axes of size 1 with tf.expand_dims."
        )
    for axis, (size, whole) in enumerate(zip(small, large)):
        if size != 1 and None not in (size, whole) and size != whole:
            raise ValueError(
                f"{prefix} Mismatch at dim {axis}. values.shape={values.shape} weights.shape={weights.shape}."
                " Along each axis there is one weight for all, or one for each."
            )


# ------------------------------------------------------------------------------------------------- losses of numbers


def absolute_difference(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """|p - y| for predictions p and labels y.

    Args:
        labels: what is wanted.
        predictions: what came out, of the same shape.
        weights, reduction: see `compute_weighted_loss`.

    Raises:
        ValueError: where the shapes differ, or the weights do not fit.

    >>> float(tf.losses.absolute_difference([1., 2.], [1., 5.]))
    1.5
    """
    y, p = _labels_and_predictions(labels, predictions)
    return compute_weighted_loss(math.abs(math.subtract(p, y)), weights, scope, loss_collection, reduction)


def mean_squared_error(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """(p - y)² for predictions p and labels y. Args and errors are those of `absolute_difference`.

    >>> float(tf.losses.mean_squared_error([1., 2.], [1., 5.]))
    4.5
    """
    y, p = _labels_and_predictions(labels, predictions)
    return compute_weighted_loss(math.squared_difference(p, y), weights, scope, loss_collection, reduction)


def huber_loss(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    delta: float = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """Squared for small errors, linear for large ones, so that a wild label does little harm.

    With e = |p - y| it is e²/2 where e ≤ δ, and δe - δ²/2 beyond. Other args and errors are those of
    `absolute_difference`.

    Args:
        labels: what is wanted.
        predictions: what came out, of the same shape.
        delta: the error δ where the loss turns linear.

    >>> float(tf.losses.huber_loss([0., 0.], [1., 3.]))
    1.5
    """
    y, p = _labels_and_predictions(labels, predictions)
    error = math.abs(math.subtract(p, y))
    quadratic = comparison.minimum(error, delta)
    losses = 0.5 * math.square(quadratic) + delta * (error - quadratic)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def cosine_distance(
    labels: TensorLike,
    predictions: TensorLike,
    axis: int | None = None,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
    dim: int | None = None,
) -> Tensor:
    """1 - Σ p y along an axis: for vectors of length 1, one minus the cosine of the angle between them.

    Args:
        labels, predictions: vectors that have length 1 along the axis; they are not made so here.
        axis: the axis to sum along; it stays, with size 1, and weights have it too.
        weights, reduction: see `compute_weighted_loss`.
        dim: an older spelling of axis.

    Raises:
        ValueError: where no axis is given, the shapes differ, or the weights do not fit.

    >>> float(tf.losses.cosine_distance([[1., 0.]], [[0.6, 0.8]], axis=1))
    0.3999999761581421
    """
    if axis is not None and dim is not None:
        raise ValueError("Cannot specify both 'axis' and 'dim': the second is the older spelling of the first.")
    axis = dim if axis is None else axis
    if axis is None:
        raise ValueError("You must specify 'axis'.")
    y, p = _labels_and_predictions(labels, predictions)
    losses = 1 - _sum(math.multiply(p, y), axis, keepdims=True)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_pairwise_squared_error(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
) -> Tensor:
    """The mean of ((pᵢ - pⱼ) - (yᵢ - yⱼ))² over the pairs i, j within each example, summed over the examples.

    With d = p - y and n elements per example, that is 2 Σ d² / (n - 1) - 2 (Σ d)² / (n (n - 1)).

    Args:
        labels, predictions: tensors of one shape, with the examples along the first axis.
        weights: a number, or one for each example, with as many axes as the labels.

    Raises:
        ValueError: where the shapes differ, or the weights do not fit.

    >>> float(tf.losses.mean_pairwise_squared_error([[1., 2.]], [[1., 5.]]))
    9.0
    """
    y, p = _labels_and_predictions(labels, predictions)
    weights = _cast(convert_to_tensor(weights), p.dtype)
    _require_broadcastable(weights, y)
    d = math.subtract(p, y)
    within = list(range(1, d.ndim))
    n = _sum(math.multiply(array.ones_like(d), _is_not_zero(weights)), within, keepdims=True)
    squares = _sum(math.square(d), within, keepdims=True)
    square = math.square(_sum(d, within, keepdims=True))
    losses = 2 * _quotient(squares, n - 1) - 2 * _quotient(square, n * (n - 1))
    return _sum(math.multiply(losses, weights))


# ------------------------------------------------------------------------------------------------- losses of classes


def hinge_loss(
    labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """max(0, 1 - s x) for logits x, with the sign s = 2y - 1 for labels y that are 0 or 1.

    Args and errors are those of `absolute_difference`.

    >>> float(tf.losses.hinge_loss([0., 1.], [0.5, 3.]))
    0.75
    """
    y, x = _labels_and_predictions(labels, logits, "logits")
    losses = nn.relu(1 - (2 * y - 1) * x)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def log_loss(
    labels: TensorLike,
    predictions: TensorLike,
    weights: TensorLike = 1.0,
    epsilon: float = 1e-7,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """-y log(p + ε) - (1 - y) log(1 - p + ε) for probabilities p and labels y.

    Where logits are at hand, `sigmoid_cross_entropy` is more precise. Other args and errors are those of
    `absolute_difference`.

    Args:
        labels: from 0 to 1.
        predictions: probabilities, of the same shape.
        epsilon: keeps the logarithms finite.

    >>> round(float(tf.losses.log_loss([1.], [0.5])), 4)
    0.6931
    """
    y, p = _labels_and_predictions(labels, predictions)
    losses = -y * elementary.log(p + epsilon) - (1 - y) * elementary.log(1 - p + epsilon)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sigmoid_cross_entropy(
    multi_class_labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross entropy of classes that do not exclude each other; see `tf.nn.sigmoid_cross_entropy_with_logits`.

    Args:
        multi_class_labels: from 0 to 1, of shape [batch, classes].
        logits: of the same shape.
        weights, reduction: see `compute_weighted_loss`.
        label_smoothing: how far to move labels towards 1/2: s makes y (1 - s) + s/2 of them.

    Raises:
        ValueError: where the shapes differ, or the weights do not fit.

    >>> round(float(tf.losses.sigmoid_cross_entropy([[0., 1.]], [[0., 0.]])), 4)
    0.6931
    """
    y, x = _labels_and_logits(multi_class_labels, logits, "multi_class_labels")
    if label_smoothing:
        y = y * (1 - label_smoothing) + 0.5 * label_smoothing
    losses = cross_entropy.sigmoid_cross_entropy_with_logits(labels=y, logits=x)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def softmax_cross_entropy(
    onehot_labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    label_smoothing: float = 0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross entropy of classes of which one is right; see `tf.nn.softmax_cross_entropy_with_logits`.

    Args:
        onehot_labels: the probability of each class, of shape [batch, classes]. No gradient goes to them.
        logits: of the same shape.
        weights: a number, or one for each example; reduction: see `compute_weighted_loss`.
        label_smoothing: how far to move labels towards 1/classes: s makes y (1 - s) + s/classes of them.

    Raises:
        ValueError: where the shapes differ, or the weights do not fit.

    >>> round(float(tf.losses.softmax_cross_entropy([[0., 1.]], [[0., 0.]])), 4)
    0.6931
    """
    y, x = _labels_and_logits(onehot_labels, logits, "onehot_labels")
    if label_smoothing:
        y = y * (1 - label_smoothing) + label_smoothing / array.cast(array.shape(y)[-1], y.dtype)
    losses = cross_entropy.softmax_cross_entropy_with_logits_v2(labels=array.stop_gradient(y), logits=x)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sparse_softmax_cross_entropy(
    labels: TensorLike,
    logits: TensorLike,
    weights: TensorLike = 1.0,
    scope: str | None = None,
    loss_collection: Any = _LOSSES,
    reduction: str = Reduction.SUM_BY_NONZERO_WEIGHTS,
) -> Tensor:
    """The cross entropy of classes of which one is right, with class numbers as labels.

    Args:
        labels: class numbers, of shape [batch] or [batch, 1].
        logits: of shape [batch, classes].
        weights: a number, or one for each example, of shape [batch] or [batch, 1].
        reduction: see `compute_weighted_loss`.

    Raises:
        InvalidArgumentError: where a label is no class number, or the shapes do not match.
        ValueError: where the weights do not fit.

    >>> round(float(tf.losses.sparse_softmax_cross_entropy([1], [[0., 0.]])), 4)
    0.6931
    """
    classes, x = convert_to_tensor(_given(labels, "labels")), convert_to_tensor(_given(logits, "logits"))
    excess = _rank(x) - _rank(classes)  # 1, where there is one label for each vector of logits
    if excess == 0:
        classes = _without_last_axis(classes)
    elif excess == 2:
        x = _without_last_axis(x)
    if not isinstance(weights, (int, float)):
        weights = convert_to_tensor(weights)
        if _rank(weights) == _rank(classes) + 1:
            weights = _without_last_axis(weights)
    losses = cross_entropy.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=x)
    return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


# ------------------------------------------------------------------------------------------- what losses are made from


def _labels_and_predictions(labels: Any, predictions: Any, name: str = "predictions") -> tuple[Tensor, Tensor]:
    """Labels and predictions of one shape, as floats: labels may be whole numbers."""
    p = convert_to_tensor(_given(predictions, name))
    dtype = dtypes.float64 if p.dtype is dtypes.float64 else dtypes.float32
    y, p = _cast(convert_to_tensor(_given(labels, "labels")), dtype), _cast(p, dtype)
    _require_one_shape(p, y, f"labels of shape {y.shape} and {name} of shape {p.shape}")
    return y, p


def _labels_and_logits(labels: Any, logits: Any, name: str) -> tuple[Tensor, Tensor]:
    """Labels and logits of one shape, in the dtype of the logits."""
    x = convert_to_tensor(_given(logits, "logits"))
    y = _cast(convert_to_tensor(_given(labels, name)), x.dtype)
    _require_one_shape(x, y, f"{name} of shape {y.shape} and logits of shape {x.shape}")
    return y, x


def _given(value: Any, name: str) -> Any:
    if value is None:
        raise ValueError(f"{name} must not be None.")
    return value


def _require_one_shape(x: Tensor, y: Tensor, what: str) -> None:
    if not x.shape.is_compatible_with(y.shape):
        raise ValueError(f"Shapes {x.shape} and {y.shape} are incompatible: a loss was given {what}; give one for one.")


def _rank(x: Tensor) -> int:
    return len(arguments.known(x.extents, "a loss"))


def _without_last_axis(x: Tensor) -> Tensor:
    """Drops an axis of size 1 at the end; leaves anything else to the op that it will not suit."""
    return array.squeeze(x, [-1]) if x.extents and x.extents[-1] == 1 else x


def _working_dtype(dtype: DType) -> DType:
    """Sums of float16 and of integers are made in float32."""
    return dtype if dtype in (dtypes.float32, dtypes.float64) else dtypes.float32


def _cast(x: Tensor, dtype: DType) -> Tensor:
    if x.dtype is dtypes.string or x.dtype.is_complex:
        raise errors.InvalidArgumentError(f"Losses are made of real numbers, not of {x.dtype.name} {x.shape}.")
    return array.cast(x, dtype)


def _sum(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return reduction.reduce_sum(x, axis, keepdims=keepdims)


# -------------------------------------------------------------------------------------------------------- collections
# A graph collects the losses that are added while it is built. Eager execution collects nothing: a loss is a value that
# the program holds.


def add_loss(loss: Any, loss_collection: Any = _LOSSES) -> None:
    """Adds a loss to those that `get_losses` returns; in eager execution it does nothing, as in TensorFlow."""
    if loss_collection is not None:
        add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: Any = _LOSSES) -> list[Tensor]:
    """Returns the losses that were computed in the graph; in eager execution none are collected.

    Args:
        scope: a regular expression that the names must match at their begin.
        loss_collection: the collection to look into.

    >>> tf.losses.get_losses()
    []
    """
    return get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Tensor]:
    """Returns the losses of regularizers in the graph; in eager execution models keep theirs, in ``model.losses``."""
    return get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """Returns the sum of `get_regularization_losses`, 0 in eager execution.

    >>> float(tf.losses.get_regularization_loss())
    0.0
    """
    losses = get_regularization_losses(scope)
    return math.add_n(losses) if losses else convert_to_tensor(0.0)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss") -> Tensor:
    """Returns the sum of all losses in the graph.

    Args:
        add_regularization_losses: whether those of regularizers count.

    Raises:
        ValueError: where there are none, as always in eager execution.
    """
    losses = get_losses() + (get_regularization_losses() if add_regularization_losses else [])
    if losses:
        return math.add_n(losses)
    raise ValueError(
        "inputs must be a list of at least one Tensor/IndexedSlices with the same dtype and shape: in eager execution"
        " no losses are collected. Add up what the loss functions return, and model.losses."
    )


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.losses"))
