"""What the samples of elementwise ops share: numbers to try them with, sets of dtypes, and ways to write them down."""

import numpy as np

from minitfe.extend import Sample, Values

ANY = Values((2, 3))
ABOVE_0 = Values((2, 3), low=0.2, high=3.0)
ABOVE_1 = Values((2, 3), low=1.2, high=3.0)
WITHIN_1 = Values((2, 3), low=-0.8, high=0.8)
NOT_0 = Values((2, 3), away_from=(0.0,))
CUBE = Values((2, 3, 4))

SMOOTH = ("float64", "float32", "float16", "complex128", "complex64")
FLOATING = ("float64", "float32", "float16")
COMPLEX = ("complex128", "complex64")
REAL = ("float64", "float32", "float16", "int32", "int64", "int8", "uint8")
NUMBERS = (*REAL, "complex128", "complex64")


def unary(function, reference, values=ANY, **settings):
    return Sample(function, [values], reference=reference, elementwise=True, **settings)


def binary(function, reference, x=ANY, y=ANY, **settings):
    return Sample(function, [x, y], reference=reference, elementwise=True, **settings)


def each(function):
    """A reference that computes one element at a time, with Python's numbers."""

    def reference(*arrays):
        flat = [x.ravel() for x in np.broadcast_arrays(*arrays)]
        shape = np.broadcast_shapes(*(x.shape for x in arrays))
        return np.array([function(*(part.item() for part in parts)) for parts in zip(*flat)], arrays[0].dtype).reshape(
            shape
        )

    return reference
