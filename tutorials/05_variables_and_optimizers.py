"""
5. Variables and optimizers
===========================

A gradient says which way is down. How far to go, and what to remember of the steps before, is the optimizer's business.
This chapter looks at what a variable is, lets several optimizers walk through the same valley, and writes one of them
by hand.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf

tf.enable_eager_execution()
tf.set_random_seed(0)

# %%
# A variable is a place
# ---------------------
# A tensor is a value and never changes. A variable is a place that holds a tensor, and has a name, a shape and a dtype.
# ``assign`` puts another tensor into it.

v = tf.Variable([1.0, 2.0], name="v")
before = v.read_value()
v.assign([10.0, 20.0])
v.assign_add([0.5, 0.5])
print(v)
print("read before:", before.numpy())

# %%
# Shape and dtype stay what they were at the start. Here is what happens if you try to change them; the variable keeps
# its value.


def show_error(function):
    """Calls a function that fails, and prints the error."""
    try:
        function()
    except Exception as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 100))


show_error(lambda: v.assign([1.0, 2.0, 3.0]))
print(v.numpy())

# %%
# A *trainable* variable, which is the default, is watched by every tape that is open when it is read. A variable that
# only keeps count of something should not be trained, so say so.

count = tf.Variable(0, trainable=False)
w = tf.Variable(3.0)
with tf.GradientTape() as tape:
    loss = w * w + tf.to_float(count)
print("watched:", len(tape.watched_variables()), " gradient:", float(tape.gradient(loss, w)))

# %%
# One step
# --------
# The simplest optimizer is a line of code: ``w.assign_sub(rate * gradient)``. With ``tf.train`` it looks like this.

optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.1)
optimizer.minimize(lambda: w * w)
print("w:", round(float(w), 4), " by hand:", 3.0 - 0.1 * 2 * 3.0)

# %%
# ``minimize`` takes a *function*, not a number: it opens a tape, calls the function, and asks for the gradients of all
# trainable variables that were read. Give it a number, and there is nothing left to differentiate.

show_error(lambda: optimizer.minimize(w * w))

# %%
# ``minimize`` is two steps in one. Taken apart, there is a place in the middle where you can look at the gradients, or
# change them.

pairs = optimizer.compute_gradients(lambda: w * w)
print([(round(float(gradient), 4), variable.name) for gradient, variable in pairs])
optimizer.apply_gradients(pairs)

# %%
# How long may a step be?
# -----------------------
# Take the valley L = ½ (a x² + b y²). Each step multiplies x by 1 - ηa and y by 1 - ηb, for the learning rate η. The
# walk ends at the minimum only if both factors are between -1 and 1: η must be less than 2 divided by the *largest*
# curvature. The *smallest* one then says how long it takes. Here the curvatures are 1 and 20.


def valley(p):
    """½ (x² + 20 y²)"""
    return 0.5 * tf.reduce_sum(tf.constant([1.0, 20.0]) * tf.square(p))


def walk(optimizer, start, steps, loss=valley):
    """Minimizes a loss; returns the points that were visited."""
    p = tf.Variable(start)
    points = [p.numpy()]
    for _ in range(steps):
        optimizer.minimize(lambda: loss(p))
        points.append(p.numpy())
    return np.array(points)


START = [-8.0, 1.5]
for rate in (0.01, 0.05, 0.095, 0.105):
    last = walk(tf.train.GradientDescentOptimizer(rate), START, 40)[-1]
    print(f"rate {rate:5}: after 40 steps at {last.round(3)}, factors {1 - rate:.3f} and {1 - 20 * rate:.3f}")

# %%
# A rate that is too small is slow; one that is too large is worse than none. There is no good rate for both directions,
# and that is what the other optimizers are about.
#
# Momentum
# --------
# A ball that rolls down the valley keeps its velocity. Along the valley the pushes add up; across it they point to and
# fro, and cancel out.
#
# ::
#
#     v ← μ v + g
#     x ← x - η v
#
# The velocity must be kept from one step to the next. Here it is in a variable of our own.

p, velocity = tf.Variable(START), tf.Variable([0.0, 0.0], trainable=False)
for _ in range(3):
    with tf.GradientTape() as tape:
        loss = valley(p)
    velocity.assign(0.8 * velocity + tape.gradient(loss, p))
    p.assign_sub(0.05 * velocity)
by_hand = p.numpy()

momentum = tf.train.MomentumOptimizer(learning_rate=0.05, momentum=0.8)
q = tf.Variable(START)
for _ in range(3):
    momentum.minimize(lambda: valley(q))
print("by hand:          ", by_hand)
print("MomentumOptimizer:", q.numpy())

# %%
# What an optimizer keeps for a variable is called a *slot*. Slots are variables too, made when they are first needed; a
# checkpoint saves them along with the rest (chapter 8).

print(momentum.get_slot_names(), momentum.get_slot(q, "momentum").numpy(), velocity.numpy())

# %%
# A step of the same size everywhere
# ----------------------------------
# Adagrad, RMSProp and Adam divide each element of the gradient by how large it has usually been. A direction with large
# gradients is not walked faster than one with small ones. Adam, in full:
#
# ::
#
#     m ← β₁ m + (1 - β₁) g           the mean of the gradients
#     v ← β₂ v + (1 - β₂) g²          the mean of their squares
#     x ← x - η m̂ / (√v̂ + ε)         where m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ)
#
# In the first step m̂ = g and v̂ = g², so each element moves by η, whatever the gradient.


def first_step(gradient):
    """Where the first step of Adam leads from 0, with a learning rate of 0.1."""
    x = tf.Variable(0.0)
    tf.train.AdamOptimizer(0.1).minimize(lambda: gradient * x)
    return float(x)


for gradient in (1e-3, 1.0, 1e3):
    print(f"gradient {gradient:8}: the first step of Adam leads to {first_step(gradient):.4f}")

# %%
# All of them in the same valley:

optimizers = {
    "gradient descent": tf.train.GradientDescentOptimizer(0.09),
    "momentum": tf.train.MomentumOptimizer(0.03, 0.8),
    "Adagrad": tf.train.AdagradOptimizer(1.5),
    "RMSProp": tf.train.RMSPropOptimizer(0.3),
    "Adam": tf.train.AdamOptimizer(0.6),
}
paths = {name: walk(optimizer, START, 40) for name, optimizer in optimizers.items()}

xs, ys = np.meshgrid(np.linspace(-9, 5, 120), np.linspace(-2.2, 2.2, 80))
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained", width_ratios=[3, 2])
left.contour(xs, ys, xs**2 / 2 + 10 * ys**2, levels=np.geomspace(0.3, 60, 9), colors="lightgray")
for name, path in paths.items():
    left.plot(*path.T, ".-", markersize=4, linewidth=0.9, label=name)
    right.semilogy(path[:, 0] ** 2 / 2 + 10 * path[:, 1] ** 2)
    print(f"{name:17} loss after 10, 20, 40 steps:", *(f"{float(valley(path[n])):8.4f}" for n in (10, 20, 40)))
left.set(xlim=(-9, 5), ylim=(-2.2, 2.2), title="40 steps")
left.legend(fontsize=8)
right.set(xlabel="step", ylabel="loss")
plt.show()

# %%
# This is one valley with two directions. Which optimizer is best on a problem of a million directions, only trying
# can tell. Adam is a good first try, and gradient descent with momentum often wins in the end.
#
# Rates that fall
# ---------------
# With batches of random examples the gradient is noisy, and a constant rate keeps the variable trembling around the
# minimum. So let the rate fall with the number of steps. The *global step* counts them: it is an ordinary variable,
# which an optimizer increases if it is told to.

step = tf.train.get_or_create_global_step()
falling = tf.train.exponential_decay(0.5, step, decay_steps=50, decay_rate=0.5)
generator = np.random.default_rng(1)
noise = generator.normal(size=400).astype("f")


def trembling(rate):
    """Looks for the minimum of ½ (x - 1)² with noisy gradients."""
    step.assign(0)
    x = tf.Variable(0.0)
    optimizer = tf.train.GradientDescentOptimizer(rate)
    visited = []
    for error in noise:
        optimizer.minimize(lambda e=error: 0.5 * tf.square(x - 1.0) + e * x, global_step=step)
        visited.append(float(x))
    return visited


figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
for name, rate in (("constant rate", 0.5), ("falling rate", falling)):
    visited = trembling(rate)
    axes.plot(visited, linewidth=0.8, label=name)
    distance = np.sqrt(np.mean((np.array(visited[-50:]) - 1) ** 2))
    print(f"{name}: at global step {int(step)}, the last 50 steps were {distance:.3f} from the minimum")
axes.set(xlabel="step", ylabel="x")
axes.legend()
plt.show()

# %%
# ``falling`` is a function: the optimizer asks it for the rate at each step. Any function of no arguments would do, and
# so would a variable.
#
# Gradients that are too long
# ---------------------------
# Near a cliff one gradient can be a thousand times as long as the others, and one step throws away what hundreds have
# learned. ``tf.clip_by_global_norm`` shortens all gradients by the same factor, so that the direction stays.

a, b = tf.Variable([3.0, 4.0]), tf.Variable(12.0)
with tf.GradientTape() as tape:
    loss = 0.5 * (tf.reduce_sum(a * a) + b * b)
gradients = tape.gradient(loss, [a, b])
clipped, norm = tf.clip_by_global_norm(gradients, 1.0)
print("norm:", float(norm), " clipped:", [g.numpy().round(3).tolist() for g in clipped])

# %%
# Gradients of a few rows
# -----------------------
# A table with a row for each of a million words is read in a few rows at a time. Its gradient is zero in all others,
# and writing down those zeros would cost more than everything else. ``tf.gather`` on a variable therefore gives
# ``IndexedSlices``: the rows that were read, and where they are. Optimizers change those rows alone.

table = tf.Variable(tf.zeros([1000000, 2]))
with tf.GradientTape() as tape:
    rows = tf.gather(table, [7, 999999, 7])
    loss = tf.reduce_sum(rows)
gradient = tape.gradient(loss, table)
print(type(gradient).__name__, "rows", gradient.indices.numpy(), "values", gradient.values.numpy().tolist())
tf.train.GradientDescentOptimizer(0.5).apply_gradients([(gradient, table)])
print("row 7:", table[7].numpy(), " row 8:", table[8].numpy())

# %%
# Row 7 was read twice, so it moved twice as far.
#
# When nothing is learned
# -----------------------
# If the loss does not depend on a variable, its gradient is None, and the optimizer leaves it alone. If that is so for
# all, it says so, because then something left the tape: usually numpy, as in chapter 3.

show_error(lambda: optimizer.minimize(lambda: tf.constant(np.square(w.numpy()))))

# %%
# Exercises
# ---------
# In ``tutorials/exercises/05_variables_and_optimizers.py``:
#
# 1. ``rmsprop_step``: an optimizer of your own, from its equation.
# 2. ``SignDescent``: the same as a subclass of ``tf.train.Optimizer``.
# 3. ``clipped_step``: a step that is never too long.
# 4. ``warm_up``: a learning rate that rises first, then falls.
