"""Graphs of operations: traced, run and differentiated."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.graph.graph import Graph, trace


def test_a_function_is_traced_and_run_many_times():
    calls = []

    def f(x, y):
        calls.append(1)
        return {"sum": x + y, "product": x * y}

    graph, (x, y), traced = trace(f, tf.constant([1.0]), tf.constant([2.0]))
    for a, b in ((3.0, 4.0), (5.0, 6.0)):
        ran = graph.run(traced, {x: [a], y: [b]})
        assert ran["sum"].numpy() == [a + b] and ran["product"].numpy() == [a * b]
    assert len(calls) == 1 and [operation.op.name for operation in graph.operations] == ["add", "multiply"]


def test_operations_remember_the_line_that_asked_for_them():
    graph, _, _ = trace(lambda x: x * x, tf.constant(1.0))
    assert "test_graph.py:" in graph.operations[0].where


def test_any_order_of_derivative():
    def derivatives(x):
        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = tf.tanh(x) * x
            dy = inner.gradient(y, x)
        return y, dy, outer.gradient(dy, x)

    x = tf.constant([0.5, -1.0])
    graph, (placeholder,), traced = trace(derivatives, x)
    for there, here in zip(graph.run(traced, {placeholder: x}), derivatives(x)):
        np.testing.assert_array_equal(there.numpy(), here.numpy())


def test_unknown_sizes():
    graph = Graph()
    with graph.as_default():
        x = graph.placeholder(tf.float32, [None, 3])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x * tf.constant([1.0, 2.0, 3.0]), axis=1)
        dx = tape.gradient(y, x)
    assert str(x.shape) == "(?, 3)" and str(y.shape) == "(?,)"
    for rows in (1, 4):
        assert graph.run(dx, {x: np.ones((rows, 3), "f")}).numpy().tolist() == [[1.0, 2.0, 3.0]] * rows


def test_errors_come_when_the_graph_is_built_as_in_tensorflow():
    graph = Graph()
    with graph.as_default():
        x, y = graph.placeholder(tf.float32, [2]), graph.placeholder(tf.float32, [3])
        with pytest.raises(ValueError, match=r"Incompatible shapes: \[2\] vs. \[3\] \[Op:Add\].*on the graph"):
            x + y
        with pytest.raises(TypeError, match="cannot compute Add as input #1"):
            x + graph.placeholder(tf.int32, [2])
    assert graph.operations == []


def test_a_symbolic_tensor_has_no_value():
    x = Graph().placeholder(tf.float32, [2])
    assert str(x).startswith('Tensor("') and str(x).endswith(':0", shape=(2,), dtype=float32)')
    with pytest.raises(AttributeError, match="has no value before its graph runs"):
        x.numpy()
    with pytest.raises(TypeError, match="Using a `tf.Tensor` as a Python `bool` is not allowed"):
        bool(x)
    with pytest.raises(TypeError, match="cannot become a Python number"):
        float(x)
    with pytest.raises(NotImplementedError, match="Cannot convert .* to a numpy array"):
        np.asarray(x)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="add was given a tensor of a graph, outside of that graph"
    ):
        x + x
    for mixed in (lambda: x + 1.0, lambda: tf.constant([1.0, 2.0]) + x):
        with pytest.raises(tf.errors.InvalidArgumentError, match="given a tensor of a graph, outside of that graph"):
            mixed()


def test_variables_are_read_when_the_graph_runs():
    v = tf.Variable(2.0)
    graph, (x,), traced = trace(lambda x: x * v, tf.constant(1.0))
    v.assign(10.0)
    assert float(graph.run(traced, {x: 3.0})) == 30.0


def test_a_graph_that_is_left_by_an_exception_is_left():
    with pytest.raises(KeyError), Graph().as_default():
        raise KeyError
    assert tf.executing_eagerly()
