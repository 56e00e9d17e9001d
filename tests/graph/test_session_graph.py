"""Graphs for sessions: names, operations, shapes that are not known, and what does not fit together."""

import gc
import weakref

import numpy as np
import pytest

import minitfe as tf

# --------------------------------------------------------------------------------------------------------------- names


def test_operations_are_named_as_asked_and_no_two_alike(session):
    x = tf.constant(1.0, name="x")
    assert [x.name, tf.constant(2.0, name="x").name, tf.constant(3.0, name="X").name] == ["x:0", "x_1:0", "X_2:0"]
    names = [operation.name for operation in session.graph.get_operations()]
    assert len(names) == len(set(names))


def test_operations_without_a_name_are_called_as_in_tensorflow(session):
    x, matrix = tf.constant(1.0), tf.ones([2, 2])
    made = [
        x + 1.0, 1.0 - x, x * x, x / 2.0, x**2.0, -x, x < 2.0, matrix[0], tf.matmul(matrix, matrix),
        tf.reduce_mean(matrix), tf.zeros([2]), tf.concat([matrix, matrix], 0), tf.nn.relu(x), tf.placeholder(tf.float32),
        tf.split(matrix, 2)[1], tf.add(x, 1.0),
    ]  # fmt: skip
    assert [y.name for y in made] == [
        "add:0", "sub:0", "mul:0", "truediv:0", "pow:0", "Neg:0", "Less:0", "strided_slice:0", "MatMul:0",
        "Mean:0", "zeros:0", "concat:0", "Relu:0", "Placeholder:0", "split:1", "Add_1:0",
    ]  # fmt: skip


def test_of_several_operations_of_a_call_the_last_has_its_name(session):
    y = tf.nn.dropout(tf.ones([2]), 0.5, name="drop")
    steps = [operation.name for operation in session.graph.get_operations() if operation.name.startswith("drop/")]
    assert y.name == "drop:0" and len(steps) > 2


def test_calls_of_one_line_are_told_apart(session):
    first, second = [tf.add(tf.constant(1.0), 1.0, name="y") for _ in range(2)]
    assert (first.name, second.name) == ("y:0", "y_1:0")


def test_names_follow_name_scopes(session):
    with tf.name_scope("a") as scope:
        with tf.name_scope("b"):
            inner = tf.constant(1.0, name="x")
        assert session.graph.get_name_scope() == "a" == scope[:-1]
    with tf.name_scope("a"):
        second = tf.constant(1.0)
    with tf.name_scope(scope):
        again = tf.constant(1.0)
    assert [x.name for x in (inner, second, again)] == ["a/b/x:0", "a_1/Const:0", "a/Const:0"]


def test_the_same_name_in_and_for_a_scope(session):
    with tf.name_scope("out"):
        assert tf.identity(1.0, name="out").name == "out/out:0"


# ------------------------------------------------------------------------------------------------------- looking things up


def test_tensors_and_operations_are_found_by_name(session):
    graph = session.graph
    y = tf.add(1.0, 2.0, name="y")
    assert graph.get_tensor_by_name("y:0") is y and graph.get_operation_by_name("y") is y.op
    assert graph.as_graph_element("y:0") is y and graph.as_graph_element(y.op) is y.op
    with pytest.raises(ValueError, match="looks like an .invalid. Operation name, not a Tensor"):
        graph.get_tensor_by_name("y")
    with pytest.raises(KeyError, match="refers to a Tensor which does not exist"):
        graph.get_tensor_by_name("y:1")
    with pytest.raises(KeyError, match="The name 'z' refers to an Operation not in the graph"):
        graph.get_operation_by_name("z")
    with pytest.raises(TypeError, match="Can not convert a int into a Tensor or Operation"):
        graph.as_graph_element(3)


def test_an_operation_tells_what_it_is(session):
    x = tf.constant([1.0])
    y = tf.expand_dims(x, 0)
    operation = y.op
    assert (operation.type, operation.inputs, operation.outputs, operation.values()) == ("ExpandDims", [x], [y], (y,))
    assert x.consumers() == [operation] and operation.graph is session.graph and "test_session_graph" in operation.where
    assert operation.get_attr("axis") == 0 and repr(operation) == "<tf.Operation 'ExpandDims' type=ExpandDims>"
    with pytest.raises(ValueError, match="has no attr named 'depth'; it has .'axis'."):
        operation.get_attr("depth")


def test_how_a_tensor_is_shown(session):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    assert repr(x) == "<tf.Tensor 'x:0' shape=(?, 2) dtype=float32>"
    assert str(x) == f"{x}" == 'Tensor("x:0", shape=(?, 2), dtype=float32)'


def test_device_scopes_are_noted(session):
    with tf.device("/cpu:0"):
        x = tf.constant(1.0)
        v = tf.Variable(2.0)
    assert x.device == x.op.device == v.op.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    assert tf.constant(1.0).device == ""
    with session.graph.device("/cpu:0"):
        assert tf.constant(1.0).device
    session.run(v.initializer)
    assert session.run(x + v) == 3.0


def test_a_finalized_graph_stays_as_it_is(session):
    x = tf.constant(1.0)
    version = session.graph.version
    session.graph.finalize()
    with pytest.raises(RuntimeError, match="Graph is finalized and cannot be modified."):
        x + 1.0
    assert session.graph.finalized and session.graph.version == version and session.run(x) == 1.0


# ------------------------------------------------------------------------------------------------ what does not fit together


