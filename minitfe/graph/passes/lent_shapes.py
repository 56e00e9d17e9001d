"""Lent shapes: an input that an op only looks at for its shape need not be computed.

Gradient rules stretch and sum their gradients to the shape of some tensor of the forward computation. Where all sizes
are known, a stand-in serves as well: an array of that shape that is one zero, seen from everywhere. The tensor itself
may then die sooner, or never be computed.
"""

from __future__ import annotations

import numpy as np

from minitfe.graph.program import (
    Made,
    Program,
    Replacement,
    constant,
    is_constant,
    is_pure,
    known_shape,
    rewritten,
)
from minitfe.operation import SHAPE_ONLY, Operation
from minitfe.tensor import Tensor

BY_SHAPE_ALONE = {"zeros_like", "ones_like", "shape", "size", "rank"}
"""Ops that look at no value at all."""


def lent_shapes(program: Program) -> Program:
    """Puts stand-ins in the place of inputs that lend their shape alone."""
    return rewritten(program, _with_stand_ins)


def _with_stand_ins(operation: Operation, made: Made) -> Replacement:
    lent = [_lends_shape(operation, i) and known_shape(x) is not None for i, x in enumerate(operation.inputs)]
    if not any(lent):
        return None
    return [operation._replace(inputs=[_stand_in(x) if only else x for x, only in zip(operation.inputs, lent)])]


def _lends_shape(operation: Operation, position: int) -> bool:
    op, x = operation.op, operation.inputs[position]
    if not is_pure(operation) or is_constant(x) or x.array.dtype.kind == "O":
        return False
    if op.name == "concat_gradient":
        return position > 0
    return op.name in BY_SHAPE_ALONE or op.why_constant(position) == SHAPE_ONLY


def _stand_in(x: Tensor) -> Tensor:
    return constant(np.broadcast_to(np.zeros((), x.array.dtype), known_shape(x)))  # type: ignore[arg-type]
