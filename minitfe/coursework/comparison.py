"""Whether an answer is what was expected, and if not, where both first differ."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe.coursework.wire import as_array

SHOWN = 12  # elements of an array that are printed


class Incomparable(TypeError):
    """What is expected is neither numbers nor text, nor a structure of these."""


def difference(got: Any, expected: Any, tolerance: float, place: str = "") -> str | None:
    """Where two values first differ, in words; None where they agree.

    Args:
        got: what the student's function returned.
        expected: what the reference returned.
        tolerance: how far numbers may be off, relative to the largest that is expected in their array, or to 1 where
            all are 0. Integers and bools must be equal.
        place: which part of the answer this is, such as ``"[0]"``.

    Raises:
        Incomparable: for what is expected; never for what a student's function returned.

    >>> from minitfe.coursework.comparison import difference
    >>> difference([1.0, 2.5], np.array([1.0, 2.0]), 1e-6)
    'at [1]: expected 2, got 2.5; 1 of 2 numbers differ'
    >>> difference(2.0, 2.0 + 1e-9, 1e-6) is None
    True
    """
    if isinstance(expected, dict):
        return of_dicts(got, expected, tolerance, place)
    if isinstance(expected, list | tuple) and not is_numeric(expected):
        return of_sequences(got, expected, tolerance, place)
    if expected is None or isinstance(expected, str):
        same = type(got) is type(expected) and got == expected
        return None if same else f"{at(place)}expected {expected!r}, got {shown(got)}"
    array = numeric(expected)
    if array is None:
        raise Incomparable(f"no answer can be compared with {shown(expected)}")
    return of_arrays(got, array, tolerance, place)


def of_dicts(got: Any, expected: dict[str, Any], tolerance: float, place: str) -> str | None:
    """Where dictionaries differ."""
    if not isinstance(got, dict) or set(got) != set(expected):
        keys = f"the keys {sorted(got)}" if isinstance(got, dict) else shown(got)
        return f"{at(place)}expected a dictionary with the keys {sorted(expected)}, got {keys}"
    found = (difference(got[key], expected[key], tolerance, f"{place}[{key!r}]") for key in expected)
    return next((text for text in found if text), None)


def of_sequences(got: Any, expected: list[Any] | tuple[Any, ...], tolerance: float, place: str) -> str | None:
    """Where lists or tuples differ; which of both it is does not matter."""
    if not isinstance(got, list | tuple) or len(got) != len(expected):
        what = f"{len(got)}" if isinstance(got, list | tuple) else shown(got)
        return f"{at(place)}expected {len(expected)} values, got {what}"
    found = (difference(x, y, tolerance, f"{place}[{i}]") for i, (x, y) in enumerate(zip(got, expected)))
    return next((text for text in found if text), None)


def of_arrays(got: Any, expected: np.ndarray[Any, Any], tolerance: float, place: str) -> str | None:
    """Where numbers differ."""
    array = numeric(got)
    if array is None:
        return f"{at(place)}expected {kind(expected)}, got {shown(got)}"
    if array.shape != expected.shape:
        return f"{at(place)}expected shape {expected.shape}, got shape {array.shape}"
    if (array.dtype.kind == "b") != (expected.dtype.kind == "b"):
        return f"{at(place)}expected {expected.dtype}, got {array.dtype}"
    wrong = ~agreeing(array, expected, tolerance)
    if not wrong.any():
        return None
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    where = f"{place}[{', '.join(map(str, index))}]" if index else place
    count = f"; {wrong.sum()} of {wrong.size} numbers differ" if wrong.size > 1 else ""
    return f"{at(where)}expected {number(expected[index])}, got {number(array[index])}{count}"


def agreeing(got: np.ndarray[Any, Any], expected: np.ndarray[Any, Any], tolerance: float) -> np.ndarray[Any, Any]:
    """Which numbers agree: nan with nan, inf with inf, and all others within the tolerance."""
    if expected.dtype.kind in "biu" and got.dtype.kind in "biu":
        return np.asarray(got == expected)
    wide = np.result_type(expected.dtype, got.dtype, np.float64)
    x, y = got.astype(wide), expected.astype(wide)
    largest = np.abs(y[np.isfinite(y)]).max(initial=0.0) or 1.0
    with np.errstate(invalid="ignore"):
        close = np.abs(x - y) <= tolerance * largest
    return np.asarray(np.where(np.isfinite(y), close, (x == y) | (np.isnan(x) & np.isnan(y))))


def is_numeric(value: Any) -> bool:
    """Whether a list is one of numbers, nested or not, and so an array."""
    return bool(len(value)) and numeric(value) is not None


def numeric(value: Any) -> np.ndarray[Any, Any] | None:
    """A number, tensor, array or list of numbers as an array; None for anything else."""
    array = as_array(value)
    if array is not None or not isinstance(value, bool | int | float | complex | list | tuple):
        return array
    try:
        return as_array(np.array(value))
    except (ValueError, OverflowError, TypeError):
        return None


def at(place: str) -> str:
    """The place, as the beginning of a sentence."""
    return f"at {place}: " if place else ""


def kind(expected: np.ndarray[Any, Any]) -> str:
    """What is expected, by shape."""
    return f"an array of shape {expected.shape}" if expected.shape else "a number"


def number(x: Any) -> str:
    """A number with as many digits as one needs to see a difference."""
    return f"{x:.9g}" if x.dtype.kind == "f" else str(x)


def shown(value: Any) -> str:
    """A value as a reader of the report sees it: in full if it is short, else its beginning or its shape."""
    array = as_array(value)
    if array is None:
        text = str(value) if type(value).__name__ == "Unsendable" else repr(value)
        return text if len(text) <= 200 else f"{text[:200]} ..."
    if array.size <= SHOWN:
        return np.array2string(array, precision=6, separator=", ").replace("\n", " ")
    first = ", ".join(f"{x:.6g}" if array.dtype.kind == "f" else str(x) for x in array.ravel()[:4])
    return f"an array of shape {array.shape} that begins with {first}"
