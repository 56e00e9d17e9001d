"""
3. Record and replay
====================

To differentiate a program, write down what it does, then go through the notes backwards. This chapter builds a tape of
our own in sixty lines of Python, and looks closely at the one thing that could go wrong: the order. Then it opens
minitfe's ``GradientTape`` and finds the same four parts.
"""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()

# %%
# A tape of our own
# -----------------
# Four parts. A **value** that knows its operators. A table of **rules**: for each op its kernel and one partial
# derivative per input, as a function of ``g``, the gradient of the final result with respect to the op's output.
# A **door**, through which every op passes and which keeps a record. And a **walker**, which goes through the
# records backwards.

RULES = {
    "add": (np.add, [lambda g, x, y: g, lambda g, x, y: g]),
    "subtract": (np.subtract, [lambda g, x, y: g, lambda g, x, y: -g]),
    "multiply": (np.multiply, [lambda g, x, y: g * y, lambda g, x, y: g * x]),
    "sin": (np.sin, [lambda g, x: g * np.cos(x)]),
    "exp": (np.exp, [lambda g, x: g * np.exp(x)]),
}


class Value:
    """A number or array that an op made, or that we start from."""

    def __init__(self, data):
        self.data = np.asarray(data, float)

    def __add__(self, other):
        return door("add", self, other)

    def __sub__(self, other):
        return door("subtract", self, other)

    def __mul__(self, other):
        return door("multiply", self, other)


class Record(NamedTuple):
    """One op applied once."""

    op: str
    inputs: tuple[Value, ...]
    output: Value


records: list[Record] = []


def door(op, *inputs):
    """Computes an op and keeps a record of it."""
    kernel, _ = RULES[op]
    output = Value(kernel(*[x.data for x in inputs]))
    records.append(Record(op, inputs, output))
    return output


def walk(target, order):
    """Returns the gradient of the target with respect to each value, going through the records in an order."""
    gradients = {target: np.ones_like(target.data)}
    for record in order:
        g = gradients.get(record.output)
        if g is None:
            continue  # the target does not depend on this
        _, partials = RULES[record.op]
        for x, partial in zip(record.inputs, partials):
            contribution = partial(g, *[value.data for value in record.inputs])
            gradients[x] = gradients.get(x, 0.0) + contribution
    return gradients


# %%
# That is reverse-mode automatic differentiation, complete. Try z = xy + sin x at x = 2, y = 3, where ∂z/∂x = y +
# cos x and ∂z/∂y = x.

x, y = Value(2.0), Value(3.0)
z = x * y + door("sin", x)
gradients = walk(z, reversed(records))
print("dz/dx =", gradients[x], " by hand:", 3.0 + np.cos(2.0))
print("dz/dy =", gradients[y], " by hand:", 2.0)

# %%
# Note what the walker needs to know of ``x``: its *identity*. ``gradients`` is a dictionary whose keys are
# values, and a value equals itself alone. Two uses of the same ``x`` meet in one entry, where they are added:
# that is the chain rule for several variables,
#
# ::
#
#     ∂z/∂x = Σ ∂z/∂u · ∂u/∂x        for each use u of x
#
# Why backwards is enough
# -----------------------
# A gradient may be passed on only when it is *complete*, that is, when all uses of the value have contributed.
# Take
#
# ::
#
#     b = a + a
#     c = b + b
#
# c is four times a, so dc/da = 4. Let us watch the walker's dictionary as it goes.

records.clear()
a = Value(1.0)
b = a + a
c = b + b
names = {a: "a", b: "b", c: "c"}
for read in range(len(records) + 1):
    state = walk(c, list(reversed(records))[:read])
    print(f"after {read} records:", {names[value]: float(g) for value, g in state.items()})

# %%
# First ``c = b + b`` adds 1 twice to b's gradient. Only then is b's own record met, with the complete 2 in hand,
# and it adds 2 twice. Now the same records in the wrong order:

wrong = walk(c, records)
print("forwards, a's gradient is", wrong.get(a))

