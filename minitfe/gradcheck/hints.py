"""Hints: from the pattern of wrong numbers to the mistake.

Wrong rules have their faces. A ratio of -1 between the rule's slope and the measured one is a forgotten sign; a
constant ratio a forgotten factor, or, where it is the number of elements, a mean that should be a sum. A gradient that
fits after a transposition was transposed; one that fits a single use of its input adds up too little. Each pattern is a
function of a `Comparison` that returns a hint or None; the first that recognises something speaks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from minitfe.gradcheck.directions import SMALL, Search
from minitfe.gradcheck.functions import Array
from minitfe.gradcheck.ladder import BudgetSpent

SAMPLED = 12  # how many elements of a big input are compared


class Hint(NamedTuple):
    """The kind of a mistake, and what to say about it."""

    kind: str
    text: str


@dataclass
class Comparison:
    """The gradient of one input beside measured slopes, for some or all of its elements.

    Attributes:
        name, shape: of the input.
        positions: the elements, as positions in the flattened input.
        x: the values of the elements.
        analytic, numeric: the slopes, one row per upstream gradient.
        columns: the measured Jacobian: how each output moves with each element.
        upstream: the upstream gradients, as rows.
        whole: the rule's gradient of all elements.
        sizes: where the function sums or stretches, the sizes of inputs and outputs, along each axis and in all.
        is_precise_right: whether the rule is right when it computes in float64.
    """

    name: str
    shape: tuple[int, ...]
    positions: Array
    x: Array
    analytic: Array
    numeric: Array
    columns: Array
    upstream: Array
    whole: Array
    sizes: list[int]
    is_precise_right: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether all elements are among those compared."""
        return self.positions.size == self.whole.shape[1]

    @property
    def wrong(self) -> Array:
        """Which elements differ."""
        return ~close(self.analytic, self.numeric).all(axis=0)

    @property
    def used(self) -> Array:
        """Which elements have any slope at all, by the rule or as measured."""
        return (np.abs(self.analytic) + np.abs(self.numeric)).max(axis=0) > 1e-9 * np.abs(self.numeric).max()


def close(first: Array, second: Array) -> Array:
    """Where two arrays of slopes agree, to three digits."""
    scale = np.maximum(np.abs(first), np.abs(second))
    return np.abs(first - second) <= 2e-3 * scale + 1e-7 * np.abs(second).max(initial=0.0)


def same(first: Array, second: Array) -> bool:
    """Whether two arrays of slopes agree, and hold anything."""
    return first.shape == second.shape and bool(close(first, second).all()) and bool(second.any())


# ------------------------------------------------------------------------------------------------------- the patterns


def precision(c: Comparison) -> Hint | None:
    """The rule is right when it computes in float64."""
    if c.is_precise_right:
        return Hint(
            "precision",
            "the rule is right in float64, but loses digits in its own dtype: look for differences"
            " of large numbers and for overflow, and rewrite them (as log-sum-exp takes the maximum out)",
        )
    return None


def not_connected(c: Comparison) -> Hint | None:
    """All slopes are 0 by the rule, though the function moves."""
    if not c.whole.any():
        return Hint(
            "not_connected",
            f"the gradient of {c.name} is 0 everywhere, though the function depends on it:"
            " is the path back cut, by stop_gradient, .numpy(), a cast or a forgotten return?",
        )
    return None


def constant_ratio(c: Comparison) -> Hint | None:
    """All slopes are off by the same factor: a sign, a mean instead of a sum, or a number."""
    if not c.wrong[c.used].all():
        return None
    ratio = common_ratio(c.analytic[:, c.used], c.numeric[:, c.used])
    return None if ratio is None else named_ratio(ratio, c.sizes)


def ratio_of_a_part(c: Comparison) -> Hint | None:
    """Some slopes are right, the others off by the same factor."""
    part = c.wrong & c.used
    if part.sum() < 2:
        return None
    ratio = common_ratio(c.analytic[:, part], c.numeric[:, part])
    if ratio is None:
        return None
    kind, text = named_ratio(ratio, [])
    return Hint(kind, f"in a part of the elements only, {text}")


