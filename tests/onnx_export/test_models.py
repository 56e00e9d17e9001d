"""The three networks of the guide that read digits, trained a little: what onnxruntime computes is what they do."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import minitfe as tf
import minitfe.contrib.eager as tfe

from .running import onnx, run

layers = tf.keras.layers


def digits(count):
    """Digits of scikit-learn at the size of MNIST's: each pixel is 3 pixels wide, and two rows are left blank around."""
    images, labels = load_digits(return_X_y=True)
    images = np.kron(images[:count].reshape(-1, 8, 8) / 16, np.ones((3, 3)))
    return np.pad(images, [(0, 0), (2, 2), (2, 2)]).astype("f"), labels[:count].astype("i4")


def dense():
    return tf.keras.Sequential(
        [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dropout(0.3), layers.Dense(10)]
    )


def convolutional():
    return tf.keras.Sequential(
        [
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(8, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2, 2, padding="same"),
            layers.BatchNormalization(),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10),
        ]
    )


def recurrent():
    return tf.keras.Sequential([layers.LSTM(16), layers.Dense(10)])


def trained(make, steps=8):
    tf.set_random_seed(0)
    model, optimizer = make(), tf.train.AdamOptimizer(0.01)
    images, labels = digits(16 * steps)
    for start in range(0, len(images), 16):
        with tf.GradientTape() as tape:
            logits = model(images[start : start + 16], training=True)
            loss = tf.losses.sparse_softmax_cross_entropy(labels=labels[start : start + 16], logits=logits)
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return model


@pytest.mark.parametrize("make", [dense, convolutional, recurrent])
def test_a_network_that_reads_digits(make, tmp_path):
    model = trained(make)
    path = tf.saved_model.export_onnx(model, str(tmp_path / "digits.onnx"), (tf.float32, [None, 28, 28]))
    images, _ = digits(40)
    for batch in (images[:1], images):  # the size of the batch was left open
        (logits,) = run(path, batch)
        np.testing.assert_allclose(logits, model(batch).numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("make", [dense, convolutional, recurrent])
def test_a_network_made_by_defun_at_a_size_that_is_known(make, tmp_path):
    model = trained(make, steps=2)
    model.call = tfe.defun(model.call)
    images, _ = digits(4)
    path = tf.saved_model.export_onnx(model, str(tmp_path / "digits.onnx"), images)
    np.testing.assert_allclose(run(path, images)[0], model(images).numpy(), rtol=1e-5, atol=1e-5)


def test_a_gradient_of_a_network(tmp_path):
    """Which pixels speak for a digit: a gradient is a function of tensors as well."""
    model = trained(convolutional, steps=2)

    def saliency(images):
        with tf.GradientTape() as tape:
            tape.watch(images)
            best = tf.reduce_max(tf.nn.log_softmax(model(images)), axis=1)
        return tape.gradient(best, images)

    images, _ = digits(4)
    path = tf.saved_model.export_onnx(saliency, str(tmp_path / "saliency.onnx"), images)
    np.testing.assert_allclose(run(path, images)[0], saliency(tf.constant(images)).numpy(), rtol=1e-4, atol=1e-5)


def test_a_functional_model_with_two_inputs(tmp_path):
    left, right = tf.keras.Input((4,)), tf.keras.Input((4,))
    shared = layers.Dense(3, activation="tanh")
    model = tf.keras.Model([left, right], layers.concatenate([shared(left), shared(right)]))
    path = tf.saved_model.export_onnx(model, str(tmp_path / "two.onnx"), [left, right], input_names=["left", "right"])
    x, y = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("f")
    np.testing.assert_allclose(run(path, x, y)[0], model([tf.constant(x), tf.constant(y)]).numpy(), atol=1e-6)


def test_a_shared_layer_brings_its_variables_once(tmp_path):
    dense = layers.Dense(4, name="dense")
    dense(tf.ones([1, 4]))
    path = tf.saved_model.export_onnx(lambda x: dense(dense(x)), str(tmp_path / "m.onnx"), (tf.float32, [None, 4]))
    names = [array.name for array in onnx.load(path).graph.initializer]
    assert sorted(names) == ["dense/bias", "dense/kernel"]


def test_embeddings_and_recurrent_layers_in_both_directions(tmp_path):
    model = tf.keras.Sequential(
        [
            layers.Embedding(20, 6),
            layers.Bidirectional(layers.GRU(5, return_sequences=True)),
            layers.SimpleRNN(4),
            layers.Dense(2, activation="softmax"),
        ]
    )
    words = np.random.default_rng(0).integers(0, 20, size=(3, 7)).astype("i4")
    wanted = model(tf.constant(words)).numpy()
    path = tf.saved_model.export_onnx(model, str(tmp_path / "words.onnx"), (tf.int32, [None, 7]))
    np.testing.assert_allclose(run(path, words)[0], wanted, atol=1e-6)
