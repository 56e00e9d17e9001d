"""Errors, kinks, ties and edges of elementwise ops: what the sample table cannot say."""

import numpy as np
import pytest
from scipy import special

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.ops import indexed_slices, math


def gradients(f, *xs):
    """The gradients of a function at numbers."""
    xs = [tf.constant(x) for x in xs]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    return [g if g is None else g.numpy().tolist() for g in tape.gradient(y, xs)]


def derivatives(f, x, order):
    """f(x), f'(x), and so on; None from where on nothing is connected."""
    if order == 0:
        return [f(x)]
    with tf.GradientTape() as tape:
        tape.watch(x)
        values = derivatives(f, x, order - 1)
    last = values[-1]
    return [*values, None if last is None else tape.gradient(last, x)]


def numbers(values):
    return [None if x is None else float(x) for x in values]


# --------------------------------------------------------------------------------------------- TensorFlow's values


@pytest.mark.parametrize(
    "f, x, slope",
    [
        (tf.abs, 0.0, 0.0),
        (tf.sqrt, 0.0, np.inf),
        (math.softsign, 0.0, 1.0),
        (lambda x: tf.clip_by_value(x, -1.0, 1.0), 1.0, 1.0),
        (lambda x: tf.clip_by_value(x, -1.0, 1.0), -1.0, 1.0),
        (lambda x: tf.clip_by_value(x, -1.0, 1.0), 1.5, 0.0),
        (lambda x: tf.clip_by_value(x, -1.0, 1.0), -1.5, 0.0),
        (tf.sign, 3.0, 0.0),
    ],
)
def test_slopes_at_kinks(f, x, slope):
    assert gradients(f, x) == [slope]


@pytest.mark.parametrize("f", [tf.maximum, tf.minimum])
def test_ties_go_to_the_first(f):
    assert gradients(f, 2.0, 2.0) == [1.0, 0.0]


@pytest.mark.parametrize("f", [tf.round, tf.rint, tf.floor, tf.ceil])
def test_rounding_has_no_gradient(f):
    assert gradients(f, 1.3) == [None]


def test_floordiv_has_no_gradient():
    assert gradients(tf.floordiv, 7.0, 2.0) == [None, None]


def test_comparison_has_no_gradient():
    assert gradients(lambda x: tf.cast(x > 1.0, tf.float32), 1.3) == [None]


@pytest.mark.parametrize("x, y, quotient", [(7.0, 2.0, 3), (-7.0, 2.0, -4), (7.0, -2.0, -4)])
def test_mod_gradient(x, y, quotient):
    assert gradients(tf.mod, x, y) == [1.0, -quotient]


def test_pow_at_0():
    assert gradients(tf.pow, 0.0, 2.0) == [0.0, 0.0]
    slope, exponents = gradients(tf.pow, 0.0, 0.0)
    assert np.isnan(slope) and exponents == 0.0


def test_pow_below_0_has_no_slope_in_the_exponent():
    assert gradients(tf.pow, -2.0, 3.0) == [12.0, 0.0]


@pytest.mark.parametrize("x", [0.0, 3.0, -3.0])
def test_all_derivatives_of_a_cube(x):
    """The fourth is 0 and connected, also at 0, where x⁻¹ is infinite."""
    values = derivatives(lambda x: x**3, tf.constant(x), 4)
    assert numbers(values) == [x**3, 3 * x**2, 6 * x, 6.0, 0.0]


def test_third_derivative_of_a_product_is_not_connected():
    assert numbers(derivatives(lambda x: x * x, tf.constant(3.0), 3)) == [9.0, 6.0, 2.0, None]
    assert numbers(derivatives(tf.square, tf.constant(3.0), 3)) == [9.0, 6.0, 2.0, None]


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


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_derivatives_of_lgamma_are_polygammas(order):
    x = tf.constant(2.3, tf.float64)
    value = numbers(derivatives(tf.lgamma, x, order))[-1]
    np.testing.assert_allclose(value, special.polygamma(order - 1, 2.3), rtol=1e-13)


def test_order_of_polygamma_has_no_gradient():
    assert gradients(tf.polygamma, 1.0, 2.0)[0] is None


# ------------------------------------------------------------------------------------------------------ division


def test_integers_divide_to_floats():
    assert tf.truediv(7, 2).dtype is tf.float64
    assert tf.truediv(tf.constant(7, tf.int16), 2).dtype is tf.float32
    assert tf.truediv(tf.constant(7, tf.uint8), 2).dtype is tf.float32
    assert tf.truediv(tf.constant(7, tf.int64), 2).numpy() == 3.5


def test_divide_of_python_numbers():
    assert tf.divide(7, 2) == 3.5 and type(tf.divide(7, 2)) is float


def test_python_numbers_take_the_first_ones_dtype():
    with pytest.warns(RuntimeWarning, match="truncated"):
        total = tf.add(1, 2.5)
    assert total.dtype is tf.int32 and total.numpy() == 3
    assert tf.add(1, 2.0).numpy() == 3
    assert tf.add(1.0, 2).dtype is tf.float32


