"""The functions that are written out for floats: right to the last digit or the one before, wherever they are."""

import numpy as np
import pytest

import minitfe as tf

pytestmark = pytest.mark.usefixtures("gpu")

NEAR = np.concatenate([np.linspace(-110, 92, 200_001), np.random.default_rng(0).normal(size=100_000)]).astype("f")
FAR = np.array([8191.9, 8192.0, -1e5, 3e9, 1e30, -1e38], "f")


@pytest.mark.parametrize("name", ["exp", "sin", "cos"])
def test_errors_are_below_two_units_in_the_last_place(name):
    x = np.concatenate([NEAR, FAR, NEAR[:5]])
    with tf.device("/gpu:0"), np.errstate(over="ignore", under="ignore"):
        found = getattr(tf, name)(x).numpy()
        exact = getattr(np, name)(x.astype("d"))
        wanted = exact.astype("f")
    np.testing.assert_array_equal(np.isinf(found), np.isinf(wanted))
    normal = np.isfinite(wanted) & (np.abs(wanted) > 1e-37)
    assert (np.abs(found[normal] - exact[normal]) / np.spacing(np.abs(wanted[normal]))).max() < 2
    tiny = np.isfinite(wanted) & ~normal
    assert np.abs(found[tiny] - exact[tiny]).max(initial=0) < 2e-38


def test_what_is_no_number_or_infinite():
    x = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0], "f")
    with tf.device("/gpu:0"):
        np.testing.assert_array_equal(tf.exp(x).numpy(), np.array([np.nan, np.inf, 0, 1, 1], "f"))
        sines = tf.sin(x).numpy()
        np.testing.assert_array_equal(sines, np.array([np.nan, np.nan, np.nan, 0, 0], "f"))
        assert np.signbit(sines[4]) and not np.signbit(sines[3])
        np.testing.assert_array_equal(tf.cos(x).numpy(), np.array([np.nan, np.nan, np.nan, 1, 1], "f"))
