"""Initializers: the variance they promise, their settings, and how they are named."""

import numpy as np
import pytest

import minitfe as tf
from minitfe import initializers
from minitfe.ops import random

SHAPE = (3, 3, 40, 60)  # a convolution's filter: 360 inputs, 540 outputs

RULES = [
    (initializers.glorot_uniform, 2 / (360 + 540)),
    (initializers.glorot_normal, 2 / (360 + 540)),
    (initializers.he_normal, 2 / 360),
    (initializers.he_uniform, 2 / 360),
    (initializers.lecun_normal, 1 / 360),
    (initializers.lecun_uniform, 1 / 360),
    (lambda **k: initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal", **k), 3 / 540),
]


@pytest.mark.parametrize(("rule", "variance"), RULES)
def test_rules_give_the_variance_they_promise(rule, variance):
    tf.set_random_seed(1)  # whatever was drawn before
    x = rule(seed=1)(SHAPE).numpy()
    assert x.shape == SHAPE and x.dtype == np.float32
    assert x.var() == pytest.approx(variance, rel=0.02)
    assert x.mean() == pytest.approx(0, abs=0.02 * variance**0.5)


def test_uniform_rules_stay_within_their_limit():
    limit = (6 / (360 + 540)) ** 0.5
    assert 0.99 * limit < np.abs(initializers.glorot_uniform()(SHAPE).numpy()).max() <= limit * 1.0001


def test_truncated_rules_are_cut_off_at_two_deviations():
    x = initializers.he_normal()(SHAPE).numpy()
    assert np.abs(x).max() <= 2 * (2 / 360) ** 0.5 / initializers.TRUNCATED_DEVIATION


@pytest.mark.parametrize(
    ("shape", "expected"), [((), (1, 1)), ((5,), (5, 5)), ((2, 3), (2, 3)), ((4, 5, 2, 3), (40, 60))]
)
def test_fans(shape, expected):
    assert initializers.fans(shape) == expected


def test_constants():
    assert initializers.zeros()([2]).numpy().tolist() == [0, 0]
    assert initializers.ones()([2], dtype=tf.int32).numpy().tolist() == [1, 1]
    assert initializers.constant_initializer([1, 2])([2, 1]).numpy().tolist() == [[1], [2]]
    assert initializers.constant_initializer(3)([]).dtype is tf.float32
    with pytest.raises(TypeError, match="unsupported shape"):
        initializers.constant_initializer([1, 2])([3])
    with pytest.raises(TypeError, match="Expected Tensor's shape"):
        initializers.constant_initializer([1, 2], verify_shape=True)([2, 1])


def test_distributions_take_their_settings():
    uniform = initializers.random_uniform_initializer(-2.0, 5.0, seed=1)([1000]).numpy()
    assert uniform.min() < -1.9 and uniform.max() > 4.9 and (uniform >= -2).all() and (uniform <= 5).all()
    assert set(initializers.random_uniform_initializer(1, 3, dtype=tf.int32)([100]).numpy()) == {1, 2}
    normal = initializers.random_normal_initializer(10.0, 0.1, seed=1)([1000]).numpy()
    assert normal.mean() == pytest.approx(10, abs=0.02) and normal.std() == pytest.approx(0.1, rel=0.1)
    truncated = initializers.truncated_normal_initializer(10.0, 0.1)([1000]).numpy()
    assert np.abs(truncated - 10).max() <= 0.2001


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 3, 4), (50, 50)])
def test_orthogonal_rows_or_columns(shape):
    x = initializers.orthogonal_initializer(gain=2.0, seed=1)(shape).numpy().reshape(-1, shape[-1])
    product = x.T @ x if x.shape[0] >= x.shape[1] else x @ x.T
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


def test_orthogonal_matrices_have_both_determinants():
    """Without the choice of signs that makes Q unique, half of all orthogonal matrices would never come."""
    signs = {round(np.linalg.det(initializers.orthogonal_initializer(seed=i)([3, 3]).numpy())) for i in range(20)}
    assert signs == {-1, 1}


def test_matrices_only():
    with pytest.raises(ValueError, match="at least two-dimensional"):
        initializers.orthogonal_initializer()([3])
    with pytest.raises(ValueError, match="can only be used for 2D matrices"):
        initializers.identity_initializer()([3])
    assert initializers.identity_initializer(2.0)([2, 3]).numpy().tolist() == [[2, 0, 0], [0, 2, 0]]


def test_the_call_decides_the_dtype():
    initializer = initializers.VarianceScaling(dtype=tf.float64)
    assert initializer([2, 2]).dtype is tf.float64 and initializer([2, 2], dtype=tf.float32).dtype is tf.float32


def test_a_seed_repeats():
    state = random.get_state()
    draws = []
    for _ in range(2):
        tf.set_random_seed(1)
        draws.append(initializers.glorot_uniform(seed=3)([4]).numpy().tolist())
    random.set_state(state)
    assert draws[0] == draws[1]


@pytest.mark.parametrize("name", initializers.NAMED)
def test_every_name_and_configuration_gives_the_same_initializer(name):
    first = initializers.get(name)
    again = initializers.get(initializers.serialize(first))
    assert type(again) is type(first) and again.get_config() == first.get_config()
    assert type(first).from_config(first.get_config()).get_config() == first.get_config()


def test_get_takes_whatever_is_callable():
    assert initializers.get(None) is None
    assert initializers.get(len) is len
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    assert isinstance(initializers.get("VarianceScaling"), initializers.VarianceScaling)
    assert isinstance(initializers.get(initializers.he_normal), initializers.HeNormal)
    for unknown in ("xavier", 3, {"class_name": "Unknown", "config": {}}):
        with pytest.raises(ValueError, match="Could not interpret initializer identifier"):
            initializers.get(unknown)


def test_settings_that_make_no_sense():
    with pytest.raises(ValueError, match="`scale` must be positive float"):
        initializers.VarianceScaling(scale=0.0)
    with pytest.raises(ValueError, match="Invalid `mode` argument"):
        initializers.VarianceScaling(mode="fan")
    with pytest.raises(ValueError, match="Invalid `distribution` argument"):
        initializers.VarianceScaling(distribution="cauchy")


def test_variables_start_by_them():
    assert tf.get_variable("w", [3, 4]).shape == (3, 4)
    assert tf.get_variable("w", [3, 4], initializer=initializers.he_normal).shape == (3, 4)
    assert tf.get_variable("b", [3], initializer=initializers.ones_initializer).numpy().tolist() == [1, 1, 1]
