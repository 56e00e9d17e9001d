"""A device at work: its memory, its queue, and arrays that lie on it.

Everything is put in one queue that keeps the order. So no kernel ever waits for another by hand, memory may be given to
the next array as soon as Python drops the last one that used it, and a call returns long before its kernel has run:
only reading back (`to_numpy`) waits.

An `Array` is dense, in C's order, and starts where its buffer starts. Views exist in one form only: another shape for
the same buffer.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from math import prod
from typing import Any

import numpy as np

from . import platforms
from .platforms import opencl
from .tuning import tuning_of

PADDING = 128
"""Buffers are padded to multiples of this many bytes, the widest vector there is, so that kernels need no tails."""

LARGEST = 2**31 - 1
"""How many elements an array may have: kernels count them in 32 bits."""

MOST_CONSTANTS = 10_000
"""How many small arrays a device keeps, so that a program whose numbers vary does not collect them for ever."""


class Device:
    """An OpenCL device with all that is needed to compute on it.

    Attributes:
        tuning: how kernels are cut for it.
        kernels: what was compiled for it so far; see ``programs``.
        constants: small arrays that never change, by what is in them.
    """

    def __init__(self, device: Any) -> None:
        self.device = device
        self.name = device.name.strip()
        self.total_memory = device.global_mem_size
        self.tuning = tuning_of(device)
        self.context = opencl.Context([device])
        self.queue = opencl.CommandQueue(self.context)
        # Fresh memory costs a page fault at its first touch; a pool hands out what has been touched before.
        self.pool = opencl.tools.MemoryPool(opencl.tools.ImmediateAllocator(self.queue))
        self.lock = threading.RLock()
        self.kernels: dict[Any, Any] = {}
        self.constants: dict[Any, Array] = {}
        self.uploads: deque[Any] = deque()

    def __repr__(self) -> str:
        return f"<OpenCL device {self.name}>"

    def has(self, dtype: np.dtype[Any]) -> bool:
        """Whether it computes in a dtype: every device has integers and float32, and not all have more."""
        extension = {"f8": "cl_khr_fp64", "f2": "cl_khr_fp16"}.get(dtype.str[1:])
        return dtype.kind in "biuf" and (extension is None or extension in self.device.extensions)

    # ---------------------------------------------------------------------------------------------------- memory

    def allocate(self, size: int, dtype: np.dtype[Any]) -> Any:
        """Memory for so many elements.

        Raises:
            MemoryError: where that is more than the device gives to one array.
        """
        nbytes = max(-(-size * dtype.itemsize // PADDING), 1) * PADDING
        limit = self.device.max_mem_alloc_size
        if nbytes > limit or size > LARGEST:
            raise MemoryError(
                f"{size} elements of {dtype} are {_gigabytes(nbytes)}, more than {self.name} gives to one array:"
                f" {_gigabytes(limit)} and {LARGEST} elements. Work on parts of it, such as smaller batches."
            )
        with self.lock:
            self._make_room(nbytes)
            try:
                return self.pool.allocate(nbytes)
            except opencl.Error as error:
                raise MemoryError(
                    f"{self.name} could not provide {_gigabytes(nbytes)}; {_gigabytes(self.pool.active_bytes)} of its"
                    f" {_gigabytes(self.total_memory)} are in use: {error}"
                ) from None

    def _make_room(self, nbytes: int) -> None:
        """Gives freed memory back where the pool would outgrow the device.

        PoCL would go on promising memory until the system kills the process, so this counts by itself.
        """
        total = self.total_memory
        if self.pool.managed_bytes + nbytes <= total:
            return
        self.pool.free_held()
        if self.pool.active_bytes + nbytes > total:
            raise MemoryError(
                f"{_gigabytes(nbytes)} more do not fit: {_gigabytes(self.pool.active_bytes)} of {self.name}'s"
                f" {_gigabytes(total)} are in use. Work on smaller batches, or drop tensors that are not needed."
            )

    def used_memory(self) -> int:
        """How many bytes living arrays hold."""
        return int(self.pool.active_bytes)

    # ------------------------------------------------------------------------------------------------- computing

    def launch(self, kernel: Any, items: tuple[int, ...], *arguments: Any) -> None:
        """Puts a kernel in the queue, for so many work-items along each axis.

        The size of a group is the same in each call; where it does not divide the number of items, there are some too
        many, and kernels see to it that those do nothing. A kernel object holds its arguments from the moment they are
        set until it is queued: the lock keeps two threads from mixing theirs up.
        """
        if not all(items):
            return
        require_same_process()
        group = self.tuning.group
        whole = (-(-items[0] // group) * group, *items[1:])
        try:
            with self.lock:
                kernel(self.queue, whole, (group, *(1,) * (len(items) - 1)), *arguments)
        except opencl.MemoryError as error:
            raise MemoryError(f"{self.name} has no memory left for {kernel.function_name}: {error}") from None
        except opencl.Error as error:
            raise RuntimeError(f"{self.name} did not accept the kernel {kernel.function_name}: {error}") from None


class Array:
    """Numbers on a device.

    Attributes:
        buffer: OpenCL's memory object, which other arrays may share: never write into it.
        shape, dtype: as numpy's.
        size: the number of elements.
        device: where it lies.
    """

    __slots__ = ("buffer", "shape", "dtype", "size", "device")

    def __init__(self, buffer: Any, shape: tuple[int, ...], dtype: np.dtype[Any], size: int, device: Device) -> None:
        self.buffer = buffer
        self.shape = shape
        self.dtype = dtype
        self.size = size
        self.device = device

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def reshape(self, *shape: int) -> Array:
        """The same elements in another shape of equal size."""
        return Array(self.buffer, shape, self.dtype, self.size, self.device)

    def __repr__(self) -> str:
        return f"Array(shape={self.shape}, dtype={self.dtype}, on {self.device.name})"


def empty(device: Device, shape: tuple[int, ...], dtype: Any) -> Array:
    """An array whose numbers are yet to be computed."""
    size = prod(shape)
    dtype = np.dtype(dtype)
    return Array(device.allocate(size, dtype), shape, dtype, size, device)


# ------------------------------------------------------------------------------------------------------ there and back


def upload(device: Device, numbers: np.ndarray[Any, Any]) -> Array:
    """Copies a numpy array to a device, without waiting for the queue to get there.

    The copy is made from an array of our own, which must live until the queue has read it.
    """
    require_same_process()
    array = empty(device, numbers.shape, numbers.dtype)
    if array.size:
        source = np.array(numbers, order="C")
        with device.lock:
            event = opencl.enqueue_copy(device.queue, array.buffer, source, is_blocking=False)
            device.uploads.append((event, source))
            while device.uploads and _has_happened(device.uploads[0][0]):
                device.uploads.popleft()
    return array


def download(array: Array) -> np.ndarray[Any, Any]:
    """Waits until an array has been computed, and copies it into a fresh one of numpy's."""
    require_same_process()
    numbers = np.empty(array.shape, array.dtype)
    if array.size:
        device = array.device
        with device.lock:
            event = opencl.enqueue_copy(device.queue, numbers, array.buffer, is_blocking=False)
        event.wait()  # outside of the lock: other threads go on queueing
    return numbers