def common_ratio(analytic: Array, numeric: Array) -> float | None:
    """The factor between two arrays of slopes, if there is one."""
    steep = np.abs(numeric) > 1e-6 * np.abs(numeric).max(initial=0.0)
    if not steep.any():
        return None
    ratio = float(np.median(analytic[steep] / numeric[steep]))
    return ratio if ratio and bool(close(analytic, ratio * numeric).all()) else None


def named_ratio(ratio: float, sizes: list[int]) -> Hint:
    """What a constant factor means."""
    if abs(ratio + 1) < 1e-3:
        return Hint("sign", "each slope has the wrong sign")
    for size in sorted(set(sizes)):
        if size > 2 and min(abs(ratio / size - 1), abs(ratio * size - 1)) < 1e-3:
            told = f"{size} times too large: a sum" if ratio > 1 else f"{size} times too small: a mean"
            return Hint("mean_versus_sum", f"each slope is {told} where the other is meant? {size} is a size here")
    fraction = Fraction(ratio).limit_denominator(100)
    exact = abs(float(fraction) / ratio - 1) < 1e-4 if fraction else False
    return Hint(
        "factor",
        f"each slope is {fraction if exact else format(ratio, '.4g')} times what it must be:"
        " a constant factor is missing or too much",
    )


def diagonal_only(c: Comparison) -> Hint | None:
    """Each element gets the slope of the output at its own place, and nothing of the others."""
    if c.columns.shape[0] != c.whole.shape[1] or c.wrong.sum() < 2:
        return None
    places = c.positions[c.wrong]
    own = c.upstream[:, places] * c.columns[places, np.flatnonzero(c.wrong)]
    if not same(c.analytic[:, c.wrong], own) or not is_spread(c.columns[:, c.wrong]).all():
        return None
    return Hint(
        "missing_term",
        "only the diagonal of the Jacobian is there: each output depends on the other elements"
        " too, as a softmax does through its sum",
    )


def is_spread(columns: Array) -> Array:
    """Which elements move more than one output."""
    moved = np.abs(columns) > 1e-7 * np.abs(columns).max(initial=0.0)
    return moved.sum(axis=0) > 1


def missing_accumulation(c: Comparison) -> Hint | None:
    """Elements that are used several times get the gradient of one use."""
    repeated = c.wrong & is_spread(c.columns)
    if not repeated.any() or (c.wrong & ~repeated).any():
        return None
    for element in np.flatnonzero(repeated):
        shares = c.upstream * c.columns[:, element]
        one_use = close(shares, c.analytic[:, element : element + 1]).all(axis=0) & (shares != 0).all(axis=0)
        if not one_use.any():
            return None
    return Hint(
        "missing_accumulation",
        "an element that is used several times gets the gradient of one use only:"
        " add up, with += or np.add.at, where the rule assigns",
    )


def transpose(c: Comparison) -> Hint | None:
    """The gradient, or the Jacobian, fits once it is transposed."""
    text = "the gradient is transposed: swap the axes, or the factors of a matrix product"
    if len(c.shape) == 2 and c.shape[0] == c.shape[1] > 1:
        mirrored = c.whole.reshape(-1, *c.shape).transpose(0, 2, 1).reshape(len(c.whole), -1)
        if same(mirrored[:, c.positions], c.numeric):
            return Hint("transpose", text)
    if c.is_complete and c.columns.shape[0] == c.columns.shape[1] and same(c.analytic, c.upstream @ c.columns.T):
        return Hint(
            "transpose",
            "the Jacobian J was applied where its transpose is meant: a matrix in the rule needs a transposition",
        )
    return None


def broadcasting(c: Comparison) -> Hint | None:
    """Sums over an axis agree, single elements do not; or every element has the sum of all."""
    if not c.is_complete or c.positions.size < 2:
        return None
    analytic, numeric = (part.reshape(-1, *c.shape) for part in (c.analytic, c.numeric))
    for axis in range(1, analytic.ndim):
        total = numeric.sum(axis=axis, keepdims=True)
        if c.shape[axis - 1] < 2 or not total.any():
            continue
        if same(analytic, np.broadcast_to(total, analytic.shape)):
            return Hint(
                "broadcasting",
                f"each element has the sum over axis {axis - 1}: the rule sums over an axis that was not stretched",
            )
        if same(analytic.sum(axis=axis, keepdims=True), total):
            return Hint(
                "broadcasting",
                f"sums over axis {axis - 1} agree, single elements do not: is the rule's sum or"
                " broadcast over the wrong axis?",
            )
    return None


