"""What the table of samples cannot say of minitfe.ops.reduction: errors, ties, zeros, empty tensors and dtypes."""

import numpy as np
import pytest

import minitfe as tf


def gradient(f, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x).numpy()


FLOATING = [tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod, tf.reduce_logsumexp]
ALL = [*FLOATING, tf.reduce_all, tf.reduce_any]


@pytest.mark.parametrize("function", ALL, ids=lambda f: f.__name__)
def test_a_bad_axis_is_named(function):
    x = tf.constant([True]) if function in (tf.reduce_all, tf.reduce_any) else tf.constant([1.0])
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"Invalid reduction dimension \(3 for input with 1 dimension\(s\)"
    ):
        function(x, axis=3)


def test_a_bad_axis_of_argmax_is_named():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Expected dimension in the range \[-1, 1\), but got 2"):
        tf.argmax([1.0], axis=2)


@pytest.mark.parametrize("function", FLOATING, ids=lambda f: f.__name__)
def test_axes_come_as_lists_tensors_and_under_older_names(function):
    x = np.arange(24.0).reshape(2, 3, 4) / 7
    wanted = function(x, axis=[0, 2], keepdims=True).numpy()
    assert wanted.shape == (1, 3, 1)
    for axis in ((0, 2), [-1, 0], np.array([0, 2]), tf.constant([2, 0])):
        np.testing.assert_array_equal(function(x, axis, True).numpy(), wanted)
    np.testing.assert_array_equal(function(x, reduction_indices=[0, 2], keep_dims=True).numpy(), wanted)


@pytest.mark.parametrize(
    "function", [tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "float16", "float32"])
def test_dtypes_stay(function, dtype):
    assert function(np.ones((2, 2), dtype)).dtype == dtype


def test_sums_of_small_integers_wrap():
    assert int(tf.reduce_sum(np.array([200, 100], np.uint8))) == 44
    assert int(tf.reduce_prod(np.array([100, 2], np.int8))) == -56


def test_the_mean_of_integers_is_rounded_towards_zero():
    assert tf.reduce_mean([[1, 2], [-1, -2]], axis=1).numpy().tolist() == [1, -1]


def test_the_mean_of_more_halves_than_a_half_can_count():
    x = tf.ones([100000], tf.float16)
    with tf.GradientTape() as tape:
        tape.watch(x)
        mean = tf.reduce_mean(x)
    assert mean.numpy() == 1
    np.testing.assert_array_equal(tape.gradient(mean, x), np.full(100000, 1e-5, np.float16))


def test_reductions_of_nothing():
    nothing = tf.constant([], tf.float32)
    assert float(tf.reduce_max(nothing)) == -np.inf
    assert float(tf.reduce_min(nothing)) == np.inf
    assert float(tf.reduce_sum(nothing)) == 0
    assert float(tf.reduce_prod(nothing)) == 1
    assert float(tf.reduce_logsumexp(nothing)) == -np.inf
    assert np.isnan(float(tf.reduce_mean(nothing)))
    assert bool(tf.reduce_all(tf.constant([], tf.bool)))
    assert not bool(tf.reduce_any(tf.constant([], tf.bool)))


def test_the_largest_of_no_integers_is_the_lowest():
    nothing = tf.constant([], tf.int32)
    assert int(tf.reduce_max(nothing)) == -(2**31)
    assert int(tf.reduce_min(nothing)) == 2**31 - 1


