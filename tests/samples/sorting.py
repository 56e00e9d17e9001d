"""Samples of minitfe.ops.sorting. References are Python's sorted(), dictionaries and loops."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import sorting

X = Values((2, 5, 3), distinct=True)
TYPES = ("float64", "float32", "float16", "int32", "int8", "uint8")


def order(line, descending):
    """Python's sort is stable, and keeps the order of equal elements when reversed, too."""
    return sorted(range(len(line)), key=line.tolist().__getitem__, reverse=descending)


def argsorted(x, axis=-1, direction="ASCENDING"):
    return np.apply_along_axis(order, axis, x, direction == "DESCENDING")


def values_sorted(x, axis=-1, direction="ASCENDING"):
    return np.apply_along_axis(lambda line: line[order(line, direction == "DESCENDING")], axis, x)


def largest(x, k):
    return values_sorted(x, -1, "DESCENDING")[..., :k], argsorted(x, -1, "DESCENDING")[..., :k]


def permutation(generator):
    return generator.permutation(6)


def places(generator):
    """Three different places out of five, for each line along axis 1."""
    return generator.permuted(np.tile(np.arange(5).reshape(1, 5, 1), (2, 1, 3)), axis=1)[:, :3]


def taken(x, indices, axis):
    return np.array([[[x[i, indices[i, j, k], k] for k in range(3)] for j in range(3)] for i in range(2)])


def scattered(x, indices, like, axis):
    output = np.zeros((2, 5, 3))
    for i, j, k in np.ndindex(2, 3, 3):
        output[i, indices[i, j, k], k] = x[i, j, k]
    return output


def different(x, out_idx=None, counted=False):
    seen = {}
    for value in x.tolist():
        seen[value] = seen.get(value, 0) + 1
    found = list(seen)
    return [np.array(found), np.array([found.index(value) for value in x.tolist()]), np.array(list(seen.values()))][
        : 3 if counted else 2
    ]


def counts(arr, weights=None, minlength=0, maxlength=np.inf):
    length = int(min(max(arr.max() + 1, minlength), maxlength))
    ones = np.ones(arr.shape, int) if weights is None else weights
    return np.array([ones[arr == i].sum() for i in range(length)])


def histogram(values, value_range, nbins):
    low, high = value_range
    edges = low + (high - low) / nbins * np.arange(1, nbins)
    return np.array([(np.searchsorted(edges, values, side="right") == i).sum() for i in range(nbins)])


def counted(function, reference, *weights, name="", **arguments):
    """A sample whose output is as long as its values say."""
    inputs = [Values((8,), low=0, high=3, dtype="int32"), *weights]
    return Sample(function, inputs, arguments, reference, name=name, gradient=[], sizes_from_values=True)


SAMPLES = [
    *[
        Sample(
            function,
            [X],
            {"axis": axis, "direction": direction},
            reference,
            name=f"{axis} {direction}",
            dtypes=TYPES,
            gradient=gradient,
        )
        for function, reference, gradient in ((tf.sort, values_sorted, [0]), (tf.argsort, argsorted, []))
        for axis, direction in ((-1, "ASCENDING"), (1, "ASCENDING"), (0, "DESCENDING"), (-2, "DESCENDING"))
    ],
    *[Sample(sorting.top_k, [X], {"k": k}, largest, name=str(k), dtypes=TYPES) for k in (1, 2, 3, 0)],
    Sample(tf.sort, [Values((9,), low=0, high=3, dtype="int32")], reference=values_sorted, name="ties"),
    Sample(sorting.take_along_axis, [X, Values(make=places, dtype="int32")], {"axis": 1}, taken),
    Sample(
        sorting.scatter_along_axis,
        [Values((2, 3, 3)), Values(make=places, dtype="int32"), X],
        {"axis": 1},
        scattered,
        gradient=[0],
    ),
    Sample(
        tf.invert_permutation,
        [Values(make=permutation, dtype="int32")],
        reference=lambda x: np.array([list(x).index(i) for i in range(6)]),
    ),
    counted(tf.unique, different),
    counted(tf.unique, different, name="int64", out_idx=tf.int64),
    counted(tf.unique_with_counts, lambda x: different(x, counted=True)),
    counted(tf.bincount, counts),
    counted(tf.bincount, counts, name="minlength", minlength=7),
    counted(tf.bincount, counts, name="maxlength", maxlength=2),
    counted(tf.bincount, counts, Values((8,)), name="weights"),
    Sample(
        tf.histogram_fixed_width,
        [Values((20,)), Values(make=lambda generator: [-1.0, 1.5])],
        {"nbins": 7},
        histogram,
        gradient=[],
    ),
]
