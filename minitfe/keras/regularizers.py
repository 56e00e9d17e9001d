"""Regularizers: what large weights cost. A layer that has one adds the cost of its weights to its `losses`."""

from __future__ import annotations

from typing import Any

from minitfe.missing import explain as _explain
from minitfe.named import Named, find
from minitfe.ops import math, reduction
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "L1L2",
    "Regularizer",
    "get",
    "l1",
    "l1_l2",
    "l2",
]


class Regularizer(Named):
    """The base of all regularizers: a function from weights to a loss.

    TensorFlow: tf.keras.regularizers.Regularizer.
    """

    def __call__(self, x: TensorLike) -> Tensor:
        """Returns the loss, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} does not say what weights cost: it needs a method __call__.")


class L1L2(Regularizer):
    """The loss l1 Σ|x| + l2 Σx².

    Args:
        l1, l2: the two factors.

    >>> float(tf.keras.regularizers.L1L2(l1=1., l2=0.1)([-1., 3.]))
    5.0

    TensorFlow: tf.keras.regularizers.L1L2.
    """

    settings = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = float(l1)
        self.l2 = float(l2)

    def __call__(self, x: TensorLike) -> Tensor:
        """Returns l1 Σ|x| + l2 Σx²."""
        terms = []
        if self.l1:
            terms.append(math.multiply(self.l1, reduction.reduce_sum(math.abs(x))))
        if self.l2 or not terms:
            terms.append(math.multiply(self.l2, reduction.reduce_sum(math.square(x))))
        return math.add_n(terms)


def l1(l: float = 0.01) -> L1L2:  # noqa: E741, its name in TensorFlow
    """Returns the regularizer l Σ|x|, which drives weights to 0."""
    return L1L2(l1=l)


def l2(l: float = 0.01) -> L1L2:  # noqa: E741
    """Returns the regularizer l Σx², which keeps weights small.

    >>> float(tf.keras.regularizers.l2(0.5)([3.]))
    4.5
    """
    return L1L2(l2=l)


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """Returns the regularizer l1 Σ|x| + l2 Σx²."""
    return L1L2(l1=l1, l2=l2)


NAMED = {"l1": l1, "l2": l2, "l1_l2": l1_l2, "L1L2": L1L2}


def get(identifier: Any) -> Any:
    """Returns the regularizer that is meant: by a name, by what `serialize` returned, or a function, kept as it is.

    Raises:
        ValueError: for what names no regularizer.

    TensorFlow: tf.keras.regularizers.get.
    """
    return find(identifier, NAMED, "regularizer")


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.regularizers"))
