"""Things that configurations name: regularizers, constraints, activations, losses, layers.

``Dense(10, activation='relu')`` names a function, and ``layer.get_config()`` must say in plain values which one it was.
A plain value is a name, or a dictionary ``{"class_name": ..., "config": {...}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Named:
    """Something with settings, which are attributes, and a configuration made of them."""

    settings: tuple[str, ...] = ()
    """The names of the arguments that it was made with, kept as attributes."""

    def get_config(self) -> dict[str, Any]:
        """Returns the settings as plain values, with which `from_config` makes an equal one."""
        return {name: getattr(self, name) for name in self.settings}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Makes one of settings that `get_config` returned."""
        return cls(**config)


def find(identifier: Any, known: Mapping[str, Any], what: str) -> Any:
    """Returns what is meant.

    Args:
        identifier: None or something callable, returned as it is; a class, of which one is made; a name; or what
            `serialize` returned.
        known: what names mean. Classes, and functions that make such things, are called without arguments.
        what: what is looked for, for the error.

    Raises:
        ValueError: for what is nothing of the kind.
    """
    if isinstance(identifier, type):
        return identifier()
    if identifier is None or callable(identifier):
        return identifier
    name, config = identifier, {}
    if isinstance(identifier, dict):
        name, config = identifier.get("class_name"), identifier.get("config", {})
    maker = known.get(name) if isinstance(name, str) else None
    if maker is None:
        raise ValueError(
            f"Could not interpret {what} identifier: {identifier!r}; the names are {', '.join(sorted(known))}."
        )
    return maker(**config)


def serialize(thing: Any) -> Any:
    """Returns a plain value from which `find` gets an equal thing: a function's name, or class and settings.

    What is plain already, such as a number, is returned as it is.

    >>> serialize(tf.keras.regularizers.l2(0.5))
    {'class_name': 'L1L2', 'config': {'l1': 0.0, 'l2': 0.5}}
    """
    if hasattr(thing, "get_config"):
        return {"class_name": type(thing).__name__, "config": thing.get_config()}
    return getattr(thing, "__name__", str(thing)) if callable(thing) else thing
