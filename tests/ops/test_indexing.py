"""minitfe.ops.indexing: errors, kinds of keys, and what is refused."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.graph.graph import trace

X = np.arange(12.0, dtype=np.float32).reshape(3, 4)


# ------------------------------------------------------------------------------------------------------------ slices


@pytest.mark.parametrize(
    "key", [1, -1, np.int64(2), slice(1, None), (0, 1), (Ellipsis, 2), (None, 1), slice(None, None, -2), (), Ellipsis]
)
def test_keys_mean_what_they_mean_in_numpy(key):
    np.testing.assert_array_equal(tf.constant(X)[key].numpy(), X[key])


def test_tensors_and_dimensions_as_indices():
    x = tf.constant(X)
    assert x[tf.constant(1), tf.constant(-1)].numpy() == 7
    assert x[: tf.constant(2), x.shape[0]].numpy().tolist() == [3, 7]


def test_index_out_of_range():
    x = tf.constant([1, 2, 3])
    with pytest.raises(
        InvalidArgumentError, match=r"slice index 5 of dimension 0 out of bounds. \[Op:StridedSlice\].*from -3 to 2"
    ):
        x[5]
    with pytest.raises(InvalidArgumentError, match="slice index -4 of dimension 0 out of bounds"):
        x[-4]
    with pytest.raises(InvalidArgumentError, match="slice index 9 of dimension 1 out of bounds"):
        tf.constant(X)[..., 9]


def test_too_many_indices():
    with pytest.raises(InvalidArgumentError, match="Index out of range using input dim 1; input has only 1 dims"):
        tf.constant([1, 2, 3])[0, 0]
    with pytest.raises(InvalidArgumentError, match="Multiple ellipses"):
        tf.constant([1, 2, 3])[..., ...]


def test_slices_clamp():
    assert tf.constant([1, 2, 3])[1:99].numpy().tolist() == [2, 3]
    assert tf.constant([1, 2, 3])[5:].numpy().tolist() == []


def test_a_step_of_zero():
    with pytest.raises(InvalidArgumentError, match=r"strides\[0\] must be non-zero"):
        tf.constant([1, 2, 3])[::0]


@pytest.mark.parametrize(
    "key",
    [[0, 1], np.array([0, 1]), True, np.array([True, False, True]), "a", 1.0, (0, [1])],
    ids=["list", "array", "bool", "mask", "string", "float", "list inside"],
)
def test_lists_and_masks_are_refused_with_advice(key):
    with pytest.raises(TypeError, match=r"Only integers, slices .* valid indices, got.*tf.gather .*tf.boolean_mask"):
        tf.constant(X)[key]


def test_tensors_that_are_no_index_are_refused():
    for key in (tf.constant([0, 1]), tf.constant(True), tf.constant(1.0)):
        with pytest.raises(TypeError, match="Only integers"):
            tf.constant(X)[key]


def test_an_element_of_strings_is_a_tensor():
    x = tf.constant(["a", "b"])
    assert x[1].dtype is tf.string and x[1].numpy() == b"b"


def test_an_index_that_a_graph_computes_may_count_from_the_end():
    graph, (x, i), y = trace(lambda x, i: x[:, i], tf.constant(X), tf.constant(0), sizes_known=False)
    assert graph.run(y, {x: X, i: -1}).numpy().tolist() == [3, 7, 11]
    with pytest.raises(InvalidArgumentError, match="indices = 4 is not in"):
        graph.run(y, {x: X, i: 4})


def test_a_graph_refuses_an_index_when_it_is_built():
    with pytest.raises(ValueError, match="slice index 5 of dimension 0 out of bounds"):
        trace(lambda x: x[5], tf.constant(X))


def test_slice_reaches_no_further_than_the_tensor():
    with pytest.raises(InvalidArgumentError, match=r"Expected size\[0\] in \[0, 2\], but got 3 \[Op:Slice\]"):
        tf.slice([1, 2, 3], [1], [3])
    with pytest.raises(InvalidArgumentError, match=r"Expected begin\[0\] in \[0, 3\], but got 4"):
        tf.slice([1, 2, 3], [4], [0])
    with pytest.raises(InvalidArgumentError, match=r"Expected begin\[0\] in \[0, 3\], but got -1"):
        tf.slice([1, 2, 3], [-1], [1])
    with pytest.raises(InvalidArgumentError, match="Expected begin and size arguments to be 1-D tensors of size 2"):
        tf.slice([[1]], [0], [1])


def test_strided_slice_needs_numbers_of_one_length():
    with pytest.raises(ValueError, match="must have one length"):
        tf.strided_slice([1, 2], [0], [1, 2])


# ----------------------------------------------------------------------------------------------------------- indices


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("index", [7, -1])
def test_gather_out_of_range(axis, index):
    x = np.zeros((3, 3))
    with pytest.raises(InvalidArgumentError, match=rf"indices = {index} is not in \[0, 3\) \[Op:GatherV2\]"):
        tf.gather(x, index, axis=axis)
    with pytest.raises(InvalidArgumentError, match=rf"indices\[1\] = {index} is not in \[0, 3\)"):
        tf.gather(x, [0, index], axis=axis)
    with pytest.raises(InvalidArgumentError, match=rf"indices\[0,1\] = {index} is not in \[0, 3\)"):
        tf.gather(x, [[0, index]], axis=axis)


def test_gather_by_floats():
    with pytest.raises(InvalidArgumentError, match="'Tindices' of float32"):
        tf.gather([1, 2], [0.0])


def test_gather_from_nothing():
    assert tf.gather(np.zeros((0, 2)), np.zeros(0, int)).shape == [0, 2]
    with pytest.raises(InvalidArgumentError, match=r"is not in \[0, 0\)"):
        tf.gather(np.zeros((0, 2)), [0])


def test_gather_of_strings():
    assert tf.gather(["a", "b"], 1).numpy() == b"b"
    assert tf.gather(["a", "b"], [1, 1]).numpy().tolist() == [b"b", b"b"]


@pytest.mark.parametrize("point", [[2, 0], [0, -1]])
def test_points_out_of_range(point):
    x = np.zeros((2, 2))
    match = rf"indices\[1\] = \[{point[0]}, {point[1]}\] does not index into param shape \[2, 2\]"
    with pytest.raises(InvalidArgumentError, match=match):
        tf.gather_nd(x, [[0, 0], point])
    with pytest.raises(InvalidArgumentError, match=match):
        tf.scatter_nd([[0, 0], point], [1.0, 2.0], [2, 2])
    with pytest.raises(InvalidArgumentError, match=match):
        tf.tensor_scatter_update(x, [[0, 0], point], [1.0, 2.0])


def test_points_with_too_many_coordinates():
    with pytest.raises(InvalidArgumentError, match="must be <= params rank; saw: 3 vs. 2"):
        tf.gather_nd(np.zeros((2, 2)), [[0, 0, 0]])


@pytest.mark.parametrize("scatter", [tf.tensor_scatter_update, tf.tensor_scatter_add])
def test_updates_must_fit(scatter):
    with pytest.raises(InvalidArgumentError, match=r"Must have updates.shape = .* should have the shape \(1, 2\)"):
        scatter(np.zeros((2, 2)), [[0]], np.zeros((1, 1)))


def test_scatter_adds_up_and_update_does_not_change_its_input():
    assert tf.scatter_nd([[0], [0], [2]], [1, 2, 4], [3]).numpy().tolist() == [3, 0, 4]
    x = tf.constant([1, 2, 3])
    assert tf.tensor_scatter_update(x, [[1]], [9]).numpy().tolist() == [1, 9, 3]
    assert x.numpy().tolist() == [1, 2, 3]


# ------------------------------------------------------------------------------------------------------------- masks


def test_where_needs_both_or_none():
    with pytest.raises(ValueError, match="x and y must both be non-None or both be None"):
        tf.where([True], [1])


def test_where_does_not_broadcast():
    with pytest.raises(InvalidArgumentError, match=r"'then' and 'else' must have the same size.*\[2\] vs. \[1\]"):
        tf.where([True, False], [1, 2], [1])
    with pytest.raises(InvalidArgumentError, match="'cond' must have the shape"):
        tf.where([True, False, True], [1, 2], [3, 4])
    with pytest.raises(InvalidArgumentError, match="'cond' must have the shape"):
        tf.where([True, False, True], [[1, 2, 3], [4, 5, 6]], [[1, 2, 3], [4, 5, 6]])


def test_where_with_a_condition_of_numbers():
    with pytest.raises(InvalidArgumentError, match="int32 is not in the list of allowed values: bool"):
        tf.where([1, 0], [1, 2], [3, 4])


def test_coordinates_of_a_number_and_of_nothing():
    assert tf.where(True).shape == [1, 0]
    assert tf.where(np.zeros((2, 0), bool)).shape == [0, 2]
    assert tf.where([True]).dtype is tf.int64


def test_where_keeps_nan_of_what_was_not_chosen():
    """TensorFlow has no safe where: 0 times an infinite slope is NaN."""
    x = tf.constant([0.0, 1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.where(x > 0.0, tf.log(x), x)
    assert np.isnan(tape.gradient(y, x).numpy()).tolist() == [True, False]


def test_where_of_strings():
    assert tf.where([True, False], ["a", "b"], ["c", "d"]).numpy().tolist() == [b"a", b"d"]


def test_mask_of_another_shape():
    with pytest.raises(ValueError, match=r"Shapes \(3,\) and \(2,\) are incompatible"):
        tf.boolean_mask([1, 2, 3], [True, False])
    with pytest.raises(ValueError, match="mask cannot be scalar"):
        tf.boolean_mask([1, 2, 3], True)


def test_mask_that_lets_nothing_through():
    assert tf.boolean_mask(X, [False] * 3).shape == [0, 4]


def test_setdiff1d_of_matrices():
    with pytest.raises(InvalidArgumentError, match=r"x and y should be 1D vectors, not \[1,1\] and \[1\]"):
        tf.setdiff1d([[1]], [1])


def test_setdiff1d_has_names_and_an_index_dtype():
    difference = tf.setdiff1d(["a", "b", "a"], ["b"], index_dtype=tf.int64)
    assert difference.out.numpy().tolist() == [b"a", b"a"]
    assert difference.idx.dtype is tf.int64 and difference.idx.numpy().tolist() == [0, 2]
