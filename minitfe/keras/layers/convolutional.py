"""Convolutional layers: filters that slide over sequences or images.

Inputs are batches [example, step, channel] or [image, row, column, channel], which is 'channels_last'. With
'channels_first' the channels are the second axis, of outputs too; variables have the same shapes for both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe import initializers
from minitfe.keras import activations, constraints, regularizers
from minitfe.keras.engine.layer import InputSpec, Layer
from minitfe.keras.layers.core import layout, positive, require_floating
from minitfe.ops import arguments, array, convolution, nn, rearrange
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor
from minitfe.variable import Variable

# ------------------------------------------------------------------------------------------------------------ settings


def whole_numbers(value: Any, count: int, what: str, least: int = 1) -> tuple[int, ...]:
    """Reads an int for each of `count` axes; a single int serves them all.

    Raises:
        ValueError: where it is neither, or a number is less than `least`.
    """
    listed = value if isinstance(value, (list, tuple, np.ndarray, TensorShape)) else (value,) * count
    try:
        numbers = tuple(arguments.integer(number, what) for number in listed)
    except TypeError:
        numbers = ()
    if len(numbers) != count or min(numbers) < least:
        raise ValueError(
            f"The `{what}` argument must be a tuple of {count} integers. Received: {value!r}; it takes one integer or"
            f" {count}, not less than {least}."
        )
    return numbers


def padding_word(value: Any, allowed: tuple[str, ...] = ("valid", "same")) -> str:
    """Reads how windows meet the border of their input.

    Raises:
        ValueError: for any other word.
    """
    word = str(value).lower()
    if word not in allowed:
        raise ValueError(
            'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", only for `Conv1D).'
            f" Received: {value}; this layer takes {' and '.join(allowed)}."
        )
    return word


def ops_format(data_format: str) -> str:
    """What ops call the place of the channels."""
    return "NHWC" if data_format == "channels_last" else "NCHW"


def first_place(data_format: str) -> int:
    """The axis of the steps, or of the rows: the first that is neither the batch's nor the channels'."""
    return 1 if data_format == "channels_last" else 2


def known_sizes(x: Tensor, count: int, data_format: str, layer: str) -> list[int]:
    """The sizes along the axes on which windows slide.

    Raises:
        ValueError: where a graph does not know them.
    """
    first = first_place(data_format)
    sizes = [size for size in x.shape.as_list()[first : first + count] if size is not None]
    if len(sizes) < count:
        raise ValueError(f"{layer} needs an input whose sizes are known when a graph is built, not {x.shape}.")
    return sizes


# ----------------------------------------------------------------------------------------------------- what they share

WINDOW = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")
OUTPUT = ("activation", "use_bias", "activity_regularizer")


def described(*names: str) -> tuple[str, ...]:
    """The settings of variables: what they begin with, what they cost, and where they may be."""
    return tuple(f"{name}_{what}" for name in names for what in ("initializer", "regularizer", "constraint"))


class Convolutional(Layer):
    """What all convolutional layers share: a window, a bias, an activation.

    Args:
        kernel_size, strides, dilation_rate: the size of the window, how far it moves from stop to stop, and how far
            apart the places are that it sees; an int, or one for each axis.
        padding: 'valid' for windows inside of the input, 'same' for one at each place (of a stride).
        data_format: 'channels_last' or 'channels_first'.
        activation: a function, or its name.
        use_bias: whether a number is added to each channel.
        variables: initializer, regularizer and constraint of each kind of variable.
    """

    rank = 2
    paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        kernel_size: Any,
        strides: Any,
        padding: str,
        data_format: str | None,
        dilation_rate: Any,
        activation: Any,
        use_bias: bool,
        variables: dict[str, tuple[Any, Any, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = whole_numbers(kernel_size, self.rank, "kernel_size")
        self.strides = whole_numbers(strides, self.rank, "strides")
        self.padding = padding_word(padding, self.paddings)
        self.data_format = layout(data_format)
        self.dilation_rate = whole_numbers(dilation_rate, self.rank, "dilation_rate")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        for kind, (initializer, regularizer, constraint) in variables.items():
            setattr(self, f"{kind}_initializer", initializers.get(initializer))
            setattr(self, f"{kind}_regularizer", regularizers.get(regularizer))
            setattr(self, f"{kind}_constraint", constraints.get(constraint))
        self.input_spec = InputSpec(ndim=self.rank + 2)

    # -------------------------------------------------------------------------------------------------------- building

    def _channels(self, input_shape: Any) -> int:
        """The number of the input's channels, which it must have from now on.

        Raises:
            ValueError: where it is not known.
            TypeError: for inputs that are not floating-point.
        """
        axis = -1 if self.data_format == "channels_last" else 1
        channels = TensorShape(input_shape).as_list()[axis]
        if channels is None:
            raise ValueError(
                f"The channel dimension of the inputs to `{type(self).__name__}` should be defined. Found `None`: the"
                f" shape is {TensorShape(input_shape)}."
            )
        require_floating(self)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={axis: channels})
        return channels

    def _variable(self, name: str, shape: Any) -> Variable:
        """Makes a variable as it was described: kernel, depthwise_kernel, pointwise_kernel or bias."""
        kind = name.removesuffix("_kernel")
        initializer, regularizer, constraint = [getattr(self, setting) for setting in described(kind)]
        return self.add_weight(name, shape, None, initializer, regularizer, constraint=constraint)

    def _add_bias(self, channels: int) -> None:
        self.bias = self._variable("bias", [channels]) if self.use_bias else None
        self.built = True

    # --------------------------------------------------------------------------------------------------------- calling

    def call(self, inputs: Tensor) -> Tensor:
        """Returns activation(convolution + bias)."""
        y = self._convolve(inputs, ops_format(self.data_format))
        if self.bias is not None:
            y = nn.bias_add(y, self.bias.read_value(), ops_format(self.data_format))
        return y if self.activation is activations.linear else self.activation(y)

    def _convolve(self, inputs: Tensor, data_format: str) -> Tensor:
        raise NotImplementedError("a subclass says how")

    def _strides_of_images(self) -> tuple[int, ...]:
        return convolution.on_all_axes(self.strides, ops_format(self.data_format))


# --------------------------------------------------------------------------------------------------------- convolution


class Conv(Convolutional):
    """Convolution along one or two axes; see `Conv1D` and `Conv2D`."""

    settings = ("filters", *WINDOW, *OUTPUT, *described("kernel", "bias"))

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        variables = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, variables,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.filters = positive(filters, "filters")

    def build(self, input_shape: Any) -> None:
        """Makes the kernel, [window..., input channel, filter], and the bias, [filter]."""
        channels = self._channels(input_shape)
        self.kernel = self._variable("kernel", [*self.kernel_size, channels, self.filters])
        self._add_bias(self.filters)

    def _convolve(self, inputs: Tensor, data_format: str) -> Tensor:
        inputs, padding = causal(inputs, self)
        kernel = self.kernel.read_value()
        return convolution.convolution(
            inputs, kernel, padding, self.strides, self.dilation_rate, data_format=data_format
        )


def causal(inputs: Tensor, layer: Convolutional) -> tuple[Tensor, str]:
    """Where a step shall see none that come after it, zeros are put before the first one. Returns the padding left."""
    if layer.padding != "causal":
        return inputs, layer.padding.upper()
    before = layer.dilation_rate[0] * (layer.kernel_size[0] - 1)
    paddings = [(0, 0)] * 3
    paddings[first_place(layer.data_format)] = (before, 0)
    return rearrange.pad(inputs, paddings), "VALID"


class Conv1D(Conv):
    """Filters slide over sequences: activation(convolution + bias).

    Args:
        filters: the number of filters, and of channels that come out.
        kernel_size: how many steps a filter sees.
        strides: how many steps it moves from stop to stop.
        padding: 'valid' for stops where all that a filter sees is inside of the sequence; 'same' for a stop at each
            step (of a stride), with zeros around; 'causal' for the same with zeros before only, so that no step sees a
            later one.
        data_format: 'channels_last' for [example, step, channel], 'channels_first' for [example, channel, step].
        dilation_rate: how far apart the steps are that a filter sees.
        activation, use_bias and others: see `Dense`.

    Its variables are kernel, [kernel_size, channel, filter], and bias, [filter].

    >>> layer = tf.keras.layers.Conv1D(4, 3, padding='causal')
    >>> layer(tf.zeros([2, 10, 5])).shape
    TensorShape([Dimension(2), Dimension(10), Dimension(4)])

    TensorFlow: tf.keras.layers.Conv1D.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(Conv):
    """Filters slide over images: activation(convolution + bias).

    Args:
        filters: the number of filters, and of channels that come out.
        kernel_size: height and width of what a filter sees; one int for both.
        strides: how far it moves from stop to stop, down and to the right.
        padding: 'valid' for stops where all that a filter sees is inside of the image, 'same' for a stop at each pixel
            (of a stride), with zeros around.
        data_format: 'channels_last' for [image, row, column, channel], 'channels_first' for
            [image, channel, row, column].
        dilation_rate: how far apart the pixels are that a filter sees, down and to the right.
        activation, use_bias and others: see `Dense`.

    Its variables are kernel, [height, width, channel, filter], and bias, [filter].

    >>> layer = tf.keras.layers.Conv2D(8, 3, padding='same', activation='relu', name='conv')
    >>> layer(tf.zeros([2, 28, 28, 1])).shape
    TensorShape([Dimension(2), Dimension(28), Dimension(28), Dimension(8)])
    >>> [(v.name, v.shape.as_list()) for v in layer.variables]
    [('conv/kernel:0', [3, 3, 1, 8]), ('conv/bias:0', [8])]

    TensorFlow: tf.keras.layers.Conv2D.
    """


