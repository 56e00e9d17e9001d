"""Tensors: what they are, print as, convert to, and refuse."""

import copy
import pickle

import numpy as np
import pytest

import minitfe as tf


def test_printing_is_tensorflows():
    assert str(tf.constant(42)) == "tf.Tensor(42, shape=(), dtype=int32)"
    assert str(tf.constant(10.0)) == "tf.Tensor(10.0, shape=(), dtype=float32)"
    assert str(tf.constant([1, 2])) == "tf.Tensor([1 2], shape=(2,), dtype=int32)"
    assert str(tf.constant([[1, 2], [3, 4]])) == "tf.Tensor(\n[[1 2]\n [3 4]], shape=(2, 2), dtype=int32)"
    assert str(tf.constant([[2.0]])) == "tf.Tensor([[2.]], shape=(1, 1), dtype=float32)"
    assert str(tf.constant("ab")) == "tf.Tensor(b'ab', shape=(), dtype=string)"


def test_repr_carries_an_id_that_stays():
    x, y = tf.constant(42), tf.constant([[1.0, 2.0]])
    number = x.identity_number
    assert repr(x) == f"<tf.Tensor: id={number}, shape=(), dtype=int32, numpy=42>" == repr(x)
    assert (
        repr(y) == f"<tf.Tensor: id={number + 1}, shape=(1, 2), dtype=float32, numpy=array([[1., 2.]], dtype=float32)>"
    )


def test_formats():
    assert (
        f"{tf.constant(3.14159):.2f}" == "3.14"
        and "%.1f" % tf.constant(2.0) == "2.0"
        and "%d" % tf.constant(25) == "25"
    )
    assert f"hello, {tf.constant([[4.0]])}" == "hello, [[4.]]"


def test_python_numbers():
    assert int(tf.constant(3.7)) == 3 and float(tf.constant([2.5])) == 2.5 and complex(tf.constant(1 + 2j)) == 1 + 2j
    assert bool(tf.constant(True)) and not tf.constant(False)
    assert list(range(5))[tf.constant(2)] == 2
    with pytest.raises(TypeError, match="only size-1 arrays can be converted to Python scalars.*shape \\(2,\\)"):
        float(tf.constant([1.0, 2.0]))
    with pytest.raises(TypeError, match="only integer scalar tensors can be used as an index, not float32"):
        range(tf.constant(2.0))


def test_truth_is_for_bool_scalars():
    with pytest.raises(ValueError, match="Non-boolean tensor .* cannot be converted to boolean"):
        bool(tf.constant(2))
    with pytest.raises(ValueError, match="Non-scalar tensor .* cannot be converted to boolean"):
        bool(tf.constant([True]))


def test_equality_is_identity_and_tensors_hash():
    x, y = tf.constant(1), tf.constant(1)
    assert x == x and not x == y and x != y and (x == 1) is False
    assert {x: "x", y: "y"}[y] == "y"


def test_length_and_iteration():
    x = tf.constant([[1, 2], [3, 4]])
    assert len(x) == 2 and [row.numpy().tolist() for row in x] == [[1, 2], [3, 4]]
    with pytest.raises(TypeError, match="Cannot iterate over a scalar tensor"):
        iter(tf.constant(1))
    with pytest.raises(TypeError, match="A scalar tensor has no len"):
        len(tf.constant(1))


def test_iterating_keeps_gradients():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = sum((part * part for part in x), start=tf.constant(0.0))
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), [2.0, 4.0])


def test_shape_dtype_and_device():
    x = tf.constant([[1.0, 2.0]])
    assert x.shape == (1, 2) and x.get_shape() == [1, 2] and x.shape[1].value == 2 and x.ndim == 2
    assert x.dtype is tf.float32 and x.dtype == np.float32 and x.dtype == "float32"
    assert x.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    x.set_shape([None, 2])
    with pytest.raises(ValueError, match=r"Tensor's shape \(1, 2\) is not compatible with supplied shape \[2\]"):
        x.set_shape([2])


