"""``tf.contrib.layers``: the initializers and regularizers that programs take from it, and its fully connected layer.

The functions for layers that it has beside these are better called in ``tf.layers``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitfe import dtypes, initializers
from minitfe.missing import explain as _explain
from minitfe.namespaces import layers
from minitfe.ops import math, nn, reduction
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "flatten",
    "fully_connected",
    "l1_l2_regularizer",
    "l1_regularizer",
    "l2_regularizer",
    "variance_scaling_initializer",
    "xavier_initializer",
    "xavier_initializer_conv2d",
]

flatten = layers.flatten


def fully_connected(
    inputs: TensorLike,
    num_outputs: int,
    activation_fn: Callable[[Tensor], Tensor] | None = nn.relu,
    weights_initializer: Any = None,
    weights_regularizer: Any = None,
    biases_initializer: Any = "zeros",
    biases_regularizer: Any = None,
    reuse: Any = None,
    trainable: bool = True,
    scope: str | None = None,
) -> Tensor:
    """Applies a new `tf.layers.Dense` layer, with relu unless another function is given.

    Args:
        inputs: what it is applied to.
        num_outputs: how many units it has.
        activation_fn: what is done with the sums; None for nothing.
        weights_initializer and others: the settings of the layer; biases_initializer is None for no biases.
        reuse, scope: whether to apply the graph's layer of this name.

    >>> tf.contrib.layers.fully_connected(tf.ones([2, 5]), 3).shape
    TensorShape([Dimension(2), Dimension(3)])

    TensorFlow: tf.contrib.layers.fully_connected.
    """
    return layers.dense(
        inputs, num_outputs, activation_fn, use_bias=biases_initializer is not None, reuse=reuse, trainable=trainable,
        kernel_initializer=weights_initializer, kernel_regularizer=weights_regularizer, name=scope,
        bias_initializer=biases_initializer or "zeros", bias_regularizer=biases_regularizer,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------- initializers


def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = dtypes.float32) -> Any:
    """Returns Glorot and Bengio's initializer, which draws uniformly or from a normal distribution.

    >>> tf.contrib.layers.xavier_initializer()([2, 3]).shape
    TensorShape([Dimension(2), Dimension(3)])

    TensorFlow: tf.contrib.layers.xavier_initializer.
    """
    return (initializers.glorot_uniform if uniform else initializers.glorot_normal)(seed=seed, dtype=dtype)


xavier_initializer_conv2d = xavier_initializer


def variance_scaling_initializer(
    factor: float = 2.0,
    mode: str = "FAN_IN",
    uniform: bool = False,
    seed: int | None = None,
    dtype: Any = dtypes.float32,
) -> Any:
    """Returns the initializer that draws with the variance factor / n.

    Args:
        mode: what n is: FAN_IN, the number of inputs of a unit, FAN_OUT, that of its outputs, or FAN_AVG, their mean.
        uniform: whether to draw uniformly; by default from a truncated normal distribution.

    >>> tf.contrib.layers.variance_scaling_initializer()([2, 3]).shape
    TensorShape([Dimension(2), Dimension(3)])

    TensorFlow: tf.contrib.layers.variance_scaling_initializer.
    """
    distribution = "uniform" if uniform else "truncated_normal"
    return initializers.variance_scaling(factor, str(mode).lower(), distribution, seed, dtype)


# ------------------------------------------------------------------------------------------------------- regularizers

Regularizer = Callable[[TensorLike], Tensor]


def l1_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns the regularizer scale · Σ|x|, which drives weights to 0.

    >>> float(tf.contrib.layers.l1_regularizer(0.5)([3., -1.]))
    2.0

    TensorFlow: tf.contrib.layers.l1_regularizer.
    """
    return lambda x: math.multiply(scale, reduction.reduce_sum(math.abs(x)))


def l2_regularizer(scale: float, scope: str | None = None) -> Regularizer:
    """Returns the regularizer scale · Σx² / 2, which keeps weights small: half of `tf.keras.regularizers.l2`.

    >>> float(tf.contrib.layers.l2_regularizer(0.5)([2.]))
    1.0

    TensorFlow: tf.contrib.layers.l2_regularizer.
    """
    return lambda x: math.multiply(scale, nn.l2_loss(x))


def l1_l2_regularizer(scale_l1: float = 1.0, scale_l2: float = 1.0, scope: str | None = None) -> Regularizer:
    """Returns the sum of `l1_regularizer` and `l2_regularizer`.

    >>> float(tf.contrib.layers.l1_l2_regularizer(0.5, 1.0)([2.0]))
    3.0

    TensorFlow: tf.contrib.layers.l1_l2_regularizer.
    """
    first, second = l1_regularizer(scale_l1), l2_regularizer(scale_l2)
    return lambda x: math.add(first(x), second(x))


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.contrib.layers"))
