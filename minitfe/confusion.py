"""The confusion matrix of a classifier: how often it took one class for another.

Row i, column j counts the examples of class i that were predicted as class j. What is on the diagonal is right.
"""

from __future__ import annotations

from typing import Any

from minitfe import control_flow, dtypes, errors
from minitfe.conversion import convert_to_tensor
from minitfe.graph.graph import SymbolicTensor
from minitfe.ops import arguments, array, indexing, reduction
from minitfe.tensor import Tensor, TensorLike


def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: int | None = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    weights: TensorLike | None = None,
) -> Tensor:
    """Counts, for each pair of classes, the examples of the one that were predicted as the other.

    Args:
        labels: the number of each example's class, [example].
        predictions: the number of the class that it was taken for, [example].
        num_classes: how many classes there are; one more than the largest number if left out.
        dtype: the dtype of the counts.
        weights: what each example counts, [example]; 1 if left out.

    Returns:
        Counts, [class, predicted class].

    Raises:
        InvalidArgumentError: where the shapes differ, or a number is negative or too large.

    >>> tf.confusion_matrix([0, 1, 1], [0, 0, 1]).numpy()
    array([[1, 0],
           [1, 1]], dtype=int32)

    TensorFlow: tf.confusion_matrix.
    """
    true, predicted = _classes(labels, "labels"), _classes(predictions, "predictions")
    counted = _weights(weights, true, dtypes.as_dtype(dtype))
    _require_same_length("predictions", true, predicted)
    _require_same_length("weights", true, counted)
    size = _size(num_classes, true, predicted)
    return indexing.scatter_nd(array.stack([true, predicted], 1), counted, [size, size])


def _classes(numbers: TensorLike, what: str) -> Tensor:
    """Numbers of classes as an int64 vector. A last axis of size 1, as of labels from a file, is taken away."""
    x = convert_to_tensor(numbers)
    if x.ndim == 2 and x.shape[1] == 1:
        x = array.squeeze(x, [1])
    if x.ndim != 1 or not (x.dtype.is_integer or x.dtype.is_floating):
        raise errors.InvalidArgumentError(
            f"{what} must be a vector with the number of a class for each example, not {x.dtype.name} {x.shape}."
        )
    classes = array.cast(x, dtypes.int64)
    control_flow.assert_non_negative(classes, message=f"`{what}` contains negative values")
    return classes


def _weights(weights: TensorLike | None, like: Tensor, dtype: dtypes.DType) -> Tensor:
    return array.cast(array.ones_like(like) if weights is None else convert_to_tensor(weights), dtype)


def _require_same_length(what: str, labels: Tensor, other: Tensor) -> None:
    if not other.shape.is_compatible_with(labels.shape):
        raise errors.InvalidArgumentError(
            f"Shapes of labels and {what} are unequal: labels of {labels.shape} and {what} of {other.shape}."
        )


def _size(num_classes: Any, labels: Tensor, predictions: Tensor) -> Any:
    if num_classes is None:
        both = array.concat([labels, predictions], 0)
        if isinstance(both, SymbolicTensor):
            return reduction.reduce_max(array.concat([both, [-1]], 0)) + 1
        return int(reduction.reduce_max(both)) + 1 if both.extents != (0,) else 0
    size = arguments.integer(num_classes, "num_classes")
    limit = convert_to_tensor(size, dtypes.int64)
    control_flow.assert_less(labels, limit, message="`labels` out of bound")
    control_flow.assert_less(predictions, limit, message="`predictions` out of bound")
    return size
