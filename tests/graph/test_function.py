"""defun: traced once for each kind of argument, and differentiable to any order."""

import gc
import logging
import threading
import weakref

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph import function

from .. import sweep
from ..samples import SAMPLES

# Their losses in sweep.py weigh each element of a result whose size is known only when it has run.
SIZES_FROM_VALUES = [sample for sample in SAMPLES if not sample.sizes_from_values]


def derivatives(f, x, orders):
    """f and its derivatives at x, by nested tapes."""
    if orders == 0:
        return [f(x)]
    with tf.GradientTape() as tape:
        tape.watch(x)
        *lower, last = derivatives(f, x, orders - 1)
        total = tf.reduce_sum(last)
    return [*lower, last, tape.gradient(total, x)]


# --------------------------------------------------------------------------------------------------------- tracing


def test_a_function_is_traced_once_for_equal_kinds_of_arguments():
    traced = []

    @tfe.defun
    def f(x, n=2):
        traced.append((x.shape.as_list(), n))
        return x * n

    assert [float(f(tf.constant(x))) for x in (1.0, 2.0)] == [2.0, 4.0]
    f(tf.constant([1.0]))
    f(tf.constant([2.0]), n=2)
    f(tf.constant([2.0]), 3)
    f(tf.constant([2]))
    assert traced == [([], 2), ([1], 2), ([1], 3), ([1], 2)]


def test_python_values_are_told_apart_by_type():
    f = tfe.defun(lambda x, flag: x + 1.0 if flag is True else x)
    assert float(f(tf.constant(1.0), True)) == 2.0
    assert float(f(tf.constant(1.0), 1)) == 1.0


def test_structures_go_in_and_come_out():
    @tfe.defun
    def f(pair, options):
        return {"sum": pair[0] + pair[1], "rest": (options["a"], None, "text")}

    result = f((tf.constant(1.0), tf.constant(2.0)), {"a": tf.constant([3])})
    assert float(result["sum"]) == 3.0
    assert result["rest"][0].numpy() == [3] and result["rest"][1:] == (None, "text")


def test_numpy_arrays_are_tensors_to_it():
    traced = []

    @tfe.defun
    def f(x):
        traced.append(1)
        return x + x

    assert [f(np.array([i])).numpy()[0] for i in range(3)] == [0, 2, 4] and len(traced) == 1


def test_an_output_is_a_tensor_of_its_own():
    x = tf.constant(1.0)
    assert tfe.defun(lambda x: x)(x) is not x


def test_python_runs_at_tracing_time_only():
    said = []
    f = tfe.defun(lambda x: (said.append("traced"), x)[1])
    f(tf.constant(1.0)), f(tf.constant(2.0))
    assert said == ["traced"]


def test_a_python_decision_on_a_tensor_is_refused_and_leaves_nothing_behind():
    f = tfe.defun(lambda x: x if x > 0.0 else -x)
    with pytest.raises(TypeError, match="use TensorFlow ops such as tf.cond"):
        f(tf.constant(1.0))
    assert tf.executing_eagerly() and not f.traces


def test_wrong_arguments_are_refused_as_by_the_function_itself():
    with pytest.raises(TypeError, match="missing a required argument: 'y'"):
        tfe.defun(lambda x, y: x)(1.0)


def test_many_traces_are_warned_of_with_the_argument_that_changes(caplog):
    f = tfe.defun(lambda x, n: x * n)
    with caplog.at_level(logging.WARNING, "minitfe"):
        for n in range(function.WARN_AFTER + 3):
            f(tf.constant(1.0), n)
    assert [record.getMessage().partition(". ")[0] for record in caplog.records] == [
        "<lambda> was traced 8 times: its argument 'n' kept changing"
    ]


def test_the_number_of_traces_is_limited(monkeypatch):
    monkeypatch.setattr(function, "MOST_TRACES", 3)
    f = tfe.defun(lambda x, n: x * n)
    for n in range(5):
        assert float(f(tf.constant(2.0), n)) == 2.0 * n
    assert len(f.traces) == 3


