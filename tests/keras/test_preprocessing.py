"""tf.keras.preprocessing: sequences padded to one length."""

import numpy as np
import pytest

from minitfe.keras.preprocessing.sequence import pad_sequences

ROWS = [[1], [1, 2], [1, 2, 3]]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [[0, 0, 1], [0, 1, 2], [1, 2, 3]]),
        ({"padding": "post"}, [[1, 0, 0], [1, 2, 0], [1, 2, 3]]),
        ({"maxlen": 2}, [[0, 1], [1, 2], [2, 3]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [1, 2], [1, 2]]),
        ({"maxlen": 4, "value": 9}, [[9, 9, 9, 1], [9, 9, 1, 2], [9, 1, 2, 3]]),
        ({"maxlen": 0}, [[], [], []]),
    ],
)
def test_padding(settings, expected):
    padded = pad_sequences(ROWS, **settings)
    assert padded.tolist() == expected
    assert padded.dtype == np.int32


def test_dtype_and_vectors():
    padded = pad_sequences([np.ones([1, 2]), np.ones([2, 2]), []], dtype="float32")
    assert (padded.shape, padded.dtype, padded[:, :, 0].tolist()) == ((3, 2, 2), np.float32, [[0, 1], [1, 1], [0, 0]])


def test_no_sequences():
    assert pad_sequences([]).shape == (0, 0)


@pytest.mark.parametrize(
    ("sequences", "settings", "complaint"),
    [
        (3, {}, "must be a list of lists of numbers"),
        ([1, 2], {}, "must be a list of iterables. Found non-iterable: 1"),
        ([["a"]], {}, "cannot be made of"),
        ([[[1]], [1]], {}, "elements of the sequences are of different shapes"),
        (ROWS, {"padding": "left"}, "'pre' or 'post', not 'left'"),
        (ROWS, {"maxlen": -1}, "Rows of length -1"),
        (ROWS, {"value": "x"}, "filled with 'x'"),
    ],
)
def test_what_cannot_be_padded(sequences, settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        pad_sequences(sequences, **settings)
