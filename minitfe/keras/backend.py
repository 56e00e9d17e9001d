"""``tf.keras.backend``: what little of it is needed where operations are tensors' own."""

from __future__ import annotations

from typing import Any

from minitfe import dtypes
from minitfe.conversion import convert_to_tensor
from minitfe.graph import session_graph
from minitfe.keras.engine.at_once import get_session, set_session
from minitfe.keras.engine.calling import learning_phase, learning_phase_scope, set_learning_phase
from minitfe.keras.engine.naming import get_uid, reset_uids
from minitfe.ops import generate
from minitfe.variable import Variable

__all__ = [
    "clear_session", "epsilon", "floatx", "get_session", "get_uid", "get_value", "image_data_format",
    "learning_phase", "learning_phase_scope", "ones", "reset_uids", "set_learning_phase", "set_session", "set_value",
    "variable", "zeros",
]  # fmt: skip


def floatx() -> str:
    """Returns the default dtype of layers: 'float32'."""
    return "float32"


def epsilon() -> float:
    """Returns 1e-7: how far probabilities are kept from 0 and 1."""
    return 1e-7


def image_data_format() -> str:
    """Returns 'channels_last': where the channels of images are, unless a layer is told otherwise."""
    return "channels_last"


def clear_session() -> None:
    """Begins anew with the numbers in the names of layers, and in a graph with the session of Keras's loops."""
    reset_uids()
    set_session(None)
    set_learning_phase(0)


def reset_default_graph() -> None:
    """Begins anew: puts an empty graph in the place of the main one, and the next Dense layer is called dense again.

    Raises:
        AssertionError: inside of a scope of another graph.

    TensorFlow: tf.reset_default_graph.
    """
    session_graph.reset_default_graph()
    reset_uids()


def variable(value: Any, dtype: Any = None, name: str | None = None, constraint: Any = None) -> Variable:
    """Returns a variable.

    >>> tf.keras.backend.variable([1., 2.]).numpy()
    array([1., 2.], dtype=float32)
    """
    return Variable(value, dtype=dtype, name=name, constraint=constraint)


def zeros(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """Returns a variable of zeros."""
    return Variable(generate.zeros(shape, dtypes.float32 if dtype is None else dtype), name=name)


def ones(shape: Any, dtype: Any = None, name: str | None = None) -> Variable:
    """Returns a variable of ones."""
    return Variable(generate.ones(shape, dtypes.float32 if dtype is None else dtype), name=name)


def get_value(x: Any) -> Any:
    """Returns the value of a variable or tensor as a numpy array."""
    return convert_to_tensor(x).numpy()


def set_value(x: Any, value: Any) -> None:
    """Assigns a value to a variable."""
    if not isinstance(x, Variable):
        raise TypeError(f"set_value assigns to variables, not to {x!r}")
    x.assign(value)
