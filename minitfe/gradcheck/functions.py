"""What is checked: a function and the rule for its gradient, seen as functions of one flat vector.

The checker asks three things of a function, whatever it is made of:

- ``value(x)``: what it answers at a point, in float64, however few digits the rule itself works with;
- ``rule(w)``: the gradient that is to be checked, for an upstream gradient w, at the point of the check;
- ``precise_rule(w)``: the same rule in float64, where it can be had, to tell a wrong rule from one that loses digits.

`PlainFunction` asks a function of numpy arrays and its hand-written rule, `TensorFunction` a function of tensors and
the tape; both stand in modules of their own. Random numbers start anew for each call, so that a function that draws
some is one fixed function.
"""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from minitfe.ops import random as random_ops

Array = np.ndarray[Any, Any]

# ------------------------------------------------------------------------------------------------------- flat vectors


class Layout:
    """How several arrays lie in one flat vector, one behind the other."""

    def __init__(self, arrays: Sequence[Array], names: Sequence[str]) -> None:
        self.names = list(names)
        self.shapes = [x.shape for x in arrays]
        self.dtypes = [x.dtype for x in arrays]
        self.ends = np.cumsum([x.size for x in arrays])
        self.starts = self.ends - [x.size for x in arrays]

    @property
    def size(self) -> int:
        """The length of the vector."""
        return int(self.ends[-1])

    @property
    def epsilon(self) -> float:
        """The spacing of numbers near 1 in the coarsest dtype."""
        return max(float(np.finfo(dtype).eps) for dtype in self.dtypes)

    def join(self, arrays: Sequence[Any]) -> Array:
        """The vector, in float64; None stands for zeros."""
        parts = [
            np.zeros(end - start) if x is None else np.asarray(x, np.float64).ravel()
            for x, start, end in zip(arrays, self.starts, self.ends)
        ]
        return np.concatenate(parts)

    def split(self, vector: Array, own_dtypes: bool = False) -> list[Array]:
        """The arrays: fresh ones, in float64 or in their own dtypes."""
        return [
            np.array(vector[start:end].reshape(shape), dtype if own_dtypes else np.float64)
            for shape, dtype, start, end in zip(self.shapes, self.dtypes, self.starts, self.ends)
        ]

    def members(self) -> list[Array]:
        """The positions of each array's elements."""
        return [np.arange(start, end) for start, end in zip(self.starts, self.ends)]

    def place(self, position: int) -> tuple[str, tuple[int, ...]]:
        """The name of the array that an element of the vector belongs to, and its index there."""
        i = int(np.searchsorted(self.ends, position, side="right"))
        index = np.unravel_index(position - self.starts[i], self.shapes[i]) if self.shapes[i] else ()
        return self.names[i], tuple(int(k) for k in index)


# ---------------------------------------------------------------------------------------------------------- functions


class RuleError(RuntimeError):
    """The gradient rule raised an error instead of returning a gradient."""


