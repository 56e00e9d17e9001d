"""Solutions to the exercises of chapter 4, gradient rules and broadcasting.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import numpy as np

import minitfe as tf

tf.enable_eager_execution()


def unbroadcast(g, shape):
    """Exercise 1. Sum a numpy array g over the axes along which an array of the given shape was stretched to g's shape.

    The result has exactly that shape. Two kinds of axes are summed: those that the shape lacks, at the front, and those
    where it has size 1 and g has more.
    """
    missing = g.ndim - len(shape)
    stretched = [missing + i for i, size in enumerate(shape) if size == 1 and g.shape[missing + i] != 1]
    return g.sum(axis=(*range(missing), *stretched)).reshape(shape)


def numeric_gradient(f, x, h=1e-5):
    """Exercise 2. Return the gradient of f at a float64 numpy array x by central differences: an array of x's shape.

    f takes a numpy array and returns a number. Change one element at a time, and leave x as it was.
    """
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        result[index] = (f(x + step) - f(x - step)) / (2 * h)
    return result


def round_straight_through(x):
    """Exercise 3. Return x rounded to whole numbers; its gradient is passed on as if nothing had been rounded.

    This is the straight-through estimator (Bengio, Léonard and Courville, 2013). Decorate a function inside this one
    with `tf.custom_gradient`.
    """

    @tf.custom_gradient
    def rounded(x):
        return tf.round(x), lambda dy: dy

    return rounded(x)


def hessian_vector_product(f, x, v):
    """Exercise 4. Return H v for a tensor v of x's shape, where H holds the second derivatives of the scalar f at x.

    Do not build H: the gradient of (gradient of f) · v is H v, since v does not depend on x.
    """
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        projection = tf.reduce_sum(inner.gradient(y, x) * v)
    return outer.gradient(projection, x)


# ------------------------------------------------------------------------------------------------------- checks


def check_unbroadcast():
    g = np.arange(24.0).reshape(2, 3, 4)
    for shape in [(2, 3, 4), (3, 4), (4,), (), (1, 3, 1), (3, 1), (1,), (2, 1, 1)]:
        x = tf.zeros(shape, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = (x + np.zeros((2, 3, 4))) * g
        expected = tape.gradient(y, x).numpy()
        result = np.asarray(unbroadcast(g, shape))
        assert result.shape == shape, f"the shape must be {shape}, not {result.shape}"
        np.testing.assert_allclose(result, expected, err_msg=f"shape {shape}")


def check_numeric_gradient():
    x = np.random.default_rng(0).normal(size=(2, 3))
    before = x.copy()
    np.testing.assert_allclose(numeric_gradient(lambda a: np.sum(np.sin(a) * before), x), np.cos(x) * before, rtol=1e-8)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(numeric_gradient(lambda a: float(a) ** 3, np.array(2.0)), 12.0, rtol=1e-8)


def check_round_straight_through():
    x = tf.constant([0.2, 1.7, -2.6])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.square(round_straight_through(x))
    np.testing.assert_array_equal(y.numpy(), [0.0, 4.0, 9.0])
    g = tape.gradient(y, x)
    assert g is not None, "rounding still stops the gradient"
    np.testing.assert_array_equal(g.numpy(), [0.0, 4.0, -6.0])


def check_hessian_vector_product():
    x = np.array([0.5, -1.0, 2.0])
    v = np.array([1.0, 2.0, -1.0])

    def f(t):
        return tf.reduce_sum(tf.exp(t)) + t[0] * t[1] * t[2]

    hessian = np.diag(np.exp(x)) + np.array([[0, x[2], x[1]], [x[2], 0, x[0]], [x[1], x[0], 0]])
    result = hessian_vector_product(f, tf.constant(x), tf.constant(v))
    np.testing.assert_allclose(result.numpy(), hessian @ v, rtol=1e-12)


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_unbroadcast, check_numeric_gradient, check_round_straight_through, check_hessian_vector_product):
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
