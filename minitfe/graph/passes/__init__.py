"""Passes: functions from program to program, each a page, that make it do less for the same result.

They run in the order of `PASSES`. Those before `products` give the same results to the bit. `products` and `fusion` add
up in another order, so that sums differ by rounding.
"""

from __future__ import annotations

from collections.abc import Sequence

from minitfe.graph.passes import (
    algebra,
    buffers,
    common_subexpressions,
    constant_folding,
    dead_code,
    early_assignments,
    fusion,
    lent_shapes,
    products,
)
from minitfe.graph.program import Pass, Program

PASSES: dict[str, Pass] = {
    "lent_shapes": lent_shapes.lent_shapes,
    "constant_folding": constant_folding.constant_folding,
    "algebra": algebra.algebra,
    "common_subexpressions": common_subexpressions.common_subexpressions,
    "dead_code": dead_code.dead_code,
    "products": products.products,
    "early_assignments": early_assignments.early_assignments,
    "fusion": fusion.fusion,
    "buffers": buffers.buffers,
}
"""All passes by name, in their order; all are used where nothing else is said."""


def chosen(names: Sequence[str] | None) -> tuple[str, ...]:
    """The names of passes in the order in which they run.

    Args:
        names: some names, in any order; None for all.

    Raises:
        ValueError: where there is no such pass; the message lists those that are.
    """
    if names is None:
        return tuple(PASSES)
    wanted = {names} if isinstance(names, str) else set(names)
    unknown = sorted(map(str, wanted - set(PASSES)))
    if unknown:
        raise ValueError(f"There is no pass called {', '.join(unknown)}; there are {', '.join(PASSES)}.")
    return tuple(name for name in PASSES if name in wanted)


def optimized(program: Program, names: Sequence[str]) -> Program:
    """The program after these passes."""
    for name in names:
        program = PASSES[name](program)
    return program
