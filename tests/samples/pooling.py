"""Samples of minitfe.ops.pooling: the references go through the windows one by one."""

import numpy as np

from minitfe.execute import execute
from minitfe.extend import Sample, Values
from minitfe.ops import pooling

from .convolution import axis_of


def windows(images, ksize, strides, padding):
    """For each stop of the window, the slices of the image that it sees."""
    axes = []
    for size, window, stride in zip(images[1:3], ksize, strides):
        count, start = axis_of(size, window, stride, 1, padding)
        axes.append([slice(max(start + o * stride, 0), min(start + o * stride + window, size)) for o in range(count)])
    for r, rows in enumerate(axes[0]):
        for c, columns in enumerate(axes[1]):
            yield r, c, rows, columns


def pooled(reduce):
    def of(x, ksize, strides, padding):
        parts = {(r, c): reduce(x[:, p, q], (1, 2)) for r, c, p, q in windows(x.shape, ksize, strides, padding)}
        rows, columns = max(parts)
        return np.stack([np.stack([parts[r, c] for c in range(columns + 1)], 1) for r in range(rows + 1)], 1)

    return of


def first_largest(x, ksize, strides, padding):
    """Where in the image each window has its largest pixel: (image, row, column, channel) of the window, row and column."""
    for r, c, rows, columns in windows(x.shape, ksize, strides, padding):
        for n in range(x.shape[0]):
            for k in range(x.shape[3]):
                seen = x[n, rows, columns, k]
                i, j = np.unravel_index(np.argmax(seen), seen.shape)
                yield (n, r, c, k), (n, rows.start + i, columns.start + j, k)


def max_pool_gradient(g, x, **settings):
    dx = np.zeros(x.shape)
    for stop, pixel in first_largest(x, **settings):
        dx[pixel] += g[stop]
    return dx


def max_pool_pick(h, x, **settings):
    picked = np.zeros(pooled(np.max)(x, **settings).shape)
    for stop, pixel in first_largest(x, **settings):
        picked[stop] = h[pixel]
    return picked


def avg_pool_gradient(g, like, **settings):
    dx = np.zeros(like.shape)
    for r, c, rows, columns in windows(like.shape, **settings):
        count = (rows.stop - rows.start) * (columns.stop - columns.start)
        dx[:, rows, columns] += g[:, r : r + 1, c : c + 1] / count
    return dx


# name: image, window, strides, padding
SETTINGS = {
    "2x2": ((2, 4, 6, 2), (2, 2), (2, 2), "VALID"),
    "valid leaves a rest": ((1, 5, 5, 2), (2, 3), (2, 2), "VALID"),
    "same": ((2, 5, 4, 2), (2, 2), (2, 2), "SAME"),
    "overlapping": ((2, 4, 5, 1), (3, 3), (1, 2), "SAME"),
    "stride beyond window": ((1, 5, 7, 2), (1, 2), (2, 3), "VALID"),
    "window beyond image": ((1, 2, 3, 2), (5, 4), (1, 1), "SAME"),
}


def pool_samples(function, reference):
    for name, (image, ksize, strides, padding) in SETTINGS.items():

        def of(x, ksize, strides, padding):
            return reference(x, ksize[1:3], strides[1:3], padding)

        arguments = {"ksize": [1, *ksize, 1], "strides": [1, *strides, 1], "padding": padding}
        yield Sample(function, [Values(image, distinct=True)], arguments, of, name=name)


def max_pool_gradient_at(g, x, **settings):
    return pooling.max_pool_gradient(g, x, execute(pooling.max_pool_op, (x,), settings), **settings)


def max_pool_pick_at(h, x, **settings):
    return pooling.max_pool_pick(h, x, execute(pooling.max_pool_op, (x,), settings), **settings)


def gradient_samples(function, reference, g_is_image):
    """Samples of an op from g, of the output's shape or the image's, and an image."""
    for name, (image, ksize, strides, padding) in SETTINGS.items():
        settings = {"ksize": ksize, "strides": strides, "padding": padding}
        output = pooled(np.max)(np.empty(image), **settings).shape
        g = Values(image if g_is_image else output)
        yield Sample(function, [g, Values(image, distinct=True)], settings, reference, name=name, gradient=[0])


def nchw(reference):
    def of(x, ksize, strides, padding, data_format):
        return reference(x.transpose(0, 2, 3, 1), ksize[2:], strides[2:], padding).transpose(0, 3, 1, 2)

    return of


NCHW = {"ksize": [1, 1, 2, 3], "strides": [1, 1, 2, 1], "padding": "SAME", "data_format": "NCHW"}
IMAGE = Values((2, 2, 5, 4), distinct=True)

SAMPLES = [
    *pool_samples(pooling.max_pool, pooled(np.max)),
    *pool_samples(pooling.avg_pool, pooled(np.mean)),
    Sample(pooling.max_pool, [IMAGE], NCHW, nchw(pooled(np.max)), name="nchw"),
    Sample(pooling.avg_pool, [IMAGE], NCHW, nchw(pooled(np.mean)), name="nchw"),
    *gradient_samples(max_pool_gradient_at, max_pool_gradient, g_is_image=False),
    *gradient_samples(max_pool_pick_at, max_pool_pick, g_is_image=True),
    *gradient_samples(pooling.avg_pool_gradient, avg_pool_gradient, g_is_image=False),
    Sample(
        pooling.pool,
        [IMAGE],
        {"window_shape": [2, 3], "pooling_type": "MAX", "padding": "SAME", "strides": [1, 2]},
        lambda x, window_shape, pooling_type, padding, strides: pooled(np.max)(x, window_shape, strides, padding),
        name="max of images",
    ),
    Sample(
        pooling.pool,
        [Values((2, 5, 3))],
        {"window_shape": [2], "pooling_type": "AVG", "padding": "VALID"},
        lambda x, **_: (x[:, :-1] + x[:, 1:]) / 2,
        name="mean of sequences",
    ),
    Sample(
        pooling.pool,
        [Values((2, 3, 5))],
        {"window_shape": [2], "pooling_type": "AVG", "padding": "VALID", "data_format": "NCW"},
        lambda x, **_: (x[..., :-1] + x[..., 1:]) / 2,
        name="mean of sequences, channels first",
    ),
]
