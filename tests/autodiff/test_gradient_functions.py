"""tfe.gradients_function and its family."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.context import get_listeners


def test_orders_of_the_square():
    """As the guide has it: 6, 2, and then None, since the second derivative does not depend on x any more."""
    first = tfe.gradients_function(lambda x: tf.multiply(x, x))
    second = tfe.gradients_function(lambda x: first(x)[0])
    third = tfe.gradients_function(lambda x: second(x)[0])
    assert [float(first(3.0)[0]), float(second(3.0)[0])] == [6.0, 2.0]
    assert third(3.0) == [None]


def test_orders_of_the_cube_stay_connected():
    f = lambda x: x**3
    values = []
    for _ in range(4):
        f = (lambda g: lambda x: g(x)[0])(tfe.gradients_function(f))
        values.append(float(f(3.0)))
    assert values == [27.0, 18.0, 6.0, 0.0]


def test_each_argument_has_its_own_partial_derivative():
    x = tf.constant(3.0)
    assert [float(g) for g in tfe.gradients_function(lambda a, b: a * a * b)(x, x)] == [18.0, 9.0]


def test_params_by_position_and_by_name():
    def f(a, b):
        return a * a * b

    assert [float(g) for g in tfe.gradients_function(f, [1])(3.0, 5.0)] == [9.0]
    assert [float(g) for g in tfe.gradients_function(f, ["a"])(3.0, 5.0)] == [30.0]
    assert tfe.gradients_function(f, [])(3.0, 5.0) == []
    assert [float(g) for g in tfe.gradients_function(f, [0, 0])(3.0, 5.0)] == [30.0, 30.0]
    with pytest.raises(ValueError, match="'zz' is not in list"):
        tfe.gradients_function(f, ["zz"])(3.0, 5.0)
    with pytest.raises(IndexError, match="list index out of range: parameter 2 of f"):
        tfe.gradients_function(f, [2])(3.0, 5.0)


def test_defaulted_parameters_methods_and_ops_need_no_params():
    class Thing:
        def method(self, x):
            return x * x

    assert float(tfe.gradients_function(Thing().method)(3.0)[0]) == 6.0
    assert float(tfe.gradients_function(lambda a, b=3.0: a * b)(2.0)[0]) == 3.0
    assert float(tfe.gradients_function(tf.tanh)(0.0)[0]) == 1.0


def test_value_and_gradients_and_dy():
    value, gradients = tfe.value_and_gradients_function(lambda x: x * x)(3.0)
    assert float(value) == 9.0 and float(gradients[0]) == 6.0
    assert float(tfe.gradients_function(lambda x: x * x)(3.0, dy=10.0)[0]) == 60.0


def test_keyword_arguments_are_refused():
    with pytest.raises(ValueError, match="Functions to be differentiated cannot receive keyword arguments"):
        tfe.gradients_function(lambda x: x)(x=3.0)


def test_a_function_that_returns_none_is_named():
    def forgetful(x):
        x * x

    with pytest.raises(
        ValueError, match="Cannot differentiate a function that returns None; did you forget.*forgetful"
    ):
        tfe.gradients_function(forgetful)(3.0)


def test_arguments_are_converted():
    assert tfe.gradients_function(lambda x: x * x)(np.float64(3))[0].dtype is tf.float64
    np.testing.assert_array_equal(tfe.gradients_function(lambda x: x * x)([1.0, 2.0])[0].numpy(), [2.0, 4.0])
    assert float(tfe.gradients_function(lambda x: x * x)(tf.Variable(3.0))[0]) == 6.0
    assert tfe.gradients_function(lambda x: x * x)(3) == [None]
    with pytest.raises(ValueError, match="Attempt to convert a value"):
        tfe.gradients_function(lambda x: x)(None)


def test_several_outputs_are_summed():
    assert float(tfe.gradients_function(lambda x: [x * x, {"y": x}])(3.0)[0]) == 7.0


def test_an_exception_inside_leaves_no_tape_active():
    def broken(x):
        raise KeyError("inside")

    with pytest.raises(KeyError):
        tfe.gradients_function(broken)(1.0)
    assert get_listeners().tapes == ()


def test_implicit_gradients_come_in_the_order_of_creation():
    first, second = tf.Variable(2.0, name="first"), tf.Variable(3.0, name="second")
    pairs = tfe.implicit_gradients(lambda x: second * x * first)(10.0)
    assert [(float(g), v.name) for g, v in pairs] == [(30.0, "first:0"), (20.0, "second:0")]


def test_implicit_gradients_of_a_variable_that_does_not_matter():
    used, read = tf.Variable(2.0), tf.Variable(3.0)

    def f():
        read + 1.0
        return used * used

    value, pairs = tfe.implicit_value_and_gradients(f)()
    assert float(value) == 4.0 and [None if g is None else float(g) for g, _ in pairs] == [4.0, None]


def test_implicit_gradients_without_variables():
    with pytest.raises(ValueError, match="No trainable variables were accessed while the function was being computed"):
        tfe.implicit_gradients(lambda x: x * x)(tf.constant(3.0))


def test_hessian():
    hessian = tfe.hessian_function(lambda x: tf.reduce_sum(x * x * x) + x[0] * x[1])
    np.testing.assert_array_equal(hessian(tf.constant([1.0, 2.0])).numpy(), [[6.0, 1.0], [1.0, 12.0]])
    np.testing.assert_array_equal(
        tfe.hessian_function(lambda x: tf.reduce_sum(x))([1.0, 2.0]).numpy(), np.zeros((2, 2))
    )


def test_strings_have_no_gradient():
    assert tfe.gradients_function(lambda s, x: s)("text", 1.0) == [None, None]


@pytest.mark.parametrize("params", [3, [1.5], [None]])
def test_parameters_are_positions_or_names(params):
    with pytest.raises(TypeError, match="params must be a list of positions or names"):
        tfe.gradients_function(lambda x: x, params)(1.0)
