"""Settings of ops, such as shapes and axes: read from what people pass, checked, and made plain Python.

An op's attributes are plain values: ints, tuples of ints, strings. People pass lists, TensorShapes, Dimensions, numpy
integers and tensors (``tf.reshape(x, tf.shape(y))``); an eager tensor's value is read off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe import dtypes, errors, shapes
from minitfe.context import get_listeners
from minitfe.conversion import array_from, resolve
from minitfe.dtypes import DType
from minitfe.shapes import Extents
from minitfe.tensor import Tensor


def invalid(message: str) -> Exception:
    """The error for shapes and settings that cannot be: ValueError while a graph is built, as TensorFlow has it."""
    eager = get_listeners().interpreter is None
    return errors.InvalidArgumentError(message) if eager else ValueError(message)


def integer(value: Any, what: str) -> int:
    """Reads one int; `what` names it in the error."""
    value = plain(value, what)
    try:
        return int(value.__index__())
    except (AttributeError, TypeError):
        raise TypeError(f"{what} must be an integer, not {value!r}") from None


def integers(value: Any, what: str) -> tuple[int, ...]:
    """Reads a tuple of ints from a list, a shape, a tensor, or a single int."""
    if (type(value) is tuple or type(value) is list) and {*map(type, value)} <= {int}:
        return tuple(value)  # most calls by far
    value = plain(value, what)
    if isinstance(value, (list, tuple, np.ndarray)):
        return tuple(integer(part, what) for part in value)
    return (integer(value, what),)


def number(value: Any, what: str) -> float:
    """Reads one real number."""
    value = plain(value, what)
    try:
        if not isinstance(value, (str, bytes)):  # Python would read the digits
            return float(value)
    except (TypeError, ValueError):
        pass
    raise TypeError(f"{what} must be a number, not {value!r}")


def scalar(value: Any, dtype: DType, what: str) -> Any:
    """Reads one value of a dtype, as a plain Python value."""
    array = array_from(plain(value, what), dtype)
    if array.ndim:
        raise invalid(f"{what} must be a scalar, not {value!r}.")
    return array.item()


def listed(values: Any, what: str) -> list[Any]:
    """Reads a list of tensors; a tensor with an axis is a list of its parts."""
    try:
        return list(values)
    except TypeError:
        raise TypeError(f"{what} must be a list of tensors, not {values!r}") from None


def plain(value: Any, what: str) -> Any:
    """Reads the value of a setting that was passed as a tensor, a shape or a variable."""
    if isinstance(value, shapes.TensorShape):
        return value.as_list()
    value = resolve(value)
    if not isinstance(value, Tensor):
        return value
    known = value.static_value()
    if known is None:
        raise ValueError(
            f"{what} must be known when the graph is built, but {value} gets its value only when the graph runs."
        )
    return known.numpy()


def shape(value: Any, what: str = "shape") -> tuple[int, ...]:
    """Reads a shape of which every size is known.

    Raises:
        InvalidArgumentError: for negative sizes.
    """
    sizes = integers(value, what)
    if any(size < 0 for size in sizes):
        raise invalid(f"Dimensions must be >= 0, but {what} is {list(sizes)}.")
    return sizes


def require(x: Tensor, accepted: frozenset[Any], what: str) -> Tensor:
    """Returns the tensor if it has one of the accepted dtypes; for inputs after the first, which the door sees to.

    Raises:
        InvalidArgumentError: for other dtypes.
    """
    if x.dtype.numpy not in accepted:
        allowed = ", ".join(known.name for known in dtypes.ALL if known.numpy in accepted)
        raise invalid(f"{what} cannot be {x.dtype.name}, but {allowed}; convert it with tf.cast.")
    return x


def axis(value: Any, x: Tensor, op: Any, what: str = "axis", extra: int = 0) -> int:
    """Reads an axis of a tensor and counts a negative one from the end.

    Args:
        extra: 1 where the axis may also be the place for a new one, as in expand_dims.

    Raises:
        InvalidArgumentError: where the tensor has no such axis (ValueError while a graph is built).
    """
    extents = x.extents
    if type(value) is int and extents is not None and 0 <= value < len(extents):
        return value  # most calls by far
    index = integer(value, what)
    if extents is None:
        return index
    rank = len(extents) + extra
    if not -rank <= index < rank:
        raise invalid(
            f"Invalid axis: {what} {index} for an input with {len(extents)} dimension(s) [Op:{op.tensorflow_name}]."
            f" {op.name} was given {errors.describe_operands((x,))}; "
            + (f"use an axis from {-rank} to {rank - 1}." if rank else "a scalar has no axes.")
        )
    return index % rank


def per_axis(value: Any, count: int, what: str) -> tuple[int, ...]:
    """Reads one int for each of `count` axes; a single int serves them all."""
    numbers = integers(value, what)
    if len(numbers) == 1:
        return numbers * count
    if len(numbers) != count:
        raise ValueError(f"{what} must be an int or {count} ints, not {value!r}")
    return numbers


def choice(value: str, allowed: Sequence[str], what: str) -> str:
    """Reads one of several words, whatever its case.

    Raises:
        ValueError: for any other word.
    """
    word = str(value).upper()
    if word not in allowed:
        raise ValueError(f"{what} must be one of {', '.join(allowed)}, not {value!r}")
    return word


def known(extents: Extents | None, what: str) -> Extents:
    """The extents, where their number must be known to build the op."""
    if extents is None:
        raise ValueError(f"{what} needs a tensor whose number of axes is known when the graph is built.")
    return extents
