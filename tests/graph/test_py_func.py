"""tfe.py_func and tf.py_func: Python functions called at once, and from graphs."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.eager_calls import eager_call_op
from minitfe.graph.graph import Graph
from minitfe.graph.py_func import eager_py_func, py_func

X = np.array([0.5, -1.0, 2.0])


def in_a_graph(function):
    """The same function, traced."""
    return tfe.defun(function)


both_modes = pytest.mark.parametrize("run", [lambda f: f, in_a_graph], ids=["eager", "graph"])
both_kinds = pytest.mark.parametrize("call", [eager_py_func, py_func], ids=["tfe.py_func", "tf.py_func"])


def tamed(x):
    """Decides by values, as no graph could."""
    while float(tf.reduce_max(x * x)) > 1.0:
        x = x * 0.5
    return x


# ------------------------------------------------------------------------------------------------- what comes out


@both_modes
def test_a_function_of_tensors(run):
    f = run(lambda x: eager_py_func(tamed, [x], tf.float64))
    np.testing.assert_array_equal(f(tf.constant(X)).numpy(), tamed(tf.constant(X)).numpy())


@both_modes
def test_a_function_of_arrays(run):
    f = run(lambda x: py_func(np.sort, [x], tf.float64) * 2.0)
    assert f(tf.constant(X)).numpy().tolist() == [-2.0, 1.0, 4.0]


@both_modes
def test_eager_execution_is_on_inside(run):
    seen = []

    def look(x):
        seen.append((tf.executing_eagerly(), type(x.numpy())))
        return x

    run(lambda x: eager_py_func(look, [x], tf.float32))(tf.constant(1.0))
    assert seen == [(True, np.float32)]


@both_modes
def test_arrays_may_be_changed_and_tensors_stay(run):
    def spoil(array):
        array[:] = 0
        return array

    x = tf.constant([1.0, 2.0])
    assert run(lambda x: py_func(spoil, [x], tf.float32))(x).numpy().tolist() == [0, 0]
    assert x.numpy().tolist() == [1, 2]


@both_modes
@both_kinds
def test_several_values(call, run):
    f = run(lambda x, y: call(lambda x, y: (x + y, "sum", 3), [x, y], [tf.float32, tf.string, tf.int64]))
    total, text, number = f(tf.constant(1.0), tf.constant(2.0))
    assert (total.numpy(), text.numpy(), number.numpy()) == (3.0, b"sum", 3)
    assert number.dtype is tf.int64


@both_modes
@both_kinds
def test_a_list_of_one_dtype_gives_a_list(call, run):
    (y,) = run(lambda x: call(lambda x: x, [x], [tf.float32]))(tf.constant(1.0))
    assert y.numpy() == 1


@both_modes
@both_kinds
def test_nothing_is_returned_but_something_is_done(call, run):
    seen = []
    f = run(lambda x: call(lambda x: seen.append(float(x)), [x], []))
    assert f(tf.constant(1.0)) is None
    assert f(tf.constant(2.0)) is None
    assert seen == [1.0, 2.0]


@both_modes
@both_kinds
def test_no_inputs(call, run):
    assert run(lambda: call(lambda: 1.5, [], tf.float32))().numpy() == 1.5


@both_modes
@both_kinds
def test_python_numbers_arrays_and_variables_go_in_as_tensors(call, run):
    v = tfe.Variable(2.0)
    f = run(lambda: call(lambda a, b, c: a + b + c, [1.0, np.float32([3.0]), v], tf.float32))
    assert f().numpy() == [6.0]
    v.assign(3.0)
    assert f().numpy() == [7.0]


@both_modes
@both_kinds
def test_what_numpy_computes_in_double_comes_out_as_announced(call, run):
    y = run(lambda: call(lambda: np.array([1.0, 2.0]), [], tf.float32))()
    assert y.dtype is tf.float32


@both_modes
def test_strings(run):
    f = run(lambda x: py_func(lambda x: np.array([word.upper() for word in x]), [x], tf.string))
    assert f(tf.constant(["a", "bc"])).numpy().tolist() == [b"A", b"BC"]


def test_the_shape_of_what_comes_out_is_not_known_beforehand():
    shapes = []

    @tfe.defun
    def f(x):
        y = tfe.py_func(lambda x: tf.tile(x, [int(x[0])]), [x], tf.float32)
        shapes.append(y.shape.ndims)
        return tf.reduce_sum(y)

    assert f(tf.constant([3.0, 1.0])).numpy() == 12.0
    assert shapes == [None]


def test_a_call_whose_result_is_not_read_can_go_if_it_only_computes():
    calls = []

    @tfe.defun
    def f(x):
        tf.py_func(lambda x: calls.append("stateful") or x, [x], tf.float32)
        tf.py_func(lambda x: calls.append("stateless") or x, [x], tf.float32, stateful=False)
        return x

    f(tf.constant(1.0))
    assert calls == ["stateful"]


def test_a_graph_on_its_own():
    graph = Graph()
    with graph.as_default():
        x = graph.placeholder(tf.float32)
        y = tfe.py_func(lambda x: tf.matmul(x, x), [x], tf.float32)
    assert graph.operations[-1].op is eager_call_op
    assert graph.run(y, {x: [[2.0]]}).numpy() == [[4.0]]


# ---------------------------------------------------------------------------------------------------- gradients


@both_modes
def test_gradients_of_three_orders(run):
    f = run(lambda x: eager_py_func(lambda x: tf.sin(x) * x, [x], tf.float64))
    derivative = lambda g: lambda x: tfe.gradients_function(g)(x)[0]
    x = tf.constant(0.7, tf.float64)
    sin, cos = np.sin(0.7), np.cos(0.7)
    first = derivative(f)
    assert first(x).numpy() == pytest.approx(sin + 0.7 * cos)
    assert derivative(first)(x).numpy() == pytest.approx(2 * cos - 0.7 * sin)
    assert derivative(derivative(first))(x).numpy() == pytest.approx(-3 * sin - 0.7 * cos)


@both_modes
def test_gradients_go_to_each_input_that_has_one(run):
    f = run(lambda x, n: eager_py_func(lambda x, n: x ** tf.cast(n, tf.float32), [x, n], tf.float32))
    x, n = tf.constant(3.0), tf.constant(2)
    with tf.GradientTape() as tape:
        tape.watch([x, n])
        y = f(x, n)
    assert [g if g is None else g.numpy() for g in tape.gradient(y, [x, n])] == [6.0, None]


@both_modes
def test_the_gradient_ends_at_a_function_of_arrays(run):
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = run(lambda x: py_func(np.square, [x], tf.float32))(x)
        z = y + x
    assert tape.gradient(y, x) is None
    assert tape.gradient(z, x).numpy() == 1.0


def test_a_tape_says_why():
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.py_func(np.square, [x], tf.float32)
    assert "its function works on numpy arrays, which no tape sees" in tape.why_none(y, x)


# ------------------------------------------------------------------------------------------------------- errors


def raising(error):
    def fail(*arguments):
        raise error

    return fail


NAMED = [
    (ValueError("boom"), tf.errors.InvalidArgumentError),
    (TypeError("boom"), tf.errors.InvalidArgumentError),
    (StopIteration("boom"), tf.errors.OutOfRangeError),
    (MemoryError("boom"), tf.errors.ResourceExhaustedError),
    (NotImplementedError("boom"), tf.errors.UnimplementedError),
    (KeyError("boom"), tf.errors.UnknownError),
    (tf.errors.NotFoundError("boom"), tf.errors.UnknownError),
]
every_error = pytest.mark.parametrize(("error", "named"), NAMED, ids=lambda e: getattr(e, "__name__", repr(e)))


@every_error
@both_modes
def test_errors_of_a_function_of_tensors_get_names(error, named, run):
    f = run(lambda x: eager_py_func(raising(error), [x], tf.float32))
    with pytest.raises(named, match=f"{type(error).__name__}: '?boom.*fail, called by py_func, raised it"):
        f(tf.constant(1.0))


@every_error
def test_errors_of_a_function_of_arrays_get_names_in_graphs(error, named):
    f = tfe.defun(lambda x: tf.py_func(raising(error), [x], tf.float32))
    with pytest.raises(named, match=f"{type(error).__name__}: '?boom"):
        f(tf.constant(1.0))


@every_error
def test_errors_of_a_function_of_arrays_come_out_as_they_are_in_eager_execution(error, named):
    with pytest.raises(type(error)) as caught:
        tf.py_func(raising(error), [1.0], tf.float32)
    assert caught.value is error


@both_modes
def test_the_error_leads_to_the_line_that_raised(run):
    error = ValueError("boom")
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        run(lambda x: eager_py_func(raising(error), [x], tf.float32))(tf.constant(1.0))
    assert caught.value.__cause__ is error


@both_modes
def test_a_variable_cannot_be_returned(run):
    v = tfe.Variable(1.0)
    with pytest.raises(tf.errors.UnknownError, match="Attempting to return a variable from an eagerly executed"):
        run(lambda: eager_py_func(lambda: v, [], tf.float32))()


@both_modes
@both_kinds
def test_another_number_of_values(call, run):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"pair returns 2 values, but expects to see 1 values"):

        def pair():
            return 1.0, 2.0

        run(lambda: call(pair, [], tf.float32))()


@both_modes
@both_kinds
def test_nothing_where_something_was_announced(call, run):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"returns 0 values, but expects to see 1 values"):
        run(lambda: call(lambda: None, [], tf.float32))()


@both_modes
@both_kinds
def test_something_of_another_kind(call, run):
    with pytest.raises(tf.errors.InvalidArgumentError, match="1-th value returned by .* is str, but expects float32"):
        run(lambda: call(lambda: [1.0, "text"], [], [tf.float32, tf.float32]))()


@both_modes
def test_a_tensor_of_another_dtype(run):
    with pytest.raises(tf.errors.InvalidArgumentError, match="0-th value returned by .* is int32, but expects float32"):
        run(lambda: eager_py_func(lambda: tf.constant(1), [], tf.float32))()


@both_kinds
def test_what_is_no_function_or_no_list(call):
    with pytest.raises(ValueError, match="expected func to be callable, not 3"):
        call(3, [], tf.float32)
    with pytest.raises(TypeError, match="Expected list for 'input' argument.*Write .x. for one tensor"):
        call(abs, tf.constant(1.0), tf.float32)
    with pytest.raises(TypeError, match="nonsense"):
        call(abs, [1.0], "nonsense")


def test_a_failed_call_leaves_the_mode_as_it_was():
    f = tfe.defun(lambda x: tfe.py_func(raising(ValueError()), [x], tf.float32))
    with pytest.raises(tf.errors.InvalidArgumentError):
        f(tf.constant(1.0))
    assert tf.executing_eagerly()
    assert tf.constant(1.0).numpy() == 1.0


# ------------------------------------------------------------------------------------------------------ in a session


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_a_session_calls_it_at_each_run(session):
    x = tf.placeholder(tf.float32)
    y = tfe.py_func(lambda x: tf.sin(x) * x, [x], tf.float32)
    total, text = tf.py_func(lambda x: (x.sum(), "text"), [x], [tf.float32, tf.string])
    for values in ([0.5, 1.0], [2.0]):
        results = session.run([y, total, text], {x: values})
        np.testing.assert_allclose(results[0], np.sin(values) * values, rtol=1e-6)
        assert results[1:] == [sum(values), b"text"]


def test_gradients_in_a_session(session):
    x = tf.placeholder(tf.float32, [])
    y = tfe.py_func(lambda x: x * x * x, [x], tf.float32)
    (first,) = tf.gradients(y, x)
    (second,) = tf.gradients(first, x)
    assert session.run([first, second], {x: 2.0}) == [12.0, 12.0]
    assert tf.gradients(tf.py_func(np.sort, [x], tf.float32), x) == [None]


def test_a_variable_of_the_graph_is_an_input_like_any_other(session):
    v = tf.get_variable("v", initializer=tf.constant([3.0, 4.0]))
    (g,) = tf.gradients(tfe.py_func(tf.square, [v], tf.float32), v)
    session.run(tf.global_variables_initializer())
    assert session.run(g).tolist() == [6.0, 8.0]


@both_kinds
def test_a_call_that_returns_nothing_is_an_operation(session, call):
    seen = []
    operation = call(lambda x: seen.append(float(x)), [tf.constant(2.0)], [])
    assert seen == []
    assert session.run(operation) is None
    assert seen == [2.0]


@both_kinds
def test_errors_in_a_session_get_names(session, call):
    y = call(raising(KeyError("boom")), [tf.constant(1.0)], tf.float32)
    with pytest.raises(tf.errors.UnknownError, match="KeyError: 'boom'. fail, called by py_func, raised it"):
        session.run(y)
