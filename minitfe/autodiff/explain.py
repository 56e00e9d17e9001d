"""Where in the user's program an operation comes from.

An `Operation` has a place for the line that asked for it, ``where``. Eager execution leaves it empty: to look at the
call stack takes longer than a small op. Whoever wants to know switches it on, for one tape or for all:

    with tf.GradientTape(explain=True) as tape:
        ...
    tape.operations[0].where      # 'homework.py:41'

    with noting_lines():
        ...                       # all tapes in here note lines, also those that minitfe makes itself
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from minitfe.autodiff.tape import GradientTape

_record = GradientTape.record
_lock = threading.Lock()
_scopes = 0


def _open_scopes(change: int) -> None:
    global _scopes
    with _lock:
        _scopes += change
        GradientTape.record = GradientTape.record_with_line if _scopes else _record  # type: ignore[method-assign]


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
