"""
16. Write an optimization pass
==============================

A graph is a list of operations, and a list can be read and rewritten before it runs. An optimization pass is a function
from one program to another that gives the same results with less work. This chapter writes three, finds out how easily
one is wrong, puts one into ``tfe.defun``, and then goes through those that minitfe has.
"""

from __future__ import annotations

import inspect

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph.passes import PASSES
from minitfe.graph.passes.dead_code import dead_code
from minitfe.graph.picture import draw
from minitfe.graph.plan import Plan
from minitfe.graph.program import is_constant, known_shape, only_number, operation_of, rewritten
from minitfe.graph.text import text_of

tf.enable_eager_execution()

# %%
# A program
# ---------
# What ``tfe.defun`` traced is handed to the passes as a ``Program``: the tensors that go in, operations in order, and
# the tensors that come out. Tensors are symbols here, and an operation has its op, its inputs, attributes and outputs.


def program_of(function, *arrays):
    """The program of a function of tensors like these arrays, as it was traced."""
    traced = tfe.defun(function)
    traced.graph_text(*map(tf.constant, arrays))  # which traces it
    return traced.traces.popitem()[1].traced_program()


def careless(x):
    """What people write, and gradient rules too: not all of it is needed."""
    y = tf.negative(tf.negative(x)) * 1.0
    tf.exp(y)
    return tf.sin(1.0 * y) + x


numbers = np.array([0.0, 1.0, 2.0], np.float32)
program = program_of(careless, numbers)
print(text_of(program))

# %%
# A program is compiled to a plan, as in the last chapter, and run. That is how we shall test: same results before and
# after.


def run(program, *arrays):
    """The results of a program, as arrays."""
    return [y.numpy() for y in Plan(program).run(list(map(tf.constant, arrays)))]


print("it computes", run(program, numbers)[0], " by hand:", np.sin(numbers) + numbers)

# %%
# A first pass, by hand
# ---------------------
# One times x is x. So a multiplication by one can go, if all that read its output read x instead. As we go through the
# operations we keep a dictionary of such *stand-ins*. No operation or tensor is changed: the trace is still needed for
# gradients, and other programs may share them.


def is_one(x):
    """Whether a tensor is a constant with 1 in each element."""
    return is_constant(x) and bool(np.all(x.numpy() == 1))


def without_ones(program):
    """Leaves out multiplications by one."""
    stand_ins, operations = {}, []
    for operation in program.operations:
        operation = operation._replace(inputs=[stand_ins.get(x, x) for x in operation.inputs])
        factors = [x for x in operation.inputs if not is_one(x)]
        if operation.op.name == "multiply" and len(factors) == 1:
            stand_ins[operation.output] = factors[0]
        else:
            operations.append(operation)
    return program._replace(operations=operations, outputs=[stand_ins.get(y, y) for y in program.outputs])


print(text_of(without_ones(program)))

# %%
# Two multiplications less. But is it right?
#
# How to be wrong
# ---------------
# Passes are wrong in the corners: shapes, dtypes, zeros with a sign, infinities. So a test for them uses odd numbers,
# and compares *bits*, since to ``==`` both zeros are equal and NaN is unequal to itself.

ODD = np.array([0.0, -0.0, 1.5, -1e-42, 3e38, np.inf, -np.inf, np.nan], np.float32)


def check(optimize, function, *arrays):
    """Says whether a pass leaves the results of a function as they are, and how many operations it saves."""
    before = program_of(function, *arrays)
    after = optimize(before)
    for x, y in zip(run(before, *arrays), run(after, *arrays)):
        if x.shape != y.shape or x.dtype != y.dtype:
            return f"wrong: {x.dtype} {x.shape} has become {y.dtype} {y.shape}"
        if x.tobytes() != y.tobytes():
            i = [a.tobytes() == b.tobytes() for a, b in zip(x.flat, y.flat)].index(False)
            return f"wrong: {x.flat[i]} has become {y.flat[i]}"
    return f"right, {len(before.operations)} operations have become {len(after.operations)}"


print("x * 1       ", check(without_ones, lambda x: x * 1.0, ODD))
print("x * ones    ", check(without_ones, lambda x: x * np.ones((2, 8), np.float32), ODD))

# %%
# There is the first corner. A tensor of ones may stretch x to its own shape, and then the product is not x. A rule may
# leave an operation out only where shape and dtype stay what they were.
#
# For the second version we use ``rewritten``, which does the work with the stand-ins. It calls a rule for each
# operation. The rule answers with tensors that stand for the outputs, or with operations to put in its place, or with
# None: nothing to do.


