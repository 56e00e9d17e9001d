"""Inf and nan are values: ops on them print nothing. What numpy tells people about their own arrays stays."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

import minitfe as tf

EXTREMES = np.array([0, -0.0, -1, 1e-45, 1e38, -3e38, np.inf, -np.inf, np.nan], "f")


@pytest.fixture
def recorded():
    """The warnings that a test gives rise to, with the filters as they are for people."""
    with warnings.catch_warnings(record=True) as caught:
        yield caught


def test_log_of_a_negative_number(recorded):
    assert np.isnan(tf.log(-1.0).numpy())
    assert not recorded


def test_division_by_zero(recorded):
    assert (tf.constant(1.0) / 0.0).numpy() == np.inf
    assert not recorded


@pytest.mark.parametrize(
    "f",
    [tf.exp, tf.log, tf.sqrt, tf.tanh, tf.sin, tf.square, tf.nn.relu, tf.nn.softplus, tf.sigmoid, tf.reduce_sum, tf.reduce_mean]
    + [tf.reduce_prod, tf.reduce_logsumexp, tf.nn.softmax, lambda x: x + x, lambda x: x * x, lambda x: x / x, lambda x: x - x,
       lambda x: x**x, lambda x: x @ x if False else tf.matmul(x[:, None], x[None, :]), lambda x: tf.cast(x, tf.float16)],
)  # fmt: skip
def test_extremes_and_their_gradients(f, recorded):
    x = tf.constant(EXTREMES)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    tape.gradient(y, x)
    assert not [str(warning) for warning in recorded]


PEOPLE = """
import warnings
import numpy as np
before = np.geterr()
import minitfe as tf
tf.enable_eager_execution()
tf.log(-1.0)
assert np.geterr() == before
print(np.log(np.array(-1.0)))
"""


def test_the_users_own_numpy_still_warns():
    process = subprocess.run([sys.executable, "-c", PEOPLE], capture_output=True, text=True, check=True)
    assert "<string>:9: RuntimeWarning: invalid value encountered in log" in process.stderr
    assert process.stderr.count("Warning") == 1
