"""Placeholders."""

import pytest

import minitfe as tf


def test_a_placeholder_takes_what_is_fed(session):
    x = tf.placeholder(tf.int64, [None, 2], name="numbers")
    assert (x.name, x.dtype, x.shape.as_list(), x.op.type) == ("numbers:0", tf.int64, [None, 2], "Placeholder")
    assert session.run(x, {x: [[1.0, 2.0]]}).tolist() == [[1, 2]]
    words = tf.placeholder("string", [None])
    assert session.run(words, {words: ["a", "b"]}).tolist() == [b"a", b"b"]


def test_gradients_reach_placeholders(session):
    x = tf.placeholder(tf.float32, [None])
    (g,) = tf.gradients(x * x, x)
    assert session.run(g, {x: [1.0, 2.0]}).tolist() == [2.0, 4.0] and g.shape.as_list() == [None]


def test_placeholder_with_default(session):
    v = tf.Variable(2.0)
    x = tf.placeholder_with_default(v * 3.0, [], name="x")
    (g,) = tf.gradients(x * x, v)
    session.run(v.initializer)
    assert session.run([x, g]) == [6.0, 36.0] and session.run(x, {x: 1.0}) == 1.0
    rows = tf.placeholder_with_default([1.0], [None])
    assert session.run(rows, {rows: [1.0, 2.0]}).tolist() == [1.0, 2.0]


def test_eager_execution_has_no_placeholders():
    with pytest.raises(RuntimeError, match="tf.placeholder.. is not compatible with eager execution"):
        tf.placeholder(tf.float32)
    assert float(tf.placeholder_with_default(2.0, [])) == 2.0


def test_what_a_placeholder_cannot_be(session):
    with pytest.raises(TypeError, match="Cannot convert value 'number' to a TensorFlow DType"):
        tf.placeholder("number")
    with pytest.raises(ValueError, match="Dimension -1 must be >= 0"):
        tf.placeholder(tf.float32, [-1])