class Conv2DTranspose(Convolutional):
    """Spreads each pixel out by the filters, which makes images larger: a convolution the other way round.

    An image of a size that `Conv2D` with the same settings would make comes out in the size that went in there. Args
    are those of `Conv2D`, without dilation_rate. Its variables are kernel, [height, width, filter, channel], and bias,
    [filter].

    >>> layer = tf.keras.layers.Conv2DTranspose(3, 2, strides=2)
    >>> layer(tf.zeros([1, 7, 7, 5])).shape
    TensorShape([Dimension(1), Dimension(14), Dimension(14), Dimension(3)])

    TensorFlow: tf.keras.layers.Conv2DTranspose.
    """

    settings = ("filters", *WINDOW[:-1], *OUTPUT, *described("kernel", "bias"))

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        variables = {
            "kernel": (kernel_initializer, kernel_regularizer, kernel_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        super().__init__(
            kernel_size, strides, padding, data_format, 1, activation, use_bias, variables,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.filters = positive(filters, "filters")

    def build(self, input_shape: Any) -> None:
        """Makes the kernel, [height, width, filter, input channel], and the bias, [filter]."""
        channels = self._channels(input_shape)
        self.kernel = self._variable("kernel", [*self.kernel_size, self.filters, channels])
        self._add_bias(self.filters)

    def _convolve(self, inputs: Tensor, data_format: str) -> Tensor:
        known_sizes(inputs, 2, self.data_format, "Conv2DTranspose")
        sizes = self.compute_output_shape(inputs.shape).as_list()
        strides, padding = self._strides_of_images(), self.padding.upper()
        return convolution.conv2d_transpose(inputs, self.kernel.read_value(), sizes, strides, padding, data_format)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Sizes times strides, and for 'valid' padding what the last windows reach beyond that."""
        sizes: list[int | None] = TensorShape(input_shape).as_list()
        first = first_place(self.data_format)
        for axis, (window, stride) in enumerate(zip(self.kernel_size, self.strides), first):
            beyond = max(window - stride, 0) if self.padding == "valid" else 0
            size = sizes[axis]
            sizes[axis] = None if size is None else size * stride + beyond
        sizes[-1 if self.data_format == "channels_last" else 1] = self.filters
        return TensorShape(sizes)


# ---------------------------------------------------------------------------------------------- one filter per channel


class DepthwiseConv2D(Convolutional):
    """Filters slide over each channel on its own: channels do not mix.

    Args:
        depth_multiplier: how many filters each channel has.
        depthwise_initializer, depthwise_regularizer, depthwise_constraint: for the filters.
        kernel_size and others: see `Conv2D`.

    Its variables are depthwise_kernel, [height, width, channel, depth_multiplier], and bias,
    [channel * depth_multiplier].

    >>> layer = tf.keras.layers.DepthwiseConv2D(3, depth_multiplier=2)
    >>> layer(tf.zeros([1, 8, 8, 4])).shape
    TensorShape([Dimension(1), Dimension(6), Dimension(6), Dimension(8)])

    TensorFlow: tf.keras.layers.DepthwiseConv2D.
    """

    settings = (*WINDOW, "depth_multiplier", *OUTPUT, *described("depthwise", "bias"))

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        dilation_rate: Any = (1, 1),
        **kwargs: Any,
    ) -> None:
        variables = {
            "depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, variables,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier")

    def build(self, input_shape: Any) -> None:
        """Makes the filters and the bias."""
        channels = self._channels(input_shape)
        self.depthwise_kernel = self._variable("depthwise_kernel", [*self.kernel_size, channels, self.depth_multiplier])
        self._add_bias(channels * self.depth_multiplier)

    def _convolve(self, inputs: Tensor, data_format: str) -> Tensor:
        kernel, strides = self.depthwise_kernel.read_value(), self._strides_of_images()
        return convolution.depthwise_conv2d(
            inputs, kernel, strides, self.padding.upper(), self.dilation_rate, data_format=data_format
        )


class SeparableConv(Convolutional):
    """Separable convolution along one or two axes; see `SeparableConv1D` and `SeparableConv2D`."""

    settings = ("filters", *WINDOW, "depth_multiplier", *OUTPUT, *described("depthwise", "pointwise", "bias"))

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        variables = {
            "depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            "pointwise": (pointwise_initializer, pointwise_regularizer, pointwise_constraint),
            "bias": (bias_initializer, bias_regularizer, bias_constraint),
        }
        super().__init__(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, variables,
            activity_regularizer=activity_regularizer, **kwargs,
        )  # fmt: skip
        self.filters = positive(filters, "filters")
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier")

    def build(self, input_shape: Any) -> None:
        """Makes the filters of each channel, those that mix the channels, and the bias."""
        channels, ones = self._channels(input_shape), [1] * self.rank
        self.depthwise_kernel = self._variable("depthwise_kernel", [*self.kernel_size, channels, self.depth_multiplier])
        self.pointwise_kernel = self._variable(
            "pointwise_kernel", [*ones, channels * self.depth_multiplier, self.filters]
        )
        self._add_bias(self.filters)


class SeparableConv1D(SeparableConv):
    """A convolution of each channel of sequences on its own, and then one of single steps that mixes the channels.

    Args:
        depth_multiplier: how many filters each channel has in the first of the two.
        filters and others: see `Conv1D`; the initializers and their like, for both kinds of filters.

    Its variables are depthwise_kernel, [kernel_size, channel, depth_multiplier], pointwise_kernel,
    [1, channel * depth_multiplier, filter], and bias, [filter].

    >>> tf.keras.layers.SeparableConv1D(4, 3)(tf.zeros([2, 10, 5])).shape
    TensorShape([Dimension(2), Dimension(8), Dimension(4)])

    TensorFlow: tf.keras.layers.SeparableConv1D.
    """

    rank = 1
    paddings = ("valid", "same", "causal")

    def _convolve(self, inputs: Tensor, data_format: str) -> Tensor:
        inputs, padding = causal(inputs, self)
        y = convolution.separable_conv2d(
            convolution.as_images(inputs, data_format),
            array.expand_dims(self.depthwise_kernel.read_value(), 0),
            array.expand_dims(self.pointwise_kernel.read_value(), 0),
            convolution.on_all_axes((1, *self.strides), data_format),
            padding,
            (1, *self.dilation_rate),
            data_format=data_format,
        )
        return convolution.as_sequences(y, data_format)


class SeparableConv2D(SeparableConv):
    """A convolution of each channel of images on its own, and then one of single pixels that mixes the channels.

    It needs far fewer products than `Conv2D` (Chollet, "Xception", arXiv:1610.02357).

    Args:
        depth_multiplier: how many filters each channel has in the first of the two.
        filters and others: see `Conv2D`; the initializers and their like, for both kinds of filters.

    Its variables are depthwise_kernel, [height, width, channel, depth_multiplier], pointwise_kernel,
    [1, 1, channel * depth_multiplier, filter], and bias, [filter].

    >>> layer = tf.keras.layers.SeparableConv2D(8, 3)
    >>> layer(tf.zeros([1, 6, 6, 4])).shape, layer.count_params()
    (TensorShape([Dimension(1), Dimension(4), Dimension(4), Dimension(8)]), 76)

    TensorFlow: tf.keras.layers.SeparableConv2D.
    """

    def _convolve(self, inputs: Tensor, data_format: str) -> Tensor:
        return convolution.separable_conv2d(
            inputs,
            self.depthwise_kernel.read_value(),
            self.pointwise_kernel.read_value(),
            self._strides_of_images(),
            self.padding.upper(),
            self.dilation_rate,
            data_format=data_format,
        )


Convolution1D, Convolution2D = Conv1D, Conv2D
Convolution2DTranspose = Conv2DTranspose
SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
