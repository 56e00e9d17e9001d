"""The translation of a program: its operations are written by their rules, one after the other.

An operation that cannot be written does not end it. The translation goes on with what would have come out, so that all
such operations are found, and one error can name them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minitfe import errors, lines
from minitfe.graph.program import Program
from minitfe.onnx_export.rules import RULES, reason
from minitfe.onnx_export.writer import OPSET, Unsupported, Value, Writer
from minitfe.operation import Operation
from minitfe.tensor import Tensor

LARGEST = 2**31 - 2**20
"""Bytes that a model's arrays may take: with all else that is in the file, it must stay below 2 GB."""

Known = tuple[Any, str]
"""An array whose value is known, and the name that it shall have."""


def stored(variable: Any) -> Known:
    """The value of a variable, and the name under which a model has it."""
    return variable.read_value().numpy(), variable.name.removesuffix(":0")


class Translation:
    """A program, written in ONNX.

    Args:
        program: what is to be written.
        inputs, outputs: names.
        name: what the model is called.
        known: inputs of the program that are no inputs of the model, but arrays in it: an array and its name for each.

    Attributes:
        w: the writer, with all nodes.
        values: what stands for each tensor of the program.

    Raises:
        UnimplementedError: where some operations cannot be written.
    """

    def __init__(
        self, program: Program, inputs: Sequence[str], outputs: Sequence[str], name: str, known: Mapping[Tensor, Known]
    ) -> None:
        self.program, self.name, self.w = program, name, Writer()
        self.inputs = [x for x in program.inputs if x not in known]
        self.values: dict[Tensor, Value] = {
            x: Value(self.w.name(wanted), x.dtype.numpy, x.extents) for x, wanted in zip(self.inputs, inputs)
        }
        self.outputs = [self.w.name(wanted) for wanted in outputs]
        self.values.update({x: self.w.initializer(array, wanted) for x, (array, wanted) in known.items()})
        refused = dict.fromkeys(line for operation in program.operations for line in self._write(operation))
        if refused:
            raise errors.UnimplementedError(
                "\n".join([f"{name} cannot be exported to ONNX, because of these operations:", *refused])
            )
        for y, output in zip(program.outputs, self.outputs):
            self.w.nodes.append(self.w.onnx.helper.make_node("Identity", [self._value(y).name], [output]))

    def _write(self, operation: Operation) -> Iterator[str]:
        """Writes an operation; where that cannot be done, yields its name, the user's line, and the reason."""
        try:
            values = self._by_rule(operation)
        except Unsupported as error:
            place = f", from {lines.quoted(operation.where)}" if operation.where else ""
            yield f"  {operation.op.name}{place}: {error}."
            values = [Value("", y.dtype.numpy) for y in operation.outputs]
        for y, value in zip(operation.outputs, values):
            self.values[y] = value._replace(extents=y.extents)

    def _by_rule(self, operation: Operation) -> Sequence[Value]:
        op, inputs = operation.op, operation.inputs
        if op.stateful or op.name not in RULES:
            raise Unsupported(reason(op))
        if any(x.extents is None for x in inputs):
            raise Unsupported("the number of axes of an input is not known")
        result = RULES[op.name](self.w, *map(self._value, inputs), **operation.attributes)
        return result if op.several else [result]

    def _value(self, x: Tensor) -> Value:
        """What stands for a tensor: made by a node before, or an array that comes with the model."""
        if x not in self.values:
            variable = self.program.variables.get(x)
            self.values[x] = self.w.constant(x.numpy()) if variable is None else self.w.initializer(*stored(variable))
        return self.values[x]

    # --------------------------------------------------------------------------------------------- as ONNX has it

    def model(self) -> Any:
        """The model, with all that leads to the outputs.

        Raises:
            ResourceExhaustedError: where its arrays take more than 2 GB, which is the most that such a file can hold.
        """
        helper = self.w.onnx.helper
        nodes, read = _leading_to(self.outputs, self.w.nodes)
        inputs = [self._described(x, self.values[x].name) for x in self.inputs]
        outputs = [self._described(y, name) for y, name in zip(self.program.outputs, self.outputs)]
        graph = helper.make_graph(nodes, self.name, inputs, outputs, self._arrays(read))
        versions = [helper.make_opsetid("", OPSET)]
        oldest = helper.find_min_ir_version_for(versions)
        return helper.make_model(graph, opset_imports=versions, ir_version=oldest, producer_name="minitfe")

    def _arrays(self, read: set[str]) -> list[Any]:
        """The arrays that are read."""
        arrays = {name: array for name, array in self.w.initializers.items() if name in read}
        if sum(array.nbytes for array in arrays.values()) > LARGEST:
            raise errors.ResourceExhaustedError(
                f"{self.name} cannot be exported to ONNX: its variables and constants take more than 2 GB."
            )
        return [self.w.onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]

    def _described(self, x: Tensor, name: str) -> Any:
        """Name, dtype and shape of an input or output; an open size is called after it and its axis."""
        sizes = [f"{name}_{axis}" if size is None else size for axis, size in enumerate(x.extents or ())]
        helper = self.w.onnx.helper
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype.numpy), sizes)


def _leading_to(outputs: Sequence[str], nodes: Sequence[Any]) -> tuple[list[Any], set[str]]:
    """The nodes that outputs depend on, in order, and the names of all that these read."""
    needed, kept = {*outputs}, []
    for node in reversed(nodes):
        if not needed.isdisjoint(node.output):
            kept.append(node)
            needed.update(node.input)
    return kept[::-1], needed
