"""The check itself: structure first, then numbers; after a failure, the likely mistake and the op to blame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minitfe import conversion, nest
from minitfe.autodiff.tape import GradientTape, source_of, tensor_of
from minitfe.gradcheck import blame, directions, structure
from minitfe.gradcheck.directions import Evidence, Search
from minitfe.gradcheck.functions import Array, CheckedFunction, RuleError, keeping_randomness
from minitfe.gradcheck.plain_functions import PlainFunction
from minitfe.gradcheck.report import CheckedInput, CheckedOp, Failure, GradientMismatch, Report, Undecided
from minitfe.gradcheck.structure import Fault
from minitfe.gradcheck.tensor_functions import TensorFunction, is_float
from minitfe.gradcheck.verdicts import FAIL, PASS, UNDECIDED
from minitfe.ops import array
from minitfe.ops.indexed_slices import to_dense
from minitfe.tensor import Tensor

# ---------------------------------------------------------------------------------------------------------- public


def check_gradients(f: Callable[..., Any], *inputs: Any, order: int = 1, params: Any = None, seed: int = 0) -> Report:
    """Checks the gradient that a tape computes for a function of tensors against measured slopes.

    Args:
        f: a function of tensors that returns a tensor, or a nested structure of them. It may read variables, and draw
            random numbers: each call draws the same.
        inputs: what it is called with: tensors, arrays or numbers. It is differentiated by those of floating point
            numbers; anything else is passed as it is.
        order: the highest order of derivatives to check.
        params: the variables to differentiate by as well; by default all trainable ones that f reads.
        seed: what random directions and upstream gradients are drawn from.

    Returns:
        A `Report`. Its verdict is "pass" only where the numbers were sharp enough to show a mistake.

    Raises:
        ValueError, TypeError: where there is nothing to differentiate: no floating point input, no result.
        RuntimeError: where f raises an error.

    >>> from minitfe import gradcheck
    >>> print(gradcheck.check_gradients(tf.tanh, tf.constant([0.5, 1.0])).verdict)
    pass
    """
    require_order(order)
    require_seed(seed)
    with keeping_randomness():
        function = TensorFunction(f, inputs, params, seed)
        report = check(function)
        for level in range(2, order + 1):
            if report.verdict == FAIL:
                break
            function = derivative(function, level)
            report = joined(report, check(function, may_stand_still=True), level)
    return report


def check_vjp(f: Callable[..., Any], vjp: Callable[..., Any], x: Any, seed: int = 0) -> Report:
    """Checks a gradient rule written by hand, in numpy or in anything that numpy understands.

    Args:
        f: a function ``f(x) -> y`` of an array.
        vjp: its rule ``vjp(x, g) -> dx``: the gradient of the sum of g y with respect to x.
        x: an array of floats; or a tuple of them, which f and vjp are given as a tuple or, where they have as many
            parameters, one by one: ``f(a, b)`` and ``vjp(a, b, g) -> (da, db)``. Where f returns a tuple, g is one.
        seed: what random directions and upstream gradients are drawn from.

    Returns:
        A `Report`.

    Raises:
        ValueError, TypeError: where x holds no floats, or f returns nothing.
        RuntimeError: where f or vjp raises an error.

    >>> from minitfe import gradcheck
    >>> gradcheck.check_vjp(np.sin, lambda x, g: -g * np.cos(x), np.array([0.1, 0.2])).failures[0].kind
    'sign'
    """
    require_seed(seed)
    with keeping_randomness():
        return check(PlainFunction(f, vjp, x, seed))


def assert_gradients(
    f: Callable[..., Any],
    *inputs: Any,
    vjp: Callable[..., Any] | None = None,
    order: int = 1,
    params: Any = None,
    seed: int = 0,
) -> Report:
    """Raises an error that holds the report, unless the gradient of f is found right.

    Args:
        f, inputs, order, params, seed: as for `check_gradients`.
        vjp: a rule to check instead of the tape's gradient, as in `check_vjp`; several inputs are a tuple then.

    Returns:
        The report.

    Raises:
        GradientMismatch: for the verdicts "fail" and "undecided".

    >>> from minitfe import gradcheck
    >>> gradcheck.assert_gradients(tf.sin, tf.constant(1.0)).verdict
    'pass'
    """
    if vjp is None:
        report = check_gradients(f, *inputs, order=order, params=params, seed=seed)
    else:
        report = check_vjp(f, vjp, inputs[0] if len(inputs) == 1 else inputs, seed=seed)
    if report.verdict != PASS:
        raise GradientMismatch(report)
    return report


def require_order(order: Any) -> None:
    """Raises ValueError for what is no order of a derivative."""
    if not isinstance(order, int) or isinstance(order, bool) or order < 1:
        raise ValueError(f"order must be 1, 2 or more: the highest order of derivatives to check; it is {order!r}.")


def require_seed(seed: Any) -> None:
    """Raises TypeError or ValueError for what is no seed."""
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool):
        raise TypeError(f"seed must be an integer, not {seed!r}.")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie between 0 and 2**32 - 1; it is {seed}.")


# ----------------------------------------------------------------------------------------------------------- one check


def check(function: CheckedFunction, may_stand_still: bool = False) -> Report:
    """Checks one function to the first order. A derivative may stand still: that of a linear function is constant."""
    generator = np.random.default_rng(function.seed)
    upstream = directions.random_upstream(function, generator)
    if not upstream.any():
        return without_value(function)
    try:
        faults = structure.returned(function, upstream[0])
    except RuleError as error:
        if not isinstance(function, TensorFunction):
            raise
        return beyond_numbers(function, [Fault("raises", str(error))])
    if any(fault.kind in ("count", "shape") for fault in faults):
        return beyond_numbers(function, [replace(f, message=f.message + undone(function, upstream, f)) for f in faults])
    if not structure.is_repeatable(function, upstream[0]):
        return unrepeatable(function, faults)
    search = directions.start(function, function.seed)
    odd = structure.linearity(function, search.measurer.upstream, search.analytic, search.rounding)
    search.run()
    if function.mutated:
        faults.append(Fault("mutation", "a call changed its inputs in place; work on copies"))
    report = conclude(function, search, faults + ([odd] if odd else []))
    if report.verdict == PASS and not may_stand_still and nothing_moved(search):
        report.verdict = UNDECIDED
    return report


def conclude(function: CheckedFunction, search: Search, faults: list[Fault]) -> Report:
    """Makes the report of a finished search."""
    failures = sorted(wrong_entries(search), key=lambda failure: -(failure.relative_error or 0.0))
    failures = explained([Failure(f.input, kind=f.kind, hint=f.message) for f in faults], failures, search)
    report = Report(
        verdict=FAIL if failures else PASS,
        name=function.name,
        inputs=what_was_checked(function, search),
        failures=failures,
        undecided=undecided_entries(search),
        structural=structural(faults),
        notes=[*function.notes, *disconnected_notes(function, search)],
        seed=function.seed,
        evaluations=function.evaluations,
    )
    report.notes += gaps(function, search)
    if failures and isinstance(function, TensorFunction):
        name_ops(report, function)
    if not report.failures and (report.undecided or gaps(function, search)):
        report.verdict = UNDECIDED
    return report


def gaps(function: CheckedFunction, search: Search) -> list[str]:
    """What was left out, so that the rest alone is no reason to pass."""
    gaps = []
    if not search.is_complete:
        gaps.append("the number of calls that is allowed was used up before all was checked")
    if not np.isfinite(function.y).all():
        gaps.append(f"outputs of {function.name} that are nan or inf at this point were left out")
    return gaps


def wrong_entries(search: Search) -> list[Failure]:
    """The failures among the evidence, each with the likely mistake."""
    failures, known = [], {}
    for evidence in search.evidence:
        if evidence.finding.verdict == FAIL:
            name, index = place(search, evidence)
            if name not in known:
                known[name] = blame.hint_for(search, evidence)
            f = evidence.finding
            failures.append(Failure(name, index, f.analytic, f.numeric, f.error, f.relative_error,
                                    kind=known[name].kind, hint=known[name].text))  # fmt: skip
    return failures


def explained(faults: list[Failure], failures: list[Failure], search: Search) -> list[Failure]:
    """Structural faults first; one of the upstream gradient is what explains wrong numbers, too."""
    for fault in faults:
        if fault.kind == "upstream_not_multiplied":
            failures = [replace(failure, kind=fault.kind, hint=fault.hint) for failure in failures]
    return faults + failures


def undecided_entries(search: Search) -> list[Undecided]:
    """What is undecided among the evidence."""
    entries = []
    for evidence in search.evidence:
        f = evidence.finding
        if f.verdict == UNDECIDED:
            sides = (f.left, f.right) if f.reason == "kink" else (None, None)
            entries.append(Undecided(*place(search, evidence), f.reason, f.analytic, f.numeric, f.error, *sides))
    return entries


def place(search: Search, evidence: Evidence) -> tuple[str, tuple[int, ...] | None]:
    """The input and index that evidence is about."""
    if evidence.position is not None:
        return search.function.inputs.place(evidence.position)
    names = search.function.inputs.names
    return (names[0] if len(names) == 1 else ""), None


def what_was_checked(function: CheckedFunction, search: Search) -> list[CheckedInput]:
    """For each input, how many elements and directions were looked at."""
    inputs = function.inputs
    names = [inputs.place(e.position)[0] for e in search.evidence if e.position is not None]
    along = sum(e.position is None for e in search.evidence)
    return [
        CheckedInput(name, shape, str(dtype), names.count(name), along)
        for name, shape, dtype in zip(inputs.names, inputs.shapes, inputs.dtypes)
    ]


def structural(faults: Sequence[Fault], is_repeatable: bool = True) -> dict[str, bool]:
    """What holds of the rule as a whole."""
    kinds = {fault.kind for fault in faults}
    return {
        "count": "count" not in kinds,
        "shape": not kinds & {"count", "shape"},
        "dtype": "dtype" not in kinds,
        "linear_in_g": not kinds & {"upstream_not_multiplied", "not_linear"},
        "deterministic": is_repeatable,
        "mutated": "mutation" in kinds,
    }


def disconnected_notes(function: CheckedFunction, search: Search) -> list[str]:
    """Says which inputs have the gradient None."""
    gradients = function.gradients(search.measurer.upstream[0])
    names = [name for name, g in zip(function.inputs.names, gradients) if g is None]
    return [f"the gradient of {', '.join(names)} is None: not connected"] if names else []


def nothing_moved(search: Search) -> bool:
    """Whether there was nothing to compare: the rule says None for every input, and the function stands still."""
    gradients = search.function.gradients(search.measurer.upstream[0])
    return isinstance(search.function, TensorFunction) and all(g is None for g in gradients)


def name_ops(report: Report, function: TensorFunction) -> None:
    """Checks each recorded op by itself, and writes into the failures which one is wrong."""
    report.ops = blame.check_each(function)
    wrong = [op for op in report.ops if op.verdict == blame.WRONG]
    suspects = wrong or [op for op in report.ops if op.verdict == blame.UNCHECKED][:1]
    if suspects:
        report.failures = [named(failure, suspects[0]) for failure in report.failures]
    elif report.ops and all(failure.numeric is not None for failure in report.failures):
        report.notes.append(all_right(report.ops))


def named(failure: Failure, op: CheckedOp) -> Failure:
    """A failure with the op that explains it."""
    return replace(failure, op=op.op, where=op.where, kind=op.kind or failure.kind, hint=op.hint or failure.hint)


def all_right(ops: list[CheckedOp]) -> str:
    """What to say where the whole is wrong and no op is."""
    kinks = [str(op) for op in ops if op.verdict == blame.KINK]
    if kinks:
        return f"every op is right by itself, but {kinks[0]} is at a kink, where slopes of a whole need not add up"
    return "every recorded op is right: something that no tape sees (numpy, .numpy(), stop_gradient) is on the way"


# ------------------------------------------------------------------------------------- where numbers cannot be compared


def without_value(function: CheckedFunction) -> Report:
    """The report where the function has no finite value at the point."""
    note = f"{function.name} is nan or inf at this point: there is no slope to measure"
    return Report(UNDECIDED, function.name, structural={}, notes=[note, *function.notes], seed=function.seed,
                  evaluations=function.evaluations)  # fmt: skip


def beyond_numbers(function: CheckedFunction, faults: list[Fault]) -> Report:
    """The report where the rule returns something that cannot be compared with slopes."""
    failures = [Failure(fault.input, kind=fault.kind, hint=fault.message) for fault in faults]
    report = Report(FAIL, function.name, failures=failures, structural=structural(faults), notes=list(function.notes),
                    seed=function.seed, evaluations=function.evaluations)  # fmt: skip
    if isinstance(function, TensorFunction):
        name_ops(report, function)
    return report


def unrepeatable(function: CheckedFunction, faults: list[Fault]) -> Report:
    """The report where two calls differ."""
    note = "two calls with the same inputs and the same seed differ: randomness or state makes slopes meaningless"
    return Report(UNDECIDED, function.name, structural=structural(faults, False), notes=[note, *function.notes],
                  seed=function.seed, evaluations=function.evaluations)  # fmt: skip


def undone(function: CheckedFunction, upstream: Array, fault: Fault) -> str:
    """What to add where a gradient of the wrong shape would be right if it were summed or transposed."""
    if fault.kind != "shape":
        return ""
    i = function.inputs.names.index(fault.input)
    g, shape = function.gradients(upstream[0])[i], function.inputs.shapes[i]
    if g.shape == shape[::-1]:
        return "; it is transposed"
    try:
        stretched = np.broadcast_shapes(g.shape, shape) == g.shape
    except ValueError:
        stretched = False
    return "; broadcasting is not undone: sum over the axes along which the input was stretched" if stretched else ""


# -------------------------------------------------------------------------------------------------------- higher orders


def derivative(function: TensorFunction, order: int) -> TensorFunction:
    """The gradient of a function, for a random upstream gradient, as a function to be checked."""
    generator = np.random.default_rng([function.seed, order])
    weights = function.outputs.split(directions.random_upstream(function, generator)[0])

    def gradient(*inputs: Any) -> list[Tensor]:
        leaves = nest.flatten(list(inputs))
        sources = [*[leaves[i] for i in function.positions], *function.params]
        with GradientTape() as tape:
            for source in sources:
                tape.watch_here(source_of(source), source)
            outputs = [tensor_of(y, "value") for y in nest.flatten(function.f(*inputs))]
        outputs = [y for y in outputs if is_float(y)]
        gs = [conversion.convert_to_tensor(w, y.dtype) for w, y in zip(weights, outputs)]
        gradients = tape.gradient(outputs, sources, output_gradients=gs)
        return [array.zeros_like(x) if g is None else to_dense(g) for g, x in zip(gradients, sources)]

    gradient.__name__ = function.name if order > 2 else f"the gradient of {function.name}"
    return TensorFunction(gradient, function.structure, function.params, function.seed)


def joined(first: Report, second: Report, order: int) -> Report:
    """The reports of two orders as one."""
    worst = next(verdict for verdict in (FAIL, UNDECIDED, PASS) if verdict in (first.verdict, second.verdict))
    return replace(
        first,
        verdict=worst,
        failures=first.failures + second.failures,
        undecided=first.undecided + second.undecided,
        ops=second.ops or first.ops,
        notes=list(dict.fromkeys(first.notes + [f"order {order}: {note}" for note in second.notes])),
        structural=joined_structure(first.structural, second.structural),
        order=order,
        evaluations=first.evaluations + second.evaluations,
    )


def joined_structure(first: dict[str, bool], second: dict[str, bool]) -> dict[str, bool]:
    """What holds of both."""
    both = {key: first[key] and second.get(key, True) for key in first}
    return both | {"mutated": first.get("mutated", False) or second.get("mutated", False)}
