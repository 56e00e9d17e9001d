"""A third party's kernel package in thirty lines: arrays on a device of their own, with a few kernels of the ops.

MINITFE_TOY=wrong plants an error in one kernel, for the conformance suite to find.
"""

import os

import numpy as np

import minitfe_numpy

DEVICE_TYPE = "TOY"


class ToyArray:
    """Keeps its numbers to itself: numpy kernels that were handed one would fail."""

    def __init__(self, numbers):
        self.numbers, self.shape, self.dtype, self.ndim = numbers, numbers.shape, numbers.dtype, numbers.ndim


def kernel(function):
    return lambda *arrays, **attributes: ToyArray(np.asarray(function(*[x.numbers for x in arrays], **attributes)))


KERNELS = {name: kernel(minitfe_numpy.KERNELS[name]) for name in ("add", "multiply", "negative", "tanh", "reduce_sum")}
if os.environ.get("MINITFE_TOY") == "wrong":
    KERNELS["multiply"] = kernel(lambda x, y: np.multiply(x, y) * (1 + 1e-3 * (np.multiply(x, y) > 2)))
GAPS = {name: "not in a package of thirty lines" for name in minitfe_numpy.KERNELS if name not in KERNELS}


def devices():
    return ["toy"]


def from_numpy(array, device):
    return ToyArray(np.array(array))


def to_numpy(array):
    return np.array(array.numbers)
