"""``tf.layers``: layers under the names that they had before Keras's, and as functions.

A class here is Keras's of that name, with the defaults of ``tf.layers``. A function makes a new layer at each call and
applies it, so that in eager execution its variables are new at each call, too: use the classes to train. In a graph a
function is called once, and with ``reuse=True`` it applies the layer that was made under the same name.
"""

from __future__ import annotations

from typing import Any

from minitfe.context import outside
from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.keras.engine.naming import snake_case
from minitfe.keras.layers import core
from minitfe.keras.layers.convolutional import Conv1D, Conv2D, Conv2DTranspose, SeparableConv1D, SeparableConv2D
from minitfe.keras.layers.core import Dense, Flatten
from minitfe.keras.layers.normalization import BatchNormalization
from minitfe.keras.layers.pooling import AveragePooling1D, AveragePooling2D, MaxPooling1D, MaxPooling2D
from minitfe.missing import explain as _explain
from minitfe.scopes import get_variable_scope
from minitfe.tensor import Tensor, TensorLike

__all__ = [
    "AveragePooling1D",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "Dropout",
    "Flatten",
    "InputSpec",
    "Layer",
    "MaxPooling1D",
    "MaxPooling2D",
    "SeparableConv1D",
    "SeparableConv2D",
    "average_pooling1d",
    "average_pooling2d",
    "batch_normalization",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "dense",
    "dropout",
    "flatten",
    "max_pooling1d",
    "max_pooling2d",
    "separable_conv1d",
    "separable_conv2d",
]


