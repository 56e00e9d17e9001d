"""Pooling: a window slides over an image and leaves one number of all it sees, its largest or its mean.

The window moves as that of a convolution does, with the same strides and padding; but channels stay apart, and there is
nothing to learn. Images are [image, row, column, channel] inside of the ops.
"""

from __future__ import annotations

from typing import Any, cast

from minitfe import dtypes
from minitfe.conversion import convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import arguments, convolution
from minitfe.shapes import Extents, bracketed
from minitfe.tensor import Tensor, TensorLike


def _pooled(x: Extents, ksize: convolution.Pair, strides: convolution.Pair, padding: str) -> Extents:
    if len(x) != 4:
        raise ShapeError(
            f"tensor_in must be 4-dimensional, not {bracketed(x)}", "images are [image, row, column, channel]"
        )
    return x[0], *(convolution.stops(x[i + 1], ksize[i], strides[i], 1, padding) for i in (0, 1)), x[3]


def _pool(op: Op, value: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str) -> Tensor:
    """Reads the settings that all pooling shares, and applies the op."""
    data_format = convolution.layout(data_format)
    settings = {
        "ksize": convolution.spatial(ksize, data_format, "ksize"),
        "strides": convolution.spatial(strides, data_format, "strides"),
        "padding": arguments.choice(padding, ("SAME", "VALID"), "padding"),
    }
    y = execute(op, (convolution.channels_last(convert_to_tensor(value), data_format),), settings)
    return convolution.restored(y, data_format)


# ------------------------------------------------------------------------------------------------------------- largest

_PIECEWISE = "which pixel is the largest does not change when pixels change a little"

max_pool_op = register(Op("max_pool", shape=_pooled, accepts=dtypes.FLOATING))


