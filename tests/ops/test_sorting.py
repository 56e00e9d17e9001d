"""What the table of samples cannot say of minitfe.ops.sorting: errors, ties, strings, extremes and dtypes."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.ops.sorting import top_k

# ----------------------------------------------------------------------------------------------------------------- order


def test_top_k_prefers_the_lower_index():
    values, indices = top_k([1.0, 3.0, 3.0, 2.0, 3.0], k=2)
    assert values.numpy().tolist() == [3, 3]
    assert indices.numpy().tolist() == [1, 2]
    assert indices.dtype is tf.int32


def test_top_k_gives_names_to_its_results():
    best = top_k([[1, 5], [7, 2]])
    assert best.values.numpy().tolist() == [[5], [7]]
    assert best.indices.numpy().tolist() == [[1], [0]]


def test_top_k_says_what_is_missing():
    with pytest.raises(
        InvalidArgumentError, match=r"input must have at least k columns. Had 2, needed 3 \[Op:TopKV2\]"
    ):
        top_k([[1.0, 2.0]], k=3)
    with pytest.raises(InvalidArgumentError, match=r"input must be >= 1-D, got shape \[\]"):
        top_k(1.0)
    with pytest.raises(InvalidArgumentError, match="Need k >= 0, got -1"):
        top_k([1.0], k=-1)


@pytest.mark.parametrize("direction", ["ASCENDING", "DESCENDING"])
def test_equal_elements_keep_their_order(direction):
    assert tf.argsort([2, 2, 2], direction=direction).numpy().tolist() == [0, 1, 2]


def test_the_extremes_of_integers_sort():
    """-x would overflow for the lowest int8, and wrap for unsigned numbers."""
    assert tf.sort(np.int8([0, -128, 127]), direction="DESCENDING").numpy().tolist() == [127, 0, -128]
    assert tf.sort(np.uint8([0, 255, 3]), direction="DESCENDING").numpy().tolist() == [255, 3, 0]


def test_sort_checks_its_settings():
    with pytest.raises(ValueError, match="direction must be one of ASCENDING, DESCENDING, not 'UP'"):
        tf.sort([1.0], direction="UP")
    with pytest.raises(InvalidArgumentError, match="axis 1 for an input with 1 dimension"):
        tf.sort([1.0], axis=1)


@pytest.mark.parametrize("function", [tf.sort, tf.argsort])
def test_nothing_sorts_to_nothing(function):
    assert function(np.zeros((2, 0))).shape == (2, 0)


def test_the_gradient_of_sorted_ties_goes_to_each_of_them():
    x = tf.constant([1.0, 1.0, 0.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sort(x) * [1.0, 2.0, 3.0]
    assert tape.gradient(y, x).numpy().tolist() == [2, 3, 1]


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([0, 3, 1], "3 is not between 0 and 3"),
        ([0, -1, 1], "-1 is not between 0 and 3"),
        ([0, 1, 1], "1 is duplicated in the input"),
        ([[0, 1]], "invert_permutation expects a 1D vector"),
    ],
)
def test_what_is_no_permutation_is_not_inverted(x, message):
    with pytest.raises(InvalidArgumentError, match=message):
        tf.invert_permutation(x)


# -------------------------------------------------------------------------------------------------------------- counting


def test_unique_finds_strings():
    y, idx = tf.unique(["b", "a", "b"])
    assert y.numpy().tolist() == [b"b", b"a"]
    assert idx.numpy().tolist() == [0, 1, 0]


def test_unique_names_and_types_its_results():
    found = tf.unique_with_counts(np.float64([2, 2, 1]), tf.int64)
    assert (found.y.dtype, found.idx.dtype, found.count.dtype) == (tf.float64, tf.int64, tf.int64)
    assert found.count.numpy().tolist() == [2, 1]
    assert tf.unique([1]).idx.dtype is tf.int32


def test_unique_of_nothing():
    y, idx = tf.unique(tf.constant([], tf.float32))
    assert (y.shape, idx.shape) == ((0,), (0,))


def test_nan_equals_nothing_not_even_nan():
    assert tf.unique([np.nan, 1.0, np.nan]).idx.numpy().tolist() == [0, 1, 2]


def test_unique_takes_vectors_and_index_dtypes():
    with pytest.raises(InvalidArgumentError, match="unique expects a 1D vector"):
        tf.unique([[1]])
    with pytest.raises(TypeError, match="out_idx must be tf.int32 or tf.int64, not float32"):
        tf.unique([1], out_idx=tf.float32)


def test_bincount_counts_all_axes():
    assert tf.bincount([[1, 1], [0, 3]]).numpy().tolist() == [1, 2, 0, 1]
    assert tf.bincount([[1, 1], [0, 3]], dtype=tf.float32).dtype is tf.float32


def test_bincount_of_nothing():
    assert tf.bincount(tf.constant([], tf.int32)).shape == (0,)
    assert tf.bincount(tf.constant([], tf.int32), minlength=2).numpy().tolist() == [0, 0]


def test_bincount_sums_weights_in_their_dtype():
    sums = tf.bincount([0, 2, 2], weights=[0.5, 1.0, 2.0])
    assert sums.dtype is tf.float32
    assert sums.numpy().tolist() == [0.5, 0, 3]


def test_bincount_checks_its_numbers():
    with pytest.raises(InvalidArgumentError, match="Input arr must be non-negative!"):
        tf.bincount([1, -1])
    with pytest.raises(InvalidArgumentError, match=r"weights must have the shape of arr, \[2\], not \[3\]"):
        tf.bincount([1, 1], weights=[1.0, 2.0, 3.0])


def test_histogram_bins_are_open_above():
    assert tf.histogram_fixed_width([0.0, 1.0, 2.0, 9.0], [0.0, 2.0], nbins=2).numpy().tolist() == [1, 3]


def test_histograms_need_a_range():
    with pytest.raises(InvalidArgumentError, match=r"value_range should satisfy value_range\[0\] < value_range\[1\]"):
        tf.histogram_fixed_width([1.0], [2.0, 2.0])
    with pytest.raises(InvalidArgumentError, match="nbins should be a positive number, but got '0'"):
        tf.histogram_fixed_width([1.0], [0.0, 2.0], nbins=0)


def test_bincount_takes_real_weights_and_numbers():
    with pytest.raises(tf.errors.InvalidArgumentError, match="weights cannot be complex128"):
        tf.bincount([1], 1j)
    with pytest.raises(ValueError, match="Attempt to convert a value"):
        tf.bincount(None)
