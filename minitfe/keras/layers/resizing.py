"""Layers that make sequences and images larger or smaller: zeros around them, margins cut off, pixels repeated.

They have no variables. Networks use them between convolutions, to get the sizes that these need.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.keras.layers.convolutional import first_place, known_sizes, ops_format, whole_numbers
from minitfe.keras.layers.core import layout, positive
from minitfe.ops import arguments, convolution, image, indexing, rearrange
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

# ------------------------------------------------------------------------------------------------- zeros around images


def margins(value: Any, count: int, what: str) -> tuple[tuple[int, int], ...]:
    """Reads what is added or cut off before and after each of `count` axes.

    An int is for all ends; of a tuple, each part is for one axis, an int for both ends or a pair.

    Raises:
        ValueError: where it is none of these.
    """
    parts = list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * count
    if len(parts) != count:
        raise ValueError(f"`{what}` should have {'two' if count == 2 else count} elements. Found: {value!r}")
    try:
        before, after = zip(*[whole_numbers(part, 2, what, least=0) for part in parts])
    except ValueError:
        raise ValueError(
            f"`{what}` should be either an int, a tuple of {count} ints (for both ends of each axis), or a tuple of"
            f" {count} tuples of 2 ints (before and after each axis), none of them negative. Found: {value!r}"
        ) from None
    return tuple(zip(before, after))


class ZeroPadding1D(Layer):
    """Puts zeros before and after sequences [example, step, channel].

    Args:
        padding: how many steps; an int for both ends, or a pair.

    >>> tf.keras.layers.ZeroPadding1D((1, 2))(tf.ones([1, 2, 1])).numpy().ravel()
    array([0., 1., 1., 0., 0.], dtype=float32)

    TensorFlow: tf.keras.layers.ZeroPadding1D.
    """

    settings = ("padding",)

    def __init__(self, padding: Any = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = whole_numbers(padding, 2, "padding", least=0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns longer sequences."""
        return rearrange.pad(inputs, [(0, 0), self.padding, (0, 0)])


class ZeroPadding2D(Layer):
    """Puts zeros around images.

    Args:
        padding: how many rows and columns: an int; a pair of ints, (above and below, left and right); or two pairs,
            ((above, below), (left, right)).
        data_format: see `Conv2D`.

    >>> tf.keras.layers.ZeroPadding2D(((1, 0), (0, 2)))(tf.ones([1, 1, 1, 1])).numpy()[0, :, :, 0]
    array([[0., 0., 0.],
           [1., 0., 0.]], dtype=float32)

    TensorFlow: tf.keras.layers.ZeroPadding2D.
    """

    settings = ("padding", "data_format")

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = margins(padding, 2, "padding")
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns larger images."""
        rest = [(0, 0)] * (first_place(self.data_format) - 1)
        return rearrange.pad(inputs, [(0, 0), *rest, *self.padding, *[(0, 0)] * (1 - len(rest))])


class Cropping1D(Layer):
    """Cuts off the ends of sequences [example, step, channel].

    Args:
        cropping: how many steps; an int for both ends, or a pair.

    >>> tf.keras.layers.Cropping1D((1, 0))(tf.constant([[[1.], [2.], [3.]]])).numpy().ravel()
    array([2., 3.], dtype=float32)

    TensorFlow: tf.keras.layers.Cropping1D.
    """

    settings = ("cropping",)

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = whole_numbers(cropping, 2, "cropping", least=0)
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns shorter sequences."""
        return cropped(inputs, [self.cropping], 1)


class Cropping2D(Layer):
    """Cuts off the margins of images.

    Args:
        cropping: how many rows and columns: an int; a pair of ints, (above and below, left and right); or two pairs,
            ((above, below), (left, right)).
        data_format: see `Conv2D`.

    >>> tf.keras.layers.Cropping2D(((0, 1), (1, 1)))(tf.ones([1, 5, 5, 2])).shape
    TensorShape([Dimension(1), Dimension(4), Dimension(3), Dimension(2)])

    TensorFlow: tf.keras.layers.Cropping2D.
    """

    settings = ("cropping", "data_format")

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cropping = margins(cropping, 2, "cropping")
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns smaller images."""
        return cropped(inputs, self.cropping, first_place(self.data_format))


def cropped(x: Tensor, cropping: Any, first: int) -> Tensor:
    """Cuts off both ends of some axes, from the axis `first` on.

    Raises:
        InvalidArgumentError: where nothing would be left.
    """
    sizes = x.shape.as_list()[first:]
    if any(size is not None and before + after >= size for size, (before, after) in zip(sizes, cropping)):
        raise arguments.invalid(f"Cropping by {cropping} leaves nothing of an input of shape {x.shape}.")
    inside = [slice(before, -after or None) for before, after in cropping]
    return indexing.getitem(x, (*[slice(None)] * first, *inside))


# ------------------------------------------------------------------------------------------------------- larger images


class UpSampling1D(Layer):
    """Repeats each step of sequences [example, step, channel].

    Args:
        size: how often.

    >>> tf.keras.layers.UpSampling1D(2)(tf.constant([[[1.], [2.]]])).numpy().ravel()
    array([1., 1., 2., 2.], dtype=float32)

    TensorFlow: tf.keras.layers.UpSampling1D.
    """

    settings = ("size",)

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = positive(size, "size")
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns longer sequences."""
        (steps,) = known_sizes(inputs, 1, "channels_last", "UpSampling1D")
        images = image.resize_nearest_neighbor(convolution.as_images(inputs, "NHWC"), [1, steps * self.size])
        return convolution.as_sequences(images, "NHWC")

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The steps times size."""
        return _enlarged(input_shape, [self.size], 1)


class UpSampling2D(Layer):
    """Makes images larger: each pixel becomes a rectangle.

    Args:
        size: height and width of the rectangle; one int for both.
        data_format: see `Conv2D`.

    >>> tf.keras.layers.UpSampling2D((1, 2))(tf.constant([[[[1.], [2.]]]])).numpy().ravel()
    array([1., 1., 2., 2.], dtype=float32)

    TensorFlow: tf.keras.layers.UpSampling2D.
    """

    settings = ("size", "data_format")

    def __init__(self, size: Any = (2, 2), data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = whole_numbers(size, 2, "size")
        self.data_format = layout(data_format)
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns larger images."""
        sizes = known_sizes(inputs, 2, self.data_format, "UpSampling2D")
        data_format = ops_format(self.data_format)
        larger = [size * times for size, times in zip(sizes, self.size)]
        y = image.resize_nearest_neighbor(convolution.channels_last(inputs, data_format), larger)
        return convolution.restored(y, data_format)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Height and width times size."""
        return _enlarged(input_shape, self.size, first_place(self.data_format))


def _enlarged(shape: Any, times: Any, first: int) -> TensorShape:
    sizes: list[int | None] = TensorShape(shape).as_list()
    for axis, factor in enumerate(times, first):
        size = sizes[axis]
        sizes[axis] = None if size is None else size * factor
    return TensorShape(sizes)
