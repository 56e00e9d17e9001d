"""The OpenCL kernels: the same ops on a GPU, or on a CPU through PoCL.

The kernels are in ``source/``, in OpenCL's C; the modules here have the functions that queue them, under the same names
and in the same modules as the numpy kernels, which say what each op means. Read in this order: ``platforms`` (which
devices there are), ``runtime`` (memory and the queue), ``programs`` (from text to kernel), ``elementwise``,
``reduction``, ``linalg``, and then whatever you are curious about.

Nothing here waits for the device but reading back. So a kernel cannot look at its numbers and object to them, as the
numpy kernels do; it has one rule instead: **what does not exist is 0**. An index out of range reads 0 and writes
nothing, an integer divided by 0 is 0, and the loss of a label that is no class is NaN.
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
    fused,
    generate,
    image,
    indexed_slices,
    indexing,
    linalg,
    math,
    nn,
    normalization,
    platforms,
    pooling,
    random,
    rearrange,
    reduction,
    runtime,
    segment,
    sorting,
    special,
)
from .gaps import declared
from .runtime import Array, Device

DEVICE_TYPE = "GPU"

MODULES = (
    array, bitwise, broadcasting, clipping, comparison, complex, convolution, cross_entropy, cumulative, elementary,
    generate, image, indexed_slices, indexing, linalg, math, nn, normalization, pooling, random, rearrange, reduction,
    segment, sorting, special,
)  # fmt: skip

KERNELS = {name: getattr(module, name) for module in MODULES for name in module.__all__}
"""Each module lists its kernels in ``__all__``."""

_DEVICES = runtime.all_devices()

GAPS = declared(KERNELS, _DEVICES)


def devices() -> list[Device]:
    """The devices that serve as GPUs; see ``platforms`` for which those are."""
    return _DEVICES


def from_numpy(array: np.ndarray[Any, Any], device: Device) -> Array:
    """Copies to a device; does not wait for it."""
    return runtime.upload(device, array)


def to_numpy(array: Array) -> np.ndarray[Any, Any]:
    """Copies from a device, and waits for what is to be computed before."""
    return runtime.download(array)


fuse = fused.fuse


def wait(device: Device) -> None:
    """Waits until a device has computed all that it was given: for those who measure times."""
    runtime.wait(device)


def describe_devices() -> list[str]:
    """A line for each device that OpenCL knows: platform, memory, and which GPU it is, or why it is none."""
    return platforms.described(_DEVICES)


def why_no_device() -> str | None:
    """Why there is no device, in a sentence that says what to do; None where there is one."""
    return platforms.why_none()
