"""Strategies for tests of gradients: every example keeps the promise that the strategy makes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitfe as tf
from minitfe.gradcheck import assert_gradients, strategies

BUMPY = {"relu": tf.nn.relu, "relu6": lambda x: x + tf.nn.relu6(x), "abs": tf.abs, "elu": tf.nn.elu, "log": tf.log, "sqrt": tf.sqrt,
         "reciprocal": tf.reciprocal, "tan": tf.tan}  # fmt: skip


@given(strategies.shapes(min_rank=1, max_rank=2, min_size=0, max_size=3))
def test_shapes(shape):
    assert 1 <= len(shape) <= 2
    assert all(0 <= size <= 3 for size in shape)


@given(strategies.broadcastable_shapes(3, max_rank=2))
def test_shapes_that_broadcast(shapes):
    assert len(shapes) == 3
    np.broadcast_shapes(*shapes)


@given(strategies.numbers(-3, 3, away_from=["relu", 1.5], distance=0.25))
def test_numbers_keep_their_distance(x):
    assert -3 <= x <= 3
    assert abs(x) >= 0.25 and abs(x - 1.5) >= 0.25


@given(strategies.arrays((2, 3), -8.0, 8.0, away_from="floor", dtype="float32"))
def test_arrays_keep_their_distance(x):
    assert x.shape == (2, 3) and x.dtype == np.float32
    assert np.abs(x - np.round(x)).min() >= 0.1 - 1e-6


@given(strategies.arrays(strategies.shapes(min_rank=1), distinct=True))
def test_distinct_numbers_have_no_ties(x):
    assert len(np.unique(x)) == x.size


@given(strategies.broadcastable_arrays(2, max_rank=2, away_from="reciprocal"))
def test_gradients_of_what_broadcasts(arrays):
    x, y = map(tf.constant, arrays)
    assert_gradients(tf.divide, x, y)


@pytest.mark.parametrize("name", BUMPY)
def test_named_kinks_are_avoided(name):
    low = 0.0 if name in ("log", "sqrt") else -7.0

    @given(strategies.arrays((2,), low, 7.0, away_from=name))
    def check(x):
        assert_gradients(BUMPY[name], tf.constant(x))

    check()


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="No kinks are known of 'sin'"):
        strategies.numbers(away_from="sin")
    with pytest.raises(ValueError, match="Between -0.05 and 0.05 there is no number"):
        strategies.numbers(-0.05, 0.05, away_from="relu")


def test_strategies_are_strategies():
    assert isinstance(strategies.arrays((2,)), st.SearchStrategy)
