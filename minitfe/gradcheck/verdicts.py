"""Verdicts: what a measured slope says about a rule.

There are three. "pass" and "fail" need numbers that can tell; where they cannot, the verdict is "undecided". All
tolerances are derived from what was measured. None is absolute: a gradient of 1e-9 is checked as sharply as one of 1e9.

    tolerance = 3 x the error of the measured slope
              + the rounding that any rule in this dtype is allowed, relative to the slope
              + that of the largest gradient, which a rule that subtracts brings into the small ones
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minitfe.gradcheck.functions import Array
from minitfe.gradcheck.kinks import Kink
from minitfe.gradcheck.ladder import Slope

PASS, FAIL, UNDECIDED = "pass", "fail", "undecided"

SHARP = 1e-3  # a slope must be known this well before a rule passes: a mistake of 0.5% is then seen
HOPELESS = 0.02  # a slope that is known worse than this convicts no rule


@dataclass
class Finding:
    """What was found for one direction and one upstream gradient: the verdict, and the numbers behind it.

    Attributes:
        analytic: the slope by the rule.
        numeric, error: the slope as it was measured.
        reason: why it is undecided, or "precision" where the rule is right in float64.
        left, right: the slopes of both sides of a kink.
        upstream: the number of the upstream gradient.
        exponent, size: the smallest step that was used, 2^-exponent times the size.
    """

    verdict: str
    analytic: float
    numeric: float
    error: float
    reason: str = ""
    left: float = np.nan
    right: float = np.nan
    upstream: int = 0
    exponent: int = 0
    size: float = 1.0

    @property
    def relative_error(self) -> float:
        """The difference between both slopes, relative to the larger."""
        size = max(abs(self.analytic), abs(self.numeric))
        return float(abs(self.analytic - self.numeric) / size) if size else 0.0


@dataclass
class Tolerances:
    """How far a rule may be off.

    Attributes:
        relative: the rounding allowed, relative to the slope.
        floor: what is allowed because of the largest gradient.
        reference: the size of slopes that matter here.
        sharp: how well the slope must be known, relative to the reference.
    """

    relative: float
    floor: float
    reference: float
    sharp: float


def for_entry(epsilon: float, largest: float) -> Tolerances:
    """For single elements of a gradient.

    Args:
        epsilon: the spacing near 1 of the numbers that the rule computes with.
        largest: the largest element of the gradient, times the size of the step's direction.
    """
    relative = max(200 * epsilon, 1e-6)
    return Tolerances(relative, 4 * epsilon * largest, largest, max(1e-6, 100 * epsilon))


def for_direction(epsilon: float, length: float) -> Tolerances:
    """For sums over many elements: sharp enough to see one among a million that is wrong.

    Args:
        epsilon: as for `for_entry`.
        length: the Euclidean length of the gradient's elements, each times its step.
    """
    relative = max(16 * epsilon, 1e-9)
    return Tolerances(relative, relative * length, length, max(1e-5, 100 * epsilon))


def judge(
    slope: Slope, kink: Kink | None, analytic: Array, precise: Array | None, rounding: Array, allowed: Tolerances
) -> Finding:
    """The verdict over all upstream gradients: the worst of them.

    Args:
        slope: the measured slopes.
        kink: what is known of a kink.
        analytic: the slopes by the rule.
        precise: the same, with the rule computing in float64.
        rounding: how far the rule's answer moves when its inputs are rounded.
        allowed: how far it may be off.
    """
    findings = [
        judge_one(
            (float(slope.value[k]), float(slope.error[k])),
            None if kink is None else (float(kink.left[k]), float(kink.right[k]), float(kink.error[k])),
            float(analytic[k]),
            None if precise is None else float(precise[k]),
            float(rounding[k]),
            allowed,
        )
        for k in range(len(analytic))
    ]
    for k, finding in enumerate(findings):
        finding.upstream = k
        finding.exponent = slope.rungs[-1].exponent if slope.rungs else 0
    return max(findings, key=lambda finding: ([PASS, UNDECIDED, FAIL].index(finding.verdict), finding.relative_error))


def judge_one(
    numeric: tuple[float, float], kink: Any, a: float, precise: float | None, rounding: float, allowed: Tolerances
) -> Finding:
    """The verdict for one slope."""
    n, error = numeric
    if kink is not None:
        return at_kink(kink, a, n, error, allowed)
    if not np.isfinite(error):
        return Finding(UNDECIDED, a, n, error, "no slope could be measured here")
    if not np.isfinite(a):
        return Finding(FAIL, a, n, error, "precision" if precise is not None and np.isfinite(precise) else "")
    size = max(abs(a), abs(n))
    tolerance = 3 * error + allowed.relative * size + allowed.floor
    if abs(a - n) <= tolerance:
        known = 3 * error <= max(SHARP * size, allowed.sharp * allowed.reference)
        return Finding(PASS if known else UNDECIDED, a, n, error, "" if known else "the slope is too uncertain")
    if error > HOPELESS * size:
        return Finding(UNDECIDED, a, n, error, "the slope is too uncertain")
    return wrong_or_rounded(n, error, a, precise, rounding, tolerance)


def wrong_or_rounded(
    n: float, error: float, a: float, precise: float | None, rounding: float, tolerance: float
) -> Finding:
    """A rule that disagrees with the measured slope is wrong, unless its own rounding can explain that."""
    if precise is not None:
        size = max(abs(a), abs(n))
        if abs(precise - n) > 3 * error + 1e-6 * size + 1e-3 * abs(a - n):
            return Finding(FAIL, a, n, error)
        good_enough = abs(a - n) <= 4 * rounding + 0.01 * size
        return Finding(PASS if good_enough else FAIL, a, n, error, "precision")
    if abs(a - n) <= tolerance + 4 * rounding:
        return Finding(UNDECIDED, a, n, error, "the rule loses digits here")
    return Finding(FAIL, a, n, error)


def at_kink(kink: Any, a: float, n: float, error: float, allowed: Tolerances) -> Finding:
    """At a kink a rule may answer with any slope between both sides; which, the numbers cannot say."""
    left, right, uncertain = kink
    slack = 3 * uncertain + allowed.relative * max(abs(left), abs(right)) + allowed.floor
    inside = min(left, right) - slack <= a <= max(left, right) + slack
    return Finding(UNDECIDED if inside else FAIL, a, n, error, "kink", left, right)
