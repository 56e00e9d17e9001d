"""The walker in slow motion: one operation at a time, with all gradients kept.

`backpropagate` hands out what was asked for and drops everything else on its way. Whoever wants to see how a gradient
comes about, or where it stops, lets it walk over each operation by itself and writes down what it brought.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, NamedTuple

from minitfe.autodiff.backpropagate import accumulate, backpropagate
from minitfe.context import listening
from minitfe.operation import Operation
from minitfe.tensor import Tensor


class BackwardStep(NamedTuple):
    """What one operation, walked backwards, brought.

    Attributes:
        number: its place in the record.
        operation: the operation.
        partials: what its rules returned, summed up for each input tensor.
        gradients: the gradients of all tensors as they are after this step. The next step adds to it.
    """

    number: int
    operation: Operation
    partials: dict[Tensor, Any]
    gradients: dict[Tensor, Any]


def walk(
    operations: Sequence[Operation], targets: Sequence[Tensor], seeds: Sequence[Tensor], watched: Container[Tensor]
) -> Iterator[BackwardStep]:
    """Yields a step for each operation that the targets depend on, the last one first; no tape takes note.

    Raises:
        LookupError: where an op has neither a gradient rule nor a reason for having none, as `backpropagate` does.
    """
    gradients: dict[Tensor, Any] = {}
    with listening(tapes=()):
        for target, seed in zip(targets, seeds):
            accumulate(gradients, target, seed, set())
    for number in reversed(range(len(operations))):
        operation = operations[number]
        outputs = [y for y in operation.outputs if y in gradients]
        if outputs:
            with listening(tapes=()):
                partials = _partials(operation, outputs, [gradients[y] for y in outputs], watched)
                for x, partial in partials.items():
                    accumulate(gradients, x, partial, set())
            yield BackwardStep(number, operation, partials, gradients)


def _partials(operation: Operation, outputs: list[Tensor], gs: list[Any], watched: Container[Tensor]) -> dict[Any, Any]:
    """What each watched input gets from one operation."""
    inputs = [x for x in dict.fromkeys(operation.inputs) if x in watched]
    partials = backpropagate([operation], outputs, inputs, gs, watched)
    return {x: partial for x, partial in zip(inputs, partials) if partial is not None}
