"""Powers and roots at the edges, and their derivatives of any order."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError

from .calculus import derivatives, gradients, numbers


def test_slope_of_the_root_of_0_is_infinite():
    assert gradients(tf.sqrt, 0.0) == [np.inf]


def test_pow_at_0():
    assert gradients(tf.pow, 0.0, 2.0) == [0.0, 0.0]
    slope, exponents = gradients(tf.pow, 0.0, 0.0)
    assert np.isnan(slope) and exponents == 0.0


def test_pow_below_0_has_no_slope_in_the_exponent():
    assert gradients(tf.pow, -2.0, 3.0) == [12.0, 0.0]


def test_negative_power_of_an_integer():
    with pytest.raises(InvalidArgumentError, match=r"negative integer powers.*\[Op:Pow\]"):
        tf.pow(2, -1)


@pytest.mark.parametrize("x", [0.0, 3.0, -3.0])
def test_all_derivatives_of_a_cube(x):
    """The fourth is 0 and connected, also at 0, where x⁻¹ is infinite."""
    values = derivatives(lambda x: x**3, tf.constant(x), 4)
    assert numbers(values) == [x**3, 3 * x**2, 6 * x, 6.0, 0.0]


@pytest.mark.parametrize("x, y", [(2.0, 3.0), (0.5, -1.5)])
def test_mixed_derivative_of_pow(x, y):
    """∂²xʸ/∂x∂y = xʸ⁻¹ (1 + y log x)"""
    x, y = tf.constant(x, tf.float64), tf.constant(y, tf.float64)
    with tf.GradientTape() as outer:
        outer.watch([x, y])
        with tf.GradientTape() as inner:
            inner.watch([x, y])
            power = x**y
        slope = inner.gradient(power, x)
    mixed = outer.gradient(slope, y)
    np.testing.assert_allclose(
        mixed.numpy(), float(x) ** (float(y) - 1) * (1 + float(y) * np.log(float(x))), rtol=1e-14
    )


@pytest.mark.parametrize(("x", "dtype"), [(300.0, "float16"), (1e20, "float32"), (-1e200, "float64")])
def test_slope_of_asinh_where_the_square_overflows(x, dtype):
    x = tf.constant(x, dtype)
    slope = derivatives(tf.asinh, x, 1)[1]
    np.testing.assert_allclose(float(slope), 1 / abs(float(x)), rtol=5e-3 if dtype == "float16" else 1e-5)
