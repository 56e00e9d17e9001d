"""Real work: networks that learn to read handwritten digits as well as they should."""

import numpy as np
from sklearn.datasets import load_digits

import minitfe as tf

HELD_OUT = 360


def digits():
    """The digits of scikit-learn in an order that is always the same: images [number, 8, 8, 1], and labels."""
    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(images))
    return (images[order] / 16).astype("f").reshape(-1, 8, 8, 1), labels[order].astype("i4")


def convolutional_network():
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


def accuracy(model, images, labels):
    metric = tf.contrib.eager.metrics.SparseAccuracy()
    metric(labels, model(images))
    return float(metric.result())


def test_a_convolutional_network_reads_96_of_100_digits():
    tf.set_random_seed(0)
    images, labels = digits()
    model, optimizer = convolutional_network(), tf.train.AdamOptimizer(0.005)
    step = tf.Variable(0, trainable=False)
    dataset = tf.data.Dataset.from_tensor_slices((images[HELD_OUT:], labels[HELD_OUT:]))
    for x, y in dataset.shuffle(1437).repeat(12).batch(32):
        with tf.GradientTape() as tape:
            loss = tf.losses.sparse_softmax_cross_entropy(labels=y, logits=model(x))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables), global_step=step)
    assert int(step) == 539
    assert accuracy(model, images[:HELD_OUT], labels[:HELD_OUT]) >= 0.96


def test_fit_and_the_loop_by_hand_learn_the_same():
    images, labels = digits()
    images, labels = images[:320].reshape(-1, 64), labels[:320]

    def make():
        tf.set_random_seed(0)
        model = tf.keras.Sequential([tf.keras.layers.Dense(10, input_shape=(64,))])
        return model, tf.train.MomentumOptimizer(0.1, 0.9)

    model, optimizer = make()
    loss = tf.losses.sparse_softmax_cross_entropy
    for start in range(0, 320, 32):
        x, y = images[start : start + 32], labels[start : start + 32]
        optimizer.minimize(lambda: loss(labels=y, logits=model(x)))
    fitted, optimizer = make()
    fitted.compile(optimizer, lambda y, logits: loss(labels=y, logits=logits))
    fitted.fit(images, labels, batch_size=32, shuffle=False, verbose=0)
    for weight, wanted in zip(fitted.get_weights(), model.get_weights()):
        np.testing.assert_allclose(weight, wanted, atol=1e-5)
    assert accuracy(model, images, labels) > 0.5
