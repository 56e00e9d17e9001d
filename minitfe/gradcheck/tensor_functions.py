"""Functions of tensors, and of the variables that they read, with the gradient that a tape computes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitfe import context, conversion, nest
from minitfe.autodiff.explain import noting_lines
from minitfe.autodiff.tape import GradientTape, tensor_of
from minitfe.gradcheck.double import computing_in_double, in_double
from minitfe.gradcheck.functions import (
    Array,
    CheckedFunction,
    RuleError,
    name_of,
    parameter_names,
    require_callable,
    start_randomness,
)
from minitfe.ops.indexed_slices import to_dense
from minitfe.tensor import Tensor
from minitfe.variable import Variable


class TensorFunction(CheckedFunction):
    """A function of tensors, and of variables that it reads, with the gradient that a tape computes.

    Args:
        f: a function of tensors.
        inputs: what to call it with. Floating point tensors are differentiated by; anything else is passed as it is.
        params: the variables to differentiate by; by default those trainable ones that f reads.
    """

    def __init__(self, f: Callable[..., Any], inputs: Sequence[Any], params: Any, seed: int) -> None:
        super().__init__(seed)
        require_callable(f, "f")
        if not context.executing_eagerly():
            raise RuntimeError(
                "Gradients are checked in eager execution, and not while a graph is built."
                " Call tf.enable_eager_execution() once, at the start of the program."
            )
        self.f, self.name = f, name_of(f)
        self.structure = [as_argument(x) for x in inputs]
        self.arguments = [as_argument(x) for x in nest.flatten(self.structure)]
        self.record: Any = None
        names = leaf_names(f, self.structure)
        self.positions = [i for i, x in enumerate(self.arguments) if is_float(x) and not isinstance(x, Variable)]
        self.read = self._variables_read()
        self.params = self._chosen(params)
        sources = [*[self.arguments[i] for i in self.positions], *self.params]
        chosen = [*[names[i] for i in self.positions], *[v.name for v in self.params]]
        require_real(self.arguments, self.name)
        self._start([np.asarray(x.numpy()) for x in sources], chosen)

    def gradients(self, w: Array, x: Array | None = None, precise: bool = False) -> list[Any]:
        """What the tape answers."""
        if x is None and not precise:
            return self._played_back(self.recorded(), w)
        with self._placed(self.x if x is None else x, precise) as tensors:
            return self._played_back(self._record(tensors), w)

    def recorded(self) -> Any:
        """A persistent tape with the record of one call at the point of the check, the outputs and the sources."""
        if self.record is None:
            with noting_lines(), self._placed(self.x, precise=False) as tensors:
                self.record = self._record(tensors)
        return self.record

    def _record(self, tensors: list[Any]) -> Any:
        tape = GradientTape(persistent=True)
        sources = [*[tensors[i] for i in self.positions], *[v.handle for v in self.params]]
        with tape:
            for source, param in zip(sources, [*sources[: len(self.positions)], *self.params]):
                tape.watch_here(source, param)
            outputs = self._outputs(tensors)
        return tape, outputs, sources

    def _played_back(self, record: Any, w: Array) -> list[Any]:
        tape, outputs, sources = record
        wide = [y.array.dtype == np.float64 for y in outputs]
        gs = [in_double(g, y.dtype) if is_wide else conversion.eager_tensor(g.astype(y.dtype.numpy))
              for g, y, is_wide in zip(self.outputs.split(w), outputs, wide)]  # fmt: skip
        start_randomness(self.seed)
        with context.listening(tapes=()):
            try:
                answers = tape.gradient(outputs, sources, output_gradients=gs)
            except Exception as error:
                raise RuleError(f"The gradient of {self.name} raised {type(error).__name__}: {error}") from error
            return [None if g is None else np.asarray(to_dense(g).numpy()) for g in answers]

    def _called(self, arrays: list[Array], precise: bool) -> list[Array]:
        with self._placed(self.inputs.join(arrays), precise and self.is_wide) as tensors:
            return [np.asarray(y.numpy()) for y in self._outputs(tensors)]

    def _outputs(self, tensors: list[Any]) -> list[Tensor]:
        """Calls f, and returns those of its outputs that are floating point numbers, as tensors."""
        result = self._run(lambda: self.f(*nest.pack_sequence_as(self.structure, tensors)))
        if result is None:
            raise ValueError(f"{self.name} returned None; did you forget to return a value?")
        outputs = [as_argument(y) for y in nest.flatten(result)]
        whole = (bool, int, np.ndarray, np.generic)  # as_argument has made tensors of those with fractions
        return [y for y in (tensor_of(y, "value") for y in outputs if not isinstance(y, whole)) if is_float(y)]

    @contextmanager
    def _placed(self, x: Array, precise: bool) -> Iterator[list[Any]]:
        """The arguments of f at the point x, with variables holding what they have there; then they are as before."""
        before = [(v, Tensor(v.handle.array, v.handle.home)) for v in self.read]
        arrays = self.inputs.split(x, own_dtypes=not precise)
        tensors = list(self.arguments)
        for i, array in zip(self.positions, arrays):
            tensors[i] = in_double(array, self.arguments[i].dtype) if precise else conversion.eager_tensor(array)
        values = arrays[len(self.positions) :]
        try:
            with context.listening(tapes=()), self._variables_at(values, precise):
                yield tensors
        finally:
            for v, old in before:
                v._replace(old)

    @contextmanager
    def _variables_at(self, values: list[Array], precise: bool) -> Iterator[None]:
        if precise:
            handles = {v.handle: value for v, value in zip(self.params, values)}
            with computing_in_double(handles, {v.handle: v for v in self.read}):
                yield
            return
        for v, value in zip(self.params, values):
            v._replace(conversion.eager_tensor(value))
        yield

    def _variables_read(self) -> list[Variable]:
        """All variables that f reads, trainable or not: found by calling it once."""
        finder = VariableFinder()
        states: list[tuple[Variable, Tensor]] = []
        finder.found = states
        with context.listening(tapes=(finder,)):
            try:
                self._outputs(list(self.arguments))
            finally:
                for v, old in states:
                    v._replace(old)
        return [v for v, _ in states]

    def _chosen(self, params: Any) -> list[Variable]:
        if params is None:
            return [v for v in self.read if v.trainable and is_float(v)]
        chosen = nest.flatten(params)
        for v in chosen:
            if not isinstance(v, Variable):
                raise TypeError(f"params must be a list of variables; {v!r} is a {type(v).__name__}.")
        self.read += [v for v in chosen if not any(v is known for known in self.read)]
        return [v for v in chosen if is_float(v)]


class VariableFinder:
    """A listener that notes which variables are read, and what they held before."""

    def __init__(self) -> None:
        self.watched = self
        self.found: list[tuple[Variable, Tensor]] = []

    def __contains__(self, x: Any) -> bool:
        return True

    def record(self, operation: Any) -> None:
        """Keeps nothing of operations."""

    def watch_here(self, source: Tensor, x: Any) -> None:
        """Watches everything anyway."""

    def record_read(self, variable: Variable, operation: Any) -> None:
        """Notes a variable that is read for the first time."""
        if not any(variable is known for known, _ in self.found):
            self.found.append((variable, Tensor(variable.handle.array, variable.handle.home)))


def as_argument(x: Any) -> Any:
    """Floats, lists of numbers and arrays of floats as tensors; tensors, variables and all else as they are."""
    if isinstance(x, list | tuple) and not all(type(leaf) in (int, float) for leaf in nest.flatten(x)):
        return x
    if isinstance(x, float | list | tuple) or (isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "fc"):
        return conversion.convert_to_tensor(x)
    return x


def is_float(x: Any) -> bool:
    """Whether this is a tensor or variable of floating point numbers."""
    return isinstance(x, Tensor | Variable) and x.dtype.is_floating


def require_real(arguments: Sequence[Any], name: str) -> None:
    """Raises TypeError for complex inputs, whose gradients are not checked."""
    if any(isinstance(x, Tensor | Variable) and x.dtype.is_complex for x in arguments):
        raise TypeError(
            f"An input of {name} is complex; only real inputs are checked."
            " Pass real and imaginary part, and put them together inside with tf.complex."
        )


def leaf_names(f: Callable[..., Any], inputs: Sequence[Any]) -> list[str]:
    """A name for each leaf of the inputs: its parameter's, with a number where that holds several."""
    names = []
    for name, part in zip(parameter_names(f, len(inputs)), inputs):
        leaves = len(nest.flatten(part))
        names += [f"{name}[{i}]" for i in range(leaves)] if nest.is_nested(part) else [name]
    return names