def test_methods_have_traces_for_each_object_that_end_with_it():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        @tfe.defun
        def __call__(self, x):
            return x * self.factor

    double, triple = Scale(2.0), Scale(3.0)
    assert [float(scale(tf.constant(1.0))) for scale in (double, triple, double)] == [2.0, 3.0, 2.0]
    gone = weakref.ref(triple)
    del triple
    gc.collect()
    assert gone() is None


def test_an_inner_function_becomes_part_of_the_outer_one():
    inner = tfe.defun(lambda x: x * x)
    outer = tfe.defun(lambda x: inner(x) + 1.0)
    assert float(outer(tf.constant(3.0))) == 10.0
    assert "multiply(%0, %0)" in outer.graph_text() and not inner.traces


def test_graph_text_names_variables_constants_and_settings():
    v = tf.Variable([1.0, 2.0], name="weights")
    f = tfe.defun(lambda x: tf.reduce_sum(x * v, axis=0))
    f(tf.ones([2]))
    assert f.graph_text() == (
        "inputs: %0 float32 (2,)\n"
        "%1 = read_variable(weights:0)  float32 (2,)\n"
        "%2 = multiply(%0, %1)  float32 (2,)\n"
        "%3 = reduce_sum(%2, axis=(0,), keepdims=False)  float32 ()\n"
        "returns: %3"
    )


def test_two_threads_call_one_function():
    f = tfe.defun(lambda x: tf.reduce_sum(x * x + 1.0))
    wrong = []

    def work(number):
        x = tf.fill([50], float(number))
        wrong.extend(i for i in range(200) if float(f(x)) != 50.0 * (number**2 + 1))

    threads = [threading.Thread(target=work, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# ------------------------------------------------------------------------------------------------------- variables


def test_variables_are_read_and_assigned_in_order_each_time():
    v = tf.Variable(1.0)

    @tfe.defun
    def f():
        before = v.read_value()
        v.assign_add(1.0)
        between = v * 1.0
        v.assign(v * 10.0)
        return before, between

    assert [float(x) for x in f()] == [1.0, 2.0] and float(v) == 20.0
    assert [float(x) for x in f()] == [20.0, 21.0] and float(v) == 210.0


def test_variables_are_made_once():
    class Model:
        v = None

        @tfe.defun
        def __call__(self, x):
            if self.v is None:
                self.v = tf.Variable(lambda: tf.random_normal([3]))
            return x * self.v

    model = Model()
    np.testing.assert_array_equal(model(tf.ones([3])).numpy(), model(tf.ones([3])).numpy())


def test_a_variable_cannot_begin_with_what_has_no_value():
    f = tfe.defun(lambda x: tf.Variable(x) * 1.0)
    with pytest.raises(ValueError, match="give it a function that returns the initial value"):
        f(tf.constant(1.0))


def test_a_whole_training_step():
    optimizer, v = tf.train.MomentumOptimizer(0.1, 0.9), tf.Variable(4.0)
    copy, plain = tf.Variable(4.0), tf.train.MomentumOptimizer(0.1, 0.9)

    def step(optimizer, v):
        with tf.GradientTape() as tape:
            loss = v * v
        optimizer.apply_gradients([(tape.gradient(loss, v), v)])
        return loss

    traced = tfe.defun(step)
    for _ in range(5):
        assert float(traced(optimizer, v)) == float(step(plain, copy))
    assert float(v) == float(copy)


def test_random_numbers_are_drawn_anew_in_each_call():
    f = tfe.defun(lambda: tf.random_normal([3]))
    tf.set_random_seed(1)
    first, second = f().numpy(), f().numpy()
    tf.set_random_seed(1)
    np.testing.assert_array_equal(f().numpy(), first)
    assert (first != second).all()


def test_a_model_whose_call_is_traced():
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(8, activation=tf.nn.relu, input_shape=(4,)), tf.keras.layers.Dropout(0.5)]
    )
    x = tf.random_normal([6, 4])
    expected = model(x, training=False).numpy()
    model.call = tfe.defun(model.call)
    np.testing.assert_allclose(model(x, training=False).numpy(), expected, rtol=1e-6)
    assert (model(x, training=True).numpy() != model(x, training=True).numpy()).any()
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x, training=False) ** 2)
    assert all(g is not None for g in tape.gradient(loss, model.trainable_variables))


