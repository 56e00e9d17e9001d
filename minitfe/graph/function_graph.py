"""Graphs of functions: what a function did when it was called with symbols in place of values.

A function's graph has inputs and outputs. What else the function reads is of three kinds. Variables are read each time
the graph runs, so the graph only notes which they are. Eager tensors never change, and stand in the operations as they
are. Tensors of another graph, where one function is traced inside another or a backward graph reads what the forward
graph computed, become inputs of their own: they are *captured*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minitfe import conversion, nest
from minitfe.context import listening
from minitfe.graph.graph import Graph, SymbolicTensor, VariableHandle
from minitfe.operation import Op
from minitfe.ops.indexed_slices import IndexedSlices
from minitfe.tensor import Tensor


class FunctionGraph(Graph):
    """A graph with inputs and outputs.

    Attributes:
        inputs: placeholders, those of captured tensors last.
        captured: for each tensor of another graph the placeholder that stands for it here.
        variables: those that are read or assigned, by their handles.
        structure: what the function returned; its tensors are the outputs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[SymbolicTensor] = []
        self.captured: dict[Tensor, SymbolicTensor] = {}
        self.variables: dict[Tensor, Any] = {}
        self.structure: Any = None

    def input(self, like: Tensor) -> SymbolicTensor:
        """Returns a new input with the dtype and shape of a tensor."""
        x = self.placeholder(like.dtype, like.shape)
        if isinstance(like, VariableHandle):
            x = VariableHandle(x.array, self)  # type: ignore[arg-type]
        self.inputs.append(x)
        return x

    def execute(self, op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any]) -> Any:
        """Appends an operation; inputs from other graphs are captured."""
        return super().execute(op, [self.own(x) for x in inputs], attributes)

    def own(self, x: Any) -> Any:
        """The tensor that stands for x in this graph."""
        if not isinstance(x, SymbolicTensor) or x.graph is self:
            return x
        if x not in self.captured:
            self.captured[x] = self.input(x)
        return self.captured[x]

    def meets(self, variable: Any) -> None:
        """Notes a variable that is read or assigned. `Variable` calls this.

        A handle whose value a session keeps is captured like any tensor, and needs no note.
        """
        if not isinstance(variable.handle, SymbolicTensor):
            self.variables[variable.handle] = variable

    # ------------------------------------------------------------------------------------------- what it returns

    def returns(self, structure: Any) -> None:
        """Notes what the function returned. Variables among it are read."""
        with self.as_default():
            self.structure = nest.map_structure(self._owned, structure)

    def _owned(self, leaf: Any) -> Any:
        if not isinstance(leaf, IndexedSlices):
            leaf = conversion.resolve(leaf)
        return _with_tensors(leaf, map(self.own, _tensors_in(leaf)))

    @property
    def outputs(self) -> list[Tensor]:
        """The tensors among what the function returned."""
        return [x for leaf in nest.flatten(self.structure) for x in _tensors_in(leaf)]

    def pack(self, tensors: Sequence[Tensor]) -> Any:
        """What the function returned, with these tensors in place of the outputs."""
        if isinstance(self.structure, SymbolicTensor):
            return tensors[0]  # the most common cases
        if type(self.structure) is list and all(isinstance(leaf, SymbolicTensor) for leaf in self.structure):
            return list(tensors)
        rest = iter(tensors)
        return nest.map_structure(
            lambda leaf: _with_tensors(leaf, (next(rest) for _ in _tensors_in(leaf))), self.structure
        )


def _tensors_in(leaf: Any) -> list[Tensor]:
    """The tensors that a leaf consists of: none for a Python value, several for an IndexedSlices."""
    if isinstance(leaf, IndexedSlices):
        return [leaf.values, leaf.indices, *([] if leaf.like is None else [leaf.like])]
    return [leaf] if isinstance(leaf, Tensor) else []


def _with_tensors(leaf: Any, tensors: Any) -> Any:
    """The leaf with other tensors in place of its own."""
    if isinstance(leaf, IndexedSlices):
        values, indices, *like = tensors
        return IndexedSlices(values, indices, leaf._dense_shape, *like)
    return next(iter(tensors), leaf)


def traced(function: Callable[..., Any], args: Any, kwargs: Any) -> FunctionGraph:
    """Calls a function while its graph listens, with each tensor among the arguments replaced by an input.

    Tapes that are active outside do not see what the function does.
    """
    graph = FunctionGraph()
    args, kwargs = nest.map_structure(
        lambda leaf: graph.input(leaf) if isinstance(leaf, Tensor) else leaf, (args, kwargs)
    )
    with listening(interpreter=graph, tapes=(), device=None):
        result = function(*args, **kwargs)
    graph.returns(result)
    return graph
