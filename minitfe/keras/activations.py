"""Activations: what is applied to the output of a layer, element by element for the most part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitfe.conversion import convert_to_tensor
from minitfe.missing import explain as _explain
from minitfe.ops import arguments, clipping, comparison, cross_entropy, elementary, math, nn, special
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "elu",
    "exponential",
    "get",
    "hard_sigmoid",
    "linear",
    "relu",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]


def linear(x: TensorLike) -> Tensor:
    """Returns x as it is."""
    return convert_to_tensor(x)


def relu(x: TensorLike, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    """Returns x where x ≥ threshold, and alpha (x - threshold) elsewhere, cut off at max_value.

    >>> tf.keras.activations.relu([-1., 2., 8.], max_value=6.).numpy()
    array([0., 2., 6.], dtype=float32)
    """
    x = convert_to_tensor(x)
    alpha, threshold = arguments.number(alpha, "alpha"), arguments.number(threshold, "threshold")
    y = nn.relu(x) if not threshold else comparison.keep_where(x, comparison.greater(x, threshold))
    if max_value is not None:
        y = clipping.clip_by_value(y, 0.0, arguments.number(max_value, "max_value"))
    if alpha:
        y = math.subtract(y, math.multiply(alpha, nn.relu(math.subtract(threshold, x))))
    return y


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """Returns x where x > 0, and alpha (exp(x) - 1) elsewhere (Clevert et al., arXiv:1511.07289)."""
    x = convert_to_tensor(x)
    if alpha == 1:
        return nn.elu(x)
    return math.add(nn.relu(x), math.multiply(alpha, nn.elu(comparison.minimum(x, 0.0))))


def selu(x: TensorLike) -> Tensor:
    """Returns the scaled elu that keeps mean 0 and variance 1 (Klambauer et al., arXiv:1706.02515)."""
    return nn.selu(x)


def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """Returns exp(x) / Σ exp(x) along an axis.

    Raises:
        ValueError: for a scalar or a vector, in which no example has an axis of its own.

    >>> tf.keras.activations.softmax([[0., 0.]]).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """
    x = convert_to_tensor(x)
    if x.shape.ndims is not None and x.shape.ndims < 2:
        raise ValueError(f"Cannot apply softmax to a tensor that is 1D: its shape is {x.shape}; use tf.nn.softmax.")
    return cross_entropy.softmax(x, axis)


def softplus(x: TensorLike) -> Tensor:
    """Returns log(1 + exp(x))."""
    return special.softplus(x)


def softsign(x: TensorLike) -> Tensor:
    """Returns x / (1 + |x|)."""
    return special.softsign(x)


def tanh(x: TensorLike) -> Tensor:
    """Returns the hyperbolic tangent."""
    return elementary.tanh(x)


def sigmoid(x: TensorLike) -> Tensor:
    """Returns 1 / (1 + exp(-x))."""
    return special.sigmoid(x)


def hard_sigmoid(x: TensorLike) -> Tensor:
    """Returns 0.2 x + 0.5, cut off at 0 and 1: a sigmoid of straight lines.

    >>> tf.keras.activations.hard_sigmoid([-3., 0., 3.]).numpy()
    array([0. , 0.5, 1. ], dtype=float32)
    """
    return clipping.clip_by_value(math.add(math.multiply(0.2, x), 0.5), 0.0, 1.0)


def exponential(x: TensorLike) -> Tensor:
    """Returns exp(x)."""
    return elementary.exp(x)


NAMED: dict[str, Callable[..., Tensor]] = {
    "elu": elu, "exponential": exponential, "hard_sigmoid": hard_sigmoid, "linear": linear, "relu": relu, "selu": selu,
    "sigmoid": sigmoid, "softmax": softmax, "softplus": softplus, "softsign": softsign, "tanh": tanh,
}  # fmt: skip


def get(identifier: Any) -> Callable[..., Tensor]:
    """Returns the activation that is meant: by a name, or a function, kept as it is; None means `linear`.

    Raises:
        ValueError: for what names no activation.

    TensorFlow: tf.keras.activations.get.
    """
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier
    if isinstance(identifier, str) and identifier in NAMED:
        return NAMED[identifier]
    raise ValueError(f"Unknown activation function:{identifier!r}; the names are {', '.join(NAMED)}.")


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.activations"))
