"""Samples of minitfe.ops.array."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import array

MATRIX = Values((2, 3))
CUBE = Values((2, 3, 4))
ANY = ("float64", "float32", "float16", "int32", "int64", "uint8", "complex64", "bool")


def concat_of_three(x, y, z, axis):
    return tf.concat([x, y, z], axis)


def stacked(x, y, axis):
    return tf.stack([x, y], axis=axis)


def gradient_of_stack(x, y, g):
    """In a graph nobody knows how many parts g has: the rule must say it."""
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = tf.stack([x, y])
    return tape.gradient(z, [x, y], output_gradients=g)


def second_of_split(x, sizes, axis):
    return tf.split(x, sizes, axis)[1]


def first_unstacked(x):
    return tf.unstack(x)[0]


def cast_and_square(x, dtype):
    return tf.square(tf.cast(x, dtype))


def real_part_by_cast(x):
    z = tf.cast(x, tf.complex128 if x.dtype == tf.float64 else tf.complex64)
    return tf.cast(z * z, x.dtype)


def in_slow_motion(x, perm):
    """Transposition, element by element."""
    y = np.empty([x.shape[i] for i in perm], x.dtype)
    for index in np.ndindex(x.shape):
        y[tuple(index[i] for i in perm)] = x[index]
    return y


def transposed(arguments, perm, values=CUBE, **settings):
    return Sample(tf.transpose, [values], arguments, lambda x, **_: in_slow_motion(x, perm), **settings)


def casts(source, target, reference):
    values = Values((2, 3), -5, 5, dtype=source)
    return Sample(
        tf.cast, [values], {"dtype": target}, lambda x, dtype: reference(x), f"{source} to {target}", gradient=[]
    )


SAMPLES = [
    Sample(tf.identity, [Values((2, 3))], reference=lambda x: x, elementwise=True, dtypes=ANY),
    Sample(tf.stop_gradient, [Values((2, 3))], reference=lambda x: x, elementwise=True, gradient=[]),
    Sample(tf.ones_like, [Values((2, 3))], reference=lambda x: x * 0 + 1, gradient=[]),
    Sample(tf.zeros_like, [Values((2, 3))], reference=lambda x: x * 0, gradient=[]),
    Sample(tf.ones_like, [MATRIX], {"dtype": "int64"}, lambda x, dtype: np.array([[1] * 3] * 2), "of int64", gradient=[]),
    # ----------------------------------------------------------------------------------------------- what shape
    Sample(tf.shape, [CUBE], reference=lambda x: np.array([2, 3, 4]), gradient=[]),
    Sample(tf.shape, [Values(())], {"out_type": tf.int64}, lambda x, out_type: np.zeros(0, int), "of a number", gradient=[]),
    Sample(tf.size, [CUBE], reference=lambda x: np.array(24), gradient=[]),
    Sample(tf.rank, [CUBE], reference=lambda x: np.array(3), gradient=[]),
    # ----------------------------------------------------------------------------------------------- another dtype
    Sample(cast_and_square, [MATRIX], {"dtype": tf.float64}, lambda x, dtype: x * x, "float64"),
    Sample(tf.cast, [Values((2, 3), -2, 2)], {"dtype": tf.float32}, lambda x, dtype: x, "float32", dtypes=("float32",), gradient=[]),
    Sample(real_part_by_cast, [MATRIX], reference=lambda x: x**2),
    casts("float32", "int32", np.trunc),
    casts("float64", "uint8", lambda x: np.trunc(x).astype(np.int64) % 256),
    casts("int64", "bool", lambda x: x != 0),
    casts("bool", "float32", lambda x: np.where(x, 1.0, 0.0)),
    casts("complex64", "float32", lambda x: (x + x.conjugate()) / 2),
    casts("complex64", "int32", lambda x: np.trunc(x.real)),
    Sample(tf.bitcast, [Values((2, 3), dtype="float32")], {"type": tf.uint32},
           lambda x, type: np.frombuffer(x.astype("f4").tobytes(), "u4").reshape(2, 3), "one to one", gradient=[]),
    Sample(tf.bitcast, [Values((2, 3), 0, 9, dtype="int64")], {"type": tf.int32},
           lambda x, type: np.frombuffer(x.tobytes(), "i4").reshape(2, 3, 2), "one to two", gradient=[]),
    Sample(tf.bitcast, [Values((3, 4), 0, 9, dtype="uint8")], {"type": tf.int32},
           lambda x, type: np.frombuffer(x.tobytes(), "i4"), "four to one", gradient=[]),
    # ----------------------------------------------------------------------------------------------- a new shape
    Sample(tf.reshape, [Values((2, 3))], {"shape": [3, -1]}, lambda x, shape: x.ravel().reshape(3, 2)),
    Sample(tf.reshape, [Values((1, 1))], {"shape": []}, lambda x, shape: x[0, 0], "to a number"),
    Sample(array.reshape_like, [Values((2, 3)), Values((6,))], reference=lambda x, like: x.ravel(), gradient=[0]),
    Sample(tf.expand_dims, [MATRIX], {"axis": 0}, lambda x, axis: np.array([x]), "first", dtypes=ANY),
    Sample(tf.expand_dims, [MATRIX], {"axis": 1}, lambda x, axis: x[:, None], "between"),
    Sample(tf.expand_dims, [MATRIX], {"axis": -1}, lambda x, axis: x[..., None], "last"),
    Sample(tf.expand_dims, [Values(())], {"dim": 0}, lambda x, dim: x.ravel(), "of a number"),
    Sample(tf.squeeze, [Values((1, 3, 1))], reference=lambda x: x.ravel()),
    Sample(tf.squeeze, [Values((1, 3, 1))], {"axis": [-1]}, lambda x, axis: x[:, :, 0], "last"),
    Sample(tf.squeeze, [Values((1, 3, 1))], {"squeeze_dims": 0}, lambda x, squeeze_dims: x[0], "first"),
    transposed({}, (2, 1, 0), dtypes=ANY),
    transposed({"perm": [1, 2, 0]}, (1, 2, 0), name="cycle"),
    transposed({"perm": [0, 2, 1]}, (0, 2, 1), name="swap"),
    transposed({}, (), Values(()), name="of a number"),
    transposed({}, (1, 0), Values((0, 3)), name="of nothing"),
    Sample(tf.matrix_transpose, [CUBE], reference=lambda x: in_slow_motion(x, (0, 2, 1))),
    Sample(tf.transpose, [Values((2, 3), dtype="complex64")], {"conjugate": True},
           lambda x, conjugate: np.array([[z.conjugate() for z in column] for column in zip(*x)]), "conjugate", gradient=[]),
    # ----------------------------------------------------------------------------------------------- put together
    *[Sample(stacked, [MATRIX, MATRIX], {"axis": axis}, lambda x, y, axis: np.moveaxis(np.array([x, y]), 0, axis), f"axis {axis}")
      for axis in (0, 1, -1)],
    Sample(gradient_of_stack, [MATRIX, MATRIX, Values((2, 2, 3))], reference=lambda x, y, g: [g[0], g[1]]),
    Sample(lambda x: tf.unstack(x, axis=-1), [MATRIX], reference=lambda x: [x[:, 0], x[:, 1], x[:, 2]], name="unstack", sizes_known=True),
    Sample(tf.unstack, [MATRIX], {"num": 2}, lambda x, num: [x[0], x[1]], "num"),
    Sample(first_unstacked, [Values((3,))], reference=lambda x: x[0], sizes_known=True),
    Sample(concat_of_three, [MATRIX, Values((1, 3)), Values((0, 3))], {"axis": 0},
           lambda x, y, z, axis: np.array([*x, *y, *z]), "first axis", dtypes=ANY),
    Sample(concat_of_three, [MATRIX, Values((2, 1)), Values((2, 2))], {"axis": -1},
           lambda x, y, z, axis: np.array([[*a, *b, *c] for a, b, c in zip(x, y, z)]), "last axis"),
    Sample(lambda x: tf.concat([x], 0), [MATRIX], reference=lambda x: x, name="concat of one"),
    Sample(tf.split, [Values((2, 6))], {"num_or_size_splits": 3, "axis": 1},
           lambda x, num_or_size_splits, axis: [x[:, 0:2], x[:, 2:4], x[:, 4:6]], "equal", dtypes=ANY),
    Sample(tf.split, [Values((6, 2))], {"num_or_size_splits": [1, 3, 2]},
           lambda x, num_or_size_splits: [x[:1], x[1:4], x[4:]], "sizes"),
    Sample(tf.split, [Values((2, 6))], {"num_or_size_splits": [1, -1, 2], "axis": -1},
           lambda x, num_or_size_splits, axis: [x[:, :1], x[:, 1:4], x[:, 4:]], "rest"),
    Sample(second_of_split, [Values((6,))], {"sizes": 3, "axis": 0}, lambda x, sizes, axis: x[2:4]),
]  # fmt: skip
