"""Runs: what makes one pass through a pipeline differ from the next, and the same pass equal when it is repeated.

All that is random in a pipeline is computed from a `Run` and from the number of the element it is for. Nothing is
drawn in passing. So element 1,000 of a run is the same whether the 999 before it were computed or skipped, and
whichever thread computes it. A checkpoint of an iterator is therefore two things: its run and a position.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from hashlib import blake2b
from random import Random
from typing import Any, NamedTuple

from minitfe import context, devices
from minitfe.data.elements import Element, as_arguments, to_tensors
from minitfe.ops import random


class Run(NamedTuple):
    """One pass through a pipeline, as one of its stages sees it.

    Attributes:
        program: the program's seed, for what has a seed of its own beside it.
        seed: a seed of the pass, for what has none.
        epochs: which repetition this is, of each `repeat` (or element, of each `flat_map`) around the stage.
        place: where in the pipeline the stage stands.
    """

    program: int
    seed: tuple[int, ...]
    epochs: tuple[int, ...] = ()
    place: tuple[int, ...] = ()

    def epoch(self, number: int) -> Run:
        """The run as seen from inside of a repetition."""
        return self._replace(epochs=(*self.epochs, number))

    def branch(self, number: int) -> Run:
        """The run as seen from one of several inputs."""
        return self._replace(place=(*self.place, number))


def new_run() -> Run:
    """A run that was never there before, but for programs that call `set_random_seed`."""
    return Run(random.program_seed(), random.next_seed())


def mixed(*numbers: Any) -> int:
    """64 bits that depend on all numbers in a way nobody can see through."""
    return int.from_bytes(blake2b(repr(numbers).encode(), digest_size=8).digest(), "little")


class Shuffling(NamedTuple):
    """How a shuffle gets its random numbers.

    Attributes:
        seed: the seed it was given, or None.
        fixed: a seed that was drawn when the dataset was made, for one that does not reshuffle; else None.
        reshuffle: whether each repetition has an order of its own.
    """

    seed: int | None
    fixed: random.Seed | None
    reshuffle: bool

    def generator(self, run: Run) -> Random:
        """The generator for one pass. Equal seeds give equal orders: images and labels can be shuffled alike."""
        if self.seed is not None:
            return Random(mixed(run.program, self.seed, run.epochs if self.reshuffle else None))
        return Random(mixed(self.fixed) if self.fixed else mixed(run.seed, run.epochs, run.place))


class ElementDraws(random.Draws):
    """The draws of one element after the other: what an op draws depends on the element's number alone."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.element = 0

    def begin(self, element: int) -> None:
        """Turns to another element."""
        self.element = element
        if self.counts:
            self.counts = {}

    def next(self, op: int | None) -> random.Seed:
        """The seed of the next draw of an op for this element."""
        count = self.counts[op] = self.counts.get(op, -1) + 1
        run, element = self.run, self.element
        if op is None:
            return mixed(run.seed, run.epochs, run.place, element), random.WITHOUT_OP_SEED, count
        return mixed(run.program, run.epochs, element), op % random.WORD, count


class UserFunction:
    """A function of the user's, called on elements: on the CPU, and out of hearing of the consumer's tapes.

    Args:
        function: takes tensors, several if elements are tuples.
        run: what its random ops draw from.
    """

    def __init__(self, function: Callable[..., Any], run: Run) -> None:
        self.function = function
        self.draws = ElementDraws(run)
        self.context = copy_context()
        self.context.run(random.draw_apart, self.draws)
        self.context.run(context.stand_alone, devices.cpu())

    def __call__(self, number: int, element: Element) -> Any:
        """Calls it for the element of this number."""
        self.draws.begin(number)
        return self.context.run(self.function, *as_arguments(to_tensors(element)))
