"""The sweeps over the op-sample table: every op, its gradients and its graph. Values are held in tests/conformance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes

import minitfe as tf
from minitfe import nest
from minitfe.graph.graph import trace
from minitfe.operation import OPS

from . import sweep
from .samples import SAMPLES

SEEDS = st.integers(0, 2**16)

every_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.identifier)
with_gradient = pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if sample.differentiable()], ids=lambda sample: sample.identifier
)
elementwise = pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if sample.elementwise], ids=lambda sample: sample.identifier
)


@with_gradient
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_first_order(sample, dtype):
    for seed in (1, 2):
        check_first_order(sample, sample.draw(seed, dtype), seed, dtype)


@elementwise
@given(data=st.data(), seed=SEEDS)
def test_first_order_in_any_shape(sample, data, seed):
    if not sample.differentiable():
        return
    count = len(sample.inputs)
    shapes = data.draw(mutually_broadcastable_shapes(num_shapes=count, min_side=0, max_dims=3, max_side=3)).input_shapes
    check_first_order(sample, sample.draw(seed, "float64", shapes), seed, "float64", directions=1)


def check_first_order(sample, arrays, seed, dtype, directions=3):
    positions = sample.differentiable()
    precise = [x.astype("f8") if x.dtype.kind == "f" else x for x in arrays]
    loss, precise_loss = (sweep.scalar_loss(sample, xs, positions, seed) for xs in (arrays, precise))
    sweep.check_gradient(
        loss,
        precise_loss,
        [arrays[i] for i in positions],
        seed,
        sweep.GRADIENT_TOLERANCE[dtype] * sample.tolerance,
        f"gradient of {sample.identifier} in {dtype}",
        directions,
    )


@with_gradient
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_second_order(sample, dtype):
    if not sample.second_order:
        pytest.skip("declared to have no second derivative")
    seed = 3
    arrays = sample.draw(seed, dtype)
    positions = sample.differentiable()
    precise = [x.astype("f8") if x.dtype.kind == "f" else x for x in arrays]
    generator = np.random.default_rng(seed + 9)
    directions = [generator.normal(size=arrays[i].shape) for i in positions]
    f, f64 = (
        sweep.gradient_projection(sweep.scalar_loss(sample, xs, positions, seed, curved=True), xs, directions)
        for xs in (arrays, precise)
    )
    tolerance = 10 * sweep.GRADIENT_TOLERANCE[dtype] * sample.tolerance
    sweep.check_gradient(
        f, f64, [arrays[i] for i in positions], seed, tolerance, f"second derivative of {sample.identifier} in {dtype}"
    )


@every_sample
@pytest.mark.parametrize("sizes_known", [True, False], ids=["sizes known", "sizes unknown"])
def test_graph_equals_eager(sample, sizes_known):
    """Values and gradients of the traced function are those of the eager one, to the bit."""
    if sample.sizes_known and not sizes_known:
        pytest.skip("declared to need known sizes")
    arrays = sample.draw(5, sample.dtypes[0])
    inputs = [tf.convert_to_tensor(x) for x in arrays]
    positions = sample.differentiable()

    def values_and_gradients(*xs):
        with tf.GradientTape() as tape:
            watched = [xs[i] for i in positions]
            tape.watch(watched)
            outputs = nest.flatten(sample.function(*xs, **sample.arguments))
        gs = [tf.convert_to_tensor(g) for g in tape.gradient(outputs, watched) if g is not None]
        return outputs, gs

    eager = values_and_gradients(*inputs)
    graph, placeholders, traced = trace(values_and_gradients, *inputs, sizes_known=sizes_known)
    for y, x in zip(nest.flatten(traced), nest.flatten(eager)):
        fits = (
            y.shape == x.shape if sizes_known and not sample.sizes_from_values else y.shape.is_compatible_with(x.shape)
        )
        assert y.dtype is x.dtype and fits, f"the shape rule says {y.dtype} {y.shape}, the kernel {x.dtype} {x.shape}"
    ran = graph.run(traced, dict(zip(placeholders, inputs)))
    assert [len(part) for part in ran] == [len(part) for part in eager]
    for y, x in zip(nest.flatten(ran), nest.flatten(eager)):
        np.testing.assert_array_equal(y.numpy(), x.numpy())


@every_sample
@pytest.mark.parametrize("sizes_known", [True, False], ids=["sizes known", "sizes unknown"])
def test_session_equals_eager(sample, sizes_known):
    """Values and gradients that a session computes are those of eager execution, to the bit."""
    if sample.sizes_known and not sizes_known:
        pytest.skip("declared to need known sizes")
    arrays = sample.draw(6, sample.dtypes[0])
    positions = sample.differentiable()
    inputs = [tf.convert_to_tensor(x) for x in arrays]
    with tf.GradientTape() as tape:
        watched = [inputs[i] for i in positions]
        tape.watch(watched)
        eager = nest.flatten(sample.function(*inputs, **sample.arguments))
    eager += [tf.convert_to_tensor(g) for g in tape.gradient(eager, watched) if g is not None]
    with tf.Graph().as_default(), tf.Session() as session:
        placeholders = [tf.placeholder(x.dtype, x.shape if sizes_known else [None] * x.ndim) for x in inputs]
        outputs = nest.flatten(sample.function(*placeholders, **sample.arguments))
        gs = tf.gradients(outputs, [placeholders[i] for i in positions]) if positions else []
        outputs += [tf.convert_to_tensor(g) for g in gs if g is not None]
        feeds = dict(zip(placeholders, arrays))
        first, _, compiled = (session.run(outputs, feeds) for _ in range(3)) if outputs else ([], [], [])
    assert len(first) == len(compiled) == len(eager)
    for y, z, x in zip(first, compiled, eager):
        np.testing.assert_array_equal(y, x.numpy())
        if x.dtype.is_floating or x.dtype.is_complex:  # passes may add up in another order
            np.testing.assert_allclose(z, y, rtol=1e-5, atol=1e-5 * np.max(np.abs(y), initial=0, where=np.isfinite(y)))
        else:
            np.testing.assert_array_equal(z, y)


def gradients_of(f, xs):
    with tf.GradientTape() as tape:
        tape.watch(list(xs))
        y = f(*xs)
    return tape.gradient(y, list(xs))


# These belong to the interpreters: tests/test_variable.py and tests/test_kernel_packages.py hold them.
INTERPRETERS_OWN = {"read_variable", "copy"}


def test_every_op_has_a_sample():
    """An op that no sample's value, gradient or second derivative goes through is an op that nothing here checks."""
    seen = set()
    for sample in SAMPLES:
        arrays = sample.draw(1, sample.dtypes[0])
        seen |= sweep.traced_ops(lambda *xs: sample.function(*xs, **sample.arguments), arrays)
        if (positions := sample.differentiable()) and not sample.sizes_from_values:
            loss = sweep.scalar_loss(sample, arrays, positions, 1, curved=True)
            directions = [np.ones(arrays[i].shape) for i in positions]
            f = sweep.gradient_projection(loss, arrays, directions)
            seen |= sweep.traced_ops(lambda *xs: gradients_of(f, xs), [arrays[i] for i in positions])
    missing = set(OPS) - seen - INTERPRETERS_OWN
    assert not missing, f"ops without a sample: {sorted(missing)}"
