"""Programs drawn with matplotlib: a box for each operation, and lines that lead down from what is computed first.

`minitfe.graph.text` writes the same down for Graphviz. Here the boxes are placed as in the pictures of tapes, so no
other program is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minitfe.autodiff.pictures.layout import layout
from minitfe.graph.program import Program, is_constant
from minitfe.operation import Operation
from minitfe.tensor import Tensor

GIVEN, VARIABLE, COMPUTED, RETURNED = "lightblue", "khaki", "white", "lightgreen"
"""The colours of inputs, variables, operations, and of those whose results are returned."""

COLOURS = {"placeholder": GIVEN, "variable": VARIABLE}
"""The operations that stand for inputs and variables in the graph of a session."""

_WIDTH, _HEIGHT = 2.0, 1.0


def draw(program: Program, axes: Any, title: str | None = None) -> None:
    """Draws a program.

    Args:
        program: what is drawn.
        axes: matplotlib's axes to draw on; they lose their frame.
        title: what stands above.
    """
    nodes = list(_nodes(program))
    drawn = layout(len(nodes), list(_uses(program)))
    lines = [list(map(_point, line)) for of_value in drawn.lines.values() for line in of_value]
    places = list(map(_point, drawn.places))
    for line in lines:
        axes.plot(*zip(*line), color="gray", linewidth=0.8, zorder=1)
    for place, (label, colour) in zip(places, nodes):
        box = {"boxstyle": "round", "facecolor": colour, "edgecolor": "gray"}
        axes.text(*place, label, ha="center", va="center", fontsize=8, bbox=box, zorder=2)
    columns, rows = zip(*places, *(point for line in lines for point in line)) if places else ((0.0,), (0.0,))
    axes.set(xlim=(min(columns) - 1, max(columns) + 1), ylim=(min(rows) - 0.5, max(rows) + 0.5), title=title)
    axes.set_axis_off()


def _point(place: tuple[float, int]) -> tuple[float, float]:
    """A place of the layout, whose layers count downwards, as a point of the axes."""
    x, layer = place
    return _WIDTH * x, -_HEIGHT * layer


def _nodes(program: Program) -> Iterator[tuple[str, str]]:
    """Label and colour of each node: inputs, variables, operations."""
    returned = set(program.outputs)
    for x in program.inputs:
        yield f"{x.dtype.name} {x.shape}", RETURNED if x in returned else GIVEN
    for variable in program.variables.values():
        yield variable.name.removesuffix(":0"), VARIABLE
    for operation in program.operations:
        colour = COLOURS.get(operation.op.name, COMPUTED)
        yield _label(operation), colour if returned.isdisjoint(operation.outputs) else RETURNED


def _uses(program: Program) -> Iterator[tuple[int, int, int]]:
    """The number of a tensor, of the node that makes it, and of one that uses it."""
    makers: dict[Tensor, int] = {x: node for node, x in enumerate([*program.inputs, *program.variables])}
    values = dict(makers)
    for node, operation in enumerate(program.operations, len(makers)):
        for x in operation.inputs:
            if x in makers:
                yield values[x], makers[x], node
        for y in operation.outputs:
            makers[y], values[y] = node, len(values)


def _label(operation: Operation) -> str:
    """What an operation is called: a group by its members, others with the numbers among their inputs."""
    if operation.op.name == "fused":
        return "\n".join(_label(member) for member in operation.attributes["operations"])
    if operation.op.name == "constant":
        return _value(operation.attributes["value"])
    if operation.op.name in COLOURS:
        return operation.output.name.removesuffix(":0")  # type: ignore[no-any-return]
    if any(map(is_constant, operation.inputs)):
        inputs = ", ".join(_value(x) if is_constant(x) else "·" for x in operation.inputs)
        return f"{operation.op.name}({inputs})"
    return operation.op.name


def _value(x: Tensor) -> str:
    return f"{x.numpy():.4g}" if x.shape.ndims == 0 and x.dtype.is_floating else f"{x.dtype.name} {x.shape}"
