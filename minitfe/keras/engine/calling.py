"""What layers know of the call they are part of: which layer was called from outside, and whether it is training.

A model that is called with ``training=True`` calls its layers, and these theirs. None of them has to hand the word on:
a layer whose `call` has an argument `training`, and was not given it, finds it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple


class Call(NamedTuple):
    """A call of a layer from outside of all layers, with what its sublayers are told.

    Attributes:
        root: the layer that was called.
        training: whether it is training; None where nobody has said.
    """

    root: Any
    training: Any


_call: ContextVar[Call | None] = ContextVar("layer_call", default=None)
_phase: ContextVar[Any] = ContextVar("learning_phase", default=None)

current_call = _call.get
enter_call = _call.set
leave_call = _call.reset

_default_phase: Any = None  # what `set_learning_phase` was given, for the whole process


def default_training() -> Any:
    """Whether layers are training where the call does not say: the scope's word, or else the process's."""
    phase = _phase.get()
    return _default_phase if phase is None else phase


@contextmanager
def learning_phase_scope(training: Any) -> Iterator[None]:
    """A scope in which layers are training, or not, unless a call says otherwise."""
    token = _phase.set(training)
    try:
        yield
    finally:
        _phase.reset(token)


def learning_phase() -> int:
    """Returns 1 where layers are in training mode by default, and 0 where they are not, which is how programs begin.

    TensorFlow: tf.keras.backend.learning_phase.
    """
    return int(bool(default_training()))


def set_learning_phase(value: int) -> None:
    """Makes training mode the default (1) or not (0).

    Raises:
        ValueError: for any other value.

    TensorFlow: tf.keras.backend.set_learning_phase.
    """
    global _default_phase
    if not isinstance(value, int) or value not in (0, 1):
        raise ValueError(f"Expected learning phase to be 0 or 1, not {value!r}.")
    _default_phase = bool(value)
