"""Control flow: `cond`, `while_loop`, `map_fn`, `scan` and their relatives, and assertions.

Eager execution has Python for this: ``if``, ``while`` and ``for``. The functions here do the same under TensorFlow's
names, so that one program runs in both ways. Gradients need no rules: the tape records the ops that a branch or a loop
went through. In a graph, which has no values to decide by, they are written down for later: ``minitfe.graph.branches``.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np

from minitfe import conversion, dtypes, errors, nest
from minitfe.context import executing_eagerly, get_listeners, listening
from minitfe.conversion import convert_to_tensor
from minitfe.graph import branches, eager_calls
from minitfe.graph.graph import SymbolicTensor
from minitfe.graph.session_graph import SessionGraph
from minitfe.ops import arguments, array, comparison
from minitfe.tensor import Tensor, TensorLike

# ------------------------------------------------------------------------------------------------------------ decisions


def cond(
    pred: TensorLike,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """Calls one of two functions, and not the other.

    Args:
        pred: a bool, or a scalar tensor of dtype bool.
        true_fn, false_fn: functions without arguments; the one that is chosen is called.
        strict: whether a list of one tensor is returned as a list; by default the tensor itself is.
        fn1, fn2: older spellings of true_fn and false_fn.

    Returns:
        What the function returns.

    Raises:
        TypeError: where a branch cannot be called, or pred is neither bool nor tensor.
        ValueError: where pred is a tensor of another dtype, or no scalar.

    >>> x = tf.constant(3.)
    >>> float(tf.cond(x > 0., lambda: x, lambda: -x))
    3.0
    """
    true_fn, false_fn = fn1 if true_fn is None else true_fn, fn2 if false_fn is None else false_fn
    _callable(true_fn, "true_fn")
    _callable(false_fn, "false_fn")
    if isinstance(pred := conversion.resolve(pred), SymbolicTensor):
        if pred.dtype is not dtypes.bool_:
            raise ValueError(f"Non-boolean tensor {pred!r} cannot be converted to boolean.")
        return branches.cond(_graph(), pred, partial(_branch, true_fn, strict), partial(_branch, false_fn, strict))
    chosen = true_fn if _truth(pred, "pred") else false_fn
    return _branch(chosen, strict)


def smart_cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Calls one of two functions: now where pred has a value, or else, in a graph, when that runs.

    Args:
        pred: a Python value, of which its truth counts, or a scalar tensor of dtype bool.
        true_fn, false_fn: functions without arguments.
    """
    pred = conversion.resolve(pred)
    if isinstance(pred, Tensor):
        known = pred.static_value()
        if known is None:
            return cond(pred, true_fn, false_fn)
        pred = bool(known)
    return true_fn() if pred else false_fn()


def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """Calls the function of the first pair whose predicate is true.

    Args:
        pred_fn_pairs: pairs of a scalar bool tensor and a function without arguments, as a list or a dictionary.
        default: what to call where no predicate is true.
        exclusive: whether at most one predicate may be true.
        strict: see `cond`.

    Raises:
        TypeError: where the pairs are no pairs, or a function cannot be called.
        InvalidArgumentError: where nothing is true and there is no default, or more than one is and exclusive was
            asked for.

    >>> tf.case([(tf.constant(False), lambda: 1), (tf.constant(True), lambda: 2)])
    2
    """
    pairs = _pairs(pred_fn_pairs)
    if default is not None:
        _callable(default, "default")
    if any(isinstance(pred, SymbolicTensor) for pred, _ in pairs):
        return _case_in_graph(pairs, default, strict)
    truths = [_truth(pred, "pred") for pred, _ in pairs]
    if exclusive and sum(truths) > 1:
        raise errors.InvalidArgumentError(
            f"More than one condition evaluated as True but exclusive=True. Values of the conditions: {truths}."
        )
    chosen = next((function for truth, (_, function) in zip(truths, pairs) if truth), default)
    if chosen is None:
        raise errors.InvalidArgumentError("None of the conditions evaluated as True, and case was given no default.")
    return _branch(chosen, strict)


