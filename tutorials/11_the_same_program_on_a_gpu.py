"""
11. The same program on a GPU
=============================

A GPU has its own memory, works through a queue of its own, and is in no hurry to answer. Nothing of that shows in a
program's text: devices are chosen around it. This chapter says where tensors lie, where ops run, what waits for what,
how to measure it, and from what size on the trouble pays.
"""

import os

# minitfe reaches GPUs through OpenCL. Where there is none, PoCL lets the CPU play the part of one, which is slower than
# a real one but behaves in the same way. ``all`` allows that; it must be said before minitfe looks for devices.
os.environ.setdefault("MINITFE_OPENCL", "all")

import time
import warnings

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import context, devices, kernel_registry

tf.enable_eager_execution()

# %%
# Which devices there are
# -----------------------
# The CPU is always there. OpenCL's devices come from the kernel package ``minitfe_opencl``, with
# ``pip install minitfe[opencl]``. In a shell, ``minitfe devices`` prints what follows.

print(*tfe.list_devices(), sep="\n")
print(*kernel_registry.package("opencl").describe_devices(), sep="\n")

# %%
# If that was a real GPU: good. If it was a CPU, this chapter compares a CPU with a CPU, once with the numpy kernels and
# once with the OpenCL kernels; what you learn about placement and waiting is the same. If there was no device, the line
# above says what to install. The program then uses the CPU in both roles, so that it runs everywhere.

CPU = "/cpu:0"
GPU = "/gpu:0" if tfe.num_gpus() else CPU


def what_it_is():
    """In plain words, for the titles of figures."""
    if not tfe.num_gpus():
        return "no GPU here: the CPU against itself"
    opencl_device = devices.find(GPU).handle.device
    kind = "a CPU through OpenCL" if opencl_device.type & 2 else "a GPU"
    return f"{opencl_device.name.strip()}, {kind}, against the CPU"


print(what_it_is())

# %%
# Where a tensor is made
# ----------------------
# In the scope ``tf.device`` you say where. Outside of any, new tensors go to the first GPU if there is one. (In
# TensorFlow, too, ``tf.random_normal`` and its like went to the GPU by themselves.)


def place(tensor):
    """The short name of a tensor's device."""
    return tensor.device.rpartition("device:")[2]


with tf.device(CPU):
    a = tf.constant([1.0, 2.0, 3.0])
with tf.device(GPU):
    b = tf.constant([10.0, 20.0, 30.0])
print("a:", place(a), "  b:", place(b), "  made outside of any scope:", place(tf.ones([3])))

# %%
# Copies are made by ``x.gpu()`` and ``x.cpu()``. (``x.gpu()`` where there is no GPU is an error, and lists what there
# is. So here we go by way of a scope: an op runs in the scope, and its inputs are brought there.)

with tf.device(GPU):
    there = tf.identity(a)
print("a copy of a:", place(there), "  and back:", place(there.cpu()))

try:
    a.gpu(7)
except RuntimeError as error:
    print("RuntimeError:", str(error).partition(" Devices")[0])

# %%
# Where an op runs
# ----------------
# 1. In a device scope: there. Inputs that lie elsewhere are copied.
# 2. Otherwise where its inputs are; if one of them lies on a GPU, there.
# 3. Plain numbers and numpy arrays follow the tensor that they meet.

print("b * 2:", place(b * 2), "  a * 2:", place(a * 2), "  a + b:", place(a + b))
with tf.device(CPU):
    print("a + b in the CPU's scope:", place(a + b))

# %%
# So a program is moved to a GPU by a scope around the part that makes its variables and its data. What is computed from
# these stays with them.
#
# Rule 2 copies without a word, and a copy may cost more than the op. The *device policy* decides whether that is said.
# A program chooses it at its start, as in ``tf.enable_eager_execution(device_policy=tfe.DEVICE_PLACEMENT_WARN)``. We
# change it for one line.

for policy in (tfe.DEVICE_PLACEMENT_SILENT, tfe.DEVICE_PLACEMENT_WARN, tfe.DEVICE_PLACEMENT_EXPLICIT):
    context.set_device_policy(policy)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = f"computed on {place(a + b)}"
        except tf.errors.InvalidArgumentError as error:
            result = f"InvalidArgumentError: {error}"
    print(f"{policy}: {result}", *[f"\n    warning: {w.message}" for w in caught])
context.set_device_policy(tfe.DEVICE_PLACEMENT_SILENT)

