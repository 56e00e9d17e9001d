"""Plans for accelerators: a program as a list of steps, settled once for where its inputs lie.

Kernels of an accelerator are put into a queue, and take as long as they take; what Python does in between must not
matter. So a plan settles beforehand where each operation runs, what must be copied, which operations are one kernel
(`device_groups`), and when an array is read for the last time. A run goes through the steps. It never waits for the
device, unless an operation has no kernel there.

    placed      the device of each operation, by the rules of eager execution: that of the scope, or else that of an
                accelerator which one of its inputs is on, or else the CPU
    copied      inputs that lie elsewhere, each once in a run; constants once and for all
    run         kernels on arrays: no tensor is made before the end

What lies in an array stays until its last reader is in the queue; then the next array may have its memory. Runs share
nothing but the steps, so that several threads may run one plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from minitfe import context, devices
from minitfe.context import listening
from minitfe.devices import Device, copy_array
from minitfe.execute import failure
from minitfe.graph.device_groups import Fused, Unit, grouped
from minitfe.graph.graph import AtRun, TensorOp, run_operation
from minitfe.graph.program import Program
from minitfe.kernel_registry import Kernel
from minitfe.operation import Operation
from minitfe.profiling import clock
from minitfe.tensor import Tensor
from minitfe.variable import Handle

Values = list[Any]
"""Arrays by their places; variables' handles as they are, since their arrays change."""


