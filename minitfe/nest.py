"""Nested structures of lists, tuples, named tuples and dictionaries, taken apart and put together again.

``tape.gradient(loss, {"w": w, "b": [b1, b2]})`` answers in the structure of the question. Dictionaries are read in
the order of their sorted keys, so that two equal dictionaries always give their values in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

CONTAINERS = (list, tuple, dict)


def is_nested(structure: Any) -> bool:
    """Says whether this is a container that gets taken apart: a list, a tuple or a dictionary."""
    return isinstance(structure, CONTAINERS)


def flatten(structure: Any) -> list[Any]:
    """Returns the leaves in order; something that is no container is its own only leaf.

    >>> flatten({"b": [2, 3], "a": 1})
    [1, 2, 3]
    """
    if not isinstance(structure, CONTAINERS):
        return [structure]
    leaves = []
    for part in _parts(structure):
        if isinstance(part, CONTAINERS):
            leaves += flatten(part)
        else:
            leaves.append(part)
    return leaves


def pack_sequence_as(structure: Any, leaves: Any) -> Any:
    """Builds a structure like the given one from a flat list of leaves.

    >>> pack_sequence_as({"b": [0, 0], "a": 0}, [1, 2, 3])
    {'a': 1, 'b': [2, 3]}

    Raises:
        ValueError: where there are more or fewer leaves than places for them.
    """
    leaves = list(leaves)
    if type(structure) is list and len(structure) == len(leaves) and not any(map(is_nested, structure)):
        return leaves  # the most common case
    places = len(flatten(structure))
    if places != len(leaves):
        raise ValueError(f"Structure had {places} elements, but flat_sequence had {len(leaves)} elements.")
    return _pack(structure, iter(leaves))


def map_structure(function: Callable[..., Any], *structures: Any) -> Any:
    """Applies the function to the leaves of one or more structures of the same form.

    >>> map_structure(lambda x, y: x + y, [1, (2, 3)], [10, (20, 30)])
    [11, (22, 33)]
    """
    for other in structures[1:]:
        assert_same_structure(structures[0], other)
    return pack_sequence_as(structures[0], [function(*xs) for xs in zip(*map(flatten, structures))])


def assert_same_structure(first: Any, second: Any) -> None:
    """Raises ValueError or TypeError, saying where, unless both are nested in the same way."""
    if is_nested(first) != is_nested(second):
        raise ValueError(f"The two structures are not nested in the same way: {first!r} and {second!r}.")
    if not is_nested(first):
        return
    if type(first) is not type(second):
        raise TypeError(f"The two structures differ in type: {type(first).__name__} and {type(second).__name__}.")
    if isinstance(first, dict) and set(first) != set(second):
        raise ValueError(f"The two dictionaries differ in their keys: {sorted(first)} and {sorted(second)}.")
    if len(first) != len(second):
        raise ValueError(f"The two structures differ in length: {first!r} and {second!r}.")
    for x, y in zip(_parts(first), _parts(second)):
        assert_same_structure(x, y)


def _parts(structure: Any) -> Any:
    return [structure[key] for key in sorted(structure)] if isinstance(structure, dict) else structure


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(leaves)
    parts = [_pack(part, leaves) for part in _parts(structure)]
    if isinstance(structure, dict):
        return type(structure)(zip(sorted(structure), parts))
    if hasattr(structure, "_fields"):
        return type(structure)(*parts)
    return type(structure)(parts)
