"""Inf and nan are values: ops on them print nothing. What numpy tells people about their own arrays stays."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

import minitfe as tf
from minitfe_numpy import quiet

EXTREMES = np.array([0, -0.0, -1, 1e-45, 1e38, -3e38, np.inf, -np.inf, np.nan], "f")


@pytest.fixture
def recorded():
    """The warnings that people would see. pytest has put filters of its own in place of those that the import made."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quiet.ignore_float_warnings()
        yield caught


def test_log_of_a_negative_number(recorded):
    assert np.isnan(tf.log(-1.0).numpy())
    assert not recorded


def test_division_by_zero(recorded):
    assert (tf.constant(1.0) / 0.0).numpy() == np.inf
    assert not recorded


FUNCTIONS = {
    "exp": lambda x: tf.exp(x),
    "log": lambda x: tf.log(x),
    "log1p": lambda x: tf.log1p(x),
    "sqrt": lambda x: tf.sqrt(x),
    "rsqrt": lambda x: tf.rsqrt(x),
    "tanh": lambda x: tf.tanh(x),
    "tan": lambda x: tf.tan(x),
    "asin": lambda x: tf.asin(x),
    "sigmoid": lambda x: tf.sigmoid(x),
    "square": lambda x: tf.square(x),
    "relu": lambda x: tf.nn.relu(x),
    "softplus": lambda x: tf.nn.softplus(x),
    "softmax": lambda x: tf.nn.softmax(x),
    "log_softmax": lambda x: tf.nn.log_softmax(x),
    "cast": lambda x: tf.cast(x, tf.float16),
    "cast to int": lambda x: tf.cast(x, tf.int32),
    "add": lambda x: x + x,
    "subtract": lambda x: x - x,
    "multiply": lambda x: x * x,
    "divide": lambda x: x / x,
    "floordiv": lambda x: x // x,
    "mod": lambda x: x % x,
    "pow": lambda x: x**x,
    "matmul": lambda x: tf.matmul(x[:, None], x[None, :]),
    "cumsum": lambda x: tf.cumsum(x),
    "reduce_sum": lambda x: tf.reduce_sum(x),
    "reduce_mean": lambda x: tf.reduce_mean(x),
    "reduce_prod": lambda x: tf.reduce_prod(x),
    "reduce_max": lambda x: tf.reduce_max(x),
    "reduce_logsumexp": lambda x: tf.reduce_logsumexp(x),
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_extremes_and_their_gradients(f, recorded):
    x = tf.constant(EXTREMES)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    tape.gradient(y, x)
    assert not [str(warning) for warning in recorded]


PEOPLE = """
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
    assert "<string>:8: RuntimeWarning: invalid value encountered in log" in process.stderr
    assert process.stderr.count("Warning") == 1
