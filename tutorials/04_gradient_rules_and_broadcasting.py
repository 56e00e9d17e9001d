"""
4. Gradient rules and broadcasting
==================================

A tape is only as right as its rules. This chapter reads a few, undoes broadcasting, tests rules with finite differences
and finds the best step, looks at points without a derivative, and writes rules of its own: ``tf.custom_gradient``.
"""

import inspect

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import extend

tf.enable_eager_execution()

# %%
# A rule is one partial derivative
# --------------------------------
# In ``minitfe/ops`` each rule stands directly under its op. Its docstring is its equation, its body computes it
# with ops. These are the rules of ``x * y``, printed from the source.

for rule in tf.multiply.op.partials.values():
    print(inspect.getsource(rule))

# %%
# ``g`` is the gradient of what is differentiated, some loss L, with respect to the op's output z. The rule
# returns that with respect to one input. For an elementwise op this is the chain rule in one variable, for each
# element on its own:
#
# ::
#
#     ∂L/∂xᵢ = ∂L/∂zᵢ · ∂zᵢ/∂xᵢ = gᵢ yᵢ
#
# A rule is a function, and can be called.

x = tf.constant([1.0, 2.0, 3.0])
y = tf.constant([4.0, 5.0, 6.0])
g = tf.constant([1.0, 10.0, 100.0])
dx = tf.multiply.op.partials[0]
print("g y =", dx(g, x, y, x * y).numpy())

# %%
# Rules get the op's output too, since some derivatives are cheapest in terms of it: tanh' = 1 - tanh².

print(inspect.getsource(tf.tanh.op.partials[0]))

# %%
# When outputs depend on many inputs, the derivative is a matrix, the *Jacobian* Jᵢⱼ = ∂zᵢ/∂xⱼ. A rule never
# builds it. It returns the product gᵀ J, which is all that the chain rule needs. Take the matrix product z = Wx:
# its Jacobian with respect to x is W itself, so the rule must return Wᵀ g.

generator = np.random.default_rng(0)
W = tf.constant(generator.normal(size=(2, 3)))
v = tf.constant(generator.normal(size=(3, 1)))
with tf.GradientTape(persistent=True) as tape:
    tape.watch(v)
    z = W @ v
jacobian = tape.jacobian(z, v)
print("the Jacobian is W: ", np.allclose(tf.reshape(jacobian, [2, 3]).numpy(), W.numpy()))
upstream = tf.constant([[1.0], [10.0]], tf.float64)
print("the tape gives Wᵀg:", np.allclose(tape.gradient(z, v, output_gradients=upstream), tf.transpose(W) @ upstream))
del tape

# %%
# Undoing broadcasting
# --------------------
# The rule of ``x * y`` returns ``g * y``. If x had the shape (3, 1) and y the shape (4,), then z and g have the
# shape (3, 4), and so has ``g * y``. But the gradient of x must have x's shape. What is missing?
#
# When x was stretched, each of its numbers was used four times. zᵢⱼ = xᵢ yⱼ, so xᵢ occurs in four elements of z,
# and the chain rule adds up all uses:
#
# ::
#
#     ∂L/∂xᵢ = Σⱼ ∂L/∂zᵢⱼ · ∂zᵢⱼ/∂xᵢ = Σⱼ gᵢⱼ yⱼ
#
# **Copying forwards is summing backwards.** It is the same sum as for ``a + a`` in chapter 3.

column = tf.constant([[1.0], [2.0], [3.0]])
row = tf.constant([1.0, 10.0, 100.0, 1000.0])
with tf.GradientTape() as tape:
    tape.watch([column, row])
    product = column * row
by_column, by_row = tape.gradient(product, [column, row])
print("column", column.shape, "has the gradient\n", by_column.numpy())
print("row", row.shape, "has the gradient", by_row.numpy())

# %%
# The rule is right, and incomplete by exactly this sum. In minitfe no rule does it. Since it is the same for
# every op that broadcasts, the walker does it, once: in ``fit``, with the op ``unbroadcast_like``. In pictures:
# what the rule returns for the column, and what the walker makes of it; then the same for the row.


