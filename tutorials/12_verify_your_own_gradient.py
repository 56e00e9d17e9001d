"""
12. Verify your own gradient
============================

A wrong gradient raises no error. Training gets a little worse, and nobody knows why. This chapter measures slopes from
first principles, finds out why the size of the step matters, and then lets the checker do it.
"""

import matplotlib.pyplot as plt
import numpy as np

import minitfe as tf
from minitfe import gradcheck

tf.enable_eager_execution()

# %%
# A slope from values alone
# -------------------------
# The derivative is a limit: (f(x + h) - f(x)) / h for ever smaller h. A computer has no limits, but it can take a
# small h. The quotient that steps to both sides is better, since its first error cancels:
#
# ::
#
#     (f(x + h) - f(x)) / h       = f' + h/2 f'' + ...
#     (f(x + h) - f(x - h)) / 2h  = f' + h²/6 f''' + ...


def forward(f, x, h):
    return (f(x + h) - f(x)) / h


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


for h in (0.1, 0.01, 0.001):
    print(f"h = {h:<6} forward {forward(np.exp, 1.0, h):.9f}  central {central(np.exp, 1.0, h):.9f}")
print(f"          e = {np.exp(1.0):.9f}")

# %%
# Each line has one more right digit in the middle, and two more on the right. So take h = 1e-15?
#
# Why the step matters
# --------------------
# Here is the error against the step, for both quotients, and for the central one at x = 1e6 of the sine.

steps = 10.0 ** np.arange(-15, 0.1, 0.25)


def errors(quotient, f, slope, x):
    """The relative error for each step."""
    measured = np.array([quotient(f, x, h) for h in steps])
    return np.maximum(np.abs(measured / slope - 1), 1e-16)


curves = {
    "forward, exp at 1": errors(forward, np.exp, np.exp(1.0), 1.0),
    "central, exp at 1": errors(central, np.exp, np.exp(1.0), 1.0),
    "central, sin at 1e6": errors(central, np.sin, np.cos(1e6), 1e6),
}
figure, axes = plt.subplots(figsize=(6.5, 4), layout="constrained")
for label, curve in curves.items():
    axes.loglog(steps, curve, label=label)
    print(f"{label:20} best error {curve.min():.0e} at h = {steps[curve.argmin()]:.0e}")
axes.set(xlabel="step h", ylabel="relative error", title="Too large a step bends, too small a step rounds")
axes.legend()
plt.show()

# %%
# Each curve is a valley. On its right the formula is to blame: h, or h². On its left the computer: f is rounded to 16
# digits, and the difference of two rounded numbers is divided by h. At x = 1e6 even x + h is rounded, and the valley
# lies elsewhere. **No step is right for all functions.** A checker with one step and one tolerance rejects right
# rules, or lets wrong ones pass, as soon as numbers are large or small.
#
# Getting rid of the bend
# -----------------------
# The error of the central quotient D(h) is c h² + ... So D(h/2) has a quarter of it, and the two together reveal it:
#
# ::
#
#     (4 D(h/2) - D(h)) / 3 = f' + (a term in h⁴)


def extrapolated(f, x, h):
    return (4 * central(f, x, h / 2) - central(f, x, h)) / 3


for name, quotient in (("central", central), ("extrapolated", extrapolated)):
    print(f"{name:12} h = 0.01: error {abs(quotient(np.exp, 1.0, 0.01) / np.exp(1.0) - 1):.0e}")

# %%
# That is Richardson's idea of 1911, and it can be repeated, for h⁴ and h⁶. The steps can then be large, far from where
# rounding hurts. And the difference between the last two answers says how far to trust them. This is what
# ``minitfe/gradcheck/ladder.py`` does, with steps that follow the size of x.
#
# The checker
# -----------
# Give it a function, and a rule that takes x and the upstream gradient g.

x = np.random.default_rng(0).normal(size=(3, 4))


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_rule(x, g):
    s = softmax(x)
    return s * (g - (g * s).sum(axis=-1, keepdims=True))


print(gradcheck.check_vjp(softmax, softmax_rule, x))

# %%
# And some rules as they are handed in. Read the hints.

mistakes = {
    "only the diagonal": (softmax, lambda x, g: g * softmax(x) * (1 - softmax(x))),
    "a sign": (np.cos, lambda x, g: g * np.sin(x)),
    "g is forgotten": (np.sin, lambda x, g: np.cos(x)),
    "a mask is forgotten": (lambda x: np.maximum(x, 0), lambda x, g: g),
    "assigned, not added": (lambda x: x[[0, 0, 1]], lambda x, g: np.stack([g[1], g[2], 0 * g[0]])),
}
for name, (f, rule) in mistakes.items():
    report = gradcheck.check_vjp(f, rule, x)
    print(f"{name}: {report.verdict}, {report.failures[0].kind}\n    {report.failures[0].hint}")

# %%
# Three verdicts
# --------------
# At a kink there are two slopes, and values cannot say which one a rule should take. Then the checker says so, and
# shows both.

print(gradcheck.check_vjp(np.abs, lambda x, g: g * np.sign(x), np.array([0.0, 2.0])))

# %%
# Which op is wrong?
# ------------------
# For a function of tensors the tape has a record of every op, so each can be checked by itself. The model below has one
# custom gradient, and that is wrong.


@tf.custom_gradient
def swish(x):
    s = tf.sigmoid(x)
    return x * s, lambda g: g * s


weights = tf.Variable(np.random.default_rng(1).normal(size=(4, 2)), name="weights")


def model(x):
    hidden = tf.tanh(x @ weights)
    return tf.reduce_sum(tf.square(swish(hidden)))


print(gradcheck.check_gradients(model, tf.constant(x)))

# %%
# In a test, ``gradcheck.assert_gradients(model, x)`` raises an error with this text. :doc:`/gradient_checking` has the
# method in full, its limits, and how often it is wrong beside the checkers of other libraries.
#
# Exercises
# ---------
# In ``tutorials/exercises/12_verify_your_own_gradient.py``:
#
# 1. ``central_difference``: the gradient of a function of many numbers.
# 2. ``richardson``: extrapolate twice, and estimate the error.
# 3. ``layer_norm_rule``: a rule that the checker passes.
