"""Eager code in a graph: an operation that calls a function of tensors each time the graph runs.

Branches, loops and `py_func` are such functions. They decide by values, and values are there when the graph runs. So
that they can be differentiated, each call runs under a tape of its own, and the tape comes out as one more output: the
*record*. The operation's gradient is another call, which plays the record back.

    y, record = eager_call(x)               y = f(x), under a tape
    dx        = eager_gradient(record, x, g)    tape.gradient(y, x, g)

A second derivative cannot use the record, since that tape did not see itself being played back. There the function is
called again, under two tapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minitfe import devices, dtypes, shapes
from minitfe.autodiff.tape import GradientTape
from minitfe.dtypes import DType
from minitfe.execute import execute
from minitfe.graph.graph import Graph, TensorOp
from minitfe.operation import Operation
from minitfe.ops import array
from minitfe.ops.indexed_slices import to_dense
from minitfe.shapes import Extents
from minitfe.tensor import Tensor
from minitfe.variable import Handle

TensorFunction = Callable[..., Sequence[Tensor]]
Specification = tuple[DType, Extents | None]

RECORD: Specification = (dtypes.string, ())  # an object of Python's, which only eager_gradient looks into


class CallOp(TensorOp):
    """An op whose outputs are said beforehand: the attribute `outputs` has dtype and extents of each."""

    __slots__ = ()

    def infer(self, inputs: Sequence[Tensor], attributes: Any) -> list[Specification]:
        """Returns what was said."""
        return list(attributes["outputs"])


class Record:
    """What was done in one call: to be played back."""

    def __init__(self, function: TensorFunction, inputs: Sequence[Tensor]) -> None:
        # One tensor may be given twice, or be returned: each place gets a tensor of its own, and a gradient of its own.
        self.inputs = [x if isinstance(x, Handle) else array.identity(x) for x in inputs]
        with GradientTape(persistent=True) as self.tape:
            self.tape.watch([x for x in self.inputs if x.dtype.is_differentiable])
            self.outputs = [array.identity(y) for y in function(*self.inputs)]

    def gradients(self, gs: Sequence[Tensor]) -> list[Tensor]:
        """A gradient per input; zeros where the outputs do not depend on it."""
        pairs = [(y, g) for y, g in zip(self.outputs, gs) if y.dtype.is_differentiable]
        targets, seeds = [y for y, _ in pairs], [g for _, g in pairs]
        gradients = self.tape.gradient(targets, self.inputs, seeds)
        # The handle of a session's variable may be there twice, for two branches; its gradient is told once.
        place = {x: i for i, x in enumerate(self.inputs)}
        return [
            to_dense(g) if g is not None and place[x] == i else array.zeros_like(x)
            for i, (x, g) in enumerate(zip(self.inputs, gradients))
        ]


def eager_call(function: TensorFunction, inputs: Sequence[Tensor], outputs: Sequence[Specification]) -> list[Tensor]:
    """Writes down that a function is to be called when the graph runs.

    Args:
        function: takes eager tensors, and returns a list of them.
        inputs: what it will be called with, tensors of the graph.
        outputs: dtype and extents of what it will return.

    Returns:
        The tensors of the graph that stand for what it will return.
    """
    attributes = {"function": function, "outputs": (*outputs, RECORD)}
    return list(execute(eager_call_op, inputs, attributes)[:-1])


Graph.call_later = staticmethod(eager_call)


def _call(*inputs: Tensor, function: TensorFunction, outputs: Sequence[Specification]) -> list[Tensor]:
    record = Record(function, inputs)
    wrapped = np.empty((), object)
    wrapped[()] = record
    return [*record.outputs, Tensor(wrapped, devices.cpu())]


eager_call_op = CallOp("eager_call", _call, shape=shapes.same, several=True, stateful=True, holomorphic=False)


@eager_call_op.whole_gradient
def eager_call_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """The record, played back."""
    *outputs, record = operation.output
    filled = [array.zeros_like(y) if g is None else g for y, g in zip(outputs, gs)]
    return _gradients(eager_gradient_op, [record], operation, filled)


def _gradients(op: TensorOp, record: list[Tensor], operation: Operation, gs: list[Tensor]) -> list[Any]:
    """Calls a gradient op; inputs that have no derivative have no gradient."""
    inputs, function = list(operation.inputs), operation.attributes["function"]
    attributes = {"function": function, "outputs": tuple((x.dtype, x.extents) for x in inputs)}
    gradients = execute(op, [*record, *inputs, *gs], attributes)
    return [g if x.dtype.is_differentiable else None for x, g in zip(inputs, gradients)]


def _play_back(
    record: Tensor, *rest: Tensor, function: TensorFunction, outputs: Sequence[Specification]
) -> list[Tensor]:
    gs = rest[len(outputs) :]
    return record.array[()].gradients(gs)  # type: ignore[no-any-return]


def _call_again(*rest: Tensor, function: TensorFunction, outputs: Sequence[Specification]) -> list[Tensor]:
    inputs, gs = rest[: len(outputs)], rest[len(outputs) :]
    return Record(function, inputs).gradients(gs)


eager_gradient_op = CallOp("eager_gradient", _play_back, shape=shapes.same, several=True, holomorphic=False)
gradient_again_op = CallOp("gradient_again", _call_again, shape=shapes.same, several=True, holomorphic=False)


@eager_gradient_op.whole_gradient
def eager_gradient_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """The derivative of the gradient as a function of inputs and gradients; the record has none."""
    _, *inputs = operation.inputs
    return [None, *_differentiated_again(inputs, operation, gs)]


@gradient_again_op.whole_gradient
def gradient_again_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """The same once more, for any order."""
    return _differentiated_again(operation.inputs, operation, gs)


def _differentiated_again(inputs: Sequence[Tensor], operation: Operation, gs: list[Any]) -> list[Any]:
    function, outputs = operation.attributes["function"], operation.attributes["outputs"]
    gradient = partial(_call_again, function=function, outputs=outputs)
    filled = [array.zeros_like(y) if g is None else g for y, g in zip(operation.output, gs)]
    again = Operation(gradient_again_op, inputs, {"function": gradient}, operation.output)
    return _gradients(gradient_again_op, [], again, filled)