def draw(axes, values, title):
    """Draws a matrix with its numbers."""
    axes.imshow(np.log10(values), cmap="Greens", vmin=-1, vmax=6)
    for (i, j), number in np.ndenumerate(values):
        axes.text(j, i, f"{number:g}", ha="center", va="center")
    axes.set(title=title, xticks=[], yticks=[])


figure, panels = plt.subplots(1, 4, figsize=(11, 2.6), width_ratios=[4, 1.4, 4, 4], layout="constrained")
for_column = np.broadcast_to(row.numpy(), (3, 4))
for_row = np.broadcast_to(column.numpy(), (3, 4))
draw(panels[0], for_column, "g · row")
draw(panels[1], for_column.sum(axis=1, keepdims=True), "→ Σ over axis 1")
draw(panels[2], for_row, "g · column")
draw(panels[3], for_row.sum(axis=0, keepdims=True), "→ Σ over axis 0")
plt.show()

# %%
# Is the rule right?
# ------------------
# A derivative is a limit of difference quotients, which need no rule at all. The central one,
#
# ::
#
#     (f(x + h) - f(x - h)) / 2h = f'(x) + h²/6 f'''(x) + ...
#
# is off by a term in h²: halve the step, and the error falls to a quarter. But not for ever. f(x+h) and f(x-h)
# are rounded, with a relative error near ε, and the difference divides that by h. Too large a step bends, too
# small a step rounds.


def quotient(f, x, h):
    """The central difference quotient, for arrays x of any shape, one element at a time."""
    result = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        result[index] = (np.sum(f(x + step)) - np.sum(f(x - step))) / (2 * step[index])
    return result


def values(f):
    """The function on arrays that a function on tensors is."""
    return lambda array: f(tf.constant(array)).numpy()


steps = 10.0 ** np.arange(-12, 0.01, 0.5)
figure, axes = plt.subplots(figsize=(6, 3.8), layout="constrained")
for dtype, marker in ((np.float64, "o-"), (np.float32, "s-")):
    at = np.array(1.0, dtype)
    errors = [abs(quotient(values(tf.exp), at, dtype(h)) - np.exp(1.0)) / np.exp(1.0) for h in steps]
    axes.loglog(steps, np.maximum(errors, 1e-17), marker, markersize=4, label=np.dtype(dtype).name)
    best = int(np.argmin(errors))
    at_1e5 = errors[int(np.argmin(np.abs(steps - 1e-5)))]
    print(
        f"{np.dtype(dtype).name}: error {errors[best]:.0e} at the best step, {steps[best]:.0e}; {at_1e5:.0e} at 1e-05"
    )
axes.set(xlabel="step h", ylabel="relative error", title="Difference quotient of exp at 1", ylim=(1e-13, 10))
axes.legend()
plt.show()

# %%
# On the right both curves fall together, like h². On the left they rise like ε/h, and float32, whose ε is five
# hundred million times larger, turns up much earlier. Two lessons. The best step is near ε^(1/3), about 1e-5 in
# float64. And difference quotients are taken in float64, even to check a rule for float32: there the best step
# leaves fewer digits, and a step that is a little off leaves hardly any.
#
# Catching a wrong rule
# ---------------------
# Here is an op whose rule forgets a factor. The tape believes it; the quotient does not.


def cube_dx(g, x, output):
    """d(x³)/dx = x². (It is 3x².)"""
    return g * x * x


cube = extend.register_op(
    "cube", kernels={"numpy": lambda x: x * x * x}, shape=extend.shapes.same, gradients={0: cube_dx}
)


def compare(name, f, array):
    """Prints what the tape says of a function's gradient, and what the difference quotient says."""
    (by_tape,) = tfe.gradients_function(f)(tf.constant(array))
    print(f"{name:10} tape: {by_tape.numpy()}   quotient: {quotient(values(f), array, 1e-5).round(6)}")


compare("cube", cube, np.array([1.0, 2.0, -3.0]))
extend.unregister_op("cube")
compare("x * x * x", lambda x: x * x * x, np.array([1.0, 2.0, -3.0]))

# %%
# The ratio of the two is 3 everywhere, which tells what was forgotten. A constant ratio, a sign, a transpose, a
# mean instead of a sum: wrong rules have their faces.
#
# Kinks and ties
# --------------
# At some points there is no derivative. The relu has slope 0 on the left of 0 and slope 1 on its right. A rule
# has to say something, and what it says is a convention; a difference quotient answers with the mean of both
# sides.

