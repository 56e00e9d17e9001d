"""minitfe.ops.rearrange: errors and edges."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError


def test_tile_with_a_wrong_number_of_multiples():
    with pytest.raises(
        InvalidArgumentError, match="Expected multiples argument to be a vector of length 2 but got length 1"
    ):
        tf.tile([[1]], [2])
    with pytest.raises(InvalidArgumentError, match="Expected multiples >= 0"):
        tf.tile([1], [-1])


def test_broadcast_to_a_shape_that_does_not_fit():
    with pytest.raises(InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs. \[3\]"):
        tf.broadcast_to([1, 2], [3])


def test_pad_mirrors_only_what_is_there():
    with pytest.raises(
        InvalidArgumentError, match="paddings must be less than the dimension size: 3, 0 not less than 3"
    ):
        tf.pad([1, 2, 3], [[3, 0]], "REFLECT")
    with pytest.raises(InvalidArgumentError, match="paddings must be no greater than the dimension size: 0, 4"):
        tf.pad([1, 2, 3], [[0, 4]], "SYMMETRIC")


@pytest.mark.parametrize("mode", ["CONSTANT", "REFLECT", "SYMMETRIC"])
def test_pad_with_negative_or_missing_pairs(mode):
    with pytest.raises(InvalidArgumentError, match="Paddings must be non-negative: -1 0"):
        tf.pad([1, 2, 3], [[-1, 0]], mode)
    with pytest.raises(InvalidArgumentError, match="The first dimension of paddings must be the rank of inputs"):
        tf.pad([[1, 2, 3]], [[1, 0]], mode)
    with pytest.raises(InvalidArgumentError, match="matrix with 2 columns"):
        tf.pad([1, 2, 3], [[1]], mode)
    with pytest.raises(InvalidArgumentError, match="matrix with 2 columns"):
        tf.pad([1, 2, 3], 1, mode)


def test_pad_with_an_unknown_mode():
    with pytest.raises(ValueError, match="mode must be one of CONSTANT, REFLECT, SYMMETRIC, not 'WRAP'"):
        tf.pad([1], [[1, 1]], "WRAP")


def test_pad_takes_tensors_and_strings():
    assert tf.pad([1], tf.constant([[1, 0]]), constant_values=tf.constant(5)).numpy().tolist() == [5, 1]
    assert tf.pad(["a"], [[1, 0]]).numpy().tolist() == [b"", b"a"]


def test_reverse_of_a_wrong_axis():
    with pytest.raises(InvalidArgumentError, match=r"axis 0 specified more than once. \[Op:ReverseV2\]"):
        tf.reverse([1, 2], [0, -1])
    with pytest.raises(InvalidArgumentError, match="Invalid axis: axis 1"):
        tf.reverse([1, 2], [1])


def test_reverse_sequence_beyond_the_end():
    with pytest.raises(InvalidArgumentError, match=r"reversed_lens = 3 > input.dims\(1\) = 2"):
        tf.reverse_sequence([[1, 2]], [3], seq_axis=1)
    with pytest.raises(InvalidArgumentError, match=r"Length of seq_lengths != input.dims\(0\)"):
        tf.reverse_sequence([[1, 2]], [1, 2], seq_axis=1)


def test_diag_part_of_what_is_not_square():
    with pytest.raises(InvalidArgumentError, match="do not match"):
        tf.diag_part([[1, 2, 3], [4, 5, 6]])
    with pytest.raises(InvalidArgumentError, match="should be even and positive"):
        tf.diag_part([1, 2])


def test_matrices_have_two_axes():
    for op in (
        tf.matrix_diag_part,
        tf.trace,
        lambda x: tf.matrix_band_part(x, 0, 0),
        lambda x: tf.matrix_set_diag(x, x),
    ):
        with pytest.raises(InvalidArgumentError, match=r"input must be at least 2-dim, received shape: \[2\]"):
            op([1, 2])
    with pytest.raises(InvalidArgumentError, match="at least 1-dim"):
        tf.matrix_diag(1)
    with pytest.raises(InvalidArgumentError, match=r"received input shape: \[2,2\] and diagonal shape: \[1\]"):
        tf.matrix_set_diag([[1, 2], [3, 4]], [1])


def test_matrices_without_elements():
    assert tf.trace(np.zeros((2, 0, 0))).numpy().tolist() == [0, 0]
    assert tf.matrix_diag(np.zeros((0,))).shape == [0, 0]
    assert tf.diag_part(np.zeros((0, 0))).shape == [0]


def test_pad_takes_numbers_from_0_up_and_one_value():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Paddings must be non-negative: -1 0"):
        tf.pad([1, 2], [[-1, 0]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="constant_values must be a scalar"):
        tf.pad([1, 2], [[1, 0]], constant_values=[1, 2])


def test_reverse_sequence_takes_lengths():
    with pytest.raises(tf.errors.InvalidArgumentError, match="seq_lengths cannot be float32, but int8"):
        tf.reverse_sequence([[1, 2]], [1.5], 1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="seq_lens = -1 < 0"):
        tf.reverse_sequence([[1, 2]], [-1], 1)
