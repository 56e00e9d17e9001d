"""Random programs of 5 to 30 operations: eager equals traced, with no pass, each pass alone and all passes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph import plan_source
from minitfe.graph.passes import PASSES, fusion, products

ROWS, COLUMNS = 4, 3


def is_small(x):
    """Whether a tensor has an axis, and not too many elements to be doubled."""
    return x.shape.ndims > 0 and x.shape.num_elements() < 100


UNARY = [
    tf.negative, tf.tanh, tf.sin, tf.sigmoid, tf.nn.relu, tf.square, tf.identity, tf.stop_gradient, tf.abs, tf.zeros_like,
    lambda x: x * 1.0, lambda x: x + 0.0, lambda x: x - 0.0, lambda x: x / 1.0, lambda x: x * 0.5, tf.reduce_sum,
    lambda x: tf.transpose(x) if x.shape.ndims == 2 else x, lambda x: tf.reshape(x, [-1]),
    lambda x: tf.reshape(x, [ROWS, COLUMNS]) if x.shape.num_elements() == ROWS * COLUMNS else x,
    lambda x: tf.reduce_mean(x, 0) if x.shape.ndims else x, lambda x: tf.concat([x, x * x], 0) if is_small(x) else x,
    lambda x: tf.split(x, [1, -1])[1] if x.shape.ndims and x.shape[0] > 1 else x, lambda x: tf.cast(x, tf.float64),
    lambda x: tf.where(x > 0.0, x, -x), lambda x: tf.matmul(x, x, transpose_b=True) if is_small(x) and x.shape.ndims == 2 else x,
]  # fmt: skip

BINARY = [
    tf.add, tf.subtract, tf.multiply, tf.maximum, tf.squared_difference, lambda x, y: x + (-y), lambda x, y: x - (-y),
    lambda x, y: x * (-y), lambda x, y: tf.matmul(x, y, transpose_a=True) if x.shape.ndims == 2 == y.shape.ndims else x,
    lambda x, y: tf.concat([x, tf.tanh(x * y)], 0) if is_small(x) else x,
]  # fmt: skip

STATEFUL = ["read", "assign", "assign_add"]

steps = st.tuples(
    st.integers(0, len(UNARY) + 2 * len(BINARY) + len(STATEFUL) - 1), st.integers(0, 40), st.integers(0, 40)
)


def run(program, inputs, variable):
    """Goes through the steps; each takes tensors that are there, and adds one."""
    there = [*inputs, tf.constant(2.0, tf.float64)]
    for number, first, second in program:
        x, y = there[first % len(there)], there[second % len(there)]
        there.append(tf.clip_by_value(step(number, x, y, variable), -4.0, 4.0))
    return [tf.reduce_sum(tf.sin(there[-1])), *there[-3:], variable.read_value()]


def step(number, x, y, variable):
    if number < len(UNARY):
        return UNARY[number](x)
    number -= len(UNARY)
    if number < 2 * len(BINARY):
        y = y if y.shape == x.shape or y.shape.ndims == 0 else tf.cos(x)
        return BINARY[number // 2](x, y)
    what = STATEFUL[number - 2 * len(BINARY)]
    if what == "read":
        return variable * 0.5
    change = tf.reduce_mean(tf.tanh(x))
    (variable.assign if what == "assign" else variable.assign_add)(variable * 0.0 + change)
    return x


def everything(f, arrays):
    """Values, the variable's value afterwards, and gradients to the inputs and the variable."""
    variable = tf.Variable(np.linspace(-1.0, 1.0, COLUMNS))
    inputs = [tf.constant(x) for x in arrays]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        values = f(inputs, variable)
    gradients = tape.gradient(values[0], [*inputs, variable])
    missing = [g is None for g in gradients]
    return [*values, variable.read_value(), *[g for g in gradients if g is not None]], missing


def gradients_inside(f, arrays, wrap):
    variable = tf.Variable(np.linspace(-1.0, 1.0, COLUMNS))

    def both(inputs):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            values = f(inputs, variable)
        gradients = tape.gradient(values[0], [*inputs, variable])
        return [*values, *[tf.zeros([]) if g is None else g for g in gradients]]

    function = wrap(both)
    inputs = [tf.constant(x) for x in arrays]
    first, second = function(inputs), function(inputs)
    return [*first, *second, variable.read_value()]


CHOICES = [(), *[(name,) for name in PASSES], tuple(PASSES)]


@pytest.fixture(scope="module", autouse=True)
def small_limits():
    """Tiles and sums of products for small tensors, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fusion, "LARGE", 6)
        patch.setattr(fusion, "TILE", 5)
        patch.setattr(plan_source, "TILE", 5)
        patch.setattr(products, "MANY_TERMS", 3)
        yield


@settings(max_examples=25, deadline=None)
@given(st.lists(steps, min_size=5, max_size=30), st.integers(0, 99))
def test_traced_equals_eager_with_any_passes(program, seed):
    generator = np.random.default_rng(seed)
    arrays = [generator.normal(size=(ROWS, COLUMNS)), generator.normal(size=(COLUMNS,)), np.array([[0.0], [-0.0]])]

    def f(inputs, variable):
        return run(program, inputs, variable)

    expected, missing = everything(f, arrays)
    inside = gradients_inside(f, arrays, lambda function: function)
    for passes in CHOICES:
        found, also_missing = everything(tfe.defun(f, passes=passes), arrays)
        assert missing == also_missing
        compare(found, expected, passes)
        compare(gradients_inside(f, arrays, lambda function: tfe.defun(function, passes=passes)), inside, passes)


def compare(found, expected, passes):
    for x, y in zip(found, expected):
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-9, atol=1e-10, err_msg=str(passes))
