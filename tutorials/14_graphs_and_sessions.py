"""
14. Graphs and sessions
=======================

Before there was eager execution, every TensorFlow program came in two parts: the first wrote down what should be
computed, the second had it computed, over and over. ``import minitfe as tf`` still begins that way, until a program
calls ``tf.enable_eager_execution()``. This chapter writes a graph of our own in thirty lines, opens minitfe's, and
trains a model twice with one and the same function.
"""

from __future__ import annotations

import textwrap
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.picture import draw
from minitfe.graph.program import Program

tf.enable_eager_execution()

# %%
# A graph of our own
# ------------------
# In chapter 3 every op passed through a *door*, which computed it and kept a record. Leave out the computing, and what
# remains is a graph: records of what is to be done. A value is then no number any more, but a *symbol*, the place of a
# number that will come.


class Symbol:
    """The place of a value."""

    def __init__(self, name):
        self.name = name

    def __add__(self, other):
        return door("add", self, other)

    def __mul__(self, other):
        return door("multiply", self, other)


class Record(NamedTuple):
    """One op to be applied."""

    op: str
    inputs: tuple[Any, ...]
    output: Symbol


KERNELS = {"add": np.add, "multiply": np.multiply, "sin": np.sin}
records: list[Record] = []


def door(op, *inputs):
    """Writes down an op, and computes nothing."""
    output = Symbol(f"{op}_{len(records)}")
    records.append(Record(op, inputs, output))
    return output


# %%
# Now any function that uses these operators can be called with symbols. The call leaves a graph behind.


def curve(x):
    print("Python is at work")
    return door("sin", x * x) + x * 3.0


x = Symbol("x")
y = curve(x)
for record in records:
    print(f"{record.output.name} = {record.op}({', '.join(getattr(i, 'name', str(i)) for i in record.inputs)})")

# %%
# To run it, give values to some symbols, and go through the records. Only those are needed from which the wanted value
# is made. They are found by reading backwards: each use of a value comes by before the record that makes it.


def run(wanted, feeds):
    """Returns the value of a symbol, from the values of others."""
    needed, steps = {wanted}, []
    for record in reversed(records):
        if record.output in needed and record.output not in feeds:
            needed.update(record.inputs)
            steps.append(record)
    values = dict(feeds)
    for record in reversed(steps):
        values[record.output] = KERNELS[record.op](*[values.get(i, i) for i in record.inputs])
    return values[wanted]


print("at 0, 1, 2:", [float(run(y, {x: number})) for number in (0.0, 1.0, 2.0)])
print("by hand:   ", [float(np.sin(number**2) + 3 * number) for number in (0.0, 1.0, 2.0)])

# %%
# The text "Python is at work" stands up there once. The three runs did not call ``curve``. That is the whole idea:
# **one function, built once, run many times.** Whoever runs the graph need not know Python, and could do it on another
# machine, or look at the whole of it first and find a better way.
#
# minitfe's graph
# ---------------
# The door is ``execute``. It asks who is listening. In eager execution that is nobody, and it calls the kernel. In the
# scope of ``graph.as_default()`` a graph listens and takes a note. In a program that never calls
# ``tf.enable_eager_execution()`` there is always one, and the scope need not be written.


def loss_of(x, labels, w):
    """The mean squared error of a linear model. It says nothing of graphs."""
    difference = tf.subtract(tf.matmul(x, w), labels, name="difference")
    return tf.reduce_mean(tf.square(difference))


numbers = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
targets = np.array([[1.0], [2.0]], np.float32)
weights = np.array([[0.5], [-1.0]], np.float32)

print("eagerly:", loss_of(tf.constant(numbers), targets, weights))

graph = tf.Graph()
with graph.as_default():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    labels = tf.placeholder(tf.float32, [None, 1], name="labels")
    loss = loss_of(x, labels, weights)
print("in a graph:", loss)

# %%
# The same function, called twice. The second time it returned a tensor without a value: the name of the operation that
# makes it, dtype and shape. This is what it left behind.

for operation in graph.get_operations():
    print(f"{operation.name:10} {operation.type:12} {operation.outputs[0].shape}")

figure, axes = plt.subplots(figsize=(5, 4.2), layout="constrained")
draw(Program([], graph.operations, [loss], {}), axes, "loss_of(x, labels, w)")
plt.show()

# %%
# ``None`` in a placeholder's shape is a size that will be known later; it is printed as a question mark. The shape
# rules of the ops work with it. So what cannot fit is found when the graph is built: the error comes from the line that
# is wrong, and not from the middle of a run.


def show_error(function):
    """Calls a function that fails, and prints the error."""
    try:
        function()
    except Exception as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 100))


with graph.as_default():
    show_error(lambda: tf.matmul(x, x))
    show_error(lambda: tf.matmul(x, tf.zeros([3, 1])))

# %%
# The first line printed nothing: a product of x with itself fits where x has two rows, and nobody knows yet. The second
# can never fit.
#
# Feed and fetch
# --------------
# A **session** runs a graph. You say what you want to have, the *fetches*, and give values to what it depends on, the
# *feeds*. Back come numpy arrays.

