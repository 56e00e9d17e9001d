"""Two networks learn to read handwritten digits: ``python -m tests.benchmarks.mnist --data FOLDER``.

The folder holds the 10,000 test images of MNIST, ``t10k-images-idx3-ubyte.gz`` and ``t10k-labels-idx1-ubyte.gz``: 9,000
to learn from and 1,000 held out. Each library begins with the same weights and sees the same batches in the same order,
so all of them walk the same way, up to rounding; what differs is the time. With no folder given, the environment
variable MINITFE_DATA names it, as for ``tf.keras.datasets``.
"""

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from tqdm import tqdm

import minitfe as tf

from .page import origin, pin_to_one_core, write_section

FILES = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"
BATCH, HELD_OUT = 32, 1000

TEXT = """## Handwritten digits

Two networks learn from 9,000 of MNIST's test digits, in batches of 32, and are then shown the other 1,000. All begin with
the same weights and see the same batches in the same order, on one thread. The seconds are processor time of all steps:
batch, loss, gradients, update. minitfe is used as a program would use it: layers, a loss function, an optimizer and a
global step. By hand means that each network's gradients are written out in numpy.

{table}

{origin}
"""


class Network(NamedTuple):
    """A network that can be trained.

    Attributes:
        step: takes images and labels, changes the weights, and returns the loss before that.
        scores: takes images and returns an array [image, class].
    """

    step: Callable
    scores: Callable


@dataclass(frozen=True)
class Training:
    """What is trained, and how long.

    Args:
        title: what it is, for the table.
        shape: that of an image.
        epochs: how often all digits are seen.
        bar: the share of the held-out digits that the network must read.
        weights: makes the weights to begin with, from a generator.
        peers: by name, what makes a `Network` from such weights.
    """

    title: str
    shape: tuple
    epochs: int
    bar: float
    weights: Callable
    peers: dict


def glorot(generator, *shape):
    """Weights [..., inputs, outputs] from a uniform distribution, as Glorot and Bengio (2010) propose."""
    field = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
    return generator.uniform(-limit, limit, shape).astype("f")


def with_biases(generator, *shapes):
    """Weights of these shapes, each followed by a bias of zeros."""
    return [array for shape in shapes for array in (glorot(generator, *shape), np.zeros(shape[-1], "f"))]


# ---------------------------------------------------------------------------------------------------- what all steps do


def in_minitfe(model, optimizer, weights):
    model.set_weights(weights)
    global_step = tf.Variable(0, trainable=False)

    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=model(images))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables), global_step=global_step)
        return float(loss)

    return Network(step, lambda images: model(images).numpy())


def in_torch(model, optimizer, weights):
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), weights):
            parameter.copy_(torch.from_numpy(array))

    def step(images, labels):
        loss = F.cross_entropy(model(torch.from_numpy(images)), torch.from_numpy(labels))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return Network(step, lambda images: model(torch.from_numpy(images)).detach().numpy())


def cross_entropy_by_hand(logits, labels):
    """The mean loss of a batch, and its gradient with respect to the logits."""
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    g = exponentials / exponentials.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(g[rows, labels]).mean()
    g[rows, labels] -= 1
    return loss, g / len(labels)


# -------------------------------------------------------------------------------------- the guide's model of two layers

RATE = 0.1


def dense_in_minitfe(weights):
    dense = tf.keras.layers.Dense
    model = tf.keras.Sequential([dense(10, input_shape=(784,)), dense(10)])
    return in_minitfe(model, tf.train.GradientDescentOptimizer(RATE), weights)


def dense_in_torch(weights):
    model = nn.Sequential(nn.Linear(784, 10), nn.Linear(10, 10))
    return in_torch(model, torch.optim.SGD(model.parameters(), RATE), [array.T for array in weights])


def dense_by_hand(weights):
    w1, b1, w2, b2 = weights = [array.copy() for array in weights]

    def forward(x):
        h = x @ w1 + b1
        return h, h @ w2 + b2

    def step(x, labels):
        h, logits = forward(x)
        loss, g = cross_entropy_by_hand(logits, labels)
        gh = g @ w2.T
        for weight, gradient in zip(weights, (x.T @ gh, gh.sum(axis=0), h.T @ g, g.sum(axis=0))):
            weight -= RATE * gradient
        return loss

    return Network(step, lambda x: forward(x)[1])


# -------------------------------------------------------------------------------------- a small convolutional network


