"""The cases: each is the same work written for minitfe and for its peers, to the best of what each library offers.

A case is a function that returns, by name, functions of nothing to be timed. Each returns values and gradients, in the
same order, so that they can be compared before they are timed.
"""

from dataclasses import dataclass
from itertools import pairwise

import autograd
import autograd.numpy as anp
import mygrad
import numpy as np
import torch
import torch.nn.functional as F

import minitfe as tf
import minitfe.contrib.eager as tfe

from . import compilers


@dataclass(frozen=True)
class Case:
    """Work to be timed.

    Args:
        title: what it is, for the table.
        bars: for each peer, how many times its time minitfe may take.
        make: returns the peers, "minitfe" among them.
    """

    title: str
    bars: dict
    make: callable


def normal(*shape, scale=1.0, seed=0):
    return (scale * np.random.default_rng([seed, *shape]).normal(size=shape)).astype("f")


def parameter(array):
    """A tensor of torch's that has a gradient."""
    return torch.tensor(array, requires_grad=True)


# ------------------------------------------------------------------------------------------------ a chain of small ops


def chain():
    arrays = [normal(10, seed=seed) for seed in range(3)]

    def apply(tanh, x, a, b):
        for _ in range(50):
            x = tanh(x * a + b)
        return x

    x, a, b = map(tf.constant, arrays)
    x_torch, a_torch, b_torch = torch.tensor(arrays[0]), *map(parameter, arrays[1:])
    a_mygrad, b_mygrad = map(mygrad.tensor, arrays[1:])
    value_and_gradients = autograd.value_and_grad(lambda a, b: anp.sum(apply(anp.tanh, arrays[0], a, b)), (0, 1))

    def ours():
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            y = tf.reduce_sum(apply(tf.tanh, x, a, b))
        return [y, *tape.gradient(y, [a, b])]

    def in_torch():
        y = apply(torch.tanh, x_torch, a_torch, b_torch).sum()
        return [y, *torch.autograd.grad(y, [a_torch, b_torch])]

    def in_mygrad():
        y = apply(mygrad.tanh, arrays[0], a_mygrad, b_mygrad).sum()
        y.backward()
        return [y.data, a_mygrad.grad, b_mygrad.grad]

    def in_autograd():
        y, gradients = value_and_gradients(*arrays[1:])
        return [y, *gradients]

    return {"minitfe": ours, "torch": in_torch, "mygrad": in_mygrad, "autograd": in_autograd}


# ----------------------------------------------------------------------------------------------------- a training step


def training_step(batch, *sizes, rate=1e-4):
    """A step of gradient descent of a network with relu layers, on the cross-entropy of its last layer."""
    images = normal(batch, sizes[0])
    labels = np.random.default_rng(0).integers(0, sizes[-1], batch).astype("i4")
    weights = [normal(m, n, scale=m**-0.5) for m, n in pairwise(sizes)]
    biases = [np.zeros(n, "f") for n in sizes[1:]]
    variables = [tf.Variable(x) for pair in zip(weights, biases) for x in pair]
    x, y = tf.constant(images), tf.constant(labels)

    def ours():
        with tf.GradientTape() as tape:
            h = x
            for w, b in zip(variables[:-2:2], variables[1:-2:2]):
                h = tf.nn.relu(tf.matmul(h, w) + b)
            logits = tf.matmul(h, variables[-2]) + variables[-1]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(rate * gradient)
        return [loss, *variables]

    def by_hand():
        layers = [images]
        for w, b in zip(weights[:-1], biases[:-1]):
            layers.append(np.maximum(layers[-1] @ w + b, 0))
        logits = layers[-1] @ weights[-1] + biases[-1]
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        sums = exponentials.sum(axis=1, keepdims=True)
        rows = np.arange(batch)
        loss = (np.log(sums[:, 0]) - logits[rows, labels]).mean()
        g = exponentials / sums
        g[rows, labels] -= 1
        g /= batch
        for i in reversed(range(len(weights))):
            w_gradient, b_gradient = layers[i].T @ g, g.sum(axis=0)
            if i:
                g = (g @ weights[i].T) * (layers[i] > 0)
            weights[i] -= rate * w_gradient
            biases[i] -= rate * b_gradient
        return [loss, *(x for pair in zip(weights, biases) for x in pair)]

    return {"minitfe": ours, "numpy by hand": by_hand}


