"""Samples of minitfe.ops.math. References are numpy in float64, written differently from the kernel, or SciPy."""
import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import math

ANY = Values((2, 3))
REAL = ("float64", "float32", "float16", "int32", "int64", "int8", "uint8")


def unary(function, reference, values=ANY, **settings):
    return Sample(function, [values], reference=reference, elementwise=True, **settings)


def binary(function, reference, x=ANY, y=ANY, **settings):
    return Sample(function, [x, y], reference=reference, elementwise=True, **settings)


SAMPLES = [
    binary(tf.add, lambda x, y: x - (-y)),
    binary(tf.subtract, lambda x, y: x + (-y)),
    binary(tf.multiply, lambda x, y: x * y),
    unary(tf.negative, lambda x: 0 - x),
    unary(tf.square, lambda x: x**2),
    unary(tf.tanh, lambda x: 1 - 2 / (np.exp(2 * x) + 1)),
    binary(math.tanh_gradient, lambda g, y: g - g * y**2),
]
