"""The gradient tape: records what is done to the tensors it watches, and plays it back.

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    dy_dx = tape.gradient(y, x)

`execute`, the door that every op passes through, offers each operation to every active tape that watches one of its
inputs. The tape keeps the record, and from then on watches the output too: so all that depends on x is on the tape,
and nothing else is.

Tensors are known by identity: as keys of sets and dictionaries they equal themselves alone. What a tape knows it keeps
alive, and drops when it is dropped itself.
"""

from __future__ import annotations

import logging
import os
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import MethodType
from typing import Any

from minitfe import conversion, nest
from minitfe.autodiff import pictures, reasons
from minitfe.autodiff.backpropagate import backpropagate
from minitfe.context import get_listeners, set_tapes
from minitfe.lines import user_line
from minitfe.operation import Operation
from minitfe.ops import array, generate
from minitfe.ops.indexed_slices import to_dense
from minitfe.tensor import Tensor

_log = logging.getLogger("minitfe")


class GradientTape:
    """Records operations for automatic differentiation.

    Trainable variables are watched when they are read; tensors after ``tape.watch(tensor)``.

    Args:
        persistent: whether `gradient` may be called more than once. The tape then keeps its record, and the memory of
            all intermediate results, until it is dropped.
        explain: whether the tape shall help to find mistakes: it notes the user's line of each operation, warns when a
            gradient is None, and says why. And it keeps its record after the gradient, to be looked at. TensorFlow
            does not have this.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> float(tape.gradient(y, x))
    6.0

    Tapes nest: an inner tape's gradient, computed while an outer tape is active, can be differentiated again.
    """

    def __init__(self, persistent: bool = False, explain: bool = False) -> None:
        self.operations: list[Operation] = []
        self.watched: set[Tensor] = set()
        self.variables: dict[Tensor, Any] = {}
        self._persistent = persistent
        self._explain = explain
        self._spent = False
        self._asked: list[Tensor] = []  # the targets of the latest gradient, where they are kept
        if explain:  # only this tape pays for it; the proxy keeps the tape from holding itself alive
            self.record = MethodType(GradientTape.record_with_line, weakref.proxy(self))  # type: ignore[method-assign]

    # --------------------------------------------------------------------------------------------------- recording

    def __enter__(self) -> GradientTape:
        if self._is_active():
            raise ValueError("Tape is already recording: it cannot be entered a second time before it was left.")
        if self.watched or self._spent:
            self._forget()
        self._start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._stop()

    def _start(self) -> None:
        set_tapes((*get_listeners().tapes, self))

    def _stop(self) -> None:
        if self._is_active():
            set_tapes(tuple([tape for tape in get_listeners().tapes if tape is not self]))

    def _is_active(self) -> bool:
        return self in get_listeners().tapes

    def _forget(self) -> None:
        self.operations = []
        self.watched = set()
        self.variables = {}
        self._spent = False
        self._asked = []

    def record(self, operation: Operation) -> None:
        """Keeps an operation, and watches what came out of it. `execute` calls this."""
        output = operation.output
        if type(output) is tuple:
            self.watched.update(output)
        else:
            self.watched.add(output)
        self.operations.append(operation)

    def record_with_line(self, operation: Operation) -> None:
        """Keeps an operation, as `record` does, with the user's line that asked for it."""
        _record(self, operation if operation.where else operation._replace(where=user_line()))

    def record_read(self, variable: Any, operation: Operation) -> None:
        """Keeps the reading of a variable, whose handle is watched from then on."""
        self.variables[variable.handle] = variable
        self.watched.add(variable.handle)
        self.record(operation)

    def watch(self, tensor: Any) -> None:
        """Watches a tensor or variable, or all in a nested structure, from now on.

        Every active tape watches it too, as in TensorFlow.

        Raises:
            TypeError: for what is neither a tensor nor a variable.
        """
        for x in nest.flatten(tensor):
            source = source_of(x)
            for tape in {self, *get_listeners().tapes}:
                tape.watch_here(source, x)

    def watch_here(self, source: Tensor, x: Any) -> None:
        """Watches a tensor, or the handle of a variable x, on this tape alone.

        Integers have no derivative and are passed over.
        """
        if source.dtype.is_differentiable:
            self.watched.add(source)
            if x is not source:
                self.variables[source] = x

    def watched_variables(self) -> tuple[Any, ...]:
        """Returns the variables that were watched, in the order of their creation."""
        return tuple(sorted(self.variables.values(), key=lambda variable: variable.number))

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A scope in which this tape records nothing.

        Raises:
            RuntimeError: where the tape is not recording.
        """
        if not self._is_active():
            raise RuntimeError("Trying to stop recording a tape which is not recording.")
        self._stop()
        try:
            yield
        finally:
            self._start()

    def reset(self) -> None:
        """Forgets all that was recorded and watched, as if the tape were new."""
        self._forget()

    # ---------------------------------------------------------------------------------------------------- playing back

    def gradient(self, target: Any, sources: Any, output_gradients: Any = None) -> Any:
        """Differentiates a target with respect to sources.

        Args:
            target: a tensor, or a nested structure of them, whose sum is then meant. A target of several elements
                counts as their sum, too.
            sources: tensors and variables, in any nested structure.
            output_gradients: a gradient to begin with for each target, of its shape; ones if not given.

        Returns:
            The structure of the sources with a gradient, of the source's shape and dtype, in each place. A source that
            the target does not depend on has the gradient None. Rows gathered from a variable give an IndexedSlices.

        Raises:
            RuntimeError: when called a second time on a tape that is not persistent.
            TypeError: where target or sources are not tensors or variables.
        """
        targets = [tensor_of(x, "target") for x in nest.flatten(target)]
        flat_sources = [source_of(x) for x in nest.flatten(sources)]
        seeds = [seed_for(x, g) for x, g in zip(targets, _per_target(target, len(targets), output_gradients))]
        self._begin_playback()
        gradients = self._backpropagate(targets, flat_sources, seeds)
        if self._explain:
            self._explain_nones(target, sources, gradients)
        self._end_playback(targets)
        return nest.pack_sequence_as(sources, gradients)

    def jacobian(self, target: Any, sources: Any) -> Any:
        """Differentiates each element of a target with respect to sources.

        Args:
            target: one tensor.
            sources: tensors and variables, in any nested structure.

        Returns:
            The structure of the sources, with a tensor of shape ``target.shape + source.shape`` in each place, or None.

        >>> x = tf.constant([1., 2.])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
        """
        y = tensor_of(target, "target")
        flat_sources = [source_of(x) for x in nest.flatten(sources)]
        self._begin_playback()
        rows = [self._backpropagate([y], flat_sources, [g]) for g in unit_gradients(y)]
        jacobians = [_stack_rows(y, x, [row[i] for row in rows]) for i, x in enumerate(flat_sources)]
        if self._explain:
            self._explain_nones(target, sources, jacobians)
        self._end_playback([y])
        return nest.pack_sequence_as(sources, jacobians)

    def _backpropagate(self, targets: list[Tensor], sources: list[Tensor], seeds: list[Tensor]) -> list[Any]:
        pairs = [(x, g) for x, g in zip(targets, seeds) if x in self.watched and x.array.dtype.kind in "fc"]
        operations = list(self.operations)  # a copy: inside its context, a persistent tape records its own playback
        return backpropagate(operations, [x for x, _ in pairs], sources, [g for _, g in pairs], self.watched)

    def _begin_playback(self) -> None:
        """A plain tape stops recording, and gives one gradient only."""
        if self._spent:
            raise RuntimeError(
                "GradientTape.gradient can only be called once on non-persistent tapes."
                " Use tf.GradientTape(persistent=True), or compute all gradients in one call."
            )
        if not self._persistent:
            self._stop()
        elif self._is_active():
            _log.warning(
                "Calling GradientTape.gradient on a persistent tape inside its context is significantly less efficient"
                " than calling it outside the context: it records the gradient computation too."
            )

    def _end_playback(self, targets: list[Tensor]) -> None:
        """A plain tape is empty afterwards; one that explains can still be looked at."""
        if self._persistent or self._explain:
            self._asked = targets
        else:
            self._forget()
        self._spent = not self._persistent

    # -------------------------------------------------------------------------------------------------- looking at it

    def why_none(self, target: Any, source: Any) -> Any:
        """Says why the gradient of a target with respect to a source is None.

        Args:
            target: what would be differentiated, as for `gradient`.
            source: a tensor or variable, or a nested structure of them.

        Returns:
            A sentence; for a nested structure of sources, that structure with a sentence in each place. It begins with
            "It is not None" where there is a gradient.

        >>> x = tf.constant(3)
        >>> with tf.GradientTape(explain=True) as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> print(tape.why_none(y, x).partition(".")[0])
        The source (int32 of shape ()) is of dtype int32, and only floating point numbers have gradients
        """
        targets = nest.flatten(target)
        if self._spent and not self._explain:
            return nest.map_structure(lambda x: reasons.why_forgotten(targets, x), source)
        return nest.map_structure(lambda x: reasons.why_none(self, targets, x), source)

    def _explain_nones(self, target: Any, sources: Any, gradients: list[Any]) -> None:
        """Warns of each gradient that is None, at the line that asked for it."""
        for x, g in zip(nest.flatten(sources), gradients):
            if g is None:
                message = f"A gradient is None. {reasons.why_none(self, nest.flatten(target), x)}"
                warnings.warn(message, RuntimeWarning, stacklevel=3)

    def to_text(self, target: Any = None) -> str:
        """The record as text, one line for each operation.

        Args:
            target: what to differentiate, to see the gradients of each operation too.

        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> print(tape.to_text(y))
        watched  t1: float32 (2,) = [1. 2.]
        1  t2 = multiply(t1, t1): float32 (2,) = [1. 4.]
        backward from t2
           gradient of t2 = [1. 1.]
        1  multiply: gradient of t1 += [2. 4.]
        """
        return pictures.to_text(self._story(target, backward=target is not None))

    def to_dot(self) -> str:
        """The recorded graph in the language of Graphviz: ``dot -Tsvg`` draws it."""
        return pictures.to_dot(self._story(None, backward=False))

    def to_html(self, path: str | os.PathLike[str] | None = None, target: Any = None) -> str:
        """A page that draws the recorded graph, and steps forward through the record and back through the gradients.

        The page needs nothing but a browser. Arrow keys step, and a click on an operation leads to it. With
        ``tf.GradientTape(explain=True)`` it shows the lines of the program, too.

        Args:
            path: where to write it; nowhere, if not given.
            target: what to differentiate; by default what the latest gradient was asked for, or else the last result.

        Returns:
            The page.
        """
        page = pictures.to_html(self._story(target, backward=True))
        if path is not None:
            pictures.write(path, page)
        return page

    def _story(self, target: Any, backward: bool) -> pictures.Story:
        if self._spent and not self._explain:
            raise RuntimeError(
                "This tape was used up by its one gradient and has let go of its record. To look at it afterwards,"
                " record with tf.GradientTape(explain=True) or tf.GradientTape(persistent=True)."
            )
        targets = self._asked if target is None else [tensor_of(y, "target") for y in nest.flatten(target)]
        return pictures.tell(self, targets, backward)


_record = GradientTape.record  # which a tape that explains, or all of them, have exchanged


def source_of(x: Any) -> Tensor:
    """What tapes know a source by: a tensor itself, a variable's handle."""
    if isinstance(x, Tensor):
        return x
    handle = getattr(x, "handle", None)
    if isinstance(handle, Tensor):
        return handle
    raise TypeError(
        "Gradients are computed with respect to tensors and variables, and tapes watch these;"
        f" {x!r} is a {type(x).__name__}. Convert it with tf.constant and watch that, before it is used."
    )


