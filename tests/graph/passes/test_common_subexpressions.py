"""Equal computations are done once; what only looks equal is not."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.passes.common_subexpressions import attribute_key, common_subexpressions

from .programs import check_same_bits, names, program_of

X = np.array([[1.0, 2.0]], "f")


def test_equal_computations_are_done_once():
    before = program_of(lambda x: tf.exp(x) + tf.exp(x) * (x * 2.0) + 2.0 * x, X)
    after = common_subexpressions(before)
    assert names(before).count("exp") == 2 and names(after).count("exp") == 1
    assert names(after).count("multiply") == 2  # exp(x) times, and one of 2 x
    check_same_bits(before, after, X)


def test_other_settings_are_another_computation():
    before = program_of(lambda x: [tf.reduce_sum(x, 0), tf.reduce_sum(x, 1), tf.reduce_sum(x, 0, keepdims=True)], X)
    assert len(common_subexpressions(before).operations) == 3


@pytest.mark.parametrize("x, y", [(1, 1.0), (1, True), (0.0, -0.0), ((1,), [1]), ("1", 1), (object(), object())])
def test_attributes_that_python_may_call_equal_are_told_apart(x, y):
    assert attribute_key(x) != attribute_key(y)


def test_random_draws_are_never_the_same():
    before = program_of(lambda: [tf.random_normal([2], seed=1), tf.random_normal([2], seed=1)])
    assert len(common_subexpressions(before).operations) == len(before.operations)


def test_a_variable_is_read_once_until_it_is_assigned():
    v = tf.Variable(1.0)

    def f():
        first = v + v
        v.assign(first * 3.0)
        return [first, v * 1.0]

    after = common_subexpressions(program_of(f))
    assert names(after) == ["read_variable", "add", "multiply", "assign_variable", "multiply"]
    assert [float(x) for x in tfe.defun(f, passes=["common_subexpressions"])()] == [2.0, 6.0]


def test_a_python_function_may_assign():
    v = tf.Variable(1.0)

    def f(x):
        before = v * 1.0
        tf.cond(x > 0.0, lambda: v.assign(5.0).read_value(), lambda: x)
        return [before, v * 1.0]

    assert [float(y) for y in tfe.defun(f)(tf.constant(1.0))] == [1.0, 5.0]
