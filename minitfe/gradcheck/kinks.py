"""Kinks: points where a function has two slopes, one on each side.

Central differences do not see them: at 0 they answer that |x| has the slope 0, and that relu has 1/2, with an error
estimate of nothing. The two sides have to be looked at apart. For a smooth function their slopes differ by t y'', which
goes away with the step; at a kink the difference stays:

    gap(t) = jump + t y'' + ...        so        2 gap(t/2) - gap(t) = jump + O(t³)

A kink may also lie beside the point, nearer than the first steps reach. So where a jump is seen, smaller steps are
taken, until it goes away or rounding hides it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minitfe.gradcheck.functions import Array
from minitfe.gradcheck.ladder import LAST, Measurer, Rung, Slope, extrapolate


@dataclass
class Kink:
    """The slopes on both sides, for each upstream gradient, and how well they are known."""

    left: Array
    right: Array
    error: Array


def jumps(rungs: list[Rung]) -> Array:
    """For each upstream gradient, whether the gap between both sides stays while the step shrinks."""
    gaps = np.array([rung.gap for rung in rungs])
    rest = 2 * gaps[1:] - gaps[:-1]
    sizes = np.abs(np.array([rung.central for rung in rungs])).max(axis=0) + np.abs(gaps).max(axis=0)
    visible = np.abs(rest[-1]) > 16 * rungs[-1].noise + 1e-7 * sizes
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = rest[1:] / rest[:-1]
    return visible & ((ratios > 0.8) & (ratios < 1.25)).all(axis=0)


def resolve(measurer: Measurer, u: Array, slope: Slope) -> tuple[Slope, Kink | None]:
    """Returns the slope and no kink, or what is known of the kink at this point.

    Where a jump seen from afar goes away in smaller steps, the slope is measured there anew.
    """
    if len(slope.rungs) < 3 or not jumps(slope.rungs).any():
        return slope, None
    rungs = slope.rungs
    while True:
        start = rungs[-1].exponent + 8
        if start + 2 > LAST or (rungs[-1].noise * 2**10 > 0.1 * np.abs(rungs[-1].gap).max()).any():
            return slope, sides(rungs)
        closer = [measurer.rung(u, start + i) for i in range(3)]
        if not all(rung.is_finite for rung in closer):
            return slope, sides(rungs)
        rungs = closer
        if not jumps(rungs).any():
            return extrapolate(rungs), None


def sides(rungs: list[Rung]) -> Kink:
    """The slopes of both sides, extrapolated linearly from the smallest steps."""
    before, last = rungs[-2:]
    right, left = 2 * last.ahead - before.ahead, 2 * last.behind - before.behind
    error = np.abs(right - last.ahead) + np.abs(left - last.behind) + 4 * last.noise
    return Kink(left, right, error)


def kinked_outputs(measurer: Measurer, u: Array, exponent: int = 30) -> Array:
    """Which outputs have different slopes on both sides along u, so that a check can leave them out."""
    function, t = measurer.function, 2.0**-exponent
    ahead = (function.value(function.x + t * u) - function.y) / t
    behind = (function.y - function.value(function.x - t * u)) / t
    apart = np.abs(ahead - behind)
    return ~(apart <= 1e-3 * np.maximum(np.abs(ahead), np.abs(behind)) + 16 * measurer.noise / t)
