"""The slope of a function along a line, measured, with an estimate of its own error.

A central difference quotient is off by a series in the square of its step:

    D(t) = (y(x + t u) - y(x - t u)) / 2t = y' + c₂ t² + c₄ t⁴ + ...

So from D(t), D(t/2), D(t/4) ... the powers can be eliminated one after the other (Richardson, 1911; Ridders, 1982).
Each elimination also tells how much it changed: that is the estimate of the error. What cannot be eliminated is
rounding, which grows like 1/t. Its size is measured too, from differences of the function at neighbouring points (Moré
and Wild, "Estimating computational noise", 2011), since a value does not show how many digits were lost on the way.

The steps go down a ladder: t = 2⁻³, 2⁻⁴, ... along a direction u whose elements are powers of 2 of the size of x. No
step is right for all functions, but one that is near x's own scale mostly is; powers of 2 make x ± t u exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from minitfe.gradcheck.functions import Array, CheckedFunction

FIRST = 3  # the first step is 2⁻³
LAST = 44  # below 2⁻⁴⁴ rounding is all there is
WINDOW = 4  # how many rungs are extrapolated together
TARGET = 1e-8  # the relative error that is good enough
MOST_APART = 1e-3  # points farther away than this, relative to x, are no neighbours
JUMP = 5  # how many rungs are left out where the function bends faster than the steps


class BudgetSpent(Exception):
    """The number of function calls that was allowed is used up."""


@dataclass
class Measurer:
    """Measures slopes of one function, along any direction, for several upstream gradients at once.

    Args:
        function: what is measured.
        upstream: the upstream gradients, one per row.
        noise: the rounding error of each element of the function's value.
        limit: how many calls of the function are allowed.
    """

    function: CheckedFunction
    upstream: Array
    noise: Array
    limit: int

    def rung(self, u: Array, exponent: int) -> Rung:
        """The slopes on both sides for the step 2^-exponent."""
        if self.function.evaluations + 2 > self.limit:
            raise BudgetSpent
        t = 2.0**-exponent
        x, y = self.function.x, self.function.y
        right, left = self.function.value(x + t * u), self.function.value(x - t * u)
        ahead, behind = (right - y) / t, (y - left) / t
        moved = (right != y) | (left != y)
        if not moved.any():
            moved[:] = True  # the step may have been lost in the rounding of all outputs
        uncertain = 3 * np.sqrt(self.upstream**2 @ np.where(moved, self.noise / t, 0.0) ** 2)
        return Rung(exponent, self._projected(ahead), self._projected(behind), uncertain)

    def _projected(self, slopes: Array) -> Array:
        """One number for each upstream gradient. Outputs that it leaves out may be nan."""
        used = np.where(self.upstream.any(axis=0), slopes, 0.0)
        return self.upstream @ used


@dataclass
class Rung:
    """What one step says: the slopes to the right and to the left, and how far rounding may have moved them."""

    exponent: int
    ahead: Array
    behind: Array
    noise: Array

    @property
    def central(self) -> Array:
        """The central difference quotient."""
        return (self.ahead + self.behind) / 2

    @property
    def gap(self) -> Array:
        """How much the slopes of both sides differ: t y'' where y is smooth, a constant at a kink."""
        return self.ahead - self.behind

    @property
    def is_finite(self) -> bool:
        """Whether the function has a value on both sides."""
        return bool(np.isfinite(self.gap).all())


@dataclass
class Slope:
    """A measured slope: a value and an error for each upstream gradient, and the rungs that they were taken from."""

    value: Array
    error: Array
    rungs: list[Rung] = field(default_factory=list)

    @property
    def is_known(self) -> bool:
        """Whether anything could be measured."""
        return bool(np.isfinite(self.error).all())


def unknown(count: int) -> Slope:
    """The slope of which nothing is known."""
    return Slope(np.full(count, np.nan), np.full(count, np.inf))


def noise_of(function: CheckedFunction) -> Array:
    """The rounding error of each element of the value: from sixth differences at seven neighbouring points.

    A smooth function has none at that distance; what is left, divided by √924, is the deviation of the noise. An output
    that does not move between neighbours may hide its steps: it is looked at again from farther away.
    """
    noise = function.epsilon / 2 * np.abs(np.nan_to_num(function.y))
    still = np.full(noise.shape, True)
    for spacing in function.epsilon * np.array([2.0**8, 2.0**20, 2.0**32]):
        if still.any() and spacing < MOST_APART:
            values = np.array([function.value(function.x * (1 + i * spacing)) for i in range(-3, 4)])
            with np.errstate(invalid="ignore"):
                sixth = np.abs(np.nan_to_num(np.diff(values, n=6, axis=0)[0], posinf=0.0, neginf=0.0)) / np.sqrt(924)
            noise = np.where(still, np.maximum(noise, sixth), noise)
            still = still & (values == values[0]).all(axis=0)
    return noise


def measure(measurer: Measurer, u: Array, reference: float, first: int = FIRST) -> Slope:
    """Goes down the ladder until the slope along u is known well, or steps have become too small to say more.

    Args:
        measurer: what is measured.
        u: the direction.
        reference: the size of slopes that matter; an error far below it is good enough.
        first: the exponent to begin with.
    """
    best = unknown(len(measurer.upstream))
    rungs: list[Rung] = []
    exponent = first
    while exponent <= LAST:
        rung = measurer.rung(u, exponent)
        rungs = [*rungs, rung][-WINDOW:] if rung.is_finite else []
        exponent += 1 if rung.is_finite else 3
        if len(rungs) < 3:
            continue
        slope = extrapolate(rungs)
        if slope.error.max() <= best.error.max():
            best = slope
        if is_good(best, reference) and len(rungs) == WINDOW:
            break
        if (rung.noise >= best.error).all():
            break
        if len(rungs) == WINDOW and not resembles(slope):
            rungs, exponent = [], exponent + JUMP - 1
    return best


def stands_still(measurer: Measurer, u: Array) -> bool:
    """Whether the function does not move at all, not even for a step of thousands of times the size of x."""
    function = measurer.function
    try:
        return all(np.array_equal(function.value(function.x + far * u), function.y) for far in (-4096.0, 4096.0))
    except RuntimeError:  # it does not like it there, which is no news about here
        return False


def is_good(slope: Slope, reference: float) -> bool:
    """Whether the error is as small as anyone could wish."""
    return bool((slope.error <= TARGET * np.maximum(np.abs(slope.value), 1e-3 * reference)).all())


def resembles(slope: Slope) -> bool:
    """Whether neighbouring steps agree at all; otherwise they are too large by far, and some may be left out."""
    quotients = np.array([rung.central for rung in slope.rungs])
    spread = np.ptp(quotients, axis=0)
    return bool((spread <= 0.3 * np.abs(quotients).max(axis=0) + 8 * slope.rungs[-1].noise).all())


def extrapolate(rungs: list[Rung]) -> Slope:
    """The limit of central quotients for step 0, by eliminating t², t⁴, ... (Neville's scheme)."""
    columns = [rung.central for rung in rungs]
    raw = np.abs(columns[-1] - columns[-2])
    before = columns
    factor = 4.0
    while len(columns) > 1:
        before, columns = columns, [(factor * b - a) / (factor - 1) for a, b in pairwise(columns)]
        factor *= 4
    value = columns[0]
    error = np.maximum(np.abs(value - before[0]), np.abs(value - before[1])) + 0.01 * raw
    return Slope(value, error + 2 * rungs[-1].noise, list(rungs))
