"""Blame: which op of a composed function has the wrong rule.

The tape has the record of every operation: the op, its inputs, its settings, and the line that asked for it. So each
can be checked by itself, as a small function with its own inputs, by the same search that checked the whole. What is
right is cleared; what is wrong is named.

An operation made by ``tf.custom_gradient`` only hands on what its function computed by other ops. To see that function
again, those ops are replayed from its arguments to its results.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe import context, conversion
from minitfe.autodiff.backpropagate import backpropagate
from minitfe.autodiff.custom_gradient import CustomOp
from minitfe.execute import execute
from minitfe.gradcheck import directions, hints
from minitfe.gradcheck.directions import Search
from minitfe.gradcheck.double import attributes_in_double
from minitfe.gradcheck.functions import Array, CheckedFunction, RuleError, start_randomness
from minitfe.gradcheck.report import CheckedOp
from minitfe.gradcheck.tensor_functions import TensorFunction, is_float
from minitfe.gradcheck.verdicts import FAIL, PASS
from minitfe.operation import Operation
from minitfe.ops.indexed_slices import to_dense
from minitfe.tensor import Tensor
from minitfe.variable import read_variable_op

RIGHT, WRONG, KINK, UNCHECKED = "right", "wrong", "kink", "unchecked"


def check_each(function: TensorFunction) -> list[CheckedOp]:
    """Checks every recorded operation by itself, in the order in which they ran."""
    tape, _, _ = function.recorded()
    operations = tape.operations
    found = []
    for i, operation in enumerate(operations):
        if operation.op is not read_variable_op and differentiable_inputs(operation, tape.watched):
            found.append(check_one(operation, operations[:i], tape.watched, function.seed))
    return found


def check_one(operation: Operation, before: Sequence[Operation], watched: Any, seed: int) -> CheckedOp:
    """Checks one operation by itself."""
    name, where = operation.op.name, operation.where
    try:
        function = OperationFunction(operation, before, watched, seed)
        search = directions.start(function, seed)
        search.run()
    except RuleError as error:
        return CheckedOp(name, where, WRONG, "raises", str(error))
    except Exception:  # it cannot be run alone or in float64: nothing is known of it
        return CheckedOp(name, where, UNCHECKED)
    return judged(search, name, where)


def judged(search: Search, name: str, where: str | None) -> CheckedOp:
    """What a finished search says about an op."""
    verdicts = [e.finding.verdict for e in search.evidence]
    if FAIL in verdicts:
        failed = next(e for e in search.evidence if e.finding.verdict == FAIL)
        hint = hint_for(search, failed)
        return CheckedOp(name, where, WRONG, hint.kind, hint.text, example(search, failed))
    if any(e.finding.reason == "kink" for e in search.evidence):
        return CheckedOp(name, where, KINK)
    return CheckedOp(name, where, RIGHT if verdicts and set(verdicts) == {PASS} else UNCHECKED)


def hint_for(search: Search, evidence: directions.Evidence) -> hints.Hint:
    """The likely mistake behind a failure."""
    name = search.function.inputs.place(evidence.position)[0] if evidence.position is not None else None
    compared = hints.compare(search, name, evidence.finding.reason == "precision") if name else None
    return hints.suggest(compared) if compared else hints.Hint("", "")


def example(search: Search, evidence: directions.Evidence) -> str:
    """The slope by the rule beside the measured one, in words."""
    f = evidence.finding
    if evidence.position is None:
        return f.reason
    name, index = search.function.inputs.place(evidence.position)
    return f"the gradient of {name} at {list(index)} is {f.analytic:.4g}, measured {f.numeric:.4g} ± {f.error:.1g}"


def differentiable_inputs(operation: Operation, watched: Any) -> list[int]:
    """Which inputs of an operation are on the tape and have gradients."""
    inputs = operation.inputs
    if isinstance(operation.op, CustomOp):
        inputs = inputs[: len(inputs) - len(operation.outputs)]
    return [i for i, x in enumerate(inputs) if x in watched and is_float(x)]


# ----------------------------------------------------------------------------------------- one operation as a function


class OperationFunction(CheckedFunction):
    """One recorded operation, as a function of those of its inputs that the tape watches."""

    def __init__(self, operation: Operation, before: Sequence[Operation], watched: Any, seed: int) -> None:
        super().__init__(seed)
        self.operation, self.before, self.name = operation, before, operation.op.name
        self.is_custom = isinstance(operation.op, CustomOp)
        self.positions = differentiable_inputs(operation, watched)
        arrays = [np.asarray(operation.inputs[i].numpy()) for i in self.positions]
        if self.is_custom:
            results = operation.inputs[len(operation.inputs) - len(operation.outputs) :]
            self.between = path(before, [operation.inputs[i] for i in self.positions], results)
            self.results = results
        self._start(arrays, [f"input {i}" for i in self.positions])

    def gradients(self, w: Array, x: Array | None = None, precise: bool = False) -> list[Any]:
        """What the op's rule answers."""
        operation = self.operation
        moved = not self.is_custom and (x is not None or precise)
        at = self.inputs.split(self.x if x is None or self.is_custom else x, own_dtypes=not precise or self.is_custom)
        start_randomness(self.seed)
        with context.listening(tapes=()):
            inputs = self._inputs(at, precise=moved and precise)
            output = self._output(inputs) if moved else operation.output
            outputs = list(output) if operation.op.several else [output]
            dtypes_ = [np.asarray(y.numpy()).dtype for y in outputs if is_float(y)]
            gs = [conversion.eager_tensor(g.astype(d)) for g, d in zip(self.outputs.split(w), dtypes_)]
            record = Operation(operation.op, inputs, operation.attributes, output)
            sources = [inputs[i] for i in self.positions]
            try:
                targets = [y for y in outputs if is_float(y)]
                answers = backpropagate([record], targets, sources, gs, {*sources, *outputs})
            except Exception as error:
                raise RuleError(f"the rule of {self.name} raised {type(error).__name__}: {error}") from error
        return [None if g is None else np.asarray(to_dense(g).numpy()) for g in answers]

    def _called(self, arrays: list[Array], precise: bool) -> list[Array]:
        self.evaluations += 1
        start_randomness(self.seed)
        with context.listening(tapes=()):
            inputs = self._inputs(arrays, precise)
            if self.is_custom:
                moved = {self.operation.inputs[i]: inputs[i] for i in self.positions}
                outputs: Any = replayed(self.between, moved, self.results, precise)
            else:
                output = self._output(inputs, precise)
                outputs = output if self.operation.op.several else [output]
        return [np.asarray(y.numpy()) for y in outputs if is_float(y)]

    def _inputs(self, arrays: list[Array], precise: bool) -> list[Tensor]:
        """Fresh tensors for the operation, so that an input that is used twice has two gradients."""
        inputs = [widened(x) if precise else Tensor(x.array, x.home) for x in self.operation.inputs]
        for i, array in zip(self.positions, arrays):
            inputs[i] = conversion.eager_tensor(array.copy())
        return inputs

    def _output(self, inputs: list[Tensor], precise: bool = True) -> Any:
        attributes = self.operation.attributes
        return execute(self.operation.op, inputs, attributes_in_double(attributes) if precise else attributes)


