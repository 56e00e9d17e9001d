"""A traced function: a graph that can be called, and be differentiated.

Where no tape looks on, a call runs the graph's operations and that is all. A tape sees a call as *one* operation. Its
gradient rule is another traced function, the *backward function*: the walker goes through the forward graph once, with
symbols in place of gradients, and what it does is traced.

    forward    x ─► h = tanh(x) ─► y = h * h
    backward   g, h ─► g·h + g·h ─► tanh_gradient(…, h)

The backward function reads h, which the forward graph computed on its way. So under a tape the forward call returns h
as well, as a further output of the operation. And since a call of the backward function is a call of a traced function
too, a second tape sees one operation again, with a backward function of its own: derivatives of any order need nothing
more.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from minitfe import devices, shapes
from minitfe.autodiff.backpropagate import backpropagate
from minitfe.context import get_listeners, listening
from minitfe.graph.device_plan import DevicePlan
from minitfe.graph.function_graph import FunctionGraph
from minitfe.graph.graph import SymbolicTensor, VariableHandle
from minitfe.graph.passes import chosen, optimized
from minitfe.graph.passes.own_shapes import own_shapes
from minitfe.graph.plan import Plan
from minitfe.graph.program import Program
from minitfe.operation import Op, Operation, kernels_are_watched, plans_are_seen
from minitfe.ops import array
from minitfe.ops.indexed_slices import to_dense
from minitfe.profiling.clock import CALL, PLANNING, TRACING, during
from minitfe.tensor import Tensor

# Passes for results that are written into memory that is there, and for numpy's functions.
FOR_NUMPY = {"lent_shapes", "products", "fusion", "buffers"}

# It has no kernel: a call is made first, and recorded then.
call_op = Op("call", shape=shapes.same, several=True, holomorphic=False)


class TracedFunction:
    """A graph with inputs and outputs, ready to be called.

    Attributes:
        graph: the operations.
        constants: eager tensors that the operations read; someone may ask for gradients with respect to these, too.
        name: what it is called in a profile.
    """

    def __init__(self, graph: FunctionGraph, passes: Sequence[str] | None = None, name: str = "branch") -> None:
        self.graph = graph
        self.name = name
        self.passes = chosen(passes)
        self.outputs = graph.outputs
        self.constants = _constants(graph)
        # Plans know the handles of variables beforehand, and those of a session's variables are inputs.
        self._changes_handles = any(isinstance(x, VariableHandle) for x in graph.inputs)
        self._backward: dict[tuple[bool, ...], Backward] = {}
        self._intermediates: list[Tensor] | None = None
        self._plans: dict[bool, Plan] = {}
        self._device_plans: dict[Any, DevicePlan] = {}

    # ------------------------------------------------------------------------------------------------------- calling

    def call(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Runs the operations and returns the outputs; active tapes take note of one operation."""
        tapes = get_listeners().tapes
        if not tapes:
            return self.run(inputs)
        sources = [*inputs, *self._handles(tapes), *self.constants]
        watching = [tape for tape in tapes if any(x in tape.watched for x in sources)]
        if not watching:
            return self.run(inputs)
        results = self.run(inputs, recorded=True)
        operation = Operation(call_op, sources, {"function": self}, tuple(results))
        for tape in watching:
            tape.record(operation)
        return results[: len(self.outputs)]

    def run(self, inputs: Sequence[Tensor], recorded: bool = False) -> list[Tensor]:
        """Runs the operations and returns the outputs: new tensors, also where one is an input.

        Args:
            inputs: a tensor for each of the graph's.
            recorded: whether what backward functions read is returned as well.
        """
        plan = self._plan_for(inputs, recorded) if plans_are_seen() else None
        if plan is not None:
            return plan.run_timed(inputs, self.name) if kernels_are_watched() else plan.run(inputs)
        with during(CALL, self.name), listening(interpreter=None, tapes=()):
            values = self.graph.compute(dict(zip(self.graph.inputs, inputs)))
        return [_renewed(values.get(x, x)) for x in self._fetches(recorded)]

    def _plan_for(self, inputs: Sequence[Tensor], recorded: bool) -> Plan | DevicePlan | None:
        """The plan for inputs that lie where these do, if there can be one."""
        if not self._changes_handles:
            plan = self.plan(recorded)
            if plan.serves(inputs):
                return plan
        device_plan = self.device_plan(inputs, recorded)
        return device_plan if device_plan.serves() else None

    def plan(self, recorded: bool = False) -> Plan:
        """The plan that runs it on the CPU, made when it is first needed."""
        if recorded not in self._plans:
            with during(PLANNING, self.name):
                self._plans[recorded] = Plan(self.program(recorded))
        return self._plans[recorded]

    def device_plan(self, inputs: Sequence[Tensor], recorded: bool = False) -> DevicePlan:
        """The plan that runs it where these inputs lie, or in the present device scope."""
        scope = get_listeners().device
        key = (recorded, scope, devices.default(), *[x.home for x in inputs])
        if key not in self._device_plans:
            with during(PLANNING, self.name):
                self._device_plans[key] = DevicePlan(self.device_program(recorded), inputs, scope, self._fuses)
        return self._device_plans[key]

    def device_program(self, recorded: bool = False) -> Program:
        """What is to be run where not all is on the CPU, after the passes that pay off there."""
        program = self.traced_program(recorded)
        if self._fuses:
            program = own_shapes(program)
        return optimized(program, [name for name in self.passes if name not in FOR_NUMPY])

    @property
    def _fuses(self) -> bool:
        return "fusion" in self.passes

    def program(self, recorded: bool = False) -> Program:
        """What is to be run, after the passes."""
        return optimized(self.traced_program(recorded), self.passes)

    def traced_program(self, recorded: bool = False) -> Program:
        """What is to be run, as it was traced."""
        return Program(self.graph.inputs, self.graph.operations, self._fetches(recorded), self.graph.variables)

    def _fetches(self, recorded: bool) -> list[Tensor]:
        return [*self.outputs, *self.intermediates()] if recorded else self.outputs

    def _handles(self, tapes: Sequence[Any]) -> list[Tensor]:
        """The handles of the variables that the function reads. Tapes watch the trainable ones, as in any reading."""
        for handle, variable in self.graph.variables.items():
            for tape in tapes:
                if variable.trainable:
                    tape.watch_here(handle, variable)
        return list(self.graph.variables)

    # -------------------------------------------------------------------------------------------------- differentiating

    @property
    def sources(self) -> list[Tensor]:
        """The tensors of the graph that stand for the inputs of a recorded call, in its order."""
        return [*self.graph.inputs, *self.graph.variables, *self.constants]

    def intermediates(self) -> list[Tensor]:
        """What a recorded call returns beside the outputs: all that backward functions read of this graph.

        Gradients may arrive at these as well, in second derivatives, and the way back from them may read more. So they
        are collected until nothing is added.
        """
        if self._intermediates is None:
            known: dict[Tensor, None] = {}
            while True:
                targets = [*self.outputs, *known]
                backward = Backward(self, targets, [True] * len(targets))
                found = [x for x in backward.reads if x not in self.sources and x not in targets]
                if not found:
                    break
                known.update(dict.fromkeys(found))
            self._intermediates = list(known)
        return self._intermediates

    def gradients(self, operation: Operation, gs: Sequence[Any]) -> list[Any]:
        """The gradient rule of a recorded call: a gradient per input, or None."""
        targets = [*self.outputs, *self.intermediates()]
        values = dict(zip(targets, operation.output)) | dict(zip(self.sources, operation.inputs))
        backward = self._backward_from(targets, [g is not None for g in gs])
        if any(x not in values for x in backward.reads):
            # Where a gradient is missing, a rule may read the output to make zeros like it, and nobody kept that.
            gs = [
                array.zeros_like(y) if g is None and y.dtype.is_differentiable else g
                for y, g in zip(operation.output, gs)
            ]
            backward = self._backward_from(targets, [True] * len(targets))
        return backward.call(gs, values)

    def _backward_from(self, targets: Sequence[Tensor], arrives: Sequence[bool]) -> Backward:
        key = tuple(arrives)
        if key not in self._backward:
            self._backward[key] = Backward(self, targets, key)
        return self._backward[key]


