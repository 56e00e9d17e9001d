"""The cases of the OpenCL kernels: the same work on an OpenCL device and on the CPU, by minitfe or by numpy itself.

Where the device is PoCL's, which is the same processor with one thread, the ratios compare nothing but the kernels. All
that a call has queued is waited for before its time is taken.
"""

import functools
from itertools import pairwise

import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import devices

from .cases import Case, normal
from .cases import elementwise as elementwise_on_the_cpu


class Unavailable(Exception):
    """There is no device for a case; the message says why."""


def opencl_device():
    """The first OpenCL device.

    Raises:
        Unavailable: where there is none.
    """
    import minitfe_opencl

    if minitfe_opencl.why_no_device():
        raise Unavailable(minitfe_opencl.why_no_device())
    return devices.devices_of("opencl")[0]


def peers_of(work, arrays, peer="numpy kernels", by_hand=None):
    """The same function of tensors on both devices, or against one of numpy's arrays.

    Args:
        work: takes tensors, and returns a list of them.
        arrays: its inputs.
        peer: the name of what it is compared with.
        by_hand: takes the arrays instead, if not minitfe on the CPU is the peer.
    """
    device = opencl_device()

    def on(name):
        with tf.device(name):
            tensors = [tf.identity(tf.constant(array)) for array in arrays]

        def run():
            with tf.device(name):
                results = work(*tensors)
            device.handle.queue.finish()
            return results

        return run

    return {"minitfe": on(device.name), peer: functools.partial(by_hand, *arrays) if by_hand else on("/cpu:0")}


def product():
    arrays = normal(1000, 1000), normal(1000, 1000, seed=1)
    return peers_of(lambda a, b: [tf.matmul(a, b)], arrays, "numpy", lambda a, b: [a @ b])


def elementwise():
    return peers_of(lambda x: [tf.exp(-x * x) * tf.sin(x) + x], [normal(10_000_000)])


def fused():
    """The case `elementwise` of the CPU, sum and gradient, in a defun."""
    arrays, by_hand = [normal(1_000_000)], elementwise_on_the_cpu()["numpy by hand"]

    def sum_and_gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(-x * x) * tf.sin(x) + x)
        return [y, tape.gradient(y, x)]

    return peers_of(tfe.defun(sum_and_gradient), arrays, "numpy by hand", lambda x: by_hand())


def sum_of_rows():
    return peers_of(lambda x: [tf.reduce_sum(x, 1)], [normal(1000, 10_000)])


def sum_of_columns():
    return peers_of(lambda x: [tf.reduce_sum(x, 0)], [normal(1000, 10_000)])


# -------------------------------------------------------------------------------------------------------- convolution

IMAGES, FILTERS, SLOPES = (16, 32, 32, 32), (3, 3, 32, 64), (16, 32, 32, 64)
SETTINGS = {"strides": [1, 1, 1, 1], "padding": "SAME"}


def convolution():
    return peers_of(
        lambda x, f: [tf.nn.conv2d(x, f, **SETTINGS)], [normal(*IMAGES), normal(*FILTERS)], "im2col", by_patches
    )


def by_patches(x, f):
    """The convolution of textbooks: all patches copied side by side, and one matrix product."""
    around = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)])
    seen = np.lib.stride_tricks.sliding_window_view(around, (3, 3), (1, 2)).transpose(0, 1, 2, 4, 5, 3)
    patches = seen.reshape(x.size // 32, 9 * 32)
    return [(patches @ f.reshape(9 * 32, 64)).reshape(SLOPES)]


def convolution_of_slopes():
    return peers_of(
        lambda g, f: [tf.nn.conv2d_backprop_input(IMAGES, f, g, **SETTINGS)], [normal(*SLOPES), normal(*FILTERS)]
    )


def convolution_of_filters():
    return peers_of(
        lambda g, x: [tf.nn.conv2d_backprop_filter(x, FILTERS, g, **SETTINGS)], [normal(*SLOPES), normal(*IMAGES)]
    )


# ----------------------------------------------------------------------------------------------------- a training step


def training_step(batch=512, sizes=(784, 512, 512, 10), rate=1e-4):
    images, labels = normal(batch, sizes[0]), np.random.default_rng(0).integers(0, sizes[-1], batch).astype("i4")
    device = opencl_device()

    def step_on(name):
        with tf.device(name):
            weights = [tf.Variable(normal(m, n, scale=m**-0.5)) for m, n in pairwise(sizes)]
            biases = [tf.Variable(np.zeros(n, "f")) for n in sizes[1:]]
            x, y = tf.identity(tf.constant(images)), tf.identity(tf.constant(labels))

        def step():
            with tf.device(name):
                with tf.GradientTape() as tape:
                    h = x
                    for w, b in zip(weights[:-1], biases[:-1]):
                        h = tf.nn.relu(tf.matmul(h, w) + b)
                    logits = tf.matmul(h, weights[-1]) + biases[-1]
                    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
                variables = weights + biases
                for variable, gradient in zip(variables, tape.gradient(loss, variables)):
                    variable.assign_sub(rate * gradient)
            device.handle.queue.finish()
            return [loss, *variables]

        return step

    return {"minitfe": step_on(device.name), "numpy kernels": step_on("/cpu:0")}


CASES = {
    "opencl_product": Case("OpenCL: product of 1000 x 1000 matrices", {"numpy": 1.25}, product),
    "opencl_elementwise": Case("OpenCL: exp(-x²) sin x + x, 10,000,000 floats", {"numpy kernels": 1.3}, elementwise),
    "opencl_fused": Case(
        "OpenCL: sum(exp(-x²) sin x + x) and gradient, 1,000,000 floats, in a defun", {"numpy by hand": 0.35}, fused
    ),
    "opencl_rows": Case("OpenCL: sums of 1,000 rows of 10,000 floats", {"numpy kernels": 0.8}, sum_of_rows),
    "opencl_columns": Case("OpenCL: sums of their columns", {"numpy kernels": 1.1}, sum_of_columns),
    "opencl_convolution": Case(
        "OpenCL: 16 images of 32 x 32 x 32 convolved to 64 channels", {"im2col": 0.7}, convolution
    ),
    "opencl_input_gradient": Case("OpenCL: gradient of the images", {"numpy kernels": 1.5}, convolution_of_slopes),
    "opencl_filter_gradient": Case("OpenCL: gradient of the filters", {"numpy kernels": 1.5}, convolution_of_filters),
    "opencl_step": Case("OpenCL: training step, 784-512-512-10, batch 512", {"numpy kernels": 1.25}, training_step),
}
