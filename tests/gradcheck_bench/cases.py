"""The cases: each op at each scale, with its right rule and with planted faults."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from .ops import OPS


@dataclass(frozen=True)
class Case:
    """One question to a checker: is this rule right?"""

    op: str
    setting: str
    fault: str
    f: Callable
    vjp: Callable
    x: np.ndarray

    @property
    def is_right(self):
        return not self.fault


def settings(op):
    """The inputs that an op is checked with: names and functions that draw them."""
    for scale in op.scales:
        yield f"scale {scale:g}", partial(draw, op, op.shape, scale)
    yield "again", partial(draw, op, op.shape, 1.0)
    yield "big", partial(draw, op, op.big, 1.0)
    if op.kink is not None:
        yield "kink", partial(at_kink, op)


def draw(op, shape, scale, generator):
    """Random numbers of a scale; positive ones keep away from 0 by a tenth of it."""
    x = generator.normal(size=shape) * scale
    return (np.abs(x) + 0.1 * scale) if op.positive else x


def at_kink(op, generator):
    """Random numbers, two of which sit on a kink or tie."""
    x = draw(op, op.shape, 1.0, generator)
    if op.kink == "tie":
        x[0, 0] = x[0, 1] = np.abs(x).max() + 1
    else:
        x.flat[:2] = op.kink
    return x


# -------------------------------------------------------------------------------------------------------------- faults


def sign(vjp, x, g):
    return -vjp(x, g)


def doubled(vjp, x, g):
    return 2 * vjp(x, g)


def one_entry(vjp, entry, factor, x, g):
    dx = np.array(vjp(x, g))
    dx.flat[entry] *= factor
    return dx


def tiny(function, *arguments):
    return function(*arguments) * np.asarray(1e-6, arguments[0].dtype)


def planted(op, x, generator):
    """Pairs of a fault's name, a function and a wrong rule for it."""
    for name, vjp in op.wrong.items():
        yield name, op.f, vjp
    yield "sign", op.f, partial(sign, op.vjp)
    yield "twice", op.f, partial(doubled, op.vjp)
    steep = np.flatnonzero(np.abs(slopes(op.vjp, op.f, x)) > 1e-3 * np.abs(slopes(op.vjp, op.f, x)).max())
    yield "one entry 5%", op.f, partial(one_entry, op.vjp, generator.choice(steep), 1.05)
    yield "one entry 0.5%", op.f, partial(one_entry, op.vjp, generator.choice(steep), 1.005)
    yield "sign, times 1e-6", partial(tiny, op.f), partial(tiny, partial(sign, op.vjp))


def slopes(vjp, f, x):
    """A rule's answer in float64, for an upstream gradient that is not uniform."""
    x = x.astype(np.float64)
    y = np.asarray(f(x))
    return np.asarray(vjp(x, np.random.default_rng(5).uniform(0.5, 1.5, y.shape)))


def is_fault(op, f, vjp, x):
    """Whether a planted fault changes anything at this input: one that does not is no fault there."""
    wrong, right = slopes(vjp, f, x), slopes(op.vjp, op.f, x) * (1e-6 if f is not op.f else 1.0)
    apart = np.abs(wrong - right)
    return bool(((apart > 4e-3 * np.abs(right)) & (apart > 1e-4 * np.abs(right).max())).any())


def cases(dtype, seed):
    """All cases of one seed."""
    for number, op in enumerate(OPS):
        generator = np.random.default_rng([seed, number])
        for setting, make in settings(op):
            x = np.asarray(make(generator)).astype(dtype)
            yield Case(op.name, setting, "", op.f, op.vjp, x)
            for fault, f, vjp in planted(op, x, generator):
                if is_fault(op, f, vjp, x):
                    yield Case(op.name, setting, fault, f, vjp, x)
