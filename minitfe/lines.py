"""Lines of the user's program: which of them asked for what is happening now, and what is written there.

The user's line is that of the innermost frame which does not belong to minitfe. To look at the call stack takes longer
than a small op, so nobody looks unless told to.
"""

from __future__ import annotations

import linecache
import os
import sys
from functools import cache
from pathlib import Path
from types import FrameType

_OWN = str(Path(__file__).parent) + os.sep


def user_line() -> str | None:
    """Returns file and line of the innermost call from outside of minitfe, such as ``'homework.py:41'``.

    None where there is no such call.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OWN):
        frame = frame.f_back
    return None if frame is None else f"{_shown(frame.f_code.co_filename)}:{frame.f_lineno}"


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
