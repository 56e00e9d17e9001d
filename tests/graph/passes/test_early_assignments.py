"""Assignments move up to their gradients, and past nothing that they must not pass."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.passes.common_subexpressions import common_subexpressions
from minitfe.graph.passes.early_assignments import early_assignments

from .programs import names, program_of

X = np.array([[1.0, 2.0], [3.0, 4.0]], "f")


def two_layers(v, w):
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.matmul(tf.tanh(tf.matmul(x, v)), w)))
        for variable, gradient in zip((v, w), tape.gradient(loss, [v, w])):
            variable.assign_sub(0.1 * gradient)
        return loss

    return step


def test_each_gradient_is_used_at_once():
    v, w = tf.Variable(X), tf.Variable(X)
    after = early_assignments(common_subexpressions(program_of(two_layers(v, w), X)))
    order = names(after)
    products = [i for i, name in enumerate(order) if name == "matmul"]
    first, second = [i for i, name in enumerate(order) if name == "assign_variable"]
    assert products[-2] < first < products[-1] < second
    assert [o.attributes["variable"] for o in after.operations if o.op.name == "assign_variable"] == [w, v]


def test_results_stay():
    variables, plain = [tf.Variable(X), tf.Variable(X)], [tf.Variable(X), tf.Variable(X)]
    traced, step = tfe.defun(two_layers(*variables), passes=["early_assignments"]), two_layers(*plain)
    for _ in range(3):
        assert float(traced(tf.constant(X))) == float(step(tf.constant(X)))
    for x, y in zip(variables, plain):
        np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_readings_and_assignments_of_one_variable_keep_their_order():
    v = tf.Variable(1.0)

    def f(x):
        v.assign(x)
        first = v * 1.0
        v.assign_add(tf.exp(first))
        second = v * 1.0
        v.assign(second * 2.0)
        return [first, second, v.read_value()]

    expected = [float(y) for y in f(tf.constant(0.5))]
    assert [float(y) for y in tfe.defun(f, passes=["early_assignments"])(tf.constant(0.5))] == expected


def test_an_operation_that_refuses_its_values_comes_before_assignments_that_follow_it():
    v = tf.Variable(1.0)

    @tfe.defun
    def f(x):
        tf.check_numerics(x, "x is bad")
        v.assign(x)

    with pytest.raises(tf.errors.InvalidArgumentError, match="x is bad"):
        f(tf.constant(np.nan))
    assert float(v) == 1.0
