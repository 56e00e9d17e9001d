"""Samples of minitfe.ops.math. References are numpy in float64, written differently from the kernel."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

from .elementwise import ANY, COMPLEX, CUBE, FLOATING, NOT_0, NUMBERS, REAL, SMOOTH, binary, each, unary

FROM_1 = Values((2, 3), low=1, high=5)  # integers among them, and no 0


def true_quotient(x, y):
    return x.astype(float) * (1 / y.astype(float))


def add_three(x, y, z):
    return tf.add_n([x, y, z])


def add_one(x):
    return tf.add_n([x])


def accumulate_twice(x, y):
    return tf.accumulate_n([x, y, x])


SAMPLES = [
    # arithmetic
    binary(tf.add, lambda x, y: x - (-y), dtypes=NUMBERS),
    binary(tf.subtract, lambda x, y: x + (-y), dtypes=NUMBERS),
    binary(tf.multiply, lambda x, y: x * y, dtypes=NUMBERS),
    unary(tf.negative, lambda x: 0 - x, dtypes=NUMBERS),
    Sample(
        add_three,
        [CUBE, CUBE, CUBE],
        reference=lambda x, y, z: np.sum([x, y, z], axis=0),
        dtypes=("float64", "float32", "int32"),
    ),
    Sample(add_one, [ANY], reference=lambda x: x),
    Sample(accumulate_twice, [ANY, ANY], reference=lambda x, y: 2 * x + y),
    # division
    binary(tf.realdiv, lambda x, y: x * y**-1.0, y=NOT_0, dtypes=SMOOTH),
    binary(
        tf.truediv, true_quotient, y=FROM_1, dtypes=("float64", "float32", "int32", "int64", "int8", "uint8", "int16")
    ),
    binary(tf.divide, true_quotient, y=FROM_1),
    binary(tf.div, each(lambda x, y: x / y), y=FROM_1),
    binary(tf.div, each(lambda x, y: x // y), y=FROM_1, dtypes=("int32", "int64"), gradient=[], name="integers"),
    binary(tf.floordiv, each(lambda x, y: x // y), Values((2, 3), -20, 20), FROM_1, dtypes=REAL[:-1], gradient=[]),
    binary(
        tf.floordiv, each(lambda x, y: x // y), y=Values((2, 3), -5, -1), dtypes=REAL[:-1], gradient=[], name="negative"
    ),
    binary(tf.mod, each(lambda x, y: x % y), Values((2, 3), 2.2, 2.8), Values((2, 3), 1.9, 2.1)),
    binary(tf.mod, each(lambda x, y: x % y), Values((2, 3), -2.8, -2.2), Values((2, 3), 1.9, 2.1), name="below 0"),
    binary(
        tf.mod,
        each(lambda x, y: x % y),
        Values((2, 3), -20, 20),
        FROM_1,
        dtypes=("int32", "int8"),
        gradient=[],
        name="integers",
    ),
    unary(tf.reciprocal, lambda x: x**-1.0, NOT_0, dtypes=SMOOTH),
    # squares
    unary(tf.square, lambda x: x * x, dtypes=NUMBERS),
    binary(tf.squared_difference, lambda x, y: x * x - 2 * x * y + y * y, dtypes=(*SMOOTH, "int32")),
    # size and sign
    unary(
        tf.abs,
        lambda x: np.sqrt(np.square(x.astype(float))).astype(x.dtype),
        NOT_0,
        dtypes=(*FLOATING, "int32", "int8"),
    ),
    unary(
        tf.abs,
        lambda z: np.sqrt(z.real**2 + z.imag**2),
        dtypes=COMPLEX,
        gradient=[],
        name="complex",
    ),
    unary(tf.sign, each(lambda x: (x > 0) - (x < 0)), NOT_0, dtypes=REAL),
    unary(
        tf.sign,
        lambda z: z / np.sqrt(z.real**2 + z.imag**2),
        dtypes=COMPLEX,
        gradient=[],
        name="complex",
    ),
    # rounding
    unary(tf.floor, each(lambda x: x // 1), Values((2, 3), -9, 9), dtypes=FLOATING, gradient=[]),
    unary(tf.ceil, each(lambda x: -(-x // 1)), Values((2, 3), -9, 9), dtypes=FLOATING, gradient=[]),
    unary(tf.round, each(lambda x: round(x)), Values((2, 3), -9, 9), dtypes=(*FLOATING, "int32"), gradient=[]),
    unary(tf.rint, each(lambda x: round(x)), Values((2, 3), -9, 9), dtypes=FLOATING, gradient=[]),
]
