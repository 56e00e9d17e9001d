"""Samples of minitfe.ops.cross_entropy. References go by the definitions, with probabilities and their logarithms."""

import numpy as np
from scipy import special

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import cross_entropy

ALL = ("float64", "float32", "float16")
LOGITS = Values((3, 4))
LABELS = Values((3, 4), low=0.1, high=1)
PER_EXAMPLE = Values((3,))
CLASSES = Values((3,), low=0, high=3, dtype="int32")
AXES = {"last": {}, "axis0": {"axis": 0}, "negative": {"axis": -2}, "dim": {"dim": 1}}


def along(reference):
    """The reference for any spelling of the axis."""
    return lambda x, axis=-1, dim=None: reference(x, axis if dim is None else dim)


def dense(labels, logits, dim=-1):
    return cross_entropy.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, dim=dim)


def dense_of_constant_labels(labels, logits):
    return cross_entropy.softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def sparse(labels, logits):
    return cross_entropy.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def sigmoid(labels, logits):
    return cross_entropy.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)


def slope(loss):
    """The gradient of a loss with respect to the logits. In its derivative, the loss itself has no gradient."""

    def of(labels, logits):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            y = loss(labels, logits)
        return tape.gradient(y, logits)

    of.__name__ = f"slope_of_{loss.__name__}"
    return of


def log_of_picked(labels, logits):
    probabilities = special.softmax(logits, -1)
    rows = [-np.log(row[label]) for row, label in zip(probabilities.reshape(-1, logits.shape[-1]), labels.ravel())]
    return np.array(rows).reshape(labels.shape)


def binary(z, x):
    return -z * np.log(special.expit(x)) - (1 - z) * np.log(special.expit(-x))


def weighted(z, x, q):
    return -q * z * np.log(special.expit(x)) - (1 - z) * np.log(special.expit(-x))


def softmax_gradient(g, y):
    return cross_entropy.softmax_gradient(g, y, axis=1)


def dense_gradient(g, p, labels):
    return cross_entropy.softmax_cross_entropy_gradient(g, p, labels, axis=1)


def slope_of_dense(g, p, labels):
    return np.einsum("i,ij,ik->ij", g, p, labels) - np.diag(g) @ labels


def poisson(z, c, compute_full_loss=False):
    loss = np.exp(c) - z * c
    stirling = [t * np.log(t) - t + np.log(2 * np.pi * t) / 2 if t > 1 else 0.0 for t in z.ravel()]
    return loss + np.reshape(stirling, z.shape) if compute_full_loss else loss


SAMPLES = [
    *[Sample(cross_entropy.softmax, [LOGITS], a, along(special.softmax), n, dtypes=ALL) for n, a in AXES.items()],
    *[
        Sample(cross_entropy.log_softmax, [LOGITS], a, along(special.log_softmax), n, dtypes=ALL)
        for n, a in AXES.items()
    ],
    Sample(cross_entropy.softmax, [Values((2, 3, 4))], {"axis": 1}, lambda x, axis: special.softmax(x, 1), "rank3"),
    Sample(softmax_gradient, [LOGITS, LOGITS], reference=lambda g, y: y * g - y * np.einsum("ij,ij->i", g, y)[:, None]),
    Sample(dense, [LABELS, LOGITS], reference=lambda z, x: -(z * special.log_softmax(x, 1)).sum(1), dtypes=ALL),
    Sample(dense, [LABELS, LOGITS], {"dim": 0}, lambda z, x, dim: -(z * special.log_softmax(x, 0)).sum(0), "dim0"),
    Sample(
        dense_of_constant_labels,
        [LABELS, LOGITS],
        reference=lambda z, x: -(z * special.log_softmax(x, 1)).sum(1),
        gradient=[1],
    ),
    Sample(dense_gradient, [PER_EXAMPLE, LOGITS, LABELS], reference=slope_of_dense),
    Sample(sparse, [CLASSES, LOGITS], reference=log_of_picked, dtypes=ALL),
    Sample(
        sparse, [Values((2, 3), low=0, high=3, dtype="int64"), Values((2, 3, 4))], reference=log_of_picked, name="rank3"
    ),
    Sample(
        sparse, [Values((), low=0, high=3, dtype="int64"), Values((4,))], reference=log_of_picked, name="one example"
    ),
    Sample(
        cross_entropy.sparse_softmax_cross_entropy_gradient,
        [PER_EXAMPLE, LOGITS, CLASSES],
        reference=lambda g, p, z: g[:, None] * (p - np.eye(4)[z]),
    ),
    Sample(
        slope(dense), [LABELS, LOGITS], reference=lambda z, x: special.softmax(x, -1) * z.sum(-1, keepdims=True) - z
    ),
    Sample(slope(sparse), [CLASSES, LOGITS], reference=lambda z, x: special.softmax(x, -1) - np.eye(4)[z]),
    Sample(sigmoid, [LABELS, LOGITS], reference=binary, dtypes=ALL),
    Sample(
        cross_entropy.sigmoid_cross_entropy_gradient,
        [LOGITS, LOGITS, LABELS],
        reference=lambda g, x, z: g * (special.expit(x) - z),
    ),
    Sample(cross_entropy.weighted_cross_entropy_with_logits, [LABELS, LOGITS, Values((), low=1)], reference=weighted),
    Sample(cross_entropy.log_poisson_loss, [Values((2, 3), low=0, high=4), Values((2, 3))], reference=poisson),
    Sample(
        cross_entropy.log_poisson_loss,
        [Values((2, 3), low=0, high=4, away_from=(1.0,)), Values((2, 3))],
        {"compute_full_loss": True},
        poisson,
        name="full",
    ),
]
