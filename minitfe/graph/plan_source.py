"""How a plan's source is written: one line after the other, from a program.

Each tensor gets a name. What lies in a buffer, and each view of such a thing, is made once, in `make`; the rest in each
run. So a value is either *standing*, an array that is there from the beginning, or made on the way, and then let go
after it was read for the last time.

The writer makes the standing arrays as well, without touching their memory, to see what numpy makes of them: whether a
reshape is a view, or a copy that must be made anew each time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minitfe import devices
from minitfe.dtypes import DType
from minitfe.graph.forms import VIEWS, Form, elementwise, form_of, size
from minitfe.graph.graph import AtRun, TensorOp, run_operation
from minitfe.graph.passes.fusion import TILE, fused_op
from minitfe.graph.program import Program, is_constant, known_shape
from minitfe.operation import Operation
from minitfe.profiling import clock
from minitfe.tensor import Tensor
from minitfe.variable import Handle, Variable

INDENT = "    "
WORTH_DELETING = 1 << 12
"""Bytes: smaller arrays may stay until the run ends."""


class Line(NamedTuple):
    """A line of source, and the operation that it is for."""

    text: str
    operation: Operation | None = None


def write_source(program: Program, timed: bool = False) -> tuple[str, list[Line], dict[str, Any]]:
    """Returns the source, its lines, and what its names mean.

    Args:
        timed: whether to read the clock around each step.
    """
    writer = _Writer(program, timed)
    lines = writer.lines()
    return "\n".join(line.text for line in lines) + "\n", lines, writer.names


class _Writer:
    """Writes the source of one program.

    Attributes:
        names: what is the same in all runs: numpy's functions, kernels, constants, handles.
        standing: of the tensors that are there from the beginning, an array like theirs.
    """

    def __init__(self, program: Program, timed: bool) -> None:
        self.program = program
        self.timed = timed
        self.names: dict[str, Any] = {"__name__": "minitfe.graph.plan"}  # its warnings are those of kernels
        self.setup: list[Line] = []
        self.body: list[Line] = []
        self.called: dict[Tensor, str] = {}
        self.standing: dict[Tensor, np.ndarray[Any, Any]] = {}
        self.last = _last_readings(program)
        self.copied = 0  # parts of wholes so far that are copied there
        self.views: set[str] = set()  # the names of further views, made once

    def lines(self) -> list[Line]:
        """Writes all, and returns the lines in order."""
        arguments = [self.call(x, "x") for x in self.program.inputs]
        self._buffers()
        for number, operation in enumerate(self.program.operations):
            start = len(self.body)
            self._operation(operation)
            if self.timed and len(self.body) > start:
                self._time(operation, start)
            self._let_go(operation, number)
        self.body.append(Line(f"return [{', '.join(map(self.name, self.program.outputs))}]"))
        return [
            Line("def make():"),
            *[line._replace(text=INDENT + line.text) for line in self.setup],
            Line(f"{INDENT}def run({', '.join(arguments)}):"),
            *[line._replace(text=2 * INDENT + line.text) for line in self.body],
            Line(f"{INDENT}return run"),
        ]

    # ------------------------------------------------------------------------------------------------------- names

    def call(self, x: Tensor, letter: str = "v") -> str:
        """Gives a tensor a new name."""
        self.called[x] = f"{letter}{len(self.called)}"
        return self.called[x]

    def name(self, x: Tensor) -> str:
        """What the array of a tensor is called; what comes from outside gets its name here."""
        if isinstance(x, Handle):
            return f"{self._handle(x)}.array"
        if x not in self.called:
            self.names[self.call(x, "c")] = x.array
            if is_constant(x) and isinstance(x.array, np.ndarray):
                self.standing[x] = x.array
        return self.called[x]

    def given(self, name: str, thing: Any) -> str:
        """Makes something known under a name, or under one with a number where that is taken."""
        plain = name = re.sub(r"\W", "_", name)
        number = 1
        while name in self.names and self.names[name] is not thing:
            number += 1
            name = f"{plain}_{number}"
        self.names[name] = thing
        return name

    def write(self, text: str, operation: Operation | None = None) -> None:
        """Adds a line to the run."""
        self.body.append(Line(text, operation))

    def once(self, text: str, operation: Operation | None = None) -> None:
        """Adds a line to what is done once."""
        self.setup.append(Line(text, operation))

    def _time(self, operation: Operation, start: int) -> None:
        """Puts the clock around the lines of an operation."""
        begin, end = self.given("begin", clock.begin), self.given("end", clock.end)
        step = self.given("step", _work(operation))
        inputs = "".join(f"{self.name(x)}, " for x in operation.inputs)
        outputs = "".join(f"{self.called[y]}, " for y in operation.outputs if y in self.called)
        self.body.insert(start, Line(f"{begin}({step})"))
        self.write(f"{end}(({inputs}), ({outputs}))")

    # ----------------------------------------------------------------------------------------------------- memory

    def _buffers(self) -> None:
        self.given("empty", np.empty)
        self.given("ndarray", np.ndarray)
        sizes: dict[int, int] = {}
        for x, number in self.program.buffers.items():
            sizes[number] = max(sizes.get(number, 0), size(x.array.shape) * x.array.dtype.itemsize)
        # What the writer looks at may all lie in one place, since nothing is written there.
        self.memory = np.empty(max(sizes.values(), default=0), "u1")
        for number, count in sizes.items():
            self.once(f"b{number} = empty({count}, 'u1')")

    def _stand(self, y: Tensor) -> str:
        """Makes the array of a tensor that lives in a buffer, if it is not there."""
        if y in self.standing:
            return self.called[y]
        shape, dtype = y.array.shape, y.array.dtype
        if y in self.program.parts:
            whole, axis, begin = self.program.parts[y]
            self._stand(whole)
            key = (slice(None),) * axis + (slice(begin, begin + shape[axis]),)
            self.standing[y] = self.standing[whole][key]
            self.once(f"{self.call(y)} = {self.called[whole]}[{_key_text(key)}]")
        else:
            self.standing[y] = np.ndarray(shape, dtype, self.memory)
            self.once(f"{self.call(y)} = ndarray({shape}, '{dtype.str}', b{self.program.buffers[y]})")
        return self.called[y]

    def _is_kept(self, y: Tensor) -> bool:
        return y in self.program.buffers or y in self.program.parts

    def _let_go(self, operation: Operation, number: int) -> None:
        """Deletes what was made on the way and is not read again."""
        gone = [
            self.called[x]
            for x in dict.fromkeys([*operation.inputs, *operation.outputs])
            if self.last.get(x, number) == number and x in self.called and self._can_go(x)
        ]
        if gone:
            self.write(f"del {', '.join(gone)}")

    def _can_go(self, x: Tensor) -> bool:
        if x in self.standing or not self.called.get(x, "").startswith("v"):
            return False
        shape = known_shape(x)
        return shape is None or size(shape) * x.array.dtype.itemsize >= WORTH_DELETING

    # -------------------------------------------------------------------------------------------------- operations

    def _operation(self, operation: Operation) -> None:
        op = operation.op
        if op is fused_op:
            self._loop(operation)
        elif op.name == "read_variable":
            (handle,) = operation.inputs
            self.write(f"{self.call(operation.output)} = {self._handle(handle)}.array", operation)
        elif op.name == "assign_variable":
            self._assignment(operation)
        elif isinstance(op, TensorOp):
            self._tensor_op(operation)
        elif self._is_view(operation):
            self._view(operation)
        elif self._is_kept(operation.outputs[0]):
            self._formed(operation)
        else:
            self._kernel(operation)

    def _handle(self, handle: Tensor) -> str:
        return self.given("variable", handle)

    def _kernel(self, operation: Operation) -> None:
        """Calls the kernel, which makes new arrays."""
        call = self._kernel_call(operation)
        targets = ", ".join(map(self.call, operation.outputs))
        comma = "," if operation.op.several and len(operation.outputs) == 1 else ""
        self.write(f"{targets}{comma} = {call}", operation)

    def _kernel_call(self, operation: Operation) -> str:
        op, inputs = operation.op, operation.inputs
        table = op.kernels[devices.cpu()]
        try:
            kernel = table.unwatched(inputs[0].array.dtype if inputs else operation.attributes["dtype"].numpy)
        except Exception as error:
            kernel = _raising(error)
        arguments = list(map(self.name, inputs)) or [self.given("cpu", devices.cpu().handle)]
        arguments += [f"{name}={self._attribute(value)}" for name, value in operation.attributes.items()]
        return f"{self.given(f'kernel_{op.name}', kernel)}({', '.join(arguments)})"

    def _attribute(self, value: Any) -> str:
        if type(value) is AtRun:
            return f"{self.given('seed', value.find)}()"
        if isinstance(value, DType):
            return self.given(f"dtype_{value.name}_", value)
        return repr(value) if _is_plain(value) else self.given("setting", value)

    def _assignment(self, operation: Operation) -> None:
        value = self.name(operation.inputs[1])
        assign = self.given("assign", _Assignment(operation.attributes["variable"]))
        self.write(f"{assign}({value})", operation)
        if operation.output in self.last:
            self.write(f"{self.call(operation.output)} = {value}", operation)

    def _tensor_op(self, operation: Operation) -> None:
        call = self.given(f"call_{operation.op.name}", _TensorCall(operation))
        arguments = [self.name(x) for x in operation.inputs if not isinstance(x, Handle)]
        targets = ", ".join(map(self.call, operation.outputs))
        comma = "," if len(operation.outputs) == 1 else ""
        self.write(f"{targets}{comma} = {call}({', '.join(arguments)})", operation)

    # ------------------------------------------------------------------------------------------------------ views

    def _is_view(self, operation: Operation) -> bool:
        """Whether the outputs are views of an array that is there from the beginning."""
        if operation.op.name not in VIEWS:
            return False
        for x in operation.inputs:
            self.name(x)
        return all(x in self.standing for x in operation.inputs) and self._views(operation) is not None

    def _views(self, operation: Operation) -> list[Any] | None:
        arrays = [self.standing[x] for x in operation.inputs]
        try:
            kernel = operation.op.kernels[devices.cpu()].unwatched(arrays[0].dtype)
            found = kernel(*arrays, **operation.attributes)
        except Exception:
            return None
        views = list(found) if operation.op.several else [found]
        return views if all(np.may_share_memory(view, arrays[0]) for view in views) else None

    def _view(self, operation: Operation) -> None:
        self.standing.update(zip(operation.outputs, self._views(operation) or ()))
        call = self._kernel_call(operation)
        targets = ", ".join(map(self.call, operation.outputs))
        comma = "," if operation.op.several and len(operation.outputs) == 1 else ""
        self.once(f"{targets}{comma} = {call}", operation)

    # ------------------------------------------------------------------------------------------------------ forms

    def _formed(self, operation: Operation) -> None:
        """Writes the result into its buffer."""
        if operation.op.name == "concat" and any(self._is_in_place(x, operation) for x in operation.inputs):
            self._rest_of_whole(operation)
            return
        output = self._stand(operation.output)
        form = form_of(operation)
        assert form is not None
        self._statements(form, list(map(self.name, operation.inputs)), output, operation)

    def _statements(self, form: Form, inputs: Sequence[str], output: str, operation: Operation) -> None:
        for name, thing in form.names.items():
            self.names[name] = thing
        for statement in form.text.split("; "):
            self.write(self._turned_once(statement.format(*inputs, o=output)), operation)

    def _stands(self, name: str) -> bool:
        return any(self.called[x] == name for x in self.standing)

    def _turned_once(self, statement: str) -> str:
        """A statement in which standing arrays that it transposes are views that were made once."""
        for name in re.findall(r"(\w+)\.mT", statement):
            if self._stands(name):
                if f"{name}T" not in self.views:
                    self.views.add(f"{name}T")
                    self.once(f"{name}T = {name}.mT")
                statement = statement.replace(f"{name}.mT", f"{name}T")
        return statement

    def _is_in_place(self, x: Tensor, operation: Operation) -> bool:
        return x in self.program.parts and self.program.parts[x][0] is operation.output

    def _rest_of_whole(self, operation: Operation) -> None:
        """Copies those parts that were not written straight into their places."""
        whole, axis, begin = self._stand(operation.output), operation.attributes["axis"], 0
        for x in operation.inputs:
            end = begin + x.array.shape[axis]
            if not self._is_in_place(x, operation):
                self.copied += 1
                key = (slice(None),) * axis + (slice(begin, end),)
                self.once(f"p{self.copied} = {whole}[{_key_text(key)}]")
                self._statements(COPY, [self.name(x)], f"p{self.copied}", operation)
            begin = end

    # ------------------------------------------------------------------------------------------------------ loops

    def _loop(self, operation: Operation) -> None:
        """Writes a group of elementwise operations as a loop over tiles."""
        _Loop(self, operation).write()


COPY = elementwise("copyto({o}, {0})")


class _Loop:
    """A loop over the tiles of a group."""

    def __init__(self, writer: _Writer, operation: Operation) -> None:
        self.writer, self.operation = writer, operation
        self.group: Sequence[Operation] = operation.attributes["operations"]
        self.count = size(self.group[0].output.array.shape)
        self.pieces: dict[Tensor, str] = {}
        self.heads: list[tuple[str, Operation]] = []
        self.rows: list[str] = []  # what would keep arrays alive after the loop
        self.tiles: dict[str, np.dtype[Any]] = {}
        self.free: dict[np.dtype[Any], list[str]] = {}
        self.last = {x: number for number, member in enumerate(self.group) for x in member.inputs}

    def write(self) -> None:
        """Writes what comes before the loop, the loop, and what comes after."""
        writer, body, sums = self.writer, [], []
        label = f"{len(writer.called)}"
        for number, member in enumerate(self.group):
            if member.op.name in ("reduce_sum", "reduce_mean"):
                sums.append(member)
                body.append((f"s{label}_{len(sums)}.append(add_reduce({self.piece(member.inputs[0])}))", member))
            else:
                body += self._member(member, number)
        self._before(label, sums)
        names = ", ".join(["at", *self.tiles])
        writer.write(f"for {names} in tiles{label}:" if self.tiles else f"for at, in tiles{label}:", self.operation)
        for text, member in [*self.heads, *body]:
            writer.write(INDENT + text, member)
        self._after(label, sums)

    def piece(self, x: Tensor) -> str:
        """What the present tile of a tensor is called; numbers have none."""
        if x in self.pieces:
            return self.pieces[x]
        writer = self.writer
        if known_shape(x) == ():
            return writer.name(x)
        return self._whole(x, writer.name(x))

    def _whole(self, x: Tensor, name: str) -> str:
        """Writes down that the present tile is cut out of a whole array, looked at as one row."""
        writer = self.writer
        flat = f"{name}f"
        if x in writer.standing and writer.standing[x].flags.c_contiguous:
            if flat not in writer.views:
                writer.views.add(flat)
                writer.once(f"{flat} = {name}.reshape(-1)")
        else:
            writer.write(f"{flat} = {name}.reshape(-1)", self.operation)
            self.rows += [flat, f"{name}t"]
        self.heads.append((f"{name}t = {flat}[at]", self.operation))
        self.pieces[x] = f"{name}t"
        return self.pieces[x]

    def _member(self, member: Operation, number: int) -> list[tuple[str, Operation]]:
        form = form_of(member)
        assert form is not None
        inputs = [self.piece(x) for x in member.inputs]
        self.writer.names.update(form.names)
        output = self._target(member, number, form)
        return [(text.format(*inputs, o=output), member) for text in form.text.split("; ")]

    def _target(self, member: Operation, number: int, form: Form) -> str:
        """Where a tile of the output goes: into the whole, if that is wanted, or a tile's memory that is free."""
        y, writer = member.output, self.writer
        if y in self.operation.outputs:
            if writer._is_kept(y):
                name = writer._stand(y)
            else:
                name = writer.call(y)
                shape, dtype = y.array.shape, y.array.dtype.str
                writer.write(f"{name} = empty({shape}, '{dtype}')", self.operation)
            self._release(member, number)
            return self._whole(y, name)
        dtype = y.array.dtype
        dying = [self.pieces[x] for x in member.inputs if self._is_last(x, number) and self.pieces[x] in self.tiles]
        onto = [self.pieces.get(member.inputs[i]) for i in form.onto]
        self._release(member, number)
        found = next((tile for tile in onto if tile in dying and self.tiles[tile] == dtype), None)
        others = [self.pieces.get(x) for i, x in enumerate(member.inputs) if i not in form.onto]
        if found is None or found in others:
            ready = [tile for tile in self.free.get(dtype, []) if tile not in dying]
            found = ready[-1] if ready else self._new_tile(dtype)
        if found in self.free.get(dtype, []):
            self.free[dtype].remove(found)
        self.pieces[y] = found
        return found

    def _new_tile(self, dtype: np.dtype[Any]) -> str:
        name = f"t{len(self.tiles)}"
        self.tiles[name] = dtype
        return name

    def _is_last(self, x: Tensor, number: int) -> bool:
        return self.last.get(x) == number and x in self.pieces

    def _release(self, member: Operation, number: int) -> None:
        for x in dict.fromkeys(member.inputs):
            if self._is_last(x, number) and self.pieces[x] in self.tiles:
                self.free.setdefault(self.tiles[self.pieces[x]], []).append(self.pieces[x])

    def _before(self, label: str, sums: Sequence[Operation]) -> None:
        writer = self.writer
        writer.given("add_reduce", np.add.reduce)
        writer.given("tiles_of", _tiles)
        dtypes = ", ".join(f"'{dtype.str}'" for dtype in self.tiles.values())
        writer.once(f"tiles{label} = tiles_of({self.count}, {dtypes})")
        for number in range(1, len(sums) + 1):
            writer.write(f"s{label}_{number} = []", self.operation)

    def _after(self, label: str, sums: Sequence[Operation]) -> None:
        writer = self.writer
        if self.rows:
            writer.write(f"del {', '.join(self.rows)}")
        for number, member in enumerate(sums, 1):
            text = f"add_reduce({writer.given('array', np.array)}(s{label}_{number}))"
            if member.op.name == "reduce_mean":
                dtype = member.output.array.dtype
                count = writer.given(f"number_{self.count}_{dtype.name}", np.full((), self.count, dtype))
                text = f"{text} / {count}"
            writer.write(f"{writer.call(member.output)} = {text}", member)