@call_op.whole_gradient
def call_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """The backward function, called."""
    function: TracedFunction = operation.attributes["function"]
    return function.gradients(operation, gs)


class Backward:
    """The backward function of a traced function, for gradients that arrive at some of its outputs.

    Attributes:
        reads: the tensors of the forward graph whose values it needs.
    """

    def __init__(self, forward: TracedFunction, targets: Sequence[Tensor], arrives: Sequence[bool]) -> None:
        graph = FunctionGraph()
        reached = [y for y, there in zip(targets, arrives) if there and y.dtype.is_differentiable]
        self.arrives = [there and y.dtype.is_differentiable for y, there in zip(targets, arrives)]
        gs = [graph.input(y) for y in reached]
        name = f"gradient of {forward.name}"
        with during(TRACING, name), listening(interpreter=graph, tapes=(), device=None):
            operations = forward.graph.operations
            watched = depending(operations, forward.sources)
            gradients = backpropagate(operations, reached, forward.sources, gs, watched)
        graph.returns(gradients)
        self.reads = list(graph.captured)
        self.function = TracedFunction(graph, forward.passes, name)

    def call(self, gs: Sequence[Any], values: dict[Tensor, Tensor]) -> list[Any]:
        """Returns a gradient per source, from the gradients of the outputs and the values of the forward call."""
        inputs = [to_dense(g) for g, arrives in zip(gs, self.arrives) if arrives]
        results = self.function.call([*inputs, *[values[x] for x in self.reads]])
        return self.function.graph.pack(results)  # type: ignore[no-any-return]


def depending(
    operations: Sequence[Operation], sources: Sequence[Tensor], constants: Container[Tensor] = ()
) -> set[Tensor]:
    """The sources that have derivatives, and all that is computed from them, but not through the constants."""
    found = {x for x in sources if x.dtype.is_differentiable}
    for operation in operations:
        if any(x in found for x in operation.inputs):
            found.update(y for y in operation.outputs if y not in constants)
    return found


def _constants(graph: FunctionGraph) -> list[Tensor]:
    found = {x: None for operation in graph.operations for x in operation.inputs if not isinstance(x, SymbolicTensor)}
    return [x for x in found if x not in graph.variables]


def _renewed(x: Tensor) -> Tensor:
    return Tensor(x.array, x.home)
