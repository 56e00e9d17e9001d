"""Inputs that lend their shape alone are let go."""

import numpy as np

import minitfe as tf
from minitfe.graph.passes.dead_code import dead_code
from minitfe.graph.passes.lent_shapes import lent_shapes

from .programs import check_same_bits, names, program_of

X = np.array([[1.0, 2.0, 3.0]], "f")


def test_the_gradient_of_a_sum_does_not_need_what_was_summed():
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(x) * 1.0)
        return tape.gradient(y, x)

    before = program_of(f, X)
    after = dead_code(lent_shapes(before))
    assert names(before) == ["exp", "multiply", "reduce_sum", "expand_like", "multiply", "multiply"]
    assert names(after) == ["exp", "expand_like", "multiply", "multiply"]
    check_same_bits(before, after, X)


def test_shapes_and_zeros_depend_on_no_value():
    before = program_of(lambda x: [tf.shape(tf.exp(x)), tf.zeros_like(tf.sin(x))], X)
    after = dead_code(lent_shapes(before))
    assert not {"exp", "sin"} & set(names(after))
    check_same_bits(before, after, X)
