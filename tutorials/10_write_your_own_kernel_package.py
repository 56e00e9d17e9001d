"""
10. Write your own kernel package
=================================

All arithmetic of minitfe is done by kernel packages: numpy's on the CPU, OpenCL's on the GPU. A kernel package is
replaceable, and it is small. This chapter writes one that computes with plain Python lists, lets the conformance suite
find what is wrong with it, and trains a model on it.
"""

import ast
import inspect
import itertools
import math
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np

import minitfe as tf
from minitfe import devices, kernel_registry

tf.enable_eager_execution()

# %%
# What a kernel package is
# ------------------------
# A Python module, or any object, with six names. ``minitfe.kernel_registry.KernelPackage`` lists them:
#
# ================  ===========================================================================================
# ``DEVICE_TYPE``   what its devices are called
# ``devices()``     a handle for each device that is there
# ``from_numpy``    copies a numpy array to a device
# ``to_numpy``      copies back
# ``KERNELS``       a function for each op: arrays and plain settings in, arrays out
# ``GAPS``          ops that it does not have, with the reason; those run on the CPU
# ================  ===========================================================================================
#
# It knows arrays, and has never heard of tensors, tapes or gradients. So gradients come for free: their rules are
# written in ops, and ops run on its kernels.
#
# First an array type. All that minitfe asks of it is ``shape`` and ``dtype``, which are numpy's. Ours keeps its
# numbers in a list, row by row.


class ListArray:
    def __init__(self, numbers, shape, dtype):
        self.numbers, self.shape, self.dtype = list(numbers), tuple(shape), np.dtype(dtype)


def from_numpy(array, device):
    return ListArray(array.ravel().tolist(), array.shape, array.dtype)


def to_numpy(array):
    return np.array(array.numbers, array.dtype).reshape(array.shape)


# %%
# Kernels
# -------
# A kernel has the name of its op, takes arrays by position and settings by keyword. Our first elementwise kernels go
# through the lists side by side. That is what one writes first, and it is wrong: we shall see how.


def elementwise(function):
    """The kernel that applies a function of numbers to each element."""

    def kernel(*arrays):
        numbers = map(function, *[x.numbers for x in arrays])
        return ListArray(numbers, arrays[0].shape, arrays[0].dtype)

    return kernel


def kernels_made_by(make):
    """Our six kernels, each made from a function of numbers."""
    return {
        "add": make(lambda x, y: x + y),
        "subtract": make(lambda x, y: x - y),
        "multiply": make(lambda x, y: x * y),
        "negative": make(lambda x: -x),
        "square": make(lambda x: x * x),
        "tanh": make(math.tanh),
    }


# %%
# A package that others install announces itself by an entry point in its metadata. In one program it is enough to
# register it. The word for a device in ``tf.device`` is the package's ``DEVICE_TYPE``, in small letters or large.

lists = SimpleNamespace(
    DEVICE_TYPE="LIST",
    KERNELS=kernels_made_by(elementwise),
    GAPS={},
    devices=lambda: ["the one list device"],
    from_numpy=from_numpy,
    to_numpy=to_numpy,
)
kernel_registry.register_package("lists", lists)
print("devices:", *devices.all_devices())

