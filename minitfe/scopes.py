"""Scopes: prefixes for the names of variables, and of a graph's operations.

In eager execution a name is for people and for checkpoints; what a variable is, is decided by the object. So scopes do
one thing: ``with tf.name_scope("encoder"):`` puts ``encoder/`` before the names of variables made in it.

In a graph that a session will run, names are unique: a second scope of the same name is called ``encoder_1/``. There
`get_variable` finds variables by their names, and variable scopes say whether it may: ``reuse``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from minitfe.context import get_listeners, outside
from minitfe.graph.graph import Graph

_prefix: ContextVar[str] = ContextVar("name_prefix", default="")
_variable_scope: ContextVar[VariableScope | None] = ContextVar("variable_scope", default=None)

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
    prefix = part if whole else f"{_unique(name_prefix() + part)}/"
    token = _prefix.set(prefix)
    try:
        yield prefix
    finally:
        _prefix.reset(token)


def _unique(name: str) -> str:
    interpreter = get_listeners().interpreter
    return interpreter.scope_name(name) if isinstance(interpreter, Graph) else name


AUTO_REUSE = "auto_reuse"
"""For `reuse`: a variable of this name is shared if it is there, and made if it is not."""


class VariableScope:
    """What ``with tf.variable_scope('a') as scope`` gives: it can be entered again, from anywhere.

    Attributes:
        name: what is put before the names of variables that `get_variable` makes.
        original_name_scope: the name scope that was opened along with it, for ``tf.name_scope``.
        initializer: how `get_variable` starts variables in it.
        regularizer: what they cost.
        reuse: whether `get_variable` finds the variables of a graph by their names: False, True or `AUTO_REUSE`. Eager
            variables are shared by sharing objects.
    """

    def __init__(
        self,
        name: str = "",
        initializer: Any = None,
        reuse: Any = False,
        original_name_scope: str = "",
    ) -> None:
        self.name = name
        self.original_name_scope = original_name_scope
        self.initializer = initializer
        self.regularizer: Any = None
        self.reuse = reuse
        self._names: Counter[str] = Counter()

    def full_name(self, name: Any) -> str:
        """The whole name of what is called so in this scope; TypeError for what is no text."""
        return f"{self.name}/{_text(name)}" if self.name else _text(name)

    def next_name(self, kind: str) -> str:
        """A name for the next layer of a kind that has none: the same ones, each time that the scope is entered."""
        count = self._names[kind]
        self._names[kind] += 1
        return f"{kind}_{count}" if count else kind

    def reuse_variables(self) -> None:
        """From now on, `get_variable` finds variables of a graph by their names in this scope."""
        self.reuse = True


def get_variable_scope() -> VariableScope:
    """Returns the variable scope of the moment.

    >>> with tf.variable_scope('a'):
    ...     tf.get_variable_scope().name
    'a'
    """
    scope = _variable_scope.get(None)
    around = outside()
    if scope is None:
        return VariableScope() if around is None else around.outermost_scope  # type: ignore[attr-defined]
    return scope


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

    It is a name scope, too, and for `get_variable` and ``tf.layers`` it counts alone: what name scopes there are around
    it does not matter to them.

    Args:
        name_or_scope: a name, or a scope that was entered before.
        default_name: a name to use where there is none; it gets a number if it was used before.
        initializer, regularizer: how `get_variable` starts variables in this scope, and what they cost.
        reuse: whether `get_variable` finds a graph's variables by their names: True, or ``tf.AUTO_REUSE`` to make those
            that are not there. Scopes inside inherit it. Eager variables are shared by sharing objects.
        auxiliary_name_scope: whether it is a name scope, too.
        caching_device and others: accepted, as in TensorFlow, without effect.

    >>> with tf.variable_scope('a', initializer=tf.ones_initializer()) as scope:
    ...     pass
    >>> with tf.variable_scope('b'), tf.variable_scope(scope):
    ...     tf.get_variable('w', [])
    <tf.Variable 'a/w:0' shape=() dtype=float32, numpy=1.0>
    """
    entered = name_or_scope if isinstance(name_or_scope, VariableScope) else None
    around = entered or get_variable_scope()
    part = "" if entered else _text(name_or_scope or around.next_name(default_name or ""))
    name = around.full_name(part) if part else around.name
    last = name.rpartition("/")[2] if auxiliary_name_scope and name else None
    with nullcontext(name_prefix()) if last is None else name_scope(last) as prefix:
        scope = VariableScope(name, initializer or around.initializer, reuse or around.reuse, prefix)
        scope.regularizer = regularizer or around.regularizer
        if entered:
            scope.original_name_scope = entered.original_name_scope
        token = _variable_scope.set(scope)
        try:
            yield scope
        finally:
            _variable_scope.reset(token)
