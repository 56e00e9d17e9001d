"""Compiled runs of a session: what is run again and again becomes a plan, as a traced function does.

The part of a graph that a run needs is a straight line of operations. For the plan, what was open in the graph is
settled: placeholders get the shapes that are fed, constants their values, and the handles of variables are those of the
session. Then it goes through the same passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minitfe import devices, errors
from minitfe.graph.graph import VariableHandle
from minitfe.graph.passes import PASSES, optimized
from minitfe.graph.plan import Plan
from minitfe.graph.program import Program, symbol, symbol_like
from minitfe.graph.session_graph import SessionGraph, constant_op, placeholder_op
from minitfe.operation import Operation
from minitfe.tensor import Tensor
from minitfe.variable import Handle, Uninitialized, assign_variable_op, read_variable_op


class Value:
    """The value of a variable in a session: what plans and passes want to know of a variable."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle

    def _replace(self, value: Tensor) -> None:
        self.handle.hold(value)


class SessionPlan:
    """A run, compiled.

    Args:
        graph: the graph.
        numbers: the operations that are needed, in order.
        fetches: the tensors whose values are wanted.
        feeds: an example of what is fed.
        handle_of: gives the session's handle of a variable.

    Raises:
        Unsuitable: where it cannot be compiled.
    """

    def __init__(
        self,
        graph: SessionGraph,
        numbers: Sequence[int],
        fetches: Sequence[Tensor],
        feeds: Mapping[Tensor, Tensor],
        handle_of: Callable[[VariableHandle], Handle],
    ) -> None:
        self._graph = graph
        self._stand_ins: dict[Any, Tensor] = {x: symbol_like(value) for x, value in feeds.items()}
        self._handles: dict[Tensor, Value] = {}
        self._numbers: dict[Tensor, int] = {}
        self.fetches = [x for x in dict.fromkeys(fetches) if not isinstance(x, VariableHandle) and x not in feeds]
        inputs = [self._stand_ins[x] for x in feeds]
        operations = [operation for number in numbers for operation in self._settled(number, handle_of)]
        outputs = [self._stand_ins[x] for x in self.fetches]
        self._plan = Plan(optimized(Program(inputs, operations, outputs, self._handles), tuple(PASSES)))

    def _settled(self, number: int, handle_of: Callable[[VariableHandle], Handle]) -> list[Operation]:
        """An operation with all that is known now; nothing where that is all there is to know."""
        operation = self._graph.operations[number]
        device = self._graph.notes[number].device
        if operation.output in self._stand_ins:
            return []  # it is fed
        if operation.op is placeholder_op or device not in (None, devices.cpu()):
            raise Unsuitable
        if operation.op is constant_op:
            self._stand_ins[operation.output] = operation.attributes["value"]
            return []
        if isinstance(operation.output, VariableHandle):
            handle = self._stand_ins[operation.output] = handle_of(operation.output)
            self._handles[handle] = Value(handle)
            return []
        if operation.op is read_variable_op:
            value = self._stand_ins[operation.inputs[0]]
            if not isinstance(value, Handle):  # the variable was fed
                self._stand_ins[operation.output] = value
                return []
        return [self._with_shapes(operation, number)]

    def _with_shapes(self, operation: Operation, number: int) -> Operation:
        op = operation.op
        inputs = [self._stand_ins[x] for x in operation.inputs]
        attributes = operation.attributes
        if op is assign_variable_op:
            if inputs[0] not in self._handles:
                raise Unsuitable  # since what is fed cannot be assigned to
            attributes = {"variable": self._handles[inputs[0]]}
        try:
            inferred = op.infer(inputs, attributes)
        except errors.ShapeError:
            raise Unsuitable from None  # it will fail, and say why
        symbols = tuple(symbol(dtype, extents) for dtype, extents in inferred)
        self._numbers.update(dict.fromkeys(symbols, number))
        for x, stand_in in zip(operation.outputs, symbols):
            self._stand_ins.setdefault(x, stand_in)
        return operation._replace(inputs=inputs, attributes=attributes, output=symbols if op.several else symbols[0])

    def serves(self, feeds: Mapping[Tensor, Tensor]) -> bool:
        """Whether it can be run now: all is on the CPU, and all variables have values."""
        has_values = all(type(handle.array) is not Uninitialized for handle in self._handles)
        return has_values and self._plan.serves(list(feeds.values()))

    def run(self, feeds: Mapping[Tensor, Tensor]) -> dict[Tensor, Tensor]:
        """Runs it, and returns the values of the fetched tensors."""
        try:
            return dict(zip(self.fetches, self._plan.run(list(feeds.values()))))
        except errors.OpError as error:
            operation = error.op if isinstance(error.op, Operation) else None
            raise self._graph.located(error, self._number_of(operation), operation) from error.__cause__

    def _number_of(self, operation: Operation | None) -> int | None:
        """The place in the graph of an operation of the plan, where it stems from a single one."""
        return self._numbers.get(operation.outputs[0]) if operation is not None and operation.outputs else None


class Unsuitable(Exception):
    """Says that a run is better done operation by operation."""


def shapes_of(feeds: Mapping[Tensor, Tensor]) -> tuple[Any, ...]:
    """What must be equal for a plan to serve again."""
    return tuple((x, value.array.shape) for x, value in feeds.items())
