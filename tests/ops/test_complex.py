"""Gradients of complex functions, held against difference quotients along the real and the imaginary direction.

The gradient of a real loss L with respect to z = x + iy is dL/dx + i dL/dy, as in TensorFlow.
"""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.ops import cumulative

HOLOMORPHIC = {
    "add": lambda z, w: z + w,
    "subtract": lambda z, w: z - w,
    "multiply": lambda z, w: z * w,
    "divide": lambda z, w: z / w,
    "pow": lambda z, w: z**w,
    "cube": lambda z, w: z**3 + w**-2,
    "negative": lambda z, w: -z,
    "square": lambda z, w: tf.square(z) + tf.squared_difference(z, w),
    "reciprocal": lambda z, w: tf.reciprocal(z),
    "sqrt": lambda z, w: tf.sqrt(z) * tf.rsqrt(w),
    "exp": lambda z, w: tf.exp(z) + tf.expm1(w),
    "log": lambda z, w: tf.log(z) + tf.log1p(w),
    "sin": lambda z, w: tf.sin(z),
    "cos": lambda z, w: tf.cos(z),
    "tan": lambda z, w: tf.tan(z),
    "asin": lambda z, w: tf.asin(z),
    "acos": lambda z, w: tf.acos(z),
    "atan": lambda z, w: tf.atan(z),
    "sinh": lambda z, w: tf.sinh(z),
    "cosh": lambda z, w: tf.cosh(z),
    "tanh": lambda z, w: tf.tanh(z),
    "asinh": lambda z, w: tf.asinh(z),
    "acosh": lambda z, w: tf.acosh(z),
    "atanh": lambda z, w: tf.atanh(z),
    "sigmoid": lambda z, w: tf.sigmoid(z),
    "add_n": lambda z, w: tf.add_n([z, w, z]),
    "cumsum": lambda z, w: tf.cumsum(z * z, exclusive=True),
    "cumprod": lambda z, w: tf.cumprod(z * w),
    "broadcast": lambda z, w: tf.reshape(z, [-1, 1]) * w,
    "sum": lambda z, w: tf.reduce_sum(z * z * w),
    "chain": lambda z, w: tf.exp(z * tf.sin(w)) / (z + w),
}
NOT_HOLOMORPHIC = {
    "conj": lambda z, w: tf.conj(z) * w,
    "abs": lambda z, w: tf.abs(z * w),
    "sign": lambda z, w: tf.sign(z * w),
    "angle": lambda z, w: tf.angle(z * w),
    "real": lambda z, w: tf.real(z * w),
    "imag": lambda z, w: tf.imag(z * w),
    "complex": lambda z, w: tf.complex(tf.imag(z), tf.real(w)) * z,
    "absolute square": lambda z, w: tf.real(z * tf.conj(z)) * tf.abs(w),
}


def slope_of_product(product):
    """The gradient of a product of many: second derivatives of it are third ones."""

    def f(z, w):
        with tf.GradientTape() as tape:
            tape.watch(z)
            y = product(z)
        return tape.gradient(y, z) * w

    return f


NOT_HOLOMORPHIC |= {
    "slope of a product": slope_of_product(tf.reduce_prod),
    "slope of a segment's product": slope_of_product(lambda z: tf.segment_prod(z, [0, 0, 0])),
}
FUNCTIONS = HOLOMORPHIC | NOT_HOLOMORPHIC

every_function = pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)


def draw(seed=0, count=2):
    generator = np.random.default_rng(seed)
    return [generator.uniform(0.3, 1.2, 3) + 1j * generator.uniform(0.2, 0.9, 3) for _ in range(count)]


def projected(y, seed):
    """A real number that depends on all parts of y: Σ Re(conj(c) y), with random c."""
    c = np.random.default_rng(seed).normal(size=(2, *y.shape.as_list()))
    if not y.dtype.is_complex:
        return tf.reduce_sum(y * c[0])
    return tf.reduce_sum(tf.real(y) * c[0] + tf.imag(y) * c[1])


def gradients(loss, zs):
    with tf.GradientTape() as tape:
        tape.watch(zs)
        y = loss(*zs)
    return [tf.zeros_like(z) if g is None else g for z, g in zip(zs, tape.gradient(y, zs))]


def check(loss, arrays, tolerance):
    """Holds gradients against difference quotients: dL along v is Σ Re(conj(g) v)."""
    gs = [g.numpy() for g in gradients(loss, [tf.constant(z) for z in arrays])]
    scale = max(np.abs(g).max() for g in gs)
    for number, z in enumerate(arrays):
        for index in np.ndindex(z.shape):
            for direction, part in ((1, gs[number][index].real), (1j, gs[number][index].imag)):
                numeric = quotient(loss, arrays, number, index, direction)
                assert abs(part - numeric) <= tolerance * max(scale, 1), (number, index, direction, part, numeric)


