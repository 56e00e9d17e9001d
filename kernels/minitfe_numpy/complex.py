"""Complex numbers, taken apart and put together."""

from __future__ import annotations

import numpy as np

__all__ = ["angle", "complex", "conj", "imag", "real"]

real, imag = np.real, np.imag


def complex(real, imag):
    """real + i imag"""
    z = np.empty(np.broadcast(real, imag).shape, np.result_type(real.dtype, np.complex64))
    z.real, z.imag = real, imag
    return z


def conj(x):
    """The imaginary part with its sign turned; real numbers as they are."""
    return np.conjugate(x) if x.dtype.kind == "c" else x


def angle(input):
    """The direction of a number in the plane, from -π to π."""
    return np.arctan2(input.imag, input.real)