class CheckedFunction:
    """A function with a rule for its gradient, at one point.

    Attributes:
        x: the point, as a flat vector.
        y: what the function answers there.
        inputs, outputs: how the arrays lie in x and y.
        mutated: whether a call has changed its inputs.
        is_wide: whether `value` computes in float64, and not in the function's own dtype.
        epsilon: the spacing near 1 of the numbers that `value` computes with.
        evaluations: how often the function was called.
        notes: what a reader of the report should know about how it was checked.
    """

    inputs: Layout
    outputs: Layout
    x: Array
    y: Array
    name = "f"
    mutated = False
    is_wide = True
    epsilon = float(np.finfo(np.float64).eps)

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.evaluations = 0
        self.notes: list[str] = []

    def value(self, x: Array) -> Array:
        """What the function answers at x, as a flat vector."""
        answers = self._called(self.inputs.split(x), precise=True)
        self._require_shapes(answers)
        return self.outputs.join(answers)

    def rule(self, w: Array) -> Array:
        """The gradient of the sum of w y, by the rule that is checked."""
        return self.inputs.join(self.gradients(w))

    def precise_rule(self, w: Array) -> Array | None:
        """The same with the rule computing in float64; None where it does so anyway, or cannot."""
        if self.inputs.epsilon == self.outputs.epsilon == self.epsilon:
            return None
        try:
            return self.inputs.join(self.gradients(w, precise=True))
        except Exception:  # a rule that insists on its dtype is right to; only the help of this is lost
            return None

    def nearby_rule(self, w: Array, generator: np.random.Generator) -> Array:
        """The rule at a point that differs from x by the rounding of its numbers: what the rule cannot know."""
        spread = 1 + self.inputs.epsilon * generator.choice([-1.0, 1.0], self.x.size)
        upstream = 1 + self.outputs.epsilon * generator.choice([-1.0, 1.0], w.size)
        return self.inputs.join(self.gradients(w * upstream, x=self.x * spread))

    def gradients(self, w: Array, x: Array | None = None, precise: bool = False) -> list[Any]:
        """What the rule returns, for each input: an array, or None where it says that nothing is connected."""
        raise NotImplementedError

    def _called(self, arrays: list[Array], precise: bool) -> list[Array]:
        """The outputs for these inputs, as arrays."""
        raise NotImplementedError

    def _start(self, arrays: Sequence[Array], names: Sequence[str]) -> None:
        """Calls the function for the first time, in its own dtypes."""
        if not arrays:
            raise ValueError(
                f"There is no floating point input to check {self.name} with: gradients are taken with respect to"
                " float16, float32 or float64. Pass floats, not integers, or variables in params."
            )
        for x, name in zip(arrays, names):
            if not np.isfinite(x).all():
                raise ValueError(f"The input {name} of {self.name} holds nan or inf; no slope can be measured there.")
        self.inputs = Layout(arrays, names)
        if not self.inputs.size:
            raise ValueError(f"The inputs of {self.name} are empty: there is no element to differentiate by.")
        self.x = self.inputs.join(arrays)
        answers = self._called(self.inputs.split(self.x, own_dtypes=True), precise=False)
        if not sum(y.size for y in answers):
            raise ValueError(f"{self.name} returned no floating point number; there is nothing to differentiate.")
        self.outputs = Layout(answers, [f"output {i}" for i in range(len(answers))])
        self.y = self._first_value()

    def _first_value(self) -> Array:
        """The value in float64. A function that insists on its own dtype is measured in that."""
        try:
            answers = self._called(self.inputs.split(self.x), precise=True)
            reason = "it answers in fewer digits" if any(y.dtype.itemsize < 8 for y in answers) else ""
        except Exception as error:
            reason = f"{type(error.__cause__ or error).__name__}: {error.__cause__ or error}"
        if reason:
            self._settle_for_less(reason)
            answers = self._called(self.inputs.split(self.x), precise=True)
        self._require_shapes(answers)
        return self.outputs.join(answers)

    def _settle_for_less(self, reason: str) -> None:
        self.is_wide = False
        self.epsilon = max(self.inputs.epsilon, self.outputs.epsilon)
        if self.epsilon > CheckedFunction.epsilon:
            self.notes.append(
                f"{self.name} was measured in its own dtype, with fewer digits than float64 has ({reason})"
            )

    def _require_shapes(self, answers: Sequence[Array]) -> None:
        shapes = [y.shape for y in answers]
        if shapes != self.outputs.shapes:
            raise ValueError(
                f"The shape of what {self.name} returns must not depend on the values of its inputs: it was"
                f" {self.outputs.shapes} at first, and {shapes} in a later call."
            )

    def _run(self, call: Callable[[], Any]) -> Any:
        """Calls the user's function; what is raised there is told apart from errors of the checker's own."""
        self.evaluations += 1
        return self._guarded(call, "when it was called", RuntimeError)

    def _guarded(self, call: Callable[[], Any], doing: str, raising: type[Exception]) -> Any:
        start_randomness(self.seed)
        try:
            return call()
        except Exception as error:
            raise raising(
                f"{self.name} raised {type(error).__name__} {doing}: {error}. Its gradient was not checked."
            ) from error


@contextmanager
def keeping_randomness() -> Iterator[None]:
    """A scope after which random numbers, minitfe's, numpy's and Python's, go on as if it had not been."""
    before = random_ops.get_state(), np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        random_ops.set_state(before[0])
        np.random.set_state(before[1])
        random.setstate(before[2])


def start_randomness(seed: int) -> None:
    """Lets random numbers begin at a seed, so that each call of a function draws the same."""
    random_ops.set_random_seed(seed)
    of_numpy, of_python = states_for(seed)
    np.random.set_state(of_numpy)
    random.setstate(of_python)


@lru_cache(maxsize=8)
def states_for(seed: int) -> tuple[Any, Any]:
    """The states of numpy's and Python's generators for a seed: to set them is faster than to seed."""
    return np.random.RandomState(seed).get_state(), random.Random(seed).getstate()


def name_of(f: Callable[..., Any]) -> str:
    """What a function is called."""
    return getattr(f, "__name__", type(f).__name__)


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names of a function's first parameters; numbers where it has none to show."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [named[i] if i < len(named) else f"input {i}" for i in range(count)]


def require_callable(f: Any, what: str) -> None:
    """Raises TypeError for what cannot be called."""
    if not callable(f):
        raise TypeError(f"{what} must be a function, but is {f!r}, a {type(f).__name__}.")