# ------------------------------------------------------------------------------------------------------- gradients


def test_derivatives_of_any_order():
    def f(x):
        return tf.tanh(x * x * 0.1) * tf.exp(x)

    x = tf.constant(1.2, tf.float64)
    for traced, plain in zip(derivatives(tfe.defun(f), x, 4), derivatives(f, x, 4)):
        np.testing.assert_allclose(float(traced), float(plain), rtol=1e-12)


def test_a_tape_inside_and_a_tape_outside():
    @tfe.defun
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x**3.0
        return tape.gradient(y, x)

    value, second = derivatives(slope, tf.constant(2.0), 1)
    assert (float(value), float(second)) == (12.0, 12.0)


def test_gradients_reach_variables_and_tensors_of_the_surroundings():
    v, outside = tf.Variable(3.0), tf.constant(5.0)
    f = tfe.defun(lambda x: x * v * outside)
    with tf.GradientTape() as tape:
        tape.watch(outside)
        y = f(tf.constant(2.0))
    assert [float(g) for g in tape.gradient(y, [v, outside])] == [10.0, 6.0]


def test_an_untrainable_variable_is_not_watched():
    v = tf.Variable(3.0, trainable=False)
    f = tfe.defun(lambda x: x * v)
    with tf.GradientTape() as tape:
        y = f(tf.constant(2.0))
    assert tape.gradient(y, v) is None


def test_rows_of_an_embedding_have_a_sparse_gradient():
    embedding = tf.Variable(tf.ones([5, 2]))
    f = tfe.defun(lambda indices: tf.reduce_sum(tf.gather(embedding, indices) ** 2.0))
    with tf.GradientTape() as tape:
        y = f(tf.constant([1, 1]))
    gradient = tape.gradient(y, embedding)
    assert isinstance(gradient, tf.IndexedSlices)
    np.testing.assert_array_equal(gradient.values.numpy(), np.full((2, 2), 2.0))


def test_custom_gradients_hold():
    @tf.custom_gradient
    def f(x):
        return x * 1.0, lambda dy: dy * 7.0

    assert float(derivatives(tfe.defun(f), tf.constant(1.0), 1)[1]) == 7.0


def test_no_tape_no_intermediate_results():
    f = tfe.defun(lambda x: tf.tanh(x) * x)
    f(tf.constant(1.0))
    (traced,) = f.traces.values()
    assert traced._intermediates is None


@pytest.mark.parametrize("sample", SIZES_FROM_VALUES, ids=lambda sample: sample.identifier)
def test_every_op(sample):
    """Traced equals eager, to the bit; gradients to second order equal, with tapes inside the trace and outside."""
    arrays, positions = sample.draw(3, sample.dtypes[0]), sample.differentiable()
    tensors = [tf.convert_to_tensor(x) for x in arrays]
    for x, y in zip(tfe.defun(lambda *xs: sweep.call(sample, xs))(*tensors), sweep.call(sample, tensors)):
        np.testing.assert_array_equal(x.numpy(), y.numpy())
    if not positions:
        return
    loss = sweep.scalar_loss(sample, arrays, positions, 3, curved=True)
    chosen = [arrays[i] for i in positions]
    directions = [np.ones(x.shape) for x in chosen]
    second = sweep.gradient_projection(loss, arrays, directions)
    outside = sweep.gradient_projection(tfe.defun(loss), arrays, directions)
    for plain, traced in [(loss, tfe.defun(loss)), (second, tfe.defun(second)), (second, outside)]:
        for x, y in zip(sweep.gradients(traced, chosen), sweep.gradients(plain, chosen)):
            np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-6, atol=1e-9)


def test_second_derivatives_where_a_part_has_no_gradient():
    """The rule of unstack makes zeros like the second part, which no derivative needs the value of."""

    def f(x):
        a, b = tf.unstack(x)
        return tf.sin(a) + b

    x = tf.constant([1.0, 2.0], tf.float64)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tfe.defun(f)(x)
        slope = inner.gradient(y, x)
        projection = tf.reduce_sum(slope * slope)
    np.testing.assert_allclose(outer.gradient(projection, x).numpy(), [-np.sin(2.0), 0.0], rtol=1e-14)
