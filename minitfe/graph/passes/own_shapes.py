"""Own shapes: ops that look at a tensor only to know its shape become ops that are told the shape.

Gradient rules stretch and sum their gradients to the shape of some tensor of the forward computation. Where all sizes
are known that tensor need not be there: a sum to the shape of a bias is a sum along the first axes, and a mean's
gradient is a division and a stretch.

    expand_like(g, like, axis)      broadcast_to(reshape(g))
    expand_mean_like(g, like)       broadcast_to(reshape(g / n))
    broadcast_like(x, like)         broadcast_to(x)
    unbroadcast_like(x, like)       reshape(reduce_sum(x, axes))

Plans for accelerators use this pass, since there the words on the right can be fused with others. On the CPU a stand-in
for the shape costs nothing (`lent_shapes`), and the words on the left are views.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minitfe.graph.forms import size
from minitfe.graph.program import Made, Program, Replacement, constant, known_shape, operation_of, rewritten
from minitfe.operation import OPS, Operation
from minitfe.tensor import Tensor

Shape = tuple[int, ...]


def own_shapes(program: Program) -> Program:
    """Tells ops the shapes that they would look at."""
    return rewritten(program, _told)


def _told(operation: Operation, made: Made) -> Replacement:
    rule = RULES.get(operation.op.name)
    if rule is None or any(known_shape(x) is None for x in (*operation.inputs, operation.output)):
        return None
    return rule(operation, operation.inputs[0])


def _expand(operation: Operation, g: Tensor) -> list[Operation]:
    steps: list[Operation] = []
    shape, axis = operation.output.array.shape, operation.attributes["axis"]
    axes = range(len(shape)) if axis is None else [i % len(shape) for i in axis]
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    if g.array.shape not in (kept, ()):
        steps.append(operation_of("reshape", [g], shape=kept))
        g = steps[-1].output
    return [*steps, _as(operation, "broadcast_to", g, shape=shape)]


def _expand_mean(operation: Operation, g: Tensor) -> list[Operation] | None:
    dtype, copies = g.array.dtype, size(operation.output.array.shape) // max(size(g.array.shape), 1)
    if dtype.char not in "fd" or not copies:
        return None
    quotient = operation_of("realdiv", [g, constant(np.full((), copies, dtype))])
    return [quotient, *_expand(operation, quotient.output)]


def _broadcast(operation: Operation, x: Tensor) -> list[Operation]:
    return [_as(operation, "broadcast_to", x, shape=operation.output.array.shape)]


def _unbroadcast(operation: Operation, x: Tensor) -> list[Operation] | None:
    if x.array.dtype.kind not in "iuf":
        return None
    shape, target = x.array.shape, operation.output.array.shape
    extra = len(shape) - len(target)
    axes = (*range(extra), *[i + extra for i, n in enumerate(target) if n == 1 and shape[i + extra] != 1])
    total = operation_of("reduce_sum", [x], axis=axes, keepdims=False)
    if known_shape(total.output) == target:
        return [total._replace(output=operation.output, where=operation.where)]
    return [total, _as(operation, "reshape", total.output, shape=target)]


def _reshape(operation: Operation, x: Tensor) -> list[Operation]:
    return [_as(operation, "reshape", x, shape=operation.output.array.shape)]


def _as(operation: Operation, name: str, x: Tensor, **attributes: Shape) -> Operation:
    """Another op with the same output."""
    return Operation(OPS[name], [x], attributes, operation.output, operation.where)


RULES: dict[str, Callable[[Operation, Tensor], list[Operation] | None]] = {
    "expand_like": _expand,
    "expand_mean_like": _expand_mean,
    "broadcast_like": _broadcast,
    "unbroadcast_like": _unbroadcast,
    "reshape_like": _reshape,
}
