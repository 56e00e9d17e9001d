"""Exercises for chapter 5, variables and optimizers.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.
"""

import numpy as np

import minitfe as tf

tf.enable_eager_execution()


def rmsprop_step(x, g, mean_square, rate, decay, epsilon):
    """Exercise 1. Take one step of RMSProp on a variable x with the gradient g, a tensor. Return nothing.

    mean_square is a variable of x's shape, which is kept from step to step. The equations, s being mean_square::

        s ← decay s + (1 - decay) g²
        x ← x - rate g / √(s + epsilon)
    """
    raise NotImplementedError("rmsprop_step is yours to write")


class SignDescent(tf.train.Optimizer):
    """Exercise 2. An optimizer that moves each element by the learning rate, against the sign of its gradient.

    It is given a gradient and a variable, one after the other, for all variables. Assign to the variable. Of use:
    `tf.sign`.
    """

    def __init__(self, learning_rate):
        super().__init__(use_locking=False, name="SignDescent")
        self.rate = learning_rate

    def _apply_dense(self, grad, var):
        raise NotImplementedError("SignDescent is yours to write")


def clipped_step(optimizer, loss, limit):
    """Exercise 3. Take a step with gradients whose norm, all together, is at most limit. Return the norm before that.

    loss is a function of no arguments. Of use: `compute_gradients`, `tf.clip_by_global_norm`, `apply_gradients`. A
    variable on which the loss does not depend has the gradient None, which may be handed on as it is.
    """
    raise NotImplementedError("clipped_step is yours to write")


def warm_up(peak, steps, step):
    """Exercise 4. Return a learning rate that an optimizer can ask at each step: a function of no arguments.

    With s the value of the variable step at that moment, it rises as peak · (s + 1) / steps while s < steps. After that
    it falls as peak · √(steps / (s + 1)).
    """
    raise NotImplementedError("warm_up is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def check_rmsprop_step():
    x, y = tf.Variable([1.0, -2.0]), tf.Variable([1.0, -2.0])
    mean_square = tf.Variable([1.0, 1.0], trainable=False)
    optimizer = tf.train.RMSPropOptimizer(0.1, decay=0.8, epsilon=0.01)
    for _ in range(5):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(x * x * x * x)
        rmsprop_step(x, tape.gradient(loss, x), mean_square, rate=0.1, decay=0.8, epsilon=0.01)
        optimizer.minimize(lambda: tf.reduce_sum(y * y * y * y))
    np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=1e-5, err_msg="after 5 steps, beside RMSPropOptimizer")


def check_SignDescent():
    x, y = tf.Variable([3.0, -0.001, 0.0]), tf.Variable(100.0)
    optimizer = SignDescent(0.5)
    optimizer.minimize(lambda: tf.reduce_sum(x * x) + 1000.0 * y)
    np.testing.assert_allclose(x.numpy(), [2.5, 0.499, 0.0], rtol=1e-5)
    np.testing.assert_allclose(y.numpy(), 99.5)


def check_clipped_step():
    x, y, other = tf.Variable([3.0, 4.0]), tf.Variable(12.0), tf.Variable(5.0)
    optimizer = tf.train.GradientDescentOptimizer(1.0)

    def loss():
        return 0.5 * (tf.reduce_sum(x * x) + y * y) + tf.stop_gradient(other)

    norm = clipped_step(optimizer, loss, limit=6.5)
    np.testing.assert_allclose(float(norm), 13.0)
    np.testing.assert_allclose([*x.numpy(), float(y)], [1.5, 2.0, 6.0], err_msg="half a step, since 6.5 is half of 13")
    clipped_step(optimizer, loss, limit=100.0)
    np.testing.assert_allclose([*x.numpy(), float(y), float(other)], [0.0, 0.0, 0.0, 5.0], err_msg="a whole step")


def check_warm_up():
    step = tf.Variable(0, trainable=False)
    rate = warm_up(0.4, 4, step)
    optimizer, x, seen = tf.train.GradientDescentOptimizer(rate), tf.Variable(0.0), [0.0]
    for _ in range(16):
        optimizer.minimize(lambda: -x, global_step=step)
        seen.append(float(x))
    rates = np.diff(seen)
    np.testing.assert_allclose(rates[:4], [0.1, 0.2, 0.3, 0.4], rtol=1e-5)
    np.testing.assert_allclose(rates[15], 0.2, rtol=1e-4, err_msg="after 16 steps the rate is half of its peak")


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_rmsprop_step, check_SignDescent, check_clipped_step, check_warm_up):
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