def tensor_of(x: Any, what: str) -> Tensor:
    """Returns a target, or the value of a variable, as the tensor that it is."""
    x = x if isinstance(x, Tensor) else conversion.resolve(x)
    if isinstance(x, Tensor):
        return x
    raise TypeError(
        f"The {what} of a gradient must be a tensor that was computed while the tape recorded, but is {x!r},"
        f" a {type(x).__name__}."
    )


def _per_target(target: Any, count: int, output_gradients: Any) -> list[Any]:
    """One gradient to begin with, or None, per target; a single target's may stand in a list or alone."""
    if output_gradients is None:
        return [None] * count
    if not nest.is_nested(target) and not (isinstance(output_gradients, (list, tuple)) and len(output_gradients) == 1):
        return [output_gradients]
    given = nest.flatten(output_gradients) if nest.is_nested(target) else [output_gradients[0]]
    if len(given) != count:
        raise ValueError(
            f"output_gradients has {len(given)} gradients for {count} targets; give one for each, or None."
        )
    return given


def seed_for(target: Tensor, g: Any) -> Tensor:
    """The gradient to begin with at a target: ones where none is given."""
    if g is None:
        return ones_like(target) if target.dtype.is_differentiable else target  # which nothing is computed with
    seed = conversion.convert_to_tensor(g, dtype=target.dtype)
    if not seed.shape.is_compatible_with(target.shape):
        raise ValueError(
            f"output_gradients has shape {seed.shape} for a target of shape {target.shape}; they must be equal."
        )
    return seed


def ones_like(target: Tensor) -> Tensor:
    """Ones in the target's shape."""
    if target.extents != ():
        return array.ones_like(target)
    one = conversion.beside(1, target)  # made once, for all scalars
    if type(one) is not Tensor:
        return one
    return Tensor(one.array, one.home)  # but a tensor of its own, since it may be what people get as a gradient


def unit_gradients(y: Tensor) -> Iterator[Tensor]:
    """For each element of y in turn, a tensor like y that is 1 there and 0 elsewhere."""
    size = y.shape.num_elements()
    if size is None:
        raise ValueError(f"A Jacobian needs a target whose shape is known; this one has {y.shape}.")
    for i in range(size):
        yield array.reshape(generate.one_hot(i, size, dtype=y.dtype), y.extents)


def _stack_rows(y: Tensor, x: Tensor, rows: list[Any]) -> Tensor | None:
    """Puts the gradients of y's elements together; an element that does not depend on x has zeros."""
    if all(row is None for row in rows):
        return None
    whole = [array.zeros_like(x) if row is None else to_dense(row) for row in rows]
    return array.reshape(array.stack(whole), (*y.extents, *x.extents))  # type: ignore[misc]
