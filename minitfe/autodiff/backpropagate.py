"""The walker: operations played backwards.

A tape or a graph holds operations in the order in which they ran, so every operation stands after those that made its
inputs. Read backwards, all uses of a tensor come by before the operation that made it. That is why nothing needs to be
sorted, and why a gradient is complete by the time it is passed on. Take

    b = a + a
    c = b + b

Backwards, ``c = b + b`` comes first and adds 1 + 1 to b's gradient. Only then is b's own operation met, with the
complete 2 in hand, and it adds 2 + 2 to a's: dc/da = 4.

The chain rule itself is in the gradient rules. What is left for the walker is to sum, to undo broadcasting, and to skip
what nobody asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

from minitfe import errors, lines
from minitfe.context import get_listeners
from minitfe.operation import Op, Operation
from minitfe.ops import complex as complex_ops
from minitfe.ops import indexed_slices, math
from minitfe.ops.broadcasting import unbroadcast_like
from minitfe.tensor import Tensor


@lines.walks_backwards
def backpropagate(
    operations: Sequence[Operation],
    targets: Sequence[Tensor],
    sources: Sequence[Tensor],
    output_gradients: Sequence[Tensor],
    watched: Container[Tensor],
) -> list[Any]:
    """Returns the gradient of the sum of the targets with respect to each source.

    Args:
        operations: what was done, in order.
        targets: the tensors to differentiate.
        sources: the tensors to differentiate with respect to.
        output_gradients: the gradient to begin with at each target.
        watched: the tensors that depend on something of interest. Rules are called for these inputs only.

    Returns:
        For each source a tensor, an IndexedSlices, or None where the targets do not depend on it.

    Raises:
        LookupError: where an op on the way has neither a gradient rule nor a declared reason for having none.
    """
    gradients: dict[Tensor, Any] = {}  # what has been summed up for each tensor
    own: set[Tensor] = set()  # sums made here that no rule has seen yet: these may be added to in place
    for target, seed in zip(targets, output_gradients):
        accumulate(gradients, target, seed, own)
    wanted = set(sources)  # to be kept, even where they are intermediate results
    for operation in reversed(operations):
        op, inputs, attributes, output, _ = operation
        if op.whole is not None:
            apply_whole_rule(operation, gradients, own, wanted, watched)
            continue
        g = gradients.get(output)
        if g is None:
            continue
        if output not in wanted:
            del gradients[output]  # complete, and passed on now: its memory can go
        own.discard(g)
        if type(g) is not Tensor and not op.keeps_sparse:
            g = indexed_slices.to_dense(g)
        conjugate = op.holomorphic and g.array.dtype.kind == "c"
        if len(op.partials) < len(inputs):
            require_reasons(op, inputs, watched)
        for x, rule in zip(inputs, op.rules):
            if rule is None or x not in watched:
                continue
            if conjugate:
                partial = conjugated(rule, g, inputs, output, attributes)
            else:
                partial = rule(g, *inputs, output, **attributes) if attributes else rule(g, *inputs, output)
            if partial is None:
                continue
            if type(partial) is not Tensor or partial.array.shape != x.array.shape:
                partial = fit(op, rule, partial, x)
            total = gradients.get(x)
            gradients[x] = partial if total is None else add_gradients(total, partial, own)
    return [gradients.get(source) for source in sources]


def apply_whole_rule(
    operation: Operation,
    gradients: dict[Tensor, Any],
    own: set[Tensor],
    wanted: set[Tensor],
    watched: Container[Tensor],
) -> None:
    """Passes gradients back through an operation whose op has one rule for all inputs."""
    op, inputs = operation.op, operation.inputs
    gs = [gradients.get(output) for output in operation.outputs]
    if all(g is None for g in gs):
        return
    for output in operation.outputs:
        if output not in wanted:
            gradients.pop(output, None)
    own.difference_update(gs)
    assert op.whole is not None
    partials = op.whole(operation, [indexed_slices.to_dense(g) for g in gs])
    if len(partials) != len(inputs):
        raise errors.InternalError(
            f"The gradient rule {rule_name(op.whole)} of {op.name} returned {len(partials)} gradients"
            f" for {len(inputs)} inputs."
        )
    for x, partial in zip(inputs, partials):
        if partial is not None and x in watched:
            accumulate(gradients, x, fit(op, op.whole, partial, x), own)


def accumulate(gradients: dict[Tensor, Any], x: Tensor, partial: Any, own: set[Tensor]) -> None:
    """Adds one use's share to the gradient of a tensor."""
    before = gradients.get(x)
    gradients[x] = partial if before is None else add_gradients(before, partial, own)


def add_gradients(total: Any, partial: Any, own: set[Tensor]) -> Any:
    """The sum of two gradients; of two sparse ones, all their rows.

    The first sum of two gradients is a new tensor. A third gradient may be added to that in place, as long as nobody
    but the walker knows it. Rules may return the very tensor that they were given (`add`'s do, for both inputs), so a
    sum that was handed to a rule is no longer in `own`. Nor is one that was made while a tape or a graph took notes.
    """
    if total in own and type(partial) is Tensor and partial.home is total.home:
        accumulate_in_place = total.home.accumulate
        if accumulate_in_place is not None:
            total.array = accumulate_in_place(total.array, partial.array)
            return total
    if type(total) is indexed_slices.IndexedSlices and type(partial) is indexed_slices.IndexedSlices:
        return indexed_slices.join(total, partial)
    total = math.add(total, partial)
    listeners = get_listeners()
    if not listeners.tapes and listeners.interpreter is None:
        own.add(total)
    return total


def conjugated(rule: Callable[..., Any], g: Tensor, inputs: Sequence[Tensor], output: Any, attributes: Any) -> Any:
    """Applies a rule that is a complex derivative f'(z): the gradient of a real loss is then g conj(f'(z)).

    The rule computes g f'(z), and conj(conj(g) f'(z)) = g conj(f'(z)).
    """
    partial = rule(complex_ops.conj(g), *inputs, output, **attributes)
    return None if partial is None else complex_ops.conj(partial)


def fit(op: Op, rule: Callable[..., Any], partial: Any, x: Tensor) -> Any:
    """Sums a gradient over the axes along which the op stretched its input.

    Raises:
        InternalError: where an op does not broadcast and its rule returned a gradient of another shape than the input.
    """
    if type(partial) is indexed_slices.IndexedSlices or partial.array.shape == x.array.shape:
        return partial
    if op.broadcasts:
        return unbroadcast_like(partial, x)
    if partial.shape.is_compatible_with(x.shape):
        return partial  # in a graph: a size is not known yet
    raise errors.InternalError(
        f"The gradient rule {rule_name(rule)} of {op.name} returned a gradient of shape {partial.shape} for an input of"
        f" shape {x.shape}; the two must be equal."
    )


def rule_name(rule: Callable[..., Any]) -> str:
    """What a gradient rule is called."""
    return getattr(rule, "__name__", repr(rule))


def require_reasons(op: Op, inputs: Sequence[Tensor], watched: Container[Tensor]) -> None:
    """Raises LookupError unless it was declared why the inputs without a rule have no gradient."""
    for position, x in enumerate(inputs):
        if x in watched and position not in op.partials and op.why_constant(position) is None:
            raise LookupError(
                f"gradient registry has no entry for: {op.tensorflow_name}. {op.name} has no gradient rule for its"
                f" input {position}; add one with minitfe.extend, or pass the input through tf.stop_gradient."
            )
