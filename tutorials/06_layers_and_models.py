"""
6. Layers and models
====================

A layer is a function that has variables of its own. A model is layers that work together. This chapter builds a layer
by hand, puts models together in three ways, and trains two of them to read handwritten digits: one with a loop that
shows every step, the other with the loop that comes with the package.
"""

import os
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import minitfe as tf

tf.enable_eager_execution()
tf.set_random_seed(0)

layers = tf.keras.layers

# %%
# A layer
# -------
# ``Dense`` computes σ(x W + b). How many rows W has depends on x, so the layer makes its variables when it is first
# called.

dense = layers.Dense(3, activation="relu", name="first")
print("before:", dense.variables)
y = dense(tf.ones([2, 4]))
print("output:", y.shape)
for variable in dense.variables:
    print(variable.name, variable.shape, variable.dtype.name)

# %%
# From now on its inputs must have four features. The error says first what went wrong in the op, then which layer it
# was and what that expects.


def show_error(function):
    """Calls a function that fails, and prints the error."""
    try:
        function()
    except Exception as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 100))


show_error(lambda: dense(tf.ones([2, 5])))

# %%
# A layer of your own has up to three methods. ``__init__`` takes what is known beforehand. ``build`` is called once,
# with the shape of the first input, and makes the variables. ``call`` computes.


class Polynomial(layers.Layer):
    """a₀ + a₁ x + a₂ x² + ..., with coefficients for each feature."""

    def __init__(self, degree, **kwargs):
        super().__init__(**kwargs)
        self.degree = degree

    def build(self, input_shape):
        """Makes a row of coefficients for each power, so small that the layer begins near zero."""
        small = tf.keras.initializers.RandomNormal(stddev=0.1)
        self.coefficients = self.add_weight("coefficients", [self.degree + 1, input_shape[-1]], initializer=small)
        super().build(input_shape)

    def call(self, x):
        """Horner's rule."""
        y = self.coefficients[self.degree]
        for power in reversed(range(self.degree)):
            y = y * x + self.coefficients[power]
        return y


# %%
# Layers are called like functions, and their variables are trained like any others. Here a polynomial of degree 7
# learns a sine.

polynomial = Polynomial(7)
x = tf.constant(np.linspace(-1, 1, 100)[:, None], tf.float32)
optimizer = tf.train.AdamOptimizer(0.05)
for step in range(401):
    with tf.GradientTape() as tape:
        loss = tf.losses.mean_squared_error(tf.sin(np.pi * x), polynomial(x))
    optimizer.apply_gradients(zip(tape.gradient(loss, polynomial.variables), polynomial.variables))
    if step % 100 == 0:
        print(f"step {step:3}: loss {float(loss):.5f}")
print("coefficients:", polynomial.coefficients.numpy().ravel().round(2))

# %%
# The even ones are close to zero, as they should be for an odd function.
#
# Three ways to make a model
# --------------------------
# *A list of layers*, each of which is given the output of the one before:

stack = tf.keras.Sequential([layers.Dense(4, activation="relu", input_shape=(8,)), layers.Dense(1)])
stack.summary()

# %%
# *A subclass* of ``tf.keras.Model``, with any Python in ``call``. Layers that are kept in attributes are found, and
# their variables are the model's.


class Residual(tf.keras.Model):
    """Two layers, and a way around them."""

    def __init__(self, units):
        super().__init__()
        self.inner = layers.Dense(units, activation="relu")
        self.outer = layers.Dense(units)

    def call(self, x):
        """Returns x + outer(inner(x))."""
        return x + self.outer(self.inner(x))


block = Residual(8)
print(block(tf.ones([2, 8])).shape, [variable.name for variable in block.variables])

# %%
# *Calls of layers on inputs that are not there yet*. Models are layers themselves, so one can be part of another. A
# layer that is called twice has one set of variables: that is how weights are shared.

inputs = tf.keras.Input(shape=(8,))
outputs = layers.Dense(1)(block(block(inputs)))
model = tf.keras.Model(inputs, outputs)
print(model(tf.ones([2, 8])).shape, "with", model.count_params(), "numbers")

# %%
# Digits to read
# --------------
# If the environment variable ``MINITFE_DATA`` names a folder that has MNIST's four files in a folder ``mnist``, we take
# 5,000 images of 28 x 28 pixels from there. Otherwise, the 1,797 digits of 8 x 8 pixels that come with scikit-learn
# will do.


def read_digits():
    """Images [number, row, column, 1] from 0 to 1 and labels: to learn from, and held out."""
    try:
        folder = os.path.join(os.environ["MINITFE_DATA"], "mnist")
        (images, labels), held_out = tf.keras.datasets.mnist.load_data(folder)
        parts = (images[:5000], labels[:5000]), (held_out[0][:1000], held_out[1][:1000])
    except (KeyError, tf.errors.NotFoundError):
        digits = load_digits()
        order = np.random.default_rng(0).permutation(len(digits.images))
        images, labels = digits.images[order], digits.target[order]
        parts = (images[360:], labels[360:]), (images[:360], labels[:360])
    brightest = parts[0][0].max()
    return [((images[..., None] / brightest).astype("f"), labels.astype("i4")) for images, labels in parts]


