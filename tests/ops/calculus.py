"""Derivatives of functions at numbers, for tests to compare."""

import minitfe as tf


def gradients(f, *xs):
    """The gradients of a function at numbers."""
    xs = [tf.constant(x) for x in xs]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(*xs)
    return [g if g is None else g.numpy().tolist() for g in tape.gradient(y, xs)]


def derivatives(f, x, order):
    """f(x), f'(x), and so on; None from where on nothing is connected."""
    if order == 0:
        return [f(x)]
    with tf.GradientTape() as tape:
        tape.watch(x)
        values = derivatives(f, x, order - 1)
    last = values[-1]
    return [*values, None if last is None else tape.gradient(last, x)]


def numbers(values):
    return [None if x is None else float(x) for x in values]
