"""Losses: how far predictions are from the truth, example by example.

Each takes y_true and y_pred, of shape [..., n], and returns a tensor of shape [...]: the mean or sum over the last
axis. `Model.compile` takes them by name or as functions, and averages over the examples.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

from minitfe import dtypes
from minitfe.conversion import beside, convert_to_tensor, resolve
from minitfe.missing import explain as _explain
from minitfe.ops import array, clipping, comparison, cross_entropy, elementary, math, nn, reduction, special
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "KLD",
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "binary_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "cosine",
    "cosine_proximity",
    "get",
    "hinge",
    "kld",
    "kullback_leibler_divergence",
    "logcosh",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]

EPSILON = 1e-7  # probabilities are kept this far from 0 and 1


def _pair(y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Both as tensors of the dtype of the prediction."""
    prediction = convert_to_tensor(y_pred)
    if prediction.dtype.is_integer:
        prediction = array.cast(prediction, dtypes.float32)
    truth = resolve(y_true)
    truth = array.cast(truth, prediction.dtype) if isinstance(truth, Tensor) else beside(truth, prediction)
    return truth, prediction


def _mean(x: Tensor) -> Tensor:
    return reduction.reduce_mean(x, -1)


def _sum(x: Tensor) -> Tensor:
    return reduction.reduce_sum(x, -1)


# ------------------------------------------------------------------------------------------------------------ distances


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of (y_pred - y_true)².

    >>> tf.keras.losses.mean_squared_error([[0., 0.]], [[1., 3.]]).numpy()
    array([5.], dtype=float32)
    """
    truth, prediction = _pair(y_true, y_pred)
    return _mean(math.squared_difference(prediction, truth))


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of |y_pred - y_true|."""
    truth, prediction = _pair(y_true, y_pred)
    return _mean(math.abs(math.subtract(prediction, truth)))


def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of 100 |y_true - y_pred| / |y_true|."""
    truth, prediction = _pair(y_true, y_pred)
    size = comparison.maximum(math.abs(truth), EPSILON)
    return math.multiply(100.0, _mean(math.divide(math.abs(math.subtract(truth, prediction)), size)))


def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of (log(1 + y_pred) - log(1 + y_true))²; negative numbers count as 0."""
    truth, prediction = (elementary.log1p(comparison.maximum(y, EPSILON)) for y in _pair(y_true, y_pred))
    return _mean(math.squared_difference(prediction, truth))


def logcosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of log cosh(y_pred - y_true): square when small, straight when large."""
    truth, prediction = _pair(y_true, y_pred)
    x = math.subtract(prediction, truth)
    # log((exp(x) + exp(-x)) / 2) = x + log(1 + exp(-2x)) - log 2, which does not overflow
    return _mean(math.subtract(math.add(x, special.softplus(math.multiply(-2.0, x))), log(2.0)))


def cosine_proximity(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns minus the cosine of the angle between the two."""
    truth, prediction = (nn.l2_normalize(y, -1) for y in _pair(y_true, y_pred))
    return math.negative(_sum(math.multiply(truth, prediction)))


# --------------------------------------------------------------------------------------------------------------- hinges


def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of max(1 - y_true y_pred, 0), where y_true is -1 or 1."""
    truth, prediction = _pair(y_true, y_pred)
    return _mean(comparison.maximum(math.subtract(1.0, math.multiply(truth, prediction)), 0.0))


def squared_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of max(1 - y_true y_pred, 0)², where y_true is -1 or 1."""
    truth, prediction = _pair(y_true, y_pred)
    return _mean(math.square(comparison.maximum(math.subtract(1.0, math.multiply(truth, prediction)), 0.0)))


