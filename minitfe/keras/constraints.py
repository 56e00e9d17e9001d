"""Constraints: where weights may be. Optimizers apply a variable's constraint to its value after each step."""

from __future__ import annotations

from typing import Any

from minitfe.missing import explain as _explain
from minitfe.named import Named, find
from minitfe.ops import array, clipping, comparison, elementary, math, reduction
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "unit_norm",
]

EPSILON = 1e-7  # keeps lengths away from 0 where they are divided by


def _lengths(w: TensorLike, axis: Any) -> Tensor:
    return elementary.sqrt(reduction.reduce_sum(math.square(w), axis, keepdims=True))


class Constraint(Named):
    """The base of all constraints: a function from a value of the weights to the nearest that is allowed.

    TensorFlow: tf.keras.constraints.Constraint.
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """Returns the value to have instead of w."""
        raise NotImplementedError(f"{type(self).__name__} does not say what is allowed: it needs a method __call__.")


class NonNeg(Constraint):
    """Weights are at least 0.

    >>> tf.keras.constraints.NonNeg()([-1., 2.]).numpy()
    array([0., 2.], dtype=float32)

    TensorFlow: tf.keras.constraints.NonNeg.
    """

    def __call__(self, w: TensorLike) -> Tensor:
        """Returns max(w, 0)."""
        return comparison.maximum(w, 0.0)


class MaxNorm(Constraint):
    """The weights of a unit, as a vector, are at most so long.

    Args:
        max_value: the greatest length.
        axis: the axes along which the vectors lie; 0 for the matrix of a Dense layer.

    >>> tf.keras.constraints.MaxNorm(1.)([[3.], [4.]]).numpy().round(3).tolist()
    [[0.6000000238418579], [0.800000011920929]]

    TensorFlow: tf.keras.constraints.MaxNorm.
    """

    settings = ("max_value", "axis")

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value = max_value
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """Returns w · min(|w|, max) / |w|."""
        lengths = _lengths(w, self.axis)
        wanted = clipping.clip_by_value(lengths, 0.0, self.max_value)
        return math.multiply(w, math.divide(wanted, math.add(lengths, EPSILON)))


class UnitNorm(Constraint):
    """The weights of a unit, as a vector, have length 1.

    Args:
        axis: the axes along which the vectors lie.

    >>> tf.keras.constraints.UnitNorm()([[2.]]).numpy()
    array([[1.]], dtype=float32)

    TensorFlow: tf.keras.constraints.UnitNorm.
    """

    settings = ("axis",)

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """Returns w / |w|."""
        return math.divide(array.identity(w), math.add(_lengths(w, self.axis), EPSILON))


class MinMaxNorm(Constraint):
    """The weights of a unit, as a vector, have a length within bounds.

    Args:
        min_value, max_value: the bounds.
        rate: how far lengths out of bounds are moved towards them, from 0 to 1.
        axis: the axes along which the vectors lie.

    TensorFlow: tf.keras.constraints.MinMaxNorm.
    """

    settings = ("min_value", "max_value", "rate", "axis")

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value = min_value
        self.max_value = max_value
        self.rate = rate
        self.axis = axis

    def __call__(self, w: TensorLike) -> Tensor:
        """Returns w · (rate · clip(|w|) + (1 - rate) |w|) / |w|."""
        lengths = _lengths(w, self.axis)
        bounded = clipping.clip_by_value(lengths, self.min_value, self.max_value)
        wanted = math.add(math.multiply(self.rate, bounded), math.multiply(1 - self.rate, lengths))
        return math.multiply(w, math.divide(wanted, math.add(lengths, EPSILON)))


max_norm, non_neg, unit_norm, min_max_norm = MaxNorm, NonNeg, UnitNorm, MinMaxNorm

NAMED = {
    "max_norm": MaxNorm, "MaxNorm": MaxNorm, "non_neg": NonNeg, "NonNeg": NonNeg, "unit_norm": UnitNorm,
    "UnitNorm": UnitNorm, "min_max_norm": MinMaxNorm, "MinMaxNorm": MinMaxNorm,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """Returns the constraint that is meant: by a name, by what `serialize` returned, or a function, kept as it is.

    Raises:
        ValueError: for what names no constraint.

    TensorFlow: tf.keras.constraints.get.
    """
    return find(identifier, NAMED, "constraint")


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.constraints"))
