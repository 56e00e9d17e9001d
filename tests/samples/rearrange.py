"""Samples of minitfe.ops.rearrange."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

MATRIX = Values((2, 3))
CUBE = Values((2, 3, 4))
BATCH = Values((2, 3, 3))


def diagonal(x):
    """The diagonals of the last two axes, one element at a time."""
    return np.stack([x[..., i, i] for i in range(min(x.shape[-2:]))], -1)


def band(x, num_lower, num_upper):
    y = x.copy()
    for i in range(x.shape[-2]):
        for j in range(x.shape[-1]):
            if (num_lower >= 0 and i - j > num_lower) or (num_upper >= 0 and j - i > num_upper):
                y[..., i, j] = 0
    return y


def with_diagonal(x, d):
    y = x.copy()
    for i in range(d.shape[-1]):
        y[..., i, i] = d[..., i]
    return y


def sequences_reversed(x, lengths):
    """Along axis 1, batch on axis 0."""
    return np.array([[*row[:n][::-1], *row[n:]] for row, n in zip(x, lengths)])


def pads(name, paddings, reference, values=MATRIX, **arguments):
    return Sample(tf.pad, [values], {"paddings": paddings, **arguments}, lambda x, **_: reference(x), name)


def bands(num_lower, num_upper, values=CUBE):
    arguments = {"num_lower": num_lower, "num_upper": num_upper}
    return Sample(tf.matrix_band_part, [values], arguments, band, f"{num_lower} {num_upper}")


SAMPLES = [
    # ----------------------------------------------------------------------------------------------- repeated
    Sample(tf.tile, [MATRIX], {"multiples": [2, 3]}, lambda x, multiples: np.hstack([np.vstack([x, x])] * 3)),
    Sample(tf.tile, [Values((3,))], {"multiples": [1]}, lambda x, multiples: x, "once"),
    Sample(tf.tile, [MATRIX], {"multiples": [0, 1]}, lambda x, multiples: np.zeros((0, 3)), "never"),
    Sample(tf.tile, [Values(())], {"multiples": []}, lambda x, multiples: x, "of a number"),
    Sample(tf.broadcast_to, [Values((3, 1))], {"shape": [2, 3, 4]}, lambda x, shape: np.ones((2, 3, 4)) * x),
    Sample(tf.broadcast_to, [Values(())], {"shape": [2]}, lambda x, shape: np.array([x, x]), "of a number"),
    # ----------------------------------------------------------------------------------------------- padded
    pads("constant", [[1, 0], [2, 1]], lambda x: np.vstack([np.zeros(6), np.hstack([np.zeros((2, 2)), x, np.zeros((2, 1))])])),
    pads("value", [[1, 2]], lambda x: np.array([7, *x, 7, 7]), Values((3,)), constant_values=7),
    pads("nothing", [[0, 0], [0, 0]], lambda x: x),
    pads("reflect", [[2, 1]], lambda x: x[[2, 1, 0, 1, 2, 3, 2]], Values((4,)), mode="REFLECT"),
    pads("symmetric", [[2, 1]], lambda x: x[[1, 0, 0, 1, 2, 3, 3]], Values((4,)), mode="SYMMETRIC"),
    pads("reflect both axes", [[1, 1], [2, 0]], lambda x: x[[1, 0, 1, 0]][:, [2, 1, 0, 1, 2]], mode="reflect"),
    pads("symmetric to the end", [[2, 2], [0, 3]], lambda x: x[[1, 0, 0, 1, 1, 0]][:, [0, 1, 2, 2, 1, 0]], mode="symmetric"),
    # ----------------------------------------------------------------------------------------------- reversed
    Sample(tf.reverse, [MATRIX], {"axis": [1]}, lambda x, axis: x[:, [2, 1, 0]]),
    Sample(tf.reverse, [CUBE], {"axis": [0, -1]}, lambda x, axis: x[[1, 0]][:, :, [3, 2, 1, 0]], "two axes"),
    Sample(tf.reverse, [MATRIX], {"axis": []}, lambda x, axis: x, "no axis"),
    Sample(tf.reverse_sequence, [CUBE, Values((2,), 0, 3, dtype="int32")], {"seq_axis": 1},
           lambda x, n, seq_axis: sequences_reversed(x, n)),
    Sample(tf.reverse_sequence, [CUBE, Values((4,), 0, 2, dtype="int64")], {"seq_dim": 0, "batch_dim": 2},
           lambda x, n, seq_dim, batch_dim: sequences_reversed(x.transpose(2, 0, 1), n).transpose(1, 2, 0), "other axes"),
    # ----------------------------------------------------------------------------------------------- diagonals
    Sample(tf.diag, [Values((3,))], reference=lambda x: np.array([[x[i] * (i == j) for j in range(3)] for i in range(3)])),
    Sample(tf.diag, [MATRIX], reference=lambda x: np.einsum("ij,ik,jl->ijkl", x, np.eye(2), np.eye(3)), name="of a matrix"),
    Sample(tf.diag_part, [Values((3, 3))], reference=lambda x: x[[0, 1, 2], [0, 1, 2]]),
    Sample(tf.diag_part, [Values((2, 3, 2, 3))], reference=lambda x: np.einsum("ijij->ij", x), name="of four axes"),
    Sample(tf.matrix_diag, [MATRIX], reference=lambda x: x[:, :, None] * np.eye(3)),
    Sample(tf.matrix_diag_part, [BATCH], reference=diagonal),
    Sample(tf.matrix_diag_part, [CUBE], reference=diagonal, name="wide"),
    Sample(tf.matrix_diag_part, [Values((4, 2))], reference=diagonal, name="tall"),
    Sample(tf.matrix_set_diag, [CUBE, MATRIX], reference=with_diagonal, name="wide"),
    Sample(tf.matrix_set_diag, [Values((4, 2)), Values((2,))], reference=with_diagonal, name="tall"),
    bands(0, 0), bands(-1, 0), bands(1, -1), bands(0, 1, Values((4, 3))), bands(-1, -1),
    Sample(tf.trace, [CUBE], reference=lambda x: x[:, 0, 0] + x[:, 1, 1] + x[:, 2, 2]),
]  # fmt: skip
