"""Where the inputs of an item come from: fixed values, `Values` drawn at random, and strategies of hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe.extend import Values
from minitfe.extras import require


def drawn(inputs: Any, count: int, seed: int, dtype: str) -> list[list[Any]]:
    """Draws the arguments for so many calls, the same for the same seed.

    Args:
        inputs: a list with one entry per argument: `minitfe.extend.Values`, a strategy of hypothesis, or a value that
            is passed as it is. Or one strategy that draws all arguments, as a tuple or list.
        count: how many calls. Fewer are drawn where nothing is random; a strategy may repeat itself.
        seed: what is drawn from.
        dtype: the dtype that "float" stands for.

    >>> from minitfe.coursework import Values
    >>> from minitfe.coursework.inputs import drawn
    >>> [[x, axis]] = drawn([Values((2,), low=0, high=1), 0], 1, seed=0, dtype="float64")
    >>> x.shape, axis
    ((2,), 0)
    """
    if is_strategy(inputs):
        return [list(arguments) for arguments in examples(inputs, count, seed)]
    parts = list(inputs)
    if not any(isinstance(part, Values) or is_strategy(part) for part in parts):
        count = 1
    generator = np.random.default_rng(seed)
    columns = [column(part, count, generator, dtype) for part in parts]
    return [list(arguments) for arguments in zip(*columns)] if columns else [[]]


def column(part: Any, count: int, generator: np.random.Generator, dtype: str) -> list[Any]:
    """One argument for each call."""
    if isinstance(part, Values):
        return [part.draw(generator, dtype) for _ in range(count)]
    if is_strategy(part):
        return examples(part, count, int(generator.integers(2**32)))
    return [part] * count


def is_strategy(part: Any) -> bool:
    """Whether this is one of hypothesis's strategies, without importing hypothesis."""
    return type(part).__module__.startswith("hypothesis.")


def examples(strategy: Any, count: int, seed: int) -> list[Any]:
    """So many examples of a strategy; where it has fewer, they are taken again.

    Raises:
        ValueError: where the strategy has none.
    """
    hypothesis = require("hypothesis", "test", "Drawing inputs from strategies")
    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=max(4 * count, 10), database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    if not found:
        raise ValueError(f"the strategy {strategy!r} draws nothing.")
    return spread(found, count)


def spread(found: Sequence[Any], count: int) -> list[Any]:
    """So many of them, from the first, which is the simplest, to the last."""
    return [found[int(i)] for i in np.linspace(0, len(found) - 1, count)]