(images, labels), (held_out_images, held_out_labels) = read_digits()
print("to learn from:", images.shape, " held out:", held_out_images.shape)

# %%
# The loop, written out
# ---------------------
# ``Flatten`` makes a row of the pixels. The model's outputs, the *logits*, are scores for the ten classes; the loss
# turns them into probabilities. Each step takes a batch: loss under the tape, gradients, update.

model = tf.keras.Sequential([layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(10)])
optimizer = tf.train.MomentumOptimizer(0.05, momentum=0.9)
batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images)).batch(32)


def accuracy(model):
    """The share of the held-out digits that a model reads."""
    guesses = tf.argmax(model(held_out_images), axis=1).numpy()
    return np.mean(guesses == held_out_labels)


for epoch in range(5):
    losses = []
    for image, label in batches:
        with tf.GradientTape() as tape:
            loss = tf.losses.sparse_softmax_cross_entropy(labels=label, logits=model(image))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        losses.append(float(loss))
    print(f"epoch {epoch + 1}: mean loss {np.mean(losses):.3f}, held-out accuracy {accuracy(model):.1%}")
print(f"{model.count_params():,} numbers to learn")

# %%
# The same in two calls
# ---------------------
# ``compile`` and ``fit`` hold the same loop, with a progress bar (``verbose=2`` prints a line per epoch instead), and
# with measurements on data that is held out. The model this time is a small convolutional network. A *convolution*
# looks at 3 x 3 pixels at a time, with the same weights everywhere; ``MaxPooling2D`` keeps the largest of each 2 x 2
# results, so that what follows sees a wider part of the image. ``Dropout`` sets a quarter of its inputs to zero, at
# random, so that no unit can rely on one other alone.

network = tf.keras.Sequential(
    [
        layers.Conv2D(16, 3, padding="same", activation="relu", input_shape=images.shape[1:]),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.25),
        layers.Dense(10, activation="softmax"),
    ]
)
network.summary()
network.compile(tf.train.AdamOptimizer(0.005), "sparse_categorical_crossentropy", metrics=["accuracy"])
epochs = 6 if len(images) < 5000 else 2
history = network.fit(
    images, labels, epochs=epochs, verbose=2, validation_data=(held_out_images, held_out_labels)
).history
loss, share = network.evaluate(held_out_images, held_out_labels, verbose=0)
print(f"held-out accuracy {share:.1%}, with {network.count_params():,} numbers to learn")

# %%
# Dropout is for training alone. ``fit`` tells the layers that it trains, by ``training=True``, and ``evaluate`` and
# ``predict`` that they do not. In a loop of your own, say it yourself: ``network(x, training=True)``.

x = held_out_images[:1]
print("differ in training:", float(tf.reduce_sum(tf.abs(network(x, training=True) - network(x, training=True)))) > 0)
print("differ otherwise:  ", float(tf.reduce_sum(tf.abs(network(x) - network(x)))) > 0)

# %%
# What did it learn? On the left, how the losses fell; the one in training is the larger, since it is measured with
# dropout, and while the epoch goes on. In the middle, the sixteen filters of the first convolution: many are edges, red
# on one side and blue on the other. On the right, digits that it gets wrong or is least sure of.

probabilities = network.predict(held_out_images)
doubt = 1.0 - probabilities[np.arange(len(held_out_labels)), held_out_labels]
filters = network.layers[0].kernel.numpy()[:, :, 0]

figure = plt.figure(figsize=(11, 3.4), layout="constrained")
left, middle, right = figure.subfigures(1, 3)
axes = left.subplots()
axes.plot(history["loss"], label="loss")
axes.plot(history["val_loss"], label="held out")
axes.set(xlabel="epoch", yscale="log")
axes.legend()
for panel, k in zip(middle.subplots(4, 4).flat, range(16)):
    panel.imshow(filters[:, :, k], cmap="RdBu", vmin=-0.7, vmax=0.7)
    panel.set(xticks=[], yticks=[])
for panel, i in zip(right.subplots(3, 3).flat, np.argsort(-doubt)):
    panel.imshow(held_out_images[i, :, :, 0], cmap="gray_r")
    panel.set_title(f"{held_out_labels[i]} read as {probabilities[i].argmax()}", fontsize=8)
    panel.set(xticks=[], yticks=[])
plt.show()

# %%
# The weights can be saved and loaded: ``network.save_weights(path)``, ``network.load_weights(path)``. Chapter 8 goes
# into that.
#
# Exercises
# ---------
# In ``tutorials/exercises/06_layers_and_models.py``:
#
# 1. ``Dense``: the layer, from scratch.
# 2. ``Tied``: a model that uses one matrix twice, the second time transposed.
# 3. ``count_parameters``: what ``summary`` prints for a convolution, worked out by hand.
# 4. ``train``: the loop, for any model, that stops when it does not get better.
