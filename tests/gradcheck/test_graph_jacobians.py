"""``tf.test.compute_gradient`` in the form for tensors of a graph."""

import numpy as np
import pytest

import minitfe as tf


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_rows_are_elements_of_x(session):
    x = tf.placeholder(tf.float64, [2])
    y = tf.stack([x[0] * x[1], x[0], tf.constant(3.0, tf.float64)])
    by_gradients, measured = tf.test.compute_gradient(x, [2], y, [3], x_init_value=[5.0, 7.0])
    np.testing.assert_allclose(by_gradients, [[7, 1, 0], [5, 0, 0]])
    np.testing.assert_allclose(measured, by_gradients, atol=1e-6)


def test_several_tensors_and_variables(session):
    w = tf.Variable([[1.0], [2.0]])
    x = tf.constant([[3.0, 4.0]])
    y = tf.matmul(x, w)
    pairs = tf.test.compute_gradient(
        [x, w], [[1, 2], [2, 1]], y, [1, 1], x_init_value=[[[3.0, 4.0]], [[1.0], [2.0]]], init_targets=w.initializer
    )
    for (by_gradients, measured), wanted in zip(pairs, ([[1], [2]], [[3], [4]])):
        np.testing.assert_allclose(by_gradients, wanted)
        np.testing.assert_allclose(measured, wanted, atol=1e-2)


def test_what_else_is_fed(session):
    x, scale = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [])
    error = tf.test.compute_gradient_error(x, [2], x * scale, [2], extra_feed_dict={scale: 3.0})
    assert error < 1e-2


def test_a_wrong_gradient_shows(session):
    @tf.custom_gradient
    def wrong(x):
        return x * x, lambda dy: dy * x

    x = tf.placeholder(tf.float32, [2])
    assert tf.test.compute_gradient_error(x, [2], wrong(x), [2], x_init_value=[1.0, 2.0]) == pytest.approx(2, abs=0.1)


def test_a_session_is_needed():
    with tf.Graph().as_default():
        x = tf.constant([1.0])
        with pytest.raises(ValueError, match="needs a current session"):
            tf.test.compute_gradient(x, [1], x * x, [1])


def test_what_is_not_connected_is_said(session):
    x = tf.placeholder(tf.float32, [1])
    with pytest.raises(ValueError, match="does not depend on"):
        tf.test.compute_gradient(x, [1], tf.constant([1.0]), [1])