def test_python_numbers_keep_their_digits_beside_float64():
    assert (tf.constant(1.0, tf.float64) * 0.1).numpy() == 0.1


def test_div_floors_integers_only():
    assert tf.div(-7, 2).numpy() == -4
    assert tf.div(-7.0, 2.0).numpy() == -3.5


@pytest.mark.parametrize("f", [tf.floordiv, tf.mod, tf.div])
def test_integer_division_by_zero(f):
    with pytest.raises(InvalidArgumentError, match=r"Integer division by zero \[Op:Floor(Div|Mod)\]"):
        f([1, 2], [1, 0])


def test_float_division_by_zero_is_infinite():
    assert tf.floordiv(1.0, 0.0).numpy() == np.inf
    assert tf.truediv(1, 0).numpy() == np.inf


def test_floordiv_of_floats_is_the_floor_of_the_quotient():
    assert tf.floordiv(tf.constant(1.0, tf.float64), 0.1).numpy() == 10  # Python's 1 // 0.1 is 9


def test_negative_power_of_an_integer():
    with pytest.raises(InvalidArgumentError, match=r"negative integer powers.*\[Op:Pow\]"):
        tf.pow(2, -1)


def test_integers_overflow_around():
    assert (tf.constant(2**31 - 1) + 1).numpy() == -(2**31)


def test_aliases():
    assert tf.floormod is tf.mod and tf.floor_div is tf.floordiv


# ------------------------------------------------------------------------------------------------------ errors


def test_incompatible_shapes():
    with pytest.raises(
        InvalidArgumentError,
        match=r"Incompatible shapes: \[2\] vs. \[3\] \[Op:Add\].*float32 \(2,\) and float32 \(3,\)",
    ):
        tf.add([1.0, 2.0], [1.0, 2.0, 3.0])


def test_dtypes_must_agree():
    with pytest.raises(InvalidArgumentError, match="cannot compute Mul as input #1 was expected to be a float tensor"):
        tf.multiply(tf.constant(1.0), tf.constant(1))


@pytest.mark.parametrize("f", [tf.exp, tf.erf, tf.lgamma, tf.floor, tf.is_nan])
def test_integers_are_refused(f):
    with pytest.raises(InvalidArgumentError, match="int32 is not in the list of allowed values.*tf.cast"):
        f(1)


@pytest.mark.parametrize("f", [tf.erf, math.softplus, tf.floor, tf.round])
def test_complex_numbers_are_refused(f):
    with pytest.raises(InvalidArgumentError, match="complex128 is not in the list"):
        f(tf.constant(1j))


def test_truth_values_are_no_numbers():
    with pytest.raises(InvalidArgumentError, match="bool is not in the list"):
        tf.add(True, False)
    with pytest.raises(InvalidArgumentError, match="int32 is not in the list.*bool"):
        tf.logical_and(1, 0)


@pytest.mark.parametrize("inputs", [[], 3.0])
def test_add_n_wants_a_list(inputs):
    with pytest.raises(ValueError, match="a list of at least one Tensor"):
        tf.add_n(inputs)


def test_add_n_does_not_broadcast():
    with pytest.raises(
        InvalidArgumentError, match=r"must have the same size and shape. Input 0: \[2\] != input 1: \[1\].*AddN"
    ):
        tf.add_n([[1.0, 2.0], [1.0]])


def test_accumulate_n_checks_what_it_is_told():
    with pytest.raises(ValueError, match="incompatible"):
        tf.accumulate_n([[1.0, 2.0]], shape=[3])
    with pytest.raises(TypeError, match="tensor_dtype is int32, but input is of type float32"):
        tf.accumulate_n([[1.0, 2.0]], tensor_dtype=tf.int32)


@pytest.mark.parametrize("f", [tf.cumsum, tf.cumprod])
def test_running_along_no_axis(f):
    with pytest.raises(InvalidArgumentError, match=r"Invalid axis: axis 1 .*Op:Cum.*from -1 to 0"):
        f([1.0, 2.0], axis=1)
    with pytest.raises(InvalidArgumentError, match="a scalar has no axes"):
        f(1.0)


@pytest.mark.parametrize("value, found", [(np.nan, "NaN"), (np.inf, "Inf"), ([np.nan, -np.inf], "Inf and NaN")])
def test_check_numerics(value, found):
    with pytest.raises(InvalidArgumentError, match=rf"the loss : Tensor had {found} values \[Op:CheckNumerics\]"):
        tf.check_numerics(tf.constant(value), "the loss")


def test_check_numerics_checks_gradients():
    x = tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sqrt(tf.check_numerics(x, "x"))
    with pytest.raises(InvalidArgumentError, match="detected in gradient. : Tensor had Inf values"):
        tape.gradient(y, x)


def test_keyword_arguments_have_tensorflow_names():
    assert tf.atan2(x=1.0, y=0.0).numpy() == 0 and tf.atan2(x=0.0, y=1.0).numpy() > 1.5
    assert tf.polygamma(x=1.0, a=0.0).numpy() < 0
    np.testing.assert_allclose(tf.zeta(q=1.0, x=2.0).numpy(), np.pi**2 / 6, rtol=1e-6)
    assert math.softplus(features=0.0, name="ignored").numpy() > 0
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        tf.exp(y=1.0)