def quotient(loss, arrays, number, index, direction, h=1e-3):
    """A central difference with one step of extrapolation: the error is of the order of h⁴."""

    def at(step):
        moved = [z.copy() for z in arrays]
        moved[number][index] += step * direction
        return float(loss(*[tf.constant(z) for z in moved]))

    coarse, fine = (at(h) - at(-h)) / (2 * h), (at(h / 2) - at(-h / 2)) / h
    return (4 * fine - coarse) / 3


@every_function
def test_first_order(f):
    check(lambda z, w: projected(f(z, w), 1), draw(), 1e-8)


@every_function
def test_second_order(f):
    def slope(z, w):
        gz, gw = gradients(lambda z, w: projected(f(z, w), 1), [z, w])
        return projected(gz, 2) + projected(gw, 3)

    check(slope, draw(), 1e-7)


@pytest.mark.parametrize("f", HOLOMORPHIC.values(), ids=HOLOMORPHIC)
def test_complex64_agrees_with_complex128(f):
    wide = gradients(lambda z, w: projected(f(z, w), 1), [tf.constant(z) for z in draw()])
    narrow = gradients(lambda z, w: tf.reduce_sum(tf.real(f(z, w))), [tf.constant(z.astype("c8")) for z in draw()])
    same = gradients(lambda z, w: tf.reduce_sum(tf.real(f(z, w))), [tf.constant(z) for z in draw()])
    assert [g.dtype for g in wide + narrow] == [tf.complex128] * 2 + [tf.complex64] * 2
    for x, y in zip(narrow, same):
        np.testing.assert_allclose(x.numpy(), y.numpy(), rtol=2e-5, atol=2e-5)


def test_powers_of_0_do_not_move_with_the_exponent():
    z, w = tf.constant([0, 1, -1], tf.complex128), tf.constant([2, 2, 2], tf.complex128)
    gz, gw = gradients(lambda z, w: tf.reduce_sum(tf.real(z**w)), [z, w])
    np.testing.assert_array_equal(gz.numpy(), [0, 2, -2])
    np.testing.assert_allclose(gw.numpy(), [0, 0, np.conj(1j * np.pi)], atol=1e-15)


def test_gradients_to_real_inputs_are_real():
    x = tf.constant([1.0, 2.0])
    (g,) = gradients(lambda x: tf.reduce_sum(tf.abs(tf.exp(tf.complex(x, 2 * x)))), [x])
    np.testing.assert_allclose(g.numpy(), np.exp([1.0, 2.0]), rtol=1e-6)
    assert g.dtype is tf.float32


def test_convention_of_the_square_of_the_absolute_value():
    """|z|² = x² + y² has the gradient 2x + 2iy = 2z."""
    z = tf.constant(3 + 4j)
    (g,) = gradients(lambda z: tf.square(tf.abs(z)), [z])
    np.testing.assert_allclose(g.numpy(), 6 + 8j)


def test_abs_has_no_slope_at_0():
    (g,) = gradients(tf.abs, [tf.constant(0j)])
    assert g.numpy() == 0


@pytest.mark.parametrize("real, dtype", [(tf.float32, tf.complex64), (tf.float64, tf.complex128)])
def test_dtypes(real, dtype):
    z = tf.complex(tf.constant([1.0], real), 2.0)
    assert z.dtype is dtype
    for f in (tf.real, tf.imag, tf.angle, tf.abs):
        assert f(z).dtype is real
    assert tf.conj(z).dtype is dtype and tf.sign(z).dtype is dtype


def test_real_numbers_have_parts_too():
    x = tf.constant([1.0, -2.0])
    assert tf.real(x).numpy().tolist() == [1, -2] and tf.conj(x).numpy().tolist() == [1, -2]
    assert tf.imag(x).numpy().tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(), (0,), (2, 1)])
def test_shapes(shape):
    z = tf.complex(tf.zeros(shape), 1.0)
    assert z.shape == shape and tf.angle(z).shape == shape and tf.imag(z).shape == shape


def test_parts_broadcast():
    assert tf.complex([1.0, 2.0], [[0.0], [3.0]]).numpy().tolist() == [[1, 2], [1 + 3j, 2 + 3j]]


@pytest.mark.parametrize("x", [1, tf.constant(1.0, tf.float16)])
def test_parts_must_be_float32_or_float64(x):
    with pytest.raises(
        InvalidArgumentError, match=r"not in the list of allowed values: float32, float64 \[Op:Complex\]"
    ):
        tf.complex(x, x)


@pytest.mark.parametrize("f", [tf.less, tf.maximum, tf.floordiv, tf.mod])
def test_complex_numbers_have_no_order(f):
    with pytest.raises(InvalidArgumentError, match="complex128 is not in the list"):
        f(tf.constant(1j), tf.constant(2j))


def test_complex_numbers_are_compared_for_equality():
    assert tf.equal(tf.constant([1j, 1]), 1).numpy().tolist() == [False, True]


def test_sum_of_a_complex_recurrence():
    """The rules of the helper behind cumprod, on their own."""
    a, b = draw(4)

    def loss(a, b):
        return projected(cumulative._linear_recurrence(a, b, axis=0, reverse=False), 1)

    check(loss, [a, b], 1e-8)
