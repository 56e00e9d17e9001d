"""Comparisons and choices: strings, NaN, and who gets the gradient."""

import numpy as np
import pytest

import minitfe as tf

from .calculus import gradients


def test_comparison_has_no_gradient():
    assert gradients(lambda x: tf.cast(x > 1.0, tf.float32), 1.3) == [None]


def test_strings_are_compared():
    assert tf.equal(["a", "b"], "b").numpy().tolist() == [False, True]
    assert tf.not_equal(["a", "b"], "b").numpy().tolist() == [True, False]


@pytest.mark.parametrize("f", [tf.maximum, tf.minimum])
def test_ties_go_to_the_first(f):
    assert gradients(f, 2.0, 2.0) == [1.0, 0.0]


def test_infinite_gradients_stop_where_maximum_takes_the_other():
    """0 times infinity would be NaN."""
    assert gradients(lambda x: tf.maximum(x, 0.0) * np.inf, -1.0) == [0.0]


def test_nan_goes_through_maximum():
    assert np.isnan(tf.maximum(np.nan, 1.0).numpy()) and np.isnan(tf.minimum(1.0, np.nan).numpy())
