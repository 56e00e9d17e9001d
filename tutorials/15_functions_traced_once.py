"""
15. Functions traced once
=========================

``tfe.defun`` gives eager programs the graphs of chapter 14 without placeholders and sessions. A function is called like
any other; the first call writes a graph down, further calls run it. This chapter builds that in twenty lines, then asks
what is frozen at the first call, what makes for another one, and when it pays.
"""

from __future__ import annotations

import logging
import textwrap
import time
from statistics import median

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()

# %%
# A defun of our own
# ------------------
# All parts are there since the last chapter: placeholders for the arguments, a graph that listens while the function is
# called, and a session to run it. What is missing is a memory: which graph belongs to which arguments.


def our_defun(function):
    """Makes a function of tensors run as a graph: one for each combination of dtypes and shapes."""
    traces = {}

    def trace(tensors):
        with tf.Graph().as_default() as graph:
            placeholders = [tf.placeholder(x.dtype, x.shape) for x in tensors]
            result = function(*placeholders)
        return tf.Session(graph=graph).make_callable(result, placeholders)

    def call(*tensors):
        key = tuple((x.dtype.name, *x.shape.as_list()) for x in tensors)
        if key not in traces:
            traces[key] = trace(tensors)
        return tf.constant(traces[key](*[x.numpy() for x in tensors]))

    return call


def length(x):
    print("    Python is at work, on", x)
    return tf.sqrt(tf.reduce_sum(x * x))


ours = our_defun(length)
print("two numbers:", float(ours(tf.constant([3.0, 4.0]))))
print("two others:", float(ours(tf.constant([6.0, 8.0]))))
print("three numbers:", float(ours(tf.constant([1.0, 2.0, 2.0]))))

# %%
# The function was *traced* twice, for two shapes, and the second call ran without it. ``tfe.defun`` is this, with
# variables, gradients and Python arguments thought of. It is used as a decorator, too.

traced = tfe.defun(length)
print("two numbers:", float(traced(tf.constant([3.0, 4.0]))))
print("two others:", float(traced(tf.constant([6.0, 8.0]))))
print("three numbers:", float(traced(tf.constant([1.0, 2.0, 2.0]))))
print(traced.graph_text(tf.constant([3.0, 4.0])))

# %%
# ``graph_text`` shows what was written down: a line for each operation, with dtype and shape of what it makes.
#
# What is frozen
# --------------
# While a function is traced, tensors among its arguments are symbols. Variables are read when the graph runs.
# Everything else is Python, happens now, and what comes of it is frozen in the graph.

factor = 2.0
offset = tf.Variable(10.0)
calls = []
generator = np.random.default_rng(0)


@tfe.defun
def frozen(x):
    calls.append(x)
    return x * factor + offset, x + generator.normal(), x + tf.random_normal([])


def show(numbers):
    print("2 x + 10, numpy's noise, noise of an op:", [round(float(number), 4) for number in numbers])


show(frozen(tf.constant(1.0)))
factor = 3.0
offset.assign(20.0)
show(frozen(tf.constant(1.0)))
print("in the list:", calls)
print(frozen.graph_text())

# %%
# Read it: ``factor`` has become the number 2.0, and numpy's noise a number as well, while the variable is read and
# ``random_normal`` drawn anew in each call. The list got one element, and that is a symbol without a value.
#
# =========================================== ============================================================
# in the function                             in the graph
# =========================================== ============================================================
# an op on tensors                            an operation
# reading or assigning a ``tf.Variable``      an operation, in the order of the program
# ``tf.random_normal``                        an operation: new numbers in each call
# a number, a global, an attribute, a shape   its value when it was traced
# ``np.random``, ``time.time()``, a counter   a constant
# ``print``, ``list.append``                  nothing: it happened while tracing
# an eager tensor from outside                a constant, since it can never change; gradients flow to it
# ``if`` and ``for`` on Python values         the branch that was taken, the loop written out
# =========================================== ============================================================
#
# Another trace
# -------------
# A trace serves for arguments of the same structure, with tensors of the same dtype and shape, and with equal Python
# values. That is a rule of safety: whatever Python could have seen of the arguments is the same.


@tfe.defun
def power(x, n):
    result = x
    for _ in range(n - 1):
        result = result * x
    return result


x = tf.constant(2.0)
for base, exponent in [(x, 3), (x, 3), (x, 5), (tf.constant([2.0, 3.0]), 3), (tf.constant(2.0, tf.float64), 3)]:
    power(base, exponent)
    print(f"{base.dtype.name} {base.shape}, n = {exponent}; traces so far: {len(power.traces)}")

# %%
# Note that the loop over ``range(n - 1)`` is not in the graph; two multiplications are, for n = 3. That is often what
# one wants. But a number that changes in each call means a trace in each call.


@tfe.defun
def decayed(x, step):
    return x * 0.9**step


class Shown(logging.Handler):
    """Prints what is logged."""

    def emit(self, record):
        print(textwrap.fill(f"{record.levelname}: {record.getMessage()}", 100))


logging.getLogger("minitfe").addHandler(Shown())
for step in range(10):
    decayed(x, step)
print("traces:", len(decayed.traces))

# %%
# The cure is to pass what changes as a tensor. Then it is an input of the graph.

decayed = tfe.defun(lambda x, step: x * 0.9**step)
for step in range(10):
    decayed(x, tf.constant(step, tf.float32))
print("traces:", len(decayed.traces))

