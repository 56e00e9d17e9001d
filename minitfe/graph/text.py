"""Programs as text and as pictures: an operation to a line, or to a box."""

from __future__ import annotations

from collections.abc import Iterator

from minitfe.errors import describe_operands
from minitfe.graph.program import Program
from minitfe.operation import Operation
from minitfe.tensor import Tensor
from minitfe.variable import Variable


class Names(dict[Tensor, str]):
    """What the tensors of a program are called."""

    def __init__(self, program: Program) -> None:
        made = [y for operation in program.operations for y in operation.outputs]
        for x in [*program.inputs, *made]:
            self[x] = f"%{len(self)}"
        self.update({handle: variable.name for handle, variable in program.variables.items()})

    def __missing__(self, x: Tensor) -> str:
        if x.shape.ndims == 0 and x.dtype.name != "string":
            return str(x.numpy())
        return f"constant {describe_operands((x,))}"


def text_of(program: Program) -> str:
    """A program as text: inputs, an operation to a line, and what is returned."""
    names = Names(program)
    lines = ["inputs: " + ", ".join(f"{names[x]} {describe_operands((x,))}" for x in program.inputs)]
    for operation in program.operations:
        lines += _lines(operation, names)
    return "\n".join([*lines, "returns: " + ", ".join(names[y] for y in program.outputs)])


def _lines(operation: Operation, names: Names) -> Iterator[str]:
    """The line of an operation; a group's members stand below it."""
    members = operation.attributes.get("operations", ()) if operation.op.name == "fused" else ()
    for y in (y for member in members for y in member.outputs if y not in names):
        names[y] = f"%{len(names)}"
    settings = [] if members else _settings(operation)
    outputs = ", ".join(names[y] for y in operation.outputs)
    what = ", ".join([*(names[x] for x in operation.inputs), *settings])
    yield f"{outputs} = {operation.op.name}({what})  {describe_operands(operation.outputs)}"
    for member in members:
        yield from (f"    {line}" for line in _lines(member, names))


def _settings(operation: Operation) -> list[str]:
    return [f"{name}={value}" for name, value in operation.attributes.items() if not isinstance(value, Variable)]


def dot_of(program: Program) -> str:
    """A program in the language of Graphviz: ``dot -Tsvg`` draws it."""
    names = Names(program)
    lines = [f'"{names[x]}" [label="input {describe_operands((x,))}", shape=ellipse];' for x in program.inputs]
    for number, operation in enumerate(program.operations):
        lines.append(f'o{number} [label="{operation.op.name}\\n{describe_operands(operation.outputs)}", shape=box];')
        lines += [f'"{names[x]}" -> o{number};' for x in operation.inputs]
        lines += [f'o{number} -> "{names[y]}" [dir=none];' for y in operation.outputs]
        lines += [f'"{names[y]}" [shape=point];' for y in operation.outputs]
    lines += [f'"{names[y]}" -> output{i};' for i, y in enumerate(program.outputs)]
    return "\n".join(["digraph program {", *(f"    {line}" for line in lines), "}"])
