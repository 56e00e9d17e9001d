"""Samples of minitfe.ops.indexing and indexed_slices."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import indexing

MATRIX = Values((4, 3))
CUBE = Values((4, 3, 2))
ANY = ("float64", "float32", "float16", "int32", "uint8", "complex64", "bool")


def indices(shape, high, dtype="int32"):
    """Indices below a limit, repeated ones among them."""
    return Values(shape, 0, high - 1, dtype=dtype)


def picks(name, key, values=CUBE, **settings):
    return Sample(indexing.getitem, [values], {"key": key}, lambda x, key: x[key], name, **settings)


def getitem_by_tensor(x, i):
    return indexing.getitem(x, (slice(1, None), i, None))


def getitem_from_the_end(x, i):
    return indexing.getitem(x, (..., i))


def gathered_and_squared(x, i):
    """Its second derivative goes through the sparse gradient."""
    return tf.square(tf.gather(x, i))


def gathered_twice(x, i, j):
    """The sum of two sparse gradients."""
    return tf.square(tf.gather(x, i)), tf.gather(x, j) * 3


def gathered_and_whole(x, i):
    """The sum of a sparse gradient and a dense one."""
    return tf.gather(x, i), tf.square(x)


def points(shape, sizes):
    """Coordinates of points in an array of these sizes."""
    return Values(
        (*shape, len(sizes)), dtype="int32", make=lambda g: np.stack([g.integers(0, n, shape) for n in sizes], -1)
    )


def distinct_rows(count, size):
    return Values((count, 1), dtype="int32", make=lambda g: g.permutation(size)[:count, None])


def blocks(params, at):
    """The elements or blocks at coordinates, one point at a time."""
    rest = params.shape[at.shape[-1] :]
    return np.array([params[tuple(point)] for point in at.reshape(-1, at.shape[-1])]).reshape((*at.shape[:-1], *rest))


def scattered(at, updates, shape, add=True, start=None):
    y = np.zeros(shape, updates.dtype) if start is None else start.copy()
    rest = y.shape[at.shape[-1] :]
    for point, update in zip(at.reshape(-1, at.shape[-1]), updates.reshape(-1, *rest)):
        y[tuple(point)] = y[tuple(point)] + update if add else update
    return y


def masked(x, mask, axis=0):
    """The parts of x at which the mask is true, one by one."""
    x = np.moveaxis(x, range(axis, axis + mask.ndim), range(mask.ndim))
    parts = [x[index] for index in np.ndindex(mask.shape) if mask[index]]
    return np.moveaxis(np.array(parts).reshape(len(parts), *x.shape[mask.ndim :]), 0, axis)


def rows_chosen(c, x, y):
    return np.array([a if test else b for test, a, b in zip(c, x, y)])


BOOLS = Values((4,), dtype="bool", make=lambda g: g.permutation([True, True, False, False]))

SAMPLES = [
    # ----------------------------------------------------------------------------------------------- slices
    picks("one", 1, dtypes=ANY),
    picks("from the end", -1),
    picks("several", (1, -2, 0)),
    picks("slice", slice(1, 3)),
    picks("clamped", (slice(-9, 9), slice(2, 1))),
    picks("steps", (slice(None, None, 2), slice(None, None, -1))),
    picks("backwards", (slice(3, 0, -2), slice(None), slice(-1, None, -1))),
    picks("ellipsis", (..., 1)),
    picks("new axes", (None, 0, ..., None)),
    picks("all", ...),
    picks("number", (), Values(())),
    Sample(getitem_by_tensor, [CUBE, indices((), 3)], reference=lambda x, i: x[1:, i, None]),
    Sample(getitem_from_the_end, [MATRIX, Values((), -3, -1, dtype="int64")], reference=lambda x, i: x[:, i]),
    Sample(tf.strided_slice, [MATRIX], {"begin": [1, 0], "end": [4, 3], "strides": [2, 1]}, lambda x, **_: x[[1, 3]]),
    Sample(tf.strided_slice, [CUBE], {"begin": [1, 9, 9], "end": [9, 9, 9], "strides": [1, 1, 1], "shrink_axis_mask": 1,
           "ellipsis_mask": 2, "new_axis_mask": 4}, lambda x, **_: x[1][..., None], "masks"),
    Sample(tf.strided_slice, [MATRIX], {"begin": [2, 1], "end": [3, 2], "begin_mask": 1, "end_mask": 2},
           lambda x, **_: x[[0, 1, 2]][:, [1, 2]], "open ends"),
    Sample(tf.slice, [MATRIX], {"begin": [1, 0], "size": [2, 3]}, lambda x, begin, size: x[[1, 2]], dtypes=ANY),
    Sample(tf.slice, [MATRIX], {"begin": [3, 1], "size": [-1, -1]}, lambda x, begin, size: x[[3]][:, [1, 2]], "rest"),
    Sample(tf.slice, [MATRIX], {"begin": [4, 0], "size": [0, -1]}, lambda x, begin, size: np.zeros((0, 3)), "nothing"),
    # ----------------------------------------------------------------------------------------------- indices
    Sample(tf.gather, [MATRIX, indices((5,), 4)], reference=lambda x, i: np.array([x[k] for k in i]), dtypes=ANY),
    Sample(tf.gather, [MATRIX, indices((), 4, "int64")], reference=lambda x, i: np.array(list(x[i])), name="one"),
    Sample(tf.gather, [Values((4,)), indices((), 4)], reference=lambda x, i: x[i], name="one number"),
    Sample(tf.gather, [CUBE, indices((2, 3), 4)], reference=lambda x, i: np.array([[x[k] for k in row] for row in i]), name="table"),
    Sample(tf.gather, [MATRIX, indices((0,), 1)], reference=lambda x, i: np.zeros((0, 3)), name="none"),
    Sample(tf.gather, [CUBE, indices((5,), 3)], {"axis": 1},
           lambda x, i, axis: np.stack([x[:, k] for k in i], 1), "axis"),
    Sample(tf.gather, [CUBE, indices((2, 2), 2)], {"axis": -1},
           lambda x, i, axis: np.stack([np.stack([x[..., k] for k in row], -1) for row in i], -2), "last axis table"),
    Sample(gathered_and_squared, [MATRIX, indices((6,), 4)], reference=lambda x, i: np.array([x[k] ** 2 for k in i])),
    Sample(gathered_and_squared, [MATRIX, indices((2, 3), 4)], reference=lambda x, i: np.array([[x[k] ** 2 for k in row] for row in i]), name="table"),
    Sample(gathered_twice, [MATRIX, indices((3,), 4), indices((2,), 4, "int64")],
           reference=lambda x, i, j: [np.array([x[k] ** 2 for k in i]), np.array([3 * x[k] for k in j])]),
    Sample(gathered_and_whole, [MATRIX, indices((3,), 4)], reference=lambda x, i: [np.array([x[k] for k in i]), x**2]),
    Sample(tf.gather_nd, [MATRIX, points((5,), (4, 3))], reference=blocks, name="elements"),
    Sample(tf.gather_nd, [CUBE, points((2, 2), (4, 3))], reference=blocks, name="rows"),
    Sample(tf.gather_nd, [MATRIX, points((), (4, 3))], reference=blocks, name="one"),
    Sample(tf.gather_nd, [MATRIX, Values((2, 0), dtype="int32")], reference=lambda x, i: np.array([x, x]), name="everything"),
    Sample(lambda i, u: tf.scatter_nd(i, u, [4, 3]), [points((5,), (4, 3)), Values((5,))],
           reference=lambda i, u: scattered(i, u, (4, 3)), name="scatter_nd elements"),
    Sample(lambda i, u: tf.scatter_nd(i, u, [4, 3]), [points((2, 3), (4,)), Values((2, 3, 3))],
           reference=lambda i, u: scattered(i, u, (4, 3)), name="scatter_nd rows"),
    Sample(tf.tensor_scatter_update, [MATRIX, distinct_rows(2, 4), Values((2, 3))],
           reference=lambda x, i, u: scattered(i, u, None, add=False, start=x)),
    Sample(tf.tensor_scatter_add, [MATRIX, points((6,), (4, 3)), Values((6,))],
           reference=lambda x, i, u: scattered(i, u, None, start=x)),
    # ----------------------------------------------------------------------------------------------- masks
    Sample(tf.where, [Values((2, 3, 2), dtype="bool")], reference=lambda c: np.array(
        [index for index in np.ndindex(c.shape) if c[index]], int).reshape(-1, 3), name="coordinates", gradient=[], sizes_from_values=True),
    Sample(tf.where, [Values((2, 3), dtype="bool"), Values((2, 3)), Values((2, 3))],
           reference=lambda c, x, y: c * x + ~c * y, name="elements"),
    Sample(tf.where, [BOOLS, MATRIX, MATRIX], reference=rows_chosen, name="rows"),
    Sample(tf.where, [Values((), dtype="bool"), MATRIX, MATRIX], reference=lambda c, x, y: x if c else y, name="all or nothing"),
    Sample(tf.boolean_mask, [MATRIX, BOOLS], reference=masked, sizes_from_values=True),
    Sample(tf.boolean_mask, [CUBE, Values((4, 3), dtype="bool")], reference=masked, name="two axes", sizes_from_values=True),
    Sample(tf.boolean_mask, [Values((2, 4, 3)), BOOLS], {"axis": 1}, masked, "second axis", sizes_from_values=True),
    Sample(tf.boolean_mask, [Values((2, 4, 3, 2)), Values((4, 3), dtype="bool")], {"axis": 1}, masked, "two inner axes", sizes_from_values=True),
    Sample(tf.setdiff1d, [Values((6,), 0, 5, dtype="int32"), Values((3,), 0, 5, dtype="int32")], reference=lambda x, y: [
        np.array([a for a in x if a not in y], int), np.array([i for i, a in enumerate(x) if a not in y], int)], gradient=[], sizes_from_values=True),
]  # fmt: skip
