"""Special functions: their digits over their whole range, and what happens at the edges."""

import numpy as np
import pytest
from scipy import special

import minitfe as tf

from .calculus import derivatives, gradients, numbers

# ---------------------------------------------------------------------------------------------- sigmoids and their kin


def test_slope_of_softsign_at_its_kink():
    assert gradients(tf.nn.softsign, 0.0) == [1.0]


def test_extremes_do_not_overflow():
    big = tf.constant([-1000.0, 1000.0])
    assert tf.sigmoid(big).numpy().tolist() == [0, 1]
    assert tf.nn.softplus(big).numpy().tolist() == [0, 1000]
    assert tf.log_sigmoid(big).numpy().tolist() == [-1000, 0]
    assert tf.nn.softsign(tf.constant([-1e30, 1e30])).numpy().tolist() == [-1, 1]


# -------------------------------------------------------------------------------------------------------- at the edges


@pytest.mark.parametrize("x", [0.0, -0.0, 30.0, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324])
@pytest.mark.parametrize("f, reference", [(tf.erf, special.erf), (tf.erfc, special.erfc)])
def test_error_function_at_the_edges(f, reference, x):
    np.testing.assert_array_equal(f(tf.constant(x, tf.float64)).numpy(), reference(x))


@pytest.mark.parametrize(
    "x, value", [(0.0, np.inf), (-3.0, np.inf), (np.inf, np.inf), (-np.inf, np.inf), (1.0, 0.0), (2.0, 0.0)]
)
def test_lgamma_at_the_edges(x, value):
    assert tf.lgamma(x).numpy() == value


@pytest.mark.parametrize("x", [0.0, -1.0, -7.0, np.inf, np.nan])
def test_digamma_at_the_edges(x):
    np.testing.assert_array_equal(tf.digamma(x).numpy(), special.psi(x))


def test_polygamma_of_no_order_is_nan():
    assert np.isnan(tf.polygamma([-1.0, 0.5, np.nan], 2.0).numpy()).all()


def test_zeta_at_the_edges():
    np.testing.assert_array_equal(
        tf.zeta([1.0, 0.5, 2.0, 2.0, 2.5], [2.0, 2.0, 0.0, -1.0, -0.5]).numpy(),
        [np.inf, np.nan, np.inf, np.inf, np.nan],
    )


# -------------------------------------------------------------------------------------------------------------- digits


def line(low, high, count):
    """Numbers of all sizes between two, small ones as well as large ones."""
    generator = np.random.default_rng(0)
    spread = np.sign(generator.uniform(low, high, count)) * 10.0 ** generator.uniform(-12, np.log10(high), count)
    return np.concatenate([generator.uniform(low, high, count), spread[(spread > low) & (spread < high)]])


@pytest.mark.parametrize(
    "f, reference, x",
    [
        (tf.erf, special.erf, line(-6, 6, 2000)),
        (tf.erfc, special.erfc, line(-6, 26, 2000)),
        (tf.lgamma, special.gammaln, line(2.5, 1e6, 2000)),
        (tf.lgamma, special.gammaln, line(1e-9, 0.9, 2000)),
        (tf.digamma, special.psi, line(1e-9, 1e6, 2000)),
        (tf.digamma, special.psi, line(0.5, 3, 2000)),
    ],
    ids=["erf", "erfc", "lgamma", "lgamma near 0", "digamma", "digamma near its zero"],
)
def test_special_functions_have_13_digits(f, reference, x):
    np.testing.assert_allclose(f(tf.constant(x)).numpy(), reference(x), rtol=1e-13)


@pytest.mark.parametrize(
    "x, value",
    [
        (0.99902, 0.000566461626314267991),
        (1.00001, -5.77207440275048262e-6),
        (1.9999, -0.000042275208772153458),
        (2.0001001, 0.0000423239429987236785),
    ],
)
def test_lgamma_near_its_zeros(x, value):
    """Computed with 40 digits by mpmath: SciPy has a digit less than we have."""
    np.testing.assert_allclose(tf.lgamma(tf.constant(x, tf.float64)).numpy(), value, rtol=1e-13)


def test_lgamma_between_its_zeros():
    x = line(0.9, 2.5, 2000)
    np.testing.assert_allclose(tf.lgamma(tf.constant(x)).numpy(), special.gammaln(x), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("f, reference", [(tf.lgamma, special.gammaln), (tf.digamma, special.psi)])
def test_gamma_functions_below_0(f, reference):
    """Between the poles the functions pass through 0, where only the absolute error is small."""
    x = -line(1e-9, 30, 1000)
    np.testing.assert_allclose(f(tf.constant(x)).numpy(), reference(x), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 7, 20])
def test_polygamma_above_0(order):
    x = line(1e-3, 50, 500)
    np.testing.assert_allclose(
        tf.polygamma(float(order), tf.constant(x)).numpy(), special.polygamma(order, x), rtol=1e-13
    )


@pytest.mark.parametrize("order", [1, 2, 3, 8])
def test_polygamma_below_0_continues_itself(order):
    """ψ⁽ⁿ⁾(x + 1) - ψ⁽ⁿ⁾(x) = (-1)ⁿ n! x⁻ⁿ⁻¹ (DLMF 5.15.5), here from -0.4 upwards."""
    x = np.array([-0.4, -0.7, -0.05])
    step = (-1) ** order * special.factorial(order) * x ** (-order - 1)
    value = tf.polygamma(float(order), tf.constant(x)).numpy()
    np.testing.assert_allclose(value, special.polygamma(order, x + 1) - step, rtol=1e-12)


def test_sigmoid_keeps_its_digits_where_it_is_close_to_0():
    x = np.float32([-80.0, -20.0, -9.0, 0.0, 9.0])
    np.testing.assert_allclose(tf.sigmoid(x), special.expit(x.astype(np.float64)), rtol=1e-6)


def test_sigmoid_at_its_ends():
    np.testing.assert_array_equal(tf.sigmoid([-np.inf, -1000.0, 1000.0, np.inf]), [0, 0, 1, 1])
    np.testing.assert_array_equal(tf.sigmoid([-1000.0 + 1.0j, 1000.0 + 1.0j]), [0, 1])


# --------------------------------------------------------------------------------------------------------- derivatives


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_of_lgamma_are_polygammas(order):
    x = tf.constant(2.3, tf.float64)
    value = numbers(derivatives(tf.lgamma, x, order))[-1]
    np.testing.assert_allclose(value, special.polygamma(order - 1, 2.3), rtol=1e-13)


def test_order_of_polygamma_has_no_gradient():
    assert gradients(tf.polygamma, 1.0, 2.0)[0] is None
