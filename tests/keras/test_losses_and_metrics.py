"""Losses, metrics, activations, regularizers, constraints, and helpers: against numpy, by name, and with bad input."""

import numpy as np
import pytest
from scipy import special

import minitfe as tf

K = tf.keras
R = np.random.default_rng(0)
T, P = R.normal(size=(4, 3)), R.normal(size=(4, 3))
SHARES = special.softmax(P, 1)
LABELS = np.array([0, 2, 1, 2])
ONE_HOT = np.eye(3)[LABELS]
SIGNS = np.sign(T)
BITS = (T > 0).astype("f8")


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


LOSSES = {
    "mse": (T, P, ((T - P) ** 2).mean(1)),
    "mae": (T, P, abs(T - P).mean(1)),
    "mape": (T, P, 100 * abs((T - P) / T).mean(1)),
    "msle": (abs(T), abs(P), ((np.log1p(abs(T)) - np.log1p(abs(P))) ** 2).mean(1)),
    "logcosh": (T, 50 * P, np.array([[abs(d) + np.log1p(np.exp(-2 * abs(d))) - np.log(2) for d in row] for row in 50 * P - T]).mean(1)),
    "cosine_proximity": (T, P, -(unit(T) * unit(P)).sum(1)),
    "hinge": (SIGNS, P, np.maximum(1 - SIGNS * P, 0).mean(1)),
    "squared_hinge": (SIGNS, P, (np.maximum(1 - SIGNS * P, 0) ** 2).mean(1)),
    "categorical_hinge": (
        ONE_HOT, P, np.maximum(0, ((1 - ONE_HOT) * P).max(1) - (ONE_HOT * P).sum(1) + 1),
    ),
    "categorical_crossentropy": (ONE_HOT, 2 * SHARES, -np.log(SHARES[range(4), LABELS])),
    "sparse_categorical_crossentropy": (LABELS, SHARES, -np.log(SHARES[range(4), LABELS])),
    "binary_crossentropy": (BITS, special.expit(P), -(BITS * np.log(special.expit(P)) + (1 - BITS) * np.log(special.expit(-P))).mean(1)),
    "kullback_leibler_divergence": (special.softmax(T, 1), SHARES, special.rel_entr(special.softmax(T, 1), SHARES).sum(1)),
    "poisson": (BITS, SHARES, (SHARES - BITS * np.log(SHARES)).mean(1)),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_losses(name):
    truth, prediction, wanted = LOSSES[name]
    loss = K.losses.get(name)
    np.testing.assert_allclose(loss(truth, tf.constant(prediction)), wanted, rtol=1e-6, atol=1e-6)
    x = tf.constant(prediction)
    direction = R.normal(size=prediction.shape)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = loss(truth, x)
    slope = (tape.gradient(y, x).numpy() * direction).sum()
    step = 1e-6
    difference = np.sum(
        loss(truth, tf.constant(prediction + step * direction)).numpy()
        - loss(truth, tf.constant(prediction - step * direction)).numpy()
    )
    assert slope == pytest.approx(difference / (2 * step), rel=1e-5)


def test_losses_by_name():
    assert K.losses.get("mse") is K.losses.mean_squared_error is K.losses.MSE is K.metrics.get("mse")
    assert K.losses.get(np.abs) is np.abs and K.losses.get(None) is None
    with pytest.raises(ValueError, match="Unknown loss function:'mean'"):
        K.losses.get("mean")
    with pytest.raises(AttributeError, match="minitfe has no tf.keras.losses.mean_squared_eror; did you mean"):
        K.losses.mean_squared_eror  # noqa: B018


def test_labels_with_an_axis_more_and_as_floats():
    wanted = LOSSES["sparse_categorical_crossentropy"][2]
    loss = K.losses.sparse_categorical_crossentropy
    np.testing.assert_allclose(loss(LABELS[:, None].astype("f4"), tf.constant(SHARES)), wanted)
    with pytest.raises(tf.errors.InvalidArgumentError, match="outside the valid range|3"):
        loss([3], [[0.5, 0.25, 0.25]])


def test_probabilities_of_0_cost_much_but_not_everything():
    for loss in (K.losses.categorical_crossentropy, K.losses.binary_crossentropy):
        value = loss([[1.0, 0.0]], [[0.0, 1.0]]).numpy()
        assert np.isfinite(value).all() and (value > 10).all()


def test_accuracies():
    right = SHARES.argmax(1) == LABELS
    np.testing.assert_array_equal(K.metrics.sparse_categorical_accuracy(LABELS, SHARES), right)
    np.testing.assert_array_equal(K.metrics.sparse_categorical_accuracy(LABELS[:, None], SHARES), right)
    np.testing.assert_array_equal(K.metrics.categorical_accuracy(ONE_HOT, SHARES), right)
    np.testing.assert_allclose(K.metrics.binary_accuracy(BITS, special.expit(P)), (BITS == (P > 0)).mean(1), rtol=1e-6)
    second = [LABELS[i] in np.argsort(-SHARES[i])[:2] for i in range(4)]
    scores = SHARES.astype("f4")
    np.testing.assert_array_equal(K.metrics.top_k_categorical_accuracy(ONE_HOT, scores, 2), second)
    np.testing.assert_array_equal(K.metrics.sparse_top_k_categorical_accuracy(LABELS, scores, 2), second)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("relu", np.maximum(P, 0)), ("elu", np.where(P > 0, P, np.expm1(P))), ("tanh", np.tanh(P)),
        ("sigmoid", special.expit(P)), ("softmax", SHARES), ("softplus", np.log1p(np.exp(P))),
        ("softsign", P / (1 + abs(P))), ("linear", P), ("exponential", np.exp(P)),
        ("hard_sigmoid", np.clip(0.2 * P + 0.5, 0, 1)),
        ("selu", 1.0507009873554805 * np.where(P > 0, P, 1.6732632423543772 * np.expm1(P))),
    ],
)  # fmt: skip
def test_activations_by_name(name, wanted):
    np.testing.assert_allclose(K.activations.get(name)(tf.constant(P)), wanted)
    assert K.activations.get(None) is K.activations.linear and K.activations.get(tf.nn.relu) is tf.nn.relu


