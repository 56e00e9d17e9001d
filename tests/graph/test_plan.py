"""Plans: compiled execution on the CPU says what operation by operation would."""

import gc
import threading
import tracemalloc
import warnings

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.context import listening
from minitfe.graph.eager_calls import eager_call
from minitfe.graph.passes import PASSES, fusion
from minitfe_numpy import quiet

X = np.linspace(-2, 2, 12).astype("f").reshape(3, 4)


def compare(function, *arrays):
    """Eager and traced, twice, so that what one call leaves behind would show in the next."""
    inputs = [tf.constant(x) for x in arrays]
    traced = tfe.defun(function)
    for _ in range(2):
        for x, y in zip(traced(*inputs), function(*inputs)):
            np.testing.assert_array_equal(x.numpy(), y.numpy())
    return traced


def test_the_source_can_be_read():
    f = compare(lambda x: [tf.exp(tf.tanh(tf.matmul(x, x, transpose_b=True)))], X)
    assert f.plan_source() == (
        "def make():\n"
        "    b0 = empty(36, 'u1')\n"
        "    v1 = ndarray((3, 3), '<f4', b0)\n"
        "    v2 = ndarray((3, 3), '<f4', b0)\n"
        "    def run(x0):\n"
        "        matmul(x0, x0.mT, v1)\n"
        "        tanh(v1, v2)\n"
        "        v3 = kernel_exp(v2)\n"
        "        return [v3]\n"
        "    return run\n"
    )


def test_results_of_one_call_outlive_the_next():
    f = tfe.defun(lambda x: [tf.transpose(tf.sin(x)), tf.reshape(tf.cos(x), [-1]), tf.identity(x)])
    first = f(tf.constant(X))
    values = [y.numpy() for y in first]
    f(tf.constant(X * 3))
    for y, value in zip(first, values):
        np.testing.assert_array_equal(y.numpy(), value)


def test_the_value_of_a_variable_is_never_written_into():
    v = tf.Variable(X)
    step = tfe.defun(lambda: v.assign(tf.exp(v * 0.5) + v).read_value())
    values = [v.read_value()]
    copies = [values[0].numpy()]
    for _ in range(3):
        values.append(step())
        copies.append(values[-1].numpy())
    for value, copy in zip(values, copies):
        np.testing.assert_array_equal(value.numpy(), copy)


def test_inputs_and_constants_are_never_written_into():
    constant, x = tf.constant(X), tf.constant(X)
    f = tfe.defun(lambda x: tf.exp(tf.nn.relu(x + constant) * constant))
    f(x), f(x)
    np.testing.assert_array_equal(constant.numpy(), X)
    np.testing.assert_array_equal(x.numpy(), X)


def test_reshapes_of_what_is_not_in_one_piece():
    compare(lambda x: [tf.exp(tf.reshape(tf.transpose(tf.sin(x)), [2, 6]))], X)
    compare(lambda x: [tf.exp(tf.reshape(tf.split(tf.sin(x), 2, 1)[1], [-1])), tf.exp(tf.split(tf.cos(x), 2, 1)[0])], X)


def test_concatenations_of_concatenations():
    def f(x):
        rows = [tf.concat([tf.sin(x * k), x, tf.cos(x * k)], 1) for k in (1.0, 2.0)]
        whole = tf.concat(rows, 0)
        return [tf.exp(tf.matmul(whole, whole, transpose_a=True)), tf.tanh(rows[0]), tf.tanh(whole)]

    compare(f, X)


def test_large_groups_run_in_tiles():
    x = np.linspace(-3, 3, fusion.LARGE + 1000).astype("f")

    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(-x * x) * tf.sin(x) + x)
        return [tape.gradient(y, x), tf.exp(tf.cast(x > 0.0, tf.float32) * 2.0)]

    assert "for at" in compare(f, x).plan_source()


def test_sums_in_tiles_have_the_same_error():
    x = np.random.default_rng(0).normal(size=fusion.LARGE * 2).astype("f")
    y = tfe.defun(lambda x: [tf.reduce_sum(tf.exp(x) * x), tf.reduce_mean(tf.exp(x) * x)])(tf.constant(x))
    exact = (np.exp(x.astype("d")) * x).sum()
    np.testing.assert_allclose([float(y[0]), float(y[1])], [exact, exact / x.size], rtol=1e-5)


def test_results_of_unknown_size():
    def f(x):
        chosen = tf.boolean_mask(tf.sin(x), x > 0.0)
        return [chosen * 2.0, tf.reduce_sum(chosen), tf.concat([chosen, chosen], 0)]

    traced = tfe.defun(f)
    for array in (X, -X - 0.5):
        for x, y in zip(traced(tf.constant(array)), f(tf.constant(array))):
            np.testing.assert_array_equal(x.numpy(), y.numpy())


