"""Samples of minitfe.ops.elementary. References compute each function from others."""

import numpy as np

import minitfe as tf
from minitfe.extend import Values
from minitfe.ops import elementary

from .elementwise import ABOVE_0, ABOVE_1, ANY, COMPLEX, FLOATING, NOT_0, SMOOTH, WITHIN_1, binary, each, unary


def power_3(x):
    return tf.pow(x, 3.0)


def power_minus_2(x):
    return tf.pow(x, -2)


SAMPLES = [
    # powers and roots
    unary(tf.sqrt, lambda x: x**0.5, ABOVE_0, dtypes=SMOOTH),
    unary(tf.rsqrt, lambda x: x**-0.5, ABOVE_0, dtypes=SMOOTH),
    binary(tf.pow, lambda x, y: np.exp(y * np.log(x)), ABOVE_0, dtypes=SMOOTH),
    binary(
        tf.pow, each(lambda x, y: x**y), y=Values((2, 3), 0, 5), dtypes=("int32", "int64"), gradient=[], name="integers"
    ),
    unary(power_3, lambda x: x * x * x),
    unary(power_minus_2, lambda x: 1 / (x * x), NOT_0),
    # exponentials, logarithms
    unary(tf.exp, lambda x: np.sinh(x) + np.cosh(x), dtypes=SMOOTH),
    unary(tf.expm1, lambda x: np.exp(x) - 1, dtypes=SMOOTH),
    unary(tf.log, lambda x: 2 * np.arctanh((x - 1) / (x + 1)), ABOVE_0, dtypes=SMOOTH),
    unary(tf.log1p, lambda x: np.log(1 + x), ABOVE_0, dtypes=SMOOTH),
    # trigonometric
    unary(tf.sin, lambda x: np.imag(np.exp(1j * x)), dtypes=FLOATING),
    unary(tf.sin, lambda z: (np.exp(1j * z) - np.exp(-1j * z)) / 2j, dtypes=COMPLEX, gradient=[], name="complex"),
    unary(tf.cos, lambda x: np.real(np.exp(1j * x)), dtypes=FLOATING),
    unary(tf.cos, lambda z: (np.exp(1j * z) + np.exp(-1j * z)) / 2, dtypes=COMPLEX, gradient=[], name="complex"),
    unary(tf.tan, lambda x: np.sin(x) / np.cos(x), WITHIN_1, dtypes=SMOOTH),
    unary(tf.asin, lambda x: np.pi / 2 - np.arccos(x), WITHIN_1, dtypes=SMOOTH),
    unary(tf.acos, lambda x: np.pi / 2 - np.arcsin(x), WITHIN_1, dtypes=SMOOTH),
    unary(tf.atan, lambda x: np.arcsin(x / np.sqrt(1 + x * x)), dtypes=FLOATING),
    binary(tf.atan2, lambda y, x: np.angle(x + 1j * y), Values((2, 3), 0.3, 2.0), ANY, dtypes=FLOATING),
    binary(tf.atan2, lambda y, x: np.angle(x + 1j * y), ANY, Values((2, 3), 0.3, 2.0), name="right"),
    # hyperbolic
    unary(tf.sinh, lambda x: (np.exp(x) - np.exp(-x)) / 2, dtypes=SMOOTH),
    unary(tf.cosh, lambda x: (np.exp(x) + np.exp(-x)) / 2, dtypes=SMOOTH),
    unary(tf.tanh, lambda x: 1 - 2 / (np.exp(2 * x) + 1), dtypes=FLOATING),
    unary(tf.tanh, lambda x: 1 - 2 / (np.exp(2 * x) + 1), WITHIN_1, dtypes=COMPLEX, gradient=[], name="complex"),
    unary(tf.asinh, lambda x: np.log(x + np.sqrt(x * x + 1)), dtypes=FLOATING),
    unary(tf.acosh, lambda x: np.log(x + np.sqrt(x * x - 1)), ABOVE_1, dtypes=SMOOTH),
    unary(tf.atanh, lambda x: np.log((1 + x) / (1 - x)) / 2, WITHIN_1, dtypes=SMOOTH),
    binary(elementary.tanh_gradient, lambda g, y: g - g * y**2, dtypes=SMOOTH),
]
