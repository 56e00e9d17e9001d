"""Event files: where summaries go, and which file is meant.

TensorBoard shows what it finds in *event files*. Such a file is a sequence of events: a step, the time, and a summary.
The ``tensorboard`` package brings a writer for them, with a thread of its own, so that training need not wait for the
disk. A `SummaryWriter` is one such file. Functions that record something are not told where to: they write to the
default writer, which a program sets once, or for a block.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from minitfe import errors
from minitfe.context import outside
from minitfe.extras import require
from minitfe.graph.collections import get_collection
from minitfe.ops import arguments
from minitfe.train.storage import named_errors


def proto(name: str) -> ModuleType:
    """Returns one of TensorBoard's modules of messages: "event", "summary", "graph" and others.

    Raises:
        ImportError: where TensorBoard is not installed.
    """
    return require(f"tensorboard.compat.proto.{name}_pb2", "tensorboard", "Writing summaries")


# ------------------------------------------------------------------------------------------------------------ one file


class SummaryWriter:
    """Writes summaries into an event file. Made by `create_file_writer`.

    Args:
        logdir: the folder of the file; None for a writer that stands for nothing and changes nothing.
        max_queue: how many summaries may wait; one more, and all are written to the disk.
        flush_millis: how long they may wait, in milliseconds.
        filename_suffix: the end of the file's name.
    """

    def __init__(
        self, logdir: str | None, max_queue: int = 10, flush_millis: int = 120_000, filename_suffix: str = ".v2"
    ) -> None:
        self.logdir = logdir
        self._max_queue = max_queue
        self._waiting = 0
        if logdir is not None:
            module = require("tensorboard.summary.writer.event_file_writer", "tensorboard", "Writing summaries")
            with named_errors(f"Failed to create an event file in {logdir}", "Choose a folder that can be written to."):
                self._events = module.EventFileWriter(logdir, max_queue + 1, flush_millis / 1000, filename_suffix)
            # Also at the end of the program, so that one that never closes its writer loses nothing.
            self._close = weakref.finalize(self, self._events.close)

    def set_as_default(self) -> None:
        """Makes this the writer that summaries go to from now on, outside of `as_default` blocks."""
        global _default
        _default = self

    @contextmanager
    def as_default(self) -> Iterator[SummaryWriter]:
        """A scope in which summaries go to this writer. At its end they are written to the disk.

        The writer that stands for nothing leaves the default as it is.
        """
        if self.logdir is None:
            yield self
            return
        token = _scoped.set(self)
        try:
            yield self
            if self._close.alive:  # it may have been closed inside
                self.flush()
        finally:
            _scoped.reset(token)

    def add_event(self, event: Any) -> None:
        """Puts a message of type Event into the file.

        Raises:
            FailedPreconditionError: where the writer was closed.
            ResourceExhaustedError and others: where the disk is full, or the file could not be written.
        """
        with self._writing():
            self._events.add_event(event)
        self._waiting += 1
        if self._waiting > self._max_queue:
            self.flush()

    def add(self, step: int, **content: Any) -> None:
        """Writes an event of this moment: ``summary=``, or ``graph_def=``."""
        self.add_event(proto("event").Event(wall_time=time.time(), step=step, **content))

    def flush(self) -> None:
        """Waits until all that was recorded is on the disk. Errors are those of `add_event`."""
        if self.logdir is not None:
            with self._writing():
                self._events.flush()
            self._waiting = 0

    def close(self) -> None:
        """Writes what is left, and closes the file. Closing again changes nothing."""
        if self.logdir is not None:
            with self._writing_errors():
                self._close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._close.alive:
            raise errors.FailedPreconditionError(
                f"The summary writer for {self.logdir} is closed; make another one with create_file_writer, and set"
                " that as default."
            )
        with self._writing_errors():
            yield

    def _writing_errors(self) -> Any:
        return named_errors(f"Failed to write summaries to {self.logdir}", "What was not flushed before may be lost.")

    def __repr__(self) -> str:
        return f"<SummaryWriter {self.logdir}>"


def create_file_writer(
    logdir: str | os.PathLike[str] | None,
    max_queue: int | None = None,
    flush_millis: int | None = None,
    filename_suffix: str | None = None,
    name: str | None = None,
) -> SummaryWriter:
    """Begins an event file in a folder, which is made if need be.

    Args:
        logdir: the folder, which is what ``tensorboard --logdir`` is given; None for a writer that does nothing.
        max_queue: how many summaries may wait; one more, and all are written to the disk. 10 if left out.
        flush_millis: how long they may wait, in milliseconds. 120,000 (two minutes) if left out.
        filename_suffix: the end of the file's name, ".v2" if left out.

    Raises:
        PermissionDeniedError, FailedPreconditionError: where the folder cannot be made or written to.
        ImportError: where TensorBoard is not installed.

    >>> writer = tf.contrib.summary.create_file_writer(None)
    >>> with writer.as_default(), tf.contrib.summary.always_record_summaries():
    ...     tf.contrib.summary.scalar('loss', 0.5, step=1)

    TensorFlow: tf.contrib.summary.create_file_writer.
    """
    return SummaryWriter(
        _folder(logdir),
        _count(max_queue, 10, "max_queue"),
        _count(flush_millis, 120_000, "flush_millis"),
        _text(".v2" if filename_suffix is None else filename_suffix, "filename_suffix"),
    )


def _folder(logdir: Any) -> str | None:
    return None if logdir is None else _text(os.fspath(logdir) if isinstance(logdir, os.PathLike) else logdir, "logdir")


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError(f"{what} must be a string, not {value!r}")
    return value


def _count(value: Any, default: int, what: str) -> int:
    number = default if value is None else arguments.integer(value, what)
    if not 0 <= number < 2**31:
        raise ValueError(f"{what} must be from 0 to 2147483647, not {number}.")
    return number


# --------------------------------------------------------------------------------------------------------- the default

# A writer set as default holds for the whole process: notebooks run each cell in a context of its own.
_default: SummaryWriter | None = None
_scoped: ContextVar[SummaryWriter | None] = ContextVar("summary_writer", default=None)


def default_writer() -> SummaryWriter | None:
    """Returns the writer that summaries go to at this moment, or None."""
    writer = _scoped.get() or _default
    return None if writer is None or writer.logdir is None else writer


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Waits until what was recorded is on the disk.

    Args:
        writer: which writer's; the default one's if left out. Without either, nothing happens.

    Raises:
        TypeError: where it is no writer.
    """
    writer = default_writer() if writer is None else writer
    if writer is None:
        return
    if not isinstance(writer, SummaryWriter):
        raise TypeError(f"flush takes a summary writer, made by create_file_writer, not {writer!r}")
    writer.flush()


def initialize(graph: Any = None, session: Any = None) -> None:
    """Accepted, without effect: a writer is ready when it was made."""


SUMMARY_OPS = "_SUMMARY_V2"
"""TensorFlow's name for the collection of a graph's operations that record summaries."""


def all_summary_ops() -> list[Any] | None:
    """Returns the operations of a graph that record summaries; None in eager execution, where that is done at once."""
    return None if outside() is None else get_collection(SUMMARY_OPS)


def eval_dir(model_dir: str, name: str | None = None) -> str:
    """Returns the folder for summaries of an evaluation, beside those of training.

    >>> tf.contrib.summary.eval_dir('model')
    'model/eval'
    """
    return os.path.join(_text(model_dir, "model_dir"), f"eval_{_text(name, 'name')}" if name else "eval")
