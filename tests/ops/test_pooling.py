"""Pooling: errors, ties, and values that the sample table cannot hold."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.graph import trace
from minitfe.ops import pooling

IMAGES = np.arange(2 * 4 * 5 * 3, dtype=np.float32).reshape(2, 4, 5, 3)
ONES = [1, 1, 1, 1]
both = pytest.mark.parametrize("function", [pooling.max_pool, pooling.avg_pool])


# ------------------------------------------------------------------------------------------------------------- errors


@both
def test_window_larger_than_the_image(function):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"\[input_size: 4, effective_filter_size: 5, stride: 1\].*\(2, 4, 5, 3\)"
    ):
        function(IMAGES, [1, 5, 1, 1], ONES, "VALID")
    with pytest.raises(ValueError, match="effective_filter_size: 5"):
        trace(lambda x: function(x, [1, 5, 1, 1], ONES, "VALID"), tf.convert_to_tensor(IMAGES))


@both
def test_images_have_four_axes(function):
    with pytest.raises(tf.errors.InvalidArgumentError, match="tensor_in must be 4-dimensional"):
        function(IMAGES[0], ONES, ONES, "VALID")


@both
def test_settings_are_checked(function):
    with pytest.raises(tf.errors.InvalidArgumentError, match="ksize in the batch and depth dimensions"):
        function(IMAGES, [2, 1, 1, 1], ONES, "SAME")
    with pytest.raises(tf.errors.InvalidArgumentError, match="strides field must specify 4 dimensions"):
        function(IMAGES, ONES, [2, 2], "SAME")
    with pytest.raises(tf.errors.InvalidArgumentError, match="ksize must be larger than 0"):
        function(IMAGES, [1, 0, 2, 1], ONES, "SAME")
    with pytest.raises(ValueError, match="padding must be one of SAME, VALID, not 'HALF'"):
        function(IMAGES, ONES, ONES, "HALF")


@both
def test_integers_are_refused(function):
    with pytest.raises(tf.errors.InvalidArgumentError, match="int32 is not in the list of allowed values"):
        function(IMAGES.astype(np.int32), ONES, ONES, "SAME")


def test_pool_has_one_or_two_axes_and_no_holes():
    with pytest.raises(ValueError, match=r"window_shape=\[1, 2, 3\]"):
        pooling.pool(IMAGES, [1, 2, 3], "MAX", "SAME")
    with pytest.raises(ValueError, match="dilation_rate=2"):
        pooling.pool(IMAGES, [2, 2], "MAX", "SAME", dilation_rate=2)
    with pytest.raises(ValueError, match="pooling_type must be one of MAX, AVG, not 'MIN'"):
        pooling.pool(IMAGES, [2, 2], "MIN", "SAME")


# ------------------------------------------------------------------------------------------------------------- values


def gradient(function, x, *settings):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x, *settings)
    return tape.gradient(y, x).numpy()


def test_of_equal_pixels_the_first_gets_the_gradient():
    image = np.array([[1, 5, 5], [5, 5, 2]], np.float32).reshape(1, 2, 3, 1)
    dx = gradient(pooling.max_pool, image, [1, 2, 2, 1], ONES, "VALID")
    np.testing.assert_array_equal(dx.reshape(2, 3), [[0, 2, 0], [0, 0, 0]])


def test_largest_of_negative_pixels_at_the_border():
    y = pooling.max_pool(-1 - IMAGES, [1, 3, 3, 1], ONES, "SAME").numpy()
    assert y.max() == -1
    assert gradient(pooling.max_pool, -1 - IMAGES, [1, 3, 3, 1], ONES, "SAME").sum() == IMAGES.size


def test_mean_at_the_border_counts_real_pixels_only():
    y = pooling.avg_pool(np.full((1, 3, 3, 1), 7, np.float32), [1, 3, 3, 1], ONES, "SAME").numpy()
    np.testing.assert_array_equal(y, np.full((1, 3, 3, 1), 7))


@both
def test_no_images_give_no_output(function):
    y = function(IMAGES[:0], [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    assert y.shape == (0, 2, 3, 3) and y.dtype is tf.float32


@both
def test_half_precision_is_kept(function):
    assert function(IMAGES.astype(np.float16), [1, 2, 2, 1], ONES, "SAME").dtype is tf.float16
    assert gradient(function, IMAGES.astype(np.float16), [1, 2, 2, 1], ONES, "SAME").dtype == np.float16


def test_infinite_gradients_stay_where_they_belong():
    x = tf.constant(IMAGES[:1, :1, :4, :1])
    y = pooling.max_pool(x, [1, 1, 2, 1], [1, 1, 2, 1], "VALID")
    g = tf.constant(np.array([np.inf, 1], np.float32).reshape(1, 1, 2, 1))
    dx = pooling.max_pool_gradient(g, x, y, ksize=(1, 2), strides=(1, 2), padding="VALID")
    np.testing.assert_array_equal(dx.numpy().ravel(), [0, np.inf, 0, 1])


@both
def test_values_and_gradients_are_those_of_torch(function):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).normal(size=(2, 7, 9, 3))
    there = torch.tensor(x).permute(0, 3, 1, 2).requires_grad_()
    pool = torch.nn.functional.max_pool2d if function is pooling.max_pool else torch.nn.functional.avg_pool2d
    out = pool(there, (3, 2), stride=(2, 1))
    (expected,) = torch.autograd.grad(out.sum(), there)
    settings = [1, 3, 2, 1], [1, 2, 1, 1], "VALID"
    np.testing.assert_allclose(function(x, *settings).numpy(), out.detach().permute(0, 2, 3, 1).numpy(), rtol=1e-12)
    np.testing.assert_allclose(gradient(function, x, *settings), expected.permute(0, 2, 3, 1).numpy(), rtol=1e-12)
