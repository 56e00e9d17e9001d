"""Samples of minitfe.ops.comparison. References count with truth values, or ask for the sign of a difference."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

from .elementwise import FLOATING, REAL, binary, each, unary

DISTINCT = Values((2, 3), distinct=True)
BOOL = Values((2, 3), dtype="bool")

SAMPLES = [
    # comparisons
    *[
        binary(function, lambda x, y, same=same: same(x - y), dtypes=("float64", "float32", "int32"), gradient=[])
        for function, same in [
            (tf.equal, lambda d: ~d.astype(bool)),
            (tf.not_equal, lambda d: d.astype(bool)),
            (tf.less, lambda d: np.sign(d) == -1),
            (tf.less_equal, lambda d: np.sign(d) != 1),
            (tf.greater, lambda d: np.sign(d) == 1),
            (tf.greater_equal, lambda d: np.sign(d) != -1),
        ]
    ],
    binary(tf.equal, lambda x, y: ~(x ^ y), BOOL, BOOL, name="bool"),
    # truth
    binary(tf.logical_and, lambda x, y: x * y, BOOL, BOOL),
    binary(tf.logical_or, lambda x, y: x + y, BOOL, BOOL),
    binary(tf.logical_xor, lambda x, y: x != y, BOOL, BOOL),
    unary(tf.logical_not, lambda x: x == False, BOOL),  # noqa: E712
    # infinity and NaN
    *[
        Sample(
            function,
            [Values(make=lambda generator: generator.choice([0.0, np.nan, np.inf, -np.inf, 2.5], (3, 4)))],
            reference=reference,
            dtypes=FLOATING,
            gradient=[],
        )
        for function, reference in [
            (tf.is_nan, lambda x: x != x),
            (tf.is_inf, lambda x: np.abs(x) > 1e300),
            (tf.is_finite, lambda x: np.abs(x) < 1e300),
        ]
    ],
    # the larger, the smaller
    Sample(tf.maximum, [DISTINCT, Values((2, 3), -1.6, 1.4, distinct=True)], reference=each(max), dtypes=REAL),
    Sample(tf.minimum, [DISTINCT, Values((2, 3), -1.6, 1.4, distinct=True)], reference=each(min), dtypes=REAL),
    binary(tf.maximum, each(max), gradient=[], name="any"),
    binary(tf.minimum, each(min), gradient=[], name="any"),
]
