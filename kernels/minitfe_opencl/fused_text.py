"""The text of a fused kernel.

There are two ways through the numbers. Without reductions, or where all is reduced to one number, shapes do not matter:
the numbers are one long row of vectors. Where the last axes are reduced and others are kept, the kernel goes row by
row, and rows may begin anywhere.

    for each vector i of the group's share:
        what is read        float16 v0 = in0[i];
        the steps           float16 v1 = v0 * v0;
        what is wanted      out1[i] = v1;
        what is reduced     total2 = total2 + v1;
    the lanes of each total are put together, and then what the members of the group have

Whoever reads `Fused.text` of a kernel sees that at full length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .fused_steps import REDUCTIONS, helpers_for, pieces_for, reduction_for, statement, vector_of
from .programs import type_of
from .tuning import Tuning

BARRIER = "barrier(CLK_LOCAL_MEM_FENCE);"


class Sum(NamedTuple):
    """A reduction: the numbers of its result and of what it reduces, and what its functions' names begin with."""

    number: int
    operand: int
    name: str
    dtype: Any


class KernelText:
    """Writes the text for a group.

    Args:
        group: what is to be computed.
        ways: how each input is read; `Fused` says what there is.
        by_rows: whether the kernel goes row by row.
        tuning: how kernels are cut.

    Attributes:
        text: the kernel, with NAME for its name.
        functions: what must stand before it.
    """

    def __init__(self, group: Any, ways: Sequence[str], by_rows: bool, tuning: Tuning) -> None:
        self.group, self.ways, self.by_rows = group, ways, by_rows
        self.lanes, self.alone = tuning.lanes, tuning.group == 1
        self.dtypes = [dtype for dtype, _ in group.inputs] + [step.dtype for step in group.steps]
        self.functions: list[str] = []
        self.sums: list[Sum] = []
        self.steps: list[str] = []
        for number, step in enumerate(group.steps, len(group.inputs)):
            self._add(number, step)
        self.written = [i for i in group.results if i not in [found.number for found in self.sums]]
        for dtype in dict.fromkeys(self.dtypes):
            self.functions += helpers_for("\n".join(self.steps), dtype, self.lanes)
            self.functions += [pieces_for(dtype, self.lanes)] * by_rows
        self.text = self._by_rows() if by_rows else self._whole()

    def _add(self, number: int, step: Any) -> None:
        """Takes in a step: a line, or a sum."""
        if step.op in REDUCTIONS:
            op = "reduce_sum" if step.op == "reduce_mean" else step.op
            name, functions = reduction_for(op, step.dtype, self.lanes)
            self.functions.append(functions)
            self.sums.append(Sum(number, step.operands[0], name, step.dtype))
        else:
            names, dtypes = [f"v{i}" for i in step.operands], [self.dtypes[i] for i in step.operands]
            self.steps.append(statement(step, f"v{number}", names, dtypes, self.lanes))

    # -------------------------------------------------------------------------------------------- one row of vectors

    def _whole(self) -> str:
        sizes = ["size", "chunk", *[f"period{i}" for i, way in enumerate(self.ways) if way in ("row", "column")]]
        stores = [f"out{i}[i] = v{i};" for i in self.written]
        adds = self._adds("i < size / LANES", "size % LANES")
        return self._function(sizes, [
            *self._before(),
            "int vectors = size / LANES + (size % LANES > 0);",
            "int end = min(vectors, (int)(get_group_id(0) + 1) * chunk);",
            "for (int i = get_group_id(0) * chunk + member; i < end; i += GROUP) {",
            *_indented([*self._reads(), *self.steps, *stores, *adds]), "}",
            *self._together("get_group_id(0)"),
        ])  # fmt: skip

    def _reads(self) -> list[str]:
        lines = []
        for i, way in enumerate(self.ways):
            vector = self._vector(i)
            places = {"row": f"in{i}[i % period{i}]", "column": f"({vector})(in{i}[i / period{i}])"}
            if way != "number":
                lines.append(f"{vector} v{i} = {places.get(way, f'in{i}[i]')};")
        return lines

    # -------------------------------------------------------------------------------------------------- row by row

    def _by_rows(self) -> str:
        reads, stores = self._reads_in_rows(), [
            f"write_{self._type(i)}(v{i}, out{i} + (size_t)row * length + at, end - at);" for i in self.written
        ]  # fmt: skip
        adds = self._adds("at + LANES <= end", "end - at")
        return self._function(["rows", "length", "chunk", "chunks", "rows_per_group"], [
            *self._before(),
            "int part = get_group_id(0), end = min(length, (part + 1) * chunk);",
            "int first = get_group_id(1) * rows_per_group, last = min(rows, first + rows_per_group);",
            "for (int row = first; row < last; row++) {",
            *_indented([
                *self._columns(),
                *[f"total{i} = ({self._vector(i)})({name}_INITIAL);" for i, _, name, _ in self.sums],
                "for (int at = part * chunk + member * LANES; at < end; at += GROUP * LANES) {",
                *_indented([*reads, *self.steps, *stores, *adds]), "}",
                *self._together("(size_t)row * chunks + part"),
                *([] if self.alone else [BARRIER]),  # until the first member has read what the next row writes over
            ]), "}",
        ])  # fmt: skip

    def _reads_in_rows(self) -> list[str]:
        lines = []
        for i, way in enumerate(self.ways):
            place = "at" if way == "row" else "(size_t)row * length + at"
            if way not in ("number", "column"):
                lines.append(f"{self._vector(i)} v{i} = read_{self._type(i)}(in{i} + {place}, end - at);")
        return lines

    def _columns(self) -> list[str]:
        """Inputs with one number for each row."""
        return [
            f"{self._vector(i)} v{i} = ({self._vector(i)})(in{i}[row]);"
            for i, way in enumerate(self.ways)
            if way == "column"
        ]

    # --------------------------------------------------------------------------------------------------------- parts

    def _type(self, number: int) -> str:
        return type_of(self.dtypes[number])

    def _vector(self, number: int) -> str:
        return vector_of(self.dtypes[number], self.lanes)

    def _function(self, sizes: Sequence[str], lines: Sequence[str]) -> str:
        parameters = [*self._arrays(), *[f"const int {name}" for name in sizes]]
        body = "\n".join(_indented(lines))
        return f"__kernel void NAME({', '.join(parameters)})\n{{\n{body}\n}}\n"

    def _arrays(self) -> list[str]:
        """The parameters for arrays: vectors where they are read as a whole, and else their elements."""
        found = []
        for i, way in enumerate(self.ways):
            kind = self._type(i) if self.by_rows or way in ("number", "column") else self._vector(i)
            found.append(f"__global const {kind} *in{i}")
        for i in self.written:
            found.append(f"__global {self._type(i) if self.by_rows else self._vector(i)} *out{i}")
        return found + [f"__global {self._type(i)} *partial{i}" for i, *_ in self.sums]

    def _before(self) -> list[str]:
        """What is done once: memory that a group shares, inputs that are one number, and totals to begin with."""
        shared = [] if self.alone else [f"__local {self._type(i)} shared{i}[GROUP];" for i, *_ in self.sums]
        numbers = [
            f"{self._vector(i)} v{i} = ({self._vector(i)})(*in{i});"
            for i, way in enumerate(self.ways)
            if way == "number"
        ]
        totals = [f"{self._vector(i)} total{i} = ({self._vector(i)})({name}_INITIAL);" for i, _, name, _ in self.sums]
        return [*shared, "int member = get_local_id(0);", *numbers, *totals]

    def _adds(self, is_whole: str, count: str) -> list[str]:
        """Each total with one vector more, of which the last one may hold fewer numbers."""
        return [
            f"total{i} = {name}_COMBINE(total{i}, ({is_whole} ? v{x} : {name}_first(v{x}, {count})));"
            for i, x, name, _ in self.sums
        ]

    def _together(self, place: str) -> list[str]:
        """One number from the lanes of each total, and from all members of the group: a tree, as in reduction.cl."""
        if not self.sums:
            return []
        if self.alone:
            return [f"partial{i}[{place}] = {name}_lanes(total{i});" for i, _, name, _ in self.sums]
        pairs = [
            f"shared{i}[member] = {name}_COMBINE(shared{i}[member], shared{i}[member + left]);"
            for i, _, name, _ in self.sums
        ]
        return [
            *[f"shared{i}[member] = {name}_lanes(total{i});" for i, _, name, _ in self.sums],
            "for (int left = GROUP / 2; left > 0; left /= 2) {",
            *_indented([BARRIER, "if (member < left) {", *_indented(pairs), "}"]),
            "}",
            BARRIER,
            "if (member == 0) {",
            *_indented([f"partial{i}[{place}] = shared{i}[0];" for i, *_ in self.sums]),
            "}",
        ]


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
