"""Samples of minitfe.ops.reduction."""

import functools

import numpy as np
import scipy.special

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import reduction

X = Values((2, 3, 4))
FIVE = Values((5,), low=0.5)
DISTINCT = Values((2, 3, 4), distinct=True)
TRUTH = Values((2, 3, 4), dtype="bool")
INTEGERS = ("int32", "int64", "int8", "uint8")
SETTINGS = {
    "all": {},
    "axis": {"axis": 1},
    "axes": {"axis": [0, -1]},
    "keepdims": {"axis": [1], "keepdims": True},
    "all keepdims": {"keepdims": True},
    "no axes": {"axis": []},
}


def reductions(function, reference, values=X, settings=SETTINGS, **more):
    """One sample per way of saying which axes."""

    def of(x, axis=None, keepdims=False):
        return reference(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)

    return [Sample(function, [values], arguments, of, name=name, **more) for name, arguments in settings.items()]


def lines(function):
    """A reference that takes the reduced elements as a list, one list for each element of the result."""

    def of(x, axis=None, keepdims=False):
        axes = (
            range(x.ndim) if axis is None else [axis % x.ndim] if isinstance(axis, int) else [i % x.ndim for i in axis]
        )
        kept = [i for i in range(x.ndim) if i not in axes]
        rows = x.transpose(*kept, *axes).reshape(-1, int(np.prod([x.shape[i] for i in axes])))
        sizes = [1 if i in axes else x.shape[i] for i in range(x.ndim) if keepdims or i not in axes]
        return np.array([function(row.tolist()) for row in rows]).reshape(sizes)

    return of


def multiplied(numbers):
    return functools.reduce(lambda a, b: a * b, numbers, 1)


def some_zeros(generator):
    """Lines along the last axis with no zero, one and two, and more over several axes."""
    x = generator.uniform(0.5, 2, (2, 3, 4))
    x[0, 1, 2] = x[0, 2, 0] = x[0, 2, 3] = 0
    return x


def others(x, axis):
    """The product of all others, by leaving one out."""
    lines_ = np.moveaxis(x, axis[0], -1)
    left = [np.delete(lines_, k, -1).prod(-1) for k in range(lines_.shape[-1])]
    return np.moveaxis(np.stack(left, -1), -1, axis[0])


def others_along(x, h, axis):
    """Σ h_i Π x_j, over i ≠ k and j ≠ i, k, by loops."""
    x, h = np.moveaxis(x, axis[0], -1), np.moveaxis(h, axis[0], -1)
    n = x.shape[-1]
    sums = [sum(h[..., i] * np.delete(x, [i, k], -1).prod(-1) for i in range(n) if i != k) for k in range(n)]
    return np.moveaxis(np.stack(sums, -1), -1, axis[0])


def products_of_others(x, *hs, axis):
    return reduction.products_of_others(x, *hs, axis=axis)


def spread(generator):
    """Sizes that grow along every axis by more than chance can undo, so that no two vectors or rows tie for the largest."""
    growth = 1.5 ** sum(np.ogrid[:2, :3, :4])
    return growth * generator.uniform(0.8, 1, (2, 3, 4)) * generator.choice([-1, 1], (2, 3, 4))


def norms():
    """All vector norms along axes, and all matrix norms."""
    vector = [
        (ord, axis, keepdims)
        for ord in ("euclidean", 1, 2, 3, 2.5, np.inf)
        for axis, keepdims in ((None, False), (-1, False), (1, True))
    ]
    matrix = [
        (ord, axis, keepdims) for ord in ("fro", 1, np.inf) for axis, keepdims in (([0, 2], False), ([-1, 1], True))
    ]
    for ord, axis, keepdims in vector + matrix:
        yield Sample(
            tf.norm,
            [Values(make=spread)],
            {"ord": ord, "axis": axis, "keepdims": keepdims},
            norm_reference,
            name=f"{ord} {axis} {keepdims}",
        )


def norm_reference(x, ord, axis, keepdims):
    order = {"euclidean": 2, "fro": "fro"}.get(ord, ord)
    if axis is None:
        return np.linalg.norm(x.ravel(), order)
    return np.linalg.norm(x, order, tuple(axis) if isinstance(axis, list) else axis, keepdims)


def mean(numbers):
    return sum(numbers) / len(numbers)


def located(function):
    return lambda x, axis=0, output_type=None, dimension=None: function(x, axis if dimension is None else dimension)


SAMPLES = [
    *reductions(tf.reduce_sum, np.sum, dtypes=("float64", "float32", "int32", "int64", "complex128", "complex64")),
    *reductions(tf.reduce_mean, lines(mean), dtypes=("float64", "float32", "complex128")),
    *reductions(tf.reduce_max, np.max, DISTINCT, dtypes=("float64", "float32", "float16", *INTEGERS)),
    *reductions(tf.reduce_min, np.min, DISTINCT, dtypes=("float64", "float32", "float16", *INTEGERS)),
    *reductions(tf.reduce_prod, lines(multiplied), dtypes=("float64", "float32", "int64", "complex128")),
    *reductions(
        tf.reduce_prod, lines(multiplied), Values(make=some_zeros), {"zeros": {"axis": 2}, "zeros 2": {"axis": [0, 2]}}
    ),
    Sample(products_of_others, [X], {"axis": (1,)}, others),
    Sample(products_of_others, [X, X], {"axis": (2,)}, others_along, name="along h"),
    Sample(products_of_others, [FIVE, FIVE], {"axis": (0,)}, others_along, name="along h of five"),
    *reductions(tf.reduce_all, lines(all), TRUTH, gradient=[]),
    *reductions(tf.reduce_any, lines(any), TRUTH, gradient=[]),
    *reductions(tf.reduce_logsumexp, scipy.special.logsumexp, dtypes=("float64", "float32", "float16")),
    *reductions(
        tf.reduce_logsumexp, scipy.special.logsumexp, Values((3, 4), low=900, high=1000), {"large": {"axis": 1}}
    ),
    *reductions(tf.reduce_euclidean_norm, lines(lambda xs: np.hypot.reduce(np.abs(xs)))),
    *reductions(
        tf.count_nonzero,
        lines(lambda xs: sum(x != 0 for x in xs)),
        Values((2, 3, 4), low=-1, high=1, dtype="int32"),
        gradient=[],
    ),
    *norms(),
    *[
        Sample(
            function,
            [DISTINCT],
            arguments,
            located(reference),
            name=str(arguments),
            dtypes=("float64", "float16", *INTEGERS),
            gradient=[],
        )
        for function, reference in ((tf.argmax, np.argmax), (tf.argmin, np.argmin))
        for arguments in ({}, {"axis": -1}, {"dimension": 1}, {"axis": 2, "output_type": tf.int32})
    ],
]
