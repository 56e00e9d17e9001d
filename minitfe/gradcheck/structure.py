"""Structure: what must hold of a rule before its numbers are looked at.

A rule returns one gradient per input, of that input's shape and dtype. It is linear in the upstream gradient: twice as
much of that gives twice the answer, and none gives none. It changes none of its inputs, and asked twice, it says the
same. Each of these is cheap to see, and explains more than a table of wrong numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minitfe.gradcheck.functions import Array, CheckedFunction


@dataclass
class Fault:
    """Something that is wrong with a rule as a whole: a kind, what to say, and the input it is about."""

    kind: str
    message: str
    input: str = ""


def returned(function: CheckedFunction, w: Array) -> list[Fault]:
    """What is wrong with the number, the shapes and the dtypes of the gradients."""
    gradients, inputs = function.gradients(w), function.inputs
    if len(gradients) != len(inputs.names):
        message = f"the rule returned {len(gradients)} gradients for {len(inputs.names)} inputs"
        return [Fault("count", f"{message}; it must return one for each, in their order")]
    faults = []
    for g, name, shape, dtype in zip(gradients, inputs.names, inputs.shapes, inputs.dtypes):
        if g is not None and g.shape != shape:
            faults.append(Fault("shape", f"the gradient of {name} has shape {g.shape}; it must be {shape}", name))
        elif g is not None and g.dtype != dtype:
            faults.append(Fault("dtype", f"the gradient of {name} is of dtype {g.dtype}; it must be {dtype}", name))
    return faults


def is_repeatable(function: CheckedFunction, w: Array) -> bool:
    """Whether two calls of the function, and two of the rule, answer the same but for rounding."""
    values = function.value(function.x), function.y
    rules = function.rule(w), function.inputs.join(function.gradients(w, x=function.x))
    epsilon = max(function.epsilon, function.inputs.epsilon)
    return same(*values, epsilon) and same(*rules, epsilon)


def same(first: Array, second: Array, epsilon: float, rounding: float = 0.0) -> bool:
    """Whether two vectors agree but for rounding."""
    slack = 1e3 * epsilon * np.abs(np.nan_to_num(first)).max(initial=0.0) + rounding
    return bool(np.allclose(first, second, rtol=0, atol=slack, equal_nan=True))


def linearity(function: CheckedFunction, upstream: Array, analytic: Array, rounding: Array) -> Fault | None:
    """What is wrong with how the answer depends on the upstream gradient w: rule(2w) = 2 rule(w), rule(0) = 0."""
    w, answer = upstream[0], analytic[0]
    if not np.isfinite(answer).all() or not w.any():
        return None
    epsilon, slack = max(function.inputs.epsilon, function.outputs.epsilon), 8 * float(rounding.max(initial=0.0))
    doubled, nothing = function.rule(2 * w), function.rule(0 * w)
    summed = same(function.rule(upstream.sum(axis=0)), analytic.sum(axis=0), epsilon, slack)
    if same(doubled, 2 * answer, epsilon, slack) and not nothing.any() and summed:
        return None
    if answer.any() and same(doubled, answer, epsilon):
        return Fault("upstream_not_multiplied", "the gradient does not change with the upstream gradient g")
    return Fault("not_linear", "the gradient is not linear in the upstream gradient g: twice g must give twice as much")
