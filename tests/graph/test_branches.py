"""tf.cond, tf.while_loop, tf.map_fn and their kin in a traced function: decided when it runs."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe

VECTOR = np.array([0.5, -1.0, 2.0])


def chosen(x, y):
    return tf.cond(x > 0.0, lambda: x * y, lambda: y - x)


def chosen_among_three(x):
    return tf.case([(x < 0.0, lambda: x * x), (x < 1.0, lambda: x * 2.0)], default=lambda: tf.exp(x))


def three_rounds(x):
    return tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.sin(y) * x), [0, x])[1]


def until_large(x):
    return tf.while_loop(lambda y: tf.reduce_sum(y) < 10.0, lambda y: y * 2.0 + x * x, [x])


def two_rounds_at_most(x):
    return tf.while_loop(lambda y: True, lambda y: y * x, [x], maximum_iterations=2)


def mapped(x):
    return tf.map_fn(lambda part: part * part * x[0], x)


def scanned(x):
    return tf.scan(lambda a, part: a * part + part, x)


def scanned_in_reverse(x):
    return tf.scan(lambda a, part: a * part + part, x, initializer=x[1], reverse=True)


def folded(x):
    return tf.foldl(lambda a, part: a * part + part, x) + tf.foldr(lambda a, part: a * part - part, x)


def nested(x):
    return tf.while_loop(
        lambda i, y: i < 3, lambda i, y: (i + 1, tf.cond(y > 1.0, lambda: y * x, lambda: y + x)), [0, x]
    )[1]


def gathered(x):
    doubled = x * 2.0
    return tf.cond(x[0] > 0.0, lambda: tf.gather(doubled, [0, 2, 0]), lambda: doubled)


def one_of_two_loop_variables(x, y):
    return tf.while_loop(lambda i, a, b: i < 2, lambda i, a, b: (i + 1, a * y + tf.sin(b), b * a), [0, x, y])[1]


def slope_of_one_input(x, y):
    """Of what the gradient's operation returns, that of y is not used."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = chosen(x, y * y * x)
    return tape.gradient(z, x)


def slope_of_slope(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = three_rounds(x)
        z = inner.gradient(y, x)
    return tape.gradient(z, x)


CASES = [
    (gathered, VECTOR), (gathered, -VECTOR), (one_of_two_loop_variables, 1.3, 0.4), (slope_of_one_input, 1.3, 2.0),
    (slope_of_slope, 1.3),
    (chosen, 1.3, 2.0), (chosen, -1.3, 2.0), (chosen_among_three, -1.5), (chosen_among_three, 0.5),
    (chosen_among_three, 1.5), (three_rounds, 1.3), (three_rounds, VECTOR), (until_large, np.abs(VECTOR)),
    (two_rounds_at_most, VECTOR), (mapped, VECTOR), (scanned, VECTOR), (scanned_in_reverse, VECTOR), (folded, VECTOR),
    (nested, 0.7),
]  # fmt: skip


def value_and_gradients(f, inputs):
    """The value, the gradient of a curved function of it, and the second derivative in one direction."""
    xs = [tf.constant(x, tf.float64) for x in inputs]
    with tf.GradientTape() as outer:
        outer.watch(xs)
        with tf.GradientTape() as inner:
            inner.watch(xs)
            y = f(*xs)
            loss = tf.reduce_sum(tf.sin(y))
        gradients = inner.gradient(loss, xs)
        projection = sum(tf.reduce_sum(tf.exp(g)) for g in gradients)
    return [y, *gradients, *outer.gradient(projection, xs)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].__name__} {case[1]}")
def test_traced_equals_eager(case):
    f, *inputs = case
    for x, y in zip(value_and_gradients(tfe.defun(f), inputs), value_and_gradients(f, inputs)):
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-12)


def test_one_trace_takes_both_branches():
    f = tfe.defun(chosen)
    y = tf.constant(2.0)
    assert [float(f(tf.constant(x), y)) for x in (3.0, -3.0)] == [6.0, 5.0] and len(f.traces) == 1


def test_a_tape_in_the_traced_function():
    @tfe.defun
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = three_rounds(x)
        return tape.gradient(y, x)

    np.testing.assert_allclose(float(slope(tf.constant(1.3))), float(tfe.gradients_function(three_rounds)(1.3)[0]))


def test_variables_in_branches_are_read_assigned_and_differentiated():
    v = tf.Variable(2.0)

    @tfe.defun
    def f(x):
        return tf.cond(x > 0.0, lambda: x * v * v, lambda: v.assign(0.0).read_value())

    with tf.GradientTape() as tape:
        y = f(tf.constant(3.0))
    assert (float(y), float(tape.gradient(y, v))) == (12.0, 12.0)
    assert float(v) == 2.0
    f(tf.constant(-1.0))
    assert float(v) == 0.0


def test_random_numbers_in_a_loop_are_those_that_the_gradient_sees():
    @tfe.defun
    def f(x):
        return tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, tf.nn.dropout(y, 0.5)), [0, x])[1]

    x = tf.ones([100])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    np.testing.assert_array_equal(tape.gradient(y, x).numpy(), y.numpy())


def test_branches_must_be_alike():
    f = tfe.defun(lambda x: tf.cond(x > 0.0, lambda: x, lambda: 1))
    with pytest.raises(TypeError, match="both branches must return the same dtypes; true_fn returned float32"):
        f(tf.constant(1.0))


def test_a_loop_variable_keeps_its_dtype_and_shape():
    with pytest.raises(TypeError, match="body was given float32 as loop variable 0 and returned int32"):
        tfe.defun(lambda x: tf.while_loop(lambda y: True, lambda y: tf.cast(y, tf.int32), [x]))(tf.constant(1.0))
    grow = tfe.defun(lambda x: tf.while_loop(lambda y: tf.size(y) < 5, lambda y: tf.concat([y, y], 0), [x]))
    with pytest.raises(ValueError, match="The shape for loop variable 0 is not an invariant for the loop"):
        grow(tf.ones([2]))


def test_shape_invariants_say_less():
    def grow(x):
        return tf.while_loop(
            lambda y: tf.size(y) < 5, lambda y: tf.concat([y, y], 0), [x], shape_invariants=[tf.TensorShape([None])]
        )

    assert tfe.defun(grow)(tf.ones([2])).shape == (8,)