def _case_in_graph(pairs: Any, default: Callable[[], Any] | None, strict: bool) -> Any:
    """A chain of choices; without a default, the last function is called where no predicate is true."""
    (pred, function), *others = pairs
    if not others and default is None:
        return _branch(function, strict)
    otherwise = partial(_case_in_graph, others, default, strict) if others else default
    return cond(pred, function, otherwise, strict)


def _pairs(pred_fn_pairs: Any) -> list[tuple[Any, Callable[[], Any]]]:
    pairs = list(pred_fn_pairs.items()) if isinstance(pred_fn_pairs, Mapping) else pred_fn_pairs
    if not isinstance(pairs, (list, tuple)):
        raise TypeError("pred_fn_pairs must be a list, tuple, or dict.")
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Each entry in pred_fn_pairs must be a 2-tuple, not {pair!r}")
        _callable(pair[1], "each function in pred_fn_pairs")
    return list(pairs)


def _branch(function: Any, strict: bool) -> Any:
    result = function()
    return result[0] if isinstance(result, (list, tuple)) and len(result) == 1 and not strict else result


def _graph() -> Any:
    """The graph under construction, or None in eager execution."""
    return None if executing_eagerly() else get_listeners().interpreter


def _session_graph() -> SessionGraph | None:
    """The graph under construction, if a session will run it."""
    graph = get_listeners().interpreter
    return graph if isinstance(graph, SessionGraph) else None


def _callable(function: Any, what: str) -> None:
    if not callable(function):
        raise TypeError(f"{what} must be callable, not {function!r}.")


def _truth(value: Any, what: str) -> bool:
    """Reads a predicate. A tensor itself sees to it that it is a scalar of dtype bool."""
    value = conversion.resolve(value)
    if isinstance(value, (bool, np.bool_, Tensor)):
        return bool(value)
    raise TypeError(f"{what} must be a bool or a scalar tensor of dtype bool, not {value!r}.")


# ---------------------------------------------------------------------------------------------------------------- loops


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """Repeats ``loop_vars = body(*loop_vars)`` as long as ``cond(*loop_vars)`` is true.

    Args:
        cond: returns a bool, or a scalar tensor of dtype bool.
        body: returns the loop variables of the next round, nested as before.
        loop_vars: a list or tuple of tensors, or of nested structures of tensors.
        back_prop: whether gradients flow through the loop.
        maximum_iterations: how many rounds there are at most.
        return_same_structure: whether a single loop variable is returned in a list too.
        shape_invariants, parallel_iterations, swap_memory: accepted as in TensorFlow; nothing depends on them here.

    Returns:
        The loop variables at the end; where there is one, the bare variable.

    Raises:
        TypeError: where cond or body cannot be called, or cond does not return a bool.
        ValueError: where there are no loop variables, or body returns others than it was given.

    >>> i, total = tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s + i), [0, 0])
    >>> int(total)
    10
    """
    _callable(cond, "cond")
    _callable(body, "body")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    variables = loop_vars if isinstance(loop_vars, (list, tuple)) else [loop_vars]
    if not variables:
        raise ValueError("No loop variables provided")
    if _graph() is not None:
        most = None if maximum_iterations is None else convert_to_tensor(maximum_iterations)
        variables = branches.while_loop(_graph(), cond, body, _tensors(variables), most, shape_invariants)
        return variables[0] if len(variables) == 1 and not return_same_structure else variables
    rounds = None if maximum_iterations is None else arguments.integer(maximum_iterations, "maximum_iterations")
    with _recording(back_prop):
        variables = _tensors(variables)
        while (rounds is None or rounds > 0) and _truth(cond(*variables), "What cond returns"):
            variables = _next_round(body(*variables), variables)
            rounds = None if rounds is None else rounds - 1
    return variables[0] if len(variables) == 1 and not return_same_structure else variables


