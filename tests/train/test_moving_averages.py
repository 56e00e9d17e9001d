"""Exponential moving averages."""

import numpy as np
import pytest

import minitfe as tf


def test_against_numpy():
    w, step = tf.Variable([1.0, 2.0], name="w"), tf.Variable(0)
    averages = tf.train.ExponentialMovingAverage(0.9, num_updates=step)
    expected, values = np.array([1.0, 2.0]), np.random.default_rng(0).normal(size=(20, 2))
    averages.apply([w])
    for n, value in enumerate(values):
        w.assign(value.astype("f")), step.assign(n)
        averages.apply([w])
        decay = min(0.9, (1 + n) / (10 + n))
        expected = decay * expected + (1 - decay) * value
    assert np.allclose(averages.average(w).numpy(), expected, atol=1e-6)
    assert averages.average(w).name == "w/ExponentialMovingAverage:0" and not averages.average(w).trainable
    assert averages.variables_to_restore() == {"w/ExponentialMovingAverage": w}
    assert averages.average(tf.Variable(1.0)) is None


def test_what_has_no_average():
    averages, w = tf.train.ExponentialMovingAverage(0.5), tf.Variable(1.0)
    averages.apply([w])
    w.assign(3.0)
    with pytest.raises(TypeError, match="The variables must be half, float, or double: n:0"):
        averages.apply([w, tf.Variable(1, name="n")])
    with pytest.raises(TypeError, match="Moving averages are kept of variables"):
        averages.apply([w, tf.constant(1.0)])
    with pytest.raises(ValueError, match="var_list must be given"):
        averages.apply()
    assert float(averages.average(w)) == 1.0
