"""Metrics: what `Model.fit` reports beside the loss. Each returns a number per example; the losses serve as well."""

from __future__ import annotations

from typing import Any

from minitfe import dtypes
from minitfe.conversion import convert_to_tensor
from minitfe.keras import losses
from minitfe.keras.losses import (
    MAE,
    MAPE,
    MSE,
    MSLE,
    binary_crossentropy,
    categorical_crossentropy,
    class_numbers,
    cosine_proximity,
    hinge,
    kullback_leibler_divergence,
    mae,
    mape,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    mse,
    msle,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from minitfe.missing import explain as _explain
from minitfe.ops import array, comparison, nn, reduction
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "MAE",
    "MAPE",
    "MSE",
    "MSLE",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "cosine_proximity",
    "get",
    "hinge",
    "kullback_leibler_divergence",
    "mae",
    "mape",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "mse",
    "msle",
    "poisson",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns the share of outputs that are right when rounded to 0 or 1.

    >>> tf.keras.metrics.binary_accuracy([[1., 0.]], [[0.9, 0.6]]).numpy()
    array([0.5], dtype=float32)
    """
    prediction = convert_to_tensor(y_pred)
    truth = array.cast(y_true, dtypes.bool_)
    right = comparison.equal(truth, comparison.greater(prediction, 0.5))
    return reduction.reduce_mean(array.cast(right, dtypes.float32), -1)


def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns 1 where the likeliest class is the right one, and 0 elsewhere; y_true is one-hot."""
    right = comparison.equal(reduction.argmax(y_true, -1), reduction.argmax(y_pred, -1))
    return array.cast(right, dtypes.float32)


def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """Returns 1 where the likeliest class is the right one, and 0 elsewhere; y_true are class numbers.

    >>> tf.keras.metrics.sparse_categorical_accuracy([1, 1], [[0.2, 0.8], [0.8, 0.2]]).numpy()
    array([1., 0.], dtype=float32)
    """
    prediction = convert_to_tensor(y_pred)
    labels = array.cast(class_numbers(y_true, prediction), dtypes.int64)
    return array.cast(comparison.equal(labels, reduction.argmax(prediction, -1)), dtypes.float32)


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Returns 1 where the right class is among the k likeliest, and 0 elsewhere; y_true is one-hot."""
    return sparse_top_k_categorical_accuracy(reduction.argmax(y_true, -1), y_pred, k)


def sparse_top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> Tensor:
    """Returns 1 where the right class is among the k likeliest, and 0 elsewhere; y_true are class numbers."""
    prediction = convert_to_tensor(y_pred)
    return array.cast(nn.in_top_k(prediction, class_numbers(y_true, prediction), k), dtypes.float32)


ACCURACIES = {
    "binary_accuracy": binary_accuracy,
    "categorical_accuracy": categorical_accuracy,
    "sparse_categorical_accuracy": sparse_categorical_accuracy,
    "top_k_categorical_accuracy": top_k_categorical_accuracy,
    "sparse_top_k_categorical_accuracy": sparse_top_k_categorical_accuracy,
}
NAMED = losses.NAMED | ACCURACIES


def get(identifier: Any) -> Any:
    """Returns the metric that is meant: by a name, or a function, kept as it is.

    Raises:
        ValueError: for what names no metric.

    TensorFlow: tf.keras.metrics.get.
    """
    if callable(identifier):
        return identifier
    if isinstance(identifier, str) and identifier in NAMED:
        return NAMED[identifier]
    raise ValueError(f"Unknown metric function:{identifier!r}; the names are accuracy, {', '.join(NAMED)}.")


def accuracy_for(loss: Any, y_pred: Any) -> Any:
    """What 'accuracy' means beside a loss: of class numbers, of one-hot classes, or of outputs rounded to 0 and 1."""
    if loss is losses.binary_crossentropy or y_pred.shape[-1].value == 1:
        return binary_accuracy
    sparse = "sparse" in getattr(loss, "__name__", "")
    return sparse_categorical_accuracy if sparse else categorical_accuracy


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.metrics"))
