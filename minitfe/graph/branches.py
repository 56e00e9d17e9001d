"""Branches and loops in a graph: their functions are traced now, and what is called is decided when the graph runs.

Each gets a graph of its own. Tensors of the graph around it that it reads are captured, and passed along as inputs, so
that gradients find their way to them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Sized
from itertools import islice
from typing import Any

from minitfe import dtypes, errors, nest
from minitfe.conversion import convert_to_tensor
from minitfe.graph.eager_calls import Specification, eager_call
from minitfe.graph.function_graph import FunctionGraph, traced
from minitfe.graph.graph import Graph
from minitfe.graph.traced_function import TracedFunction
from minitfe.ops import array
from minitfe.shapes import Extents, extents_of
from minitfe.tensor import Tensor


def cond(graph: Graph, pred: Tensor, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Writes down a choice between two functions, which must return equal structures of equal dtypes.

    What ``tf.group`` and ``tf.no_op`` return there, None, becomes a tensor to fetch: true, once all has been done.
    """

    def part(function: Callable[[], Any]) -> FunctionGraph:
        return _part(graph, lambda: nest.map_structure(lambda leaf: True if leaf is None else leaf, function()))

    branches = [part(true_fn), part(false_fn)]
    _require_alike(*branches)
    yes, no = map(TracedFunction, branches)

    def choose(pred: Tensor, *values: Tensor) -> Sequence[Tensor]:
        for_yes, for_no, _ = _grouped(values, yes.graph.captured, no.graph.captured)
        return yes.call(for_yes) if bool(pred) else no.call(for_no)

    outputs = [(x.dtype, _common(x.extents, y.extents)) for x, y in zip(yes.outputs, no.outputs)]
    inputs = [pred, *yes.graph.captured, *no.graph.captured, *_handles(yes, no)]
    return yes.graph.pack(eager_call(choose, inputs, outputs))


def while_loop(
    graph: Graph,
    cond: Callable[..., Any],
    body: Callable[..., Any],
    variables: Any,
    most: Tensor | None,
    invariants: Any,
) -> Any:
    """Writes down a loop. The loop variables keep their dtypes, and their shapes unless `invariants` says less."""
    first = nest.flatten(variables)
    extents = [x.extents for x in first] if invariants is None else [extents_of(e) for e in nest.flatten(invariants)]
    examples = nest.pack_sequence_as(variables, [graph.placeholder(x.dtype, e) for x, e in zip(first, extents)])
    test, round_ = TracedFunction(_part(graph, cond, *examples)), TracedFunction(_part(graph, body, *examples))
    _require_loop(test, round_, examples)

    def repeat(*values: Tensor) -> Sequence[Tensor]:
        state, for_test, for_round, rest = _grouped(values, first, test.graph.captured, round_.graph.captured)
        rounds = None if most is None else int(rest[-1])
        while (rounds is None or rounds > 0) and bool(test.call([*state, *for_test])[0]):
            state = round_.call([*state, *for_round])
            rounds = None if rounds is None else rounds - 1
        return state

    limit = [] if most is None else [most]
    inputs = [*first, *test.graph.captured, *round_.graph.captured, *_handles(test, round_), *limit]
    outputs: list[Specification] = [(x.dtype, extents) for x, extents in zip(first, extents)]
    return nest.pack_sequence_as(variables, eager_call(repeat, inputs, outputs))


def map_parts(graph: Graph, fn: Callable[..., Any], elems: Any) -> Any:
    """Writes down that a function is applied to each part along the first axis, and the results are stacked."""
    whole = nest.flatten(elems)
    part = TracedFunction(_part(graph, fn, nest.map_structure(lambda x: _first_part(graph, x), elems)))

    def apply(*values: Tensor) -> Sequence[Tensor]:
        tensors, captured, _ = _grouped(values, whole, part.graph.captured)
        return _stacked([part.call([*row, *captured]) for row in _rows(tensors)])

    outputs = [(y.dtype, _with_first(whole[0], y)) for y in part.outputs]
    return part.graph.pack(eager_call(apply, [*whole, *part.graph.captured, *_handles(part)], outputs))


