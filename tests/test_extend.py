"""minitfe.extend: an op from outside is an op like all others, and its samples hold it."""

import numpy as np
import pytest

import minitfe as tf
from minitfe import extend
from minitfe.graph.graph import trace

from . import sweep


def softsquare_kernel(x):
    return x * x / (1 + x * x)


def softsquare_dx(g, x, output):
    """d(x² / (1 + x²))/dx = 2x / (1 + x²)²"""
    return g * 2 * x / tf.square(1 + x * x)


def register(kernel=softsquare_kernel, rule=softsquare_dx):
    return extend.register_op(
        "softsquare",
        kernels={"numpy": kernel},
        shape=extend.shapes.same,
        gradients={0: rule},
        samples=[extend.Sample(inputs=[extend.Values((2, 3))], reference=lambda x: 1 - 1 / (1 + x**2))],
    )


@pytest.fixture
def softsquare():
    yield register()
    extend.unregister_op("softsquare")


def held_by_its_samples(function):
    """What the sweeps do with each sample: value, first and second derivative, graph."""
    (sample,) = [s for s in extend.SAMPLES if s.function is function]
    arrays = sample.draw(1, "float64")
    for y, wanted in zip(sweep.call(sample, arrays), sweep.expected(sample, arrays)):
        sweep.assert_close(y.numpy(), wanted, 1e-12, "value")
    loss = sweep.scalar_loss(sample, arrays, [0], 1)
    sweep.check_gradient(loss, loss, arrays, 1, 1e-6, "gradient")
    second = sweep.gradient_projection(loss, arrays, [np.ones((2, 3))])
    sweep.check_gradient(second, second, arrays, 1, 1e-5, "second derivative")


def test_an_op_from_outside(softsquare):
    assert float(softsquare(1.0)) == 0.5
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = softsquare(x)
    assert float(tape.gradient(y, x)) == 0.5
    graph, (placeholder,), traced = trace(softsquare, x)
    assert graph.operations[0].op.name == "softsquare" and float(graph.run(traced, {placeholder: 1.0})) == 0.5
    held_by_its_samples(softsquare)


def test_a_wrong_kernel_is_found():
    function = register(kernel=lambda x: x * x / (1 + x * x) + 1e-9)
    try:
        with pytest.raises(AssertionError, match="value: off by"):
            held_by_its_samples(function)
    finally:
        extend.unregister_op("softsquare")


def test_a_wrong_rule_is_found():
    function = register(rule=lambda g, x, output: g * 2 * x / (1 + x * x))
    try:
        with pytest.raises(AssertionError, match="gradient: analytic"):
            held_by_its_samples(function)
    finally:
        extend.unregister_op("softsquare")


def test_errors_of_its_kernel_are_named():
    def picky(x):
        raise ValueError("no numbers below zero")

    function = extend.register_op(
        "picky", kernels={"numpy": picky}, shape=extend.shapes.same, no_gradient="it is a test"
    )
    try:
        with pytest.raises(
            tf.errors.InvalidArgumentError,
            match=r"no numbers below zero \[Op:Picky\]. picky\(\) was given float32 \(\)",
        ):
            function(1.0)
    finally:
        extend.unregister_op("picky")


def test_a_kernel_that_breaks_its_contract_is_named():
    def broken(x):
        raise KeyError("oops")

    function = extend.register_op(
        "broken", kernels={"numpy": broken}, shape=extend.shapes.same, no_gradient="it is a test"
    )
    try:
        with pytest.raises(tf.errors.InternalError, match="The kernel 'broken' of the package 'numpy' raised KeyError"):
            function(1.0)
    finally:
        extend.unregister_op("broken")


def test_what_an_op_must_have(softsquare):
    with pytest.raises(tf.errors.InvalidArgumentError, match="'lame' needs a kernel for 'numpy'"):
        extend.register_op("lame", kernels={}, shape=extend.shapes.same)
    with pytest.raises(tf.errors.InvalidArgumentError, match="'lame' has no gradient rule"):
        extend.register_op("lame", kernels={"numpy": np.abs}, shape=extend.shapes.same)
    with pytest.raises(tf.errors.AlreadyExistsError, match="There is an op called 'softsquare' already"):
        register()
