"""Samples of minitfe.ops.generate. Ops without inputs have samples without inputs."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values


def made(function, arguments, wanted, name=""):
    """A sample of an op that makes constants."""
    return Sample(function, [], arguments, lambda **_: np.array(wanted), name, dtypes=("float32",), gradient=[])


def grids_ij(x, y, z):
    return tf.meshgrid(x, y, z, indexing="ij")


def grids_xy(*xs):
    return tf.meshgrid(*xs)


def planes(*xs):
    """The first two axes change places: x runs along the second, y along the first, all others along their own."""
    order = [1, 0, *range(2, len(xs))][: len(xs)] if len(xs) > 1 else [0]
    shape = [len(xs[i]) for i in order]
    return [np.broadcast_to(x.reshape([-1 if i == k else 1 for i in order]), shape) for k, x in enumerate(xs)]


def second_grid(x, y):
    return tf.meshgrid(x, y)[1]


def range_in_graph(start, limit, delta):
    return tf.range(start, limit, delta)


def hot(indices, depth, on, off):
    """Along the last axis, one index at a time."""
    return np.array([on if i == index else off for index in indices.ravel() for i in range(depth)]).reshape(
        *indices.shape, depth
    )


INDICES = Values((2, 3), -1, 4, dtype="int32")

SAMPLES = [
    made(tf.zeros, {"shape": [2, 1]}, [[0.0], [0.0]]),
    made(tf.ones, {"shape": [2, 1], "dtype": tf.int64}, [[1], [1]]),
    made(tf.ones, {"shape": []}, 1.0, "number"),
    made(tf.eye, {"num_rows": 2}, [[1, 0], [0, 1]]),
    made(tf.eye, {"num_rows": 2, "num_columns": 3, "batch_shape": [1], "dtype": tf.int32}, [[[1, 0, 0], [0, 1, 0]]], "batch"),
    Sample(tf.fill, [], {"dims": [2, 2], "value": 7}, lambda dims, value: np.array([[7, 7], [7, 7]]), "constant"),
    Sample(lambda value: tf.fill([2, 3], value), [Values(())], reference=lambda x: np.array([[x] * 3] * 2), name="fill"),
    # ----------------------------------------------------------------------------------------------- counted
    made(tf.range, {"start": 3}, [0, 1, 2]),
    made(tf.range, {"start": 5, "limit": 1, "delta": -2}, [5, 3], "down"),
    made(tf.range, {"start": 0.5, "limit": 2, "delta": 0.5}, [0.5, 1.0, 1.5], "floats"),
    made(tf.range, {"start": 2, "limit": 2}, np.zeros(0, int), "empty"),
    Sample(range_in_graph, [Values((), 0, 3, dtype="int32"), Values((), 5, 9, dtype="int32"), Values((), 1, 3, dtype="int32")],
           reference=lambda start, limit, delta: np.array([i for i in range(start, 9) if i < limit and (i - start) % delta == 0]),
           gradient=[], sizes_from_values=True),
    made(tf.linspace, {"start": -1.0, "stop": 1.0, "num": 5}, [-1.0, -0.5, 0.0, 0.5, 1.0]),
    made(tf.linspace, {"start": np.float64(3), "stop": 4, "num": 1}, [3.0], "one"),
    Sample(tf.meshgrid, [Values((2,)), Values((3,))],
           reference=lambda x, y: [np.array([x] * 3), np.array([[b, b] for b in y])], name="xy"),
    Sample(grids_ij, [Values((2,)), Values((3,)), Values((1,))], reference=lambda x, y, z: [
        np.array([[[a] for _ in y] for a in x]), np.array([[[b] for b in y] for _ in x]), np.array([[z] * 3] * 2)]),
    *[Sample(grids_xy, [Values((size,)) for size in sizes], reference=planes, name=f"of {len(sizes)}")
      for sizes in ([3], [2, 3, 4], [2, 3, 1, 4])],
    Sample(second_grid, [Values((2,)), Values((3,))], reference=lambda x, y: np.array([[b, b] for b in y])),
    # ----------------------------------------------------------------------------------------------- marked
    Sample(tf.one_hot, [INDICES], {"depth": 3}, lambda x, depth: hot(x, 3, 1.0, 0.0)),
    Sample(tf.one_hot, [INDICES], {"depth": 3, "on_value": 5, "off_value": -1, "axis": 0},
           lambda x, **_: np.moveaxis(hot(x, 3, 5, -1), -1, 0), "marks first"),
    Sample(tf.one_hot, [INDICES], {"depth": 2, "axis": 1, "dtype": tf.int64},
           lambda x, **_: np.moveaxis(hot(x, 2, 1, 0), -1, 1), "between"),
    Sample(tf.sequence_mask, [Values((2, 2), 0, 4, dtype="int32")], {"maxlen": 3},
           lambda n, maxlen: np.array([[[i < k for i in range(3)] for k in row] for row in n])),
    Sample(tf.sequence_mask, [Values((2,), 1, 4, dtype="int64")], {"dtype": tf.float32},
           lambda n, dtype: np.array([[float(i < k) for i in range(max(n))] for k in n]), "longest", sizes_from_values=True),
]  # fmt: skip
