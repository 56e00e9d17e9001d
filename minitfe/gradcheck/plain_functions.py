"""Functions of numpy arrays with a gradient rule written by hand: ``f(x) -> y`` and ``vjp(x, g) -> dx``."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from minitfe.gradcheck.functions import Array, CheckedFunction, RuleError, name_of, parameter_names, require_callable
from minitfe.tensor import Tensor
from minitfe.variable import Variable


class PlainFunction(CheckedFunction):
    """A function of numpy arrays, or of anything numpy understands, with a rule ``vjp(x, g) -> dx``.

    Args:
        f: called as ``f(x)``; where x is a tuple, as ``f(*x)`` if it has as many parameters, and otherwise as ``f(x)``.
        vjp: called as ``vjp(x, g)`` or ``vjp(*x, g)`` alike. The gradients of a tuple are a tuple.
        x: an array or a tuple of arrays.
    """

    def __init__(self, f: Callable[..., Any], vjp: Callable[..., Any], x: Any, seed: int) -> None:
        super().__init__(seed)
        require_callable(f, "f")
        require_callable(vjp, "vjp")
        self.f, self.vjp, self.name = f, vjp, name_of(f)
        self.is_tuple = isinstance(x, tuple)
        arrays = [as_floats(part, self.name) for part in (x if self.is_tuple else (x,))]
        spread = self.is_tuple and takes(f, len(arrays))
        self.spread_f, self.spread_vjp = spread, self.is_tuple and takes(vjp, len(arrays) + 1)
        names = parameter_names(f, len(arrays)) if spread or not self.is_tuple else None
        self.several_outputs = False
        self._start(arrays, names or [f"x[{i}]" for i in range(len(arrays))])

    def gradients(self, w: Array, x: Array | None = None, precise: bool = False) -> list[Any]:
        """What vjp returns."""
        arrays = self.inputs.split(self.x if x is None else x, own_dtypes=not precise)
        gs = self.outputs.split(w, own_dtypes=not precise)
        g = tuple(gs) if self.several_outputs else gs[0]
        point = self._point(arrays)
        before = [array.copy() for array in [*arrays, *gs]]
        call = (lambda: self.vjp(*point, g)) if self.spread_vjp else (lambda: self.vjp(point, g))
        returned = self._guarded(call, "in its gradient rule", RuleError)
        self._note_mutation(before, [*arrays, *gs])
        parts = list(returned) if isinstance(returned, (tuple, list)) and self.is_tuple else [returned]
        return [None if part is None else np.asarray(part) for part in parts]

    def _called(self, arrays: list[Array], precise: bool) -> list[Array]:
        if precise and not self.is_wide:
            arrays = [x.astype(dtype) for x, dtype in zip(arrays, self.inputs.dtypes)]
        point = self._point(arrays)
        before = [x.copy() for x in arrays]
        y = self._run((lambda: self.f(*point)) if self.spread_f else (lambda: self.f(point)))
        self._note_mutation(before, arrays)
        if y is None:
            raise ValueError(f"{self.name} returned None; did you forget to return a value?")
        self.several_outputs = isinstance(y, tuple)
        return [as_numbers(part, self.name) for part in (y if isinstance(y, tuple) else (y,))]

    def _point(self, arrays: list[Array]) -> Any:
        return tuple(arrays) if self.is_tuple else arrays[0]

    def _note_mutation(self, before: list[Array], after: list[Array]) -> None:
        if any(not np.array_equal(old, new, equal_nan=True) for old, new in zip(before, after)):
            self.mutated = True


def takes(f: Callable[..., Any], count: int) -> bool:
    """Whether a function has exactly this number of parameters, or any number of them, and so takes a tuple apart."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    required = [p for p in positional if p.default is p.empty]
    return any(p.kind is p.VAR_POSITIONAL for p in parameters) or (len(required) <= count <= len(positional))


def as_floats(x: Any, name: str) -> Array:
    """An input as an array of floats; TypeError where it is none."""
    array = np.array(x) if not isinstance(x, Tensor | Variable) else np.array(x.numpy())
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        raise TypeError(
            f"The inputs of {name} must be floating point numbers, which have gradients;"
            f" one is of dtype {array.dtype}. Convert it with x.astype(np.float64)."
        )
    return array


def as_numbers(y: Any, name: str) -> Array:
    """An output as an array of real numbers."""
    try:
        array = np.array(y)
    except ValueError:
        array = np.array(None)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must return an array of real numbers, or a tuple of them, but returned {y!r}"
            f" of type {type(y).__name__}."
        )
    return array if array.dtype.kind == "f" else array.astype(np.float64)