class Dropout(core.Dropout):
    """In training, sets a share of its inputs to 0, and scales up the others; otherwise does nothing.

    Args:
        rate: the share that is dropped.
        noise_shape, seed: as for `tf.keras.layers.Dropout`.

    TensorFlow: tf.layers.Dropout.
    """

    def __init__(
        self,
        rate: float = 0.5,
        noise_shape: Any = None,
        seed: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(rate, noise_shape, seed, name=name, **kwargs)


def dense(inputs: TensorLike, units: int, *args: Any, reuse: Any = None, **kwargs: Any) -> Tensor:
    """Applies a new `Dense` layer.

    Args:
        inputs: what it is applied to.
        units, args, kwargs: the layer's settings.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    >>> tf.layers.dense(tf.ones([2, 5]), 3).shape
    TensorShape([Dimension(2), Dimension(3)])

    TensorFlow: tf.layers.dense.
    """
    return _layer(Dense, reuse, units, *args, **kwargs)(inputs)


def dropout(
    inputs: TensorLike,
    rate: float = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: str | None = None,
) -> Tensor:
    """Drops a share of the inputs where training is true.

    >>> tf.layers.dropout(tf.ones([2]), 0.5).numpy()
    array([1., 1.], dtype=float32)

    TensorFlow: tf.layers.dropout.
    """
    return Dropout(rate, noise_shape, seed, name)(inputs, training=training)


def flatten(inputs: TensorLike, name: str | None = None) -> Tensor:
    """Makes one axis of all axes but the first.

    >>> tf.layers.flatten(tf.zeros([5, 2, 3])).shape
    TensorShape([Dimension(5), Dimension(6)])

    TensorFlow: tf.layers.flatten.
    """
    return Flatten(name=name)(inputs)


def batch_normalization(
    inputs: TensorLike, *args: Any, training: Any = False, reuse: Any = None, **kwargs: Any
) -> Tensor:
    """Applies a new `BatchNormalization` layer.

    Args:
        inputs: what it is applied to.
        args, kwargs: the layer's settings.
        training: whether to normalize by the batch's own mean and variance.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    TensorFlow: tf.layers.batch_normalization.
    """
    return _layer(BatchNormalization, reuse, *args, **kwargs)(inputs, training=training)


# --------------------------------------------------------------------------------------------- convolution and pooling


def conv1d(inputs: TensorLike, filters: int, kernel_size: Any, *args: Any, reuse: Any = None, **kwargs: Any) -> Tensor:
    """Applies a new `Conv1D` layer.

    Args:
        inputs: what it is applied to.
        filters, kernel_size, args, kwargs: the layer's settings.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    >>> tf.layers.conv1d(tf.zeros([2, 10, 5]), 4, 3).shape
    TensorShape([Dimension(2), Dimension(8), Dimension(4)])

    TensorFlow: tf.layers.conv1d.
    """
    return _layer(Conv1D, reuse, filters, kernel_size, *args, **kwargs)(inputs)


def conv2d(inputs: TensorLike, filters: int, kernel_size: Any, *args: Any, reuse: Any = None, **kwargs: Any) -> Tensor:
    """Applies a new `Conv2D` layer.

    Args:
        inputs: what it is applied to.
        filters, kernel_size, args, kwargs: the layer's settings.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    >>> tf.layers.conv2d(tf.zeros([1, 8, 8, 3]), 4, 3).shape
    TensorShape([Dimension(1), Dimension(6), Dimension(6), Dimension(4)])

    TensorFlow: tf.layers.conv2d.
    """
    return _layer(Conv2D, reuse, filters, kernel_size, *args, **kwargs)(inputs)


def conv2d_transpose(
    inputs: TensorLike, filters: int, kernel_size: Any, *args: Any, reuse: Any = None, **kwargs: Any
) -> Tensor:
    """Applies a new `Conv2DTranspose` layer.

    Args:
        inputs: what it is applied to.
        filters, kernel_size, args, kwargs: the layer's settings.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    >>> tf.layers.conv2d_transpose(tf.zeros([1, 6, 6, 3]), 4, 3).shape
    TensorShape([Dimension(1), Dimension(8), Dimension(8), Dimension(4)])

    TensorFlow: tf.layers.conv2d_transpose.
    """
    return _layer(Conv2DTranspose, reuse, filters, kernel_size, *args, **kwargs)(inputs)


def separable_conv1d(
    inputs: TensorLike, filters: int, kernel_size: Any, *args: Any, reuse: Any = None, **kwargs: Any
) -> Tensor:
    """Applies a new `SeparableConv1D` layer.

    Args:
        inputs: what it is applied to.
        filters, kernel_size, args, kwargs: the layer's settings.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    >>> tf.layers.separable_conv1d(tf.zeros([2, 10, 5]), 4, 3).shape
    TensorShape([Dimension(2), Dimension(8), Dimension(4)])

    TensorFlow: tf.layers.separable_conv1d.
    """
    return _layer(SeparableConv1D, reuse, filters, kernel_size, *args, **kwargs)(inputs)


def separable_conv2d(
    inputs: TensorLike, filters: int, kernel_size: Any, *args: Any, reuse: Any = None, **kwargs: Any
) -> Tensor:
    """Applies a new `SeparableConv2D` layer.

    Args:
        inputs: what it is applied to.
        filters, kernel_size, args, kwargs: the layer's settings.
        reuse: whether to apply the graph's layer of the same name; eager variables are shared by sharing the layer.

    >>> tf.layers.separable_conv2d(tf.zeros([1, 8, 8, 3]), 4, 3).shape
    TensorShape([Dimension(1), Dimension(6), Dimension(6), Dimension(4)])

    TensorFlow: tf.layers.separable_conv2d.
    """
    return _layer(SeparableConv2D, reuse, filters, kernel_size, *args, **kwargs)(inputs)


def max_pooling1d(
    inputs: TensorLike,
    pool_size: Any,
    strides: Any,
    padding: str = "valid",
    data_format: str = "channels_last",
    name: str | None = None,
) -> Tensor:
    """The largest value in each window of sequences; see `tf.keras.layers.MaxPooling1D`.

    >>> tf.layers.max_pooling1d([[[1.], [3.], [2.], [0.]]], 2, 2).numpy().ravel()
    array([3., 2.], dtype=float32)

    TensorFlow: tf.layers.max_pooling1d.
    """
    return MaxPooling1D(pool_size, strides, padding, data_format, name=name)(inputs)


def max_pooling2d(
    inputs: TensorLike,
    pool_size: Any,
    strides: Any,
    padding: str = "valid",
    data_format: str = "channels_last",
    name: str | None = None,
) -> Tensor:
    """The largest value in each window of images; see `tf.keras.layers.MaxPooling2D`.

    >>> tf.layers.max_pooling2d([[[[1.], [2.]], [[3.], [0.]]]], 2, 2).numpy().ravel()
    array([3.], dtype=float32)

    TensorFlow: tf.layers.max_pooling2d.
    """
    return MaxPooling2D(pool_size, strides, padding, data_format, name=name)(inputs)


def average_pooling1d(
    inputs: TensorLike,
    pool_size: Any,
    strides: Any,
    padding: str = "valid",
    data_format: str = "channels_last",
    name: str | None = None,
) -> Tensor:
    """The mean in each window of sequences; see `tf.keras.layers.AveragePooling1D`.

    >>> tf.layers.average_pooling1d([[[1.], [3.], [2.], [0.]]], 2, 2).numpy().ravel()
    array([2., 1.], dtype=float32)

    TensorFlow: tf.layers.average_pooling1d.
    """
    return AveragePooling1D(pool_size, strides, padding, data_format, name=name)(inputs)


def average_pooling2d(
    inputs: TensorLike,
    pool_size: Any,
    strides: Any,
    padding: str = "valid",
    data_format: str = "channels_last",
    name: str | None = None,
) -> Tensor:
    """The mean in each window of images; see `tf.keras.layers.AveragePooling2D`.

    >>> tf.layers.average_pooling2d([[[[1.], [2.]], [[3.], [0.]]]], 2, 2).numpy().ravel()
    array([1.5], dtype=float32)

    TensorFlow: tf.layers.average_pooling2d.
    """
    return AveragePooling2D(pool_size, strides, padding, data_format, name=name)(inputs)


def _layer(kind: type[Layer], reuse: Any, *args: Any, **kwargs: Any) -> Layer:
    """A new layer; in a graph, where it may be reused, the one that was made under its name."""
    graph = outside()
    if graph is None:
        _refuse_reuse(reuse)
        return kind(*args, **kwargs)
    scope = get_variable_scope()
    reuse = scope.reuse if reuse is None else reuse
    kwargs["name"] = kwargs.get("name") or scope.next_name(snake_case(kind.__name__))
    key, known = scope.full_name(kwargs["name"]), graph.layers_by_name  # type: ignore[attr-defined]
    if reuse is True and key not in known:
        raise ValueError(f"There is no layer {key} to reuse: call the function once without reuse, or with AUTO_REUSE.")
    if not reuse and key in known:
        raise ValueError(
            f"Variable {key}/kernel already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE"
            " in VarScope? There is a layer of this name."
        )
    if key not in known:
        known[key] = kind(*args, **kwargs)
        known[key]._variable_prefix = f"{key}/"
    return known[key]  # type: ignore[no-any-return]


def _refuse_reuse(reuse: Any) -> None:
    if reuse is True:
        raise ValueError(
            "reuse=True needs a graph: in eager execution variables are shared by sharing the layer. Make one, such as"
            " tf.layers.Dense(10), and call it twice."
        )


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.layers"))
