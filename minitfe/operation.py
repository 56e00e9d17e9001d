"""Ops and operations: what can be done, and what was done.

An `Op` is a name with its rules: how to compute it (one kernel per kernel package, found by that name), what shape
and dtype come out, and how gradients go back. The public function of the same name, in ``minitfe.ops``, is how people
call it. An `Operation` is the record of one such call. Tapes keep operations and graphs are made of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, Union

import numpy as np

from minitfe import devices, dtypes, errors, kernel_registry
from minitfe.devices import Device
from minitfe.dtypes import DType
from minitfe.kernel_registry import Kernel
from minitfe.shapes import Extents

if TYPE_CHECKING:
    from minitfe.tensor import Tensor

Rule = TypeVar("Rule", bound=Callable[..., Any])
DTypeRule = Union[DType, Callable[..., Any], None]

OPS: dict[str, Op] = {}
"""Every op by its name."""

SHAPE_ONLY = "only the shape of this input matters, not its values"
"""Why an input has no gradient that an op only looks at, to know how large its output shall be."""


class Op:
    """A name with its rules.

    Args:
        name: the op's name, and that of its kernel in every kernel package.
        shape: the shape rule. It takes the extents of the inputs, and the attributes as keywords, and returns the
            output's extents; for an op with several outputs, a list of them. It raises ShapeError for what cannot be.
        dtype: the output's dtype, if that is not the first input's: a DType, or a function of the inputs' dtypes and
            the attributes, which may return a list where there are several outputs.
        accepts: the numpy dtypes that the first input may have; None for any.
        broadcasts: whether inputs are stretched to a common shape. Gradients are then summed back by the walker.
        several: whether there are several outputs, in a tuple.
        any_rank: whether the shape rule takes None for the extents of inputs whose number of axes is not known. For
            other ops, that of the output is not known then, either.
        stateful: whether two equal calls may give different results, as random draws do.
        holomorphic: whether its gradient rules are complex derivatives, so that the walker conjugates around them.
        keeps_sparse: whether its rule hands g on as it is, so that an IndexedSlices may pass.
        tensorflow_name: its name in error messages, if that is not the name in CamelCase.
        kernel: the function for all devices, for ops that compute nothing and so need no kernel package, such as
            reading a variable.

    Attributes:
        partials: the gradient rule of each input that has one, by the input's number.
        rules: the same as a list, with None for inputs without a rule: what the walker goes through.
        whole: the one rule for all inputs, if the op has that instead.
        constant_inputs: why there is no gradient for an input; the key None speaks for all of them.
        kernels: the kernel for each device and dtype, filled in as they are used.
    """

    __slots__ = (
        "name", "tensorflow_name", "shape", "dtype", "accepts", "broadcasts", "several", "any_rank", "stateful",
        "holomorphic", "keeps_sparse", "partials", "rules", "whole", "constant_inputs", "kernels",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        *,
        shape: Callable[..., Any],
        dtype: DTypeRule = None,
        accepts: frozenset[Any] | None = None,
        broadcasts: bool = False,
        several: bool = False,
        any_rank: bool = False,
        stateful: bool = False,
        holomorphic: bool = True,
        keeps_sparse: bool = False,
        tensorflow_name: str | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        self.name = name
        self.tensorflow_name = tensorflow_name or "".join(word.capitalize() for word in name.split("_"))
        self.shape = shape
        self.dtype = dtype
        self.accepts = accepts
        self.broadcasts = broadcasts
        self.several = several
        self.any_rank = any_rank
        self.stateful = stateful
        self.holomorphic = holomorphic and not keeps_sparse
        self.keeps_sparse = keeps_sparse
        self.partials: dict[int, Callable[..., Any]] = {}
        self.rules: list[Callable[..., Any] | None] = []
        self.whole: Callable[..., Any] | None = None
        self.constant_inputs: dict[int | None, str] = {}
        self.kernels = KernelTable(self, kernel)

    def gradient(self, *inputs: int) -> Callable[[Rule], Rule]:
        """Registers the decorated function as the partial derivative with respect to each of these inputs.

        The rule is called as ``rule(g, *inputs, output, **attributes)``, where g is the gradient of what is
        differentiated with respect to the output, and returns that with respect to the input. It is written in ops, so
        that it has a derivative itself.
        """

        def register(rule: Rule) -> Rule:
            self.partials.update(dict.fromkeys(inputs, rule))
            self.rules = [self.partials.get(i) for i in range(max(self.partials) + 1)]
            return rule

        return register

    def whole_gradient(self, rule: Rule) -> Rule:
        """Registers the decorated function as the rule for all inputs at once.

        It is called as ``rule(operation, gs)``, with one g per output, None where an output was not used, and
        returns a list with a gradient, or None, per input. The walker does not conjugate around it.
        """
        self.whole = rule
        return rule

    def no_gradient(self, reason: str, *inputs: int) -> None:
        """Declares that these inputs (or all, where none are given) have no gradient, and why."""
        self.constant_inputs.update(dict.fromkeys(inputs or (None,), reason))

    def why_constant(self, position: int) -> str | None:
        """The declared reason why an input has no gradient, or None where none was declared."""
        return self.constant_inputs.get(position) or self.constant_inputs.get(None)

    def infer(self, inputs: Sequence[Tensor], attributes: Mapping[str, Any]) -> list[tuple[DType, Extents | None]]:
        """Works out dtype and extents of each output without computing it.

        Extents are None where the rank of an input is not known.
        """
        extents = [x.extents for x in inputs]
        if self.any_rank or None not in extents:
            shape = self.shape(*extents, **attributes)
            shapes = shape if self.several else [shape]
        elif self.several:
            raise errors.ShapeError(
                "The number of axes must be known when a graph is built",
                "give placeholders a shape, with None for sizes that are not known, or call set_shape",
            )
        else:
            shapes = [None]
        dtype = self.dtype
        if dtype is None:
            dtype = inputs[0].dtype
        elif not isinstance(dtype, DType):
            dtype = dtype(*[x.dtype for x in inputs], **attributes)
        return list(zip(dtype if isinstance(dtype, list) else [dtype] * len(shapes), shapes))

    def __repr__(self) -> str:
        return f"<Op {self.name}>"


def register(op: Op) -> Op:
    """Makes an op known by its name.

    Raises:
        AlreadyExistsError: where there is one of that name.
    """
    if op.name in OPS:
        raise errors.AlreadyExistsError(f"There is an op called {op.name!r} already; choose another name.")
    OPS[op.name] = op
    return op


class KernelTable(dict[Device, "DeviceKernels"]):
    """The kernels of one op: ``table[device][dtype]``. What is not there yet is looked up and kept."""

    __slots__ = ("op", "kernel")

    def __init__(self, op: Op, kernel: Kernel | None) -> None:
        self.op = op
        self.kernel = kernel

    def __missing__(self, device: Device) -> DeviceKernels:
        if not isinstance(device, Device):
            raise errors.InvalidArgumentError(
                f"{self.op.name} was given a tensor of a graph, outside of that graph: it has no value here."
                " Return it from the traced function, or fetch it when the graph runs."
            )
        kernels = self[device] = DeviceKernels(self.op, device, self.kernel)
        return kernels


class DeviceKernels(dict["np.dtype[Any]", Kernel]):
    """The kernels of one op on one device, by the dtype of the first input."""

    __slots__ = ("op", "device", "kernel")

    def __init__(self, op: Op, device: Device, kernel: Kernel | None) -> None:
        self.op = op
        self.device = device
        self.kernel = kernel

    def __missing__(self, dtype: np.dtype[Any]) -> Kernel:
        kernel = self.unwatched(dtype)
        for watcher in _watchers:
            kernel = watcher(self.op, self.device, kernel)
        self[dtype] = kernel
        return kernel

    def unwatched(self, dtype: np.dtype[Any]) -> Kernel:
        """The kernel itself, also where kernels are watched: for plans, which keep it for longer than that."""
        if not _watchers and dtype in self:
            return self[dtype]
        op, device = self.op, self.device
        if op.accepts is not None and dtype not in op.accepts:
            allowed = ", ".join(known.name for known in dtypes.ALL if known.numpy in op.accepts)
            raise errors.InvalidArgumentError(
                f"Value for attr 'T' of {dtypes.from_numpy(dtype).name} is not in the list of allowed values: {allowed}"
                f" [Op:{op.tensorflow_name}]. {op.name} does not work on {dtypes.from_numpy(dtype).name};"
                " convert its input with tf.cast."
            )
        kernel = self.kernel or kernel_registry.kernel_of(device.package_name, op.name, dtype)
        return kernel or _on_the_cpu(op, device, dtype)


Watcher = Callable[[Op, Device, Kernel], Kernel]

_watchers: dict[Watcher, bool] = {}  # and whether each sees the steps of plans by itself


def watch_kernels(watcher: Watcher, sees_plans: bool = False) -> None:
    """From now on, every kernel is what the watcher makes of it, until `stop_watching`.

    Kernels are looked up again for this. So whoever wants to see all that is computed can, and nobody else pays for it.

    Args:
        watcher: takes an op, a device and the kernel, and returns what shall run in its place.
        sees_plans: whether it sees by itself what plans do. For others, graphs are run operation by operation.
    """
    _watch({**_watchers, watcher: sees_plans})


def stop_watching(watcher: Watcher) -> None:
    """Ends what `watch_kernels` began."""
    _watch({known: sees_plans for known, sees_plans in _watchers.items() if known is not watcher})


def _watch(watchers: dict[Watcher, bool]) -> None:
    global _watchers
    _watchers = watchers
    for op in OPS.values():
        op.kernels.clear()


def kernels_are_watched() -> bool:
    """Whether somebody wants to see every kernel run."""
    return bool(_watchers)


def plans_are_seen() -> bool:
    """Whether all who watch see what plans do; else graphs are run operation by operation while kernels are watched."""
    return all(_watchers.values())


def _on_the_cpu(op: Op, device: Device, dtype: np.dtype[Any]) -> Kernel:
    """A stand-in for a kernel that a package lacks: computes on the CPU and copies there and back."""
    cpu = devices.cpu()
    if device is cpu:
        raise errors.UnimplementedError(
            f"{op.name} has no kernel in {device.package_name!r}, the kernel package of {device}, for {dtype}."
        )
    kernel = op.kernels[cpu][dtype]
    reason = kernel_registry.why_missing(device.package_name, op.name, dtype)
    warnings.warn(f"{op.name} has no kernel for {device}; it runs on the CPU{reason}", RuntimeWarning, stacklevel=6)

    def run(*arrays: Any, **attributes: Any) -> Any:
        if not arrays or arrays[0] is device.handle:
            arrays = (cpu.handle,)
        else:
            arrays = tuple(devices.copy_array(array, device, cpu) for array in arrays)
        value = kernel(*arrays, **attributes)
        if op.several:
            return [devices.copy_array(part, cpu, device) for part in value]
        return devices.copy_array(value, cpu, device)

    return run


class Operation(NamedTuple):
    """One op applied once: what tapes record and graphs hold.

    Attributes:
        op: what was done.
        inputs: the tensors it was done to.
        attributes: its settings, such as an axis.
        output: the tensor that came out, or a tuple of them.
        where: the user's line that asked for it, where that is noted: in graphs.
    """

    op: Op
    inputs: Sequence[Tensor]
    attributes: Mapping[str, Any]
    output: Any
    where: str | None = None

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The output tensors as a tuple, also where there is one."""
        return self.output if self.op.several else (self.output,)
