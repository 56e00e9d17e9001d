"""Constant folding: what depends on constants alone is computed once, now.

    x * (2.0 * 3.14159)     ─►     x * 6.28318

Large results are left to be computed in each run, unless they are views of something small: memory is dear as well.
"""

from __future__ import annotations

from typing import Any

from minitfe.context import listening
from minitfe.devices import cpu
from minitfe.execute import execute, execute_source
from minitfe.graph.program import Made, Program, is_constant, is_pure, known_shape, rewritten
from minitfe.operation import Operation
from minitfe.tensor import Tensor

LARGEST = 1 << 16
"""Bytes: larger results are not kept."""


def constant_folding(program: Program) -> Program:
    """Computes what can be computed now."""
    with listening(interpreter=None, tapes=(), device=cpu()):
        return rewritten(program, _folded)


def _folded(operation: Operation, made: Made) -> list[Tensor] | None:
    if not is_pure(operation) or not all(map(is_constant, operation.inputs)) or _would_be_large(operation):
        return None
    try:
        result = _compute(operation)
    except Exception:
        return None  # the error belongs to the run, if that gets so far
    results = list(result) if operation.op.several else [result]
    return results if all(_is_small(x.array) for x in results) else None


def _compute(operation: Operation) -> Any:
    if operation.inputs:
        return execute(operation.op, operation.inputs, operation.attributes)
    return execute_source(operation.op, operation.attributes)


VIEWS = {"expand_like", "expand_mean_like", "broadcast_like", "broadcast_to"}


def _would_be_large(operation: Operation) -> bool:
    if operation.op.name in VIEWS:
        return False
    shapes = [known_shape(y) for y in operation.outputs]
    return any(shape is not None and _size(shape) * 8 > LARGEST for shape in shapes)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


def _is_small(array: Any) -> bool:
    return array.nbytes <= LARGEST or not any(array.strides)