def small_step():
    return training_step(32, 784, 100, 10)


def large_step():
    return training_step(128, 784, 512, 512, 10)


def layers_step(batch=32):
    """The same small step twice: with layers, a loss function, an optimizer and a global step, and with bare ops."""
    x, y = tf.constant(normal(batch, 784)), tf.constant(np.random.default_rng(0).integers(0, 10, batch).astype("i4"))
    arrays = [normal(784, 100, scale=784**-0.5), np.zeros(100, "f"), normal(100, 10, scale=0.1), np.zeros(10, "f")]
    dense = tf.keras.layers.Dense
    model = tf.keras.Sequential([dense(100, activation="relu", input_shape=(784,)), dense(10)])
    model.set_weights(arrays)
    optimizer = tf.train.GradientDescentOptimizer(1e-4)
    w1, b1, w2, b2 = variables = [tf.Variable(array) for array in arrays]
    steps = [tf.Variable(0, trainable=False), tf.Variable(0, trainable=False)]

    def with_layers():
        with tf.GradientTape() as tape:
            loss = tf.losses.sparse_softmax_cross_entropy(labels=y, logits=model(x))
        trained = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, trained), trained), global_step=steps[0])
        return [loss, *trained]

    def by_ops():
        with tf.GradientTape() as tape:
            logits = tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(1e-4 * gradient)
        steps[1].assign_add(1)
        return [loss, *variables]

    return {"minitfe": with_layers, "bare ops": by_ops}


# ----------------------------------------------------------------------------------------------------- an LSTM, by ops


