"""Convolutions: a small window slides over an image, and at each stop its filters are multiplied with what it sees.

A convolution is linear in the image and linear in the filter. So its derivatives by the one are again linear in the
other and in g, and the three of them, ::

    conv2d(x, filters)    conv2d_input_gradient(g, filters)    conv2d_filter_gradient(g, x)

are each other's gradients, to any order. Each takes two of image, filter and output, and gives the third. The two
that go backwards also take a tensor to look like: what size an image had cannot be told from its convolution, and a
graph may not know it.

Images are [image, row, column, channel] inside of the ops ("NHWC"). For "NCHW" they are transposed there and back.
"""

from __future__ import annotations

from typing import Any, cast

from minitfe import dtypes, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute, execute_source
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import arguments, array, elementary, generate, math
from minitfe.shapes import Extents, bracketed
from minitfe.tensor import Tensor, TensorLike

Pair = tuple[int, int]

# -------------------------------------------------------------------------------------------------- windows that slide


def stops(size: int | None, window: int | None, stride: int, dilation: int, padding: str) -> int | None:
    """How often a window stops along an axis: its size after the convolution.

    VALID stops as often as the window fits, SAME size/stride times, rounded up: the image is imagined to go on with
    zeros, as many before as after it, or one more after ("Neural Network" API guide of TensorFlow, "Convolution").

    Raises:
        ShapeError: where the window is larger than the image.
    """
    if size is None or (window is None and padding == "VALID"):
        return None
    if padding == "SAME" or window is None:
        return -(-size // stride)
    reach = (window - 1) * dilation + 1
    if reach > size:
        raise ShapeError(
            "Computed output size would be negative:"
            f" [input_size: {size}, effective_filter_size: {reach}, stride: {stride}]",
            "make the window smaller than the image, or use padding='SAME'",
        )
    return (size - reach) // stride + 1


def spatial(values: Any, data_format: str, what: str) -> Pair:
    """Reads the settings for height and width from those for all four axes.

    Raises:
        InvalidArgumentError: where there are not four, or one is not positive, or batch or channels are not left alone.
    """
    four = arguments.integers(values, what)
    if len(four) != 4:
        raise arguments.invalid(
            f"Sliding window {what} field must specify 4 dimensions, one per axis, not {list(four)}."
        )
    if min(four) < 1:
        raise arguments.invalid(f"Sliding window {what} must be larger than 0, not {list(four)}.")
    channels = 3 if data_format == "NHWC" else 1
    if four[0] != 1 or four[channels] != 1:
        raise arguments.invalid(
            f"Current implementation does not yet support {what} in the batch and depth dimensions: {what} {list(four)}"
            f" must be 1 for the axes 0 and {channels} of {data_format}."
        )
    return (four[1], four[2]) if data_format == "NHWC" else (four[2], four[3])


def on_all_axes(values: tuple[int, ...], data_format: str) -> tuple[int, ...]:
    """Settings for height and width, as settings for all four axes."""
    return (1, *values, 1) if data_format == "NHWC" else (1, 1, *values)


def layout(data_format: str | None) -> str:
    """Reads a data format; None means NHWC."""
    return arguments.choice(data_format or "NHWC", ("NHWC", "NCHW"), "data_format")


def channels_last(x: Tensor, data_format: str) -> Tensor:
    """Images of a data format as NHWC."""
    return x if data_format == "NHWC" else array.transpose(x, (0, 2, 3, 1))


def restored(x: Tensor, data_format: str) -> Tensor:
    """NHWC images in a data format: what `channels_last` did, undone."""
    return x if data_format == "NHWC" else array.transpose(x, (0, 3, 1, 2))


def as_images(sequences: Tensor, data_format: str) -> Tensor:
    """Sequences as images of one row."""
    return array.expand_dims(sequences, 1 if data_format == "NHWC" else 2)


def as_sequences(images: Tensor, data_format: str) -> Tensor:
    """Images of one row as sequences."""
    return array.squeeze(images, [1 if data_format == "NHWC" else 2])


def _settings(strides: Any, padding: str, data_format: str, dilations: Any) -> dict[str, Any]:
    return {
        "strides": spatial(strides, data_format, "strides"),
        "padding": arguments.choice(padding, ("SAME", "VALID"), "padding"),
        "dilations": spatial(dilations, data_format, "dilations"),
    }


def _slid(x: Extents, filters: Extents, strides: Pair, padding: str, dilations: Pair) -> Extents:
    """The shape after a convolution, up to the channels.

    Raises:
        ShapeError: where image and filter do not fit together.
    """
    for what, extents in (("input", x), ("filter", filters)):
        if len(extents) != 4:
            raise ShapeError(
                f"{what} must be 4-dimensional{bracketed(extents)}", "images are NHWC, filters [height, width, in, out]"
            )
    if not _fits((x[3],), (filters[2],)):
        raise ShapeError(
            f"input and filter must have the same depth: {x[3]} vs {filters[2]}",
            "the filter's third size is the number of the image's channels",
        )
    return x[0], *(stops(x[i + 1], filters[i], strides[i], dilations[i], padding) for i in (0, 1))


def _convolved(x: Extents, filters: Extents, **settings: Any) -> Extents:
    return *_slid(x, filters, **settings), filters[3]


def _depthwise_convolved(x: Extents, filters: Extents, **settings: Any) -> Extents:
    count = None if None in filters[2:] else cast(int, filters[2]) * cast(int, filters[3])
    return *_slid(x, filters, **settings), count


def _fits(x: Extents, y: Extents) -> bool:
    return shapes.TensorShape(x).is_compatible_with(y)


def _require_output(g: Extents, output: Extents) -> None:
    if not _fits(g, output):
        raise ShapeError(
            f"Size of out_backprop doesn't match computed: actual = {bracketed(g)}, computed = {bracketed(output)}",
            "it must have the shape that the convolution gives",
        )


def _like_input(g: Extents, filters: Extents, like: Extents, **settings: Any) -> Extents:
    _require_output(g, g[:1] + _convolved(like, filters, **settings)[1:])
    return g[:1] + like[1:]


def _like_filter(g: Extents, x: Extents, like: Extents, **settings: Any) -> Extents:
    _require_output(g, _convolved(x, like, **settings))
    return like


# --------------------------------------------------------------------------------------------------------- convolution

conv2d_op = register(Op("conv2d", shape=_convolved, accepts=dtypes.FLOATING, tensorflow_name="Conv2D"))


def conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: Any,
    padding: str,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """Slides filters over images, and multiplies and adds up what they see at each stop.

    Args:
        input: images, [image, row, column, channel].
        filter: filters, [row, column, channel, filter].
        strides: how far the window moves, for each of the four axes; 1 for images and channels.
        padding: "VALID" for windows that lie inside the image, "SAME" for one at every pixel (of a stride).
        use_cudnn_on_gpu: accepted so that programs written for TensorFlow run; it changes nothing here.
        data_format: "NHWC", or "NCHW" where the channels are the second axis of input and output.
        dilations: how far apart the pixels lie that a filter sees, for each of the four axes.

    Returns:
        The filtered images, [image, row, column, filter].

    Raises:
        InvalidArgumentError: where image and filter do not fit together, or strides or dilations are not possible.
        ValueError: for an unknown padding or data format.

    >>> image = tf.constant([[[[1.], [2.], [3.]]]])
    >>> tf.nn.conv2d(image, [[[[1.]], [[10.]]]], [1, 1, 1, 1], "VALID").numpy().ravel()
    array([21., 32.], dtype=float32)
    """
    data_format = layout(data_format)
    x, filters = agree(conv2d_op, (input, filter))
    settings = _settings(strides, padding, data_format, dilations)
    y = execute(conv2d_op, (channels_last(x, data_format), filters), settings)
    return restored(y, data_format)


@conv2d_op.gradient(0)
def conv2d_dx(g: Tensor, x: Tensor, filters: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """dx = Σ g filters, over all places of the window that see the pixel."""
    return conv2d_input_gradient(g, filters, x, **settings)


@conv2d_op.gradient(1)
def conv2d_dfilters(g: Tensor, x: Tensor, filters: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """dfilters = Σ g x, over all pixels that the tap sees."""
    return conv2d_filter_gradient(g, x, filters, **settings)


conv2d_input_gradient_op = register(
    Op("conv2d_input_gradient", shape=_like_input, accepts=dtypes.FLOATING, tensorflow_name="Conv2DBackpropInput")
)


def conv2d_input_gradient(g: Tensor, filters: Tensor, like: Tensor, **settings: Any) -> Tensor:
    """What g at the output of a convolution is at its input, whose images look like those of `like`."""
    return cast(Tensor, execute(conv2d_input_gradient_op, (g, filters, like), settings))


@conv2d_input_gradient_op.gradient(0)
def conv2d_input_gradient_dg(
    h: Tensor, g: Tensor, filters: Tensor, like: Tensor, output: Tensor, **settings: Any
) -> Tensor:
    """The transpose of a transposed convolution is the convolution."""
    return cast(Tensor, execute(conv2d_op, (h, filters), settings))


@conv2d_input_gradient_op.gradient(1)
def conv2d_input_gradient_dfilters(
    h: Tensor, g: Tensor, filters: Tensor, like: Tensor, output: Tensor, **settings: Any
) -> Tensor:
    """h · conv2d_input_gradient(g, filters) = g · conv2d(h, filters): a filter's gradient, at the image h."""
    return conv2d_filter_gradient(g, h, filters, **settings)


conv2d_input_gradient_op.no_gradient(SHAPE_ONLY, 2)

conv2d_filter_gradient_op = register(
    Op("conv2d_filter_gradient", shape=_like_filter, accepts=dtypes.FLOATING, tensorflow_name="Conv2DBackpropFilter")
)


def conv2d_filter_gradient(g: Tensor, x: Tensor, like: Tensor, **settings: Any) -> Tensor:
    """What g at the output of a convolution is at its filter, which looks like `like`."""
    return cast(Tensor, execute(conv2d_filter_gradient_op, (g, x, like), settings))


@conv2d_filter_gradient_op.gradient(0)
def conv2d_filter_gradient_dg(h: Tensor, g: Tensor, x: Tensor, like: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """h · conv2d_filter_gradient(g, x) = g · conv2d(x, h)"""
    return cast(Tensor, execute(conv2d_op, (x, h), settings))


@conv2d_filter_gradient_op.gradient(1)
def conv2d_filter_gradient_dx(h: Tensor, g: Tensor, x: Tensor, like: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """h · conv2d_filter_gradient(g, x) = g · conv2d(x, h): an image's gradient, at the filter h."""
    return conv2d_input_gradient(g, h, x, **settings)


conv2d_filter_gradient_op.no_gradient(SHAPE_ONLY, 2)

# --------------------------------------------------------------------------------- the gradients under public names


def conv2d_backprop_input(
    input_sizes: Any,
    filter: TensorLike,
    out_backprop: TensorLike,
    strides: Any,
    padding: str,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` by its input, given that by its output.

    Args:
        input_sizes: the shape of the input.
        out_backprop: the gradient at the output. The other settings are those of `conv2d`.

    Raises:
        InvalidArgumentError: where the shapes are not those of one convolution.

    >>> g = tf.ones([1, 1, 2, 1])
    >>> tf.nn.conv2d_backprop_input([1, 1, 3, 1], [[[[1.]], [[10.]]]], g, [1, 1, 1, 1], "VALID").numpy().ravel()
    array([ 1., 11., 10.], dtype=float32)
    """
    data_format = layout(data_format)
    g, filters = agree(conv2d_input_gradient_op, (out_backprop, filter))
    like = channels_last(_image_of_zeros(input_sizes, g), data_format)
    settings = _settings(strides, padding, data_format, dilations)
    return restored(conv2d_input_gradient(channels_last(g, data_format), filters, like, **settings), data_format)


def _image_of_zeros(sizes: Any, beside: Tensor) -> Tensor:
    """One image of this shape. How many there are is left to the tensor beside it: a graph may not know it.

    Raises:
        ValueError: where the number of images is given, and another than the tensor's.
    """
    sizes = sizes if isinstance(sizes, (list, tuple)) else arguments.integers(sizes, "shape")
    if len(sizes) != 4:
        raise arguments.invalid(f"The shape of images has 4 sizes, not {len(sizes)}: {list(sizes)}.")
    count, *image = sizes
    given = beside.extents[0] if beside.extents else None
    if isinstance(count, int) and given not in (None, count):
        raise ValueError(f"The shape {list(sizes)} is one of {count} images, but there are {given}: {beside.shape}.")
    return _zeros((1, *arguments.shape(image)), beside)


def _zeros(sizes: Any, beside: Tensor) -> Tensor:
    """Zeros of this shape, with the dtype and on the device of another tensor."""
    attributes = {"shape": arguments.shape(sizes), "dtype": beside.dtype}
    return cast(Tensor, execute_source(generate.zeros_op, attributes, beside.home))


def conv2d_backprop_filter(
    input: TensorLike,
    filter_sizes: Any,
    out_backprop: TensorLike,
    strides: Any,
    padding: str,
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """The gradient of `conv2d` by its filter, given that by its output.

    Args:
        filter_sizes: the shape of the filter.
        out_backprop: the gradient at the output. The other settings are those of `conv2d`.

    Raises:
        InvalidArgumentError: where the shapes are not those of one convolution.

    >>> image, g = tf.constant([[[[1.], [2.], [3.]]]]), tf.ones([1, 1, 2, 1])
    >>> tf.nn.conv2d_backprop_filter(image, [1, 2, 1, 1], g, [1, 1, 1, 1], "VALID").numpy().ravel()
    array([3., 5.], dtype=float32)
    """
    data_format = layout(data_format)
    g, x = agree(conv2d_filter_gradient_op, (out_backprop, input))
    like = _zeros(filter_sizes, g)
    settings = _settings(strides, padding, data_format, dilations)
    return conv2d_filter_gradient(channels_last(g, data_format), channels_last(x, data_format), like, **settings)


def conv2d_transpose(
    value: TensorLike,
    filter: TensorLike,
    output_shape: Any,
    strides: Any,
    padding: str = "SAME",
    data_format: str = "NHWC",
    name: str | None = None,
) -> Tensor:
    """The transpose of a convolution: what spreads each pixel out by the filters. It makes images larger.

    Args:
        value: images, [image, row, column, channel].
        filter: filters, [row, column, output channel, input channel]: those of the convolution that is transposed.
        output_shape: the shape of the result; several sizes lead to one value's when they are convolved.
        strides, padding, data_format: those of the convolution that is transposed, as for `conv2d`.

    Raises:
        ValueError: where the channels of value or output_shape are not those of the filter.
        InvalidArgumentError: where the convolution does not lead from output_shape to the shape of value.

    >>> tf.nn.conv2d_transpose([[[[1.], [2.]]]], [[[[1.]], [[10.]]]], [1, 1, 4, 1], [1, 1, 2, 1]).numpy().ravel()
    array([ 1., 10.,  2., 20.], dtype=float32)
    """
    data_format = layout(data_format)
    x, filters = agree(conv2d_input_gradient_op, (value, filter))
    like = _image_of_zeros(output_shape, x)
    _require_channels("input", channels_last(x, data_format), filters, 3)
    _require_channels("output", channels_last(like, data_format), filters, 2)
    settings = _settings(strides, padding, data_format, (1, 1, 1, 1))
    y = conv2d_input_gradient(channels_last(x, data_format), filters, channels_last(like, data_format), **settings)
    return restored(y, data_format)


def _require_channels(which: str, x: Tensor, filters: Tensor, axis: int) -> None:
    extents, filter_extents = x.extents, filters.extents
    if extents is None or filter_extents is None or len(extents) != 4 or len(filter_extents) != 4:
        return  # the shape rule has the words for it
    if not _fits((extents[3],), (filter_extents[axis],)):
        raise ValueError(
            f"{which} channels does not match filter's {which} channels, {extents[3]} != {filter_extents[axis]}:"
            " conv2d_transpose takes filters [height, width, output channels, input channels], and was given"
            f" {filters.dtype.name} {filters.shape}."
        )


# ------------------------------------------------------------------------------------------- other ways to say conv2d


def convolution(
    input: TensorLike,
    filter: TensorLike,
    padding: str,
    strides: Any = None,
    dilation_rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
) -> Tensor:
    """A convolution along one or two axes: sequences or images, as the filter has it.

    Args:
        input: [example, position..., channel].
        filter: [position..., channel, filter].
        padding: "VALID" or "SAME"; see `conv2d`.
        strides, dilation_rate: an int for each of the axes; 1 if left out.
        data_format: for input and output [example, channel, position...], one that starts with "NC".

    Raises:
        ValueError: where the filter has other than 3 or 4 axes.
        InvalidArgumentError: where input and filter do not fit together.

    >>> tf.nn.convolution([[[1.], [2.], [3.]]], [[[1.]], [[10.]]], "VALID").numpy().ravel()
    array([21., 32.], dtype=float32)
    """
    x, filters = agree(conv2d_op, (input, filter))
    count = len(arguments.known(filters.extents, "convolution")) - 2
    if count not in (1, 2):
        raise ValueError(
            f"convolution works along one or two axes: its filter must have 3 or 4, not the {count + 2} of shape"
            f" {filters.shape}."
        )
    strides = arguments.per_axis(1 if strides is None else strides, count, "strides")
    dilations = arguments.per_axis(1 if dilation_rate is None else dilation_rate, count, "dilation_rate")
    data_format = "NCHW" if str(data_format).startswith("NC") else "NHWC"
    if count == 1:
        images, windows = as_images(x, data_format), array.expand_dims(filters, 0)
        y = convolution(images, windows, padding, (1, *strides), (1, *dilations), data_format=data_format)
        return as_sequences(y, data_format)
    strides, dilations = on_all_axes(strides, data_format), on_all_axes(dilations, data_format)
    return conv2d(x, filters, strides, padding, data_format=data_format, dilations=dilations)


def conv1d(
    value: TensorLike,
    filters: TensorLike,
    stride: int,
    padding: str,
    use_cudnn_on_gpu: bool | None = None,
    data_format: str | None = None,
    name: str | None = None,
) -> Tensor:
    """Slides filters over sequences: [example, position, channel], with filters [position, channel, filter].

    Raises:
        InvalidArgumentError: where sequence and filter do not fit together.

    >>> tf.nn.conv1d([[[1.], [2.], [3.]]], [[[1.]], [[10.]]], 2, "SAME").numpy().ravel()
    array([21.,  3.], dtype=float32)
    """
    return convolution(value, filters, padding, [stride], data_format=data_format)


def atrous_conv2d(value: TensorLike, filters: TensorLike, rate: int, padding: str, name: str | None = None) -> Tensor:
    """A convolution whose filters see only every `rate`-th pixel, and so reach further ("à trous": with holes).

    >>> image = tf.constant([[[[1.], [2.], [3.]]]])
    >>> tf.nn.atrous_conv2d(image, [[[[1.]], [[10.]]]], 2, "VALID").numpy().ravel()
    array([31.], dtype=float32)
    """
    return conv2d(value, filters, (1, 1, 1, 1), padding, dilations=(1, rate, rate, 1))


# -------------------------------------------------------------------------------------------- one filter per channel


def _like_depthwise_input(g: Extents, filters: Extents, like: Extents, **settings: Any) -> Extents:
    _require_output(g, g[:1] + _depthwise_convolved(like, filters, **settings)[1:])
    return g[:1] + like[1:]


def _like_depthwise_filter(g: Extents, x: Extents, like: Extents, **settings: Any) -> Extents:
    _require_output(g, _depthwise_convolved(x, like, **settings))
    return like


depthwise_conv2d_op = register(
    Op(
        "depthwise_conv2d",
        shape=_depthwise_convolved,
        accepts=dtypes.FLOATING,
        tensorflow_name="DepthwiseConv2dNative",
    )
)


def depthwise_conv2d(
    input: TensorLike,
    filter: TensorLike,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Slides filters over each channel on its own: channels do not mix.

    Args:
        input: images, [image, row, column, channel].
        filter: the filters of each channel, [row, column, channel, filter].
        strides, padding, data_format: see `conv2d`.
        rate: dilations for height and width; 1 if left out.

    Returns:
        The filtered images. Channel c's filter k is channel c * filters + k.

    Raises:
        InvalidArgumentError: where image and filter do not fit together.

    >>> image = tf.constant([[[[1., 2.], [3., 4.]]]])
    >>> tf.nn.depthwise_conv2d(image, [[[[1.], [10.]]]], [1, 1, 1, 1], "SAME").numpy()[0, 0]
    array([[ 1., 20.],
           [ 3., 40.]], dtype=float32)
    """
    data_format = layout(data_format)
    x, filters = agree(depthwise_conv2d_op, (input, filter))
    dilations = on_all_axes(arguments.per_axis(1 if rate is None else rate, 2, "rate"), data_format)
    settings = _settings(strides, padding, data_format, dilations)
    y = execute(depthwise_conv2d_op, (channels_last(x, data_format), filters), settings)
    return restored(y, data_format)


@depthwise_conv2d_op.gradient(0)
def depthwise_conv2d_dx(g: Tensor, x: Tensor, filters: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """dx = Σ g filters, over all places of the window that see the pixel."""
    return depthwise_conv2d_input_gradient(g, filters, x, **settings)


@depthwise_conv2d_op.gradient(1)
def depthwise_conv2d_dfilters(g: Tensor, x: Tensor, filters: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """dfilters = Σ g x, over all pixels that the tap sees."""
    return depthwise_conv2d_filter_gradient(g, x, filters, **settings)


depthwise_conv2d_input_gradient_op = register(
    Op(
        "depthwise_conv2d_input_gradient",
        shape=_like_depthwise_input,
        accepts=dtypes.FLOATING,
        tensorflow_name="DepthwiseConv2dNativeBackpropInput",
    )
)


def depthwise_conv2d_input_gradient(g: Tensor, filters: Tensor, like: Tensor, **settings: Any) -> Tensor:
    """What g at the output of a depthwise convolution is at its input, whose images look like those of `like`."""
    return cast(Tensor, execute(depthwise_conv2d_input_gradient_op, (g, filters, like), settings))


@depthwise_conv2d_input_gradient_op.gradient(0)
def depthwise_conv2d_input_gradient_dg(
    h: Tensor, g: Tensor, filters: Tensor, like: Tensor, output: Tensor, **settings: Any
) -> Tensor:
    """The transpose of a transposed convolution is the convolution."""
    return cast(Tensor, execute(depthwise_conv2d_op, (h, filters), settings))


@depthwise_conv2d_input_gradient_op.gradient(1)
def depthwise_conv2d_input_gradient_dfilters(
    h: Tensor, g: Tensor, filters: Tensor, like: Tensor, output: Tensor, **settings: Any
) -> Tensor:
    """As for `conv2d_input_gradient`: a filter's gradient, at the image h."""
    return depthwise_conv2d_filter_gradient(g, h, filters, **settings)


depthwise_conv2d_input_gradient_op.no_gradient(SHAPE_ONLY, 2)

depthwise_conv2d_filter_gradient_op = register(
    Op(
        "depthwise_conv2d_filter_gradient",
        shape=_like_depthwise_filter,
        accepts=dtypes.FLOATING,
        tensorflow_name="DepthwiseConv2dNativeBackpropFilter",
    )
)


def depthwise_conv2d_filter_gradient(g: Tensor, x: Tensor, like: Tensor, **settings: Any) -> Tensor:
    """What g at the output of a depthwise convolution is at its filter, which looks like `like`."""
    return cast(Tensor, execute(depthwise_conv2d_filter_gradient_op, (g, x, like), settings))


@depthwise_conv2d_filter_gradient_op.gradient(0)
def depthwise_conv2d_filter_gradient_dg(
    h: Tensor, g: Tensor, x: Tensor, like: Tensor, output: Tensor, **settings: Any
) -> Tensor:
    """As for `conv2d_filter_gradient`: the convolution with the filter h."""
    return cast(Tensor, execute(depthwise_conv2d_op, (x, h), settings))


@depthwise_conv2d_filter_gradient_op.gradient(1)
def depthwise_conv2d_filter_gradient_dx(
    h: Tensor, g: Tensor, x: Tensor, like: Tensor, output: Tensor, **settings: Any
) -> Tensor:
    """As for `conv2d_filter_gradient`: an image's gradient, at the filter h."""
    return depthwise_conv2d_input_gradient(g, h, x, **settings)


depthwise_conv2d_filter_gradient_op.no_gradient(SHAPE_ONLY, 2)


def depthwise_conv2d_native(
    input: TensorLike,
    filter: TensorLike,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
) -> Tensor:
    """`depthwise_conv2d`, with the dilations of all four axes.

    >>> tf.nn.depthwise_conv2d_native([[[[1., 2.]]]], [[[[1.], [10.]]]], [1, 1, 1, 1], "SAME").numpy().ravel()
    array([ 1., 20.], dtype=float32)
    """
    rate = spatial(dilations, layout(data_format), "dilations")
    return depthwise_conv2d(input, filter, strides, padding, rate, data_format=data_format)


def separable_conv2d(
    input: TensorLike,
    depthwise_filter: TensorLike,
    pointwise_filter: TensorLike,
    strides: Any,
    padding: str,
    rate: Any = None,
    name: str | None = None,
    data_format: str | None = None,
) -> Tensor:
    """A depthwise convolution, and one of 1x1 windows that mixes its channels: fewer products than `conv2d` needs.

    Args:
        depthwise_filter: [row, column, channel, filter].
        pointwise_filter: [1, 1, channel * filter, output channel]. All else is as for `depthwise_conv2d`.

    Raises:
        ValueError: where the pointwise filter's window is not 1x1.
        InvalidArgumentError: where input and filters do not fit together.

    >>> image = tf.constant([[[[1., 2.], [3., 4.]]]])
    >>> tf.nn.separable_conv2d(image, [[[[1.], [10.]]]], [[[[1.], [1.]]]], [1, 1, 1, 1], "SAME").numpy().ravel()
    array([21., 43.], dtype=float32)
    """
    pointwise = convert_to_tensor(pointwise_filter)
    if pointwise.extents is not None and not _fits(pointwise.extents[:2], (1, 1)):
        raise ValueError(
            f"separable_conv2d's pointwise_filter must have height and width 1, not the shape {pointwise.shape}."
        )
    channels = depthwise_conv2d(input, depthwise_filter, strides, padding, rate, data_format=data_format)
    return conv2d(channels, pointwise, (1, 1, 1, 1), "VALID", data_format=layout(data_format))


# --------------------------------------------------------------------------------------------- neighbouring channels

channel_window_sum_op = register(Op("channel_window_sum", shape=shapes.same, accepts=dtypes.FLOATING))


def channel_window_sum(x: Tensor, radius: int) -> Tensor:
    """Sums, for each channel, over those at most `radius` away from it."""
    return cast(Tensor, execute(channel_window_sum_op, (x,), {"radius": radius}))


@channel_window_sum_op.gradient(0)
def channel_window_sum_dx(g: Tensor, x: Tensor, output: Tensor, radius: int) -> Tensor:
    """Being near is mutual: the channels that a channel was added to are those that it sums over."""
    return channel_window_sum(g, radius)


def local_response_normalization(
    input: TensorLike,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Tensor:
    """Divides each value by (bias + alpha Σ x²)^beta, with the sum over the nearest channels at the same pixel.

    Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", 2012,
    section 3.3.

    Args:
        input: images, [image, row, column, channel].
        depth_radius: how far away a channel counts as near.

    Raises:
        InvalidArgumentError: where the input has not four axes.

    >>> tf.nn.local_response_normalization([[[[3., 4.]]]], bias=0.).numpy().ravel()
    array([0.6, 0.8], dtype=float32)
    """
    x = convert_to_tensor(input)
    if x.extents is not None and len(x.extents) != 4:
        raise arguments.invalid(
            f"in must be 4-dimensional: local_response_normalization was given {x.dtype.name} {x.shape}."
        )
    radius = arguments.integer(depth_radius, "depth_radius")
    energy = math.add(bias, math.multiply(alpha, channel_window_sum(math.square(x), radius)))
    return math.multiply(x, elementary.pow(energy, -arguments.number(beta, "beta")))


lrn = local_response_normalization
