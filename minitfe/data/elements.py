"""Elements: what flows through a data pipeline, a numpy array or a nested structure of them.

An element is an array, or a tuple, named tuple or dictionary of elements. Lists are no structure here: as in
TensorFlow they become arrays. Elements stay numpy's as long as they are inside of the pipeline. They become tensors at
two borders, where a function of the user's is called and where they leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from minitfe import devices, dtypes, errors
from minitfe.context import listening
from minitfe.conversion import array_from, convert_to_tensor
from minitfe.dtypes import DType
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

Array = np.ndarray[Any, Any]
Element = Any

LEAVES = frozenset({np.ndarray, Tensor})


@dataclass(frozen=True)
class Spec:
    """What is known of an array before it is there: its dtype and, as far as it is known, its shape."""

    dtype: DType
    shape: TensorShape

    @classmethod
    def of(cls, array: Array) -> Spec:
        """What is known of an array that is there."""
        return cls(dtypes.from_numpy(array.dtype), TensorShape(array.shape))


# ---------------------------------------------------------------------------------------------------------- structures


def is_structure(element: Any) -> bool:
    """Says whether this is a tuple or a dictionary, and no leaf."""
    return isinstance(element, (tuple, dict))


def map_leaves(function: Callable[[Any], Any], element: Any) -> Any:
    """Applies a function to each leaf of a structure.

    >>> map_leaves(lambda x: x + 1, (1, {"a": 2}))
    (2, {'a': 3})
    """
    kind = type(element)
    if kind is tuple:  # most by far: their arrays and tensors are not worth a call each
        return tuple([function(part) if type(part) in LEAVES else map_leaves(function, part) for part in element])
    if kind in LEAVES:
        return function(element)
    if isinstance(element, dict):
        return type(element)((key, map_leaves(function, part)) for key, part in element.items())
    if isinstance(element, tuple):  # a named one
        return type(element)(*[map_leaves(function, part) for part in element])
    return function(element)


def leaves(element: Any) -> list[Any]:
    """The leaves in order; a dictionary's by its sorted keys. Their numbers are the *components* of error messages."""
    if not is_structure(element):
        return [element]
    parts = [element[key] for key in sorted(element)] if isinstance(element, dict) else element
    return [leaf for part in parts for leaf in leaves(part)]


def columns(elements: Sequence[Element], join: Callable[[list[Array], int], Any], doing: str) -> Any:
    """Makes one structure of several that are alike, by joining what stands at the same place.

    Args:
        elements: at least one.
        join: called with the leaves of one place and the number of that component.
        doing: what is being done, for the error.

    Raises:
        InvalidArgumentError: where the structures differ.
    """
    return _columns(elements, join, count(), doing)


def _columns(elements: Sequence[Element], join: Any, numbers: Iterator[int], doing: str) -> Any:
    first = elements[0]
    if not _alike(elements):
        other = next(element for element in elements if form(element) != form(first))
        raise errors.InvalidArgumentError(
            f"{doing} elements of different structures: {describe(first)} and {describe(other)}."
            " All elements of a dataset must have one structure."
        )
    if not is_structure(first):
        return join(list(elements), next(numbers))
    if isinstance(first, dict):
        joined = {key: _columns([e[key] for e in elements], join, numbers, doing) for key in sorted(first)}
        return type(first)((key, joined[key]) for key in first)
    parts = [_columns(column, join, numbers, doing) for column in zip(*elements)]
    return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)


def _alike(elements: Sequence[Element]) -> bool:
    """Says whether elements have one form. This is asked for each batch, so arrays and tuples have a fast way."""
    kinds = set(map(type, elements))
    if kinds == {np.ndarray} or (kinds == {tuple} and len(set(map(len, elements))) == 1):
        return True
    return len(set(map(form, elements))) == 1


def form(element: Element) -> Any:
    """What two elements must share to be alike, but for their parts."""
    if isinstance(element, dict):
        return dict, tuple(sorted(element))
    return (type(element), len(element)) if isinstance(element, tuple) else None


def describe(element: Element) -> str:
    """A structure with the dtypes and shapes of its arrays, such as ``(float32 (2, 3), int32 ())``."""
    return str(map_leaves(lambda array: Text(f"{dtypes.from_numpy(array.dtype).name} {array.shape}"), element))


class Text(str):
    """A string that is printed without quotes inside of a tuple."""

    def __repr__(self) -> str:
        return str(self)


# -------------------------------------------------------------------------------------------------- from and to tensors


def from_values(values: Any) -> Element:
    """Copies what a user gave, tensors, arrays, numbers or lists in a structure, into an element."""
    return map_leaves(_array, values)


def _array(value: Any) -> Array:
    if isinstance(value, np.ndarray):
        return array_from(value)
    tensor = value if type(value) is Tensor else eagerly(value)
    array = tensor.array  # shared with the tensor where it is numpy's: neither side ever changes it
    return array if type(array) is np.ndarray else tensor.home.package.to_numpy(array)


def eagerly(value: Any) -> Tensor:
    """A value as an eager tensor, also while a graph is under construction: pipelines compute outside of graphs."""
    if isinstance(value, Tensor):
        known = value.static_value()
        if known is None:
            raise ValueError(
                f"A dataset is made of values, and {value} has none before its graph runs; pass the array."
            )
        return known
    with listening(interpreter=None):
        return convert_to_tensor(value)


def from_result(result: Any) -> Element:
    """Turns what a function of the user's returned into an element; a list of tensors is taken for a tuple."""
    return map_leaves(_array, tuple(result) if isinstance(result, list) else result)


def to_tensors(element: Element) -> Any:
    """Makes the arrays of an element tensors on the CPU. They are not copied: a tensor never changes."""
    return map_leaves(_on_the_cpu, element)


def _on_the_cpu(array: Array) -> Tensor:
    return Tensor(array, devices.cpu())


def as_arguments(values: Any) -> tuple[Any, ...]:
    """The arguments that a function gets for an element: a tuple is taken apart, a dictionary or named tuple is not."""
    return values if type(values) is tuple else (values,)


# ----------------------------------------------------------------------------------------------------- rows of a table


def sliced(table: Element, function: str) -> int:
    """Returns how many rows the arrays of a table have.

    Raises:
        ValueError: where an array has no first axis, or they are not equally long.
    """
    arrays = leaves(table)
    if not arrays:
        raise ValueError(f"{function} was given an empty structure; it needs one tensor at least.")
    for array in arrays:
        if array.ndim == 0:
            raise ValueError(
                f"{function} takes slices along the first axis, but was given {describe(table)}: a scalar."
            )
        if len(array) != len(arrays[0]):
            raise ValueError(
                f"Dimensions {len(arrays[0])} and {len(array)} are not compatible: {function} was given"
                f" {describe(table)}, whose first dimensions must be equal."
            )
    return len(arrays[0])


def row(table: Element, i: int) -> Element:
    """Row i of each array in a table. The rows are views."""
    return map_leaves(lambda array: array[i, ...], table)


def rows(table: Element, places: list[int]) -> Element:
    """Several rows at once: what stacking them one by one would give, in a tenth of the time."""
    return map_leaves(lambda array: array.take(places, axis=0), table)
