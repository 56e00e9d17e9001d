"""``minitfe tour``: what minitfe does, shown in a few seconds on real data.

A tape is recorded and played back beside finite differences; a classifier learns to read handwritten digits, with
nothing but tensors, variables and a tape; and the gradients of the trained model are checked against difference
quotients. Everything below uses the public interface only.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

import minitfe as tf
from minitfe.extras import require

BATCH, EPOCHS, LEARNING_RATE, MOMENTUM = 32, 20, 0.1, 0.9
STEPS_PER_EPOCH = 45  # 1,437 digits in batches of 32
ENOUGH = 0.95


def tour(picture: Path) -> int:
    """Runs the tour and writes the loss curve to `picture`. Returns 0 if all went as it should, else 1."""
    tf.enable_eager_execution()
    show_a_tape()
    digits = load_digits()
    model, losses = train(digits)
    accurate = report_accuracy(model, digits)
    right = check_gradients(model, digits)
    draw_losses(losses, picture)
    return 0 if accurate and right else 1


# --------------------------------------------------------------------------------------------- a tape, read aloud


def show_a_tape() -> None:
    """Prints what a tape records of a small function, and its gradients beside finite differences."""
    print("1. A tape\n   y = tanh(w * x + b) ** 2, at x = 0.5, w = 1.5, b = -0.25\n")
    x, w, b = tf.constant(0.5), tf.constant(1.5), tf.constant(-0.25)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([w, b])
        y = small_function(w, b, x)
    print("   recorded operation   forward: value   backward: dy/d(value)")
    for operation in tape.operations:
        slope = tape.gradient(y, operation.output)
        print(f"   {operation.op.name:<20} {float(operation.output):14.6f}   {float(slope):21.6f}")
    print("\n   gradient             from the tape    finite difference")
    for name, gradient, numeric in zip("wb", tape.gradient(y, [w, b]), finite_differences(w, b, x)):
        print(f"   dy/d{name:<17}{float(gradient):14.6f}   {numeric:18.6f}")


def small_function(w: Any, b: Any, x: Any) -> Any:
    """tanh(w x + b)²"""
    return tf.square(tf.tanh(w * x + b))


def finite_differences(w: Any, b: Any, x: Any, h: float = 1e-5) -> list[float]:
    """(f(p + h) - f(p - h)) / 2h for p = w and p = b, in double precision."""
    w, b, x = (tf.cast(value, tf.float64) for value in (w, b, x))
    return [
        float(small_function(w + h, b, x) - small_function(w - h, b, x)) / (2 * h),
        float(small_function(w, b + h, x) - small_function(w, b - h, x)) / (2 * h),
    ]


# ------------------------------------------------------------------------------------------- learning to read digits


class Digits(NamedTuple):
    """Handwritten digits, 8 x 8 pixels each: to learn from, and held out."""

    images: Any
    labels: Any
    held_out_images: Any
    held_out_labels: Any


def load_digits() -> Digits:
    """The 1,797 digits that come with scikit-learn (E. Alpaydin and C. Kaynak, 1998), split by a fixed shuffle."""
    datasets = require("sklearn.datasets", "tutorials", "The tour's data set of handwritten digits")
    images, labels = datasets.load_digits(return_X_y=True)
    images, labels = (images / 16).astype(np.float32), labels.astype(np.int32)
    order = np.random.default_rng(0).permutation(len(images))
    learn, keep = order[360:], order[:360]
    return Digits(images[learn], labels[learn], images[keep], labels[keep])


Model = list[Any]


def make_model() -> Model:
    """Weights and biases for 64 inputs, 64 hidden units and 10 classes; weights start as He et al. (2015) propose."""
    generator = np.random.default_rng(1)

    def weights(inputs: int, outputs: int) -> Any:
        return tf.Variable((generator.normal(size=(inputs, outputs)) * np.sqrt(2 / inputs)).astype(np.float32))

    return [weights(64, 64), tf.Variable(tf.zeros([64])), weights(64, 10), tf.Variable(tf.zeros([10]))]


def logits_of(model: Model, images: Any) -> Any:
    """relu(x W₁ + b₁) W₂ + b₂"""
    w1, b1, w2, b2 = model
    return tf.matmul(tf.nn.relu(tf.matmul(images, w1) + b1), w2) + b2


def loss_of(model: Model, images: Any, labels: Any) -> Any:
    """The mean cross-entropy between what the model expects and what is written."""
    return tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits_of(model, images))
    )


def train(digits: Digits) -> tuple[Model, list[float]]:
    """Gradient descent with momentum, one step per batch. Returns the model and the loss at each step."""
    print(f"\n2. A classifier, 64-64-10 with relu, learns from {len(digits.images)} handwritten digits\n")
    model, losses = make_model(), []
    velocity = [tf.zeros_like(p) for p in model]
    generator = np.random.default_rng(2)
    for _ in tqdm(range(EPOCHS), desc="   epochs", file=sys.stdout):
        order = generator.permutation(len(digits.images))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            with tf.GradientTape() as tape:
                loss = loss_of(model, digits.images[batch], digits.labels[batch])
            gradients = tape.gradient(loss, model)
            velocity = [MOMENTUM * v + g for v, g in zip(velocity, gradients)]
            for p, v in zip(model, velocity):
                p.assign_sub(LEARNING_RATE * v)
            losses.append(float(loss))
    return model, losses


def report_accuracy(model: Model, digits: Digits) -> bool:
    """Prints the share of held-out digits that the model reads correctly; says whether that is enough."""
    guesses = tf.argmax(logits_of(model, digits.held_out_images), axis=1).numpy()
    accuracy = float(np.mean(guesses == digits.held_out_labels))
    print(f"   held-out accuracy: {accuracy:.1%} of {len(guesses)} digits that it never saw")
    return accuracy >= ENOUGH


# ------------------------------------------------------------------------------------------- are the gradients right?


def check_gradients(model: Model, digits: Digits) -> bool:
    """Compares the trained model's gradients with difference quotients along random directions, in double precision."""
    print("\n3. The trained model's gradients beside central differences along 5 random directions, in float64\n")
    images, labels = tf.constant(digits.images[:100], tf.float64), digits.labels[:100]
    parameters = [tf.constant(p.numpy(), tf.float64) for p in model]
    with tf.GradientTape() as tape:
        tape.watch(parameters)
        loss = loss_of(parameters, images, labels)
    gradients = tape.gradient(loss, parameters)
    worst = 0.0
    for i, name in enumerate(("W1", "b1", "W2", "b2")):
        error = max(_disagreement(parameters, i, gradients[i].numpy(), images, labels, seed) for seed in range(5))
        print(f"   d loss/d {name} {parameters[i].shape!s:<10} relative difference at most {error:.1e}")
        worst = max(worst, error)
    right = worst < 1e-6
    print(f"   gradients checked numerically: {'they agree' if right else 'THEY DISAGREE'}")
    return right


