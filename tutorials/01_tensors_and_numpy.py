"""
1. Tensors and numpy
====================

A tensor is an array of numbers of one type that never changes. In eager execution it has its value at once: an
operation computes when Python reaches the line, and the next line can print what came out. This chapter looks at what
a tensor is, how it meets numpy, and what minitfe says when something does not fit.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf

tf.enable_eager_execution()

# %%
# A value, a shape, a dtype
# -------------------------
# ``tf.constant`` makes a tensor from numbers, nested lists or numpy arrays.

x = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
print(x)
print(repr(x))

# %%
# ``print`` shows the numbers, the shape and the dtype. ``repr``, which notebooks show, adds an ``id``: a number
# of the tensor's own, so that you can tell two equal looking tensors apart. Each of the three can be asked for.

print("shape:", x.shape, " one size:", x.shape[1], " axes:", x.ndim)
print("dtype:", x.dtype)
print("value:", x.numpy()[1, 2])

# %%
# A ``TensorShape`` compares with tuples and lists, and its sizes count as Python integers. (In a graph a size may
# be unknown. That is why a shape is not simply a tuple; see chapter 2.)

print(x.shape == (2, 3), x.shape[0] * 10)

# %%
# Which dtype?
# ------------
# Python says ``float`` and ``int``; an array needs to say how many bits. The rules are TensorFlow's. Python
# floats become float32 and Python integers int32, because neural networks are trained in single precision. A
# numpy array keeps the dtype it has, and numpy's own default for floats is float64.

for value in (1.5, 1, True, "text", [1, 2.5], np.array([1.5]), np.float16(1.5)):
    print(f"{value!r:30} -> {tf.constant(value).dtype.name}")

# %%
# float32 holds about seven digits. The next number after 1 is 1.0000001; adding less than half of that step
# changes nothing.

one = tf.constant(1.0)
print(float(one + 1e-7), float(one + 1e-8))

# %%
# Operators are ops
# -----------------
# The operators of Python work on tensors, element by element. Each is a function of the package under another
# name: ``x * y`` is ``tf.multiply(x, y)``, ``x @ y`` is ``tf.matmul(x, y)``, ``x > y`` is ``tf.greater(x, y)``.

y = tf.constant([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]])
print((x * y).numpy())
print(tf.multiply(x, y).numpy())
print((x > 3).numpy())
print((x @ tf.transpose(y)).numpy())

# %%
# The exception is ``==``. As in TensorFlow 1.x it asks whether two names stand for *the same tensor*, not whether
# the numbers agree. Elementwise comparison is ``tf.equal``.

print(x == x, x == tf.constant(x.numpy()))
print(tf.equal(x, 3.0).numpy())

# %%
# Why that? A tensor must be usable as a key of a dictionary: in chapter 3 a tape keeps a dictionary from tensors
# to their gradients. A key needs an equality that answers with True or False. The page :doc:`/equality` shows the
# switch for programs that want the other meaning.
#
# Reductions take an ``axis``. Axis 0 runs down the rows, axis 1 along them, and without an axis all elements take
# part. With ``keepdims=True`` the axis stays, with size 1, which the next section makes use of.

print(tf.reduce_sum(x).numpy())
print(tf.reduce_sum(x, axis=0).numpy(), tf.reduce_sum(x, axis=0).shape)
print(tf.reduce_mean(x, axis=1, keepdims=True).numpy(), tf.reduce_mean(x, axis=1, keepdims=True).shape)

# %%
# Broadcasting
# ------------
# Two shapes need not be equal. They are aligned at their *last* axes. Along each axis the sizes must then be
# equal, or one of them must be 1: that one is stretched, as if its values were copied. An axis that is missing
# counts as 1.
#
# ::
#
#     column   (3, 1)
#     row         (4,)
#     sum      (3, 4)

column = tf.constant([[0.0], [10.0], [20.0]])
row = tf.constant([0.0, 1.0, 2.0, 3.0])
table = column + row
print(table.numpy())

# %%
# Nothing is copied in memory; the kernel reads the same number several times. In the picture, the pale cells are
# those that are only read again.


def draw(axes, values, own, title):
    """Draws a matrix with its numbers; the cells outside of ``own`` are pale."""
    shade = np.zeros(values.shape)
    shade[own] = 0.8
    axes.imshow(shade, cmap="Blues", vmin=-0.2, vmax=1)
    for (i, j), number in np.ndenumerate(values):
        axes.text(j, i, f"{number:g}", ha="center", va="center", color="white" if shade[i, j] else "gray")
    axes.set(title=title, xticks=[], yticks=[])


figure, panels = plt.subplots(1, 3, figsize=(9, 2.6))
draw(panels[0], np.broadcast_to(column.numpy(), (3, 4)), np.s_[:, :1], "column (3, 1)")
draw(panels[1], np.broadcast_to(row.numpy(), (3, 4)), np.s_[:1, :], "+ row (4,)")
draw(panels[2], table.numpy(), np.s_[:, :], "= table (3, 4)")
plt.show()

# %%
# A common use: take the mean off each row. ``keepdims=True`` keeps the means as a column, so that they are
# stretched along the rows.

centred = x - tf.reduce_mean(x, axis=1, keepdims=True)
print(centred.numpy())

# %%
# What broadcasting means for gradients is the subject of chapter 4. In one sentence: a number that was read four
# times gathers four gradients, so they are summed.
#
# numpy, both ways
# ----------------
# Ops take numpy arrays. Beside a tensor, whatever is no tensor yet takes the *tensor's* dtype: here a float64
# array becomes float32, and the integer 2 too.

print((x + np.ones((2, 3))).dtype, (2 * x).dtype, (np.ones((2, 3)) - x).dtype)

# %%
# numpy's functions take tensors, and return numpy arrays.

print(type(np.exp(x)), np.exp(x).dtype)

# %%
# Both directions copy. A tensor made from an array does not notice when the array changes, and what ``.numpy()``
# hands out is yours to write into.

array = np.array([1.0, 2.0, 3.0])
tensor = tf.constant(array)
array[0] = 100.0
mine = tensor.numpy()
mine[1] = -5.0
print(array, mine, tensor.numpy())

# %%
# A tensor of one number becomes a Python number by ``float`` or ``int``, and steers Python's own statements. This
# is what "eager" buys: no special loops, no special conditions.

n = tf.constant(27)
steps = 0
while int(n) != 1:
    n = n // 2 if int(n % 2) == 0 else 3 * n + 1
    steps += 1
print("27 reaches 1 after", steps, "steps")

for number, line in enumerate(x):
    print("row", number, "is", line.numpy())

# %%
# Tensors never change
# --------------------


def show_error(function):
    """Calls a function that fails, and prints the error."""
    try:
        function()
    except Exception as error:
        print(textwrap.fill(f"{type(error).__name__}: {error}", 100))


def assign():
    x[0] = 1.0


show_error(assign)

# %%
# The message lists what to do instead. Each recipe builds a *new* tensor.

print(tf.where(x > 4.0, tf.zeros_like(x), x).numpy())
print(tf.concat([[[9.0, 9.0, 9.0]], x[1:]], axis=0).numpy())

# %%
# Is that not wasteful? It is what makes the rest simple. Because nobody can write into a tensor, ``tf.reshape``
# may share its memory, and a tape may keep a tensor for later without copying it: the value that it finds then is
# the value that was there. ``x += 1`` works, and does no harm: Python makes a new tensor and gives it the old
# name.

before = x
x += 1.0
print("another tensor:", x is not before, " the old one:", before.numpy()[0])

# %%
# Numbers that shall change live in a ``tf.Variable``, which chapter 3 needs.
#
# Reading an error
# ----------------
# Every error of an op says, in this order: TensorFlow's own words, so that a search finds them; then the op, with
# what it was given and where; then what to do.

a, b = tf.ones([2, 3]), tf.ones([2, 4])
show_error(lambda: a + b)

# %%
# ``[2,3] vs. [2,4]``: aligned at their last axes, 3 meets 4, and neither is 1. Now two dtypes:

show_error(lambda: tf.constant(1) + tf.constant(1.5))

# %%
# minitfe never converts one tensor to another's dtype behind your back: int32 to float32 would lose digits above
# sixteen million, and float32 to int32 its fractions. ``tf.cast`` does it on request. Here is an axis that is not
# there:

show_error(lambda: tf.reduce_sum(tf.ones([2, 3]), axis=2))

# %%
# All three are ``tf.errors.InvalidArgumentError``, which programs can catch. A wrong *setting*, such as a
# misspelt option, is a ``ValueError`` or ``TypeError``, as elsewhere in Python. A tensor as a condition is a
# ``ValueError`` too, unless it holds one boolean: "is this vector positive?" has no single answer.

show_error(lambda: bool(x > 0.0))
print(bool(tf.reduce_all(x > 0.0)))

# %%
# Where the numbers are
# ---------------------
# A tensor lies on a device, and ops run where their inputs are. On this machine the numpy kernels compute on the
# processor. How an op finds its kernel is the next chapter.

print(x.device)

# %%
# Exercises
# ---------
# ``tutorials/exercises/01_tensors_and_numpy.py`` has four functions for you to write. Run the file to see which
# are right: ``python tutorials/exercises/01_tensors_and_numpy.py``.
#
# 1. ``standardize``: subtract the mean of each column and divide by its standard deviation.
# 2. ``pairwise_distances``: all distances between two sets of points, without a loop.
# 3. ``clip_negatives``: what assigning to ``x[x < 0]`` would do in numpy.
# 4. ``weighted_mean``: integers and floats that must be made to agree.
