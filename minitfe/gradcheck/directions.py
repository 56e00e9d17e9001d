"""Where to look: every element of a small input, random directions through a big one.

The upstream gradient is random and nowhere uniform: with ones, a softmax or a normalization has a gradient of 0 and
hides its mistakes. A gradient of up to 64 elements is checked one by one. For more, a step is taken along a random
direction, through all elements at once. Since slopes are measured to nine digits or so, that sum shows a single element
that is wrong. Which one it is, is found by halving the direction: twenty steps lead from a million elements to one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from minitfe.gradcheck import kinks, ladder, verdicts
from minitfe.gradcheck.functions import Array, CheckedFunction
from minitfe.gradcheck.ladder import BudgetSpent, Measurer, Slope
from minitfe.gradcheck.verdicts import FAIL, PASS, UNDECIDED, Finding, Tolerances

SMALL = 64  # up to this many elements, each is checked
LIMIT_SMALL, LIMIT_BIG = 2200, 700  # calls of the function
DIRECTIONS = 3  # random directions through all inputs
GROUPS = 12  # inputs that get a direction of their own
SAMPLED = 12  # elements of a big input that are checked by themselves
CONFIRMED = 5  # after so many failures that smaller steps have confirmed, others are believed at once
TRACED = 3  # failing directions that are followed to an element


def random_upstream(function: CheckedFunction, generator: np.random.Generator) -> Array:
    """Two upstream gradients, as rows; one for a scalar. Outputs that are nan or inf are left out."""
    size = function.outputs.size
    rows = generator.choice([-1.0, 1.0], (min(size, 2), size)) * generator.uniform(0.5, 1.5, (min(size, 2), size))
    rows = rows.astype(np.result_type(np.float16, *function.outputs.dtypes)).astype(np.float64)
    return np.where(np.isfinite(function.y), rows, 0.0)


def power_of_two(x: Array) -> Array:
    """The largest power of 2 that is no larger; 0 for 0."""
    _, exponents = np.frexp(x)
    return np.where(x != 0, np.ldexp(1.0, exponents - 1), 0.0)


def typical_sizes(function: CheckedFunction) -> Array:
    """For each element, the usual size of numbers in the array that it belongs to; 1 where all are 0."""
    overall = usual_size(function.x)
    sizes = [usual_size(x) or overall or 1.0 for x in function.inputs.split(function.x)]
    return power_of_two(np.repeat(sizes, [x.size for x in function.inputs.split(function.x)]))


def usual_size(x: Array) -> float:
    """The median of the absolute values, of those that are not 0; 0 where there are none."""
    used = np.abs(x[x != 0])
    return float(np.median(used)) if used.size else 0.0


@dataclass
class Evidence:
    """One finding, and where: the position of an element in the flat input, or None for a direction through many."""

    position: int | None
    finding: Finding


@dataclass
class Search:
    """The check of one function: what its rule answers, what is measured, and what was found.

    Attributes:
        analytic: the gradient by the rule, one row per upstream gradient.
        precise: the same, with the rule computing in float64; None where that is not to be had.
        rounding: how far the rule's answer moves when its inputs are rounded.
        evidence: what was found so far.
        is_complete: whether all was looked at that should be, within the limit of calls.
    """

    function: CheckedFunction
    measurer: Measurer
    analytic: Array
    precise: Array | None
    rounding: Array
    generator: np.random.Generator
    evidence: list[Evidence] = field(default_factory=list)
    is_complete: bool = True

    def __post_init__(self) -> None:
        self.first = ladder.FIRST
        self.confirmed = 0
        self.typical = typical_sizes(self.function)
        own = power_of_two(np.abs(self.function.x))
        self.steps = np.maximum(own, self.typical / 1024)
        self.own = np.where(own > 0, own, self.typical)

    def run(self) -> None:
        """Looks at every element, or along random directions and at some elements."""
        try:
            if self.function.x.size <= SMALL:
                self.look_at(np.arange(self.function.x.size))
            else:
                self.look_along_directions()
        except BudgetSpent:
            self.is_complete = False

    # -------------------------------------------------------------------------------------------------- single elements

    def look_at(self, positions: Array) -> None:
        """Checks these elements one by one."""
        for position in positions:
            self.evidence.append(Evidence(int(position), self.element(int(position))))

    def element(self, position: int) -> Finding:
        """The finding for one element, in units of the gradient; with larger steps where its own say too little."""
        best = None
        for size, first in self.starts(position):
            u = np.zeros(self.function.x.size)
            u[position] = size
            finding = in_units_of(size, self.look(u, self.entry_tolerances(size), first=first))
            if finding.verdict == PASS:
                self.first = max(ladder.FIRST, finding.exponent - ladder.WINDOW)
            if finding.verdict != UNDECIDED or finding.reason == "kink":
                return finding
            best = finding if best is None or finding.error < best.error else best
        assert best is not None
        return best

    def starts(self, position: int) -> dict[tuple[float, int], None]:
        """Sizes of steps and rungs to begin with: first where the slope of the last element was found."""
        sizes = (self.own[position], self.typical[position], 1.0)
        return dict.fromkeys([(sizes[0], self.first), *[(size, ladder.FIRST) for size in sizes]])

    def entry_tolerances(self, size: float) -> Tolerances:
        """How far one element, times its step, may be off."""
        finite = np.abs(self.analytic[np.isfinite(self.analytic)])
        return verdicts.for_entry(self.function_epsilon, size * float(finite.max(initial=0.0)))

    @property
    def function_epsilon(self) -> float:
        """The spacing near 1 of the numbers that the rule computes with."""
        return max(self.function.inputs.epsilon, self.function.outputs.epsilon)

    # ------------------------------------------------------------------------------------------------------- directions

    def look_along_directions(self) -> None:
        """Checks random directions through all elements and through each input, and a few elements."""
        everything = np.arange(self.function.x.size)
        members = self.function.inputs.members()
        self.look_at(np.union1d(self.generator.choice(everything, SAMPLED, replace=False), self.imprecise()))
        for group in [everything] * DIRECTIONS + (members[:GROUPS] if len(members) > 1 else []):
            failed = [e.position for e in self.evidence if e.finding.verdict == FAIL]
            if len(failed) >= TRACED:
                break
            rest = np.setdiff1d(group, [position for position in failed if position is not None])
            if rest.size:
                self.look_along(rest, self.generator.choice([-1.0, 1.0], self.function.x.size))

    def look_along(self, group: Array, signs: Array) -> None:
        """Checks one direction, and follows it to an element if it fails."""
        finding = self.direction(group, signs)
        if finding.verdict == FAIL:
            self.evidence.append(self.traced(group, signs, finding))
            return
        self.evidence.append(Evidence(None, finding))
        if finding.reason == "kink" and self.function.outputs.size > 1:
            self.look_beside_kinks(group, signs)

    def imprecise(self) -> Array:
        """The elements where the rule loses the most digits, as its answer in float64 shows."""
        if self.precise is None:
            return np.array([], dtype=int)
        lost = np.abs(self.analytic - self.precise) - 4 * self.rounding - 0.01 * np.abs(self.precise)
        lost = np.where(np.isfinite(self.analytic), lost, np.inf).max(axis=0)
        worst = np.argsort(-lost)[:TRACED]
        return worst[lost[worst] > 8 * self.function_epsilon * np.nanmax(np.abs(self.precise))]

    def direction(self, group: Array, signs: Array, at_once: bool = False) -> Finding:
        """The finding for a step through all elements of a group; at once, without a second look at a failure."""
        u = np.zeros(self.function.x.size)
        u[group] = (self.steps * signs)[group]
        length = float(np.sqrt(np.nansum((self.sharpest * u) ** 2, axis=1)).max())
        epsilon = self.function_epsilon if self.precise is None else self.function.epsilon
        allowed = verdicts.for_direction(epsilon, length)
        if at_once:
            return self.compared(ladder.measure(self.measurer, u, allowed.reference), u, allowed, self.sharpest)
        return self.look(u, allowed, self.sharpest)

    @property
    def sharpest(self) -> Array:
        """The rule's answer with the most digits: its rounding would hide one wrong element among many right ones."""
        return self.analytic if self.precise is None else self.precise

    def traced(self, group: Array, signs: Array, finding: Finding) -> Evidence:
        """Follows a failing direction to one element, by halves."""
        whole, found = group, finding
        try:
            while group.size > 1:
                first, second = group[: group.size // 2], group[group.size // 2 :]
                group = first if self.direction(first, signs, at_once=True).verdict == FAIL else second
            found = self.element(int(group[0]))
        except BudgetSpent:
            self.is_complete = False
        if found.verdict == FAIL and group.size == 1:
            return Evidence(int(group[0]), found)
        return Evidence(None, replace(finding, reason=f"a step through {whole.size} elements disagrees"))

    def look_beside_kinks(self, group: Array, signs: Array) -> None:
        """Checks the direction once more with the outputs left out that have a kink along it."""
        u = np.zeros(self.function.x.size)
        u[group] = (self.steps * signs)[group]
        smooth = ~kinks.kinked_outputs(self.measurer, u)
        rest = self.measurer.upstream * smooth
        if not rest.any():
            return
        others = Search(
            self.function,
            replace(self.measurer, upstream=rest),
            np.array([self.function.rule(w) for w in rest]),
            None,
            self.rounding,
            self.generator,
        )
        finding = others.direction(group, signs)
        if finding.verdict == FAIL:
            self.evidence.append(others.traced(group, signs, finding))

    # -------------------------------------------------------------------------------------------------------- one look

    def look(self, u: Array, allowed: Tolerances, rows: Array | None = None, first: int = ladder.FIRST) -> Finding:
        """Measures the slope along u and compares. A failure must show in smaller steps, too."""
        slope = ladder.measure(self.measurer, u, allowed.reference, first)
        if not allowed.reference and slope.error.any() and ladder.stands_still(self.measurer, u):
            slope.error[:] = 0
        finding = self.compared(slope, u, allowed, rows)
        is_clear = finding.verdict != FAIL or finding.reason == "kink" or not np.isfinite(finding.analytic)
        if is_clear or self.confirmed > CONFIRMED:
            return finding
        closer = ladder.measure(self.measurer, u, allowed.reference, first + 8)
        second = self.compared(closer, u, allowed, rows)
        self.confirmed += second.verdict == FAIL
        if second.verdict == PASS or second.reason == "kink":
            return second
        if closer.is_known and (np.abs(closer.value - slope.value) > 10 * (closer.error + slope.error)).any():
            return replace(finding, verdict=UNDECIDED, reason="large and small steps say different things")
        return finding

    def compared(self, slope: Slope, u: Array, allowed: Tolerances, rows: Array | None = None) -> Finding:
        """What the rule says along u, beside what was measured; or what given rows say."""
        slope, kink = kinks.resolve(self.measurer, u, slope)
        used = u != 0
        along = (self.analytic if rows is None else rows)[:, used] @ u[used]
        precise = None if self.precise is None or rows is not None else self.precise[:, used] @ u[used]
        rounding = np.sqrt((self.rounding[:, used] ** 2) @ (u[used] ** 2))
        return verdicts.judge(slope, kink, along, precise, rounding, allowed)


def in_units_of(size: float, finding: Finding) -> Finding:
    """A finding for a step of this size, in units of the gradient."""
    f = finding
    return replace(f, analytic=f.analytic / size, numeric=f.numeric / size, error=f.error / size,
                   left=f.left / size, right=f.right / size, size=float(size))  # fmt: skip


def start(function: CheckedFunction, seed: int) -> Search:
    """Asks the rule for what is to be checked, and measures the function's noise."""
    generator = np.random.default_rng(seed)
    upstream = random_upstream(function, generator)
    analytic = np.array([function.rule(w) for w in upstream])
    answers = [function.precise_rule(w) for w in upstream]
    precise = None if any(answer is None for answer in answers) else np.array(answers)
    limit = LIMIT_SMALL if function.x.size <= SMALL else LIMIT_BIG
    measurer = Measurer(function, upstream, ladder.noise_of(function), limit)
    return Search(
        function, measurer, analytic, precise, rounding_of(function, upstream, analytic, generator), generator
    )


def rounding_of(function: CheckedFunction, upstream: Array, analytic: Array, generator: np.random.Generator) -> Array:
    """How far each element of the gradient moves when the inputs are rounded: what the rule cannot be blamed for."""
    moved = np.zeros_like(analytic)
    for _ in range(2):
        nearby = np.array([function.nearby_rule(w, generator) for w in upstream])
        moved = np.fmax(moved, np.abs(nearby - analytic))
    return np.where(np.isfinite(moved), moved, 0.0)
