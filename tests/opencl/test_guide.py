"""What the guide shows people to do with a GPU."""

import time

import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe


def test_measure_matrix_products(gpu):
    """The guide's comparison of CPU and GPU."""

    def measure(x, steps):
        tf.matmul(x, x)  # the first product on a device compiles its kernels
        start = time.time()
        for _ in range(steps):
            x = tf.matmul(x, x)
            _ = x.numpy()
        return time.time() - start

    with tf.device("/cpu:0"):
        assert measure(tf.random_normal((50, 50)), 3) > 0
    assert tfe.num_gpus() > 0
    with tf.device("/gpu:0"):
        assert measure(tf.random_normal((50, 50)), 3) > 0

    x = tf.random_normal([10, 10])
    a, b = tf.matmul(x.cpu(), x.cpu()), tf.matmul(x.gpu(), x.gpu())
    assert a.device.endswith("CPU:0") and b.device.endswith("GPU:0")
    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-5, atol=1e-5)


def train(device, steps=20):
    """A small convolutional network of layers, with Adam: the losses of each step."""
    tf.set_random_seed(3)
    numbers = np.random.default_rng(0)
    images, labels = numbers.normal(size=(16, 8, 8, 1)).astype("f4"), numbers.integers(0, 4, 16)
    with tf.device(device):
        model = tf.keras.Sequential(
            [
                tf.keras.layers.Conv2D(4, 3, activation="relu", padding="same"),
                tf.keras.layers.MaxPooling2D(2, 2),
                tf.keras.layers.BatchNormalization(),
                tf.keras.layers.Flatten(),
                tf.keras.layers.Dense(4),
            ]
        )
        optimizer, step = tf.train.AdamOptimizer(0.01), tf.train.get_or_create_global_step()

        def loss():
            return tf.losses.sparse_softmax_cross_entropy(labels, model(images, training=True))

        losses = []
        for _ in range(steps):
            optimizer.minimize(loss, global_step=step)
            losses.append(float(loss()))
        assert all(variable.device.endswith(device[1:].upper()) for variable in model.variables)
    return losses


def test_the_same_program_trains_alike_on_both_devices(gpu):
    there, here = train("/gpu:0"), train("/cpu:0")
    assert here[-1] < here[0] / 2
    np.testing.assert_allclose(there, here, rtol=1e-3)
