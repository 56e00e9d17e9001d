"""Arithmetic where the sample table cannot say it: slopes at kinks, dtypes, overflow, and errors."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError

from .calculus import derivatives, gradients, numbers

# -------------------------------------------------------------------------------------------------------------- slopes


@pytest.mark.parametrize("f, x, slope", [(tf.abs, 0.0, 0.0), (tf.sign, 3.0, 0.0)])
def test_slopes_of_size_and_sign(f, x, slope):
    assert gradients(f, x) == [slope]


@pytest.mark.parametrize("f", [tf.round, tf.rint, tf.floor, tf.ceil])
def test_rounding_has_no_gradient(f):
    assert gradients(f, 1.3) == [None]


def test_floordiv_has_no_gradient():
    assert gradients(tf.floordiv, 7.0, 2.0) == [None, None]


@pytest.mark.parametrize("x, y, quotient", [(7.0, 2.0, 3), (-7.0, 2.0, -4), (7.0, -2.0, -4)])
def test_mod_gradient(x, y, quotient):
    assert gradients(tf.mod, x, y) == [1.0, -quotient]


def test_third_derivative_of_a_product_is_not_connected():
    assert numbers(derivatives(lambda x: x * x, tf.constant(3.0), 3)) == [9.0, 6.0, 2.0, None]
    assert numbers(derivatives(tf.square, tf.constant(3.0), 3)) == [9.0, 6.0, 2.0, None]


# ------------------------------------------------------------------------------------------------------------- numbers


def test_python_numbers_take_the_first_ones_dtype():
    with pytest.warns(RuntimeWarning, match="truncated"):
        total = tf.add(1, 2.5)
    assert total.dtype is tf.int32 and total.numpy() == 3
    assert tf.add(1, 2.0).numpy() == 3
    assert tf.add(1.0, 2).dtype is tf.float32


def test_python_numbers_keep_their_digits_beside_float64():
    assert (tf.constant(1.0, tf.float64) * 0.1).numpy() == 0.1


def test_integers_overflow_around():
    assert (tf.constant(2**31 - 1) + 1).numpy() == -(2**31)


def test_round_is_half_to_even():
    assert tf.round([0.5, 1.5, 2.5, -0.5, -1.5]).numpy().tolist() == [0, 2, 2, 0, -2]


# -------------------------------------------------------------------------------------------------------- sums of many


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


# ------------------------------------------------------------------------------------------------------------ division


def test_integers_divide_to_floats():
    assert tf.truediv(7, 2).dtype is tf.float64
    assert tf.truediv(tf.constant(7, tf.int16), 2).dtype is tf.float32
    assert tf.truediv(tf.constant(7, tf.uint8), 2).dtype is tf.float32
    assert tf.truediv(tf.constant(7, tf.int64), 2).numpy() == 3.5


def test_divide_of_python_numbers():
    assert tf.divide(7, 2) == 3.5 and type(tf.divide(7, 2)) is float


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


def test_aliases():
    assert tf.floormod is tf.mod and tf.floor_div is tf.floordiv