def wait(device: Device) -> None:
    """Waits until all that is in the queue has run."""
    require_same_process()
    try:
        device.queue.finish()
    except opencl.Error as error:
        raise RuntimeError(f"{device.name} could not finish what was in its queue: {error}") from None


def constant(device: Device, numbers: Any, dtype: Any) -> Array:
    """A small array that is made once and kept: a number beside an array, or the table of an index calculation."""
    key = (numbers, dtype)
    array = device.constants.get(key)
    if array is None:
        if len(device.constants) >= MOST_CONSTANTS:
            device.constants.clear()
        array = device.constants[key] = upload(device, np.array(numbers, dtype))
    return array


def _has_happened(event: Any) -> bool:
    return bool(event.command_execution_status <= 0)  # CL_COMPLETE, or an error


def _gigabytes(nbytes: int) -> str:
    return f"{nbytes / 2**30:.3g} GiB"


# ------------------------------------------------------------------------------------------------------------- forking

_process = os.getpid()
_forked = False


def _note_the_fork() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_the_fork)


def require_same_process() -> None:
    """Raises RuntimeError in a forked child, where the driver's threads are missing and any call would hang forever."""
    if _forked:
        raise RuntimeError(
            "OpenCL does not survive os.fork: this process was forked from one that used the device. Start workers"
            " with multiprocessing.get_context('spawn'), or fork before the first tensor is placed on a GPU."
        )


def all_devices() -> list[Device]:
    """The devices that serve as GPUs."""
    return [Device(device) for device in platforms.serving()]
