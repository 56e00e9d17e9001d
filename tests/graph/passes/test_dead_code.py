"""Dead code is left out; what has effects stays, in order."""

import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.passes.dead_code import dead_code

from .programs import check_same_bits, names, program_of

X = np.array([1.0, 2.0], "f")


def test_what_nobody_reads_goes():
    def f(x):
        tf.exp(tf.sin(x))
        return x * x

    before = program_of(f, X)
    after = dead_code(before)
    assert names(before) == ["sin", "exp", "multiply"] and names(after) == ["multiply"]
    check_same_bits(before, after, X)


def test_what_has_effects_stays_with_what_it_needs():
    v = tf.Variable([0.0, 0.0])

    def f(x):
        v.assign(tf.exp(x))
        tf.random_normal([2])
        tf.sin(x)
        return x

    assert names(dead_code(program_of(f, X))) == ["exp", "assign_variable", "random_standard_normal"]


def test_a_dropped_draw_would_change_the_next_one():
    def f():
        tf.random_normal([3])
        return tf.random_normal([3])

    tf.set_random_seed(3)
    expected = f().numpy()
    tf.set_random_seed(3)
    np.testing.assert_array_equal(tfe.defun(f)().numpy(), expected)
