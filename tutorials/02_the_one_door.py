"""
2. The one door
===============

What happens when Python computes ``x * y`` for two tensors? One function, ``execute``, is called, as for every other
op. It finds a kernel, runs it, and tells whoever listens. Once you have read those fifty lines, devices, tapes and
graphs are three things that happen at the same place. We go through the door by hand, read it, listen at it, and add
an op.
"""

import inspect
import time

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
from minitfe import context, devices, extend
from minitfe.execute import execute
from minitfe.graph.graph import trace
from minitfe.tensor import Tensor

tf.enable_eager_execution()

x = tf.constant([1.0, 2.0, 3.0])
y = tf.constant([4.0, 5.0, 6.0])

# %%
# From the operator to the op
# ---------------------------
# Python turns ``x * y`` into the method call ``x.__mul__(y)``, and that method *is* the function ``tf.multiply``.
# The function has an attribute ``op``.

print(Tensor.__mul__ is tf.multiply)
multiply = tf.multiply.op
print(multiply)

# %%
# An ``Op`` is a name with its rules: which dtypes it takes, whether it broadcasts, how the shape of the result
# follows from the shapes of the inputs, and one gradient rule per input.

print("name:        ", multiply.name)
print("broadcasts:  ", multiply.broadcasts)
print("shape rule:  ", multiply.shape.__name__, multiply.shape((2, 1), (3,)))
print("gradients:   ", {position: rule.__name__ for position, rule in multiply.partials.items()})

# %%
# What is missing is how to *compute* it. That depends on where the numbers are.
#
# From the op to the kernel
# -------------------------
# A tensor is two things: an array, and its home, the device on which the array lies. The device belongs to a
# kernel package, which has a function of the op's name. The table ``op.kernels`` leads from device and dtype to
# that function.

print("array: ", repr(x.array))
print("home:  ", x.home, "of the kernel package", x.home.package_name)
kernel = multiply.kernels[x.home][x.array.dtype]
print("kernel:", kernel)

# %%
# The numpy kernel of ``multiply`` is numpy's own function. With it we can compute the product without the door:
# take the arrays out, run the kernel, wrap the result.

product = Tensor(kernel(x.array, y.array), x.home)
print(product)

# %%
# That is an op, by hand. Which devices are there? Each installed kernel package announces its own. Under ``with
# tf.device(...)`` ops run where you say; without it, where their inputs are.

for device in devices.all_devices():
    print(device.name, "computes with", device.package.__name__)

with tf.device("/cpu:0"):
    print((x + y).device)

# %%
# The door
# --------
# Now read the real one. This is all of it: what follows is printed from ``minitfe/execute.py``.

print(inspect.getsource(execute))

# %%
# Three parts, from top to bottom.
#
# *Who listens?* ``get_listeners`` returns an interpreter, the active tapes and the device scope of this thread.
# If there is an interpreter, it takes over: that is the only line that graphs need.
#
# *Compute.* The device is the scope's or that of the first input. If an input lies elsewhere, ``place`` brings
# it. Then come the two steps that we did by hand: find the kernel, run it. They are written three times, because
# most calls have two inputs or one and no settings, and those two ways are faster than the general one. Whatever a
# kernel raises becomes a named error in ``failure``, which is where chapter 1's messages were made.
#
# *Tell the tapes.* The result is wrapped. Each tape that watches one of the inputs gets an ``Operation``, a
# record of op, inputs, settings and output. A tape that watches none of them costs a look-up in a set for each.
#
# A listener of our own
# ---------------------
# An interpreter is an object with a method ``execute``. This one announces each op, and then computes it as
# usual. The scope ``listening(interpreter=None)`` makes us step aside meanwhile: otherwise we would announce
# ourselves for ever.


class Announcer:
    """An interpreter that says what it is asked to do."""

    def execute(self, op, inputs, attributes):
        with context.listening(interpreter=None):
            output = execute(op, inputs, attributes)
        print(f"{op.name:12} {[t.extents for t in inputs]} -> {output.extents}  {attributes or ''}")
        return output


with context.listening(interpreter=Announcer()):
    variance = tf.reduce_mean(tf.square(x - tf.reduce_mean(x)))
print("variance:", float(variance))

# %%
# Notice what is *not* in the list: no op for ``tf.constant``, since making a tensor is not an operation on
# tensors; and nothing for Python itself. The door sees ops. Of names, loops and functions it knows nothing.
#
# A graph: ops written down
# -------------------------
# A graph is an interpreter too. Instead of computing, it notes the operation, and returns a tensor that has a
# dtype and a shape but no value yet. ``trace`` calls a Python function once, with such placeholders.


def energy(a, b):
    total = a
    for _ in range(2):
        total = total * b + a
    return tf.reduce_sum(total)


def describe(graph):
    """Prints the operations of a graph, with short names for its tensors."""
    names = {}
    for operation in graph.operations:
        inputs = [names.setdefault(t, f"in{len(names)}") for t in operation.inputs]
        for output in operation.outputs:
            names[output] = f"t{len(names)}"
        print(f"{', '.join(names[t] for t in operation.outputs)} = {operation.op.name}({', '.join(inputs)})")


graph, (a, b), total = trace(energy, x, y)
print(a)
describe(graph)