def test_errors_of_kernels_are_those_of_eager_execution():
    def f(labels, logits):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.exp(logits))

    arguments = tf.constant([1, 7]), tf.constant(np.ones((2, 3), "f"))
    with pytest.raises(tf.errors.InvalidArgumentError) as eager:
        f(*arguments)
    traced = tfe.defun(f)
    with pytest.raises(tf.errors.InvalidArgumentError) as compiled:
        traced(*arguments)
    assert str(compiled.value) == str(eager.value)
    np.testing.assert_array_equal(traced(tf.constant([1, 2]), arguments[1]), f(tf.constant([1, 2]), arguments[1]))


def test_errors_inside_of_loops_come_as_they_are():
    def f(x):
        return tf.while_loop(lambda i: i < 1.0, lambda i: i + tf.check_numerics(1.0 / i, "no number here"), [x])

    with pytest.raises(tf.errors.InvalidArgumentError, match="no number here"):
        tfe.defun(f)(tf.constant(0.0))


def test_a_function_that_calls_itself_has_memory_for_each_call():
    def again(x):
        return [f(x - 1.0) if float(x) > 0.0 else x]

    @tfe.defun
    def f(x):
        before = tf.sin(x)
        (inner,) = eager_call(again, [x], [(x.dtype, x.extents)])
        return tf.exp(before * inner)

    def plain(x):
        return np.exp(np.sin(x) * (plain(x - 1) if x > 0 else x))

    for _ in range(2):
        np.testing.assert_allclose(float(f(tf.constant(2.0))), plain(2.0), rtol=1e-6)


def test_threads_do_not_share_memory():
    f = tfe.defun(lambda x: tf.reduce_sum(tf.exp(tf.sin(tf.matmul(x, x)) * x)))
    inputs = [tf.constant(np.full((40, 40), number, "f")) for number in (0.1, 0.2, 0.3)]
    expected = [float(f(x)) for x in inputs]
    wrong = []

    def work(x, value):
        wrong.extend(i for i in range(100) if float(f(x)) != value)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(inputs, expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_is_not_all_on_the_cpu_runs_operation_by_operation():
    f, x = tfe.defun(lambda x: tf.exp(x)), tf.constant(X)
    f(x)
    (traced,) = f.traces.values()
    plan, elsewhere = traced.plan(), object()
    assert plan.serves([x])
    with listening(device=elsewhere):
        assert not plan.serves([x])
    with tf.device("/cpu:0"):
        assert plan.serves([x]) and not plan.serves([tf.Tensor(X, elsewhere)])


@pytest.mark.parametrize("passes", [(), *((name,) for name in PASSES), ("dead_code", "fusion")], ids=str)
def test_passes_can_be_chosen(passes):
    f = tfe.defun(lambda x: tf.exp(tf.identity(x)) * 1.0, passes=passes)
    np.testing.assert_array_equal(f(tf.constant(X)).numpy(), np.exp(X))
    assert f.passes == passes


def test_a_training_step_needs_far_less_memory_than_eager_execution():
    width, layers = 100, 10
    variables = [tf.Variable(np.full((width, width), 0.01, "f")) for _ in range(layers)]

    def step(x):
        with tf.GradientTape() as tape:
            h = x
            for v in variables:
                h = tf.nn.relu(tf.matmul(h, v) + 0.1)
            loss = tf.reduce_mean(h * h)
        for v, g in zip(variables, tape.gradient(loss, variables)):
            v.assign_sub(0.1 * g)

    x = tf.ones([width, width])
    step(x)
    assert peak(tfe.defun(step), x) <= 0.7 * peak(step, x)


def peak(step, x):
    """Bytes beyond those that are in use before; of a traced function all, from the beginning."""
    gc.collect()
    tracemalloc.start()
    step(x), step(x)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def test_inf_and_nan_are_values_without_warnings():
    f = tfe.defun(lambda x: tf.reduce_sum(tf.log(tf.exp(x) * x) / x))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quiet.ignore_float_warnings()
        assert np.isnan(float(f(tf.constant([-1.0, 0.0, 1000.0]))))
    assert not caught


def test_passes_run_in_their_own_order():
    assert tfe.defun(lambda x: x, passes=["fusion", "dead_code"]).passes == ("dead_code", "fusion")
    assert tfe.defun(passes=["fusion"])(lambda x: x).passes == ("fusion",)


def test_an_unknown_pass_is_refused():
    with pytest.raises(ValueError, match="There is no pass called faster; there are lent_shapes, constant_folding"):
        tfe.defun(lambda x: x, passes=["faster"])


def test_arguments_in_another_order_than_their_names():
    f = tfe.defun(lambda b, a: [b - a, a * 2.0])
    for _ in range(3):
        assert [float(x) for x in f(tf.constant(5.0), tf.constant(3.0))] == [2.0, 6.0]
    same = tf.constant(1.0)
    assert [float(x) for x in f(same, same)] == [0.0, 2.0]