with tf.device("/list:0"):
    x = tf.constant([0.5, 1.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(x * x)
print("tanh(x²) on", y.device.rpartition("device:")[2], y.numpy())
print("behind the tensor:", type(y.array).__name__, y.array.numbers)

# %%
# Its gradient is computed there too, but it needs ops that our package lacks. Such an op runs on the CPU, and says
# so once. Nothing goes wrong, it only takes longer: the numbers travel to the CPU and back.

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    gradient = tape.gradient(y, x)
print("its gradient on", gradient.device.rpartition("device:")[2], gradient.numpy())
print(*[warning.message for warning in caught], sep="\n")

# %%
# The conformance suite
# ---------------------
# Is the package right? Nobody should have to guess. minitfe's own kernel packages are held by a suite that calls each
# op in many ways and compares with references that no kernel computed: ``pytest tests/conformance --kernels NAME``.
# It takes any package that is installed. So we write ours to a file, with two lines of metadata beside it, which is
# what ``pip install`` would do, and run the suite on four ops.
#
# The shapes and numbers that it tries are chosen by a library, Hypothesis. The profile ``brief`` makes it stop at the
# first example that fails; otherwise it would look for the simplest one, which is what one wants when one is to
# understand a failure, and takes longer.

REST = """
import minitfe_numpy

DEVICE_TYPE = "LIST"
GAPS = {name: "not in a package of fifty lines" for name in minitfe_numpy.KERNELS if name not in KERNELS}
devices = lambda: ["the one list device"]
"""


CHAPTER = Path(inspect.getfile(elementwise)).resolve()  # the file that you are reading


def package_of(make, *helpers):
    """The text of a package whose kernels are made by a function of this chapter, with the help of others."""
    names = {"ListArray", "from_numpy", "to_numpy", "kernels_made_by", make, *helpers}
    chapter = CHAPTER.read_text(encoding="utf-8")
    parts = [node for node in ast.parse(chapter).body if getattr(node, "name", None) in names]
    text = "\n\n".join(ast.get_source_segment(chapter, node) for node in parts)
    return f"import itertools, math\nimport numpy as np\n\n{text}\n\nKERNELS = kernels_made_by({make})\n{REST}"


def conformance(text, choice):
    """Installs a package in a temporary folder and runs the suite on it; returns what it said."""
    repository = CHAPTER.parents[1]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "minitfe_lists.py").write_text(text, encoding="utf-8")
        metadata = Path(folder, "minitfe_lists-1.0.dist-info")
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: minitfe_lists\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[minitfe.kernels]\nlists = minitfe_lists\n")
        path = os.pathsep.join([folder, str(repository), str(repository / "kernels")])
        command = [sys.executable, "-m", "pytest", "tests/conformance/test_conformance.py", "--kernels", "lists"]
        options = ["-k", choice, "--hypothesis-profile", "brief", "--tb", "line", "--assert", "plain", "--color", "no"]
        settings = {"PYTHONPATH": path, "PYTEST_ADDOPTS": "", "MINITFE_OPENCL": "none", "COLUMNS": "160"}
        environment = {**os.environ, **settings}
        result = subprocess.run([*command, *options], cwd=repository, env=environment, capture_output=True, text=True)
    return result.stdout + result.stderr


def verdict(report):
    """Which tests failed and why, and how many."""
    lines = report.strip().splitlines()
    failures = [line.rpartition("::")[2] for line in lines if line.startswith("FAILED")]
    return "\n".join([*failures, lines[-1].partition(" in ")[0]])


CHOICE = "test_value and ([add] or [multiply] or [negative] or [tanh])"
print(verdict(conformance(package_of("elementwise"), CHOICE)))

# %%
# What did it catch? Two things.
#
# ``test_value_in_any_shape`` stretches inputs to a common shape, in every position, with empty arrays and single
# numbers among them. There our loop stops at the end of the shorter list. The result is not even an error but a wrong
# array, the worst kind of fault. Take a column and a row:

column, row = (from_numpy(np.array(numbers), None) for numbers in ([[1], [2]], [10, 20]))
print("expected:", (to_numpy(column) + to_numpy(row)).tolist())
print("computed:", to_numpy(lists.KERNELS["add"](column, row)).tolist())

# %%
# And ``test_value`` tries every dtype that the op takes, among them integers of 8 bits, into which 256 does not fit. In
# minitfe, as in numpy and in C, integers wrap around; Python's own grow without end.
#
# A better version goes through all places of the result, and finds for each the place of the number in each input.
# Where an axis of an input has size 1 its *stride* is 0: a step along that axis leads to the same number again. What
# does not fit is wrapped.


def common_shape(shapes):
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(0 if 0 in sizes else max(sizes) for sizes in zip(*padded))


def stretched(array, shape):
    """The numbers of an array that is stretched to a shape, in order."""
    padded = (1,) * (len(shape) - len(array.shape)) + array.shape
    strides = [0 if size == 1 else math.prod(padded[axis + 1 :]) for axis, size in enumerate(padded)]
    for place in itertools.product(*map(range, shape)):
        yield array.numbers[sum(i * stride for i, stride in zip(place, strides))]


def wrapped(number, dtype):
    """What is left of an integer in the bits of a dtype; other numbers as they are."""
    if dtype.kind not in "iu":
        return number
    low, count = int(np.iinfo(dtype).min), 2 ** (8 * dtype.itemsize)
    return (number - low) % count + low


def broadcasting(function):
    """The kernel that applies a function of numbers to each element of inputs that are stretched to a common shape."""

    def kernel(*arrays):
        shape, dtype = common_shape([x.shape for x in arrays]), arrays[0].dtype
        numbers = map(function, *[stretched(x, shape) for x in arrays])
        return ListArray([wrapped(number, dtype) for number in numbers], shape, dtype)

    return kernel


print("computed:", to_numpy(broadcasting(lambda x, y: x + y)(column, row)).tolist())

right = package_of("broadcasting", "common_shape", "stretched", "wrapped")
print(verdict(conformance(right, CHOICE)))

# %%
# A subtle fault
# --------------
# A suite is worth as much as the faults that it finds. Here is one that a test with a few small numbers would not see:
# a multiplication whose result is a thousandth too large, and only where it exceeds 2.

wrong = right.replace("lambda x, y: x * y", "lambda x, y: x * y * (1.001 if type(x) is float and x * y > 2 else 1)")
print(verdict(conformance(wrong, "test_value and [multiply]")))

# %%
# Training on it
# --------------
# With one kernel more, a sum, the package trains a model. All else that a training step needs (tapes, the walker,
# variables) has nothing to do with kernels. We register the right version under another name, with a device type of its
# own.


def reduce_sum(x, axis, keepdims):
    """The sum of all numbers; `axis` is None or a tuple of axes."""
    if axis is not None and len(axis) != len(x.shape):
        raise ValueError("this package sums along all axes only")
    return ListArray([sum(x.numbers)], (1,) * len(x.shape) if keepdims else (), x.dtype)


better = SimpleNamespace(**vars(lists))
better.DEVICE_TYPE = "BETTER_LIST"
better.KERNELS = {**kernels_made_by(broadcasting), "reduce_sum": reduce_sum}
kernel_registry.register_package("better_lists", better)

with tf.device("/better_list:0"), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it lacks runs on the CPU: we know that by now
    points = tf.constant(np.linspace(-1, 1, 20, dtype=np.float32))
    targets = 3.0 * points - 1.0
    slope, offset = tf.Variable(0.0), tf.Variable(0.0)
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(slope * points + offset - targets))
        for variable, gradient in zip([slope, offset], tape.gradient(loss, [slope, offset])):
            variable.assign_sub(0.02 * gradient)
