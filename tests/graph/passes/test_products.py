"""Many small products become few large ones, with sums of another order: a bound of a few rounding errors."""

import numpy as np

import minitfe as tf
from minitfe.graph.passes.products import products

from .programs import names, program_of, run

GENERATOR = np.random.default_rng(0)
A, B = GENERATOR.normal(size=(5, 4)), GENERATOR.normal(size=(4, 6))


def check_close(before, after, *arrays):
    for x, y in zip(run(before, *arrays), run(after, *arrays)):
        np.testing.assert_allclose(x, y, rtol=1e-13, atol=1e-13)


def test_only_those_columns_are_computed_that_are_wanted():
    for transposed, b in ((False, B), (True, B.T.copy())):
        before = program_of(
            lambda a, b, transposed=transposed: tf.split(tf.matmul(a, b, transpose_b=transposed), [2, 4], 1)[1], A, b
        )
        after = products(before)
        assert names(before) == ["matmul", "split"] and names(after) == ["slice", "matmul"]
        assert after.operations[1].output.shape == before.outputs[0].shape
        check_close(before, after, A, b)


def test_a_product_that_is_wanted_whole_is_left_whole():
    def f(a, b):
        product = tf.matmul(a, b)
        return [product, product[:, :2]]

    assert "slice" not in names(products(program_of(f, A, B)))


def test_gradients_of_a_weight_that_every_step_uses():
    def f(w, x):
        with tf.GradientTape() as tape:
            tape.watch(w)
            h = x
            for _ in range(4):
                h = tf.tanh(tf.matmul(h, w))
            y = tf.reduce_sum(h)
        return tape.gradient(y, w)

    w = GENERATOR.normal(size=(4, 4))
    before = program_of(f, w, A)
    after = products(before)
    assert names(before).count("matmul") == 4 + 3 + 4 and names(after).count("matmul") == 4 + 3 + 1
    check_close(before, after, w, A)


def test_gradients_of_small_tensors():
    def f(a, b, x):
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            for _ in range(10):
                x = tf.tanh(x * a + b)
            y = tf.reduce_sum(x)
        return tape.gradient(y, [a, b])

    arrays = GENERATOR.normal(size=(3, 4))
    before = program_of(f, *arrays)
    after = products(before)
    assert names(before).count("add") == 10 + 9 + 9 and names(after).count("add") == 10
    check_close(before, after, *arrays)
