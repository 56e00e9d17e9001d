"""Pooling layers: of all that a window sees, the largest value or the mean; there is nothing to learn.

Inputs are batches as for convolutional layers: [example, step, channel] or [image, row, column, channel].
"""

from __future__ import annotations

from typing import Any

from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.keras.layers.convolutional import first_place, ops_format, padding_word, whole_numbers
from minitfe.keras.layers.core import layout
from minitfe.ops import pooling, reduction
from minitfe.tensor import Tensor

# -------------------------------------------------------------------------------------------------- windows that slide


class Pooling(Layer):
    """What pooling layers with windows share.

    Args:
        pool_size: the size of the window; an int, or one for each axis.
        strides: how far it moves from stop to stop; its size, if left out.
        padding: 'valid' for windows inside of the input, 'same' for as many as there are strides.
        data_format: 'channels_last' or 'channels_first'.
    """

    settings = ("pool_size", "strides", "padding", "data_format")
    rank = 2
    kind = "MAX"

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = whole_numbers(pool_size, self.rank, "pool_size")
        self.strides = self.pool_size if strides is None else whole_numbers(strides, self.rank, "strides")
        self.padding = padding_word(padding)
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns what is left of each window."""
        return pooling.pool(
            inputs,
            self.pool_size,
            self.kind,
            self.padding.upper(),
            strides=self.strides,
            data_format=ops_format(self.data_format),
        )


class MaxPooling1D(Pooling):
    """The largest value in each window of a sequence, channel by channel.

    Args:
        pool_size: how many steps a window sees.
        strides: how many steps it moves; its size, if left out.
        padding, data_format: see `Conv1D`.

    >>> tf.keras.layers.MaxPooling1D()(tf.constant([[[1.], [3.], [2.], [0.]]])).numpy().ravel()
    array([3., 2.], dtype=float32)

    TensorFlow: tf.keras.layers.MaxPooling1D.
    """

    rank = 1


class MaxPooling2D(Pooling):
    """The largest value in each window of an image, channel by channel.

    Args:
        pool_size: height and width of the window; one int for both.
        strides: how far it moves, down and to the right; its size, if left out.
        padding, data_format: see `Conv2D`.

    >>> tf.keras.layers.MaxPooling2D()(tf.constant([[[[1.], [2.]], [[3.], [0.]]]])).numpy().ravel()
    array([3.], dtype=float32)

    TensorFlow: tf.keras.layers.MaxPooling2D.
    """


class AveragePooling1D(Pooling):
    """The mean of each window of a sequence. Args are those of `MaxPooling1D`.

    >>> tf.keras.layers.AveragePooling1D()(tf.constant([[[1.], [3.], [2.], [0.]]])).numpy().ravel()
    array([2., 1.], dtype=float32)

    TensorFlow: tf.keras.layers.AveragePooling1D.
    """

    rank = 1
    kind = "AVG"


class AveragePooling2D(Pooling):
    """The mean of each window of an image; at the border, of its real pixels. Args are those of `MaxPooling2D`.

    >>> tf.keras.layers.AveragePooling2D()(tf.constant([[[[1.], [2.]], [[3.], [0.]]]])).numpy().ravel()
    array([1.5], dtype=float32)

    TensorFlow: tf.keras.layers.AveragePooling2D.
    """

    kind = "AVG"


# --------------------------------------------------------------------------------------------------------- all at once


class GlobalPooling(Layer):
    """What pooling layers share whose window is the whole input.

    Args:
        data_format: 'channels_last' or 'channels_first'.
    """

    settings = ("data_format",)
    rank = 2

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _axes(self) -> list[int]:
        first = first_place(self.data_format)
        return list(range(first, first + self.rank))


class GlobalMaxPooling(GlobalPooling):
    """The largest value of each channel."""

    def call(self, inputs: Tensor) -> Tensor:
        """Returns [example, channel]."""
        return reduction.reduce_max(inputs, self._axes())


class GlobalAveragePooling(GlobalPooling):
    """The mean of each channel."""

    def call(self, inputs: Tensor) -> Tensor:
        """Returns [example, channel]."""
        return reduction.reduce_mean(inputs, self._axes())


class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest value of each channel of a sequence.

    >>> tf.keras.layers.GlobalMaxPooling1D()(tf.constant([[[1., 5.], [3., 2.]]])).numpy()
    array([[3., 5.]], dtype=float32)

    TensorFlow: tf.keras.layers.GlobalMaxPooling1D.
    """

    rank = 1


class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest value of each channel of an image.

    Args:
        data_format: see `Conv2D`.

    >>> tf.keras.layers.GlobalMaxPooling2D()(tf.zeros([2, 5, 5, 3])).shape
    TensorShape([Dimension(2), Dimension(3)])

    TensorFlow: tf.keras.layers.GlobalMaxPooling2D.
    """


class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel of a sequence.

    >>> tf.keras.layers.GlobalAveragePooling1D()(tf.constant([[[1., 5.], [3., 2.]]])).numpy()
    array([[2. , 3.5]], dtype=float32)

    TensorFlow: tf.keras.layers.GlobalAveragePooling1D.
    """

    rank = 1


class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel of an image.

    Args:
        data_format: see `Conv2D`.

    >>> tf.keras.layers.GlobalAveragePooling2D()(tf.zeros([2, 5, 5, 3])).shape
    TensorShape([Dimension(2), Dimension(3)])

    TensorFlow: tf.keras.layers.GlobalAveragePooling2D.
    """


MaxPool1D, MaxPool2D, AvgPool1D, AvgPool2D = MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