# %%
# The Python loop is gone: the trace holds the five operations that went through the door while the loop ran. It
# can be run again with other numbers, which is where the operations pass through the door a second time, now for
# their values.

print(float(graph.run(total, {a: [1.0, 1.0, 1.0], b: [2.0, 2.0, 2.0]})))
print(float(energy(tf.ones([3]), 2.0 * tf.ones([3]))))

# %%
# A symbolic tensor has no value, and says so. Python's ``if`` would need one.

try:
    bool(a)
except TypeError as error:
    print("TypeError:", str(error).split(". ")[0])

# %%
# It has a shape, but sizes may be left open, so that one graph serves batches of any size. Shape rules reckon with
# that: a size that is not known yet is None to them, and is printed as a question mark.

_, (a, _), _ = trace(energy, x, y, sizes_known=False)
print("a:", a.shape, "  shape rule of multiply:", multiply.shape((None, 3), (3,)))

# %%
# What the door costs
# -------------------
# The kernel is numpy's function; so eager execution is numpy plus the door. We time both over arrays of growing
# size.


def seconds(function, *arguments):
    """The shortest time of one call, out of several rounds of many calls."""
    calls = 200
    rounds = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(calls):
            function(*arguments)
        rounds.append((time.perf_counter() - start) / calls)
    return min(rounds)


sizes = [10**k for k in range(6)]
tensors = [tf.ones([n]) for n in sizes]
with_door = [1e6 * seconds(tf.multiply, t, t) for t in tensors]
kernel_alone = [1e6 * seconds(np.multiply, t.array, t.array) for t in tensors]

figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
axes.loglog(sizes, with_door, "o-", label="tf.multiply")
axes.loglog(sizes, kernel_alone, "s--", label="its kernel alone")
axes.set(xlabel="elements", ylabel="µs per call", title="The door costs the same for every size")
axes.legend()
plt.show()

for n, whole, kernel_time in zip(sizes, with_door, kernel_alone):
    print(f"{n:6} elements: {whole - kernel_time:6.2f} µs of {whole:6.2f} µs are the door's")

# %%
# The distance between the curves is the price of finding the kernel, wrapping the result and asking for tapes. It
# does not grow with the arrays (the last row is mostly the jitter of a long computation), so it matters for small
# ones only. That is why eager programs like *large* ops, and why a graph, which is prepared once, can be faster
# for small ones.
#
# An op of your own
# -----------------
# ``minitfe.extend`` adds an op from outside. It wants the four things that every op has: a kernel, a shape rule,
# gradient rules, and a way to check them. Take
#
# ::
#
#     s(x)  = x² / (1 + x²)
#     s'(x) = 2x / (1 + x²)²
#
# The kernel knows arrays, and is numpy. The gradient rule knows tensors, and is written in ops, so that it has a
# derivative itself and runs on every device. It receives ``g``, the gradient of what is differentiated with
# respect to the output.


def softsquare_kernel(x):
    """x² / (1 + x²), from a numpy array."""
    squared = x * x
    return squared / (1 + squared)


def softsquare_dx(g, x, output):
    """d s(x)/dx = 2x / (1 + x²)²"""
    return g * (2.0 * x / tf.square(1.0 + tf.square(x)))


softsquare = extend.register_op(
    "softsquare",
    kernels={"numpy": softsquare_kernel},
    shape=extend.shapes.same,
    gradients={0: softsquare_dx},
    samples=[extend.Sample(inputs=[extend.Values((2, 3))], reference=lambda x: 1 - 1 / (1 + x**2))],
)

# %%
# From now on it is an op like any other. It computes, tapes record it, graphs hold it, and errors speak of it.

points = tf.constant([-1.0, 0.0, 2.0])
with tf.GradientTape() as tape:
    tape.watch(points)
    heights = softsquare(points)
print("values:", heights.numpy())
print("slopes:", tape.gradient(heights, points).numpy())

graph, _, _ = trace(lambda a: softsquare(a * a), points)
describe(graph)

# %%
# Is the rule right? Compare with a difference quotient, in float64. Chapter 4 says why the step is neither larger
# nor smaller.

step = 1e-5
wide = tf.constant([-1.0, 0.0, 2.0], tf.float64)
quotients = (softsquare(wide + step) - softsquare(wide - step)) / (2 * step)
print(quotients.numpy())

# %%
# The sample has put the op into the table ``extend.SAMPLES``, from which the project's own tests check values
# against the reference, gradients against difference quotients and graphs against eager execution, for every op
# there is.
#
# Parts cannot be forgotten: an op needs a gradient rule, or a reason for having none.

try:
    extend.register_op("nameless", kernels={"numpy": np.sign}, shape=extend.shapes.same)
except tf.errors.InvalidArgumentError as error:
    print(error)

# %%
# Ops are known by name for the whole process, so we take ours away again.

extend.unregister_op("softsquare")

# %%
# Exercises
# ---------
# In ``tutorials/exercises/02_the_one_door.py``:
#
# 1. ``apply_by_hand``: what ``execute`` computes, without calling it.
# 2. ``count_operations``: how often a function uses each op.
# 3. ``Recorder``: a listener that keeps the operations, as a tape does.
# 4. ``register_multiply_add``: an op of three inputs with three gradient rules.
