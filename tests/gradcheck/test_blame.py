"""The op with the wrong rule is named, with the line of its call, and all others are cleared."""

import inspect

import numpy as np
import pytest

import minitfe as tf
from minitfe import extend
from minitfe.gradcheck import check_gradients

GENERATOR = np.random.default_rng(4)
WEIGHTS = [tf.Variable(GENERATOR.normal(size=(4, 4)).astype("f4") / 2, name=f"w{i}") for i in range(4)]
X = tf.constant(GENERATOR.normal(size=(3, 4)).astype("f4"))


def line_of(function, text):
    """The number of the line of a function that holds a text."""
    lines, start = inspect.getsourcelines(function)
    return start + next(i for i, line in enumerate(lines) if text in line)


@tf.custom_gradient
def swish(x):
    s = tf.sigmoid(x)
    return x * s, lambda g: g * s  # the term x s (1 - s) is missing


def model(x):
    """Thirty ops, one of them wrong."""
    for w in WEIGHTS[:2]:
        x = tf.tanh(x @ w + 0.1)
    x = tf.sin(x) * tf.exp(-tf.square(x))
    x = swish(x @ WEIGHTS[2])
    x = x - tf.reduce_mean(x, axis=1, keepdims=True)
    x = x / tf.sqrt(tf.reduce_mean(tf.square(x), axis=1, keepdims=True) + 0.1)
    x = tf.nn.softmax(x @ WEIGHTS[3])
    x = tf.concat([x, tf.reverse(x, [1])], axis=1)
    x = tf.reshape(tf.transpose(x), [4, 6])
    return -tf.reduce_sum(tf.log(x + 0.1) * tf.cumsum(x, axis=1))


@pytest.fixture(scope="module")
def report():
    return check_gradients(model, X)


def test_the_wrong_op_is_named_with_its_line(report):
    assert report.verdict == "fail"
    for failure in report.failures:
        assert failure.op == "swish"
        assert failure.where == f"tests/gradcheck/test_blame.py:{line_of(model, 'swish(')}"
        assert failure.kind == "missing_term"


def test_the_other_ops_are_cleared(report):
    assert len(report.ops) >= 30
    assert [op.op for op in report.ops if op.verdict != "right"] == ["swish"]
    assert f"{len(report.ops) - 1} of {len(report.ops)} recorded ops are right" in str(report)


def test_no_op_is_checked_where_all_is_well():
    assert check_gradients(lambda x: tf.reduce_sum(tf.tanh(x @ WEIGHTS[0])), X).ops == []


def test_an_op_added_from_outside_is_blamed():
    def cube_dx(g, x, output):
        """d(x³)/dx = x². (It is 3x².)"""
        return g * x * x

    cube = extend.register_op(
        "cube", kernels={"numpy": lambda x: x * x * x}, shape=extend.shapes.same, gradients={0: cube_dx}
    )
    try:
        report = check_gradients(lambda x: tf.reduce_sum(tf.sin(cube(x))), X)
    finally:
        extend.unregister_op("cube")
    assert {(f.op, f.kind) for f in report.failures} == {("cube", "factor")}
    assert "1/3" in report.failures[0].hint


def test_a_rule_that_raises_is_blamed():
    @tf.custom_gradient
    def sum_of_rows(x):
        return tf.reduce_sum(x, axis=1), lambda g: g

    report = check_gradients(lambda x: tf.tanh(sum_of_rows(tf.sin(x))), X)
    assert report.verdict == "fail"
    assert report.failures[0].op == "sum_of_rows"
    assert "returned a gradient float32 (3,) for an input float32 (3, 4)" in report.failures[0].hint


def test_a_custom_gradient_that_reads_a_variable():
    @tf.custom_gradient
    def linear(x):
        def grad(g, variables):
            return g @ tf.transpose(WEIGHTS[0]), [2.0 * tf.transpose(x) @ g]

        return x @ WEIGHTS[0], grad

    report = check_gradients(lambda x: tf.sin(linear(x)), X)
    assert {f.input for f in report.failures} == {"w0:0"}
    assert {(f.op, f.kind) for f in report.failures} == {("linear", "factor")}


def test_where_every_op_is_right_the_path_outside_of_tapes_is_suspected():
    report = check_gradients(lambda x: tf.sin(x) * tf.constant(x.numpy().astype("f4")), X)
    assert report.verdict == "fail"
    assert all(op.verdict == "right" for op in report.ops) and report.failures[0].op is None
    assert "something that no tape sees" in str(report)
