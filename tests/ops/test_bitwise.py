"""Bits at the edges: dtypes, shifts out of range, and what is refused."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
BINARY = [
    tf.bitwise.bitwise_and,
    tf.bitwise.bitwise_or,
    tf.bitwise.bitwise_xor,
    tf.bitwise.left_shift,
    tf.bitwise.right_shift,
]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("f", BINARY)
def test_dtype_is_kept(f, dtype):
    assert f(tf.constant([1, 2], dtype), 1).dtype.name == dtype


@pytest.mark.parametrize("dtype", INTEGERS)
def test_inverting_twice_changes_nothing(dtype):
    x = tf.constant([0, 1, 100], dtype)
    once = tf.bitwise.invert(x)
    assert once.numpy().tolist() == [np.bitwise_not(np.array(i, dtype)).item() for i in (0, 1, 100)]
    assert tf.bitwise.invert(once).numpy().tolist() == [0, 1, 100]


def test_bits_moved_out_are_lost():
    assert tf.bitwise.left_shift(tf.constant(65, tf.int8), 1).numpy() == -126
    assert tf.bitwise.right_shift(tf.constant(-1, tf.int8), 100).numpy() == -1
    assert tf.bitwise.left_shift(1, 32).numpy() == 0


@pytest.mark.parametrize("f", BINARY)
def test_floats_have_no_bits(f):
    with pytest.raises(InvalidArgumentError, match="float32 is not in the list of allowed values: int8"):
        f(1.0, 2.0)


def test_truth_values_are_no_integers():
    with pytest.raises(InvalidArgumentError, match="bool is not in the list"):
        tf.bitwise.invert(True)


def test_shapes_must_match():
    with pytest.raises(InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs. \[3\] \[Op:BitwiseAnd\]"):
        tf.bitwise.bitwise_and([1, 2], [1, 2, 3])