def _tiles(count: int, *dtypes: str) -> list[tuple[Any, ...]]:
    """For each tile the slice, and memory of that length for intermediate results."""
    memory = [np.empty(TILE, dtype) for dtype in dtypes]
    starts = range(0, count, TILE)
    return [(slice(i, min(i + TILE, count)), *[m[: min(TILE, count - i)] for m in memory]) for i in starts]


class _Assignment:
    """Gives a variable an array as its value."""

    __slots__ = ("replace",)

    def __init__(self, variable: Variable) -> None:
        self.replace = variable._replace

    def __call__(self, array: Any) -> None:
        self.replace(Tensor(array, devices.cpu()))


class _TensorCall:
    """Calls a function of tensors with arrays, and returns arrays."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __call__(self, *arrays: Any) -> Sequence[Any]:
        op, inputs, attributes = self.operation[:3]
        rest, cpu = iter(arrays), devices.cpu()
        tensors = [x if isinstance(x, Handle) else Tensor(next(rest), cpu) for x in inputs]
        result = run_operation(op, tensors, attributes)
        return [devices.copy_array(y.array, y.home, cpu) for y in (result if op.several else (result,))]


def calls_python(operation: Operation) -> bool:
    """Whether it is a function of tensors, which may do anything."""
    return isinstance(operation.op, TensorOp) and operation.op.name not in ("assign_variable", "fused")


def _work(operation: Operation) -> clock.Work:
    """What a step is called when it is timed."""
    name = operation.op.name
    if operation.op is fused_op:
        name = clock.name_of_group(member.op.name for member in operation.attributes["operations"])
    kind = clock.PYTHON if calls_python(operation) else clock.KERNEL
    return clock.Work(name, kind, str(devices.cpu()), operation.where)


def _raising(error: Exception) -> Any:
    """A kernel that says why there is none."""

    def kernel(*arrays: Any, **attributes: Any) -> Any:
        raise error

    return kernel


def _last_readings(program: Program) -> dict[Tensor, int]:
    last = {x: number for number, operation in enumerate(program.operations) for x in operation.inputs}
    return last | dict.fromkeys(program.outputs, len(program.operations))


def _is_plain(value: Any) -> bool:
    """Whether the text of a value is how it is written in Python."""
    if isinstance(value, tuple):
        return type(value) is tuple and all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, str) or value is Ellipsis


def _key_text(key: tuple[slice, ...]) -> str:
    return ", ".join(":" if part == slice(None) else f"{part.start}:{part.stop}" for part in key)