with tf.Session(graph=graph) as session:
    print("loss:", session.run(loss, feed_dict={x: numbers, labels: targets}))
    several = session.run({"loss": loss, "product": "MatMul:0"}, {x: numbers, labels: targets})
    print("two fetches:", several["loss"], several["product"].tolist())

# %%
# Fetches can be nested, and a name serves as well as a tensor. Only what is needed runs: for the product alone no
# labels are needed, and a feed may stand in the middle of the graph.

with tf.Session(graph=graph) as session:
    print("without labels:", session.run("MatMul:0", {x: numbers}).tolist())
    print("the difference given:", session.run(loss, {"difference:0": targets}))
    show_error(lambda: session.run(loss, {x: numbers}))

# %%
# What a graph cannot do
# ----------------------
# Python ran once, with symbols. So Python cannot decide by values: there were none.


def root(a):
    """Newton's method, as long as it is worth it."""
    guess = a
    while abs(guess * guess - a) > 1e-5:
        guess = (guess + a / guess) / 2.0
    return guess


print("eagerly:", float(root(tf.constant(2.0))))
with tf.Graph().as_default():
    show_error(lambda: root(tf.placeholder(tf.float32, [])))

# %%
# Decisions must be operations themselves: ``tf.cond`` and ``tf.while_loop`` are given functions, write down what these
# do, and choose at run time. They work eagerly as well, and there they are Python's own statements.


def root_in_ops(a):
    """The same, with a loop that a graph understands."""
    return tf.while_loop(lambda guess: tf.abs(guess * guess - a) > 1e-5, lambda guess: (guess + a / guess) / 2.0, [a])


print("eagerly:", float(root_in_ops(tf.constant(2.0))))
with tf.Graph().as_default(), tf.Session() as session:
    a = tf.placeholder(tf.float32, [])
    guess = root_in_ops(a)
    slope = tf.gradients(guess, a)[0]
    for number in (2.0, 100.0):
        print("in a graph:", *session.run([guess, slope], {a: number}), " by hand:", number**0.5, 0.5 / number**0.5)

# %%
# Variables live in sessions
# --------------------------
# A graph is a plan, and a plan has no memory. A variable in it is a *handle*: an operation that stands for the place
# where a value is kept. The places belong to the session. Two sessions of one graph share nothing.

graph = tf.Graph()
with graph.as_default():
    counter = tf.Variable(0, name="counter")
    count = counter.assign_add(1)
    start = tf.global_variables_initializer()

first, second = tf.Session(graph=graph), tf.Session(graph=graph)
show_error(lambda: first.run(counter))
first.run(start)
second.run(start)
print("first: ", [int(first.run(count)) for _ in range(5)])
print("second:", [int(second.run(count)) for _ in range(2)])

# %%
# The initial value is part of the graph as well: a random one is drawn when the initializer runs. And an assignment is
# an operation like others. Nothing happens when Python passes the line ``counter.assign_add(1)``; it happens in each
# run that needs it. An operation that nobody needs does not run. To have it run anyway, say so:

with graph.as_default():
    with tf.control_dependencies([count]):
        after = counter.read_value() * 10
    print("read after counting:", [int(first.run(after)) for _ in range(3)])
first.close()
second.close()

# %%
# Gradients: the walker writes
# ----------------------------
# A graph holds the very records that a tape keeps, and the gradient rules are written in ops. So nothing new is needed
# for ``tf.gradients``: the same walker goes back through the graph, and as a graph is listening, what it does is
# written down.

graph = tf.Graph()
with graph.as_default():
    x = tf.placeholder(tf.float32, [None], name="x")
    y = tf.reduce_sum(tf.sin(x) * x)
    forward = len(graph.get_operations())
    slope = tf.gradients(y, x)[0]
    backward = len(graph.get_operations()) - forward
    curvature = tf.gradients(slope, x)[0]
print(f"{forward} operations forward, {backward} more for the gradient:")
print(*[operation.name for operation in graph.get_operations()[forward : forward + backward]], sep="\n")

angles = np.linspace(-1, 1, 3)
with tf.Session(graph=graph) as session:
    found = session.run([slope, curvature], {x: angles})
print("y' ", found[0], " by hand:", np.cos(angles) * angles + np.sin(angles))
print("y''", found[1], " by hand:", 2 * np.cos(angles) - angles * np.sin(angles))

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained", width_ratios=[1, 2])
draw(Program([], graph.operations[:forward], [y], {}), left, "y")
draw(Program([], graph.operations[: forward + backward], [slope], {}), right, "with its gradient")
plt.show()

# %%
# The difference to a tape: a tape knows what happened, and this walker knows what is going to happen. So it needs no
# ``watch``. Any two tensors of the graph may be asked about, at any time.
#
# The same model, trained twice
# -----------------------------
# Now the promise of the beginning. One function makes the model's loss, and one optimizer serves both worlds.