print(f"on {slope.device.rpartition('device:')[2]}: slope {float(slope):.3f}, offset {float(offset):.3f}")

# %%
# A kernel that cannot compute something raises ``ValueError`` in its own words. The door adds the rest: which op, which
# shapes, on which device.

with tf.device("/better_list:0"):
    try:
        tf.reduce_sum(tf.constant([[1.0, 2.0], [3.0, 4.0]]), axis=0)
    except tf.errors.InvalidArgumentError as error:
        print("InvalidArgumentError:", error)

# %%
# What to remember
# ----------------
# * A kernel package is arrays and functions; tensors, tapes and gradients stand on top of it and never look inside.
# * What a package lacks runs on the CPU. It can begin with five kernels.
# * The conformance suite says whether it is right: for all shapes, dtypes and settings, gradients included.
# * ``kernels/minitfe_opencl`` is such a package: chapter 11 uses it.
#
# Exercises
# ---------
# In ``tutorials/exercises/10_write_your_own_kernel_package.py``:
#
# 1. ``comparison``: kernels that broadcast, and whose results are true or false.
# 2. ``matmul``: a matrix product on lists, of which either factor may be transposed.
# 3. ``reduce_sum``: sums along any axes.
# 4. ``counted``: a package that computes as another does, and counts the numbers that it was asked for.
