"""Samples of minitfe.ops.array."""
import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import array

SAMPLES = [
    Sample(tf.identity, [Values((2, 3))], reference=lambda x: x, elementwise=True),
    Sample(tf.reshape, [Values((2, 3))], {"shape": [3, -1]}, lambda x, shape: x.ravel().reshape(3, 2)),
    Sample(array.reshape_like, [Values((2, 3)), Values((6,))], reference=lambda x, like: x.ravel(), gradient=[0]),
    Sample(tf.ones_like, [Values((2, 3))], reference=lambda x: x * 0 + 1, gradient=[]),
    Sample(tf.zeros_like, [Values((2, 3))], reference=lambda x: x * 0, gradient=[]),
    Sample(
        lambda x, y: tf.stack([x, y], axis=1),
        [Values((2, 3)), Values((2, 3))],
        reference=lambda x, y: np.array([x, y]).transpose(1, 0, 2),
        name="axis1",
    ),
    Sample(lambda x: tf.unstack(x, axis=-1), [Values((2, 3))], reference=lambda x: [x[:, 0], x[:, 1], x[:, 2]], sizes_known=True),
]
