"""Stages: the transformations of a pipeline, each a generator that takes elements and gives elements.

A stage can begin anywhere: ``start`` is the number of the first element to give. Where the elements before it need not
be computed for that, they are not. That is how a restored iterator finds its place, and all it needs.

Where a pipeline begins with rows of arrays that are in memory, its first stages do not pass rows on but their numbers,
*places*: shuffling images is shuffling ints. `batch_rows` then takes a whole batch out of the arrays at once.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from minitfe.data.batches import stack
from minitfe.data.elements import Element, from_result, row, rows, sliced
from minitfe.data.runs import Run, Shuffling, UserFunction

Elements = Iterator[Element]
Start = Callable[[Run, int], Elements]
"""A dataset, seen from the stage above: it gives its elements for a run, from one of them on."""

Length = float
"""How many elements there are: an int, infinity, or NaN where that is not known before they are counted."""

UNKNOWN = math.nan
NOTHING = object()

# ------------------------------------------------------------------------------------------------------ rows and places


def places_to_elements(table: Element, places: Iterable[int]) -> Elements:
    """The rows of a table."""
    for place in places:
        yield row(table, place)


def batch_rows(table: Element, places: Elements, size: int, drop_remainder: bool) -> Elements:
    """Batches of the rows of a table."""
    return (rows(table, block) for block in blocks(places, size, drop_remainder))


def batch(
    source: Elements, size: int, drop_remainder: bool, join: Callable[[list[Element]], Element] = stack
) -> Elements:
    """Batches of elements."""
    return (join(block) for block in blocks(source, size, drop_remainder))


def blocks(source: Elements, size: int, drop_remainder: bool) -> Iterator[list[Element]]:
    """Lists of as many elements; the last may be shorter, unless that is to be dropped."""
    while block := list(islice(source, size)):
        if len(block) < size and drop_remainder:
            return
        yield block


# -------------------------------------------------------------------------------------------- which, and in what order


def shuffle(source: Elements, size: int, shuffling: Shuffling, run: Run) -> Elements:
    """Keeps a buffer of elements; each time, one of them at random is given and another takes its place."""
    random = shuffling.generator(run).random
    buffer = list(islice(source, size))
    for element in source:
        i = int(random() * size)
        chosen, buffer[i] = buffer[i], element
        yield chosen
    while buffer:
        i = int(random() * len(buffer))
        buffer[i], buffer[-1] = buffer[-1], buffer[i]
        yield buffer.pop()


def repeat(source: Start, length: Length, times: float, run: Run, start: int) -> Elements:
    """Goes through a dataset several times; each time it is asked for its elements anew."""
    if not times:
        return iter(())
    if length == math.inf:
        return source(run.epoch(0), start)
    if math.isnan(length) or not length:  # it may end at any point, so all must be gone through
        return islice(_repeat(source, times, run, 0, 0), start, None)
    return _repeat(source, times, run, *divmod(start, int(length)))


def _repeat(source: Start, times: float, run: Run, epoch: int, start: int) -> Elements:
    while epoch < times:
        elements = source(run.epoch(epoch), start)
        first = next(elements, NOTHING)
        if first is not NOTHING:
            yield first
            yield from elements
        elif times == math.inf and not start:
            return  # for ever nothing
        epoch, start = epoch + 1, 0


def concatenate(first: Start, length: Length, second: Start, run: Run, start: int) -> Elements:
    """All of one dataset, then all of another."""
    if math.isnan(length):
        return islice(chain(first(run.branch(0), 0), second(run.branch(1), 0)), start, None)
    if start < length:
        return chain(first(run.branch(0), start), second(run.branch(1), 0))
    return second(run.branch(1), start - int(length))


def filtered(source: Elements, predicate: UserFunction) -> Elements:
    """The elements for which the predicate is true."""
    for number, element in enumerate(source):
        if _truth(predicate(number, element)):
            yield element


def _truth(value: Any) -> bool:
    answer = from_result(value)
    if isinstance(answer, (tuple, dict)) or answer.shape != () or answer.dtype.kind != "b":
        raise ValueError(f"`predicate` must return a scalar boolean tensor, not {value!r}.")
    return bool(answer)


# ---------------------------------------------------------------------------------------------------------- one to one


def mapped(source: Elements, function: UserFunction, start: int) -> Elements:
    """What a function makes of each element."""
    for number, element in enumerate(source, start):
        yield from_result(function(number, element))


def zipped(sources: list[Elements], pack: Callable[[list[Element]], Element]) -> Elements:
    """An element of each source, together; ends with the shortest."""
    for parts in zip(*sources):
        yield pack(list(parts))


# --------------------------------------------------------------------------------------------------------- one to many


def interleave(source: Elements, open_one: Callable[[int, Element], Elements], cycle: int, block: int) -> Elements:
    """Has several elements open at a time, as datasets, and gives a block of each in turn.

    Args:
        source: the elements to be opened.
        open_one: makes an iterator of an element, given its number too.
        cycle: how many are open at once.
        block: how many elements of one are given before it is the next one's turn.
    """
    numbered = enumerate(source)
    slots: list[Any] = [None] * cycle
    for slot in itertools.cycle(range(cycle)):
        slots[slot] = slots[slot] or _opened(numbered, open_one)
        if not any(slots):
            return
        given = 0
        for element in islice(slots[slot] or (), block):
            given += 1
            yield element
        if given < block:
            slots[slot] = None  # it has ended


def _opened(numbered: Iterator[tuple[int, Element]], open_one: Callable[[int, Element], Elements]) -> Elements | None:
    pair = next(numbered, None)
    return None if pair is None else open_one(*pair)


def flat(source: Elements, open_one: Callable[[int, Element], Elements]) -> Elements:
    """All of each element in turn, as a dataset."""
    return chain.from_iterable(open_one(number, element) for number, element in enumerate(source))


def unbatched(source: Elements) -> Elements:
    """The parts of each element along its first axis, one by one."""
    for element in source:
        yield from places_to_elements(element, range(sliced(element, "unbatch")))
