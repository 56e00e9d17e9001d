"""Which OpenCL devices there are, and which of them count as GPUs.

The environment variable MINITFE_OPENCL decides: by default GPUs and accelerators serve, with ``all`` also CPU devices
such as PoCL's, which is how the tests run where there is no GPU, and with ``none`` nothing does.

Everything that can be wrong with an installation is found here, before anything is computed, and is kept as a sentence
that says what to do: what is missing is no error until somebody asks for a GPU.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

CHOICES = ("gpu", "all", "none")
POCL = "Portable Computing Language"


class Found(NamedTuple):
    """A device that OpenCL knows, and why it does not serve, or None where it does."""

    device: Any
    objection: str | None


def choice() -> str:
    """What MINITFE_OPENCL says.

    Raises:
        ValueError: where that is none of the choices.
    """
    chosen = os.environ.get("MINITFE_OPENCL", "gpu").strip().lower() or "gpu"
    if chosen not in CHOICES:
        raise ValueError(f"The environment variable MINITFE_OPENCL is {chosen!r}; it may be {', '.join(CHOICES)}.")
    return chosen


def _find_a_cache() -> None:
    """PoCL keeps compiled kernels below the home directory, and finds no device where it cannot write there."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME") or "/")
    if not os.access(home, os.W_OK):
        os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="minitfe-opencl-")


opencl: Any = None
"""The module pyopencl; None where it is not installed, or not wanted."""

if choice() != "none":
    _find_a_cache()
    with suppress(ImportError):
        import pyopencl.tools

        opencl = pyopencl


@cache
def found() -> tuple[Found, ...]:
    """All devices of all platforms, in OpenCL's own order; none where pyopencl or a platform is missing."""
    return tuple(Found(device, objection(device)) for device in _all_devices()) if opencl else ()


def serving() -> list[Any]:
    """The devices that count as /gpu:0, /gpu:1 and so on: real GPUs first."""
    devices = [entry.device for entry in found() if entry.objection is None]
    return sorted(devices, key=is_processor)


def why_none() -> str | None:
    """Why there is no GPU, in a sentence that says what to do about it; None where there is one."""
    if choice() == "none":
        return "MINITFE_OPENCL=none hides all OpenCL devices."
    if serving():
        return None
    if opencl is None:
        return "The OpenCL kernels need pyopencl: pip install minitfe[opencl]."
    if not found():
        return (
            "OpenCL found no platform with a device: install your GPU's driver, or PoCL, which computes on the CPU,"
            " with pip install minitfe[opencl]."
        )
    return " ".join(entry.objection for entry in found() if entry.objection)


def described(devices: Sequence[Any]) -> list[str]:
    """A line for each device: what it is, how much memory it has, and which GPU it is, or why it is none."""
    places = {device.device: f"/gpu:{i}" for i, device in enumerate(devices)}
    lines = [
        f"{places.get(device, 'not used')}: {device.name.strip()} ({device.platform.name}, {device.version.strip()}),"
        f" {_gigabytes(device.global_mem_size)} of memory, at most {_gigabytes(device.max_mem_alloc_size)} to an array"
        f"{'. ' + reason if reason else ''}"
        for device, reason in found()
    ]
    return lines or [why_none() or "no device"]


def _gigabytes(nbytes: int) -> str:
    return f"{nbytes / 2**30:.1f} GiB"


def objection(device: Any) -> str | None:
    """Why a device does not serve as a GPU, or None."""
    name = device.name.strip()
    if is_processor(device) and choice() != "all":
        return f"{name} is a CPU device; MINITFE_OPENCL=all lets it serve as a GPU."
    if device.platform.name == POCL and shutil.which("ld") is None:
        # PoCL links every kernel, and aborts the whole process where it cannot: no exception could be caught.
        return f"{name} (PoCL) needs the linker ld, which is not on the PATH: install gcc or binutils."
    if not device.compiler_available:
        return f"{name} has no compiler for kernels."
    return None


def is_processor(device: Any) -> bool:
    """Whether a device is a CPU: also that of another vendor than PoCL's."""
    return bool(device.type & 2)  # CL_DEVICE_TYPE_CPU


def _all_devices() -> list[Any]:
    try:
        platforms = opencl.get_platforms()
    except opencl.Error:  # PLATFORM_NOT_FOUND
        return []
    devices = []
    for platform in platforms:
        try:
            devices += platform.get_devices()
        except opencl.Error:  # a platform without devices
            continue
    return devices
