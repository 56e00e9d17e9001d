"""A traced graph as TensorBoard's graph page wants it: a GraphDef, which is a list of named nodes.

A node knows the nodes that its inputs come from, and the shapes that come out of it. Placeholders are nodes, and so are
the tensors that a function took from outside while it was traced.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from minitfe.graph.graph import Graph, SymbolicTensor
from minitfe.graph.session_graph import SessionGraph
from minitfe.operation import Operation
from minitfe.summaries.writer import proto
from minitfe.tensor import Tensor
from minitfe.variable import Handle

CODES = {
    "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "string": 7, "complex64": 8, "int64": 9,
    "bool": 10, "uint16": 17, "complex128": 18, "float16": 19, "uint32": 22, "uint64": 23,
}  # fmt: skip
"""TensorFlow's numbers for dtypes, in types.proto."""


def graph_definition(graph: Graph) -> Any:
    """Returns a graph as a message of type GraphDef."""
    nodes = Nodes()
    names = [operation.name for operation in graph.get_operations()] if isinstance(graph, SessionGraph) else ()
    for number, operation in enumerate(graph.operations):
        nodes.add_operation(operation, names[number] if names else None)
    return proto("graph").GraphDef(node=nodes.nodes, versions=proto("versions").VersionDef(producer=22))


class Nodes:
    """The nodes written so far, and which of them gives which tensor."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.givers: dict[Tensor, str] = {}
        self.used: Counter[str] = Counter()

    def add_operation(self, operation: Operation, name: str | None = None) -> None:
        """Writes an operation, after what it needs that has no node yet; under its name, if it has one."""
        inputs = [self.giver(x) for x in operation.inputs]
        settings = {name: _text(repr(value)) for name, value in operation.attributes.items()}
        if operation.where is not None:
            settings["where"] = _text(operation.where)
        name = self.add(operation.op.tensorflow_name, operation.outputs, settings, inputs, name)
        places = [name, *(f"{name}:{i}" for i in range(1, len(operation.outputs)))]
        self.givers.update(zip(operation.outputs, places))

    def giver(self, x: Tensor) -> str:
        """The name under which a tensor is an input; one that no operation gave gets a node of its own."""
        if x not in self.givers:
            kind = "Variable" if isinstance(x, Handle) else "Placeholder" if isinstance(x, SymbolicTensor) else "Const"
            self.givers[x] = self.add(kind, (x,), {}, [])
        return self.givers[x]

    def add(
        self,
        kind: str,
        outputs: tuple[Tensor, ...],
        settings: Mapping[str, Any],
        inputs: list[str],
        name: str | None = None,
    ) -> str:
        """Writes a node and returns its name: by default MatMul, MatMul_1, MatMul_2 and so on."""
        number = self.used[kind]
        self.used[kind] += 1
        name = name or (f"{kind}_{number}" if number else kind)
        attributes = {**settings, "_output_shapes": _shapes(outputs)}
        if outputs:
            attributes["T"] = proto("attr_value").AttrValue(type=CODES.get(outputs[0].dtype.name, 0))
        self.nodes.append(proto("node_def").NodeDef(name=name, op=kind, input=inputs, attr=attributes))
        return name


def _text(text: str) -> Any:
    return proto("attr_value").AttrValue(s=text.encode())


def _shapes(outputs: tuple[Tensor, ...]) -> Any:
    values = proto("attr_value").AttrValue
    return values(list=values.ListValue(shape=[_shape(x) for x in outputs]))


def _shape(x: Tensor) -> Any:
    shape = proto("tensor_shape").TensorShapeProto
    if x.extents is None:
        return shape(unknown_rank=True)
    return shape(dim=[shape.Dim(size=-1 if size is None else size) for size in x.extents])
