"""Samples of minitfe.ops.convolution: the references go through windows and taps one by one."""

from itertools import product

import numpy as np

from minitfe.extend import Sample, Values
from minitfe.ops import convolution


def axis_of(size, window, stride, dilation, padding):
    """The number of outputs along an axis, and where the first window starts."""
    reach = dilation * (window - 1) + 1
    if padding == "VALID":
        return len(range(0, size - reach + 1, stride)), 0
    count = (size + stride - 1) // stride
    return count, -(max((count - 1) * stride + reach - size, 0) // 2)


def contacts(images, window, strides, padding, dilations):
    """All (row and column of the output, of the image, and of the filter) that meet in a convolution."""
    axes = []
    for i in (0, 1):
        count, start = axis_of(images[i + 1], window[i], strides[i], dilations[i], padding)
        meetings = [(o, start + o * strides[i] + t * dilations[i], t) for o in range(count) for t in range(window[i])]
        axes.append([meeting for meeting in meetings if 0 <= meeting[1] < images[i + 1]])
    for (r, p, i), (c, q, j) in product(*axes):
        yield (r, c), (p, q), (i, j)


def output_size(images, window, strides, padding, dilations):
    return [axis_of(images[i + 1], window[i], strides[i], dilations[i], padding)[0] for i in (0, 1)]


def convolved(x, filters, strides, padding, dilations=(1, 1)):
    y = np.zeros((len(x), *output_size(x.shape, filters.shape, strides, padding, dilations), filters.shape[3]))
    for (r, c), (p, q), (i, j) in contacts(x.shape, filters.shape, strides, padding, dilations):
        y[:, r, c] += x[:, p, q] @ filters[i, j]
    return y


def input_gradient(g, filters, like, strides, padding, dilations=(1, 1)):
    dx = np.zeros(like.shape)
    for (r, c), (p, q), (i, j) in contacts(like.shape, filters.shape, strides, padding, dilations):
        dx[:, p, q] += g[:, r, c] @ filters[i, j].T
    return dx


def filter_gradient(g, x, like, strides, padding, dilations=(1, 1)):
    df = np.zeros(like.shape)
    for (r, c), (p, q), (i, j) in contacts(x.shape, like.shape, strides, padding, dilations):
        df[i, j] += x[:, p, q].T @ g[:, r, c]
    return df


def depthwise(x, filters, strides, padding, dilations=(1, 1)):
    """Each channel convolved on its own, side by side."""
    return np.concatenate(
        [
            convolved(x[..., c : c + 1], filters[:, :, c : c + 1], strides, padding, dilations)
            for c in range(x.shape[3])
        ],
        axis=3,
    )


def depthwise_input_gradient(g, filters, like, strides, padding, dilations):
    multiplier = filters.shape[3]
    parts = [
        input_gradient(
            g[..., c * multiplier : (c + 1) * multiplier],
            filters[:, :, c : c + 1],
            like[..., c : c + 1],
            strides,
            padding,
            dilations,
        )
        for c in range(filters.shape[2])
    ]
    return np.concatenate(parts, axis=3)


def depthwise_filter_gradient(g, x, like, strides, padding, dilations):
    multiplier = like.shape[3]
    parts = [
        filter_gradient(
            g[..., c * multiplier : (c + 1) * multiplier],
            x[..., c : c + 1],
            like[:, :, c : c + 1],
            strides,
            padding,
            dilations,
        )
        for c in range(like.shape[2])
    ]
    return np.concatenate(parts, axis=2)


# ------------------------------------------------------------------------------------------------------- the settings

# name: image, filter, strides, padding, dilations of height and width
SETTINGS = {
    "same": ((2, 4, 5, 2), (3, 3, 2, 3), (1, 1), "SAME", (1, 1)),
    "valid": ((2, 4, 5, 2), (3, 2, 2, 3), (1, 1), "VALID", (1, 1)),
    "1x1": ((2, 3, 3, 2), (1, 1, 2, 2), (1, 1), "SAME", (1, 1)),
    "stride 2 same": ((2, 5, 6, 2), (3, 3, 2, 2), (2, 2), "SAME", (1, 1)),
    "stride 2 valid": ((1, 6, 7, 2), (3, 3, 2, 2), (2, 2), "VALID", (1, 1)),
    "strides differ": ((1, 7, 5, 1), (2, 3, 1, 2), (3, 2), "SAME", (1, 1)),
    "stride beyond window": ((1, 7, 7, 2), (2, 1, 2, 1), (3, 3), "VALID", (1, 1)),
    "window beyond image": ((1, 2, 3, 1), (5, 4, 1, 2), (1, 1), "SAME", (1, 1)),
    "dilated same": ((1, 6, 5, 2), (3, 2, 2, 1), (1, 1), "SAME", (2, 3)),
    "dilated valid": ((1, 6, 6, 1), (3, 2, 1, 2), (1, 1), "VALID", (2, 2)),
    "dilated and strided": ((1, 9, 8, 1), (3, 3, 1, 2), (2, 3), "SAME", (3, 2)),
}


def on_four_axes(pair):
    return [1, *pair, 1]


def conv2d_samples(function, reference):
    for name, (image, filters, strides, padding, dilations) in SETTINGS.items():

        def of(x, f, strides, padding, dilations):
            return reference(x, f, strides[1:3], padding, dilations[1:3])

        arguments = {"strides": on_four_axes(strides), "padding": padding, "dilations": on_four_axes(dilations)}
        yield Sample(function, [Values(image), Values(filters)], arguments, of, name=name)


def gradient_samples(function, reference, of_input, channels=lambda filters: filters[3]):
    """Samples of an op from g and one of image and filter to the shape of the other."""
    for name, (image, filters, strides, padding, dilations) in SETTINGS.items():
        g = (image[0], *output_size(image, filters, strides, padding, dilations), channels(filters))
        given, like = (filters, image) if of_input else (image, filters)
        arguments = {"strides": strides, "padding": padding, "dilations": dilations}
        yield Sample(
            function, [Values(g), Values(given), Values(like)], arguments, reference, name=name, gradient=[0, 1]
        )


def channels_first(reference):
    """The reference for NHWC images, applied to NCHW ones."""

    def of(x, *others, strides, padding, data_format, **arguments):
        y = reference(x.transpose(0, 2, 3, 1), *others, strides=strides[2:], padding=padding, **arguments)
        return y.transpose(0, 3, 1, 2)

    return of


NCHW = {"strides": [1, 1, 2, 1], "padding": "SAME", "data_format": "NCHW"}
IMAGE = Values((2, 4, 5, 2))


def sequence_convolved(x, filters, stride, padding, dilation=1):
    return convolved(x[:, None], filters[None], (1, stride), padding, (1, dilation))[:, 0]


def transposed(x, filters, output_shape, strides, padding="SAME", data_format="NHWC"):
    return input_gradient(x, filters, np.empty(output_shape), strides[1:3], padding)


def separable(x, depthwise_filter, pointwise, strides, padding, rate=(1, 1)):
    return depthwise(x, depthwise_filter, strides[1:3], padding, rate) @ pointwise[0, 0]


def backprop_input(filters, g):
    return convolution.conv2d_backprop_input([1, 4, 5, 2], filters, g, [1, 2, 2, 1], "SAME")


def backprop_filter(x, g):
    return convolution.conv2d_backprop_filter(x, [3, 3, 2, 2], g, [1, 2, 2, 1], "SAME")


def backprop_input_nchw(filters, g):
    return convolution.conv2d_backprop_input([1, 2, 4, 5], filters, g, [1, 1, 2, 2], "SAME", data_format="NCHW")


def backprop_filter_nchw(x, g):
    return convolution.conv2d_backprop_filter(x, [3, 3, 2, 2], g, [1, 1, 2, 2], "SAME", data_format="NCHW")


def backprop_input_reference(filters, g):
    return input_gradient(g, filters, np.empty((1, 4, 5, 2)), (2, 2), "SAME")


def backprop_filter_reference(x, g):
    return filter_gradient(g, x, np.empty((3, 3, 2, 2)), (2, 2), "SAME")


def normalized_locally(x, depth_radius=5, bias=1, alpha=1, beta=0.5):
    y = np.empty_like(x)
    for c in range(x.shape[3]):
        near = x[..., max(0, c - depth_radius) : c + depth_radius + 1]
        y[..., c] = x[..., c] / (bias + alpha * (near**2).sum(-1)) ** beta
    return y


def summed_over_near_channels(x, radius):
    return np.stack([x[..., max(0, c - radius) : c + radius + 1].sum(-1) for c in range(x.shape[-1])], -1)


SAMPLES = [
    *conv2d_samples(convolution.conv2d, convolved),
    Sample(
        convolution.conv2d, [Values((2, 2, 4, 5)), Values((3, 3, 2, 3))], NCHW, channels_first(convolved), name="nchw"
    ),
    *gradient_samples(convolution.conv2d_input_gradient, input_gradient, of_input=True),
    *gradient_samples(convolution.conv2d_filter_gradient, filter_gradient, of_input=False),
    Sample(backprop_input, [Values((3, 3, 2, 2)), Values((1, 2, 3, 2))], reference=backprop_input_reference),
    Sample(backprop_filter, [Values((1, 4, 5, 2)), Values((1, 2, 3, 2))], reference=backprop_filter_reference),
    Sample(
        backprop_input_nchw,
        [Values((3, 3, 2, 2)), Values((1, 2, 2, 3))],
        reference=lambda f, g: backprop_input_reference(f, g.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2),
    ),
    Sample(
        backprop_filter_nchw,
        [Values((1, 2, 4, 5)), Values((1, 2, 2, 3))],
        reference=lambda x, g: backprop_filter_reference(x.transpose(0, 2, 3, 1), g.transpose(0, 2, 3, 1)),
    ),
    Sample(
        convolution.conv2d_transpose,
        [Values((2, 2, 3, 2)), Values((3, 3, 1, 2))],
        {"output_shape": [2, 4, 5, 1], "strides": [1, 2, 2, 1]},
        transposed,
        name="same",
    ),
    Sample(
        convolution.conv2d_transpose,
        [Values((1, 2, 2, 1)), Values((2, 3, 2, 1))],
        {"output_shape": [1, 3, 5, 2], "strides": [1, 1, 2, 1], "padding": "VALID"},
        transposed,
        name="valid",
    ),
    Sample(
        convolution.conv2d_transpose,
        [Values((2, 2, 2, 3)), Values((3, 3, 1, 2))],
        {"output_shape": [2, 1, 4, 5], "strides": [1, 1, 2, 2], "data_format": "NCHW"},
        lambda x, f, **_: transposed(x.transpose(0, 2, 3, 1), f, [2, 4, 5, 1], [1, 2, 2, 1]).transpose(0, 3, 1, 2),
        name="nchw",
    ),
    Sample(
        convolution.conv1d,
        [Values((2, 5, 2)), Values((3, 2, 2))],
        {"stride": 2, "padding": "SAME"},
        sequence_convolved,
    ),
    Sample(
        convolution.conv1d,
        [Values((2, 2, 5)), Values((3, 2, 2))],
        {"stride": 1, "padding": "VALID", "data_format": "NCW"},
        lambda x, f, stride, padding, data_format: sequence_convolved(
            x.transpose(0, 2, 1), f, stride, padding
        ).transpose(0, 2, 1),
        name="ncw",
    ),
    Sample(
        convolution.convolution,
        [Values((2, 6, 2)), Values((3, 2, 2))],
        {"padding": "SAME", "dilation_rate": [2]},
        lambda x, f, padding, dilation_rate: sequence_convolved(x, f, 1, padding, dilation_rate[0]),
        name="sequence dilated",
    ),
    Sample(
        convolution.convolution,
        [IMAGE, Values((3, 2, 2, 2))],
        {"padding": "VALID", "strides": [1, 2]},
        lambda x, f, padding, strides: convolved(x, f, strides, padding),
        name="image",
    ),
    Sample(
        convolution.convolution,
        [Values((2, 2, 4, 5)), Values((3, 2, 2, 2))],
        {"padding": "VALID", "data_format": "NCHW", "strides": [1, 2]},
        lambda x, f, padding, strides, data_format: convolved(x.transpose(0, 2, 3, 1), f, strides, padding).transpose(
            0, 3, 1, 2
        ),
        name="nchw",
    ),
    Sample(
        convolution.atrous_conv2d,
        [Values((1, 6, 5, 2)), Values((2, 3, 2, 2))],
        {"rate": 2, "padding": "SAME"},
        lambda x, f, rate, padding: convolved(x, f, (1, 1), padding, (rate, rate)),
    ),
    Sample(
        convolution.depthwise_conv2d,
        [IMAGE, Values((3, 2, 2, 3))],
        {"strides": [1, 2, 2, 1], "padding": "SAME"},
        lambda x, f, strides, padding: depthwise(x, f, strides[1:3], padding),
        name="same",
    ),
    Sample(
        convolution.depthwise_conv2d,
        [IMAGE, Values((2, 2, 2, 1))],
        {"strides": [1, 1, 1, 1], "padding": "VALID", "rate": [2, 3]},
        lambda x, f, strides, padding, rate: depthwise(x, f, (1, 1), padding, rate),
        name="dilated valid",
    ),
    Sample(
        convolution.depthwise_conv2d,
        [Values((2, 2, 4, 5)), Values((3, 3, 2, 3))],
        NCHW,
        channels_first(depthwise),
        name="nchw",
    ),
    Sample(
        convolution.depthwise_conv2d_native,
        [IMAGE, Values((2, 2, 2, 1))],
        {"strides": [1, 1, 1, 1], "padding": "SAME", "dilations": [1, 1, 2, 1]},
        lambda x, f, strides, padding, dilations: depthwise(x, f, (1, 1), padding, dilations[1:3]),
    ),
    *gradient_samples(
        convolution.depthwise_conv2d_input_gradient,
        depthwise_input_gradient,
        of_input=True,
        channels=lambda f: f[2] * f[3],
    ),
    *gradient_samples(
        convolution.depthwise_conv2d_filter_gradient,
        depthwise_filter_gradient,
        of_input=False,
        channels=lambda f: f[2] * f[3],
    ),
    Sample(
        convolution.separable_conv2d,
        [IMAGE, Values((3, 3, 2, 2)), Values((1, 1, 4, 3))],
        {"strides": [1, 2, 2, 1], "padding": "SAME"},
        separable,
    ),
    Sample(convolution.channel_window_sum, [Values((1, 2, 2, 5))], {"radius": 1}, summed_over_near_channels),
    Sample(
        convolution.channel_window_sum,
        [Values((1, 1, 1, 3))],
        {"radius": 4},
        summed_over_near_channels,
        name="wider than channels",
    ),
    Sample(convolution.local_response_normalization, [Values((2, 1, 2, 7))], {}, normalized_locally),
    Sample(
        convolution.local_response_normalization,
        [Values((1, 2, 2, 5))],
        {"depth_radius": 1, "bias": 2.0, "alpha": 0.5, "beta": 0.75},
        normalized_locally,
        name="settings",
    ),
]
