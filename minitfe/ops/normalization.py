"""Normalization: mean and variance of a batch, and what makes them 0 and 1.

All here is written in other ops, whose gradient rules give derivatives of any order.
"""

from __future__ import annotations

from typing import Any

from minitfe import dtypes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.ops import arguments, array, comparison, elementary, math, reduction
from minitfe.tensor import Tensor, TensorLike


def moments(
    x: TensorLike, axes: Any, shift: Any = None, name: str | None = None, keep_dims: bool = False
) -> tuple[Tensor, Tensor]:
    """Returns the mean of x along some axes, and its variance Σ(x - mean)² / n.

    Args:
        x: floating-point numbers; the moments of float16 are computed in float32.
        axes: an axis, or a list of them.
        shift: not used, as in TensorFlow.
        keep_dims: whether the axes stay, with size 1.

    >>> mean, variance = tf.nn.moments([1., 3.], axes=[0])
    >>> float(mean), float(variance)
    (2.0, 1.0)
    """
    x = convert_to_tensor(x)
    y = array.cast(x, dtypes.float32) if x.dtype is dtypes.float16 else x
    mean = reduction.reduce_mean(y, axes, keepdims=True)
    variance = reduction.reduce_mean(math.square(math.subtract(y, mean)), axes, keepdims=keep_dims)
    if not keep_dims:
        mean = reduction.reduce_mean(mean, axes)  # of one number each: takes the axes away
    return (mean, variance) if y is x else (array.cast(mean, x.dtype), array.cast(variance, x.dtype))


def weighted_moments(
    x: TensorLike, axes: Any, frequency_weights: TensorLike, name: str | None = None, keep_dims: bool = False
) -> tuple[Tensor, Tensor]:
    """Returns mean and variance of x along some axes, where each element counts as often as its weight says.

    Args:
        x: floating-point numbers.
        axes: an axis, or a list of them.
        frequency_weights: weights that broadcast to the shape of x.
        keep_dims: whether the axes stay, with size 1.

    >>> mean, variance = tf.nn.weighted_moments([1., 3.], [0], [3., 1.])
    >>> float(mean), float(variance)
    (1.5, 0.75)
    """
    x = convert_to_tensor(x)
    weights = math.multiply(frequency_weights, array.ones_like(x))
    total = reduction.reduce_sum(weights, axes, keepdims=True)
    mean = math.divide(reduction.reduce_sum(math.multiply(weights, x), axes, keepdims=True), total)
    squares = math.multiply(weights, math.square(math.subtract(x, mean)))
    variance = math.divide(reduction.reduce_sum(squares, axes, keepdims=True), total)
    if keep_dims:
        return mean, variance
    return reduction.reduce_mean(mean, axes), reduction.reduce_mean(variance, axes)


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    offset: TensorLike | None,
    scale: TensorLike | None,
    variance_epsilon: float,
    name: str | None = None,
) -> Tensor:
    """Returns scale (x - mean) / √(variance + ε) + offset (Ioffe and Szegedy, arXiv:1502.03167).

    Args:
        x: floating-point numbers.
        mean, variance: of shapes that broadcast to that of x, such as those of `moments`.
        offset, scale: the same, or None for 0 and 1.
        variance_epsilon: the ε that keeps the root away from 0.

    >>> tf.nn.batch_normalization([1., 3.], 2., 1., 10., 5., 0.).numpy()
    array([ 5., 15.], dtype=float32)
    """
    x, centre, spread = agree(math.add.op, (convert_to_tensor(x), mean, variance))
    factor = elementary.rsqrt(math.add(spread, variance_epsilon))
    if scale is not None:
        factor = math.multiply(factor, scale)
    y = math.multiply(math.subtract(x, centre), factor)
    return y if offset is None else math.add(y, offset)


# cuDNN refuses a smaller ε, and TensorFlow raises it to this everywhere, so that all devices agree.
SMALLEST_EPSILON = 1.001e-5


def fused_batch_norm(
    x: TensorLike,
    scale: TensorLike,
    offset: TensorLike,
    mean: TensorLike | None = None,
    variance: TensorLike | None = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Normalizes images channel by channel: in training by the batch's own mean and variance, otherwise by those given.

    Args:
        x: images, of shape [batch, height, width, channels], or [batch, channels, height, width] for NCHW.
        scale, offset: one number per channel.
        mean, variance: one number per channel; needed, and used, where is_training is False.
        epsilon: what is added to the variance; at least 1.001e-5.
        data_format: 'NHWC' or 'NCHW'.
        is_training: whether to compute mean and variance.

    Returns:
        The normalized images, the mean, and the variance. The batch's own variance comes with Bessel's correction,
        n/(n - 1), so that a moving average of it estimates the variance of all data.

    Raises:
        InvalidArgumentError: where x is not of rank 4.
        ValueError: where mean or variance is missing.

    >>> x = tf.reshape(tf.constant([1., 3.]), [2, 1, 1, 1])
    >>> y, mean, variance = tf.nn.fused_batch_norm(x, [1.], [0.], epsilon=0.0001)
    >>> mean.numpy(), variance.numpy()
    (array([2.], dtype=float32), array([2.], dtype=float32))
    """
    x = convert_to_tensor(x)
    if len(arguments.known(x.extents, "fused_batch_norm")) != 4:
        raise arguments.invalid(
            f"input must be 4-dimensional {x.shape} [Op:FusedBatchNorm]. fused_batch_norm takes images; use"
            " tf.nn.moments and tf.nn.batch_normalization for other ranks."
        )
    nhwc = arguments.choice(data_format, ("NHWC", "NCHW"), "data_format") == "NHWC"
    axes = [0, 1, 2] if nhwc else [0, 2, 3]

    def per_channel(numbers: TensorLike) -> Tensor:
        return convert_to_tensor(numbers) if nhwc else array.reshape(numbers, [-1, 1, 1])

    if is_training:
        mean, spread = moments(x, axes)
        variance = math.multiply(spread, bessel_correction(x, spread))
    elif mean is None or variance is None:
        raise ValueError("Both mean and variance must be given when is_training is False.")
    else:
        mean, variance = convert_to_tensor(mean), convert_to_tensor(variance)
        spread = variance
    y = batch_normalization(
        x,
        per_channel(mean),
        per_channel(spread),
        per_channel(offset),
        per_channel(scale),
        max(arguments.number(epsilon, "epsilon"), SMALLEST_EPSILON),
    )
    return y, mean, variance


def bessel_correction(x: Tensor, per_channel: Tensor) -> Tensor:
    """n / (n - 1) for n numbers per channel; for a single one, 1."""
    count = math.floordiv(array.size(x), comparison.maximum(array.size(per_channel), 1))
    n = array.cast(count, per_channel.dtype)
    return math.realdiv(n, comparison.maximum(math.subtract(n, 1), 1))
