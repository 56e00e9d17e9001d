"""Simplifications hold to the bit, for signed zeros, infinities and NaN, too; those that would not are not made."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.passes.algebra import algebra
from minitfe.graph.passes.dead_code import dead_code

from .programs import check_same_bits, names, program_of, run

ODD = np.array([[0.0, -0.0, 1.5], [np.inf, -np.inf, np.nan]], "f")

GONE = {
    "x 1": lambda x: x * 1.0,
    "1 x": lambda x: 1.0 * x,
    "x / 1": lambda x: x / 1.0,
    "x - 0": lambda x: x - 0.0,
    "x + -0": lambda x: x + (-0.0),
    "ones": lambda x: x * np.ones((2, 3), "f"),
    "-(-x)": lambda x: tf.negative(-x),
    "identity": lambda x: tf.stop_gradient(tf.identity(x)),
    "cast": lambda x: tf.cast(tf.identity(x), tf.float32),
    "same shape": lambda x: tf.reshape(x, [2, 3]),
    "there and back": lambda x: tf.reshape(tf.reshape(x, [6]), [2, 3]),
    "axis added and dropped": lambda x: tf.squeeze(tf.expand_dims(x, 1), 1),
    "transposed twice": lambda x: tf.transpose(tf.transpose(x)),
}


@pytest.mark.parametrize("name", GONE)
def test_nothing_is_left(name):
    before = program_of(GONE[name], ODD)
    after = dead_code(algebra(before))
    assert names(after) == []
    check_same_bits(before, after, ODD)


SIMPLER = {
    "x + (-y)": (lambda x: x + (-(x * x)), ["multiply", "subtract"]),
    "x - (-y)": (lambda x: x - (-(x * x)), ["multiply", "add"]),
    "x (-y)": (lambda x: x * (-x), ["multiply", "negative"]),
    "reshape of reshape": (lambda x: tf.reshape(tf.reshape(x, [6]), [3, 2]), ["reshape"]),
    "two transposes": (
        lambda x: tf.transpose(tf.transpose(tf.reshape(x, [1, 2, 3]), [1, 2, 0]), [1, 2, 0]), ["reshape", "transpose"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIMPLER)
def test_less_is_left(name):
    function, left = SIMPLER[name]
    before = program_of(function, ODD)
    after = dead_code(algebra(before))
    assert names(after) == left
    for x, y in zip(run(before, ODD), run(after, ODD)):
        np.testing.assert_array_equal(x, y)
        numbers = ~np.isnan(x)
        np.testing.assert_array_equal(np.signbit(x)[numbers], np.signbit(y)[numbers])


KEPT = {
    "x + 0, for -0 + 0 is 0": lambda x: x + 0.0,
    "x 0, for infinities": lambda x: x * 0.0,
    "x - x, for infinities": lambda x: x - x,
    "x / x": lambda x: x / x,
    "a row of ones that stretches": lambda x: x[:1] * np.ones((2, 3), "f"),
    "another dtype": lambda x: tf.cast(x, tf.float64),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_would_not_hold_is_kept(name):
    before = program_of(KEPT[name], ODD)
    after = algebra(before)
    assert names(after) == names(before)
    check_same_bits(before, after, ODD)


def test_zeros_of_integers_have_no_sign():
    assert names(algebra(program_of(lambda x: x + 0, np.array([1, 2])))) == []


def test_complex_numbers_are_not_kept_by_one():
    assert names(algebra(program_of(lambda x: x * 1.0, np.array([1 + 2j])))) == ["multiply"]


def test_a_repeated_number_becomes_a_number():
    before = program_of(lambda x: x * tf.constant(np.full((2, 3), 0.5, "f")), ODD)
    after = algebra(before)
    assert after.operations[0].inputs[1].shape == ()
    check_same_bits(before, after, ODD)