# %%
# Some ops have no kernel for the GPU: the size of what ``tf.unique`` returns depends on the numbers, and who wants to
# know it has to wait. Such an op runs on the CPU, its results are copied back, and a warning says so, once per op and
# dtype. ``docs/opencl.rst`` has more about such gaps.

with warnings.catch_warnings(record=True) as caught, tf.device(GPU):
    warnings.simplefilter("always")
    values, _ = tf.unique(tf.constant([3, 1, 3, 3]))
print(values.numpy(), "on", place(values), *[f"\n    warning: {w.message}" for w in caught])

# %%
# Variables, and gradients
# ------------------------
# A variable stays where its first value was put. What is assigned to it is brought there. A copy is an operation with a
# gradient rule, so that a tape leads back across devices; the gradient lies where the variable does.

with tf.device(CPU):
    weights = tf.Variable([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    y = tf.reduce_sum(weights * b)
gradient = tape.gradient(y, weights)
weights.assign_sub(0.01 * gradient)
print("weights:", place(weights), "  y:", place(y), "  gradient:", place(gradient))

# %%
# The same program, twice
# -----------------------
# A network with one hidden layer, trained on handwritten digits. The function does not know about devices. It is called
# in one scope and in the other. Random numbers are the same on every device, since they are computed from the seed and
# a count alone.

digits = load_digits()
images, labels = (digits.data / 16).astype(np.float32), np.eye(10, dtype=np.float32)[digits.target]


def train(steps=40):
    """Returns the loss at each step, and the trained weights."""
    tf.set_random_seed(3)
    x, wanted = tf.constant(images), tf.constant(labels)
    w1, b1 = tf.Variable(tf.random_normal([64, 50], stddev=0.2)), tf.Variable(tf.zeros([50]))
    w2, b2 = tf.Variable(tf.random_normal([50, 10], stddev=0.2)), tf.Variable(tf.zeros([10]))
    losses = []
    for _ in range(steps):
        with tf.GradientTape() as tape:
            logits = tf.matmul(tf.nn.relu(tf.matmul(x, w1) + b1), w2) + b2
            # The cross entropy: log Σ exp(logits), less the logit of the right class.
            loss = tf.reduce_mean(tf.reduce_logsumexp(logits, 1) - tf.reduce_sum(logits * wanted, 1))
        variables = [w1, b1, w2, b2]
        for variable, gradient in zip(variables, tape.gradient(loss, variables)):
            variable.assign_sub(0.5 * gradient)
        losses.append(loss)
    return [float(loss) for loss in losses], w1


curves, trained = {}, {}
for name, where in {"CPU": CPU, "GPU": GPU}.items():
    with tf.device(where), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        train(1)  # kernels are compiled when they are first used
        start = time.perf_counter()
        curves[name], trained[name] = train()
        print(f"{name}: {place(trained[name])}, loss {curves[name][-1]:.4f}, {time.perf_counter() - start:.2f} s")

difference = np.abs(trained["CPU"].numpy() - trained["GPU"].numpy()).max()
print(f"the largest difference of a weight: {difference:.0e}, of weights up to {trained['CPU'].numpy().max():.1f}")

figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
axes.plot(curves["CPU"], "-", linewidth=4, alpha=0.4, label="CPU")
axes.plot(curves["GPU"], "--", color="black", label=GPU)
axes.set(xlabel="step", ylabel="loss", title="One program, two devices, one curve")
axes.legend()
plt.show()

# %%
# The results are equal up to rounding. Both devices compute in float32; they add the numbers of a sum in different
# orders, so that last digits differ. On one device the same program gives the same bits every time.
#
# Notice that ``train`` keeps the losses as tensors, and turns them into numbers at the end. To see why, we must know
# what waits.
#
# Queued work
# -----------
# A call of an op on a GPU puts a kernel into the device's queue and returns. What it returns is a tensor whose numbers
# are yet to be computed. Its shape and dtype are known, so Python goes on and queues the next. Only who wants to see
# numbers waits: ``x.numpy()``, ``float(x)``, ``print(x)``, ``if x > 0``, and ``x.cpu()``.
#
# That makes it easy to measure nonsense. A stopwatch around an op measures how long it takes to *ask* for the work.

with tf.device(GPU):
    matrix = tf.random_normal([700, 700])
    marker = tf.zeros([])


def wait():
    """Returns when the GPU has done all that was asked of it: the queue keeps the order, and reading comes last."""
    marker.numpy()


tf.matmul(matrix, matrix)
wait()
start = time.perf_counter()
for _ in range(5):
    product = tf.matmul(matrix, matrix)
asked = time.perf_counter() - start
wait()
done = time.perf_counter() - start
print(f"asked for after {1e3 * asked:.1f} ms, done after {1e3 * done:.1f} ms")

# %%
# (With no GPU the two times are alike: the numpy kernels return when they are done.)
#
# Four rules follow.
#
# * Measure with a wait before the first and before the second look at the clock.
# * Leave the first call out. Kernels are compiled when they are first used, which takes tenths of a second.
# * Take the best of several rounds. What is slower was disturbed by something else.
# * Do not look at numbers in every step. Each ``float(loss)`` empties the queue: the GPU finishes, then stands still
#   until Python has asked for something again.
#
# Where it starts to pay
# ----------------------
# Asking costs some microseconds, whatever the size. So a GPU loses for small arrays, and wins where there is enough to
# do. Where that is depends on the op and on the device, so we measure it, for square matrices of growing size.
#
# The CPU's side gets one core. Most numpy kernels use no more; matrix products would, but then their threads wait for
# each other, and on a busy machine one measures mostly that. Whoever has eight idle cores may divide the curve of
# ``matmul`` by up to eight.


def seconds(function):
    """The time of one call: the best of several rounds, each with a wait at its end."""
    function()
    calls, rounds, end = 1, [], time.perf_counter() + 0.06
    while len(rounds) < 3 or time.perf_counter() < end:
        wait()
        start = time.perf_counter()
        for _ in range(calls):
            function()
        wait()
        taken = time.perf_counter() - start
        if taken < 0.002 and calls < 256:
            calls *= 4  # too short to be measured: begin again with more
        else:
            rounds.append(taken / calls)
    return min(rounds)


def there_and_back(x):
    """An addition on the GPU, of numbers that come from the CPU, and whose sum is wanted there."""
    with tf.device(GPU):
        total = x + x
    return total.cpu()


def cases(side):
    """By name, what to do on the CPU and what to do on the GPU."""
    with tf.device(CPU):
        x = tf.random_normal([side, side])
    with tf.device(GPU):
        y = tf.identity(x)
    return {
        "matmul": (lambda: tf.matmul(x, x), lambda: tf.matmul(y, y)),
        "tanh": (lambda: tf.tanh(x), lambda: tf.tanh(y)),
        "add": (lambda: x + x, lambda: y + y),
        "add, there and back": (lambda: x + x, lambda: there_and_back(x)),
    }


sides = [8, 32, 128, 256, 512, 1024]
ratios = {}
with threadpool_limits(1):
    for side in sides:
        for name, (on_the_cpu, on_the_gpu) in cases(side).items():
            ratios.setdefault(name, []).append(seconds(on_the_cpu) / seconds(on_the_gpu))

figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
for (name, values), style in zip(ratios.items(), ("o-", "s-", "^-", "v:")):
    axes.loglog([side**2 for side in sides], values, style, label=name)
axes.axhline(1, color="black", linewidth=0.8)
axes.set(xlabel="elements of the result", ylabel="time on one CPU core / time on the GPU", title=what_it_is())
axes.legend()
plt.show()

print(f"{'elements':>20}", *[f"{side**2:8}" for side in sides])
for name, values in ratios.items():
    print(f"{name:>20}", *[f"{value:8.2f}" for value in values])

# %%
# Above the line the GPU wins. What the curves have in common:
#
# * On the left all lie far below the line. That is the price of asking: numpy is done before a kernel has been queued.
# * They rise with the size, until the work outweighs the asking.
# * An addition does little with each number that it fetches and mostly waits for memory; ``tanh`` does more, and
#   ``matmul`` most. The more there is to do per number, the more a GPU has to offer.
# * The way there and back costs more than an addition can bring in, at any size. So data should stay on the device.
#
# On a GPU the curves end far above the line. On a CPU through OpenCL they end near it: it is the same processor with
# another compiler, and with all its cores. And a figure is one machine on one day: if other programs were running, you
# see them too.
#
# What to remember
# ----------------
# * Where tensors and variables are made decides where a program runs; a scope around that is all it takes.
# * Ops run where their inputs are. Between devices numbers are copied, and gradients find the way back.
# * A GPU works through a queue. Reading a number waits for it, and nothing else does.
# * Few large ops, on data that stays where it is: that is what a GPU is for.
#
# Exercises
# ---------
# In ``tutorials/exercises/11_the_same_program_on_a_gpu.py``, for which no GPU is needed:
#
# 1. ``bring_together``: tensors from anywhere, on the device of the first one.
# 2. ``on_device``: a decorator that sends a function to a device and its result home.
# 3. ``seconds``: an honest stopwatch.
# 4. ``train``: a loop that reads its losses only now and then.
