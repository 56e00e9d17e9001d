"""The named errors, and the one place where an op's failure is put into words.

Errors are part of the interface: programs catch ``tf.errors.InvalidArgumentError``, and students read what it says.
Every message starts with TensorFlow's own words where they are known, then says in one sentence which op was asked
for what, on which device, and what to do about it.

Kernels and shape rules know nothing of these classes. They raise ``ValueError`` (or, with advice to give,
`ShapeError`); the door, ``execute``, turns that into the named error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class OpError(Exception):
    """The base of all named errors. ``message`` says what happened; ``error_code`` is TensorFlow's number for it."""

    error_code = 2

    def __init__(self, message: str, op: Any = None, node_def: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.op = op
        self.node_def = node_def


class CancelledError(OpError):
    """An operation was stopped before it was done."""

    error_code = 1


class UnknownError(OpError):
    """Something failed that has no better name, such as an exception inside a Python function called from a graph."""

    error_code = 2


class InvalidArgumentError(OpError):
    """An op was given something that it cannot work with: shapes, dtypes or values."""

    error_code = 3


class DeadlineExceededError(OpError):
    """An operation did not finish in the time it was given."""

    error_code = 4


class NotFoundError(OpError):
    """Something that was asked for by name is not there: a file, a checkpoint, a variable in it."""

    error_code = 5


class AlreadyExistsError(OpError):
    """Something was to be created that is there already."""

    error_code = 6


class PermissionDeniedError(OpError):
    """The operating system does not allow it."""

    error_code = 7


class ResourceExhaustedError(OpError):
    """Memory, disk or another resource has run out."""

    error_code = 8


class FailedPreconditionError(OpError):
    """The system is not in the state that the operation needs, such as a variable that was never initialized."""

    error_code = 9


class AbortedError(OpError):
    """An operation was given up, typically because another one was in its way."""

    error_code = 10


class OutOfRangeError(OpError):
    """An iteration went past its end: a dataset is exhausted."""

    error_code = 11


class UnimplementedError(OpError):
    """The operation is known, but not for this dtype, device or mode."""

    error_code = 12


class InternalError(OpError):
    """minitfe, or a kernel package, broke a promise it makes to itself. Please report it."""

    error_code = 13


class UnavailableError(OpError):
    """A service or device is not there at the moment."""

    error_code = 14


class DataLossError(OpError):
    """Data was damaged: a checkpoint whose digest does not match."""

    error_code = 15


class UnauthenticatedError(OpError):
    """The request has no valid credentials."""

    error_code = 16


class ShapeError(ValueError):
    """What a shape rule raises: TensorFlow's words for the mistake, and what to do instead."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


def describe_operands(inputs: Any) -> str:
    """Says what an op was given, such as ``float32 (2, 3) and float32 (4,)``."""
    if not inputs:
        return "no tensors"
    words = [f"{x.dtype.name} {x.shape}" for x in inputs]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def describe_failure(op: Any, inputs: Any, attributes: Mapping[str, Any], device: Any, error: Exception) -> str:
    """Puts the failure of one op into words: TensorFlow's sentence, then ours."""
    message = getattr(error, "message", None) or str(error) or type(error).__name__
    advice = getattr(error, "advice", "")
    settings = ", ".join(f"{key}={value!r}" for key, value in attributes.items())
    return (
        f"{message} [Op:{op.tensorflow_name}]. {op.name}({settings}) was given {describe_operands(inputs)}"
        f" on {device}{'; ' + advice if advice else ''}."
    )