# --------------------------------------------------------------------------------------- values at the edges


def test_round_is_half_to_even():
    assert tf.round([0.5, 1.5, 2.5, -0.5, -1.5]).numpy().tolist() == [0, 2, 2, 0, -2]


@pytest.mark.parametrize("f", [tf.exp, tf.sigmoid, tf.erf, tf.lgamma, tf.rsqrt, math.softplus, tf.round, tf.abs])
@pytest.mark.parametrize("dtype", [tf.float16, tf.float32, tf.float64])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 1)])
def test_dtype_and_shape_are_kept(f, dtype, shape):
    y = f(tf.constant(np.ones(shape), dtype))
    assert y.dtype is dtype and y.shape == shape


def test_extremes_do_not_overflow():
    big = tf.constant([-1000.0, 1000.0])
    assert tf.sigmoid(big).numpy().tolist() == [0, 1]
    assert math.softplus(big).numpy().tolist() == [0, 1000]
    assert tf.log_sigmoid(big).numpy().tolist() == [-1000, 0]
    assert math.softsign(tf.constant([-1e30, 1e30])).numpy().tolist() == [-1, 1]


def test_infinite_gradients_stop_where_maximum_takes_the_other():
    """0 times infinity would be NaN."""
    assert gradients(lambda x: tf.maximum(x, 0.0) * np.inf, -1.0) == [0.0]


def test_nan_goes_through_maximum():
    assert np.isnan(tf.maximum(np.nan, 1.0).numpy()) and np.isnan(tf.minimum(1.0, np.nan).numpy())


def test_strings_are_compared():
    assert tf.equal(["a", "b"], "b").numpy().tolist() == [False, True]
    assert tf.not_equal(["a", "b"], "b").numpy().tolist() == [True, False]


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


# --------------------------------------------------------------------------------------------- along an axis


def test_running_products_over_several_zeros():
    """The gradient of Σ cumprod([2, 0, 3, 0]) = 2 + 0 + 0 + 0."""
    assert gradients(tf.cumprod, [2.0, 0.0, 3.0, 0.0]) == [[1.0, 8.0, 0.0, 0.0]]


def test_running_products_keep_small_integers():
    assert tf.cumprod(tf.constant([100, 2], tf.int8)).numpy().tolist() == [100, -56]
    assert tf.cumsum(tf.constant([100, 100], tf.int8)).dtype is tf.int8


@pytest.mark.parametrize("reverse", [False, True])
def test_linear_recurrence(reverse):
    a, b = np.random.default_rng(0).normal(size=(2, 5))
    s = math._linear_recurrence(tf.constant(a), tf.constant(b), axis=0, reverse=reverse).numpy()
    before = np.append(s[1:], 0) if reverse else np.append(0, s[:-1])
    np.testing.assert_allclose(s, a * before + b, rtol=1e-15)


# ------------------------------------------------------------------------------------------------- clipping


def test_clip_by_value_does_not_stretch():
    with pytest.raises(InvalidArgumentError, match="Incompatible shapes: clip_by_value was given float32 .* broadcast"):
        tf.clip_by_value(1.0, [0.0, 0.0], 1.0)


def test_clipping_zeros_leaves_their_slope():
    assert gradients(lambda x: tf.clip_by_norm(x, 1.0), [0.0, 0.0]) == [[1.0, 1.0]]
    assert gradients(lambda x: tf.clip_by_global_norm([x], 1.0)[0][0], [0.0, 0.0]) == [[1.0, 1.0]]


@pytest.mark.parametrize("clip_norm", [1e25, np.inf])
def test_clipping_at_a_huge_norm_changes_nothing(clip_norm):
    assert tf.clip_by_norm([3.0, 4.0], clip_norm).numpy().tolist() == [3, 4]
    assert tf.clip_by_global_norm([[3.0, 4.0]], clip_norm)[0][0].numpy().tolist() == [3, 4]


def test_global_norm_keeps_none_and_sparse_entries():
    rows = indexed_slices.IndexedSlices(tf.constant([[3.0, 0.0]]), tf.constant([1]), dense_shape=[5, 2])
    (clipped, nothing, other), norm = tf.clip_by_global_norm([rows, None, tf.constant([4.0])], 1.0)
    assert nothing is None and norm.numpy() == 5
    assert isinstance(clipped, indexed_slices.IndexedSlices) and clipped.shape == [5, 2]
    np.testing.assert_allclose(clipped.values.numpy(), [[0.6, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(other.numpy(), [0.8], rtol=1e-6)


@pytest.mark.parametrize("f", [tf.global_norm, lambda t: tf.clip_by_global_norm(t, 1.0)])
def test_global_norm_wants_a_list(f):
    with pytest.raises(TypeError, match="t_list should be a sequence"):
        f(tf.constant([1.0]))
