"""Devices: where arrays lie and kernels run.

A `Device` is one device of one kernel package, under TensorFlow's name for it. People write that name in many ways,
and `find` understands them: ``/gpu:0``, ``gpu:0``, ``GPU:0``, ``/device:GPU:0`` and the full
``/job:localhost/replica:0/task:0/device:GPU:0``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from minitfe import errors, kernel_registry
from minitfe.kernel_registry import KernelPackage

PREFIX = "/job:localhost/replica:0/task:0"


class Device:
    """One device of a kernel package.

    Attributes:
        type: "CPU", "GPU", or what the kernel package calls its devices.
        index: counts the devices of one type.
        package_name, package: the kernel package that computes on it.
        handle: what the package itself knows the device by.
        accumulate: the package's kernel that adds in place, or None where it has none.
    """

    __slots__ = ("type", "index", "package_name", "package", "handle", "accumulate")

    def __init__(self, index: int, package_name: str, package: KernelPackage, handle: Any) -> None:
        self.type = package.DEVICE_TYPE
        self.index = index
        self.package_name = package_name
        self.package = package
        self.handle = handle
        self.accumulate = package.KERNELS.get("accumulate")

    @property
    def name(self) -> str:
        """The full name, as ``tensor.device`` gives it."""
        return f"{PREFIX}/device:{self.type}:{self.index}"

    def __str__(self) -> str:
        return f"/{self.type.lower()}:{self.index}"

    def __repr__(self) -> str:
        return f"<Device {self.name}>"


@cache
def devices_of(package_name: str) -> tuple[Device, ...]:
    """The devices of one kernel package."""
    package = kernel_registry.package(package_name)
    return tuple(Device(i, package_name, package, handle) for i, handle in enumerate(package.devices()))


@cache
def cpu() -> Device:
    """The device that is always there."""
    return devices_of("numpy")[0]


@cache
def all_devices() -> tuple[Device, ...]:
    """Every device of every kernel package, the CPU first."""
    return tuple(device for name in kernel_registry.package_names() for device in devices_of(name))


def list_devices() -> list[str]:
    """The full names of all devices, the CPU first.

    >>> tfe.list_devices()[0]
    '/job:localhost/replica:0/task:0/device:CPU:0'
    """
    return [device.name for device in all_devices()]


def num_gpus() -> int:
    """How many GPUs there are to run on."""
    return sum(device.type == "GPU" for device in all_devices())


@cache
def default() -> Device:
    """Where constants are put and ops without inputs run outside every device scope: the first GPU, or else the CPU."""
    gpus = [device for device in all_devices() if device.type == "GPU"]
    return gpus[0] if gpus else cpu()


def _forget() -> None:
    all_devices.cache_clear()
    default.cache_clear()


kernel_registry.when_packages_change(_forget)


_SPELLING = re.compile(
    r"^/?(?:job:\w+/)?(?:replica:\d+/)?(?:task:\d+/)?(?:device:)?([a-z_]\w*?)(?::(\d+|\*))?$", re.IGNORECASE
)


def find(spelling: str) -> Device:
    """Returns the device of that name, in any of TensorFlow's spellings.

    Raises:
        ValueError: where the text is no device name.
        RuntimeError: where there is no such device; the message lists those that are.
    """
    match = _SPELLING.match(spelling)
    if match is None:
        raise ValueError(
            f"Unknown attribute: {spelling!r} in {spelling!r}; a device is written like '/cpu:0' or '/gpu:0'"
        )
    type_, index = match[1].upper(), 0 if match[2] in (None, "*") else int(match[2])
    for device in all_devices():
        if device.type.upper() == type_ and device.index == index:
            return device
    if match[2] is None and ":" not in spelling and type_ not in ("CPU", "GPU"):
        raise ValueError(
            f"Unknown attribute: {spelling!r} in {spelling!r}; a device is written like '/cpu:0' or '/gpu:0'"
        )
    raise RuntimeError(unknown_device(f"{PREFIX}/device:{type_}:{index}"))


def unknown_device(name: str) -> str:
    """TensorFlow's words for a device that is not there, with those that are, and why there are no more."""
    here = ", ".join(list_devices())
    return f"Error copying tensor to device: {name}. {name} unknown device. Devices that are here: {here}.{_excuses()}"


def _excuses() -> str:
    """What kernel packages without a device have to say."""
    packages = map(kernel_registry.package, kernel_registry.package_names())
    reasons = [package.why_no_device() for package in packages if hasattr(package, "why_no_device")]
    return "".join(f" {reason}" for reason in reasons if reason)


def copy_array(array: Any, source: Device, target: Device) -> Any:
    """Copies an array from one device to another, by way of numpy."""
    if source is target:
        return array
    try:
        return target.package.from_numpy(source.package.to_numpy(array), target.handle)
    except MemoryError as error:
        raise errors.ResourceExhaustedError(
            f"Copying {array.shape} {array.dtype} from {source} to {target}: {error}"
        ) from None