def _next_round(returned: Any, variables: Any) -> Any:
    """What body returned, as tensors."""
    returned = returned if isinstance(returned, (list, tuple)) else [returned]
    if len(returned) != len(variables):
        raise ValueError(
            f"body was given {len(variables)} loop variable(s) and returned {len(returned)}: {returned!r}."
        )
    nest.assert_same_structure(list(variables), list(returned))
    return _tensors(returned)


def _tensors(structure: Any) -> Any:
    return nest.map_structure(convert_to_tensor, structure)


def _recording(back_prop: bool) -> AbstractContextManager[None]:
    """Where no gradients are wanted, a scope without tapes."""
    return nullcontext() if back_prop else listening(tapes=())


def map_fn(
    fn: Callable[[Any], Any],
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
) -> Any:
    """Applies a function to each part along the first axis, and stacks the results.

    Args:
        fn: takes a part, nested as elems is, and returns a tensor or a nested structure of them.
        elems: a tensor, or a nested structure of tensors with equally many parts.
        dtype: the dtype of the results, nested as they are; if given, they must be so.
        back_prop: whether gradients flow through.
        parallel_iterations, swap_memory, infer_shape: accepted as in TensorFlow; nothing depends on them here.

    Raises:
        TypeError: where fn cannot be called, or returns another dtype than was said.
        ValueError: where elems have no parts, or not equally many; or where fn returns differently nested results.

    >>> tf.map_fn(lambda x: x * x, tf.constant([1., 2., 3.])).numpy()
    array([1., 4., 9.], dtype=float32)
    """
    if _graph() is not None:
        _callable(fn, "fn")
        return branches.map_parts(_graph(), fn, _tensors(elems))
    parts = _parts("map_fn", fn, elems)
    with _recording(back_prop):
        results = [_tensors(fn(part)) for part in parts]
    if dtype is not None:
        _check_dtypes(results[0], dtype)
    return _stacked(results)


def _parts(function: str, fn: Any, elems: Any) -> list[Any]:
    """The parts of elems along the first axis, each nested as elems is."""
    _callable(fn, "fn")
    tensors = _tensors(elems)
    flat = nest.flatten(tensors)
    if any(x.extents == () for x in flat):
        raise ValueError(f"{function} takes elements apart along their first axis, and a scalar has none.")
    if len({x.extents[0] for x in flat}) != 1 or flat[0].extents[0] == 0:
        raise ValueError(
            f"{function} needs at least one element, and equally many in each tensor; it was given"
            f" {errors.describe_operands(flat)}."
        )
    return [nest.pack_sequence_as(tensors, part) for part in zip(*[array.unstack(x) for x in flat])]


def _check_dtypes(result: Any, wanted: Any) -> None:
    nest.assert_same_structure(result, wanted)
    for x, dtype in zip(nest.flatten(result), nest.flatten(wanted)):
        if x.dtype is not dtypes.as_dtype(dtype):
            raise TypeError(f"fn was said to return {dtypes.as_dtype(dtype).name}, but returned {x.dtype.name}: {x!r}.")


def _stacked(results: list[Any]) -> Any:
    return nest.map_structure(lambda *parts: array.stack(parts), *results)


