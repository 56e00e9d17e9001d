"""Exercises for chapter 3, record and replay.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.
"""

import numpy as np

import minitfe as tf

tf.enable_eager_execution()

# The tape of the chapter, a little shorter: a record is a tuple (op, inputs, output).

RULES = {
    "add": (np.add, [lambda g, x, y: g, lambda g, x, y: g]),
    "multiply": (np.multiply, [lambda g, x, y: g * y, lambda g, x, y: g * x]),
}
records = []


class Value:
    """A number that an op made, or that we start from."""

    def __init__(self, data):
        self.data = np.asarray(data, float)


def door(op, *inputs):
    """Computes an op and keeps a record of it."""
    output = Value(RULES[op][0](*[x.data for x in inputs]))
    records.append((op, inputs, output))
    return output


def gradient(target, source):
    """Returns the gradient of a target with respect to a source, from the records."""
    gradients = {target: np.ones_like(target.data)}
    for op, inputs, output in reversed(records):
        if output in gradients:
            for x, partial in zip(inputs, RULES[op][1]):
                gradients[x] = gradients.get(x, 0.0) + partial(gradients[output], *[v.data for v in inputs])
    return gradients.get(source)


def complete_the_rules():
    """Exercise 1. Add "divide" (of two inputs) and "tanh" (of one) to RULES: the kernel, and one rule per input."""
    raise NotImplementedError("complete_the_rules is yours to write")


def second_derivative(f, x):
    """Exercise 2. Return f''(x) as a tensor, for a function f of one scalar tensor and a scalar tensor x.

    Nest two tapes. The second derivative of a straight line is None for the tapes; return it as it comes.
    """
    raise NotImplementedError("second_derivative is yours to write")


def minimize(loss, variable, rate, steps):
    """Exercise 3. Descend: `steps` times, subtract rate times the gradient of loss() from the variable.

    loss is a function of no arguments that reads the variable. Return a list of the losses before each step, as floats.
    """
    raise NotImplementedError("minimize is yours to write")


def connected(x):
    """Exercise 4. Return the same number as these three lines, but so that a tape can differentiate it::

        shifted = x.numpy() - x.numpy().max()
        weights = np.exp(shifted)
        return tf.constant(np.log(weights.sum()) + x.numpy().max())

    What passes through numpy is lost to the tape.
    """
    raise NotImplementedError("connected is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def check_complete_the_rules():
    complete_the_rules()
    cases = [("divide", np.divide, (3.0, 4.0)), ("divide", np.divide, (-1.0, 0.5)), ("tanh", np.tanh, (0.7,))]
    for op, function, at in cases:
        records.clear()
        values = [Value(number) for number in at]
        output = door(op, *values)
        np.testing.assert_allclose(output.data, function(*at))
        for i, value in enumerate(values):
            step = 1e-6 * np.eye(len(at))[i]
            quotient = (function(*(at + step)) - function(*(at - step))) / 2e-6
            np.testing.assert_allclose(gradient(output, value), quotient, rtol=1e-7, err_msg=f"{op}, input {i}")


def check_second_derivative():
    for f, at, expected in [
        (lambda x: x * x * x, 2.0, 12.0),
        (tf.sin, 0.5, -np.sin(0.5)),
        (lambda x: tf.exp(x * x), 0.3, np.exp(0.09) * (2 + 4 * 0.09)),
    ]:
        result = second_derivative(f, tf.constant(at, tf.float64))
        np.testing.assert_allclose(float(result), expected, rtol=1e-10)


def check_minimize():
    v = tf.Variable([3.0, -2.0])
    losses = minimize(lambda: tf.reduce_sum(tf.square(v - 1.0)), v, rate=0.25, steps=3)
    np.testing.assert_allclose(losses, [13.0, 3.25, 0.8125], err_msg="each step halves the distance to 1")
    np.testing.assert_allclose(v.numpy(), [1.25, 0.625])


def check_connected():
    array = np.array([1.0, 2.0, 1000.0, 999.0])
    x = tf.constant(array)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = connected(x)
    np.testing.assert_allclose(float(y), 1000.0 + np.log(1 + np.exp(-1)))
    g = tape.gradient(y, x)
    assert g is not None, "the gradient is still None: something left the tape"
    weights = np.exp(array - 1000.0)
    np.testing.assert_allclose(g.numpy(), weights / weights.sum(), atol=1e-12)


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_complete_the_rules, check_second_derivative, check_minimize, check_connected):
        try:
            one()
        except Exception as problem:
            failed += 1
            print(f"{one.__name__}: {type(problem).__name__}: {problem}")
        else:
            print(f"{one.__name__}: passed")
    if failed:
        raise SystemExit(f"{failed} to do")


if __name__ == "__main__":
    check()