def categorical_hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns max(0, 1 + the best of the wrong classes - the right one), where y_true is one-hot."""
    truth, prediction = _pair(y_true, y_pred)
    right = _sum(math.multiply(truth, prediction))
    wrong = reduction.reduce_max(math.multiply(math.subtract(1.0, truth), prediction), -1)
    return comparison.maximum(math.add(math.subtract(wrong, right), 1.0), 0.0)


# -------------------------------------------------------------------------------------------------------- probabilities


def _probabilities(y_pred: Tensor) -> Tensor:
    return clipping.clip_by_value(y_pred, EPSILON, 1 - EPSILON)


def categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns -Σ y_true log y_pred, where y_pred are probabilities of classes, and y_true is one-hot.

    >>> tf.keras.losses.categorical_crossentropy([[0., 1.]], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    truth, prediction = _pair(y_true, y_pred)
    share = math.divide(prediction, reduction.reduce_sum(prediction, -1, keepdims=True))
    return math.negative(_sum(math.multiply(truth, elementary.log(_probabilities(share)))))


def sparse_categorical_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns -log of the probability that y_pred gives the right class, whose number is y_true.

    Args:
        y_true: class numbers, of shape [...] or [..., 1].
        y_pred: probabilities, of shape [..., classes].

    Raises:
        InvalidArgumentError: where a number is that of no class.

    >>> tf.keras.losses.sparse_categorical_crossentropy([1], [[0.5, 0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    prediction = convert_to_tensor(y_pred)
    labels = class_numbers(y_true, prediction)
    logits = elementary.log(_probabilities(prediction))
    return cross_entropy.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def class_numbers(y_true: TensorLike, y_pred: Tensor) -> Tensor:
    """Class numbers as integers, without the last axis that Keras gives to vectors."""
    labels = convert_to_tensor(y_true)
    if not labels.dtype.is_integer:
        labels = array.cast(labels, dtypes.int64)
    return array.squeeze(labels, -1) if labels.shape.ndims == y_pred.shape.ndims else labels


def binary_crossentropy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of -y_true log y_pred - (1 - y_true) log(1 - y_pred), where y_pred are probabilities.

    >>> tf.keras.losses.binary_crossentropy([[1.]], [[0.5]]).numpy()
    array([0.6931472], dtype=float32)
    """
    truth, prediction = _pair(y_true, y_pred)
    p = _probabilities(prediction)
    logits = elementary.log(math.divide(p, math.subtract(1.0, p)))
    return _mean(cross_entropy.sigmoid_cross_entropy_with_logits(labels=truth, logits=logits))


def kullback_leibler_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns Σ y_true log(y_true / y_pred), for probabilities."""
    truth, prediction = (clipping.clip_by_value(y, EPSILON, 1.0) for y in _pair(y_true, y_pred))
    return _sum(math.multiply(truth, elementary.log(math.divide(truth, prediction))))


def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the mean of y_pred - y_true log y_pred, where y_pred are rates, and y_true counts."""
    truth, prediction = _pair(y_true, y_pred)
    return _mean(math.subtract(prediction, math.multiply(truth, elementary.log(math.add(prediction, EPSILON)))))


# ---------------------------------------------------------------------------------------------------------------- names

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
kld = KLD = kullback_leibler_divergence
cosine = cosine_proximity

NAMED: dict[str, Callable[..., Tensor]] = {
    name: globals()[name]
    for name in (
        "mean_squared_error", "mse", "MSE", "mean_absolute_error", "mae", "MAE", "mean_absolute_percentage_error",
        "mape", "MAPE", "mean_squared_logarithmic_error", "msle", "MSLE", "logcosh", "cosine_proximity", "cosine",
        "hinge", "squared_hinge", "categorical_hinge", "categorical_crossentropy", "sparse_categorical_crossentropy",
        "binary_crossentropy", "kullback_leibler_divergence", "kld", "KLD", "poisson",
    )
}  # fmt: skip


def get(identifier: Any) -> Any:
    """Returns the loss that is meant: by a name, or a function, kept as it is, as None is.

    Raises:
        ValueError: for what names no loss.

    TensorFlow: tf.keras.losses.get.
    """
    if identifier is None or callable(identifier):
        return identifier
    if isinstance(identifier, str) and identifier in NAMED:
        return NAMED[identifier]
    raise ValueError(f"Unknown loss function:{identifier!r}; the names are {', '.join(NAMED)}.")


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.losses"))
