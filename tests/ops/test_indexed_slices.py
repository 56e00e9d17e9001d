"""minitfe.ops.indexed_slices: sparse gradients, their sums, and writing them out."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.graph.graph import trace
from minitfe.ops import array, indexed_slices
from minitfe.ops.indexed_slices import IndexedSlices, to_dense

TABLE = np.arange(8.0, dtype=np.float32).reshape(4, 2)


def gradient(f, x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x)


def test_gradient_of_gather_is_sparse():
    g = gradient(lambda x: tf.gather(x, [3, 1, 3]) * 2.0, TABLE)
    assert isinstance(g, IndexedSlices)
    assert g.indices.numpy().tolist() == [3, 1, 3]
    assert g.values.shape == [3, 2] and g.dtype is tf.float32
    assert g.shape == [4, 2] and g.dense_shape.numpy().tolist() == [4, 2]
    assert tf.convert_to_tensor(g).numpy().tolist() == [[0, 0], [2, 2], [0, 0], [4, 4]]


def test_indices_of_any_shape_are_flattened():
    g = gradient(lambda x: tf.gather(x, [[3, 1, 0], [0, 0, 1]]), TABLE)
    assert g.indices.shape == [6] and g.values.shape == [6, 2]
    g = gradient(lambda x: tf.gather(x, 2), TABLE)
    assert g.indices.shape == [1] and g.values.shape == [1, 2]


def test_gradient_along_another_axis_is_dense():
    g = gradient(lambda x: tf.gather(x, [0, 0], axis=1), TABLE)
    assert isinstance(g, tf.Tensor) and g.numpy().tolist() == [[2, 0]] * 4


def test_two_sparse_gradients_join_and_stay_sparse():
    i, j = np.array([0, 1], np.int32), np.array([1], np.int64)
    g = gradient(lambda x: tf.reduce_sum(tf.gather(x, i)) + tf.reduce_sum(tf.gather(x, j)), TABLE)
    assert isinstance(g, IndexedSlices) and sorted(g.indices.numpy().tolist()) == [0, 1, 1]
    assert to_dense(g).numpy().tolist() == [[1, 1], [2, 2], [0, 0], [0, 0]]


def test_a_sparse_and_a_dense_gradient_make_a_dense_one():
    g = gradient(lambda x: tf.reduce_sum(tf.gather(x, [0])) + tf.reduce_sum(x), TABLE)
    assert tf.convert_to_tensor(g).numpy().tolist() == [[2, 2], [1, 1], [1, 1], [1, 1]]


def test_identity_keeps_a_gradient_sparse_and_arithmetic_does_not():
    assert isinstance(gradient(lambda x: tf.gather(tf.identity(x), [1]), TABLE), IndexedSlices)
    g = gradient(lambda x: tf.gather(x * 3.0, [1]), TABLE)
    assert g.numpy().tolist() == [[0, 0], [3, 3], [0, 0], [0, 0]]


def test_sparse_gradient_in_a_graph_of_unknown_sizes():
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.gather(x, [[1, 1]])
        g = tape.gradient(y, x)
        return g.values, g.indices, tf.convert_to_tensor(g), g.dense_shape

    graph, (x,), traced = trace(f, tf.constant(TABLE), sizes_known=False)
    values, indices, dense, shape = graph.run(traced, {x: np.ones((3, 2), np.float32)})
    assert values.shape == [2, 2] and indices.numpy().tolist() == [1, 1]
    assert dense.numpy().tolist() == [[0, 0], [2, 2], [0, 0]] and shape.numpy().tolist() == [3, 2]


def test_dense_form_of_many_rows_is_that_of_add_at():
    generator = np.random.default_rng(0)
    rows, indices = generator.normal(size=(5000, 3)), generator.integers(0, 300, 5000)
    wanted = np.zeros((300, 3))
    np.add.at(wanted, indices, rows)
    like = tf.zeros([300, 3], tf.float64)
    dense = to_dense(IndexedSlices(tf.constant(rows), tf.constant(indices), like=like))
    np.testing.assert_allclose(dense.numpy(), wanted, rtol=1e-12, atol=1e-12)


def test_dense_form_needs_a_shape_and_indices_within_it():
    values, indices = tf.constant([[1.0, 2.0]]), tf.constant([4])
    with pytest.raises(ValueError, match="no dense_shape"):
        to_dense(IndexedSlices(values, indices))
    with pytest.raises(InvalidArgumentError, match=r"indices\[0\] = 4 is not in \[0, 3\)"):
        to_dense(IndexedSlices(values, indices, dense_shape=tf.constant([3, 2])))


def test_dense_form_from_a_shape():
    slices = IndexedSlices(tf.constant([[1, 2]]), tf.constant([1]), dense_shape=tf.constant([2, 2]))
    assert tf.convert_to_tensor(slices).numpy().tolist() == [[0, 0], [1, 2]]
    assert array.cast(slices, tf.float64).dtype is tf.float64


def test_join_keeps_the_shape_of_either():
    like = tf.zeros([3, 1])
    a = IndexedSlices(tf.constant([[1.0]]), tf.constant([0]))
    b = IndexedSlices(tf.constant([[2.0]]), tf.constant([2]), like=like)
    for joined in (indexed_slices.join(a, b), indexed_slices.join(b, a)):
        assert to_dense(joined).numpy().tolist() == [[1], [0], [2]]


def test_no_rows_at_all():
    g = gradient(lambda x: tf.gather(x, np.zeros(0, np.int32)), TABLE)
    assert not to_dense(g).numpy().any() and to_dense(g).shape == [4, 2]


def test_gradient_of_a_gather_from_a_variable_is_sparse():
    variable = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.gather(variable, [1, 1])
    g = tape.gradient(y, variable)
    assert isinstance(g, IndexedSlices)
    assert tf.convert_to_tensor(g).numpy().tolist() == [[0, 0], [2, 2], [0, 0], [0, 0]]
