"""Samples of minitfe.ops.reduction."""
import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

X = Values((2, 3, 4))
SETTINGS = {
    "all": {},
    "axis": {"axis": 1},
    "axes": {"axis": [0, -1]},
    "keepdims": {"axis": [1], "keepdims": True},
    "all keepdims": {"keepdims": True},
}


def reductions(function, reference, values=X, settings=SETTINGS, **more):
    """One sample per way of saying which axes."""

    def of(x, axis=None, keepdims=False):
        return reference(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)

    return [Sample(function, [values], arguments, of, name=name, **more) for name, arguments in settings.items()]


SAMPLES = [
    *reductions(tf.reduce_sum, np.sum, dtypes=("float64", "float32", "int32", "int64")),
    *reductions(tf.reduce_mean, np.mean),
]
