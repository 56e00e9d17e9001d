"""Groups of elementwise operations on large tensors become one operation."""

import numpy as np

import minitfe as tf
from minitfe.graph.passes.fusion import LARGE, fusion

from .programs import check_same_bits, names, program_of, run

X = np.linspace(-3, 3, LARGE + 5).astype("f")


def test_a_chain_is_one_operation():
    before = program_of(lambda x: tf.exp(-x * x) * tf.sin(x) + x, X)
    after = fusion(before)
    assert len(before.operations) == 6 and names(after) == ["fused"]
    check_same_bits(before, after, X)


def test_what_is_wanted_outside_comes_out():
    def f(x):
        y = tf.exp(x)
        z = y * 2.0
        return [z + 1.0, y, tf.reduce_sum(z)]

    before = program_of(f, X)
    after = fusion(before)
    assert names(after) == ["fused"] and len(after.operations[0].output) == 3
    check_same_bits(before, after, X)


def test_what_needs_a_complete_sum_comes_after_the_group():
    before = program_of(lambda x: tf.exp(x) * 2.0 / tf.reduce_sum(tf.sin(x) * x), X)
    after = fusion(before)
    assert names(after)[0] == "fused" and "realdiv" in names(after)
    check_same_bits(before, after, X)


def test_small_tensors_are_left_alone():
    assert "fused" not in names(fusion(program_of(lambda x: tf.exp(x) * x, X[:10])))


def test_other_work_in_between_runs_before_the_group():
    before = program_of(lambda x, y: [tf.exp(x) * x, tf.matmul(y, y), tf.sin(x) * x], X, np.eye(2, dtype="f"))
    after = fusion(before)
    assert names(after) == ["matmul", "fused"]
    for x, y in zip(run(before, X, np.eye(2, dtype="f")), run(after, X, np.eye(2, dtype="f"))):
        np.testing.assert_array_equal(x, y)
