"""Many ops in one kernel: what `fuse` makes of a group of elementwise ops, and of reductions at their end.

Ten ops on a million numbers read and write megabytes ten times, though each needs but a few microseconds of arithmetic.
Here they become one kernel, which reads each number once, keeps what is between in registers, and writes what is
wanted. Its text is put together from the expressions that the ops have anyway: ``fused_steps`` writes an op as a line,
and ``fused_text`` what goes around the lines.

So it computes what the ops one by one would, but for the order of additions in sums; and a compiler may round a product
and a sum at once.

Compiling takes long. So nothing is compiled before it is called, then all kernels that wait for it are compiled
together, and each is kept by its text: sizes are no part of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from math import prod
from typing import Any
from weakref import WeakSet

import numpy as np

from . import math
from .elementwise import number, stretched
from .fused_steps import REDUCTIONS, NotFusible
from .fused_text import KernelText
from .programs import build, defined, source, typed
from .reduction import normalized
from .runtime import Array, Device, empty

Shape = tuple[int, ...]


def fuse(group: Any, device: Device) -> Fused | None:
    """One kernel for a group of ops, or None where one of them cannot be a part of such a kernel.

    Args:
        group: has `shape`, `inputs`, `steps` and `results`; minitfe.kernel_registry.Group says what these are.
        device: where it is to run.
    """
    try:
        return Fused(group, device)
    except NotFusible:
        return None


class Fused:
    """A kernel function for a group: takes its inputs as arrays, and returns a list of its results.

    Attributes:
        ways: how each input is read: "whole"; "number", the same for all; "row", starting again with each row;
            "column", one number for each row; or "stretched", written out in full beforehand.
        text: the kernel's source, but for its name.
        functions: what its program must have before it.
    """

    def __init__(self, group: Any, device: Device) -> None:
        self.group, self.device = group, device
        self.dtypes = [dtype for dtype, _ in group.inputs] + [step.dtype for step in group.steps]
        if not prod(group.shape) or not all(map(device.has, self.dtypes)):
            raise NotFusible("nothing to do, or a dtype that the device lacks")
        if 8 * (2 * len(group.inputs) + len(group.results) + 8) > device.device.max_parameter_size:
            raise NotFusible("more arguments than a kernel can take")
        self.reductions = {i: step for i, step in enumerate(group.steps, len(group.inputs)) if step.op in REDUCTIONS}
        self.rows, self.length = self._rows()
        self.ways = [self._way(shape) for _, shape in group.inputs]
        written = KernelText(group, self.ways, self.rows > 1, device.tuning)
        self.text, self.functions, self.whole = written.text, written.functions, written.written
        self.name = f"fused_{sha256(self.text.encode()).hexdigest()[:12]}"
        self.kernel: Any = None
        with device.lock:
            waiting_on(device).add(self)

    # ----------------------------------------------------------------------------------------------- what is to be done

    def _rows(self) -> tuple[int, int]:
        """How many rows are reduced, and how long they are; all is one row, where all is reduced or nothing."""
        shape, steps = self.group.shape, self.reductions.values()
        if not steps:
            return 1, prod(shape)
        if any(self._is_hard_to_reduce(step) for step in steps):
            raise NotFusible("a sum that may need more than its dtype")
        axes, *others = {frozenset(normalized(step.attributes["axis"], len(shape))) for step in steps}
        kept = [i for i, size in enumerate(shape) if i not in axes and size > 1]
        length = prod(shape[i] for i in axes)
        rows = prod(shape) // length
        if others or any(i < max(kept) for i in axes if kept and shape[i] > 1):
            raise NotFusible("axes that are not the last")
        if rows > 1 and length < self.device.tuning.lanes:
            raise NotFusible("rows that are shorter than a vector")
        return rows, length

    def _is_hard_to_reduce(self, step: Any) -> bool:
        is_half, is_mean_of_integers = step.dtype == np.float16, step.op == "reduce_mean" and step.dtype.kind != "f"
        return is_half or is_mean_of_integers or step.dtype != self.dtypes[step.operands[0]]

    def _way(self, shape: Shape) -> str:
        """How an input of that shape is read."""
        whole, size = self.group.shape, prod(shape)
        if size == 1:
            return "number"
        full = (1,) * (len(whole) - len(shape)) + tuple(shape)
        if full == whole:
            return "whole"
        filled = [i for i, n in enumerate(full) if n > 1]
        repeated = [i for i, (n, m) in enumerate(zip(full, whole)) if n != m]
        if max(repeated) < min(filled) and self._is_a_row(size):
            return "row"
        return "column" if max(filled) < min(repeated) and self._is_a_column(size) else "stretched"

    def _is_a_row(self, size: int) -> bool:
        return size == self.length if self.rows > 1 else size % self.device.tuning.lanes == 0

    def _is_a_column(self, size: int) -> bool:
        copies = prod(self.group.shape) // size
        return size == self.rows if self.rows > 1 else copies % self.device.tuning.lanes == 0

    # -------------------------------------------------------------------------------------------------------- running

    def __call__(self, *arrays: Array) -> list[Array]:
        """Queues the kernel."""
        inputs = [self._readable(*pair) for pair in zip(arrays, self.group.inputs, self.ways)]
        kernel = self.kernel or compiled(self)
        results = {i: empty(self.device, self.group.shape, self.dtypes[i]) for i in self.whole}
        partial = self._launch(kernel, [*inputs, *results.values()])
        for (i, step), x in zip(self.reductions.items(), partial):
            results[i] = self._total(step, x)
        return [results[i] for i in self.group.results]

    def _readable(self, x: Array, announced: tuple[Any, Shape], way: str) -> Array:
        dtype, shape = announced
        if x.dtype != dtype or x.size != prod(shape):
            raise ValueError(f"an array of {x.dtype} and shape {x.shape}, where {dtype} and {shape} was announced")
        return stretched(x.reshape(*shape), self.group.shape) if way == "stretched" else x

    def _launch(self, kernel: Any, arrays: Sequence[Array]) -> list[Array]:
        """Runs the kernel, and returns partial results: for each row one number from each group of work-items."""
        device, tuning = self.device, self.device.tuning
        chunk = (tuning.chunk if self.reductions else tuning.run * tuning.lanes) * tuning.group
        chunks = -(-self.length // chunk)
        partial = [empty(device, (self.rows, chunks), step.dtype) for step in self.reductions.values()]
        buffers = [x.buffer for x in (*arrays, *partial)]
        if self.rows > 1:
            together = max(1, chunk // self.length) if tuning.group == 1 else 1
            items = chunks * tuning.group, -(-self.rows // together)
            device.launch(kernel, items, *buffers, self.rows, self.length, chunk, chunks, together)
        else:
            device.launch(
                kernel, (chunks * tuning.group,), *buffers, self.length, chunk // tuning.lanes, *self._periods()
            )
        return partial

    def _periods(self) -> list[int]:
        """In vectors: how many there are in a row that starts again, or how many share one number."""
        lanes, whole = self.device.tuning.lanes, prod(self.group.shape)
        sizes = [(way, prod(shape)) for way, (_, shape) in zip(self.ways, self.group.inputs)]
        return [(size if way == "row" else whole // size) // lanes for way, size in sizes if way in ("row", "column")]

    def _total(self, step: Any, partial: Array) -> Array:
        """The result of a reduction, from what the groups of work-items left."""
        if partial.shape[1] > 1:
            partial = REDUCTIONS[step.op].rows(partial, *partial.shape)
        shape, axes = self.group.shape, normalized(step.attributes["axis"], len(self.group.shape))
        if step.attributes["keepdims"]:
            kept = [1 if i in axes else size for i, size in enumerate(shape)]
        else:
            kept = [size for i, size in enumerate(shape) if i not in axes]
        total = partial.reshape(*kept)
        return math.realdiv(total, number(total, self.length)) if step.op == "reduce_mean" else total


# ----------------------------------------------------------------------------------------------------------- compiling

_waiting: dict[Device, WeakSet[Fused]] = {}


def waiting_on(device: Device) -> WeakSet[Fused]:
    """The kernels that nobody has called yet. Those that nobody kept are not among them, and never compiled."""
    return _waiting.setdefault(device, WeakSet())


def compiled(wanted: Fused) -> Any:
    """The kernel, ready to be queued. All that wait are compiled with it, in one program: that is far sooner done."""
    device = wanted.device
    with device.lock:
        waiting = {fused.name: fused for fused in (*waiting_on(device), wanted)}
        new = [waiting[name] for name in sorted(waiting) if ("fused", name) not in device.kernels]
        if new:
            program = build(device, "fused.cl", program_text(device, new))
            device.kernels.update({("fused", fused.name): typed(program, fused.name) for fused in new})
        for fused in (*waiting_on(device), wanted):
            fused.kernel = device.kernels["fused", fused.name]
        waiting_on(device).clear()
    return wanted.kernel


def program_text(device: Device, kernels: Sequence[Fused]) -> str:
    """The kernels, after what they need before them, each thing once.

    For the same kernels it is the same in each process, so that the driver finds it among those that it keeps on disk.
    """
    functions = dict.fromkeys(text for fused in kernels for text in fused.functions)
    macros = defined(LANES=device.tuning.lanes, GROUP=device.tuning.group)
    return (
        macros
        + source("common.cl")
        + "".join(functions)
        + "\n".join(fused.text.replace("NAME", fused.name) for fused in kernels)
    )