def foldl(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """Combines all parts along the first axis, from first to last: ``fn(fn(initializer, first), second)`` and so on.

    Args:
        fn: takes what has been accumulated and a part, and returns what is accumulated then.
        elems: as for `map_fn`.
        initializer: what to begin with; the first part by default.
        back_prop, parallel_iterations, swap_memory: as for `map_fn`.

    >>> int(tf.foldl(lambda a, x: a * 10 + x, tf.constant([1, 2, 3])))
    123
    """
    if _graph() is not None:
        return nest.map_structure(lambda x: x[-1], _accumulate_in_graph(fn, elems, initializer))
    return _accumulate("foldl", fn, elems, initializer, back_prop)[-1]


def foldr(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """As `foldl`, but from the last part to the first.

    >>> int(tf.foldr(lambda a, x: a * 10 + x, tf.constant([1, 2, 3])))
    321
    """
    if _graph() is not None:
        return nest.map_structure(lambda x: x[0], _accumulate_in_graph(fn, elems, initializer, reverse=True))
    return _accumulate("foldr", fn, elems, initializer, back_prop, reverse=True)[-1]


def scan(
    fn: Callable[[Any, Any], Any],
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """As `foldl`, but returns all that was accumulated on the way, stacked.

    Args are those of `foldl`, and:
        reverse: whether to go from the last part to the first; results stay in the place of their parts.

    >>> tf.scan(lambda a, x: a + x, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)
    """
    if _graph() is not None:
        return _accumulate_in_graph(fn, elems, initializer, reverse)
    results = _accumulate("scan", fn, elems, initializer, back_prop, reverse)
    return _stacked(results[::-1] if reverse else results)


def _accumulate_in_graph(fn: Any, elems: Any, initializer: Any, reverse: bool = False) -> Any:
    _callable(fn, "fn")
    start = None if initializer is None else _tensors(initializer)
    return branches.accumulate(_graph(), fn, _tensors(elems), start, reverse)


def _accumulate(
    function: str, fn: Any, elems: Any, initializer: Any, back_prop: bool, reverse: bool = False
) -> list[Any]:
    """What is accumulated after each part."""
    parts = _parts(function, fn, elems)
    if reverse:
        parts.reverse()
    results = []
    with _recording(back_prop):
        if initializer is None:
            results.append(parts.pop(0))
        accumulated = results[0] if results else _tensors(initializer)
        for part in parts:
            returned = _tensors(fn(accumulated, part))
            nest.assert_same_structure(accumulated, returned)
            accumulated = returned
            results.append(accumulated)
    return results


# ------------------------------------------------------------------------------------------------------------ the order


def control_dependencies(control_inputs: Any) -> AbstractContextManager[None]:
    """A scope whose operations run after others, when a session runs them.

    In eager execution, and in functions that are traced, it changes nothing: operations run in the order in which they
    were written.

    Args:
        control_inputs: tensors and operations; None lifts the scopes around it.
    """
    graph = _session_graph()
    return nullcontext() if graph is None else graph.control_dependencies(control_inputs)


def group(*inputs: Any, **kwargs: Any) -> Any:
    """Returns an operation that runs all of these; None in eager execution, where they have been computed already."""
    graph = _session_graph()
    return None if graph is None else graph.group(nest.flatten(list(inputs)), kwargs.get("name"))


def no_op(name: str | None = None) -> Any:
    """Returns an operation that does nothing; None in eager execution."""
    graph = _session_graph()
    return None if graph is None else graph.group([], name or "NoOp")


def tuple_(tensors: Sequence[Any], name: str | None = None, control_inputs: Any = None) -> Any:
    """Returns the tensors, such that in a session none is there before all are. ``tf.tuple``."""
    graph = _session_graph()
    if graph is None:
        return tensors
    with graph.control_dependencies([x for x in (*tensors, *(control_inputs or ())) if x is not None]):
        return [None if x is None else array.identity(x) for x in tensors]


def identity_n(input: Sequence[TensorLike], name: str | None = None) -> list[Tensor]:
    """Returns tensors with the same values: other tensors, as far as tapes are concerned.

    >>> [float(x) for x in tf.identity_n([1., 2.])]
    [1.0, 2.0]
    """
    return [array.identity(x) for x in arguments.listed(input, "input")]


# ----------------------------------------------------------------------------------------------------------- assertions


def Assert(condition: TensorLike, data: Sequence[Any], summarize: int | None = None, name: str | None = None) -> Any:
    """Sees to it that a condition is true.

    Args:
        condition: a bool, or a scalar tensor of dtype bool.
        data: tensors to show in the message.
        summarize: how many elements of each to show: 3 by default, all of them if negative.

    Returns:
        None; in a graph, the operation that checks it: for ``tf.control_dependencies``.

    Raises:
        InvalidArgumentError: where the condition is false.

    >>> tf.Assert(tf.constant(True), [])
    """
    if _graph() is not None:
        parts = [part if isinstance(part, str) else convert_to_tensor(part) for part in arguments.listed(data, "data")]

        def check(condition: Tensor, *shown: Tensor) -> None:
            rest = iter(shown)
            Assert(condition, [part if isinstance(part, str) else next(rest) for part in parts], summarize)

        return _check_later(check, condition, *(part for part in parts if not isinstance(part, str)))
    if not _truth(condition, "condition"):
        count = 3 if summarize is None else arguments.integer(summarize, "summarize")
        shown = "\n".join(_summary(part, count) for part in arguments.listed(data, "data"))
        raise errors.InvalidArgumentError(f"Expected '{condition}' to be true. Summarized data: {shown}")


def _check_later(check: Callable[..., None], *tensors: TensorLike) -> Any:
    """Writes down that the check is to be made when the graph runs; returns the operation, for a session to run."""

    def call(*values: Tensor) -> list[Tensor]:
        check(*values)
        return []

    eager_calls.eager_call(call, [convert_to_tensor(x) for x in tensors], [])
    graph = _session_graph()
    return None if graph is None else graph.latest()


def Print(
    input_: TensorLike,
    data: Sequence[Any],
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Tensor:
    """Returns a tensor with the same value, and prints tensors to the standard error stream each time it is computed.

    Args:
        input_: what is returned.
        data: the tensors to print.
        message: what to print before them.
        first_n: how many times to print; always by default.
        summarize: how many elements of each to show: 3 by default, all of them if negative.

    >>> float(tf.Print(3.0, [tf.constant([1, 2])], "seen: "))
    3.0

    TensorFlow: tf.Print.
    """
    x, parts = convert_to_tensor(input_), [convert_to_tensor(part) for part in arguments.listed(data, "data")]
    count = 3 if summarize is None else arguments.integer(summarize, "summarize")
    times = itertools.count()

    def show(x: Tensor, *values: Tensor) -> list[Tensor]:
        if first_n is None or next(times) < first_n:
            shown = "".join(f"[{_summary(value, count)}]" for value in values)
            print(f"{message or ''}{shown}", file=sys.stderr)
        return [array.identity(x)]

    if _graph() is None:
        return show(x, *parts)[0]
    return eager_calls.eager_call(show, [x, *parts], [(x.dtype, x.extents)])[0]


def _summary(part: Any, count: int) -> str:
    """Text as it is; of a tensor the first few elements."""
    if isinstance(part, str):
        return part
    elements = np.ravel(convert_to_tensor(part).numpy())
    shown = [str(element) for element in (elements if count < 0 else elements[:count])]
    return ", ".join(shown + ["..."] * (len(shown) < len(elements)))


def assert_equal(
    x: TensorLike,
    y: TensorLike,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Any:
    """Sees to it that x equals y, element by element, with broadcasting.

    Args:
        x, y: tensors of one dtype.
        data: accepted as in TensorFlow; the message shows what differs.
        summarize: how many elements to show: 3 by default.
        message: what to put before the error's own words.

    Raises:
        InvalidArgumentError: where an element differs; the message shows where, and both values.

    >>> tf.assert_equal([1, 2], [1, 2])
    """
    x, y = conversion.agree(comparison.equal.op, (x, y))
    if _graph() is not None:
        return _check_later(partial(assert_equal, summarize=summarize, message=message), x, y)
    equal = comparison.equal(x, y).numpy()
    if not equal.all():
        count = 3 if summarize is None else arguments.integer(summarize, "summarize")
        where = _differences(x.numpy(), y.numpy(), equal, count) if x.extents == y.extents != () else ""
        first = "".join(_first_elements(letter, np.ravel(z.numpy())[:count]) for letter, z in (("x", x), ("y", y)))
        raise errors.InvalidArgumentError(f"{message or ''}\nCondition x == y did not hold.\n{where}{first}")


def _differences(x: Any, y: Any, equal: Any, count: int) -> str:
    indices = np.argwhere(~equal)[:count]
    return (
        f"Indices of first {len(indices)} different values:\n{indices}\n"
        f"Corresponding x values:\n{x[~equal][:count]}\nCorresponding y values:\n{y[~equal][:count]}\n"
    )


def _first_elements(letter: str, elements: Any) -> str:
    return f"First {len(elements)} elements of {letter}:\n{elements}\n"


def _assert_all(
    words: str, compare: Callable[..., Tensor], x: TensorLike, y: TensorLike, message: str | None, summarize: int | None
) -> Any:
    """Sees to it that a comparison holds for all elements; the words say which."""
    x, y = conversion.agree(comparison.equal.op, (x, y))
    if _graph() is not None:
        return _check_later(partial(_assert_all, words, compare, message=message, summarize=summarize), x, y)
    data: list[Any] = [message] if message else []
    data += [f"Condition {words} did not hold element-wise:", f"x (shape={x.shape} dtype={x.dtype.name}) = ", x]
    if "y" in words:
        data += [f"y (shape={y.shape} dtype={y.dtype.name}) = ", y]
    Assert(bool(compare(x, y).numpy().all()), data, summarize)


def assert_less(
    x: TensorLike,
    y: TensorLike,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Any:
    """Sees to it that x < y, element by element, with broadcasting. Args and errors as for `assert_equal`."""
    return _assert_all("x < y", comparison.less, x, y, message, summarize)


def assert_less_equal(
    x: TensorLike,
    y: TensorLike,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Any:
    """Sees to it that x <= y, element by element, with broadcasting. Args and errors as for `assert_equal`."""
    return _assert_all("x <= y", comparison.less_equal, x, y, message, summarize)


def assert_greater(
    x: TensorLike,
    y: TensorLike,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Any:
    """Sees to it that x > y, element by element, with broadcasting. Args and errors as for `assert_equal`."""
    return _assert_all("x > y", comparison.greater, x, y, message, summarize)


def assert_greater_equal(
    x: TensorLike,
    y: TensorLike,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> Any:
    """Sees to it that x >= y, element by element, with broadcasting. Args and errors as for `assert_equal`."""
    return _assert_all("x >= y", comparison.greater_equal, x, y, message, summarize)


def assert_positive(
    x: TensorLike, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Any:
    """Sees to it that x > 0, element by element. Args and errors as for `assert_equal`."""
    return _assert_all("x > 0", comparison.greater, x, 0, message, summarize)


def assert_non_negative(
    x: TensorLike, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Any:
    """Sees to it that x >= 0, element by element. Args and errors as for `assert_equal`."""
    return _assert_all("x >= 0", comparison.greater_equal, x, 0, message, summarize)


def assert_negative(
    x: TensorLike, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Any:
    """Sees to it that x < 0, element by element. Args and errors as for `assert_equal`."""
    return _assert_all("x < 0", comparison.less, x, 0, message, summarize)


def assert_non_positive(
    x: TensorLike, data: Any = None, summarize: int | None = None, message: str | None = None, name: str | None = None
) -> Any:
    """Sees to it that x <= 0, element by element. Args and errors as for `assert_equal`."""
    return _assert_all("x <= 0", comparison.less_equal, x, 0, message, summarize)


def assert_rank(
    x: TensorLike,
    rank: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Sees to it that x has so many axes.

    Raises:
        ValueError: where it has another number of them.

    >>> tf.assert_rank([1, 2], 1)
    """
    _require_rank(x, rank, "rank", message, lambda axes, wanted: axes == wanted)


def assert_rank_at_least(
    x: TensorLike,
    rank: Any,
    data: Any = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Sees to it that x has so many axes, or more.

    Raises:
        ValueError: where it has fewer.
    """
    _require_rank(x, rank, "rank at least", message, lambda axes, wanted: axes >= wanted)


def _require_rank(x: TensorLike, rank: Any, words: str, message: str | None, holds: Callable[[int, int], bool]) -> None:
    x, wanted = convert_to_tensor(x), arguments.integer(rank, "rank")
    axes = len(arguments.known(x.extents, "assert_rank"))
    if not holds(axes, wanted):
        raise ValueError(f"{message or ''}.  Tensor must have {words} {wanted}.  Received rank {axes}, shape {x.shape}")
