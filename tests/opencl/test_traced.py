"""Traced functions on a GPU: eager, graph, defun with and without passes agree with each other and with the CPU."""

import threading
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import nest
from minitfe.graph.device_groups import Fused
from minitfe.graph.graph import trace
from minitfe_opencl import runtime

from .. import sweep
from ..graph import test_random_programs as programs
from ..samples import SAMPLES

pytestmark = [
    pytest.mark.usefixtures("gpu"),
    pytest.mark.filterwarnings("ignore:.*runs on the CPU"),
    pytest.mark.filterwarnings("ignore:.*was traced"),
]


def plans_of(function):
    return [plan for traced in function.traces.values() for plan in traced._device_plans.values()]


# -------------------------------------------------------------------------------------------------- the sample table


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.identifier)
def test_all_ways_to_run_a_sample_agree(gpu, sample):
    """Values, and gradients of an uneven sum of them."""
    arrays = sample.draw(5, "float32" if "float32" in sample.dtypes else sample.dtypes[0])
    positions = sample.differentiable()

    def values_and_gradients(*xs):
        with tf.GradientTape() as tape:
            watched = [xs[i] for i in positions]
            tape.watch(watched)
            outputs = nest.flatten(sample.function(*xs, **sample.arguments))
            losses = [tf.reduce_sum(y * y) for y in outputs if y.dtype.is_floating] or outputs
        gs = [tf.convert_to_tensor(g) for g in tape.gradient(losses, watched) if g is not None]
        return [*outputs, *gs]

    with tf.device("/cpu:0"):
        wanted = values_and_gradients(*[tf.identity(tf.convert_to_tensor(x)) for x in arrays])
    with tf.device(gpu.name):
        inputs = [tf.identity(tf.convert_to_tensor(x)) for x in arrays]
        graph, placeholders, outputs = trace(values_and_gradients, *inputs)
        plain, full = (tfe.defun(values_and_gradients, passes=passes) for passes in ((), None))
        ways = {
            "eager": values_and_gradients(*inputs),
            "graph": graph.run(outputs, dict(zip(placeholders, inputs))),
            "defun": plain(*inputs),
            "defun with passes": full(*inputs),
            "the same again": full(*inputs),
        }
    assert plans_of(plain) and plans_of(full)
    for way, found in ways.items():
        assert len(found) == len(wanted), way
        for y, reference in zip(found, wanted):
            tolerance = 1e-4 * sample.tolerance
            sweep.assert_close(
                y.numpy(), reference.numpy(), tolerance, f"{sample.identifier}, {way}", smallest_scale=1e-2
            )


# ---------------------------------------------------------------------------------------------------- random programs


@settings(max_examples=10, deadline=None)
@given(st.lists(programs.steps, min_size=5, max_size=30), st.integers(0, 99))
def test_random_programs_agree(gpu, program, seed):
    if not gpu.handle.has(np.dtype("f8")):
        pytest.skip("the device has no float64")
    generator = np.random.default_rng(seed)
    rows, columns = programs.ROWS, programs.COLUMNS
    arrays = [generator.normal(size=(rows, columns)), generator.normal(size=columns), np.array([[0.0], [-0.0]])]

    def f(inputs, variable):
        return programs.run(program, inputs, variable)

    with tf.device("/cpu:0"):
        expected, missing = programs.everything(f, arrays)
        inside = programs.gradients_inside(f, arrays, lambda function: function)
    with tf.device(gpu.name):
        for way in (lambda function: function, lambda function: tfe.defun(function, passes=()), tfe.defun):
            found, also_missing = programs.everything(way(f), arrays)
            assert missing == also_missing
            programs.compare(found, expected, way)
            programs.compare(programs.gradients_inside(f, arrays, way), inside, way)


# -------------------------------------------------------------------------------------------------------- fused groups


