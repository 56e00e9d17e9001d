"""The numpy kernels: the living definition of every op, on the CPU.

Flat functions over numpy arrays, one per op, mostly of one to five lines: read here what an op *means*. They know
nothing of tensors, tapes or graphs, and nothing here imports minitfe.

A kernel never writes into its inputs. It may return a view of one (reshape, transpose), since nobody ever writes into
the output either. Where numpy returns a scalar for 0-d input (np.add does), a kernel may too: it has the shape, dtype
and methods of a 0-d array, and wrapping it would cost every small op a tenth of its time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import (
    array,
    bitwise,
    broadcasting,
    clipping,
    comparison,
    complex,
    convolution,
    cross_entropy,
    cumulative,
    elementary,
    generate,
    image,
    indexed_slices,
    indexing,
    linalg,
    math,
    memory,
    nn,
    normalization,
    pooling,
    quiet,
    random,
    rearrange,
    reduction,
    segment,
    sorting,
    special,
)

memory.keep_freed()
quiet.ignore_float_warnings()

DEVICE_TYPE = "CPU"

MODULES = (
    array, bitwise, broadcasting, clipping, comparison, complex, convolution, cross_entropy, cumulative, elementary,
    generate, image, indexed_slices, indexing, linalg, math, nn, normalization, pooling, random, rearrange, reduction,
    segment, sorting, special,
)  # fmt: skip

KERNELS = {name: getattr(module, name) for module in MODULES for name in module.__all__}
"""Each module lists its kernels in ``__all__``."""

GAPS: dict[Any, str] = {}


def devices() -> list[str]:
    """One device: the processor."""
    return ["cpu"]


def from_numpy(array: np.ndarray, device: str) -> np.ndarray:
    """Returns a copy: the caller may go on to change its array."""
    return np.array(array)


def to_numpy(array: np.ndarray) -> np.ndarray:
    """Returns a copy: the caller may change it."""
    return np.array(array)
