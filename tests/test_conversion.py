"""tf.constant and tf.convert_to_tensor: TensorFlow's rules for what becomes what."""

import numpy as np
import pytest

import minitfe as tf


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, tf.int32),
        (2**31, tf.int64),
        (-(2**40), tf.int64),
        (1.5, tf.float32),
        (True, tf.bool),
        ("a", tf.string),
        (b"a", tf.string),
        (1j, tf.complex128),
        ([1, 2.5], tf.float32),
        ([], tf.float32),
        ([[1], [2]], tf.int32),
        (np.float64(1), tf.float64),
        (np.arange(3), tf.int64),
        (np.array([1.0, 2.0], "f2"), tf.float16),
        ([np.float64(1), np.float64(2)], tf.float64),
        ([np.zeros(2), np.ones(2)], tf.float64),
        (np.array(["a", "bc"]), tf.string),
        (range(3), tf.int32),
    ],
)
def test_natural_dtypes(value, dtype):
    assert tf.constant(value).dtype is dtype
    assert tf.convert_to_tensor(value).dtype is dtype


@pytest.mark.parametrize(
    "name",
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split(),
)
def test_every_dtype_can_be_asked_for(name):
    dtype = getattr(tf, name)
    x = tf.constant([0, 1], dtype)
    assert x.dtype is dtype and x.numpy().dtype == dtype.as_numpy_dtype and dtype.name == name
    assert tf.constant([0, 1], name).dtype is dtype and tf.constant([0, 1], dtype.as_numpy_dtype).dtype is dtype


def test_floats_are_truncated_where_integers_are_asked_for():
    assert int(tf.constant(1.5, dtype=tf.int32)) == 1


@pytest.mark.parametrize(
    ("value", "dtype", "message"),
    [
        ([[1, 2], [3]], None, "Can't convert non-rectangular Python sequence to Tensor"),
        (None, None, r"Attempt to convert a value \(None\) with an unsupported type"),
        ({"a": 1}, None, "Attempt to convert a value .* with an unsupported type"),
        (object(), None, "Attempt to convert a value .* with an unsupported type"),
        ([True, 1], None, "mixed types"),
        (["a", 1], None, "mixed types"),
        (2**70, None, "out-of-range integer"),
        (300, "int8", "out-of-range integer"),
        (-1, "uint8", "out-of-range integer"),
        ("a", "float32", "strings and numbers do not mix"),
        (1, "string", "strings and numbers do not mix"),
        (1j, "float32", "tf.real"),
    ],
)
def test_what_cannot_become_a_tensor(value, dtype, message):
    with pytest.raises(ValueError, match=message):
        tf.constant(value, dtype)


def test_a_dtype_that_is_none():
    with pytest.raises(TypeError, match="Cannot convert value 'float99' to a TensorFlow DType"):
        tf.constant(1, dtype="float99")
    with pytest.raises(TypeError, match="datetime64"):
        tf.constant(np.array(["2020-01-01"], "M8[D]"))


def test_constant_with_a_shape():
    assert tf.constant(7, shape=[2, 2]).numpy().tolist() == [[7, 7], [7, 7]]
    assert tf.constant([1, 2, 3, 4], shape=[2, 2]).numpy().tolist() == [[1, 2], [3, 4]]
    with pytest.raises(
        TypeError, match=r"unsupported shape \(value has 3 elements, shape is \(2, 2\) with 4 elements\)"
    ):
        tf.constant([1, 2, 3], shape=[2, 2])
    with pytest.raises(TypeError, match="Expected Tensor's shape"):
        tf.constant([1, 2], shape=[2, 1], verify_shape=True)


def test_lists_with_tensors_in_them_are_packed():
    t = tf.constant(1.0)
    assert tf.convert_to_tensor([t, 2.0]).numpy().tolist() == [1.0, 2.0]
    assert tf.convert_to_tensor([[t, 2.0], [3.0, t]]).numpy().tolist() == [[1.0, 2.0], [3.0, 1.0]]
    with pytest.raises(ValueError, match="list with tensors"):
        tf.constant([t, t])


def test_packing_keeps_gradients():
    t = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(t)
        y = tf.reduce_sum(tf.convert_to_tensor([t, 3.0, t]) * [1.0, 1.0, 5.0])
    assert float(tape.gradient(y, t)) == 6.0


def test_a_tensor_stays_itself_or_is_refused():
    t = tf.constant(1.0)
    assert tf.convert_to_tensor(t) is t and tf.convert_to_tensor(t, tf.float32) is t
    with pytest.raises(
        ValueError, match="Tensor conversion requested dtype int32 for Tensor with dtype float32.*tf.cast"
    ):
        tf.convert_to_tensor(t, tf.int32)


def test_a_preferred_dtype_is_used_if_it_can_be():
    assert tf.convert_to_tensor(1, preferred_dtype=tf.float64).dtype is tf.float64
    assert tf.convert_to_tensor("a", preferred_dtype=tf.float64).dtype is tf.string


def test_minus_zero_and_zero_are_different_numbers_beside_a_tensor():
    x = tf.constant(1.0)
    assert np.signbit((x * 0.0).numpy()) == False and np.signbit((x * -0.0).numpy()) == True  # noqa: E712


@pytest.mark.parametrize("number", [float("nan"), float("inf"), [1.0, float("nan")]])
def test_what_is_no_number_does_not_become_an_integer(number):
    with pytest.raises(ValueError, match="out-of-range integer"):
        tf.constant(number, tf.int32)


def test_none_among_numbers_is_named():
    with pytest.raises(ValueError, match=r"Attempt to convert a value \(.*\) with an unsupported type"):
        tf.constant([1, None, 2])


def test_a_constant_has_a_shape_that_can_be():
    with pytest.raises(tf.errors.ResourceExhaustedError, match="Unable to allocate"):
        tf.constant(1.0, shape=[10**14])
    with pytest.raises(ValueError, match="not fully defined"):
        tf.constant(1.0, shape=[None])
    for shape in ("a", 1.5, [1.5]):
        with pytest.raises(TypeError, match="Dimension must be an integer or None, not"):
            tf.constant(1.0, shape=shape)


@pytest.mark.parametrize("dtype", [None, "float33", tf.constant(1), {}])
def test_what_is_no_dtype(dtype):
    with pytest.raises(TypeError, match="Cannot convert value .* to a TensorFlow DType; use one of bool"):
        tf.zeros([2], dtype)
    assert tf.float64 != dtype


@pytest.mark.parametrize("value", [b"a\0", "a\0", b"\0\0"])
def test_strings_keep_zero_bytes_at_their_end(value):
    encoded = value if isinstance(value, bytes) else value.encode()
    assert tf.constant(value).numpy() == encoded
    assert tf.constant([[value], [b"longer"]]).numpy().tolist() == [[encoded], [b"longer"]]
