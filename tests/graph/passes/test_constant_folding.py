"""What depends on constants alone is computed once."""

import numpy as np

import minitfe as tf
from minitfe.graph.passes.constant_folding import constant_folding

from .programs import check_same_bits, names, program_of

X = np.array([1.0, 2.0], "f")


def test_constants_are_combined():
    before = program_of(lambda x: x * tf.exp(tf.constant([1.0, 2.0]) * 3.0) + tf.ones([2]), X)
    after = constant_folding(before)
    assert len(before.operations) == 5 and names(after) == ["multiply", "add"]
    check_same_bits(before, after, X)


def test_random_draws_and_variables_are_not_constants():
    v = tf.Variable(2.0)
    before = program_of(lambda x: x * v + tf.random_normal([2]), X)
    assert names(constant_folding(before)) == names(before)


def test_large_results_are_computed_in_each_run():
    before = program_of(lambda x: x[0] * tf.ones([1000, 1000]), X)
    assert names(constant_folding(before)) == names(before)


def test_what_fails_fails_when_it_runs():
    before = program_of(lambda x: x + tf.cast(tf.constant([1, 2]) // tf.constant([0, 1]), tf.float32), X)
    assert "floordiv" in names(constant_folding(before))
