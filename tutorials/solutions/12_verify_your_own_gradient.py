"""Solutions to the exercises of chapter 12, verify your own gradient.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import numpy as np

from minitfe import gradcheck


def central_difference(f, x, h=1e-5):
    """Exercise 1. Return the gradient of f at a numpy array x, by central differences with the step h.

    f takes an array and returns a number. Leave x as it was.
    """
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        result[index] = (f(x + step) - f(x - step)) / (2 * h)
    return result


def richardson(f, x, h=0.1):
    """Exercise 2. Return a slope of f at the number x, and an estimate of its error.

    Take central quotients with the steps h, h/2 and h/4. Eliminate h² from neighbours: (4 fine - coarse) / 3. Eliminate
    h⁴ from the two results: (16 fine - coarse) / 15. That is the slope; its distance from the finer of the two results
    is the estimate.
    """
    first, second, third = ((f(x + s) - f(x - s)) / (2 * s) for s in (h, h / 2, h / 4))
    coarse, fine = (4 * second - first) / 3, (4 * third - second) / 3
    slope = (16 * fine - coarse) / 15
    return slope, abs(slope - fine)


def layer_norm_rule(x, g):
    """Exercise 3. Return the gradient of the sum of g y for y = (x - mean) / deviation, over the last axis.

    The deviation is the root of the mean of (x - mean)². Both mean and deviation depend on every x. `layer_norm` below
    is the function.
    """
    centered = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centered**2).mean(axis=-1, keepdims=True))
    y = centered / deviation
    return (g - g.mean(axis=-1, keepdims=True) - y * (g * y).mean(axis=-1, keepdims=True)) / deviation


# ------------------------------------------------------------------------------------------------------- checks


def layer_norm(x):
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True))


def check_central_difference():
    x = np.random.default_rng(0).normal(size=(2, 3))
    before = x.copy()
    result = central_difference(lambda a: np.sum(np.sin(a) * before), x)
    np.testing.assert_allclose(result, np.cos(x) * before, rtol=1e-6)
    np.testing.assert_array_equal(x, before)


def check_richardson():
    for f, x, slope in ((np.exp, 1.0, np.exp(1.0)), (np.sin, 2.0, np.cos(2.0))):
        value, error = richardson(f, x)
        assert abs(value - slope) < 1e-8, "eliminate both powers"
        assert abs(value - slope) <= error < 1e-5, "the estimate must cover the error, and be small"


def check_layer_norm_rule():
    x = np.random.default_rng(1).normal(size=(3, 5))
    assert layer_norm_rule(x, x).shape == x.shape, "a gradient per element"
    gradcheck.assert_gradients(layer_norm, x, vjp=layer_norm_rule)


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_central_difference, check_richardson, check_layer_norm_rule):
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
