"""``tf.keras.utils``: helpers for data."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe.conversion import convert_to_tensor
from minitfe.missing import explain as _explain

__all__ = [
    "normalize",
    "to_categorical",
]


def to_categorical(y: Any, num_classes: int | None = None) -> np.ndarray[Any, Any]:
    """Returns class numbers as one-hot vectors.

    Args:
        y: integers from 0 on, of any shape; a last axis of size 1 is dropped.
        num_classes: the number of classes; by default one more than the largest number.

    Raises:
        ValueError: for numbers of no class.

    >>> tf.keras.utils.to_categorical([1, 0, 2])
    array([[0., 1., 0.],
           [1., 0., 0.],
           [0., 0., 1.]], dtype=float32)

    TensorFlow: tf.keras.utils.to_categorical.
    """
    numbers = np.asarray(convert_to_tensor(y).numpy())
    if numbers.dtype.kind not in "iufb" or not np.isfinite(numbers).all():
        raise ValueError(f"Class numbers must be integers, not {y!r}")
    numbers = numbers.astype(np.int64)
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    count = num_classes or int(numbers.max(initial=-1)) + 1
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < count:
        raise ValueError(
            f"Class numbers must be from 0 to {count - 1}, but there are {numbers.min()} to {numbers.max()}"
        )
    return np.eye(count, dtype=np.float32)[numbers]


def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray[Any, Any]:
    """Returns an array with vectors along an axis divided by their length; zeros stay zeros.

    >>> tf.keras.utils.normalize([[3., 4.]]).round(3).tolist()
    [[0.6, 0.8]]

    TensorFlow: tf.keras.utils.normalize.
    """
    array = np.asarray(convert_to_tensor(x).numpy()).astype(np.float64)
    try:
        lengths = np.atleast_1d(np.linalg.norm(array, order, axis))
    except (ValueError, TypeError) as error:
        raise ValueError(f"tf.keras.utils.normalize of {x!r} along axis {axis!r}: {error}") from None
    lengths[lengths == 0] = 1
    return array / np.expand_dims(lengths, axis)


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.utils"))
