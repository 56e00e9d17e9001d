"""tf.custom_gradient."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe


def test_the_given_rule_takes_the_place_of_the_computed_one():
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)

        def grad(dy):
            return dy * (1 - 1 / (1 + e))

        return tf.log(1 + e), grad

    slope = tfe.gradients_function(log1pexp)
    assert float(slope(0.0)[0]) == 0.5 and float(slope(100.0)[0]) == 1.0


def test_second_order_goes_through_the_gradient_function():
    @tf.custom_gradient
    def cube(x):
        square = x * x

        def grad(dy):
            return dy * 3.0 * square

        return square * x, grad

    first = tfe.gradients_function(cube)
    second = tfe.gradients_function(lambda x: first(x)[0])
    assert float(first(2.0)[0]) == 12.0 and float(second(2.0)[0]) == 12.0


def test_none_and_missing_gradients():
    @tf.custom_gradient
    def f(x, y, z):
        return x * y * z, lambda dy: [dy * 7.0, None]

    gradients = tfe.gradients_function(f)(1.0, 2.0, 3.0)
    assert float(gradients[0]) == 7.0 and gradients[1:] == [None, None]


def test_several_outputs_and_one_that_is_not_used():
    @tf.custom_gradient
    def f(x):
        return [x * 2.0, x * 3.0], lambda da, db: da * 10.0 + db * 100.0

    assert float(tfe.gradients_function(lambda x: f(x)[0])(1.0)[0]) == 10.0
    assert float(tfe.gradients_function(lambda x: f(x))(1.0)[0]) == 110.0


def test_variables():
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def f(x):
        def grad(dy, variables):
            assert variables == [w]
            return dy * 5.0, [dy * 11.0]

        return x * w, grad

    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    dx, dw = tape.gradient(y, [x, w])
    assert float(y) == 6.0 and float(dx) == 5.0 and float(dw) == 11.0


def test_variables_must_be_expected():
    w = tf.Variable(3.0, name="w")

    @tf.custom_gradient
    def f(x):
        return x * w, lambda dy: dy

    with pytest.raises(TypeError, match="must accept a keyword argument 'variables'. f reads w:0"):
        f(tf.constant(1.0))


def test_a_variable_passed_as_an_argument_is_an_input():
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def f(x):
        return x * x, lambda dy: dy * 100.0

    with tf.GradientTape() as tape:
        y = f(w) + w
    assert float(tape.gradient(y, w)) == 101.0


def test_variables_are_told_apart_by_identity_where_equality_is_elementwise():
    w, b = tf.Variable([3.0, 4.0]), tf.Variable([3.0, 4.0])

    @tf.custom_gradient
    def f(x):
        return x * b, lambda dy, variables: (dy * 5.0, [dy * 7.0])

    tf.enable_tensor_equality()
    try:
        with tf.GradientTape() as tape:
            y = f(w) + w * b
        dw, db = tape.gradient(y, [w, b])
    finally:
        tf.disable_tensor_equality()
    assert dw.numpy().tolist() == [8.0, 9.0] and db.numpy().tolist() == [10.0, 11.0]


def test_what_does_not_return_a_pair_is_named():
    @tf.custom_gradient
    def halfhearted(x):
        return x

    with pytest.raises(TypeError, match="must return its value and its gradient function.*halfhearted"):
        halfhearted(tf.constant(1.0))


def test_too_many_gradients():
    @tf.custom_gradient
    def f(x):
        return x, lambda dy: [dy, dy]

    with pytest.raises(ValueError, match="returned 2 gradients for 1 inputs"):
        tfe.gradients_function(f)(1.0)


def test_keyword_arguments_numpy_and_errors_inside():
    @tf.custom_gradient
    def f(x, scale=1.0):
        def grad(dy):
            raise RuntimeError("inside the rule")

        return x * scale, grad

    np.testing.assert_array_equal(f(np.array([1.0, 2.0], "f"), scale=3.0).numpy(), [3.0, 6.0])
    with pytest.raises(RuntimeError, match="inside the rule"):
        tfe.gradients_function(f)(1.0)


def test_nested():
    @tf.custom_gradient
    def inner(x):
        return x, lambda dy: dy * 2.0

    @tf.custom_gradient
    def outer(x):
        y = inner(x)
        return y, lambda dy: tfe.gradients_function(inner)(x, dy=dy)[0] * 3.0

    assert float(tfe.gradients_function(outer)(1.0)[0]) == 6.0


def test_in_a_graph():
    from minitfe.graph.graph import trace

    @tf.custom_gradient
    def f(x):
        return x * x, lambda dy: dy * 7.0

    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return y, tape.gradient(y, x)

    graph, (x,), fetches = trace(slope, tf.constant(3.0))
    y, dx = graph.run(fetches, {x: 5.0})
    assert float(y) == 25.0 and float(dx) == 7.0


@pytest.mark.parametrize("wrong", [tf.constant([1.0, 2.0]), tf.constant(1), [1.0]])
def test_a_gradient_unlike_its_input_is_refused(wrong):
    f = tf.custom_gradient(lambda x: (x, lambda dy: [wrong]))
    with pytest.raises(ValueError, match="gradient function of <lambda> returned a gradient .* for an input float32"):
        tfe.gradients_function(f)(2.0)


def test_the_gradient_of_one_variable_needs_no_list():
    w = tf.Variable([3.0, 4.0])

    @tf.custom_gradient
    def f(x):
        return x * w, lambda dy, variables: (dy * 5.0, dy * 11.0)

    with tf.GradientTape() as tape:
        y = f(tf.constant([1.0, 2.0]))
    assert tape.gradient(y, w).numpy().tolist() == [11.0, 11.0]


def test_a_variable_as_a_gradient():
    w = tf.Variable([3.0, 4.0])

    @tf.custom_gradient
    def f(x):
        return x, lambda dy: w

    assert tfe.gradients_function(f)([1.0, 2.0])[0].numpy().tolist() == [3.0, 4.0]
    with pytest.raises(ValueError, match=r"of f returned a gradient float32 \(2,\).* for an input float64 \(2,\)"):
        tfe.gradients_function(f)(np.array([1.0, 2.0]))