def convolutions_in_minitfe(weights):
    layers = tf.keras.layers
    settings = {"padding": "same", "activation": "relu"}
    model = tf.keras.Sequential(
        [
            layers.Conv2D(16, 3, input_shape=(28, 28, 1), **settings),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, **settings),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )
    return in_minitfe(model, tf.train.AdamOptimizer(0.001), weights)


class ChannelsFirst(nn.Module):
    """Images as torch wants them, from [..., row, column, channel]."""

    def forward(self, images):
        return images.permute(0, 3, 1, 2)


def convolutions_in_torch(weights):
    f1, b1, f2, b2, w, b = weights
    model = nn.Sequential(
        ChannelsFirst(), nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(7 * 7 * 32, 10),
    )  # fmt: skip
    flat = w.reshape(7, 7, 32, 10).transpose(3, 2, 0, 1).reshape(10, -1)  # channels come first here, too
    arrays = [f1.transpose(3, 2, 0, 1), b1, f2.transpose(3, 2, 0, 1), b2, flat, b]
    return in_torch(model, torch.optim.Adam(model.parameters(), 0.001), [np.ascontiguousarray(a) for a in arrays])


def patches(x):
    """The 3 x 3 surroundings of each pixel, [image, row, column, 9 times channel], with zeros outside of the image."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(*x.shape[:3], -1)


def patches_gradient(g, channels):
    """Adds up what each pixel got in all the patches that it was in."""
    n, rows, columns, _ = g.shape
    g = g.reshape(n, rows, columns, 3, 3, channels)
    padded = np.zeros((n, rows + 2, columns + 2, channels), "f")
    for i in range(3):
        for j in range(3):
            padded[:, i : i + rows, j : j + columns] += g[:, :, :, i, j]
    return padded[:, 1:-1, 1:-1]


def pooled(x):
    """The largest of each 2 x 2 pixels, and where it was."""
    n, rows, columns, channels = x.shape
    blocks = x.reshape(n, rows // 2, 2, columns // 2, 2, channels)
    largest = blocks.max(axis=(2, 4))
    return largest, blocks == largest[:, :, None, :, None]


def pooled_gradient(g, where):
    n, rows, _, columns, _, channels = where.shape
    return (g[:, :, None, :, None] * where).reshape(n, 2 * rows, 2 * columns, channels)


def convolutions_by_hand(weights):
    f1, b1, f2, b2, w, b = weights = [array.copy() for array in weights]
    adam = AdamByHand(weights)

    def convolve(x, f, b):
        """relu(x * f + b), then pooling; and what the way back needs."""
        near = patches(x)
        y = np.maximum(near @ f.reshape(-1, f.shape[-1]) + b, 0)
        largest, where = pooled(y)
        return largest, (near, y, where)

    def convolve_back(g, f, kept):
        """The gradients of f and b, and of the patches before the product."""
        near, y, where = kept
        g = pooled_gradient(g, where) * (y > 0)
        flat = g.reshape(-1, g.shape[-1])
        return (near.reshape(len(flat), -1).T @ flat).reshape(f.shape), flat.sum(axis=0), g

    def forward(x):
        h1, kept1 = convolve(x, f1, b1)
        h2, kept2 = convolve(h1, f2, b2)
        return h2, kept1, kept2, h2.reshape(len(x), -1) @ w + b

    def step(x, labels):
        h2, kept1, kept2, logits = forward(x)
        loss, g = cross_entropy_by_hand(logits, labels)
        gw, gb = h2.reshape(len(x), -1).T @ g, g.sum(axis=0)
        gf2, gb2, g = convolve_back((g @ w.T).reshape(h2.shape), f2, kept2)
        g = patches_gradient(g @ f2.reshape(-1, f2.shape[-1]).T, f2.shape[-2])
        gf1, gb1, _ = convolve_back(g, f1, kept1)
        adam.apply([gf1, gb1, gf2, gb2, gw, gb])
        return loss

    return Network(step, lambda x: forward(x)[-1])


class AdamByHand:
    """Adam, with TensorFlow's settings."""

    def __init__(self, weights, rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        self.weights, self.rate, self.beta1, self.beta2, self.epsilon = weights, rate, beta1, beta2, epsilon
        self.means = [np.zeros_like(x) for x in weights]
        self.squares = [np.zeros_like(x) for x in weights]
        self.steps = 0

    def apply(self, gradients):
        self.steps += 1
        rate = self.rate * (1 - self.beta2**self.steps) ** 0.5 / (1 - self.beta1**self.steps)
        for x, g, m, v in zip(self.weights, gradients, self.means, self.squares):
            m += (1 - self.beta1) * (g - m)
            v += (1 - self.beta2) * (g * g - v)
            x -= rate * m / (np.sqrt(v) + self.epsilon)


TRAININGS = [
    Training(
        "the guide's 784-10-10, gradient descent",
        shape=(784,),
        epochs=4,
        bar=0.88,
        weights=lambda generator: with_biases(generator, (784, 10), (10, 10)),
        peers={"minitfe": dense_in_minitfe, "torch": dense_in_torch, "numpy by hand": dense_by_hand},
    ),
    Training(
        "two convolutions with pooling, Adam",
        shape=(28, 28, 1),
        epochs=5,
        bar=0.965,
        weights=lambda generator: with_biases(generator, (3, 3, 1, 16), (3, 3, 16, 32), (7 * 7 * 32, 10)),
        peers={
            "minitfe": convolutions_in_minitfe,
            "torch": convolutions_in_torch,
            "numpy by hand": convolutions_by_hand,
        },
    ),
]


# ------------------------------------------------------------------------------------------------ reading and measuring


class Digits(NamedTuple):
    """Images from 0 to 1 and their labels: to learn from, and held out."""

    images: np.ndarray
    labels: np.ndarray
    held_out_images: np.ndarray
    held_out_labels: np.ndarray


def read(folder):
    """The digits in a folder, or in a folder ``mnist`` in it, in an order that is always the same."""
    folder = folder / "mnist" if (folder / "mnist").is_dir() else folder
    images, labels = next(iter(tf.data.IdxDataset(tuple(str(folder / file) for file in FILES)).batch(10_000)))
    images, labels = (images.numpy() / np.float32(255)), labels.numpy().astype("i8")
    order = np.random.default_rng(0).permutation(len(images))
    learn, keep = order[HELD_OUT:], order[:HELD_OUT]
    return Digits(images[learn], labels[learn], images[keep], labels[keep])


def batches(count, epochs):
    """The places of the examples of each batch."""
    generator = np.random.default_rng(1)
    for _ in range(epochs):
        order = generator.permutation(count)
        yield from (order[start:end] for start, end in pairwise([*range(0, count, BATCH), count]))


def train(training, peer, digits):
    """Trains one network; returns its accuracy on the digits held out, and the seconds."""
    network = training.peers[peer](training.weights(np.random.default_rng(2)))
    images = digits.images.reshape(-1, *training.shape)
    start = time.process_time()
    for places in tqdm([*batches(len(images), training.epochs)], desc=f"{training.title}, {peer}", leave=False):
        network.step(images[places], digits.labels[places])
    seconds = time.process_time() - start
    scores = network.scores(digits.held_out_images.reshape(-1, *training.shape))
    return float(np.mean(scores.argmax(axis=1) == digits.held_out_labels)), seconds


def rows(digits):
    """The lines of the table."""
    yield "| network | library | held-out accuracy | bar | | seconds | ms per step |"
    yield "| --- | --- | ---: | ---: | --- | ---: | ---: |"
    for training in TRAININGS:
        steps = len([*batches(len(digits.images), training.epochs)])
        for peer in training.peers:
            accuracy, seconds = train(training, peer, digits)
            verdict = "met" if accuracy >= training.bar else "missed"
            yield (
                f"| {training.title}, {training.epochs} epochs | {peer} | {accuracy:.1%} | {training.bar:.1%} | {verdict}"
                f" | {seconds:.2f} | {1e3 * seconds / steps:.2f} |"
            )


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.mnist", description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("MINITFE_DATA"), help="the folder with the digits")
    parser.add_argument("--write", action="store_true", help="write the table to docs/benchmarks.md")
    arguments = parser.parse_args()
    if arguments.data is None:
        print("No handwritten digits: name their folder with --data, or in the environment variable MINITFE_DATA.")
        return
    pin_to_one_core()
    torch.set_num_threads(1)
    tf.enable_eager_execution()
    table = "\n".join(rows(read(Path(arguments.data))))
    print(table)
    if arguments.write:
        command = "python -m tests.benchmarks.mnist --write"
        write_section(TEXT.format(table=table, origin=origin(command, "minitfe", "numpy", "torch")))


if __name__ == "__main__":
    main()
