"""Complex numbers, taken apart and put together: pairs of real numbers in memory, so these are copies with stride 2."""

from __future__ import annotations

import numpy as np

from .array import zeros_like
from .elementary import atan2
from .elementwise import common_shape, stretched
from .math import negative
from .moving import ghost, parts_of, picked, put
from .runtime import Array, empty

__all__ = ["angle", "complex", "conj", "imag", "real"]


def real(x: Array) -> Array:
    """The real part."""
    return picked(parts_of(x), ghost((*x.shape, 2))[..., 0]) if x.dtype.kind == "c" else x


def imag(x: Array) -> Array:
    """The imaginary part."""
    return picked(parts_of(x), ghost((*x.shape, 2))[..., 1]) if x.dtype.kind == "c" else zeros_like(x)


def complex(real: Array, imag: Array) -> Array:
    """real + i imag"""
    shape = common_shape((real.shape, imag.shape))
    z = empty(real.device, shape, np.result_type(real.dtype, np.complex64))
    pairs = parts_of(z)
    for place, part in enumerate((real, imag)):
        put(stretched(part, shape), pairs, ghost(pairs.shape)[..., place])
    return z


def conj(x: Array) -> Array:
    """The imaginary part with its sign turned; real numbers as they are."""
    return complex(real(x), negative(imag(x))) if x.dtype.kind == "c" else x


def angle(input: Array) -> Array:
    """The direction of a number in the plane, from -π to π."""
    return atan2(imag(input), real(input))