def max_pool(
    value: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The largest value that a window sees, at each of its stops.

    Args:
        value: images, [image, row, column, channel].
        ksize: the size of the window, for each of the four axes; 1 for images and channels.
        strides, padding, data_format: as for `conv2d`.

    Raises:
        InvalidArgumentError: where the window does not fit into the images.
        ValueError: for an unknown padding or data format.

    >>> image = tf.constant([[[[1.], [3.], [2.], [0.]]]])
    >>> tf.nn.max_pool(image, [1, 1, 2, 1], [1, 1, 2, 1], "VALID").numpy().ravel()
    array([3., 2.], dtype=float32)
    """
    return _pool(max_pool_op, value, ksize, strides, padding, data_format)


@max_pool_op.gradient(0)
def max_pool_dx(g: Tensor, x: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """The largest pixel has slope 1, all others 0; of equal ones, the first in row-major order counts."""
    return max_pool_gradient(g, x, output, **settings)


max_pool_gradient_op = register(Op("max_pool_gradient", shape=lambda g, x, y, **_: x, tensorflow_name="MaxPoolGrad"))


def max_pool_gradient(g: Tensor, x: Tensor, y: Tensor, **settings: Any) -> Tensor:
    """Puts each window's g where x has the window's largest pixel, y."""
    return cast(Tensor, execute(max_pool_gradient_op, (g, x, y), settings))


@max_pool_gradient_op.gradient(0)
def max_pool_gradient_dg(h: Tensor, g: Tensor, x: Tensor, y: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """Each g was put in one place, and its gradient is what stands there."""
    return max_pool_pick(h, x, y, **settings)


max_pool_gradient_op.no_gradient(_PIECEWISE, 1, 2)

max_pool_pick_op = register(Op("max_pool_pick", shape=lambda h, x, y, **_: y, tensorflow_name="MaxPoolGradGrad"))


def max_pool_pick(h: Tensor, x: Tensor, y: Tensor, **settings: Any) -> Tensor:
    """Picks from each window of h what stands where x has the window's largest pixel, y."""
    return cast(Tensor, execute(max_pool_pick_op, (h, x, y), settings))


@max_pool_pick_op.gradient(0)
def max_pool_pick_dh(g: Tensor, h: Tensor, x: Tensor, y: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """What was picked has slope 1, all else 0."""
    return max_pool_gradient(g, x, y, **settings)


max_pool_pick_op.no_gradient(_PIECEWISE, 1, 2)

# ---------------------------------------------------------------------------------------------------------------- mean

avg_pool_op = register(Op("avg_pool", shape=_pooled, accepts=dtypes.FLOATING))


def avg_pool(
    value: TensorLike, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC", name: str | None = None
) -> Tensor:
    """The mean of what a window sees, at each of its stops. At the border, only pixels of the image count.

    Args and errors are those of `max_pool`.

    >>> image = tf.constant([[[[1.], [3.], [2.]]]])
    >>> tf.nn.avg_pool(image, [1, 1, 2, 1], [1, 1, 2, 1], "SAME").numpy().ravel()
    array([2., 2.], dtype=float32)
    """
    return _pool(avg_pool_op, value, ksize, strides, padding, data_format)


@avg_pool_op.gradient(0)
def avg_pool_dx(g: Tensor, x: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """Each of the n pixels that a window sees has slope 1/n."""
    return avg_pool_gradient(g, x, **settings)


avg_pool_gradient_op = register(Op("avg_pool_gradient", shape=lambda g, like, **_: like, tensorflow_name="AvgPoolGrad"))


def avg_pool_gradient(g: Tensor, like: Tensor, **settings: Any) -> Tensor:
    """Shares each window's g equally among the pixels that it sees."""
    return cast(Tensor, execute(avg_pool_gradient_op, (g, like), settings))


@avg_pool_gradient_op.gradient(0)
def avg_pool_gradient_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, **settings: Any) -> Tensor:
    """What was shared equally gathers the mean of the gradients of its shares."""
    return cast(Tensor, execute(avg_pool_op, (h,), settings))


avg_pool_gradient_op.no_gradient(SHAPE_ONLY, 1)

# ----------------------------------------------------------------------------------------------- either, by its name


def pool(
    input: TensorLike,
    window_shape: Any,
    pooling_type: str,
    padding: str,
    dilation_rate: Any = None,
    strides: Any = None,
    name: str | None = None,
    data_format: str | None = None,
) -> Tensor:
    """Pooling along one or two axes: of sequences or images, as the window has it.

    Args:
        input: [example, position..., channel].
        window_shape: the size of the window along each of the axes.
        pooling_type: "MAX" or "AVG".
        padding: "VALID" or "SAME"; see `conv2d`.
        dilation_rate: 1 for all axes, or left out: windows with holes are not supported.
        strides: an int for each of the axes; 1 if left out.
        data_format: for input and output [example, channel, position...], one that starts with "NC".

    Raises:
        ValueError: for windows with other than one or two axes, with holes, or another type of pooling.

    >>> tf.nn.pool([[[1.], [3.], [2.]]], [2], "MAX", "VALID").numpy().ravel()
    array([3., 3.], dtype=float32)
    """
    window = arguments.integers(window_shape, "window_shape")
    holes = dilation_rate is not None and set(arguments.integers(dilation_rate, "dilation_rate")) != {1}
    if len(window) not in (1, 2) or holes:
        raise ValueError(
            f"pool has windows along one or two axes, without dilation; it was given window_shape={list(window)} and"
            f" dilation_rate={dilation_rate}."
        )
    function = {"MAX": max_pool, "AVG": avg_pool}[arguments.choice(pooling_type, ("MAX", "AVG"), "pooling_type")]
    strides = arguments.per_axis(1 if strides is None else strides, len(window), "strides")
    data_format = "NCHW" if str(data_format).startswith("NC") else "NHWC"
    if len(window) == 1:
        images = convolution.as_images(convert_to_tensor(input), data_format)
        y = pool(images, (1, *window), pooling_type, padding, None, (1, *strides), data_format=data_format)
        return convolution.as_sequences(y, data_format)
    return function(
        input,
        convolution.on_all_axes(window, data_format),
        convolution.on_all_axes(strides, data_format),
        padding,
        data_format,
    )
