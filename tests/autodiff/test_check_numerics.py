"""The first op that makes a NaN or an Inf: named with its line, forward and backward."""

import re
import threading

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import devices
from minitfe.operation import OPS
from minitfe.ops.math import multiply
from tests import sweep
from tests.samples import SAMPLES
from tests.test_kernel_packages import with_the_toy

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def checking():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


def complaint(function, *args):
    """The message of the error that a function raises."""
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        function(*args)
    return str(caught.value)


def lines_of(message):
    """The lines of this file that a message names, as they are written there."""
    return re.findall(r"test_check_numerics.py:\d+, `(.*?)`[,.]", message)


def test_tensorflows_words_then_op_line_shapes_counts(checking):
    message = complaint(lambda: tf.log(tf.constant([[1.0, 0.0, 2.0], [-1.0, -2.0, 3.0]])))
    assert message.startswith('Detected Infinity or NaN in output 0 of eagerly-executing op "Log" [Op:Log].')
    assert "returned 2 NaN and 1 Inf among 6 elements in float32 (2, 3), the first at [0, 1]." in message
    assert message.endswith("What it was given was finite: input 0, float32 (2, 3) from -2 to 3.")
    assert len(lines_of(message)) == 1 and "tf.log(tf.constant(" in lines_of(message)[0]


def test_an_input_that_was_bad_already_is_named(checking):
    message = complaint(lambda: tf.constant([1.0, 2.0]) * tf.constant([3.0, NAN]))
    assert "It was given that: input 1 had 1 NaN among 2 elements already" in message
    assert "input 0" not in message and "from data, from a constant, or from a variable" in message


def test_the_first_op_stops_the_program(checking):
    def f():
        y = tf.log(tf.constant(0.0))
        return tf.exp(y)

    assert lines_of(complaint(f)) == ["y = tf.log(tf.constant(0.0))"]


@pytest.mark.parametrize("outer_tapes", [0, 1])
def test_in_the_backward_pass_the_op_and_its_line_are_named(checking, outer_tapes):
    x = tf.Variable([0.0, 4.0])

    def f():
        with tf.GradientTape() as tape:
            y = tf.sqrt(x)
            z = tf.reduce_sum(y)
        return tape.gradient(z, x)

    with tf.GradientTape():
        message = complaint(f)
    assert "1 Inf among 2 elements" in message
    assert "This was while computing the gradient of sqrt, which was called at" in message
    assert lines_of(message) == ["return tape.gradient(z, x)", "y = tf.sqrt(x)"]


def test_in_the_gradient_of_an_op_with_one_rule_for_all_inputs(checking):
    @tf.custom_gradient
    def f(x):
        def grad(dy):
            return dy / tf.zeros_like(dy)

        return x * 2.0, grad

    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    message = complaint(tape.gradient, y, x)
    assert lines_of(message) == ["return dy / tf.zeros_like(dy)", "y = f(x)"]
    assert "while computing the gradient of f, which" in message


def test_in_a_second_derivative(checking):
    x = tf.constant(0.0)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.pow(x, 1.5)
        slope = inner.gradient(y, x)
    assert float(slope) == 0.0
    assert "while computing the gradient of" in complaint(outer.gradient, slope, x)


