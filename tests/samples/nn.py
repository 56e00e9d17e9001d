"""Samples of minitfe.ops.nn."""

import numpy as np

from minitfe.extend import Sample, Values
from minitfe.ops import nn

ALL = ("float64", "float32", "float16")
REAL = (*ALL, "int32", "int64", "uint8")
KINKED = Values((2, 3), away_from=(0.0,))
BEYOND_SIX = Values((2, 5), low=-3, high=9, away_from=(0.0, 6.0))
MATRIX = Values((3, 4))


def elementwise(function, reference, values=KINKED, dtypes=ALL, **settings):
    return Sample(function, [values], reference=reference, elementwise=True, dtypes=dtypes, **settings)


def elu_of_slope_two(g, y):
    return nn.elu_gradient(g, y, 2.0)


def stepwise(*pieces):
    """A function of one number, given piece by piece, for all elements of an array."""
    return lambda x: np.array([pieces[0](t) if t > 0 else pieces[1](t) for t in x.ravel()]).reshape(x.shape)


def where_open(g, y):
    return np.array([h if t > 0 else 0.0 for h, t in zip(g.ravel(), y.ravel())]).reshape(g.shape)


def dropout_of_nothing(x):
    return nn.dropout(x, keep_prob=1.0)


def two_tables_mod(x, y, ids):
    return nn.embedding_lookup([x, y], ids)


def two_tables_div(x, y, ids):
    return nn.embedding_lookup([x, y], ids, partition_strategy="div")


def lookup(params, ids, **settings):
    return np.stack([params[i] for i in ids.ravel()]).reshape(ids.shape + params.shape[1:])


def shortened(params, ids, max_norm):
    rows = [params[i] * min(1.0, max_norm / np.linalg.norm(params[i])) for i in ids]
    return np.stack(rows)


def among_first(predictions, targets, k):
    return np.array([target in np.argsort(-row)[:k] for row, target in zip(predictions, targets)])


TABLE = Values((5, 3))
IDS = Values((2, 3), low=0, high=4, dtype="int32")

SAMPLES = [
    elementwise(nn.relu, lambda x: (np.abs(x) + x) / 2, dtypes=ALL),
    Sample(
        nn.relu,
        [Values((3, 4), low=0, high=9)],
        reference=lambda x: x,
        dtypes=("uint8", "int32"),
        gradient=[],
        name="integers",
    ),
    Sample(nn.relu_gradient, [MATRIX, Values((3, 4), away_from=(0.0,))], reference=where_open),
    elementwise(nn.relu6, lambda x: np.clip(x, 0, 6), BEYOND_SIX),
    Sample(nn.relu6_gradient, [Values((2, 5)), BEYOND_SIX], reference=lambda g, y: g * (y > 0) * (y < 6)),
    elementwise(nn.elu, stepwise(lambda t: t, lambda t: np.exp(t) - 1)),
    Sample(
        elu_of_slope_two,
        [MATRIX, Values((3, 4), away_from=(0.0,))],
        reference=lambda g, y: np.where(y < 0, g * y + 2 * g, g),
    ),
    elementwise(nn.selu, stepwise(lambda t: 1.0507009873554805 * t, lambda t: 1.7580993408473766 * (np.exp(t) - 1))),
    elementwise(nn.leaky_relu, stepwise(lambda t: t, lambda t: t / 5)),
    Sample(
        nn.leaky_relu,
        [KINKED],
        {"alpha": 0.01},
        lambda x, alpha: np.where(x > 0, x, alpha * x),
        name="alpha",
    ),
    Sample(nn.crelu, [KINKED], reference=lambda x: np.hstack([x * (x > 0), -x * (x < 0)])),
    Sample(nn.crelu, [KINKED], {"axis": 0}, lambda x, axis: np.vstack([x * (x > 0), -x * (x < 0)]), name="axis0"),
    elementwise(nn.swish, lambda x: x / (1 + np.exp(-x))),
    Sample(
        nn.bias_add,
        [Values((2, 3, 4)), Values((4,))],
        reference=lambda value, bias: np.stack([value[..., i] + bias[i] for i in range(4)], -1),
        dtypes=(*ALL, "int32", "complex64"),
        gradient=[0, 1],
    ),
    Sample(
        nn.bias_add,
        [Values((2, 4, 3, 2)), Values((4,))],
        {"data_format": "NCHW"},
        lambda value, bias, data_format: np.stack([value[:, i] + bias[i] for i in range(4)], 1),
        name="NCHW",
    ),
    Sample(
        nn.xw_plus_b,
        [Values((3, 4)), Values((4, 2)), Values((2,))],
        reference=lambda x, w, b: np.einsum("ij,jk->ik", x, w) + b,
    ),
    Sample(
        nn.relu_layer,
        [Values((3, 4), low=0.5), Values((4, 2), low=0.5), Values((2,))],
        reference=lambda x, w, b: np.maximum(np.einsum("ij,jk->ik", x, w) + b, 0),
    ),
    Sample(nn.l2_loss, [Values((2, 3))], reference=lambda x: np.linalg.norm(x) ** 2 / 2),
    Sample(nn.l2_normalize, [Values((2, 3))], reference=lambda x: x / np.linalg.norm(x)),
    Sample(
        nn.l2_normalize,
        [Values((2, 3))],
        {"axis": -1},
        lambda x, axis: np.stack([row / np.linalg.norm(row) for row in x]),
        name="axis",
    ),
    Sample(dropout_of_nothing, [Values((2, 3))], reference=lambda x: x),
    Sample(
        nn.zero_fraction,
        [Values((4, 5), low=0, high=2, dtype="int32")],
        reference=lambda x: (x == 0).sum() / 20,
        gradient=[],
    ),
    Sample(nn.embedding_lookup, [TABLE, IDS], reference=lookup),
    Sample(
        nn.embedding_lookup,
        [Values((5, 3), low=0.3), Values((4,), low=0, high=4, dtype="int64")],
        {"max_norm": 1.5},
        shortened,
        name="max_norm",
    ),
    Sample(
        two_tables_mod,
        [TABLE, TABLE, Values((4,), low=0, high=9, dtype="int32")],
        reference=lambda x, y, ids: np.stack([(x, y)[i % 2][i // 2] for i in ids]),
        sizes_known=True,
    ),
    Sample(
        two_tables_div,
        [TABLE, TABLE, Values((4,), low=0, high=9, dtype="int32")],
        reference=lambda x, y, ids: lookup(np.vstack([x, y]), ids),
    ),
    Sample(
        nn.in_top_k,
        [Values((4, 5), distinct=True), Values((4,), low=0, high=4, dtype="int64")],
        {"k": 2},
        among_first,
        gradient=[],
        dtypes=ALL,
    ),
]
