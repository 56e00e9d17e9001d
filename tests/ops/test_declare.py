"""What all elementwise ops have in common: dtypes that are kept or refused, shapes, and the names of arguments."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError


@pytest.mark.parametrize("f", [tf.exp, tf.sigmoid, tf.erf, tf.lgamma, tf.rsqrt, tf.nn.softplus, tf.round, tf.abs])
@pytest.mark.parametrize("dtype", [tf.float16, tf.float32, tf.float64])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 1)])
def test_dtype_and_shape_are_kept(f, dtype, shape):
    y = f(tf.constant(np.ones(shape), dtype))
    assert y.dtype is dtype and y.shape == shape


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


@pytest.mark.parametrize("f", [tf.erf, tf.nn.softplus, tf.floor, tf.round])
def test_complex_numbers_are_refused(f):
    with pytest.raises(InvalidArgumentError, match="complex128 is not in the list"):
        f(tf.constant(1j))


def test_truth_values_are_no_numbers():
    with pytest.raises(InvalidArgumentError, match="bool is not in the list"):
        tf.add(True, False)
    with pytest.raises(InvalidArgumentError, match="int32 is not in the list.*bool"):
        tf.logical_and(1, 0)


def test_keyword_arguments_have_tensorflow_names():
    assert tf.atan2(x=1.0, y=0.0).numpy() == 0 and tf.atan2(x=0.0, y=1.0).numpy() > 1.5
    assert tf.polygamma(x=1.0, a=0.0).numpy() < 0
    np.testing.assert_allclose(tf.zeta(q=1.0, x=2.0).numpy(), np.pi**2 / 6, rtol=1e-6)
    assert tf.nn.softplus(features=0.0, name="ignored").numpy() > 0
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        tf.exp(y=1.0)