compare("relu", tf.nn.relu, np.array([-1.0, 0.0, 1.0]))
compare("maximum", lambda x: tf.maximum(x[0], x[1]), np.array([2.0, 2.0]))
compare("reduce_max", tf.reduce_max, np.array([2.0, 5.0, 5.0]))

# %%
# The relu has slope 0 at 0. ``maximum`` sends a tie to its first argument, while ``reduce_max`` shares it among
# the largest elements. These are TensorFlow's choices; :doc:`/kinks` lists more. To check a rule, stay away from
# such points.
#
# A rule of your own
# ------------------
# ``tf.custom_gradient`` takes a function that returns its value *and* its gradient function. One use is to change
# gradients on purpose: this identity limits the norm of the gradient that passes back through it, whatever comes
# before or after.


@tf.custom_gradient
def clip_gradient_by_norm(x, norm):
    y = tf.identity(x)

    def grad(dy):
        return [tf.clip_by_norm(dy, norm), None]

    return y, grad


def steep(x):
    return 100.0 * tf.reduce_sum(x)


def steep_but_clipped(x):
    return 100.0 * tf.reduce_sum(clip_gradient_by_norm(x, 1.0))


at = tf.constant([3.0, 4.0])
print("as it is:", tfe.gradients_function(steep)(at)[0].numpy())
print("clipped: ", tfe.gradients_function(steep_but_clipped)(at)[0].numpy())

# %%
# The gradient keeps its direction, and has length 1. The None says that ``norm`` has no gradient.
#
# The other use is precision. log(1 + eˣ) has the derivative eˣ/(1 + eˣ), which tends to 1. Composed from ops, the
# tape multiplies 1/(1 + eˣ) by eˣ. At x = 100 that is 0 times infinity, in float32.


def log1pexp(x):
    return tf.log(1.0 + tf.exp(x))


slope = tfe.gradients_function(log1pexp)
print("slope at 0 and at 100:", slope(0.0)[0].numpy(), slope(100.0)[0].numpy())

# %%
# The same derivative can be written 1 - 1/(1 + eˣ), where infinity does no harm.


@tf.custom_gradient
def log1pexp_stable(x):
    e = tf.exp(x)

    def grad(dy):
        return dy * (1 - 1 / (1 + e))

    return tf.log(1 + e), grad


slope = tfe.gradients_function(log1pexp_stable)
print("slope at 0 and at 100:", slope(0.0)[0].numpy(), slope(100.0)[0].numpy())

# %%
# The value still overflows at 100, too: log(1 + ∞) = ∞. ``tf.nn.softplus`` computes value and gradient without
# that.

at = tf.constant(100.0)
print("value at 100:", log1pexp_stable(at).numpy(), "and by softplus:", tf.nn.softplus(at).numpy())

# %%
# Second order
# ------------
# Rules are made of ops, and ops have rules. So a gradient has a gradient, by the same tape, as often as you like.
# Were a rule written in numpy, this is where it would end. Here are tanh and its first three derivatives, each
# made from the last by one call of ``gradients_function``.

points = tf.constant(np.linspace(-3.0, 3.0, 121))
function = tf.tanh
figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
for label in ("tanh", "tanh'", "tanh''", "tanh'''"):
    curve = function(points).numpy()
    axes.plot(points.numpy(), curve, label=label)
    print(f"{label:8} at 0: {curve[60]:+.4f}   at 3: {curve[-1]:+.4f}")
    function = (lambda f: lambda x: tfe.gradients_function(f)(x)[0])(function)
axes.legend()
plt.show()

# %%
# From the series tanh x = x - x³/3 + ... the values at 0 must be 0, 1, 0 and -2.
#
# Exercises
# ---------
# In ``tutorials/exercises/04_gradient_rules_and_broadcasting.py``:
#
# 1. ``unbroadcast``: what the walker does, in numpy.
# 2. ``numeric_gradient``: central differences for any shape.
# 3. ``round_straight_through``: a custom gradient for rounding.
# 4. ``hessian_vector_product``: a second derivative along one direction, without the matrix.
