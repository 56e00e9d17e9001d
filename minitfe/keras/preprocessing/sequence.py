"""``tf.keras.preprocessing.sequence``: sequences of different lengths as rows of one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe.missing import explain as _explain

__all__ = ["pad_sequences"]

_ENDS = ("pre", "post")


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray[Any, Any]:
    """Returns sequences as rows of equal length: short ones are filled up, long ones are cut.

    Args:
        sequences: a list of lists of numbers, or of arrays that are alike in all axes but the first.
        maxlen: the length of the rows; by default that of the longest sequence.
        dtype: numpy's dtype of the result.
        padding, truncating: whether to fill, or cut, at the beginning ("pre") or at the end ("post").
        value: what to fill with.

    Raises:
        ValueError: where something is no sequence, or the elements are of different shapes.

    >>> tf.keras.preprocessing.sequence.pad_sequences([[1, 2, 3], [4]], maxlen=2)
    array([[2, 3],
           [0, 4]], dtype=int32)

    TensorFlow: tf.keras.preprocessing.sequence.pad_sequences.
    """
    if padding not in _ENDS or truncating not in _ENDS:
        raise ValueError(f"padding and truncating must be 'pre' or 'post', not {padding!r} and {truncating!r}")
    rows = _rows(sequences, dtype)
    longest = max(map(len, rows), default=0) if maxlen is None else maxlen
    shapes = {row.shape[1:] for row in rows if len(row)} or {()}  # an empty list does not know that of its elements
    if len(shapes) > 1:
        raise ValueError(f"The elements of the sequences are of different shapes: {sorted(shapes)}")
    try:
        padded = np.full((len(rows), longest, *shapes.pop()), value, dtype)
    except (TypeError, ValueError, MemoryError) as error:
        raise ValueError(f"Rows of length {maxlen!r}, filled with {value!r}: {error}") from None
    for row, target in zip(rows, padded):
        kept = row[max(len(row) - longest, 0) :] if truncating == "pre" else row[:longest]
        begin = longest - len(kept) if padding == "pre" else 0
        if len(kept):
            target[begin : begin + len(kept)] = kept
    return padded


def _rows(sequences: Any, dtype: Any) -> list[np.ndarray[Any, Any]]:
    if not hasattr(sequences, "__len__") or isinstance(sequences, (str, dict)):
        raise ValueError(f"`sequences` must be a list of lists of numbers. Found non-iterable: {sequences!r}")
    rows = []
    for x in sequences:
        if not hasattr(x, "__len__") or isinstance(x, (str, bytes)) or np.ndim(x) == 0:
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {x!r}")
        try:
            rows.append(np.asarray(x).astype(dtype))
        except (TypeError, ValueError) as error:
            raise ValueError(f"A sequence of numbers cannot be made of {x!r}: {error}") from None
    return rows


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.preprocessing.sequence"))
