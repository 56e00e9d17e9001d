"""A program written for float32, run with the numbers of float64.

Slopes are measured from small differences, and float32 has no digits to spare for that. But a function cannot simply
be called with float64 inputs: it makes constants, labels and random numbers in float32 itself, and two dtypes never
meet. So an interpreter takes the place of eager execution. Its tensors *say* that they are float32, which is what
the function goes by, and *hold* float64, which is what the kernels compute with:

    with computing_in_double({}, {}):
        y = f(x)          # x.dtype is float32, x.array.dtype float64

Random numbers are drawn in float32 and then widened, so that they are the same as ever. A constant or a variable is
widened where it first meets an op, and is as before when the scope ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from minitfe import dtypes
from minitfe.context import get_listeners, listening
from minitfe.devices import copy_array, cpu
from minitfe.execute import execute, execute_source
from minitfe.operation import Op
from minitfe.tensor import Tensor
from minitfe.variable import Variable, read_variable_op

WIDENED = {
    dtype: type(f"{dtype.name}InDouble", (Tensor,), {"__slots__": (), "dtype": dtype, "__doc__": "Holds float64."})
    for dtype in (dtypes.float16, dtypes.float32)
}
"""For each dtype narrower than float64, the tensors that say it and hold float64."""


def in_double(array: np.ndarray[Any, Any], dtype: Any) -> Tensor:
    """A tensor that holds float64 and says that it is of another dtype."""
    return WIDENED[dtype](array, cpu()) if dtype in WIDENED else Tensor(array, cpu())


def attributes_in_double(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Settings in which float64 stands for all floating dtypes."""
    narrow = tuple(WIDENED)
    return {key: dtypes.float64 if any(value is d for d in narrow) else value for key, value in attributes.items()}


class DoublePrecision:
    """The interpreter: computes at once, as eager execution does, in float64.

    Args:
        variables: values to read in place of those that variables hold, by the variables' handles.
        known: variables by their handles, so that tapes watch the trainable ones when they are read.
    """

    computes_at_once = True
    outside = None  # variables that are made meanwhile are eager ones

    def __init__(self, variables: Mapping[Tensor, np.ndarray[Any, Any]], known: Mapping[Tensor, Variable]) -> None:
        self.variables = variables
        self.known = known
        self.widened: list[tuple[Tensor, Any, type]] = []

    def execute(self, op: Op, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Any:
        """Runs the op on float64, and lets the outputs say what the op's dtype rule says."""
        with listening(interpreter=None):
            if not inputs:
                return self.widen(execute_source(op, attributes))
            said = [dtype for dtype, _ in op.infer(inputs, attributes)]
            for x in inputs:
                self.widen(x)
            if op is read_variable_op:
                self._watch(inputs[0])
            output = execute(op, inputs, attributes_in_double(attributes))
        for y, dtype in zip(output if op.several else [output], said):
            if dtype in WIDENED and y.array.dtype == np.float64:
                y.__class__ = WIDENED[dtype]
        return output

    def constant(self, x: Tensor) -> Tensor:
        """Returns the tensor itself, which is widened when it is used."""
        return x

    def widen(self, x: Tensor) -> Tensor:
        """Lets a tensor hold float64 until the scope ends; a variable's handle, the value that it shall have."""
        dtype, value = x.dtype, self.variables.get(x)
        if type(x) in WIDENED.values() or (dtype not in WIDENED and (value is None or x.array is value)):
            return x
        self.widened.append((x, x.array, type(x)))
        x.array = value if value is not None else self._on_device(x, np.asarray(x.numpy(), np.float64))
        if dtype in WIDENED:
            x.__class__ = WIDENED[dtype]
        return x

    def restore(self) -> None:
        """Lets all tensors hold what they held before."""
        for x, array, kind in reversed(self.widened):
            x.array = array
            x.__class__ = kind
        self.widened = []

    def _on_device(self, x: Tensor, array: np.ndarray[Any, Any]) -> Any:
        return array if x.home is cpu() else copy_array(array, cpu(), x.home)

    def _watch(self, handle: Tensor) -> None:
        variable = self.known.get(handle)
        if variable is not None and variable.trainable:
            for tape in get_listeners().tapes:
                tape.watch_here(handle, variable)


@contextmanager
def computing_in_double(variables: Mapping[Any, Any], known: Mapping[Any, Variable]) -> Iterator[None]:
    """A scope in which ops compute in float64 whatever the dtype of their inputs; see `DoublePrecision`."""
    interpreter = DoublePrecision(variables, known)
    try:
        with listening(interpreter=interpreter):
            yield
    finally:
        interpreter.restore()