# %%
# Another frequent cause is a last batch that is smaller than the others; ``dataset.batch(32, drop_remainder=True)``, or
# one more trace, which is no harm.
#
# Decisions by values
# -------------------
# A symbol has no value, so Python cannot choose by it. It says so, and ``tf.cond`` and ``tf.while_loop`` do it.


def show_error(function):
    """Calls a function that fails, and prints the error."""
    try:
        function()
    except Exception as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 100))


@tfe.defun
def halved_in_python(x):
    return x / 2.0 if x > 1.0 else x


@tfe.defun
def halved(x):
    return tf.while_loop(lambda x: x > 1.0, lambda x: x / 2.0, [x])


show_error(lambda: halved_in_python(x))
print([float(halved(tf.constant(number))) for number in (0.7, 5.0, 100.0)], "from", len(halved.traces), "trace")

# %%
# The loop runs as often as the value asks for. A loop of Python's over a fixed number of steps is written out instead:
# it makes a longer graph, and a faster one.
#
# Variables, and methods
# ----------------------
# Variables are caught by reference. An assignment takes place in each call, and a reading after it sees it. A variable
# that the function makes is made in the first call, as layers do.


class Counter:
    """Counts, and says how often it was asked."""

    def __init__(self):
        self.count = tf.Variable(0)

    @tfe.defun
    def next(self, step):
        before = self.count.read_value()
        self.count.assign_add(step)
        return before, self.count.read_value()


counter = Counter()
for _ in range(3):
    print([int(number) for number in counter.next(tf.constant(5))])

# %%
# A model becomes a graph by one line, ``model.call = tfe.defun(model.call)``.
#
# Gradients
# ---------
# For a tape a call is one operation, however much happens inside. Its gradient rule is another traced function, the
# *backward function*, made by the walker going through the graph once.

layers = [tf.layers.Dense(units, activation=tf.tanh) for units in (8, 8, 1)]


@tfe.defun
def network(x):
    for layer in layers:
        x = layer(x)
    return x


points = tf.constant(np.linspace(-1, 1, 12, dtype=np.float32).reshape(6, 2))
with tf.GradientTape() as tape:
    tape.watch(points)
    total = tf.reduce_sum(network(points))
print("on the tape:", [operation.op.name for operation in tape.operations])
through_the_graph = tape.gradient(total, points)
with tf.GradientTape() as tape:
    tape.watch(points)
    total = tf.reduce_sum(network.python_function(points))
print("eagerly:    ", [operation.op.name for operation in tape.operations])
print("largest difference:", float(tf.reduce_max(tf.abs(through_the_graph - tape.gradient(total, points)))))

# %%
# It goes the other way round, too: tape and optimizer can stand inside. Then a whole training step is one graph,
# forward, backward and update together. Here is what was traced, and what is left of it when it runs: passes have gone
# over it, which are the subject of the next chapter.

w = tf.Variable([[1.0], [2.0]], name="w")


@tfe.defun
def step(x, labels):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(x @ w - labels))
    w.assign_sub(0.1 * tape.gradient(loss, w))
    return loss


labels = tf.ones([6, 1])
print("losses:", [round(float(step(points, labels)), 4) for _ in range(4)])
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 6.5), layout="constrained")
step.draw_graph(left)
step.draw_graph(right, passes=True)
left.set_title("as it was traced")
right.set_title("as it runs")
plt.show()

# %%
# What runs in the end is Python again, and can be read: a straight line of numpy's functions, on memory that every call
# uses again. Nothing is decided, looked up or recorded on the way.

print(step.plan_source())

# %%
# What it costs, what it gains
# ----------------------------
# Tracing and planning cost as much as many calls. What they save is the way through the door, for each op of each call.
# So a graph pays for *many small* operations. Where each op works on a million numbers, the door's few microseconds
# do not matter, and only fusing helps.


def chain(x):
    """Forty operations."""
    for _ in range(20):
        x = tf.tanh(x * 0.9)
    return x


def seconds(function, x, repeats):
    """The time of a call."""
    start = time.perf_counter()
    for _ in range(repeats):
        function(x)
    return (time.perf_counter() - start) / repeats


sizes, ratios = [10, 1_000, 100_000], []
for size in sizes:
    x, in_a_graph = tf.zeros([size]), tfe.defun(chain)
    first = seconds(in_a_graph, x, 1)
    turns = [(seconds(in_a_graph, x, 5), seconds(chain, x, 5)) for _ in range(9)]
    graph_time, eager_time = (median(times) for times in zip(*turns))
    ratios.append(graph_time / eager_time)
    print(f"{size:7,} numbers: the first call takes as long as {first / eager_time:.0f} eager ones")

figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
axes.bar([f"{size:,}" for size in sizes], ratios)
axes.axhline(1.0, color="gray")
axes.set(xlabel="numbers in the tensor", ylabel="time / time of eager execution", title="forty operations in a defun")
plt.show()

# %%
# :doc:`/graph_timings` has more of this, and :doc:`/functions` all rules in one place.
#
# What to remember
# ----------------
# * The first call with arguments of a kind traces; others of the kind run what was traced.
# * Python happens while tracing. What must happen in each call must be an op, or a variable.
# * Numbers that change are passed as tensors.
# * A call is one operation for a tape, and has gradients of any order.
# * Put the whole step into the function, not a piece of it.
#
# Exercises
# ---------
# In ``tutorials/exercises/15_functions_traced_once.py``:
#
# 1. ``clipped_step``: a decision by value, inside of a traced function.
# 2. ``dropout``: noise that is not frozen.
# 3. ``few_traces``: batches of any length, and one trace for each power of 2.
# 4. ``train_step``: forward, backward and update in one graph.
