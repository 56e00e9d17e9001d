"""Graphs: the same ops, written down instead of run.

While a graph listens, `execute` hands it every op. The graph works out dtype and shape of what will come out, makes a
tensor without a value to stand for it, and appends the `Operation`. Later the operations run in the order in which they
were written, with the same kernels that eager execution uses: that is all that graph execution is.

A symbolic tensor is a `Tensor` whose array is an `AbstractArray`, that is, dtype and shape alone, and whose home is its
graph. So everything that only asks for dtype and shape, gradient rules above all, works on both kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitfe import conversion, dtypes, errors, nest
from minitfe.context import get_listeners, listening, outside
from minitfe.execute import execute, execute_source
from minitfe.lines import quoted, user_line
from minitfe.operation import Op, Operation
from minitfe.shapes import Extents, PartialShape, extents_of
from minitfe.tensor import Tensor


class AbstractArray:
    """What is known of an array before it is computed.

    Attributes:
        dtype: numpy's dtype.
        shape: the sizes, None where unknown; None altogether where the number of axes is.
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, dtype: np.dtype[Any], shape: Extents | None) -> None:
        self.dtype = dtype
        self.shape = PartialShape(shape) if shape is not None and None in shape else shape


class SymbolicTensor(Tensor):
    """A tensor of a graph: it has a dtype and a shape, and gets a value each time the graph runs."""

    __slots__ = ()

    def static_value(self) -> Tensor | None:
        """Returns an eager tensor with the value, where that is known before the graph runs; else None."""
        return self.graph.static_value(self)

    def numpy(self) -> Any:
        """Raises AttributeError: there is no value yet."""
        raise AttributeError(f"{self} has no value before its graph runs; .numpy() works on eager tensors.")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        raise NotImplementedError(f"Cannot convert {self} to a numpy array: it has no value before its graph runs.")

    def __bool__(self) -> bool:
        raise TypeError(
            "Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` instead of `if t:` to test"
            " if a tensor is defined, and use TensorFlow ops such as tf.cond to execute subgraphs conditioned on"
            " the value of a tensor."
        )

    def _only_element(self) -> Any:
        raise TypeError(f"{self} has no value before its graph runs, so it cannot become a Python number.")

    __index__ = _only_element

    @property
    def graph(self) -> Graph:
        """The graph that makes it."""
        return self.home  # type: ignore[return-value]

    @property
    def name(self) -> str:
        """The name of the operation that makes it, and which of its outputs it is: ``'MatMul:0'``."""
        return self.graph.name_of(self)

    @property
    def op(self) -> Any:
        """The operation that makes it."""
        return self.graph.operation_of(self)

    @property
    def device(self) -> str:
        """The device that was asked for; the empty string where that is decided when the graph runs."""
        return self.graph.device_of(self)

    def consumers(self) -> Any:
        """Returns the operations that use it."""
        return self.graph.consumers_of(self)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Returns its value as a numpy array: what a session's `run` gives.

        Args:
            feed_dict: values for placeholders.
            session: where to run; by default the one whose ``with`` block this is in.
        """
        return self.graph.evaluate(self, feed_dict, session)

    def set_shape(self, shape: Any) -> None:
        """Says more about the shape than ops could infer; ValueError where it contradicts what is known."""
        merged = self.shape.merge_with(shape)
        self.array = AbstractArray(self.array.dtype, extents_of(merged))

    def __str__(self) -> str:
        return f'Tensor("{self.name}", shape={self.shape}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return f"<tf.Tensor {self.name!r} shape={self.shape} dtype={self.dtype.name}>"

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)


class VariableHandle(SymbolicTensor):
    """The handle of a variable whose value a session keeps, or what stands for that in a branch or a loop."""

    __slots__ = ()


class TensorOp(Op):
    """An op that is a function of tensors, and has no kernel: it runs other ops, or changes a variable.

    Args:
        run: called when the graph runs, with the inputs as eager tensors and the attributes as keywords.
    """

    __slots__ = ("run",)

    def __init__(self, name: str, run: Callable[..., Any], **settings: Any) -> None:
        super().__init__(name, **settings)
        self.run = run


class AtRun:
    """An attribute whose value is found anew each time the graph runs: the seed of a random draw.

    Args:
        find: returns the value.
    """

    __slots__ = ("find",)

    def __init__(self, find: Callable[[], Any]) -> None:
        self.find = find

    def __repr__(self) -> str:
        return "<found in each run>"


class Graph:
    """Operations in the order in which they were written down, to be run later, many times.

    >>> graph = Graph()
    >>> with graph.as_default():
    ...     x = graph.placeholder(tf.float32, [2])
    ...     y = x * x
    >>> graph.run(y, {x: [3., 4.]}).numpy()
    array([ 9., 16.], dtype=float32)
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self._outside = outside()

    @property
    def outside(self) -> Any:
        """Where variables are made: what lies around this graph; see `minitfe.context.Interpreter`."""
        return self._outside

    @contextmanager
    def as_default(self) -> Iterator[Graph]:
        """A scope in which ops are appended to this graph instead of being run."""
        with listening(interpreter=self):
            yield self

    def placeholder(self, dtype: Any, shape: Any = None) -> SymbolicTensor:
        """Returns a tensor whose value is given anew at each run."""
        return self._symbol(dtypes.as_dtype(dtype), extents_of(shape))

    def execute(self, op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any]) -> Any:
        """Appends an operation, and offers it to the tapes that watch one of its inputs.

        Raises:
            ValueError: where the shapes do not fit together, as TensorFlow does when a graph is built.
        """
        try:
            inferred = op.infer(inputs, attributes)
        except errors.ShapeError as error:
            message = errors.describe_failure(op, inputs, attributes, "the graph", error)
            raise ValueError(f"{message} The line is {quoted(user_line())}.") from None
        symbols = tuple(self._symbol(dtype, extents) for dtype, extents in inferred)
        operation = Operation(op, inputs, attributes, symbols if op.several else symbols[0], user_line())
        self.operations.append(operation)
        for tape in get_listeners().tapes:
            if any(x in tape.watched for x in inputs):
                tape.record(operation)
        return operation.output

    def constant(self, x: Tensor) -> Tensor:
        """Returns the tensor itself: eager tensors never change, and stand in operations as they are."""
        return x

    def meets(self, variable: Any) -> None:
        """Called for each variable that an operation reads or assigns; graphs of functions take note of them."""

    def run(self, fetches: Any, feeds: Mapping[Tensor, Any]) -> Any:
        """Runs the graph once and returns what the fetched tensors became.

        Args:
            fetches: tensors of the graph, in any nested structure.
            feeds: a value for each placeholder.
        """
        values: dict[Tensor, Tensor] = {
            placeholder: conversion.convert_to_tensor(value, dtype=placeholder.dtype)
            for placeholder, value in feeds.items()
        }
        with listening(interpreter=None, tapes=()):
            self.compute(values)
        return nest.map_structure(lambda x: values.get(x, x), fetches)

    def compute(self, values: dict[Tensor, Tensor]) -> dict[Tensor, Tensor]:
        """Runs the operations one after the other, and adds what comes out to the values; returns those."""
        for operation in self.operations:
            inputs = [values.get(x, x) for x in operation.inputs]
            result = run_operation(operation.op, inputs, operation.attributes)
            values.update(zip(operation.outputs, result if operation.op.several else (result,)))
        return values

    # ------------------------------------------------------------------------------------------ what its tensors tell

    call_later: Callable[..., list[Tensor]]
    """Notes down that a function of tensors is to be called when the graph runs: `eager_calls.eager_call`."""

    def sizes_in(self, x: Tensor) -> Extents | None:
        """What is known of the numbers in a tensor that is a shape: here only how many they are."""
        return None if x.extents is None or x.extents[0] is None else (None,) * x.extents[0]

    def scope_name(self, name: str) -> str:
        """The name of a name scope: graphs for sessions see to it that no two are the same."""
        return name

    def name_of(self, x: Tensor) -> str:
        """A tensor's name: here its number; graphs for sessions have better ones."""
        return f"{x.identity_number}:0"

    def static_value(self, x: Tensor) -> Tensor | None:
        """The value of a tensor that is known before the graph runs, if there is one."""
        return None

    def device_of(self, x: Tensor) -> str:
        """The device that was asked for, if any."""
        return ""

    def operation_of(self, x: Tensor) -> Any:
        """The operation that makes a tensor: only graphs for sessions keep that."""
        raise AttributeError(f"{x} belongs to a traced function, whose tensors do not know their operations.")

    consumers_of = operation_of

    def evaluate(self, x: Tensor, feed_dict: Any, session: Any) -> Any:
        """Raises ValueError: only graphs for sessions are evaluated in part."""
        raise ValueError(f"{x} belongs to a traced function, and has a value only while that is called.")

    def _symbol(self, dtype: dtypes.DType, extents: Extents | None) -> SymbolicTensor:
        return SymbolicTensor(AbstractArray(dtype.numpy, extents), self)  # type: ignore[arg-type]


def run_operation(op: Op, inputs: Sequence[Tensor], attributes: Mapping[str, Any]) -> Any:
    """Does now, with eager tensors, what an operation of a graph says."""
    if op.stateful:
        attributes = {name: value.find() if type(value) is AtRun else value for name, value in attributes.items()}
    if isinstance(op, TensorOp):
        return op.run(*inputs, **attributes)
    return execute(op, inputs, attributes) if inputs else execute_source(op, attributes)


def trace(
    function: Callable[..., Any], *examples: Tensor, sizes_known: bool = True
) -> tuple[Graph, list[SymbolicTensor], Any]:
    """Calls a function once with placeholders like the examples, and returns what it wrote down.

    Args:
        function: called with a placeholder for each example.
        examples: tensors whose dtypes and shapes the placeholders get.
        sizes_known: whether they get the sizes too, or only the number of axes.

    Returns:
        The graph, its placeholders, and what the function returned.
    """
    graph = Graph()
    placeholders = [graph.placeholder(x.dtype, x.shape if sizes_known else [None] * x.ndim) for x in examples]
    with graph.as_default():
        outputs = function(*placeholders)
    return graph, placeholders, outputs
