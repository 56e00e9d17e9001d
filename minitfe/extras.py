"""Optional libraries: asked for where they are needed, with an error that says how to get them."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Imports a library that belongs to one of the extras.

    Args:
        module: what to import, such as ``"matplotlib.pyplot"``.
        extra: the extra that brings it.
        purpose: what it is needed for, to be said in the error.

    Raises:
        ImportError: where it is not installed; the message has the command that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{purpose} needs {module.split('.')[0]}, which is not installed ({error})."
            f" Get it with: pip install minitfe[{extra}]"
        ) from None
