"""Exercises for chapter 6, layers and models.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.
"""

import numpy as np
from sklearn.datasets import load_digits

import minitfe as tf

tf.enable_eager_execution()


class Dense(tf.keras.layers.Layer):
    """Exercise 1. The layer x W + b, made with nothing but ops.

    In build, make the kernel W of shape [features, units], with the initializer "glorot_uniform", and the bias b of
    shape [units], with "zeros". In call, compute. Of use: `self.add_weight(name, shape, initializer=...)`.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        raise NotImplementedError("Dense is yours to write")

    def call(self, x):
        raise NotImplementedError("Dense is yours to write")


class Tied(tf.keras.Model):
    """Exercise 2. A model that squeezes its inputs through a few units and restores them: tanh(x W) Wᵀ.

    There must be one variable, the W of a `tf.keras.layers.Dense` without bias.
    """

    def __init__(self, units):
        super().__init__()
        raise NotImplementedError("Tied is yours to write")

    def call(self, x):
        raise NotImplementedError("Tied is yours to write")


def count_parameters(size, channels, filters, classes):
    """Exercise 3. Return how many numbers this network has, for square images of a size that can be divided by 2::

        Conv2D(filters, 3, padding="same"), MaxPooling2D(), Flatten(), Dense(classes)

    Images have the shape [size, size, channels]. Do not make the network: work it out.
    """
    raise NotImplementedError("count_parameters is yours to write")


def train(model, optimizer, batches, loss_on_held_out, patience):
    """Exercise 4. Train a classifier, epoch by epoch, until it has not become better for patience epochs.

    batches is a dataset of (images, labels), to be gone through once per epoch; use
    `tf.losses.sparse_softmax_cross_entropy`. loss_on_held_out() returns a float; call it after each epoch. Stop when
    its smallest value is patience epochs old. Return the list of these values.
    """
    raise NotImplementedError("train is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def check_Dense():
    layer = Dense(3)
    x = tf.random_normal([5, 4])
    y = layer(x)
    assert y.shape == (5, 3)
    assert [variable.shape.as_list() for variable in layer.trainable_variables] == [[4, 3], [3]]
    np.testing.assert_allclose(y.numpy(), x.numpy() @ layer.variables[0].numpy(), atol=1e-6)
    layer.variables[1].assign([1.0, 2.0, 3.0])
    np.testing.assert_allclose((layer(x) - y).numpy(), np.tile([1.0, 2.0, 3.0], (5, 1)), atol=1e-6)


def check_Tied():
    model = Tied(2)
    x = tf.random_normal([6, 4])
    y = model(x)
    assert len(model.trainable_variables) == 1, "W must be there once"
    w = model.trainable_variables[0].numpy()
    np.testing.assert_allclose(y.numpy(), np.tanh(x.numpy() @ w) @ w.T, atol=1e-5)


def check_count_parameters():
    layers = tf.keras.layers
    for size, channels, filters, classes in [(8, 1, 16, 10), (28, 3, 5, 2)]:
        network = tf.keras.Sequential(
            [
                layers.Conv2D(filters, 3, padding="same", input_shape=(size, size, channels)),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dense(classes),
            ]
        )
        assert count_parameters(size, channels, filters, classes) == network.count_params()


def check_train():
    images, labels = load_digits(return_X_y=True)
    images, labels = (images / 16).astype("f"), labels.astype("i4")
    model = tf.keras.Sequential([tf.keras.layers.Dense(10)])
    batches = tf.data.Dataset.from_tensor_slices((images[:600], labels[:600])).shuffle(600).batch(32)
    planned, seen = iter([5.0, 3.0, 4.0, 2.0, 2.5, 2.6, 1.0]), []

    def loss_on_held_out():
        logits = model(images[600:])
        seen.append(float(tf.losses.sparse_softmax_cross_entropy(labels=labels[600:], logits=logits)))
        return next(planned)

    losses = train(model, tf.train.AdamOptimizer(0.01), batches, loss_on_held_out, patience=2)
    assert losses == [5.0, 3.0, 4.0, 2.0, 2.5, 2.6], f"two epochs after 2.0 there was none better: {losses}"
    assert seen[-1] < seen[0] / 2, "the model did not learn"


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_Dense, check_Tied, check_count_parameters, check_train):
        try:
            one()
        except Exception as problem:
            failed += 1
            print(f"{one.__name__}: {type(problem).__name__}: {problem}")
        else:
            print(f"{one.__name__}: passed")
    if failed:
        raise SystemExit(f"{failed} to do")


if __name__ == "__main__":
    check()
