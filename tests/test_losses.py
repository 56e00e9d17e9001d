"""Losses against numpy and torch; weights and reductions as TensorFlow has them."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.losses import Reduction

GENERATOR = np.random.default_rng(0)
Y, P, W = (GENERATOR.uniform(0.05, 0.95, size=(6, 4)) for _ in range(3))
ONE_HOT = np.eye(4)[[0, 2, 1, 3, 3, 0]]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


def huber(y, p, delta):
    e = np.abs(y - p)
    return np.where(e <= delta, e**2 / 2, delta * e - delta**2 / 2)


def binary_cross_entropy(y, p, epsilon=0.0):
    return -y * np.log(p + epsilon) - (1 - y) * np.log(1 - p + epsilon)


# The function, what it takes, and the loss of each element or example.
CASES = {
    "absolute_difference": (tf.losses.absolute_difference, (Y, P), np.abs(Y - P)),
    "mean_squared_error": (tf.losses.mean_squared_error, (Y, P), (Y - P) ** 2),
    "huber_loss": (tf.losses.huber_loss, (Y, P), huber(Y, P, 1.0)),
    "huber_loss, delta": (lambda y, p, w, **k: tf.losses.huber_loss(y, p, w, 0.3, **k), (Y, P), huber(Y, P, 0.3)),
    "log_loss": (tf.losses.log_loss, (Y, P), binary_cross_entropy(Y, P, 1e-7)),
    "hinge_loss": (tf.losses.hinge_loss, (ONE_HOT, P * 4 - 2), np.maximum(0, 1 - (2 * ONE_HOT - 1) * (P * 4 - 2))),
    "cosine_distance": (
        lambda y, p, w, **k: tf.losses.cosine_distance(y, p, 1, w, **k), (Y, P), 1 - (Y * P).sum(1, keepdims=True),
    ),
    "sigmoid_cross_entropy": (tf.losses.sigmoid_cross_entropy, (ONE_HOT, P), binary_cross_entropy(ONE_HOT, sigmoid(P))),
    "sigmoid_cross_entropy, smooth": (
        lambda y, p, w, **k: tf.losses.sigmoid_cross_entropy(y, p, w, 0.2, **k),
        (ONE_HOT, P), binary_cross_entropy(ONE_HOT * 0.8 + 0.1, sigmoid(P)),
    ),
    "softmax_cross_entropy": (tf.losses.softmax_cross_entropy, (ONE_HOT, P), -(ONE_HOT * log_softmax(P)).sum(1)),
    "softmax_cross_entropy, smooth": (
        lambda y, p, w, **k: tf.losses.softmax_cross_entropy(y, p, w, 0.2, **k),
        (ONE_HOT, P), -((ONE_HOT * 0.8 + 0.05) * log_softmax(P)).sum(1),
    ),
    "sparse_softmax_cross_entropy": (
        tf.losses.sparse_softmax_cross_entropy, (ONE_HOT.argmax(1), P), -(ONE_HOT * log_softmax(P)).sum(1),
    ),
}  # fmt: skip

every_loss = pytest.mark.parametrize("name", CASES)


def reduced(losses, weights, reduction):
    weights = np.broadcast_to(weights, losses.shape)
    weighted = losses * weights

    def per(count):
        return weighted.sum() / count if count else 0.0

    return {
        Reduction.NONE: weighted,
        Reduction.SUM: weighted.sum(),
        Reduction.MEAN: per(weights.sum()),
        Reduction.SUM_OVER_BATCH_SIZE: per(losses.size),
        Reduction.SUM_BY_NONZERO_WEIGHTS: per(np.count_nonzero(weights)),
    }[reduction]


def weights_for(losses):
    """A number, and weights along each axis and along all, some of them zero."""
    yield from (1.0, 2, 0.5, np.float32(0.5))
    holes = W * (W > 0.3)
    yield holes.reshape(-1)[: losses.size].reshape(losses.shape)
    if losses.ndim == 2:
        yield from (holes[:, :1], holes[:1, : losses.shape[1]], np.array([[0.7]]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reduction", Reduction.all())
@every_loss
def test_values_weights_and_reductions(name, reduction, dtype):
    function, (labels, predictions), losses = CASES[name]
    for weights in weights_for(losses):
        value = function(labels, tf.constant(predictions.astype(dtype)), weights, reduction=reduction)
        np.testing.assert_allclose(
            value.numpy(), reduced(losses, weights, reduction), rtol=1e-5 if dtype == "float32" else 1e-12
        )
        assert value.dtype.name == dtype


@every_loss
def test_gradients_against_finite_differences(name):
    function, (labels, predictions), _ = CASES[name]
    weights = W[:, :1] if name == "cosine_distance" else W[:, 0] if "softmax" in name else W
    x, direction, h = tf.constant(predictions), GENERATOR.normal(size=predictions.shape), 1e-6
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = function(labels, x, weights)
    slope = float(tf.reduce_sum(tape.gradient(loss, x) * direction))
    there, back = [float(function(labels, tf.constant(predictions + s * direction), weights)) for s in (h, -h)]
    assert slope == pytest.approx((there - back) / (2 * h), rel=1e-6, abs=1e-8)


def test_against_torch():
    functional = pytest.importorskip("torch").nn.functional
    import torch

    y, p = torch.tensor(ONE_HOT), torch.tensor(P)
    classes = torch.tensor(ONE_HOT.argmax(1))
    pairs = [
        (tf.losses.mean_squared_error(ONE_HOT, P), functional.mse_loss(p, y)),
        (tf.losses.absolute_difference(ONE_HOT, P), functional.l1_loss(p, y)),
        (tf.losses.huber_loss(ONE_HOT, P, delta=0.4), functional.huber_loss(p, y, delta=0.4)),
        (tf.losses.sigmoid_cross_entropy(ONE_HOT, P), functional.binary_cross_entropy_with_logits(p, y)),
        (tf.losses.sparse_softmax_cross_entropy(ONE_HOT.argmax(1), P), functional.cross_entropy(p, classes)),
        (
            tf.losses.softmax_cross_entropy(ONE_HOT, P, label_smoothing=0.1),
            functional.cross_entropy(p, classes, label_smoothing=0.1),
        ),
    ]
    for ours, theirs in pairs:
        assert float(ours) == pytest.approx(float(theirs), rel=1e-12)


# --------------------------------------------------------------------------------------------------- pairs of elements


@pytest.mark.parametrize("weights", [1.0, 0.5, W[:, :1]])
def test_mean_pairwise_squared_error(weights):
    d = P - Y
    pairs = [[(d[e, i] - d[e, j]) ** 2 for i in range(4) for j in range(i)] for e in range(6)]
    expected = (np.mean(pairs, axis=1) * np.broadcast_to(weights, (6, 1))[:, 0]).sum()
    assert float(tf.losses.mean_pairwise_squared_error(Y, P, weights)) == pytest.approx(expected, rel=1e-12)


def test_pairs_need_two_elements():
    assert float(tf.losses.mean_pairwise_squared_error([[1.0], [2.0]], [[3.0], [9.0]])) == 0.0


# ------------------------------------------------------------------------------------------------------- edge cases


@pytest.mark.parametrize("weights", [0.0, 0, [0.0, 0.0], tf.constant(0.0)])
@pytest.mark.parametrize("reduction", Reduction.all())
def test_nothing_that_counts_is_no_loss_and_no_gradient(weights, reduction):
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.losses.mean_squared_error([0.0, 0.0], x, weights, reduction=reduction)
    assert (loss.numpy() == 0).all() and tape.gradient(loss, x).numpy().tolist() == [0.0, 0.0]


def test_an_empty_batch_has_no_loss():
    assert float(tf.losses.mean_squared_error(np.zeros((0, 3)), np.zeros((0, 3)))) == 0.0


def test_gradients_go_to_weights_too():
    w = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(w)
        loss = tf.losses.compute_weighted_loss([3.0, 5.0], w)
    assert float(loss) == 6.5 and tape.gradient(loss, w).numpy().tolist() == [1.5, 2.5]


def test_no_gradient_goes_to_softmax_labels():
    y = tf.constant(ONE_HOT)
    with tf.GradientTape() as tape:
        tape.watch(y)
        loss = tf.losses.softmax_cross_entropy(y, P)
    assert tape.gradient(loss, y) is None


def test_dtypes():
    """Labels take the dtype of predictions; what is neither float32 nor float64 is summed up in float32."""
    assert tf.losses.mean_squared_error(np.array([1, 2]), tf.constant([1.0, 5.0])).dtype is tf.float32
    assert tf.losses.absolute_difference([1, 2], [1, 5]).dtype is tf.float32
    many = tf.losses.sigmoid_cross_entropy(np.zeros((300, 300), "f2"), np.zeros((300, 300), "f2"))
    assert many.dtype is tf.float16 and float(many) == pytest.approx(np.log(2), rel=1e-3)


def test_class_numbers_in_columns():
    expected = float(tf.losses.sparse_softmax_cross_entropy([1, 0], [[1.0, 2.0], [0.0, 5.0]], [0.5, 1.0]))
    columns = tf.losses.sparse_softmax_cross_entropy([[1], [0]], [[1.0, 2.0], [0.0, 5.0]], [[0.5], [1.0]])
    assert float(columns) == expected


# ------------------------------------------------------------------------------------------------------------ errors


def test_weights_that_do_not_fit():
    with pytest.raises(
        ValueError,
        match=r"^weights can not be broadcast to values. values.rank=2. weights.rank=1. values.shape=\(6, 4\).",
    ):
        tf.losses.mean_squared_error(Y, P, np.ones(4))
    with pytest.raises(
        ValueError, match=r"^weights can not be broadcast to values. Mismatch at dim 1. values.shape=\(6, 4\)"
    ):
        tf.losses.mean_squared_error(Y, P, np.ones((6, 2)))


@every_loss
def test_shapes_that_do_not_fit(name):
    function, (labels, predictions), _ = CASES[name]
    error = tf.errors.InvalidArgumentError if name.startswith("sparse") else ValueError
    with pytest.raises(error, match=r"Shapes \(5, 4\) and \(6, 4\) are incompatible|\(5, 4\)|\[5,4\]"):
        function(labels, predictions[:5], 1.0)
    with pytest.raises(ValueError, match="must not be None"):
        function(None, predictions, 1.0)
    with pytest.raises(ValueError, match="must not be None"):
        function(labels, None, 1.0)


@pytest.mark.parametrize("label", [4, -1])
def test_labels_that_are_no_classes(label):
    with pytest.raises(
        tf.errors.InvalidArgumentError,
        match=rf"Received a label value of {label} which is outside the valid range of \[0, 4\)",
    ):
        tf.losses.sparse_softmax_cross_entropy([0, 1, 2, 3, label, 0], P)


def test_other_mistakes():
    with pytest.raises(ValueError, match="Invalid ReductionKey mean. Reductions are none, weighted_sum,"):
        tf.losses.mean_squared_error(Y, P, reduction="mean")
    with pytest.raises(ValueError, match="You must specify 'axis'."):
        tf.losses.cosine_distance(Y, P)
    with pytest.raises(ValueError, match="Cannot specify both 'axis' and 'dim'"):
        tf.losses.cosine_distance(Y, P, axis=0, dim=1)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Losses are made of real numbers, not of string"):
        tf.losses.mean_squared_error(["a"], ["b"])


# ------------------------------------------------------------------------------------------------------- collections


def test_nothing_is_collected():
    tf.losses.add_loss(tf.losses.mean_squared_error(Y, P))
    assert tf.losses.get_losses() == tf.losses.get_regularization_losses() == []
    assert float(tf.losses.get_regularization_loss()) == 0.0
    with pytest.raises(ValueError, match="inputs must be a list of at least one Tensor"):
        tf.losses.get_total_loss()
