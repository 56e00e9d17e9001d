"""Samples of minitfe.ops.broadcasting."""

import numpy as np

from minitfe.extend import Sample, Values
from minitfe.ops import broadcasting


def stretched(x, like):
    return x + np.zeros_like(like)


def back(*axes):
    """A reference that sums over axes and gives the result the other array's shape."""

    def reference(x, like):
        for axis in sorted(axes, reverse=True):
            x = sum(np.moveaxis(x, axis, 0))
        return x.reshape(like.shape)

    return reference


X = Values((2, 3, 4))

SAMPLES = [
    Sample(broadcasting.broadcast_like, [Values((3, 1)), X], reference=stretched, gradient=[0], name="some axes"),
    Sample(broadcasting.broadcast_like, [Values(()), X], reference=stretched, gradient=[0], name="scalar"),
    Sample(
        broadcasting.broadcast_like, [Values((1,)), Values((0,))], reference=stretched, gradient=[0], name="to nothing"
    ),
    Sample(broadcasting.unbroadcast_like, [X, Values((3, 1))], reference=back(0, 2), gradient=[0], name="some axes"),
    Sample(broadcasting.unbroadcast_like, [X, Values(())], reference=back(0, 1, 2), gradient=[0], name="scalar"),
    Sample(broadcasting.unbroadcast_like, [X, Values((2, 1, 4))], reference=back(1), gradient=[0], name="same rank"),
]
