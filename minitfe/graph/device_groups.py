"""Groups: operations that an accelerator computes by one kernel.

A kernel package may know how to make one kernel of many ops (its function ``fuse``, see `kernel_registry.Group`). This
module finds what to give it: elementwise operations whose results have one shape, wherever in the program they stand,
and reductions of what they made. Whether an op is elementwise the package is asked: it can fuse it alone, or it cannot.

A group runs where its last member stood, so all that it made must not have been read before by anybody else. It is
*open* as long as that is so, and grows. Groups of several shapes may be open at a time; none of them reads from
another. An operation that reads from an open group, and cannot join it, closes it: from there on the results are there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Union

from minitfe.devices import Device
from minitfe.graph.program import Program, is_pure, known_shape, uses
from minitfe.kernel_registry import Group, Kernel, Step
from minitfe.operation import Operation
from minitfe.tensor import Tensor

MOST_STEPS = 48
"""Longer groups gain little, take long to compile, and may have more arguments than a kernel can take."""

REDUCTIONS = {
    "reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_prod", "reduce_all", "reduce_any",
}  # fmt: skip

Shape = tuple[int, ...]


class Fused(NamedTuple):
    """Operations that are one kernel.

    Attributes:
        operations: the members, in their order.
        kernel: takes the arrays of `reads` and returns those of `results`.
    """

    operations: Sequence[Operation]
    kernel: Kernel
    device: Device
    reads: Sequence[Tensor]
    results: Sequence[Tensor]


Unit = Union[Operation, Fused]


def grouped(program: Program, device_of: Callable[[Operation], Device]) -> list[Unit]:
    """The operations of a program, with groups in the place of those that can be one kernel.

    Args:
        device_of: where an operation runs.
    """
    return list(_Grouping(program, device_of).units())


class _Open:
    """A group that may still grow.

    Attributes:
        made: the members by what they make.
        totals: what its reductions make, which no member can read.
        axes: along which it reduces.
    """

    def __init__(self, device: Device, shape: Shape) -> None:
        self.device, self.shape = device, shape
        self.made: dict[Tensor, Operation] = {}
        self.totals: set[Tensor] = set()
        self.axes: frozenset[int] | None = None

    def fits(self, operation: Operation, axes: frozenset[int] | None) -> bool:
        """Whether an operation can be the next member; `axes` are those of a reduction."""
        if len(self.made) >= MOST_STEPS or not self.totals.isdisjoint(operation.inputs):
            return False
        return axes is None or (operation.inputs[0] in self.made and self.axes in (None, axes))

    def add(self, operation: Operation, axes: frozenset[int] | None) -> None:
        """Takes an operation in."""
        self.made[operation.output] = operation
        if axes is not None:
            self.axes = axes
            self.totals.add(operation.output)

    def closed(self, read: Mapping[Tensor, int]) -> list[Unit]:
        """What is to be run, where each tensor is read so often in the program."""
        return self._fused(list(self.made.values()), read)

    def _fused(self, members: Sequence[Operation], read: Mapping[Tensor, int]) -> list[Unit]:
        """Members as one kernel; where that is refused, the halves."""
        inside = Counter(x for member in members for x in member.inputs)
        made = {member.output: None for member in members}
        results = [y for y in made if read[y] > inside[y]]
        if len(members) == 1 or not results:
            return list(members)
        reads = [x for x in inside if x not in made]
        kernel = fuse(self.device, described(self.shape, members, reads, results))
        if kernel is not None:
            return [Fused(members, kernel, self.device, reads, results)]
        middle = len(members) // 2
        return self._fused(members[:middle], read) + self._fused(members[middle:], read)


class _Grouping:
    """Goes through a program once."""

    def __init__(self, program: Program, device_of: Callable[[Operation], Device]) -> None:
        self.program, self.device_of = program, device_of
        self.read = uses(program)
        self.open: dict[tuple[Device, Shape], _Open] = {}
        self.makers: dict[Tensor, _Open] = {}  # by what they make, the groups that are open
        self.asked: dict[str, Shape | None] = {}  # what packages said of operations

    def units(self) -> Iterator[Unit]:
        """What is to be run, in order."""
        for operation in self.program.operations:
            device = self.device_of(operation)
            shape = self._fusible_shape(operation, device)
            if shape is None or self._reduces_what_is_there(operation, device, shape):
                yield from self._close_those_read(operation)
                yield operation
            else:
                yield from self._join(operation, device, shape)
        for group in list(self.open.values()):
            yield from self._close(group)

    def _join(self, operation: Operation, device: Device, shape: Shape) -> Iterator[Unit]:
        axes = axes_of(operation, shape)
        group = self.open.get((device, shape))
        if group is not None and not group.fits(operation, axes):
            yield from self._close(group)
            group = None
        yield from self._close_those_read(operation, group)
        if group is None:
            group = self.open[device, shape] = _Open(device, shape)
        group.add(operation, axes)
        self.makers[operation.output] = group

    def _reduces_what_is_there(self, operation: Operation, device: Device, shape: Shape) -> bool:
        """Whether it is a reduction of what no open group makes along these axes: its own kernel does that as well."""
        axes, group = axes_of(operation, shape), self.open.get((device, shape))
        return axes is not None and (group is None or not group.fits(operation, axes))

    def _close_those_read(self, operation: Operation, but: _Open | None = None) -> Iterator[Unit]:
        for x in operation.inputs:
            group = self.makers.get(x)
            if group is not None and group is not but:
                yield from self._close(group)

    def _close(self, group: _Open) -> Iterator[Unit]:
        del self.open[group.device, group.shape]
        for y in group.made:
            del self.makers[y]
        yield from group.closed(self.read)

    def _fusible_shape(self, operation: Operation, device: Device) -> Shape | None:
        """The shape of the groups that an operation can be a member of; None where it can be of none."""
        if not hasattr(device.package, "fuse") or not is_pure(operation):
            return None
        if operation.op.several or not operation.inputs:
            return None
        kinds = [(x.array.dtype.num, x.array.shape) for x in (*operation.inputs, operation.output)]
        key = f"{device} {operation.op.name} {kinds} {operation.attributes}"
        if key not in self.asked:
            self.asked[key] = fusible_shape(operation, device)
        return self.asked[key]


# ------------------------------------------------------------------------------------------------ what a package says


def fusible_shape(operation: Operation, device: Device) -> Shape | None:
    """The shape of an operation that the package of a device can fuse alone; None where it cannot."""
    shape = known_shape(operation.inputs[0] if operation.op.name in REDUCTIONS else operation.output)
    if shape is None or not all(_stretches(x, shape) for x in operation.inputs):
        return None
    if operation.op.name == "select" and known_shape(operation.inputs[0]) not in (shape, ()):
        return None  # a vector chooses among rows: that is not how shapes are stretched
    reads = list(dict.fromkeys(operation.inputs))
    alone = described(shape, [operation], reads, [operation.output])
    return None if fuse(device, alone) is None else shape


def _stretches(x: Tensor, shape: Shape) -> bool:
    """Whether x can be stretched to a shape."""
    mine = known_shape(x)
    if mine is None or len(mine) > len(shape):
        return False
    return all(n in (1, m) for n, m in zip(mine[::-1], shape[::-1]))


def axes_of(operation: Operation, shape: Shape) -> frozenset[int] | None:
    """The axes that a reduction goes along, counted from 0; None for other operations."""
    if operation.op.name not in REDUCTIONS:
        return None
    axis = operation.attributes["axis"]
    return frozenset(range(len(shape)) if axis is None else [i % len(shape) for i in axis])


def described(shape: Shape, members: Sequence[Operation], reads: Sequence[Tensor], results: Sequence[Tensor]) -> Group:
    """A group in words that a kernel package understands: there are numbers in the place of tensors."""
    numbers = {x: i for i, x in enumerate([*reads, *[member.output for member in members]])}
    steps = [
        Step(member.op.name, tuple(numbers[x] for x in member.inputs), member.attributes, member.output.array.dtype)
        for member in members
    ]
    inputs = tuple((x.array.dtype, tuple(x.array.shape)) for x in reads)
    return Group(shape, inputs, tuple(steps), tuple(numbers[y] for y in results))


def fuse(device: Device, group: Group) -> Any:
    """The package's kernel for a group, or None."""
    return device.package.fuse(group, device.handle)  # type: ignore[attr-defined]
