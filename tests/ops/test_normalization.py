"""Moments and batch normalization: what the op-sample table cannot say."""

import numpy as np
import pytest

import minitfe as tf
from minitfe import errors
from minitfe.ops import normalization


def test_moments_of_half_precision_are_computed_in_single():
    """The squares, 90000, are beyond the largest float16."""
    mean, variance = normalization.moments(tf.constant([-300.0, 300.0] * 50 + [0.0] * 900, tf.float16), [0])
    assert mean.dtype is variance.dtype is tf.float16
    assert float(mean) == 0 and float(variance) == pytest.approx(9000, rel=1e-3)


def test_moments_far_from_zero_are_accurate():
    _, variance = normalization.moments(tf.constant([10000.0, 10001.0]), [0])
    assert float(variance) == 0.25


def test_moments_along_an_axis_that_is_not_there():
    with pytest.raises(errors.InvalidArgumentError, match="Invalid reduction dimension"):
        normalization.moments([1.0], [1])


def test_batch_normalization_keeps_the_dtype_beside_plain_numbers():
    y = normalization.batch_normalization(tf.constant([1.0, 3.0], tf.float64), 2.0, 1.0, None, None, 0.0)
    assert y.dtype is tf.float64 and y.numpy().tolist() == [-1, 1]


def test_fused_batch_norm_in_training_normalizes():
    x = np.random.default_rng(0).normal(5, 3, (8, 4, 4, 2)).astype("f4")
    y, _, variance = normalization.fused_batch_norm(x, [1.0, 1.0], [0.0, 0.0])
    assert y.numpy().mean((0, 1, 2)) == pytest.approx(0, abs=1e-5) and y.numpy().std((0, 1, 2)) == pytest.approx(
        1, abs=1e-3
    )
    assert variance.numpy() == pytest.approx(x.var((0, 1, 2), ddof=1), rel=1e-5)


def test_fused_batch_norm_of_one_number_per_channel_is_finite():
    y, _, variance = normalization.fused_batch_norm(np.ones((1, 1, 1, 2), "f4"), [1.0, 1.0], [3.0, 4.0])
    assert y.numpy().ravel().tolist() == [3, 4] and variance.numpy().tolist() == [0, 0]


def test_fused_batch_norm_raises_epsilon_to_what_all_devices_take():
    x = np.array([0.0, 2.0], "f4").reshape(2, 1, 1, 1) * 1e-3
    y = normalization.fused_batch_norm(x, [1.0], [0.0], epsilon=0.0)[0]
    assert y.numpy().ravel() == pytest.approx(np.array([-1, 1]) * 1e-3 / np.sqrt(1e-6 + 1.001e-5), rel=1e-4)


def test_fused_batch_norm_takes_images():
    with pytest.raises(errors.InvalidArgumentError, match="input must be 4-dimensional"):
        normalization.fused_batch_norm([[1.0]], [1.0], [0.0])


def test_fused_batch_norm_needs_moments_when_it_does_not_train():
    with pytest.raises(ValueError, match="Both mean and variance must be given"):
        normalization.fused_batch_norm(np.ones((1, 1, 1, 1), "f4"), [1.0], [0.0], is_training=False)
