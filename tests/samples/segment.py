"""Samples of minitfe.ops.segment. References loop over the segments."""

import functools

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import segment

ROWS = Values((6, 2), distinct=True)
VECTOR = Values((6,), distinct=True)
TYPES = ("float64", "float32", "float16", "int32", "int8")


def ids(*numbers, dtype="int32"):
    return Values(make=lambda generator: np.array(numbers), dtype=dtype)


SORTED = ids(0, 0, 1, 3, 3, 3)
SHUFFLED = ids(2, 0, -1, 2, 0, 2, dtype="int64")
FULL = ids(2, 0, -1, 1, 0, 2)
GRID = Values(make=lambda generator: np.array([[1, 0, 1], [-3, 1, 3]]), dtype="int32")


def each_segment(function, empty):
    """Applies a function to the rows of each segment."""

    def reference(data, ids, num_segments=None):
        count = int(ids[-1]) + 1 if num_segments is None else num_segments
        shape = data.shape[ids.ndim :]
        groups = [data[ids == i] for i in range(count)]
        return np.array([function(rows) if len(rows) else np.full(shape, empty) for rows in groups])

    return reference


def product(rows):
    return functools.reduce(lambda a, b: a * b, rows)


def sorted_samples(function, by_rows, empty, types=TYPES):
    for name, values, numbers in (
        ("rows", ROWS, SORTED),
        ("vector", VECTOR, SORTED),
        ("more segments than rows", Values((3,), distinct=True), ids(0, 6, 6)),
    ):
        yield Sample(
            function,
            [values, numbers],
            reference=each_segment(by_rows, empty),
            name=name,
            dtypes=types,
            sizes_from_values=True,
        )


def unsorted_samples(function, by_rows, empty=0.0, types=TYPES):
    reference = each_segment(by_rows, empty)
    for name, values, numbers, count in (
        ("rows", ROWS, SHUFFLED, 3),
        ("grid", Values((2, 3, 2), distinct=True), GRID, 4),
    ):
        yield Sample(function, [values, numbers], {"num_segments": count}, reference, name=name, dtypes=types)


def with_zeros(generator):
    """Segments with no zero, one and two."""
    return np.array([2, -1.5, 0, 1.5, 0.5, 0, 0, 3]).reshape(8, 1) * generator.uniform(0.5, 2, (8, 2))


def others(ids, x, *hs):
    """The product of the other rows of the segment, or its derivative along h, by loops."""
    output = np.zeros_like(x)
    for k in range(len(ids)):
        rest = [i for i in range(len(ids)) if ids[i] == ids[k] and i != k]
        if hs:
            output[k] = sum(hs[0][i] * np.prod([x[j] for j in rest if j != i], axis=0) for i in rest)
        else:
            output[k] = np.prod([x[i] for i in rest], axis=0)
    return output


def picked(x, ids):
    return np.array([x[i] if i >= 0 else 0 * x[0] for i in ids])


SAMPLES = [
    *sorted_samples(tf.segment_sum, lambda rows: rows.sum(0), 0, (*TYPES, "complex128")),
    *sorted_samples(
        tf.segment_mean, lambda rows: np.trunc(rows.mean(0)) if rows.dtype.kind == "i" else rows.mean(0), 0
    ),
    *sorted_samples(tf.segment_max, lambda rows: rows.max(0), 0),
    *sorted_samples(tf.segment_min, lambda rows: rows.min(0), 0),
    *sorted_samples(tf.segment_prod, product, 1, (*TYPES, "complex128")),
    Sample(
        tf.segment_prod,
        [Values(make=with_zeros), ids(0, 0, 1, 1, 1, 2, 2, 2)],
        reference=each_segment(product, 1),
        name="zeros",
        sizes_from_values=True,
    ),
    *unsorted_samples(tf.unsorted_segment_sum, lambda rows: rows.sum(0), types=(*TYPES, "complex128")),
    *unsorted_samples(tf.unsorted_segment_mean, lambda rows: rows.mean(0), types=("float64", "float32")),
    # An empty segment would have the largest or smallest number there is, which differences cannot be taken of.
    Sample(
        tf.unsorted_segment_max,
        [ROWS, FULL],
        {"num_segments": 3},
        each_segment(lambda rows: rows.max(0), 0),
        dtypes=TYPES,
    ),
    Sample(
        tf.unsorted_segment_min,
        [ROWS, FULL],
        {"num_segments": 3},
        each_segment(lambda rows: rows.min(0), 0),
        dtypes=TYPES,
    ),
    Sample(segment.rows_of_segments, [Values((3, 2)), SHUFFLED], reference=picked),
    Sample(
        segment.segment_sum_like,
        [ROWS, SHUFFLED, Values((3, 2))],
        reference=lambda data, ids, like: each_segment(lambda rows: rows.sum(0), 0)(data, ids, 3),
        gradient=[0],
    ),
    Sample(segment.segment_products_of_others, [SORTED, ROWS], reference=others),
    Sample(segment.segment_products_of_others, [SORTED, ROWS, Values((6, 2))], reference=others, name="along h"),
]
