"""Samples of minitfe.ops.normalization."""

import numpy as np

from minitfe.extend import Sample, Values
from minitfe.ops import normalization

ALL = ("float64", "float32", "float16")
X = Values((3, 2, 4))
IMAGES = Values((2, 3, 2, 3))
PER_CHANNEL = Values((3,), low=0.5)


def mean_and_variance(x, axes, keep_dims=False):
    axis = tuple(axes)
    return [np.mean(x, axis, keepdims=keep_dims), np.var(x, axis, keepdims=keep_dims)]


def weighted(x, weights, axes, keep_dims=False):
    mean = np.average(x, axes[0], weights)
    variance = np.average((x - np.expand_dims(mean, axes[0])) ** 2, axes[0], weights)
    return [np.expand_dims(y, axes[0]) if keep_dims else y for y in (mean, variance)]


def weighted_moments(x, weights, **settings):
    return normalization.weighted_moments(x, frequency_weights=weights, **settings)


def normalized(x, mean, variance, offset, scale):
    return offset + scale * (x - mean) / np.sqrt(variance + 0.01)


def batch_normalization(x, mean, variance, offset, scale):
    return normalization.batch_normalization(x, mean, variance, offset, scale, 0.01)


def batch_normalization_alone(x, mean, variance):
    return normalization.batch_normalization(x, mean, variance, None, None, 0.01)


def fused(x, scale, offset, data_format="NHWC"):
    if data_format == "NCHW":
        x = np.moveaxis(x, 1, -1)
    rows = x.reshape(-1, x.shape[-1])
    y = (x - rows.mean(0)) / np.sqrt(rows.var(0) + 0.001) * scale + offset
    return [np.moveaxis(y, -1, 1) if data_format == "NCHW" else y, rows.mean(0), rows.var(0, ddof=1)]


def fused_inference(x, scale, offset, mean, variance):
    return normalization.fused_batch_norm(x, scale, offset, mean, variance, is_training=False)


SAMPLES = [
    Sample(normalization.moments, [X], {"axes": [0, 2]}, mean_and_variance, dtypes=ALL),
    Sample(normalization.moments, [X], {"axes": [-1], "keep_dims": True}, mean_and_variance, name="keep_dims"),
    Sample(weighted_moments, [X, Values((3, 2, 4), low=0.2)], {"axes": [1]}, weighted),
    Sample(
        weighted_moments, [X, Values((3, 2, 4), low=0.2)], {"axes": [0], "keep_dims": True}, weighted, name="keep_dims"
    ),
    Sample(batch_normalization, [X, *[Values((4,)), Values((4,), low=0.5)] * 2], reference=normalized),
    Sample(
        batch_normalization_alone,
        [X, Values((4,)), Values((4,), low=0.5)],
        reference=lambda x, mean, variance: normalized(x, mean, variance, 0, 1),
    ),
    Sample(normalization.fused_batch_norm, [IMAGES, PER_CHANNEL, PER_CHANNEL], reference=fused),
    Sample(
        normalization.fused_batch_norm, [IMAGES, PER_CHANNEL, PER_CHANNEL], {"data_format": "NCHW"}, fused, name="NCHW"
    ),
    Sample(
        fused_inference,
        [IMAGES, PER_CHANNEL, PER_CHANNEL, PER_CHANNEL, PER_CHANNEL],
        reference=lambda x, scale, offset, mean, variance: [
            (x - mean) / np.sqrt(variance + 0.001) * scale + offset,
            mean,
            variance,
        ],
    ),
]
