"""Samples of minitfe.ops.bitwise. References go through Python's own integers."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

INTEGERS = Values((2, 3), 0, 100)
PLACES = Values((2, 3), 0, 7)
DTYPES = ("int32", "int64", "int8", "uint8", "int16")


def integers(function, reference, *values, dtypes=DTYPES, **settings):
    def of(*arrays):
        exact = reference(*[x.astype(object) for x in arrays])
        bits = np.iinfo(arrays[0].dtype).bits
        return np.array(exact % 2**bits).astype(f"u{bits // 8}").astype(arrays[0].dtype)

    return Sample(function, values, reference=of, elementwise=True, gradient=[], dtypes=dtypes, **settings)


SIGNED = Values((2, 3), -100, 100)

SAMPLES = [
    integers(tf.bitwise.bitwise_and, lambda x, y: x + y - (x | y), INTEGERS, INTEGERS),
    integers(tf.bitwise.bitwise_or, lambda x, y: x + y - (x & y), INTEGERS, INTEGERS),
    integers(tf.bitwise.bitwise_xor, lambda x, y: (x | y) - (x & y), INTEGERS, INTEGERS),
    integers(tf.bitwise.invert, lambda x: -x - 1, INTEGERS),
    integers(tf.bitwise.left_shift, lambda x, y: x * 2**y, INTEGERS, PLACES),
    integers(tf.bitwise.right_shift, lambda x, y: x // 2**y, INTEGERS, PLACES),
    integers(tf.bitwise.right_shift, lambda x, y: x // 2**y, SIGNED, PLACES, dtypes=("int32", "int8"), name="negative"),
]
