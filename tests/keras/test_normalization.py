"""Batch and layer normalization: values, moving averages as TensorFlow's, gradients, names."""

import numpy as np
import pytest

import minitfe as tf

L = tf.keras.layers


def numbers(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(2.0, 3.0, size=shape)


def normalized(x, axes, epsilon=1e-3):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


# In images the moving variance is that of Bessel, as in TensorFlow's fused kernel.
@pytest.mark.parametrize(
    ("shape", "axis", "reduced", "correction"),
    [
        ([6, 3], -1, (0,), 1), ([6, 4, 3], -1, (0, 1), 1), ([6, 3, 4], 1, (0, 2), 1),
        ([4, 2, 5, 3], -1, (0, 1, 2), 40 / 39), ([4, 3, 2, 5], 1, (0, 2, 3), 40 / 39),
    ],
)  # fmt: skip
def test_training_and_inference(shape, axis, reduced, correction):
    layer = L.BatchNormalization(axis=axis, momentum=0.9)
    mean, variance = np.zeros(3), np.ones(3)
    for seed in range(4):
        x = numbers(*shape, seed=seed)
        y = layer(tf.constant(x), training=True)
        np.testing.assert_allclose(y, normalized(x, reduced), atol=1e-10)
        mean = 0.9 * mean + 0.1 * x.mean(reduced)
        variance = 0.9 * variance + 0.1 * correction * x.var(reduced)
    np.testing.assert_allclose(layer.moving_mean, mean)
    np.testing.assert_allclose(layer.moving_variance, variance)
    spread = [-1 if i == axis % len(shape) else 1 for i in range(len(shape))]
    wanted = (x - mean.reshape(spread)) / np.sqrt(variance.reshape(spread) + 1e-3)
    np.testing.assert_allclose(layer(tf.constant(x)), wanted, atol=1e-10)
    np.testing.assert_allclose(layer.moving_mean, mean, err_msg="inference changes nothing")


def test_fused_switched_off():
    layer = L.BatchNormalization(momentum=0.0, fused=False)
    x = numbers(4, 2, 5, 3)
    layer(tf.constant(x), training=True)
    np.testing.assert_allclose(layer.moving_variance, x.var((0, 1, 2)))


def test_scale_and_offset():
    layer = L.BatchNormalization(gamma_initializer=tf.constant_initializer(2.0), beta_initializer="ones")
    x = numbers(6, 3)
    np.testing.assert_allclose(layer(tf.constant(x), training=True), 2 * normalized(x, 0) + 1, atol=1e-10)
    plain = L.BatchNormalization(center=False, scale=False)
    plain(tf.constant(x))
    assert [v.name.rpartition("/")[2] for v in plain.variables] == ["moving_mean:0", "moving_variance:0"]


def test_names_and_what_is_trained():
    tf.reset_default_graph()
    layer = L.BatchNormalization()
    layer(tf.ones([2, 3]))
    assert [v.name for v in layer.trainable_variables] == ["batch_normalization/gamma:0", "batch_normalization/beta:0"]
    assert [v.name for v in layer.non_trainable_variables] == [
        "batch_normalization/moving_mean:0",
        "batch_normalization/moving_variance:0",
    ]


@pytest.mark.parametrize("make", [L.BatchNormalization, lambda: L.BatchNormalization(1), L.LayerNormalization])
def test_gradients(make):
    layer = make()
    x, weights, direction = numbers(4, 3, 2), numbers(4, 3, 2, seed=1), numbers(4, 3, 2, seed=2)

    def loss(x):
        extra = {} if isinstance(layer, L.LayerNormalization) else {"training": True}
        return tf.reduce_sum(layer(x, **extra) * weights)

    t = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(t)
        value = loss(t)
    gx, gamma, beta = tape.gradient(value, [t, layer.gamma, layer.beta])
    step = 1e-5
    difference = (float(loss(tf.constant(x + step * direction))) - float(loss(tf.constant(x - step * direction)))) / (
        2 * step
    )
    assert (gx.numpy() * direction).sum() == pytest.approx(difference, rel=1e-6)
    reduced = tuple(i for i in range(3) if x.shape[i] != beta.shape[0])
    np.testing.assert_allclose(beta, weights.sum(reduced))
    assert gamma.shape == layer.gamma.shape


def test_half_precision_keeps_its_statistics_in_float32():
    layer = L.BatchNormalization()
    y = layer(tf.cast(tf.constant(numbers(8, 3)), tf.float16), training=True)
    assert y.dtype is tf.float16 and layer.moving_mean.dtype is tf.float32


@pytest.mark.parametrize(("shape", "axis", "reduced"), [([5, 4], -1, (1,)), ([5, 4, 3], (1, 2), (1, 2))])
def test_layer_normalization(shape, axis, reduced):
    x = numbers(*shape)
    layer = L.LayerNormalization(axis)
    np.testing.assert_allclose(layer(tf.constant(x)), normalized(x, reduced), atol=1e-10)
    assert layer.gamma.shape == [shape[i] for i in reduced]


def test_settings_make_an_equal_layer():
    for layer in [L.BatchNormalization(1, 0.5, gamma_regularizer="l2"), L.LayerNormalization([1, 2], 0.1)]:
        config = layer.get_config()
        assert type(layer).from_config(config).get_config() == config


def test_bad_input():
    with pytest.raises(ValueError, match="Invalid axis: 2"):
        L.BatchNormalization(2)(tf.ones([2, 3]))
    with pytest.raises(ValueError, match="Duplicate axis"):
        L.LayerNormalization([1, -1])(tf.ones([2, 3]))
    with pytest.raises(ValueError, match="BatchNormalization supports neither renorm"):
        L.BatchNormalization(renorm=True)
    with pytest.raises(TypeError, match="BatchNormalization needs floating-point inputs, not int32"):
        L.BatchNormalization()(tf.ones([2, 3], tf.int32))
    layer = L.BatchNormalization(name="b")
    layer(tf.ones([2, 3]))
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Input 0 of layer b is incompatible with the layer: expected axis 1"
    ):
        layer(tf.ones([2, 4]))
