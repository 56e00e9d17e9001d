"""Where in the user's program an operation comes from.

An `Operation` has a place for the line that asked for it, ``where``. Eager execution leaves it empty: to look at the
call stack takes longer than a small op. Whoever wants to know switches it on:

    with noting_lines():
        with tf.GradientTape() as tape:
            ...
    tape.operations[0].where      # 'homework.py:41'

The user's line is that of the innermost frame which does not belong to minitfe or to one of its kernel packages.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import FrameType

from minitfe.autodiff.tape import GradientTape
from minitfe.operation import Operation

_OWN = str(Path(__file__).parents[1]) + os.sep


def user_line() -> str | None:
    """Returns file and line of the innermost call from outside of minitfe, such as ``'homework.py:41'``.

    None where there is no such call.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OWN):
        frame = frame.f_back
    return None if frame is None else f"{_shown(frame.f_code.co_filename)}:{frame.f_lineno}"


@lru_cache(maxsize=None)
def _shown(filename: str) -> str:
    """A file's name, as short as it is clear: relative to the working directory, where it lies in that."""
    here = os.getcwd() + os.sep
    return filename.removeprefix(here)


_record = GradientTape.record
_lock = threading.Lock()
_scopes = 0


def _record_with_line(tape: GradientTape, operation: Operation) -> None:
    _record(tape, operation if operation.where else operation._replace(where=user_line()))


def _open_scopes(change: int) -> None:
    global _scopes
    with _lock:
        _scopes += change
        GradientTape.record = _record_with_line if _scopes else _record  # type: ignore[assignment,method-assign]


@contextmanager
def noting_lines() -> Iterator[None]:
    """A scope in which all tapes, of all threads, note the user's line of each operation they record.

    It exchanges the tapes' method, so that outside of it recording costs nothing more.

    >>> x = tf.constant(2.0)
    >>> with noting_lines(), tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.operations[0].where
    '<doctest minitfe.autodiff.explain.noting_lines[1]>:3'
    """
    _open_scopes(1)
    try:
        yield
    finally:
        _open_scopes(-1)
