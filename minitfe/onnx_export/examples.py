"""Examples: what the inputs of an exported function are, and what they are called.

An example is a tensor of the dtype and shape that an argument will have, or says them in another way: a numpy array, an
input of a Keras model, or a pair such as ``(tf.float32, [None, 784])``. Only dtype and shape are read.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from minitfe import dtypes, nest
from minitfe.dtypes import DType
from minitfe.graph.program import symbol
from minitfe.shapes import TensorShape


def symbols(example: Any) -> Any:
    """A symbol for each tensor that an example stands for, nested as they are in lists and dictionaries.

    Raises:
        TypeError: for an example that says no dtype and shape.
        ValueError: where it leaves open how many axes there are.
    """
    if isinstance(example, list):
        return [symbols(part) for part in example]
    if isinstance(example, dict):
        return {key: symbols(part) for key, part in example.items()}
    dtype, shape = _specified(example)
    if shape.ndims is None:
        raise ValueError(f"The number of axes of an input must be known, but {example!r} leaves it open.")
    return symbol(dtype, shape.extents)


def _specified(example: Any) -> tuple[DType, TensorShape]:
    """Dtype and shape that an example says."""
    if isinstance(example, tuple) and len(example) == 2:
        return dtypes.as_dtype(example[0]), TensorShape(example[1])
    if hasattr(example, "dtype") and hasattr(example, "shape"):
        return dtypes.as_dtype(example.dtype), TensorShape(example.shape)
    raise TypeError(
        "An example must be a tensor, or a pair of dtype and shape such as (tf.float32, [None, 784]), or a list or"
        f" dictionary of these; not {example!r}."
    )


def names_of_inputs(function: Any, arguments: Sequence[Any]) -> Iterator[str]:
    """What the function calls its arguments, with a number where one consists of several tensors."""
    for name, argument in zip(_parameters(function, len(arguments)), arguments):
        count = len(nest.flatten(argument))
        yield from [name] if count == 1 else [f"{name}_{i}" for i in range(count)]


def _parameters(function: Any, count: int) -> list[str]:
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a function written in C says nothing of its parameters
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [*named, *numbered("input", count)[len(named) :]][:count]


def names_of_outputs(structure: Any, count: int) -> list[str]:
    """The keys of a dictionary, where a function returned one with a tensor for each key; else numbers."""
    if isinstance(structure, dict) and len(structure) == count:
        return sorted(map(str, structure))
    return numbered("output", count)


def numbered(name: str, count: int) -> list[str]:
    """The name, with a number where there are several.

    >>> numbered("input", 1), numbered("input", 2)
    (['input'], ['input_0', 'input_1'])
    """
    return [name] if count == 1 else [f"{name}_{i}" for i in range(count)]


def chosen(given: Any, default: Sequence[str], what: str) -> Sequence[str]:
    """The names that were given, or else the default ones.

    Raises:
        ValueError: where there are not as many as needed, or one comes twice.
    """
    if given is None:
        return default
    names = [given] if isinstance(given, str) else list(given)
    if len({*names}) != len(default) or len(names) != len(default) or not all(isinstance(n, str) and n for n in names):
        raise ValueError(
            f"{what}_names must be {len(default)} different names, one for each {what} of the model, not {given!r}."
        )
    return names
