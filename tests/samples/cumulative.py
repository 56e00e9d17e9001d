"""Samples of minitfe.ops.cumulative. References are loops."""

import numpy as np

import minitfe as tf
from minitfe.extend import Sample, Values

from .elementwise import CUBE, SMOOTH


def running(combine, start):
    """A reference for running sums and products, written as a loop."""

    def reference(x, axis=0, exclusive=False, reverse=False):
        rows = list(np.moveaxis(x, axis, 0))
        rows = rows[::-1] if reverse else rows
        total, totals = np.full_like(rows[0], start), []
        for row in rows:
            before, total = total, combine(total, row)
            totals.append(before if exclusive else total)
        return np.stack(totals[::-1] if reverse else totals, axis)

    return reference


def with_zeros(generator):
    """Zeros, one or two in a row, are where a gradient by division would break."""
    x = generator.uniform(0.5, 2.0, (3, 4))
    x[0, 1] = x[1, 0] = x[1, 2] = 0
    return x


SCANS = {
    "": {},
    "last axis": {"axis": -1},
    "exclusive": {"axis": 1, "exclusive": True},
    "reverse": {"axis": 0, "reverse": True},
    "exclusive reverse": {"axis": 2, "exclusive": True, "reverse": True},
}


SAMPLES = [
    *[
        Sample(tf.cumsum, [CUBE], settings, running(np.add, 0), name=name, dtypes=(*SMOOTH, "int32", "int8"))
        for name, settings in SCANS.items()
    ],
    *[
        Sample(tf.cumprod, [CUBE], settings, running(np.multiply, 1), name=name, dtypes=(*SMOOTH, "int32", "int8"))
        for name, settings in SCANS.items()
    ],
    *[
        Sample(tf.cumprod, [Values(make=with_zeros)], settings, running(np.multiply, 1), name=f"with zeros {name}")
        for name, settings in {
            "": {},
            "exclusive": {"axis": 1, "exclusive": True},
            "reverse": {"axis": -1, "reverse": True},
            "both": {"axis": 0, "exclusive": True, "reverse": True},
        }.items()
    ],
    Sample(tf.cumsum, [Values((0, 2))], {"exclusive": True}, lambda x, exclusive: x, name="empty"),
    Sample(tf.cumprod, [Values((2, 0))], {"axis": 1}, lambda x, axis: x, name="empty"),
]