def test_a_line_of_an_empty_matrix_has_a_gradient_of_its_shape():
    for function in FLOATING:
        assert gradient(lambda x: function(x, axis=1), np.zeros((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("function", FLOATING, ids=lambda f: f.__name__)
def test_a_scalar_reduces_to_itself(function):
    assert float(function(3.0)) == 3
    assert gradient(function, 3.0) == 1


@pytest.mark.parametrize("function", [tf.reduce_max, tf.reduce_min])
def test_ties_share_the_gradient(function):
    np.testing.assert_array_equal(gradient(function, [2.0, 2.0]), [0.5, 0.5])
    x = [[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]]
    np.testing.assert_allclose(gradient(lambda x: function(x, axis=1), x), np.full((2, 3), 1 / 3), rtol=1e-6)


def test_products_have_a_gradient_at_zero():
    np.testing.assert_array_equal(gradient(tf.reduce_prod, [2.0, 0.0, 5.0]), [0, 10, 0])
    np.testing.assert_array_equal(gradient(tf.reduce_prod, [0.0, 3.0, 0.0]), [0, 0, 0])
    np.testing.assert_array_equal(gradient(tf.reduce_prod, [7.0]), [1])


def test_the_third_derivative_of_a_product_at_zero():
    """d³(abcd)/da db dc = d, where a = b = c = 0."""
    x = tf.constant([0.0, 0.0, 0.0, 5.0])
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = tf.reduce_prod(x)
            da = first.gradient(y, x)
            da = tf.reduce_sum(da * [1.0, 0.0, 0.0, 0.0])
        db = second.gradient(da, x)
        db = tf.reduce_sum(db * [0.0, 1.0, 0.0, 0.0])
    np.testing.assert_array_equal(third.gradient(db, x).numpy(), [0, 0, 5, 0])


def test_logsumexp_neither_overflows_nor_underflows():
    assert float(tf.reduce_logsumexp(tf.constant([1000.0, 1000.0]))) == pytest.approx(1000 + np.log(2))
    assert float(tf.reduce_logsumexp(tf.constant([-1000.0, -1000.0]))) == pytest.approx(-1000 + np.log(2))
    assert float(tf.reduce_logsumexp(tf.constant([-np.inf, -np.inf]))) == -np.inf
    assert float(tf.reduce_logsumexp(tf.constant([-np.inf, 3.0]))) == 3
    assert float(tf.reduce_logsumexp(tf.constant([np.inf, 3.0]))) == np.inf
    np.testing.assert_array_equal(gradient(tf.reduce_logsumexp, [-np.inf, 3.0]), [0, 1])


def test_argmax_searches_the_first_axis_and_gives_int64():
    index = tf.argmax([[1.0, 9.0], [5.0, 2.0]])
    assert index.dtype is tf.int64
    assert index.numpy().tolist() == [1, 0]
    assert tf.argmin([[1.0, 9.0], [5.0, 2.0]], output_type=tf.int32).dtype is tf.int32


def test_argmax_takes_the_first_of_equal_elements():
    assert int(tf.argmax([3.0, 7.0, 7.0])) == 1
    assert int(tf.argmin([3.0, 1.0, 1.0])) == 1


def test_argmax_of_nothing_is_an_error():
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Reduction axis 0 is empty in shape \[0,2\]"):
        tf.argmax(np.zeros((0, 2)))


def test_argmax_gives_whole_numbers_only():
    with pytest.raises(TypeError, match="output_type must be tf.int32 or tf.int64, not float32"):
        tf.argmax([1.0], output_type=tf.float32)


def test_argmax_has_no_gradient():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.cast(tf.argmax(x), tf.float32)
    assert tape.gradient(y, x) is None


def test_the_gradient_of_a_norm_at_zero_is_nan():
    assert np.isnan(gradient(tf.norm, [0.0, 0.0])).all()


def test_norms_of_complex_numbers():
    assert complex(tf.norm(tf.constant([3 + 4j, 0]))) == 5


def test_unknown_norms_are_refused():
    with pytest.raises(ValueError, match="'ord' must be a supported vector norm.*got -1"):
        tf.norm([1.0], ord=-1)
    with pytest.raises(ValueError, match="'ord' must be a supported matrix norm.*got 2"):
        tf.norm([[1.0]], ord=2, axis=(0, 1))
    with pytest.raises(ValueError, match="'axis' must be None, an integer, or a tuple of 2 unique integers"):
        tf.norm([[1.0]], axis=(0, 0))
    with pytest.raises(ValueError, match="'axis' must be None, an integer, or a tuple of 2 unique integers"):
        tf.norm([[[1.0]]], axis=(0, 1, 2))


def test_count_nonzero_counts_what_is_true():
    counts = tf.count_nonzero([[True, False], [True, True]], axis=1, dtype=tf.int32)
    assert counts.dtype is tf.int32
    assert counts.numpy().tolist() == [1, 2]


def test_booleans_have_no_sum():
    with pytest.raises(tf.errors.InvalidArgumentError, match="reduce_sum does not work on bool"):
        tf.reduce_sum([True, False])
    with pytest.raises(tf.errors.InvalidArgumentError, match="reduce_all does not work on float32"):
        tf.reduce_all([1.0])