class DevicePlan:
    """A program, settled for the devices that its inputs lie on.

    Args:
        program: what it does.
        inputs: tensors like those that it will be given.
        scope: the device scope that it will run in.
        fuses: whether packages may make one kernel of several operations.

    Attributes:
        units: operations and groups of them, in order.
    """

    def __init__(self, program: Program, inputs: Sequence[Tensor], scope: Device | None, fuses: bool) -> None:
        self._first: Values = []
        self._places: dict[tuple[Tensor, Device], int] = {}
        self._copies = False
        self._steps: list[Step] = []
        placement = Placement(program, inputs, scope)
        self._homes = placement.homes
        self._inputs = [(self._new_place(x, placement.homes[x]), isinstance(given, Handle))
                        for x, given in zip(program.inputs, inputs)]  # fmt: skip
        self.units: Sequence[Unit] = grouped(program, placement.device_of) if fuses else list(program.operations)
        for unit in self.units:
            self._add(unit, unit.device if isinstance(unit, Fused) else placement.device_of(unit))
        self._outputs = [(self._place(y, self._homes[y]), self._homes[y]) for y in program.outputs]
        self._timed: DevicePlan | None = None
        self._calls_python = any(isinstance(step, PythonStep) for step in self._steps)
        self._let_go()

    def serves(self) -> bool:
        """Whether it may run now: programs that want to know of copies run operation by operation."""
        return not self._copies or context.device_policy() == context.DEVICE_PLACEMENT_SILENT

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Runs the program and returns the outputs: tensors of their own."""
        values = self._first.copy()
        for (place, is_handle), x in zip(self._inputs, inputs):
            values[place] = x if is_handle else x.array
        if self._calls_python:
            with listening(interpreter=None, tapes=()):
                self._go_through(values)
        else:
            self._go_through(values)
        return [Tensor(values[place], home) for place, home in self._outputs]

    def run_timed(self, inputs: Sequence[Tensor], name: str) -> list[Tensor]:
        """The same, with the clock read around each kernel; the device is waited for each time.

        Args:
            name: what the call shall be known as.
        """
        timed = self._timed
        if timed is None:
            with clock.aside():
                timed = copy(self)
                timed._steps = [step.timed() for step in self._steps]
            self._timed = timed
        with clock.during(clock.CALL, name):
            return timed.run(inputs)

    def _go_through(self, values: Values) -> None:
        for step in self._steps:
            try:
                step.run(values)
            except Exception as error:
                raise step.explained(values, error) from None
            for place in step.last:
                values[place] = None

    # ---------------------------------------------------------------------------------------------------- settling

    def _add(self, unit: Unit, device: Device) -> None:
        """Appends the step for an operation or a group, after the copies that it needs."""
        reads, makes = (unit.reads, unit.results) if isinstance(unit, Fused) else (unit.inputs, unit.outputs)
        as_they_are = _takes_as_they_are(unit)
        sources = [self._place(x, self._homes[x] if as_they_are else device) for x in reads]
        if isinstance(unit, Fused):
            step: Step = FusedStep(unit, device, sources)
        elif unit.op.name == "read_variable":
            step = ReadStep(unit, device, sources)
        elif isinstance(unit.op, TensorOp):
            step = PythonStep(unit, device, sources, [self._homes[x] for x in (*reads, *makes)])
        else:
            step = KernelStep(unit, device, sources)
        step.results = [self._new_place(y, self._homes[y]) for y in makes]
        self._steps.append(step)

    def _new_place(self, x: Tensor, device: Device, value: Any = None) -> int:
        self._first.append(value)
        self._places[x, device] = len(self._first) - 1
        return len(self._first) - 1

    def _place(self, x: Tensor, device: Device) -> int:
        """Where the array of a tensor is to be found on a device; it is copied there, if it is not."""
        if (x, device) in self._places:
            return self._places[x, device]
        home = self._homes[x]
        if (x, home) not in self._places:  # a constant, or the handle of a variable
            self._new_place(x, home, x if isinstance(x, Handle) else x.array)
        if home is device:
            return self._places[x, home]
        self._copies = True
        source = self._places[x, home]
        if self._first[source] is not None:
            return self._new_place(x, device, copy_array(self._first[source], home, device))
        step = CopyStep(x, home, device, source)
        step.results = [self._new_place(x, device)]
        self._steps.append(step)
        return step.results[0]

    def _let_go(self) -> None:
        """Says after which step each array may go."""
        kept = {place for place, value in enumerate(self._first) if value is not None}
        kept.update(place for place, _ in self._outputs)
        for step in reversed(self._steps):
            step.last = [place for place in dict.fromkeys([*step.sources, *step.results]) if place not in kept]
            kept.update(step.last)


def _takes_as_they_are(unit: Unit) -> bool:
    """Whether an operation takes its inputs from where they lie: handles, and what Python functions are given."""
    return not isinstance(unit, Fused) and (isinstance(unit.op, TensorOp) or unit.op.name == "read_variable")


class Placement:
    """Where the operations of a program run, and where what they make lies.

    Attributes:
        homes: the device of each tensor.
    """

    def __init__(self, program: Program, inputs: Sequence[Tensor], scope: Device | None) -> None:
        self.scope = scope
        self.homes: dict[Tensor, Device] = {x: given.home for x, given in zip(program.inputs, inputs)}
        self._devices: dict[int, Device] = {}
        for operation in program.operations:
            for x in operation.inputs:
                self.homes.setdefault(x, x.home)
            device = self._devices[id(operation)] = self._chosen(operation)
            self.homes.update((y, _home(y, device)) for y in operation.outputs)
            if operation.op.name == "assign_variable":
                self.homes[operation.output] = self.homes[operation.inputs[1]]
        for y in program.outputs:
            self.homes.setdefault(y, y.home)

    def device_of(self, operation: Operation) -> Device:
        """Where an operation runs."""
        return self._devices[id(operation)]

    def _chosen(self, operation: Operation) -> Device:
        if any(x.array.dtype.kind == "O" for x in operation.inputs):
            return devices.cpu()  # strings never leave it
        homes = [self.homes[x] for x in operation.inputs]
        if self.scope is not None or not homes:
            return self.scope or devices.default()
        return next((home for home in homes if home.type != "CPU"), homes[0])


def _home(y: Tensor, device: Device) -> Device:
    return devices.cpu() if y.array.dtype.kind == "O" else device


# ------------------------------------------------------------------------------------------------------------- steps


class Step:
    """Something to do in each run.

    Attributes:
        device: where.
        sources: the places of what it reads.
        results: the places of what it makes.
        last: the places that nobody reads after it.
    """

    def __init__(self, device: Device, sources: Sequence[int]) -> None:
        self.device, self.sources = device, sources
        self.results: Sequence[int] = ()
        self.last: Sequence[int] = ()

    def run(self, values: Values) -> None:
        """Reads values and puts others beside them."""
        raise NotImplementedError

    def explained(self, values: Values, error: Exception) -> Exception:
        """The error as eager execution would have raised it."""
        return error

    def timed(self) -> Step:
        """The same step, with the clock read around its kernel, if it has one."""
        return self


class KernelStep(Step):
    """Calls the kernel of an op."""

    def __init__(self, operation: Operation, device: Device, sources: Sequence[int]) -> None:
        super().__init__(device, sources)
        self.operation, self.op = operation, operation.op
        self.dtype = operation.inputs[0].array.dtype if operation.inputs else operation.attributes["dtype"].numpy
        self.kernel: Kernel | None = None  # in the place of the op's own
        self.varies = any(type(value) is AtRun for value in operation.attributes.values())

    def run(self, values: Values) -> None:
        """Looks the kernel up each time: it may have been exchanged."""
        attributes: Mapping[str, Any] = self.operation.attributes
        if self.varies:
            attributes = {name: x.find() if type(x) is AtRun else x for name, x in attributes.items()}
        arrays = [values[place] for place in self.sources] or [self.device.handle]
        kernel = self.kernel or self.op.kernels[self.device][self.dtype]
        found = kernel(*arrays, **attributes)
        for place, array in zip(self.results, found if self.op.several else (found,)):
            values[place] = array

    def explained(self, values: Values, error: Exception) -> Exception:
        """Knows the arrays that the kernel was given."""
        inputs = [Tensor(values[place], self.device) for place in self.sources]
        return failure(self.op, inputs, self.operation.attributes, self.device, error)

    def timed(self) -> Step:
        """Knows the line that was traced."""
        op, where = self.op, self.operation.where
        kernel = op.kernels[self.device].unwatched(self.dtype)
        return _with_kernel(self, clock.Work(op.name, clock.KERNEL, str(self.device), where), kernel, op.several)


class FusedStep(Step):
    """Calls the kernel of a group."""

    def __init__(self, group: Fused, device: Device, sources: Sequence[int]) -> None:
        super().__init__(device, sources)
        self.kernel, self.operations, self.last_operation = group.kernel, group.operations, group.operations[-1]

    def run(self, values: Values) -> None:
        """Calls the one kernel."""
        found = self.kernel(*[values[place] for place in self.sources])
        for place, array in zip(self.results, found):
            values[place] = array

    def explained(self, values: Values, error: Exception) -> Exception:
        """Speaks for the last member, since the shapes of all are known to fit."""
        op, inputs, attributes = self.last_operation[:3]
        return failure(op, inputs, attributes, self.device, error)

    def timed(self) -> Step:
        """Is called after its members."""
        name = clock.name_of_group(member.op.name for member in self.operations)
        work = clock.Work(name, clock.KERNEL, str(self.device), self.operations[0].where)
        return _with_kernel(self, work, self.kernel, several=True)


def _with_kernel(step: Any, work: clock.Work, kernel: Kernel, several: bool) -> Step:
    """A step whose kernel is timed."""
    timed: Step = copy(step)
    timed.kernel = clock.timed_kernel(work, step.device, kernel, several)  # type: ignore[attr-defined]
    return timed


class ReadStep(Step):
    """Reads a variable."""

    def __init__(self, operation: Operation, device: Device, sources: Sequence[int]) -> None:
        super().__init__(device, sources)
        self.op = operation.op

    def run(self, values: Values) -> None:
        """Takes the array that the handle has now."""
        handle = values[self.sources[0]]
        array = self.op.kernels[self.device][handle.array.dtype](handle.array)
        values[self.results[0]] = copy_array(array, handle.home, self.device)


class CopyStep(Step):
    """Copies an array to another device."""

    def __init__(self, x: Tensor, home: Device, device: Device, source: int) -> None:
        super().__init__(device, [source])
        self.home = home

    def run(self, values: Values) -> None:
        """Copies by way of the host: where that waits, eager execution waits too."""
        values[self.results[0]] = copy_array(values[self.sources[0]], self.home, self.device)


class PythonStep(Step):
    """Calls a function of tensors: a branch, a loop, or the assignment to a variable."""

    def __init__(self, operation: Operation, device: Device, sources: Sequence[int], homes: Sequence[Device]) -> None:
        super().__init__(device, sources)
        self.operation = operation
        self.homes, self.homes_of_results = homes[: len(sources)], homes[len(sources) :]

    def run(self, values: Values) -> None:
        """Makes tensors, and takes their arrays."""
        op, _, attributes = self.operation[:3]
        found = [values[place] for place in self.sources]
        tensors = [x if isinstance(x, Handle) else Tensor(x, home) for x, home in zip(found, self.homes)]
        result = run_operation(op, tensors, attributes)
        for place, home, y in zip(self.results, self.homes_of_results, result if op.several else (result,)):
            values[place] = copy_array(y.array, y.home, home)
