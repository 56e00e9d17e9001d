"""Where kernels come from: packages of array functions, found by entry point.

A kernel package is a Python package that knows arrays and has never heard of tensors. It announces itself in its own
metadata, and nothing here needs to change for it:

    [project.entry-points."minitfe.kernels"]
    numpy = "minitfe_numpy"

What it has to offer is listed in `KernelPackage`. A kernel takes arrays of its package, positionally, and plain
attributes as keywords; it returns an array, or a list of them. For what it cannot compute it raises ValueError or
IndexError, for want of memory MemoryError, and RuntimeError where the device itself failed, with a sentence that says
what to do. A kernel of an op without inputs takes the package's device handle instead, to know where to put its result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any, NamedTuple, Protocol

import numpy as np

from minitfe import errors

ENTRY_POINT_GROUP = "minitfe.kernels"

Kernel = Callable[..., Any]


class Step(NamedTuple):
    """One op of a `Group`.

    Attributes:
        op: its name.
        operands: what it takes, by numbers: first the inputs of the group are counted, then its steps.
        attributes: what its kernel would be given as keywords.
        dtype: of its result.
    """

    op: str
    operands: tuple[int, ...]
    attributes: Mapping[str, Any]
    dtype: np.dtype[Any]


class Group(NamedTuple):
    """Ops that a package may compute all at once: what its function ``fuse`` is given.

    Attributes:
        shape: of the results of all steps but reductions. Operands are stretched to it, as numpy stretches them.
        inputs: dtype and shape of each input.
        steps: ops that work element by element, and reductions along axes, which no other step reads.
        results: the numbers of the steps whose results are wanted; inputs are counted first.
    """

    shape: tuple[int, ...]
    inputs: tuple[tuple[np.dtype[Any], tuple[int, ...]], ...]
    steps: tuple[Step, ...]
    results: tuple[int, ...]


class KernelPackage(Protocol):
    """What a kernel package offers: its module has these names.

    Attributes:
        DEVICE_TYPE: what its devices are called: "CPU", "GPU" or a name of its own.
        KERNELS: the function for each op that it has. One more, "accumulate", may be among them: it adds its second
            array to its first in place, which the walker uses for sums that only it knows.
        GAPS: what it does not have, and why: ``{"op": reason}``, or ``{("op", "dtype"): reason}`` for one dtype. Such
            ops run on the CPU. The conformance suite fails on a gap that is not declared.

    A package that may have no device on some machines can say why, in a function ``why_no_device()`` that returns a
    sentence or None, and one with something to tell about its devices in ``describe_devices()``, which returns lines.
    One whose kernels return before they have run has a function ``wait(handle)`` that waits for them, for those who
    measure times.

    A package may also make one kernel of several ops. Its function ``fuse(group, device)`` takes a `Group` and a handle
    and returns a kernel, which takes the inputs and returns a list of the results; or None where it has no such kernel.
    What it fuses one by one it should be able to fuse together. An input may come in another shape of equal size than
    was announced. Nothing should be compiled before such a kernel is called: many are asked for that nobody needs.
    """

    DEVICE_TYPE: str
    KERNELS: Mapping[str, Kernel]
    GAPS: Mapping[Any, str]

    def devices(self) -> Sequence[Any]:
        """Returns a handle for each device that is there."""

    def from_numpy(self, array: np.ndarray[Any, Any], device: Any) -> Any:
        """Copies a numpy array to a device."""

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """Copies an array from its device into a fresh numpy array."""


_registered: dict[str, KernelPackage] = {}
_extensions: dict[tuple[str, str], Kernel] = {}
_when_packages_change: list[Callable[[], None]] = []


def register_package(name: str, package: KernelPackage) -> None:
    """Adds a kernel package by hand, for this process; installed ones are found by their entry point.

    Raises:
        InvalidArgumentError: where the package lacks a part of the contract.
    """
    _registered[name] = _checked(name, package)
    for forget in _when_packages_change:
        forget()


def when_packages_change(forget: Callable[[], None]) -> None:
    """Asks for a call when a package is added by hand: for whoever keeps lists of what there is."""
    _when_packages_change.append(forget)


def register_kernel(package: str, op: str, kernel: Kernel) -> None:
    """Adds one kernel to a package, for an op that the package does not know."""
    _extensions[package, op] = kernel


def forget_kernels(op: str) -> None:
    """Takes back all that `register_kernel` added for an op."""
    for key in [key for key in _extensions if key[1] == op]:
        del _extensions[key]


def package_names() -> list[str]:
    """The names of all packages, the CPU's first."""
    return sorted(_installed() | set(_registered), key=lambda name: (name != "numpy", name))


@cache
def _installed() -> frozenset[str]:
    """The names of the installed packages. Reading the metadata of all that is installed takes milliseconds."""
    return frozenset(entry.name for entry in entry_points(group=ENTRY_POINT_GROUP))


def package(name: str) -> KernelPackage:
    """Returns the kernel package of that name.

    Raises:
        NotFoundError: where none is installed under it.
    """
    return _registered[name] if name in _registered else _load(name)


def kernel_of(name: str, op: str, dtype: np.dtype[Any]) -> Kernel | None:
    """The package's kernel for an op on a dtype, None where it has a gap."""
    known = package(name)
    if op in known.GAPS or (op, str(dtype)) in known.GAPS:
        return None
    return _extensions.get((name, op)) or known.KERNELS.get(op)


def why_missing(name: str, op: str, dtype: np.dtype[Any]) -> str:
    """The package's declared reason for a gap, to go on in a sentence; empty where it declares none."""
    gaps = package(name).GAPS
    reason = gaps.get(op) or gaps.get((op, str(dtype)))
    return f": {reason}" if reason else ""


@cache
def _load(name: str) -> KernelPackage:
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        if entry.name == name:
            return _checked(name, entry.load())
    raise errors.NotFoundError(
        f"No kernel package is called {name!r}; installed are {package_names()}."
        f" A package announces itself by an entry point in the group {ENTRY_POINT_GROUP!r};"
        " is minitfe itself installed?"
    )


def _checked(name: str, candidate: Any) -> KernelPackage:
    missing = [part for part in ("DEVICE_TYPE", "KERNELS", "GAPS", "devices", "from_numpy", "to_numpy")
               if not hasattr(candidate, part)]  # fmt: skip
    if missing:
        raise errors.InvalidArgumentError(
            f"The kernel package {name!r} has no {', '.join(missing)}; minitfe.kernel_registry.KernelPackage lists what"
            " a kernel package must have."
        )
    return candidate  # type: ignore[no-any-return]