def times_one(operation, made):
    """1 x = x"""
    if operation.op.name == "multiply":
        for one, x in (operation.inputs, operation.inputs[::-1]):
            if is_one(one) and known_shape(x) is not None and known_shape(x) == known_shape(operation.output):
                return [x]
    return None


def without_ones(program):
    """Leaves out multiplications by one."""
    return rewritten(program, times_one)


print("x * 1       ", check(without_ones, lambda x: x * 1.0, ODD))
print("x * ones    ", check(without_ones, lambda x: x * np.ones((2, 8), np.float32), ODD))

# %%
# By the same pattern, what everybody knows: x + 0 = x, and 0 · x = 0. Everybody but the processor.


def plus_zero(operation, made):
    """x + 0 = x, or so it seems"""
    x, zero = operation.inputs[0], operation.inputs[-1]
    return [x] if operation.op.name == "add" and is_constant(zero) and only_number(zero) == 0 else None


def times_zero(operation, made):
    """0 x = 0, or so it seems"""
    zero = operation.inputs[-1]
    return [zero] if operation.op.name == "multiply" and is_constant(zero) and only_number(zero) == 0 else None


zeros = np.zeros(8, np.float32)
print("x + 0       ", check(lambda program: rewritten(program, plus_zero), lambda x: x + zeros, ODD))
print("x * 0       ", check(lambda program: rewritten(program, times_zero), lambda x: x * zeros, ODD))

# %%
# The sum of -0 and 0 is 0: a sign is lost that 1/x would show. And infinity times 0 is NaN, which a program may wait
# for. ``minitfe/graph/passes/algebra.py`` has neither rule; it has x - 0 = x and x + (-0) = x, which hold.
#
# A rule that looks back
# ----------------------
# The second argument of a rule says which operation made a tensor. Two negatives cancel:


def twice_negative(operation, made):
    """-(-x) = x"""
    if operation.op.name == "negative":
        maker = made.get(operation.inputs[0])
        if maker is not None and maker.op.name == "negative":
            return [maker.inputs[0]]
    return None


def without_double_negatives(program):
    """Leaves out a negation of a negation."""
    return rewritten(program, twice_negative)


print("-(-x)       ", check(without_double_negatives, lambda x: tf.negative(tf.negative(x)), ODD))

# %%
# Right, but two operations have become one, not none. The inner negation is still there, because somebody else might
# have read it. Nobody does. To find that out is the job of a pass of its own, **dead code**: go through the operations
# backwards, and keep those whose outputs someone needs.


def clean(program):
    """Our passes, one after the other."""
    return dead_code(without_double_negatives(without_ones(program)))


print("-(-x)       ", check(clean, lambda x: tf.negative(tf.negative(x)), ODD))
print("careless    ", check(clean, careless, ODD))

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 5), layout="constrained")
draw(program, left, "before")
draw(clean(program), right, "after")
plt.show()

# %%
# That is why passes are small. Each leaves behind what another one is good at.
#
# A pass that changes the order of things
# ---------------------------------------
# Now one that saves real work. In a network, inputs are often scaled before a matrix product: (c x) W. If c is a number
# and W is smaller than x, then x (c W) is cheaper. So let the scale move over.


def scale_of(x, made):
    """The number and the tensor, where x is their product."""
    maker = made.get(x)
    if maker is not None and maker.op.name == "multiply":
        for number, tensor in (maker.inputs, maker.inputs[::-1]):
            if is_constant(number) and known_shape(number) == ():
                return number, tensor
    return None


def move_scale(operation, made):
    """(c x) W = x (c W)"""
    found = scale_of(operation.inputs[0], made) if operation.op.name == "matmul" else None
    if found is None:
        return None
    (number, x), w = found, operation.inputs[1]
    if None in (known_shape(x), known_shape(w)) or np.prod(known_shape(w)) >= np.prod(known_shape(x)):
        return None
    scaled = operation_of("multiply", [number, w])
    return [scaled, operation._replace(inputs=[x, scaled.output])]


def scales_to_weights(program):
    """Lets scales of first factors become scales of second ones, where these are smaller."""
    return dead_code(rewritten(program, move_scale))


generator = np.random.default_rng(0)
images = generator.integers(0, 256, (500, 784)).astype(np.float32)
weights = generator.normal(size=(784, 10)).astype(np.float32)


def logits(x):
    return tf.matmul(x * (1 / 255), weights)


before = program_of(logits, images)
after = scales_to_weights(before)
print(text_of(before), text_of(after), sep="\n\n")

# %%
# ``operation_of`` makes a new operation with a new output, and asks the op's shape rule for its dtype and shape. The
# last operation of a rule's answer must have the old outputs, so it is a ``_replace`` of the old one.
#
# The scaling touches 7,840 numbers instead of 392,000. But the results are not the same to the bit, since each number
# is rounded at another place:

print("to the bit:", check(scales_to_weights, logits, images))
exact = images.astype(np.float64) / 255 @ weights.astype(np.float64)
for name, result in (("before", run(before, images)[0]), ("after", run(after, images)[0])):
    print(f"{name:6} largest error {np.max(np.abs(result - exact)) / np.max(np.abs(exact)):.1e} of the largest result")

# %%
# Neither is nearer to the truth. A pass of this kind has to *state* what it changes, here: products are rounded in
# another order, with an error of the same size, as long as c W does not leave the range of its dtype. A user may want
# to leave such a pass out, and that is what names are for.
#
# W is constant here, so the product c W is the same in each run. The pass for **constant folding** computes it once and
# for all. A pass of ours is put in by its name, in the dictionary ``PASSES``, in whose order they run.

others = dict(PASSES)
PASSES.clear()
PASSES.update({"scales_to_weights": scales_to_weights, **others})

fast = tfe.defun(logits, passes=["scales_to_weights", "constant_folding"])
fast(tf.constant(images))
print(fast.graph_text(passes=True))

# %%
# The scale has vanished.
#
# The passes of minitfe
# ---------------------
# Each is a page in ``minitfe/graph/passes``, with its tests in ``tests/graph/passes``. To see what each is good for,
# here are three programs: a training step of a network that runs over time, and a second derivative, on a few numbers
# and on many.

recurrent = tf.Variable(generator.normal(size=(8, 8)).astype(np.float32))
inward = tf.Variable(generator.normal(size=(4, 8)).astype(np.float32))
bias = tf.Variable(np.zeros(8, np.float32))


def training_step(sequences):
    with tf.GradientTape() as tape:
        state = tf.zeros([5, 8])
        for x in tf.unstack(sequences, axis=1):
            state = tf.tanh(x @ inward + state @ recurrent + bias)
        loss = tf.reduce_mean(tf.square(state))
    variables = [recurrent, inward, bias]
    for variable, gradient in zip(variables, tape.gradient(loss, variables)):
        variable.assign_sub(0.1 * gradient)
    return loss


def bending(x):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(tf.exp(-x * x) * tf.sin(x) / (1.0 + x * x))
        slope = inner.gradient(y, x)
    return outer.gradient(slope, x)


def counts(program):
    """How many operations are left after each pass."""
    found = [len(program.operations)]
    for one_pass in others.values():
        program = one_pass(program)
        found.append(len(program.operations))
    return found


left_over = {
    "training step, 8 steps in time": counts(program_of(training_step, np.ones((5, 8, 4), np.float32))),
    "second derivative, 10 numbers": counts(program_of(bending, np.ones(10, np.float32))),
    "second derivative, 300,000 numbers": counts(program_of(bending, np.ones(300_000, np.float32))),
}
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
for label, numbers_left in left_over.items():
    axes.plot(numbers_left, "o-", label=label)
    print(f"{label:35}", numbers_left)
axes.set(ylabel="operations left", ylim=(0, None))
axes.set_xticks(range(1 + len(others)), ["as traced", *others], rotation=30, ha="right")
axes.legend()
plt.show()
for one_pass in others.values():
    print(inspect.getmodule(one_pass).__doc__.partition("\n")[0])

# %%
# **Common subexpressions** help every gradient, since rules recompute what the forward part had, and each other's
# results. **Algebra** is what is known from school, as far as it holds; it sometimes writes two operations for one, of
# which later both cancel. **Lent shapes** removes nothing itself, but breaks dependencies: where an op wants to know
# only the *shape* of a tensor, that need not be computed, and **dead code** takes it away. **Products** makes one large
# matrix product of those for each step in time. And **fusion** puts all that happens to the 300,000 numbers into two
# groups, which run tile by tile in the processor's cache.
#
# Two passes save no operation. ``early_assignments`` puts them in an order in which less memory is in use, and
# ``buffers`` has the last word: it decides which results share memory.
#
# ``minitfe graph --explain script.py`` shows all this for the functions of a script.
#
# What to remember
# ----------------
# * A pass takes a program and returns another one. It changes no operation.
# * Test it with numbers from the corners, and compare bits. Or state how far results may differ.
# * Shape and dtype must stay. Whoever has side effects must stay as well.
# * Small passes work together: what one leaves behind, another clears away.
#
# Exercises
# ---------
# In ``tutorials/exercises/16_write_an_optimization_pass.py``:
#
# 1. ``square_rule``: x · x is one operation.
# 2. ``needed_only``: dead code, written by yourself.
# 3. ``once``: common subexpressions, in ten lines.
# 4. ``one_scale``: two factors become one.