def lstm(steps=20, batch=20, units=128):
    inputs = normal(steps, batch, units)
    weight, bias = normal(2 * units, 4 * units, scale=(2 * units) ** -0.5), normal(4 * units, scale=0.1)
    state = np.zeros((batch, units), "f")
    xs, w, b, zeros = [tf.constant(x) for x in inputs], tf.constant(weight), tf.constant(bias), tf.constant(state)
    xs_torch, w_torch, b_torch = list(torch.tensor(inputs)), parameter(weight), parameter(bias)
    zeros_torch = torch.tensor(state)

    def ours():
        with tf.GradientTape() as tape:
            tape.watch([w, b])
            h = c = zeros
            for x in xs:
                i, j, f, o = tf.split(tf.matmul(tf.concat([x, h], 1), w) + b, 4, 1)
                c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(j)
                h = tf.sigmoid(o) * tf.tanh(c)
            loss = tf.reduce_mean(h * h)
        return [loss, *tape.gradient(loss, [w, b])]

    def in_torch():
        h = c = zeros_torch
        for x in xs_torch:
            i, j, f, o = torch.chunk(torch.cat([x, h], 1) @ w_torch + b_torch, 4, 1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(j)
            h = torch.sigmoid(o) * torch.tanh(c)
        loss = (h * h).mean()
        return [loss, *torch.autograd.grad(loss, [w_torch, b_torch])]

    return {"minitfe": ours, "torch": in_torch}


# ---------------------------------------------------------------------------------------------------- two convolutions


def convolutions(batch=16, size=32):
    images = normal(batch, size, size, 3)
    labels = np.random.default_rng(0).integers(0, 10, batch)
    shapes = [(3, 3, 3, 16), (3, 3, 16, 32), (32, 10), (10,)]
    arrays = [normal(*shape, scale=0.2) for shape in shapes]
    x, y, parameters = tf.constant(images), tf.constant(labels.astype("i4")), [tf.constant(array) for array in arrays]
    # torch wants images as NCHW and filters as OIHW.
    x_torch = torch.tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    y_torch = torch.tensor(labels)
    filters = [parameter(np.ascontiguousarray(array.transpose(3, 2, 0, 1))) for array in arrays[:2]]
    dense = [parameter(array) for array in arrays[2:]]

    def ours():
        with tf.GradientTape() as tape:
            tape.watch(parameters)
            f1, f2, w, b = parameters
            h = tf.nn.relu(tf.nn.conv2d(x, f1, strides=[1, 1, 1, 1], padding="SAME"))
            h = tf.nn.relu(tf.nn.conv2d(h, f2, strides=[1, 2, 2, 1], padding="SAME"))
            logits = tf.matmul(tf.reduce_mean(h, [1, 2]), w) + b
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
        return [loss, *tape.gradient(loss, parameters)]

    def in_torch():
        (f1, f2), (w, b) = filters, dense
        h = F.relu(F.conv2d(x_torch, f1, padding=1))
        # SAME with stride 2 on an even size pads one row below and one column to the right, and none before.
        h = F.relu(F.conv2d(F.pad(h, (0, 1, 0, 1)), f2, stride=2))
        loss = F.cross_entropy(h.mean((2, 3)) @ w + b, y_torch)
        g1, g2, *others = torch.autograd.grad(loss, [*filters, *dense])
        return [loss, g1.permute(2, 3, 1, 0), g2.permute(2, 3, 1, 0), *others]

    return {"minitfe": ours, "torch": in_torch}


# ---------------------------------------------------------------------------------------------------- an input pipeline


def pipeline(map_each, examples=4000, repeats=2, batch=32):
    """Goes through shuffled examples of 784 floats in batches, some with an op on each, and adds up what comes."""
    images = np.random.default_rng(0).integers(0, 256, (examples, 784)).astype("f")
    labels = np.arange(examples)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(examples).repeat(repeats)
    if map_each:
        dataset = dataset.map(lambda image, label: (image / 255.0, label)).batch(batch).prefetch(2)
    else:
        dataset = dataset.batch(batch)
    loader = torch.utils.data.DataLoader(Examples(images, labels, map_each), batch, shuffle=True)

    def ours():
        return sums(dataset)

    def in_torch():
        return sums(pair for _ in range(repeats) for pair in loader)

    return {"minitfe": ours, "torch DataLoader": in_torch}


class Examples(torch.utils.data.Dataset):
    """Images and labels as torch's DataLoader wants them, with or without an op on each."""

    def __init__(self, images, labels, map_each):
        self.images, self.labels, self.map_each = torch.tensor(images), torch.tensor(labels), map_each

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.images[i] / 255.0 if self.map_each else self.images[i], self.labels[i]


def sums(batches):
    """The number of examples, the sum of their first pixels and that of their labels."""
    count = pixels = total = 0
    for images, labels in batches:
        images, labels = images.numpy(), labels.numpy()
        count, pixels, total = count + len(labels), pixels + float(images[:, 0].sum()), total + int(labels.sum())
    return [np.array(count), np.array(pixels), np.array(total)]


def shuffled_batches():
    return pipeline(map_each=False)


def mapped_batches():
    return pipeline(map_each=True)


# -------------------------------------------------------------------------------------------- a million floats at once


def elementwise():
    array = normal(1_000_000)
    x, x_torch = tf.constant(array), parameter(array)

    def ours():
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(-x * x) * tf.sin(x) + x)
        return [y, tape.gradient(y, x)]

    def in_torch():
        y = (torch.exp(-x_torch * x_torch) * torch.sin(x_torch) + x_torch).sum()
        return [y, *torch.autograd.grad(y, [x_torch])]

    def by_hand():
        x = array
        bell, sine = np.exp(-x * x), np.sin(x)
        return [np.sum(bell * sine + x), bell * (np.cos(x) - 2 * x * sine) + 1]

    return {"minitfe": ours, "numpy by hand": by_hand, "torch": in_torch}


# ------------------------------------------------------------------------------------------------------------ compiled


def compiled_chain():
    """The chain as one traced function, against the same in eager execution."""
    arrays = [normal(10, seed=seed) for seed in range(3)]
    x, a, b = map(tf.constant, arrays)

    def f(x, a, b):
        with tf.GradientTape() as tape:
            tape.watch([a, b])
            for _ in range(50):
                x = tf.tanh(x * a + b)
            y = tf.reduce_sum(x)
        return [y, *tape.gradient(y, [a, b])]

    traced = tfe.defun(f)
    ours = {"minitfe": lambda: traced(x, a, b), "minitfe, eager": lambda: f(x, a, b)}
    return ours | compilers.chain(arrays, 50)


def compiled_step():
    """A training step as one traced function: forward, backward and assignments."""
    step, by_hand = training_step(32, 784, 100, 10).values()
    return {"minitfe": tfe.defun(step), "numpy by hand": by_hand}