def test_regularizers():
    x = tf.constant(P)
    assert float(K.regularizers.l1(0.1)(x)) == pytest.approx(0.1 * abs(P).sum())
    assert float(K.regularizers.l2(0.1)(x)) == pytest.approx(0.1 * (P**2).sum())
    both = K.regularizers.get({"class_name": "L1L2", "config": {"l1": 0.1, "l2": 0.2}})
    assert float(both(x)) == pytest.approx(0.1 * abs(P).sum() + 0.2 * (P**2).sum())
    assert float(K.regularizers.L1L2()(x)) == 0.0
    assert K.regularizers.get("l2").get_config() == {"l1": 0.0, "l2": 0.01}
    with pytest.raises(ValueError, match="Could not interpret regularizer identifier: 'l3'; the names are L1L2, l1"):
        K.regularizers.get("l3")


def test_constraints():
    lengths = np.linalg.norm(P, axis=0)
    np.testing.assert_allclose(
        K.constraints.max_norm(1.0)(tf.constant(P)), P * np.minimum(lengths, 1) / lengths, rtol=1e-6
    )
    np.testing.assert_allclose(np.linalg.norm(K.constraints.unit_norm()(tf.constant(P)), axis=0), 1, rtol=1e-6)
    np.testing.assert_array_equal(K.constraints.non_neg()(tf.constant(P)), np.maximum(P, 0))
    bounded = np.linalg.norm(K.constraints.min_max_norm(1.0, 1.5, axis=1)(tf.constant(P)), axis=1)
    assert (bounded > 0.999).all() and (bounded < 1.501).all()
    with pytest.raises(ValueError, match="Could not interpret constraint identifier: 'small'"):
        K.constraints.get("small")


def test_to_categorical():
    assert K.utils.to_categorical([[1], [0]], 3).tolist() == [[0, 1, 0], [1, 0, 0]]
    assert K.utils.to_categorical([[0, 1]]).shape == (1, 2, 2)
    with pytest.raises(ValueError, match="Class numbers must be from 0 to 1, but there are 0 to 2"):
        K.utils.to_categorical([0, 2], 2)