def test_an_eager_tensor_in_a_graph_is_explained():
    eager, variable = tf.constant(1.0), tf.Variable(1.0)
    with tf.Graph().as_default():
        x = tf.constant(1.0)
        for y in (eager, variable):
            with pytest.raises(RuntimeError, match="Attempting to capture an EagerTensor without building a function"):
                x + y
        assert tf.Session().run(x + tf.constant(eager.numpy())) == 2.0


def test_tensors_of_two_graphs_do_not_meet(session):
    with tf.Graph().as_default():
        x, v = tf.constant(1.0), tf.Variable(1.0)
    for stranger in (x, v):
        with pytest.raises(ValueError, match="must be from the same graph"):
            tf.constant(1.0) + stranger
    with pytest.raises(ValueError, match="is not an element of this graph"), tf.control_dependencies([x]):
        pass


def test_a_tensor_of_a_graph_means_nothing_outside_of_it():
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="was given a tensor of a graph, outside of that graph"):
        x + 1.0


def test_shapes_that_do_not_fit_are_refused_at_once_with_the_line(session):
    x, w = tf.placeholder(tf.float32, [None, 3]), tf.ones([2, 2])
    before = session.graph.version
    with pytest.raises(ValueError, match="Matrix size-incompatible") as info:
        tf.matmul(x, w)
    assert "matmul() was given float32 (?, 3) and float32 (2, 2)" in str(info.value)
    assert "test_session_graph.py" in str(info.value) and "`tf.matmul(x, w)`" in str(info.value)
    with pytest.raises(TypeError, match="was expected to be a float tensor but is a int32 tensor"):
        x + tf.constant(1)
    with pytest.raises(ValueError, match="Invalid reduction dimension .2 for input with 2 dimension"):
        tf.reduce_sum(x, 2)
    assert session.graph.version == before + 1, "which is the constant"


@pytest.mark.parametrize(("use", "error", "words"), [
    (bool, TypeError, "Using a `tf.Tensor` as a Python `bool` is not allowed"),
    (float, TypeError, "so it cannot become a Python number"),
    (len, TypeError, "This size is not known before the graph runs"),
    (list, ValueError, "Cannot infer num from shape"),
    (np.array, NotImplementedError, "Cannot convert .* to a numpy array"),
    (lambda x: x.numpy(), AttributeError, r"\.numpy\(\) works on eager tensors"),
    (lambda x: tf.reshape(x, [2.5]), TypeError, "shape must be an integer"),
])  # fmt: skip
def test_a_tensor_without_a_value_is_not_taken_for_one(session, use, error, words):
    with pytest.raises(error, match=words):
        use(tf.placeholder(tf.float32, [None]))


# ------------------------------------------------------------------------------------------------------- unknown shapes


def test_what_is_known_of_shapes_is_worked_out(session):
    x = tf.placeholder(tf.float32, [None, 28, 28, 1])
    y = tf.layers.max_pooling2d(tf.layers.conv2d(x, 4, 3), 2, 2)
    z = tf.layers.flatten(y)
    assert (y.shape.as_list(), z.shape.as_list()) == ([None, 13, 13, 4], [None, 676])
    assert tf.layers.dense(z, 10).shape.as_list() == [None, 10] and tf.reduce_mean(z).shape.as_list() == []
    session.run(tf.global_variables_initializer())
    assert session.run(z, {x: np.zeros([3, 28, 28, 1])}).shape == (3, 676)


def test_placeholders_of_any_shape(session):
    x, labels = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    logits = tf.matmul(x, tf.ones([2, 3]))
    losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    assert x.shape.ndims is None and logits.shape.as_list() == [None, 3] and losses.shape.as_list() == [None]
    assert tf.reduce_sum(x).shape.as_list() == [] and tf.reshape(x, [-1, 2]).shape.as_list() == [None, 2]
    right = tf.equal(tf.argmax(logits, 1), tf.argmax(labels, 1))
    fed = {x: [[1.0, 2.0]], labels: [[1.0, 0.0, 0.0]]}
    assert session.run(right, fed).tolist() == [True] and session.run(losses, fed) == pytest.approx(np.log(3))
    with pytest.raises(ValueError, match="needs a tensor whose number of axes is known when the graph is built"):
        tf.transpose(x)


def test_set_shape_says_more(session):
    x = tf.placeholder(tf.float32)
    x.set_shape([None, 2])
    x.set_shape([3, None])
    assert x.shape.as_list() == [3, 2]
    with pytest.raises(ValueError, match="are incompatible"):
        x.set_shape([4, 2])


# --------------------------------------------------------------------------------------------------------------- memory


def test_a_graph_that_nobody_needs_goes():
    def build():
        with tf.Graph().as_default() as graph, tf.Session() as session:
            v = tf.Variable(1.0)
            session.run(v.initializer)
            session.run(tf.gradients(v * v, v))
        return weakref.ref(graph)

    reference = build()
    gc.collect()
    assert reference() is None


def test_runs_leave_nothing_behind(session):
    v = tf.Variable(np.zeros(1000))
    x = tf.placeholder(tf.float64, [None])
    step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(v * v) + tf.reduce_sum(x))
    session.run(tf.global_variables_initializer())
    fed = np.ones(1000)
    for _ in range(5):
        session.run(step, {x: fed})
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(200):
            session.run(step, {x: fed})
        assert len(gc.get_objects()) - before < 50
    finally:
        gc.enable()


def test_a_graph_keeps_nothing_of_the_functions_that_built_it(session):
    class Large:
        pass

    def build():
        large = Large()
        return tf.constant(1.0) + 1.0, weakref.ref(large)

    y, reference = build()
    assert session.run(y) == 2.0 and reference() is None