def test_a_sum_of_gradients_that_overflows_is_found(checking):
    """The walker adds gradients up in place where it can; that would pass by unseen."""
    x = tf.constant([1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x + x + x + x
    message = complaint(lambda: tape.gradient(y, x, output_gradients=[[1e38]]))
    assert 'op "Add' in message and "1 Inf among 1 element " in message


def test_an_op_without_inputs(checking):
    assert "fill" in complaint(tf.fill, [2], INF)


def test_an_op_with_several_outputs(checking):
    x = tf.constant([1.0, 2.0, NAN, 4.0])
    assert "in output 1 of" in complaint(tf.split, x, 2)


def test_complex_numbers_and_halves(checking):
    assert "complex64 ()" in complaint(lambda: tf.constant(1j, tf.complex64) / tf.constant(0j, tf.complex64))
    assert "float16 ()" in complaint(lambda: tf.constant(60000.0, tf.float16) * 2.0)


def test_what_is_finite_passes_and_integers_are_not_looked_at(checking):
    assert float(tf.log(tf.constant(1.0))) == 0.0
    assert int(tf.constant(2**31 - 1) + 1) == -(2**31)
    assert tf.is_nan(tf.constant([NAN])).numpy().all()


def test_in_a_traced_function_the_line_is_that_of_the_op():
    @tfe.defun
    def f(x):
        y = tf.sqrt(x)
        return tf.reduce_sum(y)

    x = tf.constant([0.0, 4.0])
    assert float(f(x)) == 2.0, "compiled before"
    tf.debugging.enable_check_numerics()
    try:
        forward = complaint(f, tf.constant([-1.0, 4.0]))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        backward = complaint(tape.gradient, y, x)
        assert float(f(x)) == 2.0
    finally:
        tf.debugging.disable_check_numerics()
    assert np.isnan(float(f(tf.constant([-1.0, 4.0])))), "nothing of it stays"
    assert "sqrt()" in forward and lines_of(forward) == ["y = tf.sqrt(x)"]
    assert "while computing the gradient of call" in backward and lines_of(backward)[-1] == "y = f(x)"


def test_on_threads_and_in_scopes_that_were_there_before():
    messages = []
    ready, go = threading.Event(), threading.Event()

    def work():
        with tf.GradientTape(), tf.device("/cpu:0"):
            ready.set()
            go.wait(60)
            messages.append(complaint(tf.log, tf.constant(0.0)))

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(60)
    tf.debugging.enable_check_numerics()
    try:
        go.set()
        thread.join()
    finally:
        tf.debugging.disable_check_numerics()
    assert "log()" in messages[0]


def test_on_another_device():
    """A kernel of its package, and one that it lacks, which runs on the CPU."""
    program = """
import minitfe as tf
tf.enable_eager_execution()
tf.debugging.enable_check_numerics()
for function in (tf.negative, tf.log):
    try:
        with tf.device('/toy:0'):
            x = tf.constant([0., float('inf') if function is tf.negative else 1.])
            function(x)
    except tf.errors.InvalidArgumentError as error:
        print(error)
"""
    first, second = with_the_toy("-W", "ignore", "-c", program).stdout.splitlines()
    assert "negative() on /toy:0" in first and "1 Inf among 2 elements" in first and "input 0 had 1 Inf" in first
    assert "log() on /cpu:0" in second and "the first at [0]" in second


def test_off_again_all_is_as_before():
    cpu = devices.cpu()
    tf.log(tf.constant(1.0))
    kernel = OPS["log"].kernels[cpu][np.dtype("f4")]
    tf.debugging.enable_check_numerics()
    tf.debugging.enable_check_numerics()
    assert OPS["log"].kernels[cpu][np.dtype("f4")] is not kernel
    tf.debugging.disable_check_numerics()
    assert OPS["log"].kernels[cpu][np.dtype("f4")] is kernel
    assert cpu.accumulate is not None
    assert np.isneginf(tf.log(tf.constant(0.0)).numpy())
    tf.debugging.disable_check_numerics()
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        multiply(x, x)
    assert tape.operations[0].where is None, "lines are noted no longer"


def test_no_false_alarm_in_any_sample():
    """What begins and ends with finite numbers, gradient included, has none that are not on its way."""
    checked = 0
    for sample in SAMPLES:
        arrays = sample.draw(1, "float64" if "float64" in sample.dtypes else sample.dtypes[0])
        if value_and_gradients_are_finite(sample, arrays):
            tf.debugging.enable_check_numerics()
            try:
                assert value_and_gradients_are_finite(sample, arrays), sample.identifier
            finally:
                tf.debugging.disable_check_numerics()
            checked += 1
    assert checked > 400


def value_and_gradients_are_finite(sample, arrays):
    positions = sample.differentiable() if arrays and arrays[0].dtype == np.float64 else []
    results = [*arrays, *(y.numpy() for y in sweep.call(sample, arrays))]
    if positions:
        sources = [tf.constant(arrays[i]) for i in positions]
        with tf.GradientTape() as tape:
            tape.watch(sources)
            loss = sweep.scalar_loss(sample, arrays, positions, 1)(*sources)
        results += [tf.convert_to_tensor(g).numpy() for g in tape.gradient(loss, sources) if g is not None]
    return all(np.isfinite(result).all() for result in results if np.asarray(result).dtype.kind in "fc")


def test_assertions_stand_in_the_same_namespace():
    np.testing.assert_array_equal(tf.debugging.assert_all_finite([1.0, 2.0], "the loss").numpy(), [1.0, 2.0])
    assert "the loss" in complaint(tf.verify_tensor_all_finite, [1.0, NAN], "the loss")
    with pytest.raises(AttributeError, match="did you mean tf.debugging.enable_check_numerics"):
        tf.debugging.enable_check_numeric  # noqa: B018