# %%
# Read forwards, b's record comes first, finds no gradient for b yet, and passes nothing on. Any order in which
# every use of a value comes before the record that made it would do; such an order is called *topological*. Many
# libraries sort their graph to get one. A tape need not. **An op can only use values that exist already.** So
# each record stands after the records that made its inputs, and read backwards, all uses of a value come by
# before the record that made it. The order in which the program ran, reversed, *is* topological.
#
# What if the walker did not wait for the complete sum? It could follow each use down to the start on its own. The
# result is right, by the distributive law, but a value that is used twice is walked through twice, and so are all
# before it.


def follow(target, g, source, makers):
    """The gradient, one path after the other, and the number of partial derivatives that it took."""
    total, steps = (g if target is source else 0.0), 0
    if target in makers:
        record = makers[target]
        for x, partial in zip(record.inputs, RULES[record.op][1]):
            part, more = follow(x, partial(g, *[value.data for value in record.inputs]), source, makers)
            total, steps = total + part, steps + 1 + more
    return total, steps


lengths, path_steps, tape_steps = range(1, 13), [], []
for length in lengths:
    records.clear()
    top = a
    for _ in range(length):
        top = top + top
    by_paths, steps = follow(top, 1.0, a, {record.output: record for record in records})
    assert by_paths == walk(top, reversed(records))[a] == 2**length
    path_steps.append(steps)
    tape_steps.append(2 * len(records))

figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
axes.semilogy(lengths, path_steps, "o-", label="path by path")
axes.semilogy(lengths, tape_steps, "s-", label="tape, read backwards")
axes.set(xlabel="doublings: b = a + a, c = b + b, ...", ylabel="partial derivatives computed", xticks=lengths)
axes.legend()
plt.show()
print("12 doublings:", path_steps[-1], "partial derivatives against", tape_steps[-1])

# %%
# The number of paths doubles with each line; the number of records grows by one. That is the whole trick of
# reverse mode: the gradient with respect to *all* inputs costs about as much as a few runs of the program.
#
# minitfe's tape
# --------------
# The same four parts: ``Tensor`` is the value, each op has its rules, ``execute`` is the door, and
# ``backpropagate`` the walker. The tape itself is the list of records, with one addition. It records only what
# depends on the tensors it *watches*.

x = tf.constant(2.0)
y = tf.constant(3.0)
with tf.GradientTape() as tape:
    tape.watch(x)
    unrelated = y * y
    z = x * y + tf.sin(x)
print("on the tape:", [operation.op.name for operation in tape.operations])
print("dz/dx =", float(tape.gradient(z, x)))

# %%
# ``y * y`` is not there: nothing of it is watched. The rule for watching is short: an operation with a watched
# input is recorded, and from then on its output is watched as well. So all that depends on x is on the tape, and
# nothing else is.
#
# A target with several elements counts as their sum. That is why the gradient has the shape of the *source*:
# element i says how the sum changes with ``x[i]``.

x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    squares = x * x
print(tape.gradient(squares, x).numpy())

# %%
# One gradient, or several
# ------------------------
# After ``gradient`` a tape is spent: it lets go of its records, and with them of all intermediate results. A tape
# that shall answer more than once is ``persistent``, and keeps them until it is dropped.

x = tf.constant(3.0)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    square = x * x
    fourth = square * square
print("d x²/dx =", float(tape.gradient(square, x)), "  d x⁴/dx =", float(tape.gradient(fourth, x)))
del tape


def show_error(function):
    """Calls a function that fails, and prints the error."""
    try:
        function()
    except Exception as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 100))


with tf.GradientTape() as tape:
    tape.watch(x)
    square = x * x
tape.gradient(square, x)
show_error(lambda: tape.gradient(square, x))

# %%
# Gradients of gradients
# ----------------------
# The gradient rules are written in ops. So while an inner tape is played back, the operations of its rules pass
# through the door, and an outer tape that is still active records them.

x = tf.constant(5.0)
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        cube = x * x * x
    slope = inner.gradient(cube, x)
curvature = outer.gradient(slope, x)
print("x³ =", float(cube), "  3x² =", float(slope), "  6x =", float(curvature))