def bells(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(tf.exp(-x * x) * tf.sin(x) + x)
    return [y, tape.gradient(y, x)]


def test_a_function_and_its_gradient_are_one_kernel(gpu):
    x = tf.constant(np.linspace(-3, 3, 10_007, dtype="f")).gpu()
    f = tfe.defun(bells)
    for y, wanted in zip(f(x), bells(x.cpu())):
        np.testing.assert_allclose(y.numpy(), wanted.numpy(), rtol=1e-4, atol=1e-4)
    (plan,) = plans_of(f)
    (unit,) = plan.units
    assert isinstance(unit, Fused) and unit.device is gpu


def test_nothing_waits_for_the_device_within_a_plan(monkeypatch):
    with tf.device("/gpu:0"):
        v = tf.Variable(tf.ones([20, 30]))
        x, labels = tf.random_normal([8, 20], seed=1), tf.identity(tf.constant([i % 30 for i in range(8)]))

        @tfe.defun
        def step(x):
            with tf.GradientTape() as tape:
                logits = tf.tanh(tf.matmul(x, v))
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
            v.assign_sub(0.1 * tape.gradient(loss, v))
            return loss

        first = float(step(x))

        def wait(*arguments):
            raise AssertionError("the host waited")

        with monkeypatch.context() as patch:
            patch.setattr(runtime, "download", wait)
            losses = [step(x) for _ in range(5)]
        assert float(losses[-1]) < float(losses[0]) < first


def test_a_training_step_is_that_of_eager_execution():
    def trained(way):
        with tf.device("/gpu:0"):
            w, b = tf.Variable(tf.ones([5, 48]) * 0.1), tf.Variable(tf.zeros([48]))
            x = tf.identity(tf.constant(np.random.default_rng(0).normal(size=(32, 5)).astype("f")))

            def step(x, rate):
                with tf.GradientTape() as tape:
                    loss = tf.reduce_mean(tf.square(tf.sigmoid(tf.matmul(x, w) + b) - 0.3 * x[:, :1]))
                for variable, g in zip((w, b), tape.gradient(loss, [w, b])):
                    variable.assign_sub(rate * g)
                return loss

            step = way(step)
            losses = [float(step(x, tf.constant(0.5))) for _ in range(5)]
        return [losses, w.numpy(), b.numpy()]

    for found, wanted in zip(trained(tfe.defun), trained(lambda step: step)):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_a_group_with_more_arrays_than_a_kernel_takes_is_cut(gpu):
    with tf.device("/gpu:0"):
        inputs = [tf.fill([20], float(i)) for i in range(48)]

        @tfe.defun
        def f(inputs):
            sums = [inputs[0]]
            for x in inputs[1:]:
                sums.append(sums[-1] + x)
            return sums

        for y, wanted in zip(f(inputs), f.python_function(inputs)):
            np.testing.assert_allclose(y.numpy(), wanted.numpy(), rtol=1e-5)
    (plan,) = plans_of(f)
    assert all(isinstance(unit, Fused) for unit in plan.units)
    assert (len(plan.units) > 1) == (gpu.handle.device.max_parameter_size < 1200)


def test_inputs_may_lie_anywhere(gpu):
    array = np.linspace(-1, 1, 6, dtype="f")
    f = tfe.defun(lambda x, y: tf.exp(x) * y + x)
    wanted = np.exp(array) * array + array
    x = tf.constant(array)
    for a, b in ((x.gpu(), x.gpu()), (x.cpu(), x.gpu()), (x.gpu(), x.cpu()), (x.cpu(), x.cpu())):
        y = f(a, b)
        np.testing.assert_allclose(y.numpy(), wanted, rtol=1e-5)
        assert (y.device == gpu.name) == (gpu in (a.home, b.home))
    with tf.device(gpu.name):
        assert f(x.cpu(), x.cpu()).home is gpu
    with tf.device("/cpu:0"):
        assert f(x.gpu(), x.gpu()).home.type == "CPU"


def test_two_threads_may_call_one_function():
    with tf.device("/gpu:0"):
        f = tfe.defun(lambda x: tf.reduce_sum(tf.exp(tf.sin(x) * x)))
        inputs = [tf.fill([1000], number) for number in (0.5, 1.0)]
        expected = [float(f(x)) for x in inputs]
    wrong = []

    def work(x, value):
        with tf.device("/gpu:0"):
            wrong.extend(i for i in range(200) if float(f(x)) != value)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(inputs, expected)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_many_calls_do_not_grow_device_memory(gpu):
    with tf.device("/gpu:0"):
        f = tfe.defun(bells)
        x = tf.random_normal([5000], seed=3)
        f(x)
        before = gpu.handle.used_memory()
        for _ in range(200):
            f(x)
        assert gpu.handle.used_memory() == before


def test_values_that_are_no_numbers_are_kept():
    array = np.array([np.nan, np.inf, -np.inf, -0.0, 1e30, -200.0, 200.0], "f")
    with tf.device("/gpu:0"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x = tf.identity(tf.constant(array))
        f = tfe.defun(
            lambda x: [tf.exp(x) * 1.0 + 0.0, tf.sin(x) + 0.0, tf.reduce_max(tf.nn.relu(x) * 2.0), tf.abs(x) * x]
        )
        for y, wanted in zip(f(x), f.python_function(x)):
            np.testing.assert_array_equal(y.numpy(), wanted.numpy())
