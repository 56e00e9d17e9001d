"""Keras's own loops compute at once, also while a graph is under construction.

``model.fit`` is a loop of Python's that looks at values. In a graph, which has none, it works in a session: the model's
variables are read and assigned there. It is the current session or, as with Keras itself, one for all such loops. Where
they were not initialized, that is done first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from minitfe.context import listening, outside
from minitfe.graph.session import Session, get_default_session

Method = TypeVar("Method", bound=Callable[..., Any])

_session: Session | None = None


def get_session() -> Session:
    """Returns the session that Keras's loops work in: the current one, or else one for all of them.

    TensorFlow: tf.keras.backend.get_session.
    """
    global _session
    session = get_default_session()
    if session is None:
        if _session is None or _session.graph is not outside():
            _session = Session()
        session = _session
    return session


def set_session(session: Session | None) -> None:
    """Says which session Keras's loops work in, where there is no current one; None for one of their own.

    Raises:
        TypeError: for what is no session.

    TensorFlow: tf.keras.backend.set_session.
    """
    global _session
    if not isinstance(session, (Session, type(None))):
        raise TypeError(f"set_session takes a tf.Session, not {session!r}.")
    _session = session


@contextmanager
def computing_at_once() -> Iterator[None]:
    """A scope in which ops compute at once, and a graph's variables have the values of Keras's session."""
    if outside() is None:
        yield
        return
    session = get_session()
    session.initialize_what_is_not()
    with session.as_default(), listening(interpreter=None, tapes=()):
        yield


def at_once(method: Method) -> Method:
    """Makes a method compute at once."""

    @functools.wraps(method)
    def computing(*args: Any, **kwargs: Any) -> Any:
        with computing_at_once():
            return method(*args, **kwargs)

    return computing  # type: ignore[return-value]