def compiled_lstm(steps=20, batch=20, units=128):
    inputs = normal(steps, batch, units)
    weight, bias = normal(2 * units, 4 * units, scale=(2 * units) ** -0.5), normal(4 * units, scale=0.1)
    state = np.zeros((batch, units), "f")
    step, _ = lstm(steps, batch, units).values()

    def by_hand():
        h = c = state
        saved = []
        for x in inputs:
            xh = np.concatenate([x, h], 1)
            i, j, f, o = np.split(xh @ weight + bias, 4, 1)
            i, j, f, o = logistic(i), np.tanh(j), logistic(f), logistic(o)
            before, c = c, f * c + i * j
            squashed = np.tanh(c)
            h = o * squashed
            saved.append((xh, i, j, f, o, before, squashed))
        dw, db, dc, dh = np.zeros_like(weight), np.zeros_like(bias), np.zeros_like(c), 2 * h / h.size
        for xh, i, j, f, o, before, squashed in reversed(saved):
            dc = dc + dh * o * (1 - squashed * squashed)
            gates = dc * j * i * (1 - i), dc * i * (1 - j * j), dc * before * f * (1 - f), dh * squashed * o * (1 - o)
            dz = np.concatenate(gates, 1)
            dw += xh.T @ dz
            db += dz.sum(0)
            dh = (dz @ weight.T)[:, units:]
            dc = dc * f
        return [(h * h).mean(), dw, db]

    ours = {"minitfe": tfe.defun(step), "numpy by hand": by_hand}
    return ours | compilers.lstm(inputs, weight, bias, state)


def logistic(x):
    return 1 / (1 + np.exp(-x))


def compiled_elementwise():
    step, by_hand, *_ = elementwise().values()
    return {"minitfe": tfe.defun(step), "numpy by hand": by_hand} | compilers.elementwise(normal(1_000_000))


def compiled_convolutions():
    step, in_torch = convolutions().values()
    return {"minitfe": tfe.defun(step), "torch": in_torch}


CASES = {
    "chain": Case("50 steps of x = tanh(x a + b), 10 floats", {"torch": 0.9, "mygrad": 0.35, "autograd": 0.2}, chain),
    "small_step": Case("training step, 784-100-10, batch 32", {"numpy by hand": 1.7}, small_step),
    "layers_step": Case("the same step with layers, loss, optimizer, global step", {"bare ops": 1.25}, layers_step),
    "large_step": Case("training step, 784-512-512-10, batch 128", {"numpy by hand": 1.2}, large_step),
    "lstm": Case("LSTM, 20 steps of 128 units, batch 20", {"torch": 1.3}, lstm),
    "convolutions": Case("two convolutions, 16 images of 32 x 32", {"torch": 1.5}, convolutions),
    # 8,000 examples in 40 ms are 200,000 a second, in 160 ms they are 50,000.
    "shuffled_batches": Case("8,000 examples: shuffle, repeat, batch 32", {"torch DataLoader": 0.5}, shuffled_batches),
    "mapped_batches": Case(
        "8,000 examples: shuffle, repeat, x / 255, batch 32, prefetch", {"torch DataLoader": 1.3}, mapped_batches
    ),
    "elementwise": Case("sum(exp(-x²) sin x + x), 1,000,000 floats", {"numpy by hand": 1.8, "torch": 1.0}, elementwise),
    "compiled_chain": Case(
        "the chain, in a defun", {"minitfe, eager": 0.25, "tf.function": 0.75, "jax.jit": 1.0}, compiled_chain
    ),
    "compiled_step": Case("training step, 784-100-10, batch 32, in a defun", {"numpy by hand": 1.1}, compiled_step),
    "compiled_lstm": Case("the LSTM, in a defun", {"numpy by hand": 0.75, "jax.jit": 1.0}, compiled_lstm),
    "compiled_elementwise": Case(
        "sum(exp(-x²) sin x + x), in a defun", {"numpy by hand": 0.85, "jax.jit": 1.0}, compiled_elementwise
    ),
    "compiled_convolutions": Case("the two convolutions, in a defun", {"torch": 1.4}, compiled_convolutions),
}
