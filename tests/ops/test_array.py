"""minitfe.ops.array: errors, dtypes, edges, and what the table of samples cannot say."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.graph.graph import trace
from minitfe.ops import array


def gradient(f, *xs):
    tensors = [tf.convert_to_tensor(x) for x in xs]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        y = f(*tensors)
    return tape.gradient(y, tensors)


# ---------------------------------------------------------------------------------------------------------- cast


def test_cast_to_the_same_dtype_is_the_tensor_itself():
    x = tf.constant([1.0])
    assert array.cast(x, tf.float32) is x
    assert array.cast(x, "float") is x


def test_cast_truncates_towards_zero():
    assert array.cast([1.9, -1.9], tf.int32).numpy().tolist() == [1, -1]


def test_gradient_of_cast_has_the_dtype_of_the_source():
    (g,) = gradient(lambda x: array.cast(x, tf.float64) * 2.0, [1.0, 2.0])
    assert g.dtype is tf.float32 and g.numpy().tolist() == [2, 2]


def test_cast_to_integers_has_no_gradient():
    (g,) = gradient(lambda x: array.cast(array.cast(x, tf.int32), tf.float32), [1.0])
    assert g is None


def test_cast_to_complex_has_a_real_gradient():
    def f(x):
        z = array.cast(x, tf.complex64)
        return array.cast(z * z, tf.float32)

    (g,) = gradient(f, [3.0])
    assert g.dtype is tf.float32 and g.numpy().tolist() == [6]


def test_cast_does_not_touch_strings():
    with pytest.raises(InvalidArgumentError, match=r"string is not in the list of allowed values.*\[Op:Cast\]"):
        array.cast(["1"], tf.float32)
    with pytest.raises(InvalidArgumentError, match=r"Cast int32 to string is not supported \[Op:Cast\]"):
        array.cast([1], tf.string)


def test_cast_with_a_wrong_dtype_is_a_type_error():
    with pytest.raises(TypeError, match="Cannot convert value 'number'"):
        array.cast([1], "number")


def test_saturate_cast_stays_in_range():
    assert tf.saturate_cast([-1e20, 2.7, 1e20], tf.int32).numpy().tolist() == [-(2**31), 2, 2**31 - 128]
    assert tf.saturate_cast(np.array([-1e300, 1e300]), tf.float32).numpy().tolist() == [
        -(2.0**128 - 2.0**104),
        2.0**128 - 2.0**104,
    ]
    assert tf.saturate_cast([-5, 300], tf.uint8).numpy().tolist() == [0, 255]
    assert tf.saturate_cast(np.array([-5, 5], np.int8), tf.uint64).numpy().tolist() == [0, 5]


def test_bitcast_of_an_axis_that_does_not_fit():
    with pytest.raises(InvalidArgumentError, match=r"Cannot bitcast.*last axis must have the size 4"):
        tf.bitcast(np.zeros((2, 3), np.uint8), tf.int32)


# --------------------------------------------------------------------------------------------------------- shapes


def test_shape_is_int32_and_an_op_in_graphs():
    assert tf.shape([[1], [2]]).dtype is tf.int32
    graph, (x,), y = trace(lambda x: array.shape(x), tf.zeros([2, 3]), sizes_known=False)
    assert y.shape == [2]
    assert graph.run(y, {x: np.ones((4, 5), np.float32)}).numpy().tolist() == [4, 5]


def test_reshape_takes_shapes_of_every_kind():
    x = tf.constant([1, 2, 3, 4])
    for shape in ([2, 2], (2, -1), tf.TensorShape([2, 2]), tf.constant([2, 2]), np.array([2, 2]), [tf.constant(2), 2]):
        assert tf.reshape(x, shape).shape == [2, 2]
    assert tf.reshape(x, -1).shape == [4]


def test_reshape_to_another_number_of_elements():
    with pytest.raises(
        InvalidArgumentError,
        match=r"Input to reshape is a tensor with 3 values, but the requested shape has 4 \[Op:Reshape\]",
    ):
        tf.reshape([1, 2, 3], [2, 2])
    with pytest.raises(InvalidArgumentError, match="requires a multiple of 2"):
        tf.reshape([1, 2, 3], [2, -1])
    with pytest.raises(InvalidArgumentError, match="at most one -1"):
        tf.reshape([1, 2, 3], [-1, -1])


def test_expand_dims_beyond_the_axes():
    with pytest.raises(InvalidArgumentError, match=r"axis 3 for an input with 1 dimension.*use an axis from -2 to 1"):
        tf.expand_dims([1, 2], 3)


def test_squeeze_of_an_axis_with_more_than_one():
    with pytest.raises(InvalidArgumentError, match=r"Can not squeeze dim\[1\], expected a dimension of 1, got 3"):
        tf.squeeze(tf.zeros([1, 3]), [1])


def test_squeeze_of_axis_zero_leaves_the_others():
    assert tf.squeeze(tf.zeros([1, 3, 1]), 0).shape == [3, 1]
    assert tf.squeeze(tf.zeros([1, 3, 1]), []).shape == [3]


def test_transpose_with_a_wrong_permutation():
    x = tf.zeros([2, 3])
    with pytest.raises(
        InvalidArgumentError, match="transpose expects a vector of size 2. But input.1. is a vector of size 3"
    ):
        tf.transpose(x, [0, 1, 2])
    with pytest.raises(InvalidArgumentError, match="1 is missing from perm"):
        tf.transpose(x, [0, 0])
    with pytest.raises(InvalidArgumentError, match="1 is missing from perm"):
        tf.transpose(x, [0, -1])
    with pytest.raises(ValueError, match="with rank >= 2"):
        tf.matrix_transpose([1, 2])


def test_gradient_of_conjugate_transpose():
    (g,) = gradient(lambda z: tf.transpose(z, conjugate=True) * 1j, np.array([[1 + 2j, 3.0]]))
    assert g.numpy().tolist() == [[1j, 1j]]


# ---------------------------------------------------------------------------------------------------- put together


def test_concat_of_sizes_that_differ():
    with pytest.raises(
        InvalidArgumentError,
        match=r"ConcatOp : Dimensions of inputs should match: shape\[0\] = \[1,1\] vs. shape\[1\] = \[2,1\]",
    ):
        tf.concat([[[1.0]], [[1.0], [2.0]]], axis=1)
    with pytest.raises(InvalidArgumentError, match="ConcatOp : Ranks of all input tensors should match"):
        tf.concat([[1.0], [[1.0]]], axis=0)


def test_concat_of_scalars_and_of_two_dtypes():
    with pytest.raises(InvalidArgumentError, match="a scalar has no axes"):
        tf.concat([1, 2], axis=0)
    with pytest.raises(
        InvalidArgumentError, match=r"expected to be a float tensor but is a int32 tensor \[Op:ConcatV2\]"
    ):
        tf.concat([tf.constant([1.0]), tf.constant([1])], 0)


def test_concat_takes_the_axis_as_a_tensor():
    assert tf.concat([[[1]], [[2]]], tf.constant(1)).numpy().tolist() == [[1, 2]]


def test_concat_of_one_is_a_new_tensor():
    x = tf.constant([1.0])
    assert tf.concat([x], 0) is not x


@pytest.mark.parametrize("join", [lambda xs: tf.concat(xs, 0), tf.stack], ids=["concat", "stack"])
def test_a_list_that_grows_later_does_not_change_what_was_joined(join):
    x = tf.constant([1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        parts = [x, x]
        y = join(parts)
        parts.append(x)
    assert tape.gradient(y, x).numpy().tolist() == [2]


@pytest.mark.parametrize("join", [lambda xs: tf.concat(xs, 0), tf.stack], ids=["concat", "stack"])
def test_joining_nothing(join):
    with pytest.raises(ValueError, match="was given an empty list"):
        join([])


def test_stack_of_different_shapes():
    with pytest.raises(InvalidArgumentError, match=r"Shapes of all inputs must match: values\[0\].shape = \[2\]"):
        tf.stack([[1, 2], [1]])


def test_split_that_does_not_come_out_even():
    with pytest.raises(
        InvalidArgumentError,
        match=r"Number of ways to split should evenly divide the split dimension, but got split_dim 0 \(size = 3\) and num_split 2",
    ):
        tf.split([1, 2, 3], 2)
    with pytest.raises(InvalidArgumentError, match="Number of ways"):
        tf.split([1, 2, 3], 0)


@pytest.mark.parametrize("sizes", [[1, 1], [1, 3], [4, -1], [-1, -1], [5, -2]])
def test_split_into_sizes_that_do_not_add_up(sizes):
    with pytest.raises(InvalidArgumentError, match=r"Determined shape must .* must add up to 3"):
        tf.split([1, 2, 3], sizes)


def test_split_takes_tensors():
    assert len(tf.split([1, 2], tf.constant(2))) == 2
    assert tf.split([1, 2, 3], tf.constant([1, 2]))[1].numpy().tolist() == [2, 3]


def test_an_unused_part_has_a_gradient_of_zeros():
    (g,) = gradient(lambda x: tf.split(x, 3)[1] * 2.0, [1.0, 2.0, 3.0])
    assert g.numpy().tolist() == [0, 2, 0]
    (g,) = gradient(lambda x: tf.unstack(x)[2] * 2.0, [1.0, 2.0, 3.0])
    assert g.numpy().tolist() == [0, 0, 2]


def test_unstack_with_a_wrong_number():
    with pytest.raises(InvalidArgumentError, match="Dimension 0 of the input is 3, not num=2"):
        tf.unstack([1, 2, 3], num=2)


# ---------------------------------------------------------------------------------------------------------- strings


def test_strings_are_rearranged_like_numbers():
    x = tf.constant([["a", "b"], ["c", "d"]])
    assert tf.transpose(x).numpy().tolist() == [[b"a", b"c"], [b"b", b"d"]]
    assert tf.reshape(x, [-1]).numpy().tolist() == [b"a", b"b", b"c", b"d"]
    assert tf.concat([x, x], 1)[0].numpy().tolist() == [b"a", b"b", b"a", b"b"]
    assert [part.numpy() for part in tf.unstack(x[0])] == [b"a", b"b"]
    assert tf.zeros_like(x).numpy().tolist() == [[b"", b""], [b"", b""]]
    assert tf.squeeze(tf.split(x[0], 2)[1]).numpy() == b"b"


def test_results_never_share_memory_that_can_be_written():
    x = tf.constant([1.0, 2.0])
    view = tf.reshape(x, [2, 1]).numpy()
    view[:] = 7
    assert x.numpy().tolist() == [1, 2]


def test_reshape_works_out_minus_1_only():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Size must be non-negative, with at most one -1"):
        tf.reshape([1, 2], [-5])


@pytest.mark.parametrize("function", [tf.stack, tf.shape_n, tf.identity_n])
def test_a_list_of_tensors_is_a_list(function):
    with pytest.raises(TypeError, match="must be a list of tensors, not 3"):
        function(3)


def test_bits_are_no_string():
    with pytest.raises(TypeError, match="bitcast makes numbers"):
        tf.bitcast([1], tf.string)
