"""Lines of the user's program: which of them asked for what is happening now, and what is written there.

The user's line is that of the innermost frame which does not belong to minitfe. To look at the call stack takes longer
than a small op, so nobody looks unless told to.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

_OWN = (str(Path(__file__).parent) + os.sep, "<plan>")  # a plan is source that minitfe wrote

_walking: ContextVar[bool] = ContextVar("walking_backwards", default=False)

# By their ids: to hash code takes longer than to go through a call stack.
_runners: dict[int, CodeType] = {}

Function = TypeVar("Function", bound=Callable[..., Any])


def walks_backwards(function: Function) -> Function:
    """Decorates a function that computes gradients, so that all it calls is known to be part of that."""

    @wraps(function)
    def walking(*args: Any, **kwargs: Any) -> Any:
        token = _walking.set(True)
        try:
            return function(*args, **kwargs)
        finally:
            _walking.reset(token)

    return walking  # type: ignore[return-value]


def runs_operations(function: Function) -> Function:
    """Registers the decorated function: its variable `operation` is what it runs now, and knows the line it is from."""
    code: CodeType = function.__code__
    _runners[id(code)] = code
    return function


class BackwardLine(str):
    """A line that asked for a gradient, or belongs to a gradient's computation."""

    __slots__ = ()


def user_line() -> str | None:
    """Returns file and line of the innermost call from outside of minitfe, such as ``'homework.py:41'``.

    None where there is no such call. While a graph runs, it is the line that was traced. While a gradient is computed,
    the line is a `BackwardLine`.
    """
    frame: FrameType | None = sys._getframe(1)
    backward = _walking.get()
    while frame is not None and frame.f_code.co_filename.startswith(_OWN):
        traced = frame.f_locals["operation"].where if id(frame.f_code) in _runners else None
        if traced:
            return BackwardLine(traced) if backward else traced
        frame = frame.f_back
    if frame is None:
        return None
    line = f"{_shown(frame.f_code.co_filename)}:{frame.f_lineno}"
    return BackwardLine(line) if backward else line


@cache
def _shown(filename: str) -> str:
    """A file's name, as short as it is clear: relative to the working directory, where it lies in that."""
    here = os.getcwd() + os.sep
    return filename.removeprefix(here)


def split(where: str) -> tuple[str, int]:
    """The file and the number of a line.

    >>> split('homework.py:41')
    ('homework.py', 41)
    """
    filename, _, number = where.rpartition(":")
    return filename, int(number)


def written(filename: str, number: int) -> str:
    """What is written in a line, with its line break; the empty text where the file, or such a line, is not there."""
    return linecache.getline(filename, number)


def text_of(where: str | None) -> str:
    """What is written in a line, such as ``'y = x * x'``; the empty text where its file cannot be read."""
    return written(*split(where)).strip() if where else ""


def quoted(where: str | None) -> str:
    """A line for a sentence: its place, a comma, and the source in backquotes."""
    text = text_of(where)
    return f"{where}, `{text}`" if text else str(where)


def public_call() -> tuple[str | None, FrameType]:
    """Returns what the user's innermost call of minitfe was given as its argument `name`, and the frame of that call.

    All public functions take a name, since TensorFlow's do. Eager execution has no use for names, so functions do not
    hand theirs on; a graph, which has, looks it up here.
    """
    frame: FrameType | None = sys._getframe(1)
    called = frame
    while frame is not None and frame.f_code.co_filename.startswith(_OWN):
        called, frame = frame, frame.f_back
    assert called is not None
    name = called.f_locals.get("name") if "name" in called.f_code.co_varnames[: _arguments_of(called)] else None
    return name if isinstance(name, str) else None, called


def _arguments_of(frame: FrameType) -> int:
    return frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
