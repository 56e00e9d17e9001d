"""Scopes: prefixes for the names of variables.

In eager execution a name is for people and for checkpoints; what a variable is, is decided by the object. So scopes do
one thing: ``with tf.name_scope("encoder"):`` puts ``encoder/`` before the names of variables made in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_prefix: ContextVar[str] = ContextVar("name_prefix", default="")
_initializer: ContextVar[Any] = ContextVar("scope_initializer", default=None)

# Layers put their names before those of their variables at each call: without the cost of a `with`.
enter_prefix = _prefix.set
leave_prefix = _prefix.reset


def name_prefix() -> str:
    """What the scopes of the moment put before a variable's name, such as ``'encoder/layer_1/'``."""
    return _prefix.get()


def full_name(name: Any) -> str:
    """A variable's name with what the scopes of the moment put before it; TypeError for what is no text."""
    return name_prefix() + _text(name)


def _text(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"A name must be a string, not {name!r}")
    return name


def scope_initializer() -> Any:
    """How `get_variable` starts variables in the variable scope of the moment; None where none was given."""
    return _initializer.get()


@contextmanager
def name_scope(name: str | None, default_name: str | None = None, values: Any = None) -> Iterator[str]:
    """A scope whose name is put before the names of variables made in it; yields the whole prefix.

    A name that ends in a slash is such a whole prefix: it re-enters the scope that gave it. The empty name leaves all
    scopes.

    >>> with tf.name_scope('a') as scope:
    ...     print(scope, tf.Variable(1.0, name='v').name)
    a/ a/v:0
    """
    part = _text(name or default_name or "")
    whole = not part or part.endswith("/")
    prefix = part if whole else f"{name_prefix()}{part}/"
    token = _prefix.set(prefix)
    try:
        yield prefix
    finally:
        _prefix.reset(token)


class VariableScope:
    """What ``with tf.variable_scope('a') as scope`` gives: it can be entered again, from anywhere.

    Attributes:
        name: the whole name.
        original_name_scope: the same with a slash at its end.
        initializer: how `get_variable` starts variables in it.
    """

    def __init__(self, name: str, initializer: Any = None) -> None:
        self.name = name
        self.original_name_scope = f"{name}/"
        self.initializer = initializer

    def reuse_variables(self) -> None:
        """Accepted, without effect: eager variables are shared by sharing objects."""


@contextmanager
def variable_scope(
    name_or_scope: Any = None,
    default_name: str | None = None,
    values: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    custom_getter: Any = None,
    reuse: Any = None,
    dtype: Any = None,
    use_resource: Any = None,
    constraint: Any = None,
    auxiliary_name_scope: bool = True,
) -> Iterator[VariableScope]:
    """A scope whose name is put before the names of variables made in it.

    Args:
        name_or_scope: a name, or a scope that was entered before.
        initializer: how `get_variable` starts variables in this scope.
        reuse and others: accepted, as in TensorFlow, without effect.

    >>> with tf.variable_scope('a', initializer=tf.ones_initializer()) as scope:
    ...     pass
    >>> with tf.variable_scope('b'), tf.variable_scope(scope):
    ...     tf.get_variable('w', [])
    <tf.Variable 'a/w:0' shape=() dtype=float32, numpy=1.0>
    """
    entered_again = isinstance(name_or_scope, VariableScope)
    name = name_or_scope.original_name_scope if entered_again else name_or_scope
    initializer = initializer or (name_or_scope.initializer if entered_again else scope_initializer())
    token = _initializer.set(initializer)
    try:
        with name_scope(name, default_name) as prefix:
            yield VariableScope(prefix.rstrip("/"), initializer)
    finally:
        _initializer.reset(token)
