"""Samples of minitfe.ops.clipping. References take the norms from np.linalg."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

from .elementwise import ANY, CUBE, FLOATING, each

VECTOR = Values((4,))


def clipped(t, clip_norm, axes=None):
    norm = np.linalg.norm(t) if axes is None else np.linalg.norm(t, axis=axes, keepdims=True)
    return t * np.minimum(1, clip_norm / norm)


def clipped_together(x, y):
    norm = np.hypot(np.linalg.norm(x), np.linalg.norm(y))
    return [x * 0.5 / norm, y * 0.5 / norm, norm]


def clip_by_bounds(t, low, high):
    return tf.clip_by_value(t, low, high)


def clip_two_by_global_norm(x, y):
    (x, nothing, y), norm = tf.clip_by_global_norm([x, None, y], 0.5)
    assert nothing is None
    return [x, y, norm]


def clip_by_known_norm(x):
    return tf.clip_by_global_norm([x], 1.0, use_norm=4.0)[0][0]


def global_norm_of_two(x, y):
    return tf.global_norm([x, None, y])


SAMPLES = [
    Sample(
        tf.clip_by_value,
        [Values((3, 4), away_from=(-1.0, 1.0))],
        {"clip_value_min": -1.0, "clip_value_max": 1.0},
        lambda t, **bounds: each(lambda x: sorted([-1.0, x, 1.0])[1])(t),
        dtypes=FLOATING,
    ),
    Sample(
        clip_by_bounds,
        [Values((3, 4), away_from=(-1.0, 1.0)), Values((4,), -1.05, -0.95), Values((), 0.95, 1.05)],
        reference=lambda t, low, high: np.where(t < low, low, np.where(t > high, high, t)),
    ),
    Sample(tf.clip_by_norm, [CUBE], {"clip_norm": 1.0}, clipped, name="all"),
    Sample(tf.clip_by_norm, [CUBE], {"clip_norm": 100.0}, clipped, name="within"),
    Sample(
        tf.clip_by_norm,
        [CUBE],
        {"clip_norm": 0.5, "axes": [1]},
        lambda t, clip_norm, axes: clipped(t, 0.5, 1),
        name="axes",
    ),
    Sample(tf.clip_by_average_norm, [CUBE], {"clip_norm": 0.1}, lambda t, clip_norm: clipped(t, 0.1 * 24)),
    Sample(clip_two_by_global_norm, [CUBE, ANY], reference=clipped_together),
    Sample(clip_by_known_norm, [VECTOR], reference=lambda x: x / 4),
    Sample(global_norm_of_two, [CUBE, ANY], reference=lambda x, y: np.linalg.norm(np.append(x.ravel(), y))),
    Sample(tf.check_numerics, [ANY], {"message": "x"}, lambda x, message: x, dtypes=FLOATING),
]
