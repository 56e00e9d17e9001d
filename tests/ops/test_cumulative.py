"""Running sums and products: zeros, small integers, and axes that are not there."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.ops import cumulative

from .calculus import gradients


def test_running_products_over_several_zeros():
    """The gradient of Σ cumprod([2, 0, 3, 0]) = 2 + 0 + 0 + 0."""
    assert gradients(tf.cumprod, [2.0, 0.0, 3.0, 0.0]) == [[1.0, 8.0, 0.0, 0.0]]


def test_running_products_keep_small_integers():
    assert tf.cumprod(tf.constant([100, 2], tf.int8)).numpy().tolist() == [100, -56]
    assert tf.cumsum(tf.constant([100, 100], tf.int8)).dtype is tf.int8


@pytest.mark.parametrize("f", [tf.cumsum, tf.cumprod])
def test_running_along_no_axis(f):
    with pytest.raises(InvalidArgumentError, match=r"Invalid axis: axis 1 .*Op:Cum.*from -1 to 0"):
        f([1.0, 2.0], axis=1)
    with pytest.raises(InvalidArgumentError, match="a scalar has no axes"):
        f(1.0)


@pytest.mark.parametrize("reverse", [False, True])
def test_linear_recurrence(reverse):
    a, b = np.random.default_rng(0).normal(size=(2, 5))
    s = cumulative._linear_recurrence(tf.constant(a), tf.constant(b), axis=0, reverse=reverse).numpy()
    before = np.append(s[1:], 0) if reverse else np.append(0, s[:-1])
    np.testing.assert_allclose(s, a * before + b, rtol=1e-15)
