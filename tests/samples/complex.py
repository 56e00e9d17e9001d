"""Samples of minitfe.ops.complex. Gradients of complex functions are checked in tests/ops/test_complex.py."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

ANY = Values((2, 3))
COMPLEX = ("complex128", "complex64")


def unary(function, reference, name="", dtypes=COMPLEX, **settings):
    return Sample(function, [ANY], reference=reference, elementwise=True, name=name, dtypes=dtypes, **settings)


# Functions of real numbers through the complex plane: the sweep can differentiate these.


def length_of(x, y):
    return tf.abs(tf.complex(x, y))


def direction_of(x, y):
    return tf.angle(tf.complex(x, y))


def parts_of_product(x, y):
    z = tf.complex(x, y) * tf.conj(tf.complex(y, x * x))
    return [tf.real(z), tf.imag(z)]


def parts_of_sign(x, y):
    z = tf.sign(tf.complex(x, y))
    return [tf.real(z), tf.imag(z)]


AWAY = [Values((2, 3), 0.4, 2.0), Values((2, 3), 0.4, 2.0)]

SAMPLES = [
    Sample(tf.complex, [ANY, ANY], reference=lambda x, y: x + 1j * y, elementwise=True, gradient=[]),
    unary(tf.real, lambda z: np.imag(1j * z), gradient=[]),
    unary(tf.imag, lambda z: np.real(-1j * z), gradient=[]),
    unary(tf.conj, lambda z: z.real - 1j * z.imag, gradient=[]),
    unary(tf.angle, lambda z: np.imag(np.log(z)), gradient=[]),
    unary(tf.real, lambda x: x, "of real numbers", ("float64", "float32")),
    unary(tf.imag, lambda x: 0 * x, "of real numbers", ("float64", "float32")),
    unary(tf.conj, lambda x: x, "of real numbers", ("float64", "float32")),
    Sample(length_of, AWAY, reference=np.hypot, elementwise=True),
    Sample(direction_of, AWAY, reference=lambda x, y: np.arctan(y / x), elementwise=True),
    Sample(parts_of_product, AWAY, reference=lambda x, y: [x * y + x * x * y, y * y - x**3], elementwise=True),
    Sample(parts_of_sign, AWAY, reference=lambda x, y: [x / np.hypot(x, y), y / np.hypot(x, y)], elementwise=True),
]