def accumulate(graph: Graph, fn: Callable[..., Any], elems: Any, initializer: Any, reverse: bool) -> Any:
    """Writes down that a function combines what was accumulated with each part in turn; returns all that was, stacked.

    Where parts are taken in reverse, what was accumulated stays in the place of its part.
    """
    whole, start = nest.flatten(elems), [] if initializer is None else nest.flatten(initializer)
    example = nest.map_structure(lambda x: _first_part(graph, x), elems)
    state = example if initializer is None else nest.map_structure(lambda x: _like(graph, x), initializer)
    step = TracedFunction(_part(graph, fn, state, example))
    nest.assert_same_structure(state, step.graph.structure)

    def fold(*values: Tensor) -> Sequence[Tensor]:
        tensors, begin, captured, _ = _grouped(values, whole, start, step.graph.captured)
        rows = _rows(tensors)[::-1] if reverse else _rows(tensors)
        results = [] if start else [rows.pop(0)]
        now = begin if start else results[0]
        for row in rows:
            now = step.call([*now, *row, *captured])
            results.append(now)
        return _stacked(results[::-1] if reverse else results)

    outputs = [(y.dtype, _with_first(whole[0], y)) for y in step.outputs]
    inputs = [*whole, *start, *step.graph.captured, *_handles(step)]
    return step.graph.pack(eager_call(fold, inputs, outputs))


def _grouped(values: Sequence[Tensor], *groups: Sized) -> list[list[Tensor]]:
    """The values in groups as large as these, and in a last one those that are left."""
    rest = iter(values)
    return [*(list(islice(rest, len(group))) for group in groups), list(rest)]


def _like(graph: Graph, x: Tensor) -> Tensor:
    return graph.placeholder(x.dtype, x.shape)


def _first_part(graph: Graph, x: Tensor) -> Tensor:
    return graph.placeholder(x.dtype, None if x.extents is None else x.extents[1:])


def _with_first(x: Tensor, part: Tensor) -> Extents | None:
    return None if part.extents is None or x.extents is None else (x.extents[0], *part.extents)


def _rows(tensors: Sequence[Tensor]) -> list[list[Tensor]]:
    """The parts of several tensors side by side."""
    return [list(row) for row in zip(*[array.unstack(x) for x in tensors])]


def _stacked(rows: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    return [array.stack(column) for column in zip(*rows)]


def _part(graph: Graph, function: Callable[..., Any], *args: Any) -> FunctionGraph:
    """The graph of a branch, a condition or a body; the graph around it meets its variables."""
    part = traced(lambda *inner: nest.map_structure(convert_to_tensor, function(*inner)), args, {})
    for variable in part.variables.values():
        graph.meets(variable)
    return part


def _handles(*functions: TracedFunction) -> list[Tensor]:
    """The handles of all variables, which are inputs so that gradients find their way to them."""
    return list({handle: None for function in functions for handle in function.graph.variables})


def _require_alike(yes: FunctionGraph, no: FunctionGraph) -> None:
    nest.assert_same_structure(yes.structure, no.structure)
    for x, y in zip(yes.outputs, no.outputs):
        if x.dtype is not y.dtype:
            raise TypeError(
                "tf.cond: both branches must return the same dtypes; true_fn returned"
                f" {errors.describe_operands((x,))} and false_fn {errors.describe_operands((y,))}."
            )


def _require_loop(test: TracedFunction, round_: TracedFunction, examples: Any) -> None:
    """A condition returns one bool, and a body what it was given."""
    if [x.dtype for x in test.outputs] != [dtypes.bool_]:
        raise TypeError(f"tf.while_loop: cond must return one bool, not {errors.describe_operands(test.outputs)}.")
    returned = round_.graph.structure
    nest.assert_same_structure(list(examples), list(returned) if isinstance(returned, (list, tuple)) else [returned])
    for i, (x, y) in enumerate(zip(nest.flatten(examples), round_.outputs)):
        if x.dtype is not y.dtype:
            raise TypeError(
                f"tf.while_loop: body was given {x.dtype.name} as loop variable {i} and returned {y.dtype.name}."
            )
        if not _stays_within(x.extents, y.extents):
            raise ValueError(
                f"The shape for loop variable {i} is not an invariant for the loop. It enters the loop with shape"
                f" {x.shape}, but has shape {y.shape} after one iteration. Provide shape invariants using the"
                " `shape_invariants` argument of tf.while_loop."
            )


def _stays_within(x: Extents | None, y: Extents | None) -> bool:
    """Whether a shape y has all that is known of a shape x."""
    if x is None or y is None:
        return x is None
    return len(x) == len(y) and all(m is None or m == n for m, n in zip(x, y))


def _common(x: Extents | None, y: Extents | None) -> Extents | None:
    """What two shapes have in common; sizes that differ are unknown."""
    if x is None or y is None or len(x) != len(y):
        return None
    return tuple(m if m == n else None for m, n in zip(x, y))