def test_nothing_outside_can_change_a_tensor():
    numbers = np.array([1.0, 2.0])
    x = tf.constant(numbers)
    numbers[0] = 9
    handed_out = [x.numpy(), np.asarray(x), np.array(x), np.from_dlpack(x)]
    for array in handed_out:
        array[0] = 7
    np.testing.assert_array_equal(x.numpy(), [1.0, 2.0])


def test_item_assignment_is_refused_with_a_recipe():
    with pytest.raises(
        TypeError, match=r"Tensors never change, so t\[0\] = value is not possible.*tf.where.*tf.Variable"
    ):
        tf.constant([1.0])[0] = 2.0


def test_numpy_takes_tensors():
    x = tf.constant([[1, 2], [3, 4]])
    product = np.multiply(x, x)
    assert isinstance(product, np.ndarray) and product.tolist() == [[1, 4], [9, 16]]
    assert np.asarray(x, dtype=np.float64).dtype == np.float64 and np.sum(x) == 10
    assert isinstance(tf.constant(1.0).numpy(), np.float32) and tf.constant("ä").numpy() == "ä".encode()
    with pytest.raises(ValueError, match="hands out copies only"):
        np.asarray(x, copy=False)


@pytest.mark.parametrize("other", [np.array([1.0, 2.0]), np.float64(2.0), [1.0, 2.0], 2.0])
def test_beside_a_tensor_everything_takes_its_dtype(other):
    x = tf.constant([3.0, 4.0])
    for result in (x + other, other + x, x * other, other * x, x - other, other - x, x / other, other / x):
        assert isinstance(result, tf.Tensor) and result.dtype is tf.float32


def test_dlpack_says_that_it_is_on_the_cpu():
    assert tf.constant(1.0).__dlpack_device__() == (1, 0)


def test_copies_and_pickle():
    x = tf.constant([1.0])
    assert copy.copy(x) is not x and copy.deepcopy([x])[0].numpy() == [1.0]
    with pytest.raises(TypeError, match="Tensors are not pickled"):
        pickle.dumps(x)


def test_what_only_graph_tensors_have():
    x = tf.constant(1.0)
    for name in ("name", "op", "graph"):
        with pytest.raises(AttributeError, match=f"Tensor.{name} is meaningless when eager execution is enabled"):
            getattr(x, name)
    with pytest.raises(
        NotImplementedError, match=r"eval is not supported when eager execution is enabled, is .numpy\(\) what"
    ):
        x.eval()
    with pytest.raises(NotImplementedError, match="consumers"):
        x.consumers()


def test_cpu_gives_a_new_tensor_and_gpu_says_what_is_there():
    x = tf.constant([1.0])
    assert x.cpu() is not x and x.cpu().numpy() == [1.0]
    with pytest.raises(RuntimeError, match="GPU:7 unknown device. Devices that are here: /job:localhost.*CPU:0"):
        x.gpu(7)


def test_dtypes_differ_and_the_message_says_how_to_mend_it():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.constant(1) + tf.constant(1.0)
    assert str(caught.value) == (
        "cannot compute Add as input #1 was expected to be a int32 tensor but is a float tensor [Op:Add]. add was given"
        " int32 () and float32 (); make them one dtype, for instance with tf.cast(x, tf.int32)."
    )


def test_shapes_differ_and_the_message_says_which():
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.ones([2]) + tf.ones([3])
    assert str(caught.value) == (
        "Incompatible shapes: [2] vs. [3] [Op:Add]. add() was given float32 (2,) and float32 (3,) on /cpu:0; align the shapes"
        " at their last axes: sizes must be equal there, or one of them 1."
    )
    assert caught.value.error_code == 3 and caught.value.op is None and caught.value.message == str(caught.value)


def test_a_dtype_that_an_op_does_not_take():
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Value for attr 'T' of int32 is not in the list .* tf.cast"
    ):
        tf.tanh(tf.constant(1))


def test_a_truncated_number_is_warned_of():
    with pytest.warns(RuntimeWarning, match="1.5 beside a tensor of dtype int32 is truncated"):
        assert int(tf.constant(1) + 1.5) == 2