generator = np.random.default_rng(7)
points = generator.uniform(-2, 2, (200, 1)).astype(np.float32)
heights = np.sin(points) + generator.normal(0, 0.1, (200, 1)).astype(np.float32)
beginning = {"inner": generator.normal(size=(1, 16)).astype(np.float32), "outer": np.zeros((16, 1), np.float32)}
STEPS = 200


class Model:
    """Sixteen units between a number and a number."""

    def __init__(self):
        self.inner = tf.Variable(beginning["inner"], name="inner")
        self.bias = tf.Variable(np.linspace(-2, 2, 16, dtype=np.float32), name="bias")
        self.outer = tf.Variable(beginning["outer"], name="outer")

    def loss(self, x, labels):
        return tf.losses.mean_squared_error(labels, tf.tanh(x @ self.inner + self.bias) @ self.outer)


def train_eagerly():
    model, optimizer = Model(), tf.train.GradientDescentOptimizer(0.1)
    losses = []
    for step in range(STEPS):
        at = step * 20 % 200
        with tf.GradientTape() as tape:
            loss = model.loss(tf.constant(points[at : at + 20]), heights[at : at + 20])
        variables = [model.inner, model.bias, model.outer]
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        losses.append(float(loss))
    return losses


def train_in_a_graph():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 1])
        labels = tf.placeholder(tf.float32, [None, 1])
        model, optimizer = Model(), tf.train.GradientDescentOptimizer(0.1)
        loss = model.loss(x, labels)
        step_op = optimizer.minimize(loss)
        session.run(tf.global_variables_initializer())
        losses = []
        for step in range(STEPS):
            at = step * 20 % 200
            feeds = {x: points[at : at + 20], labels: heights[at : at + 20]}
            losses.append(float(session.run([loss, step_op], feeds)[0]))
        return losses


eager_losses, graph_losses = train_eagerly(), train_in_a_graph()
figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
axes.semilogy(eager_losses, linewidth=4, alpha=0.4, label="eagerly")
axes.semilogy(graph_losses, linewidth=1, color="black", label="in a graph")
axes.set(xlabel="step", ylabel="loss of the batch")
axes.legend()
plt.show()
print("last losses:", eager_losses[-1], graph_losses[-1])
print("largest difference of all:", max(abs(a - b) for a, b in zip(eager_losses, graph_losses)))

# %%
# Not only alike: the same numbers, since the same kernels ran in the same order. ``Model`` did not change at all. What
# differs is the loop around it: eagerly, Python goes through the model in each step; with a graph it went once, and the
# loop only feeds.
#
# That is what makes graphs fast. What a session runs for the second time it compiles, to a straight line of calls of
# numpy's functions, and before that it looks for operations that can be left out. The next two chapters are about both,
# and :doc:`/graph_timings` has figures.
#
# Python inside of a graph
# ------------------------
# Sometimes one step of a graph is easier said in Python: printing, a debugger, a loop that nobody wants to write in
# ops. ``tfe.py_func`` makes an operation of a function of eager tensors. The graph calls it in each run, with values.
# And as a tape watches inside, gradients find their way through.


def root_with_a_report(a):
    """Newton's method as we wrote it first: with Python's own while, and eager tensors."""
    result = root(a)
    print(f"    the root of {float(a)} is {float(result):.6f}")
    return result


with tf.Graph().as_default(), tf.Session() as session:
    a = tf.placeholder(tf.float32, [])
    y = tfe.py_func(root_with_a_report, [a], tf.float32) * 10.0
    slope = tf.gradients(y, a)[0]
    print(*session.run([y, slope], {a: 2.0}), " by hand:", 10 * 2**0.5, 5 / 2**0.5)

# %%
# ``tf.py_func`` does the same with numpy arrays, and has no gradient. Such a graph needs the Python process that built
# it; it cannot be stored and run elsewhere.
#
# Which of the two?
# -----------------
# ================================== ========================= ===================================================
# \                                  eager execution           graph and session
# ================================== ========================= ===================================================
# a value can be looked at           at once, in a debugger    when it is fetched
# ``if`` and ``while`` on values     Python's                  ``tf.cond``, ``tf.while_loop``
# shapes that do not fit             error in the line         error when the graph is built, in the line
# a variable's value belongs to      the Python object         the session
# gradients                          of what a tape recorded   of any tensor of the graph
# can be looked at as a whole        no                        yes: stored, shown, made faster
# ================================== ========================= ===================================================
#
# Write eagerly, and make a graph where it pays. How that goes without placeholders and sessions is the next chapter.
#
# What to remember
# ----------------
# * A graph is what is left when the door takes notes instead of computing. Python runs once.
# * ``session.run`` computes what the fetches need, from what is fed.
# * Values of variables belong to the session, and nothing happens that is not run.
# * ``tf.gradients`` is the walker of the tapes, and writes more operations.
#
# Exercises
# ---------
# In ``tutorials/exercises/14_graphs_and_sessions.py``:
#
# 1. ``run_several``: our own ``run``, for several wanted symbols, and each record at most once.
# 2. ``fit_line``: variables, ``minimize`` and a session.
# 3. ``collatz``: a loop whose length the graph finds out when it runs.
# 4. ``newton_step``: gradients as part of a graph.