def _disagreement(
    parameters: Model, i: int, gradient: Any, images: Any, labels: Any, seed: int, h: float = 1e-6
) -> float:
    """How far ⟨gradient, v⟩ is from (loss(p + hv) - loss(p - hv)) / 2h for a random direction v.

    The distance is relative to |gradient| |v|.
    """
    v = np.random.default_rng(seed).normal(size=gradient.shape)

    def loss_at(step: float) -> float:
        moved = [p + step * v if j == i else p for j, p in enumerate(parameters)]
        return float(loss_of(moved, images, labels))

    numeric = (loss_at(h) - loss_at(-h)) / (2 * h)
    return abs(numeric - float((gradient * v).sum())) / float(np.linalg.norm(gradient) * np.linalg.norm(v))


def draw_losses(losses: list[float], picture: Path) -> None:
    """Draws the loss over the training steps into a PNG file."""
    figure_module = require("matplotlib.figure", "plot", "Drawing the loss curve")
    figure = figure_module.Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.semilogy(losses, linewidth=0.6, label="each batch")
    means = np.convolve(losses, np.ones(STEPS_PER_EPOCH) / STEPS_PER_EPOCH, mode="valid")
    middles = np.arange(len(means)) + STEPS_PER_EPOCH // 2
    axes.semilogy(middles, means, label=f"mean of {STEPS_PER_EPOCH} steps, an epoch")
    axes.set(xlabel="training step", ylabel="cross-entropy", title="64-64-10 relu classifier on handwritten digits")
    axes.legend()
    figure.savefig(picture, dpi=120)
    print(f"\n4. The loss curve is in {picture.resolve()}")
