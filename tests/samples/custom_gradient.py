"""Samples of tf.custom_gradient: a function that brings the rule that it would have had."""

import minitfe as tf
from minitfe.extend import Sample, Values


@tf.custom_gradient
def three(count, x):
    """Outputs of different shapes and dtypes."""
    scale = tf.cast(count, x.dtype)

    def grad(da, _, db):
        return [None, scale * tf.transpose(da) + 2.0 * x * db]

    return [scale * tf.transpose(x), count + 1, tf.reduce_sum(x * x, axis=0)], grad


def last_of_three(count, x):
    return three(count, x)[-1]


INPUTS = [Values((), 2, 5, dtype="int32"), Values((2, 3))]

SAMPLES = [
    Sample(three, INPUTS, reference=lambda n, x: [n * x.T, n + 1, x[0] ** 2 + x[1] ** 2]),
    Sample(last_of_three, INPUTS, reference=lambda n, x: x[0] ** 2 + x[1] ** 2),
]