def widened(x: Tensor) -> Tensor:
    """A tensor in float64, if it is one of floating point numbers."""
    return conversion.eager_tensor(np.asarray(x.numpy(), np.float64)) if is_float(x) else Tensor(x.array, x.home)


def path(operations: Sequence[Operation], starts: Sequence[Tensor], ends: Sequence[Tensor]) -> list[Operation]:
    """The operations that lead from some tensors to others.

    Raises:
        LookupError: where none do.
    """
    wanted, leading = set(ends), []
    for operation in reversed(operations):
        if any(y in wanted for y in operation.outputs):
            wanted.update(operation.inputs)
            leading.append(operation)
    if not wanted.intersection(starts):
        raise LookupError("no recorded operation leads from the arguments to the results")
    reached, between = set(starts), []
    for operation in reversed(leading):
        if any(x in reached for x in operation.inputs):
            reached.update(operation.outputs)
            between.append(operation)
    return between


def replayed(
    operations: Sequence[Operation], values: dict[Tensor, Tensor], wanted: Sequence[Tensor], precise: bool
) -> list[Tensor]:
    """Runs recorded operations again with other values for some tensors, and returns what others then are."""
    values = dict(values)
    for operation in operations:
        inputs = [values[x] if x in values else widened(x) if precise else x for x in operation.inputs]
        attributes = attributes_in_double(operation.attributes) if precise else operation.attributes
        output = execute(operation.op, inputs, attributes)
        values.update(zip(operation.outputs, output if operation.op.several else [output]))
    return [values.get(x, x) for x in wanted]