# ----------------------------------------------------------------------------------------------------------- optimizers


def sgd(x, g, s, t, momentum=0.0, nesterov=False, lr=0.01):
    v = s.get("v", 0.0) * momentum - lr * g
    s["v"] = v
    return x + (momentum * v - lr * g if nesterov else v)


def rmsprop(x, g, s, t):
    s["a"] = 0.9 * s.get("a", 0.0) + 0.1 * g * g
    return x - 0.001 * g / (np.sqrt(s["a"]) + 1e-7)


def adagrad(x, g, s, t):
    s["a"] = s.get("a", 0.0) + g * g
    return x - 0.01 * g / (np.sqrt(s["a"]) + 1e-7)


def adadelta(x, g, s, t):
    s["a"] = 0.95 * s.get("a", 0.0) + 0.05 * g * g
    d = g * np.sqrt(s.get("b", 0.0) + 1e-7) / np.sqrt(s["a"] + 1e-7)
    s["b"] = 0.95 * s.get("b", 0.0) + 0.05 * d * d
    return x - d


def adam(x, g, s, t):
    s["m"] = 0.9 * s.get("m", 0.0) + 0.1 * g
    s["v"] = 0.999 * s.get("v", 0.0) + 0.001 * g * g
    return x - 0.001 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * s["m"] / (np.sqrt(s["v"]) + 1e-7)


OPTIMIZERS = {
    "sgd": ("sgd", sgd),
    "momentum": (K.optimizers.SGD(momentum=0.9), lambda *a: sgd(*a, momentum=0.9)),
    "nesterov": (K.optimizers.SGD(0.1, 0.9, nesterov=True), lambda *a: sgd(*a, 0.9, True, 0.1)),
    "decay": (K.optimizers.SGD(0.1, decay=0.5), lambda x, g, s, t: x - 0.1 / (1 + 0.5 * (t - 1)) * g),
    "rmsprop": ("rmsprop", rmsprop),
    "adagrad": ("adagrad", adagrad),
    "adadelta": ("adadelta", adadelta),
    "adam": ("adam", adam),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_over_20_steps(name):
    optimizer, rule = OPTIMIZERS[name]
    optimizer = K.optimizers.get(optimizer)
    x, state = R.normal(size=(3, 2)), {}
    variable = tf.Variable(x)
    for t in range(1, 21):
        optimizer.minimize(lambda: tf.reduce_sum(tf.sin(variable) * variable))
        x = rule(x, np.cos(x) * x + np.sin(x), state, t)
    np.testing.assert_allclose(variable, x, rtol=1e-7)
    assert int(optimizer.iterations) == 20


def test_the_learning_rate_is_a_variable():
    optimizer, x = K.optimizers.SGD(0.5), tf.Variable(1.0)
    optimizer.lr.assign(0.25)
    optimizer.minimize(lambda: x * 2.0)
    assert float(x) == 0.5
    with pytest.raises(ValueError, match="lr must be a number of 0 or more"):
        K.optimizers.Adam(-1.0)
    with pytest.raises(ValueError, match="amsgrad is not supported"):
        K.optimizers.Adam(amsgrad=True)


def test_optimizers_are_saved_and_restored(tmp_path):
    def begin():
        variable = tf.Variable(2.0)
        optimizer = K.optimizers.Adam(0.1)
        return variable, optimizer, tf.train.Checkpoint(variable=variable, optimizer=optimizer)

    def steps(variable, optimizer, count):
        for _ in range(count):
            optimizer.minimize(lambda: variable * variable)

    variable, optimizer, checkpoint = begin()
    steps(variable, optimizer, 3)
    path = checkpoint.save(tmp_path / "c")
    steps(variable, optimizer, 3)
    again, optimizer, checkpoint = begin()
    checkpoint.restore(path)
    steps(again, optimizer, 3)
    assert float(again) == float(variable) and int(optimizer.iterations) == 6