# %%
# When a gradient is None
# -----------------------
# ``None`` means: as far as this tape knows, the target does not depend on the source. That differs from zero,
# which would be a claim about numbers. There are few reasons, and each can be shown in two lines.

n = tf.constant(3)
x, w = tf.constant(3.0), tf.constant(2.0)
with tf.GradientTape(persistent=True) as tape:
    tape.watch([x, n])
    through_numpy = tf.constant(np.square(x.numpy()))
    stopped = tf.stop_gradient(x) * 2.0
    rounded = tf.round(x)
    counted = n * n
    weighted = w * x
after = x * x

for reason, target, source in [
    ("the source was not watched", weighted, w),
    ("the computation left the tape, through numpy", through_numpy, x),
    ("it was stopped on purpose", stopped, x),
    ("the op has no derivative", rounded, x),
    ("integers have no derivative", counted, n),
    ("it was computed after the tape", after, x),
]:
    print(f"{reason:46}", tape.gradient(target, source))

# %%
# The one that bites in practice is numpy: the tape sees ops, and ``np.square`` is none.
#
# Nobody has to guess. A tape can be asked why, and it answers from its record.

print(textwrap.fill(tape.why_none(rounded, x), 100))
print(textwrap.fill(tape.why_none(weighted, w), 100))
del tape

# %%
# A tape made with ``tf.GradientTape(explain=True)`` warns of such a gradient by itself, with the line of the program
# that is to blame. ``tape.to_text()`` prints what it recorded, and ``tape.to_html("tape.html")`` makes a page that
# steps through it, forward and back.

x = tf.constant(3.0)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    z = x * 3.0 + tf.sin(x)
print(tape.to_text(z))

# %%
# The page *Debugging* of the documentation has more of this.
#
# Variables
# ---------
# A ``tf.Variable`` is a value that can be assigned to. A trainable variable is watched as soon as it is read, so
# nothing needs to be said about it.

v = tf.Variable(2.0, name="v")
with tf.GradientTape() as tape:
    energy = v * v * v
print("d v³/dv =", float(tape.gradient(energy, v)))
v.assign_sub(0.5)
print(v)

# %%
# ``assign_sub`` puts another value in place of the old one. It never writes into the old one: a tape that read
# the variable before still has the value of that moment. Here that matters, since the gradient of v·v at the time
# of reading is needed.

with tf.GradientTape() as tape:
    energy = v * v
    v.assign(100.0)
print("2v at the time of reading:", float(tape.gradient(energy, v)))

# %%
# With variables, learning is four lines: compute a loss under a tape, take the gradients, step against them,
# repeat. Here a line is fitted to noisy points; the true slope is 3, the true offset 2.

generator = np.random.default_rng(7)
inputs = tf.constant(generator.uniform(-1, 1, 100).astype(np.float32))
outputs = 3.0 * inputs + 2.0 + generator.normal(0, 0.3, 100)
slope, offset = tf.Variable(0.0), tf.Variable(0.0)
for step in range(101):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(slope * inputs + offset - outputs))
    for variable, g in zip((slope, offset), tape.gradient(loss, (slope, offset))):
        variable.assign_sub(0.2 * g)
    if step % 25 == 0:
        print(f"step {step:3}  loss {float(loss):.4f}  slope {float(slope):.3f}  offset {float(offset):.3f}")

# %%
# The tape in other clothes
# -------------------------
# ``tfe.gradients_function`` turns a function into the function of its partial derivatives, and
# ``tfe.implicit_gradients`` differentiates with respect to the variables that were read. Both open a tape, call
# your function and play back; in ``minitfe/autodiff/gradient_functions.py`` that takes a few lines each.

power = tfe.gradients_function(lambda base, exponent: base**exponent)
print([round(float(g), 4) for g in power(2.0, 3.0)], " by hand:", [12.0, round(float(8 * np.log(2)), 4)])

# %%
# Exercises
# ---------
# In ``tutorials/exercises/03_record_and_replay.py``:
#
# 1. ``complete_the_rules``: division and tanh for the tape of this chapter.
# 2. ``second_derivative``: two tapes.
# 3. ``minimize``: gradient descent on a variable.
# 4. ``connected``: a function whose gradient is None, repaired.