def mask(c: Comparison) -> Hint | None:
    """Wrong only where x is on one side of something, or where one of both slopes is 0."""
    wrong, others = c.wrong, c.used & ~c.wrong
    if not wrong.any() or not others.any():
        return None
    for values, word in ((c.x, "x"), (np.abs(c.x), "|x|")) if wrong.sum() > 1 else ():
        for sign, relation in ((1, ">"), (-1, "<")):
            if (sign * values[wrong]).min() > (sign * values[others]).max():
                border = f"{values[wrong].min() if sign > 0 else values[wrong].max():.3g}"
                where = f"{word} {relation}= {border}" if not one_sided(c.x[wrong], sign) else f"x {relation} 0"
                return Hint("mask", f"wrong only where {where}: look at the condition of a mask or a clip there")
    if not c.analytic[:, wrong].any() or not c.numeric[:, wrong].any():
        return Hint("mask", "wrong only where one of both slopes is 0: the mask lets the wrong elements through")
    return None


def one_sided(x: Array, sign: int) -> bool:
    """Whether all values have this sign."""
    return bool((sign * x > 0).all())


def one_element(c: Comparison) -> Hint | None:
    """One element alone is wrong."""
    if c.wrong.sum() != 1 or c.used.sum() < 3:
        return None
    return Hint("entry", "this element alone is wrong: look for an index, an edge or a special case")


def missing_term(c: Comparison) -> Hint | None:
    """Nothing else fits."""
    return Hint(
        "missing_term",
        "the slopes differ without a simple pattern: is a term of the product or the chain rule missing?",
    )


PATTERNS: tuple[Callable[[Comparison], Hint | None], ...] = (
    precision, not_connected, constant_ratio, transpose, diagonal_only, missing_accumulation, broadcasting, mask,
    one_element, ratio_of_a_part, missing_term,
)  # fmt: skip


def suggest(comparison: Comparison) -> Hint:
    """The first pattern that is recognised."""
    return next(hint for pattern in PATTERNS if (hint := pattern(comparison)) is not None)


# --------------------------------------------------------------------------------------------------- what is compared


def compare(search: Search, name: str, is_precise_right: bool) -> Comparison | None:
    """Measures the Jacobian for elements of one input: those that failed and some others. None where it cannot."""
    inputs = search.function.inputs
    i = inputs.names.index(name)
    low, high = int(inputs.starts[i]), int(inputs.ends[i])
    exponents = {e.position: e.finding for e in search.evidence if e.position is not None}
    positions = np.array([p for p in exponents if low <= p < high][: max(SMALL, SAMPLED)], dtype=int)
    try:
        columns = [column(search, p, exponents[p].size, exponents[p].exponent) for p in positions]
    except BudgetSpent:
        return None
    if not columns:
        return None
    jacobian = np.nan_to_num(np.array(columns).T)
    upstream, whole = search.measurer.upstream, search.analytic[:, low:high]
    outputs = search.function.outputs
    sizes = [*inputs.shapes[i], high - low, *[n for shape in outputs.shapes for n in shape], outputs.size]
    return Comparison(
        name=name,
        shape=inputs.shapes[i],
        positions=positions - low,
        x=search.function.x[positions],
        analytic=search.analytic[:, positions],
        numeric=upstream @ jacobian,
        columns=jacobian,
        upstream=upstream,
        whole=whole,
        sizes=sizes if outputs.size != high - low else [],
        is_precise_right=is_precise_right,
    )


def column(search: Search, position: int, size: float, exponent: int) -> Array:
    """How all outputs move with one element: a central difference with one extrapolation."""
    if search.function.evaluations + 4 > search.measurer.limit:
        raise BudgetSpent
    function, u = search.function, np.zeros(search.function.x.size)
    u[position] = 1.0
    steps = [size * 2.0 ** -max(exponent - k, 3) for k in (1, 0)]
    coarse, fine = ((function.value(function.x + t * u) - function.value(function.x - t * u)) / (2 * t) for t in steps)
    return (4 * fine - coarse) / 3 if steps[0] != steps[1] else fine
