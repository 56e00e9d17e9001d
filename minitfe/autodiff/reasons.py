"""Why a gradient is None, in words.

None means that, as far as a tape knows, the target does not depend on the source. There are few ways to come to that,
and each leaves its mark on the record. So the questions below are put one after the other, from what can be seen at
once to what takes a walk through the record, and the first that has an answer gives it.

What the record shows is said as a fact. What happened outside of it, such as a value that went through numpy, can only
be inferred; then the likely causes are given, in the order in which they come up in practice.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from minitfe import conversion, lines
from minitfe.autodiff import slow_motion
from minitfe.context import listening
from minitfe.devices import Device
from minitfe.operation import Operation
from minitfe.ops import array
from minitfe.tensor import Tensor

_LEAVING = "Python numbers, .numpy() and numpy's functions leave the tape; use tensors and functions of tf throughout"


class Record(Protocol):
    """What is asked of a tape: what it recorded, what it watches, and which variables it watches by their handles."""

    operations: list[Operation]
    watched: set[Tensor]
    variables: dict[Tensor, Any]


def why_none(record: Record, targets: Sequence[Any], source: Any) -> str:
    """Says in a sentence or two why the gradient of the targets with respect to a source is None."""
    question = Question(record, targets, source)
    return next(answer for ask in QUESTIONS if (answer := ask(question)))


def why_forgotten(targets: Sequence[Any], source: Any) -> str:
    """What can still be said when a tape has let go of its record: whatever source and target alone tell."""
    question = Question(_Empty(), targets, source)
    known = (source_is_no_tensor, target_is_no_tensor, source_has_no_derivative, variable_is_not_trainable)
    return next((answer for ask in known if (answer := ask(question))), _USED_UP)


_USED_UP = (
    "This tape was used up by its one gradient and has let go of its record, so the reason is no longer known. Record"
    " with tf.GradientTape(explain=True), which keeps the record and says why as soon as a gradient is None."
)


class _Empty:
    """The record of a tape that has none."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.watched: set[Tensor] = set()
        self.variables: dict[Tensor, Any] = {}


class Question:
    """A source and its targets on a record, and what the answers look up there, each at most once."""

    def __init__(self, record: Record, targets: Sequence[Any], source: Any) -> None:
        self.record = record
        self.given_targets = targets
        self.source = source

    @cached_property
    def x(self) -> Any:
        """The tensor that tapes know the source by, or None where it is neither tensor nor variable."""
        x = getattr(self.source, "handle", self.source)
        return x if isinstance(x, Tensor) else None

    @cached_property
    def targets(self) -> list[Any]:
        """The targets as tensors; a variable's value is read without a trace."""
        with listening(tapes=()):
            return [y if isinstance(y, Tensor) else conversion.resolve(y) for y in self.given_targets]

    @cached_property
    def makers(self) -> Mapping[Tensor, Operation]:
        """The operation that made each recorded result."""
        return {y: operation for operation in self.record.operations for y in operation.outputs}

    @cached_property
    def ancestors(self) -> set[Tensor]:
        """The targets, and all that they were computed from."""
        found = set(self.targets)
        for operation in reversed(self.record.operations):
            if not found.isdisjoint(operation.outputs):
                found.update(operation.inputs)
        return found

    @cached_property
    def descendants(self) -> set[Tensor]:
        """The source, and all that was computed from it."""
        found = {self.x}
        for operation in self.record.operations:
            if not found.isdisjoint(operation.inputs):
                found.update(operation.outputs)
        return found

    @cached_property
    def gradients(self) -> Mapping[Tensor, Any]:
        """The gradients of all tensors on the way back from the targets."""
        targets = [y for y in self.targets if y in self.record.watched and y.dtype.is_differentiable]
        with listening(tapes=()):
            seeds = [array.ones_like(y) for y in targets]
        steps = slow_motion.walk(self.record.operations, targets, seeds, self.record.watched)
        reached: dict[Tensor, Any] = dict(zip(targets, seeds))
        for step in steps:
            reached = step.gradients
        return reached

    @property
    def name(self) -> str:
        """What the source is called in an answer."""
        return self.name_of(self.x)

    def name_of(self, x: Tensor) -> str:
        """What a tensor is called in an answer: a variable by its name, a result by the operation that made it."""
        if x is getattr(self.source, "handle", None):
            return f"the variable {self.source.name!r}"
        if x in self.record.variables:
            return f"the variable {self.record.variables[x].name!r}"
        if x is self.x:
            return f"the source ({described(x)})"
        if x in self.makers:
            return f"the result of {told(self.makers[x])}"
        return f"a tensor ({described(x)})"

    def uses(self, x: Tensor) -> list[Operation]:
        """The recorded operations with x among their inputs."""
        return [operation for operation in self.record.operations if any(x is y for y in operation.inputs)]


# ---------------------------------------------------------------------------------------------------- seen at once


def source_is_no_tensor(question: Question) -> str | None:
    """Numbers and arrays cannot be watched."""
    if question.x is not None:
        return None
    return (
        f"The source, {short(question.source)}, is no tensor and no variable, so no tape can watch it."
        " Convert it with tf.constant, watch that, and compute the target from it."
    )


def target_is_no_tensor(question: Question) -> str | None:
    """A number that was a tensor once has no history."""
    strangers = [y for y in question.targets if not isinstance(y, Tensor)]
    if question.targets and not strangers:
        return None
    if not strangers:
        return "There is no target: what was given is an empty structure."
    return f"The target, {short(strangers[0])}, is no tensor, so nothing is known of how it was computed. {_LEAVING}."


def source_has_no_derivative(question: Question) -> str | None:
    """Integers, truth values and strings have no derivative."""
    if question.x.dtype.is_differentiable:
        return None
    return (
        f"{capital(question.name)} is of dtype {question.x.dtype.name}, and only floating point numbers have gradients."
        " Make it one, with tf.cast(x, tf.float32) or by writing 3.0 for 3, and watch that."
    )


def target_has_no_derivative(question: Question) -> str | None:
    """A whole number jumps; it has no slope."""
    if any(y.dtype.is_differentiable for y in question.targets):
        return None
    y = question.targets[0]
    maker = question.makers.get(y)
    made = f" It was made by {told(maker)}: {constant_because(maker, 0)}." if maker else ""
    return f"The target is of dtype {y.dtype.name}, and only floating point numbers have gradients.{made}"


# ----------------------------------------------------------------------------------------------------- never watched


def variable_is_not_trainable(question: Question) -> str | None:
    """Tapes watch trainable variables only, unless told to watch another."""
    if question.x in question.record.watched or getattr(question.source, "trainable", True):
        return None
    return (
        f"{capital(question.name)} is not trainable, and tapes watch trainable variables only."
        " Call tape.watch(variable) before it is used, or make it with trainable=True."
    )


def variable_was_not_read(question: Question) -> str | None:
    """Reading is what puts a variable on a tape."""
    if question.x in question.record.watched or question.source is question.x:
        return None
    where = read_outside(question, question.source)
    if where is not None:
        return (
            f"The value of {question.name} was read while the tape did not record, so {told(where)} took it for a"
            " constant. Read the variable inside of `with tape:`."
        )
    return (
        f"{capital(question.name)} was not read while this tape recorded. Compute the target inside of `with tape:`,"
        " from this variable (and not from another of the same name)."
    )


def tensor_was_not_watched(question: Question) -> str | None:
    """Tensors are watched on demand."""
    if question.x in question.record.watched:
        return None
    for variable in question.record.variables.values():
        if question.x.array is variable.handle.array or question.x is getattr(variable, "_value", None):
            return (
                f"The source is a tensor with the value of the variable {variable.name!r}, and what the tape watches is"
                " the variable. Ask for the gradient with respect to that."
            )
    uses = question.uses(question.x)
    constant = f", so {told(uses[0])} took it for a constant" if uses else ""
    return (
        f"{capital(question.name)} was never watched{constant}. Call tape.watch(x) inside of `with tape:`, before x is"
        " used; only trainable variables are watched without being asked."
    )


# ------------------------------------------------------------------------------------------------- not on the tape


def there_is_a_gradient(question: Question) -> str | None:
    """The question may be wrong."""
    try:
        if question.x not in question.gradients:
            return None
    except LookupError as error:
        return f"It is not None: to ask for it raises LookupError. {error}"
    return f"It is not None: the target depends on {question.name}."


def target_was_not_recorded(question: Question) -> str | None:
    """A target that the tape has never seen was computed elsewhere."""
    if any(y in question.record.watched for y in question.targets):
        return None
    uses = question.uses(question.x)
    if uses:
        known = f" {capital(question.name)} was used by {told(uses[0])}, but what came of that does not lead there."
    else:
        known = f" Nor does any recorded operation use {question.name}."
    return (
        f"The tape did not record how the target was computed.{known} Likely causes, in this order: it was computed"
        " outside of `with tape:`, before tape.watch, or under tape.stop_recording; or from values that had left the"
        f" tape. {_LEAVING}."
    )


# ------------------------------------------------------------------------------------------------------- not connected


def source_has_left_the_tape(question: Question) -> str | None:
    """A constant with the very numbers of the source is hardly a coincidence."""
    if question.x in question.ancestors:
        return None
    if question.source is not question.x:
        where = read_outside(question, question.source)
        if where is not None:
            return (
                f"The value of {question.name} that {told(where)} used was read while the tape did not record, so it is"
                " a constant. Read the variable inside of `with tape:`."
            )
    for constant, operation in constants(question):
        original = next((t for t in question.descendants if has_same_values(t, constant)), None)
        if original is not None:
            return (
                f"The target was not computed from {question.name}, but an input of {told(operation)} has the same"
                f" values as {question.name_of(original)}. Most likely these left the tape and came back as a constant."
                f" {_LEAVING}."
            )
    return None


def target_depends_on_a_twin(question: Question) -> str | None:
    """Two readings of a variable, or x + 1 written twice, are two tensors."""
    if question.x in question.ancestors:
        return None
    maker = question.makers.get(question.x)
    twins = (t for t in question.ancestors if t in question.makers and has_same_values(t, question.x))
    twin = next(twins, None) if maker else None
    if maker is None or twin is None:
        return None
    advice = "Compute it once, and use that for both."
    if maker.op.name == "read_variable":
        advice = "Ask for the gradient with respect to the variable itself."
    return (
        f"The target was not computed from the source, the result of {told(maker)}, but from another tensor with the"
        f" same values, {question.name_of(twin)}. {advice}"
    )


def source_is_not_connected(question: Question) -> str | None:
    """No recorded path leads from the source to the target."""
    if question.x in question.ancestors:
        return None
    record = question.record
    starts = [x for x in question.ancestors if x in record.watched and x not in question.makers]
    names = sorted({question.name_of(x) for x in starts})
    known = f"; what it depends on is {' and '.join(names)}" if names else ""
    return (
        f"The target was not computed from {question.name}{known}. Likely causes, in this order: the source has no part"
        " in the formula; its name was bound to another tensor since (x = x + 1 makes a new one); its values left the"
        f" tape on the way. {_LEAVING}."
    )


def path_is_cut(question: Question) -> str:
    """Every path from the source to the target goes through an input that has no gradient."""
    cuts = list(dict.fromkeys(f"at {told(operation)}: {reason}" for operation, reason in found_cuts(question)))
    noted = any(operation.where for operation in question.record.operations)
    advice = "" if noted else " tf.GradientTape(explain=True) notes the line of each operation."
    return f"The way from {question.name} to the target is cut {'; and '.join(cuts[:3])}.{advice}"


def found_cuts(question: Question) -> Iterator[tuple[Operation, str]]:
    """The operations on the way whose output has a gradient and whose input has none, and why."""
    for operation in question.record.operations:
        if any(y in question.gradients for y in operation.outputs):
            for position, x in enumerate(operation.inputs):
                if x in question.descendants and x not in question.gradients:
                    yield operation, constant_because(operation, position)


QUESTIONS = (
    source_is_no_tensor,
    target_is_no_tensor,
    source_has_no_derivative,
    target_has_no_derivative,
    variable_is_not_trainable,
    variable_was_not_read,
    tensor_was_not_watched,
    there_is_a_gradient,
    target_was_not_recorded,
    source_has_left_the_tape,
    target_depends_on_a_twin,
    source_is_not_connected,
    path_is_cut,
)
"""What is asked, in this order."""


# ------------------------------------------------------------------------------------------------------ looking closer


def constants(question: Question) -> Iterator[tuple[Tensor, Operation]]:
    """The constants that the target was computed from, each with the operation that used it."""
    for operation in question.record.operations:
        if not question.ancestors.isdisjoint(operation.outputs):
            for x in operation.inputs:
                if x not in question.record.watched:
                    yield x, operation


def read_outside(question: Question, variable: Any) -> Operation | None:
    """The operation that used a value of the variable which no tape saw it read."""
    value = getattr(variable, "_value", None)
    return next((operation for x, operation in constants(question) if x is value), None)


def has_same_values(x: Tensor, y: Tensor) -> bool:
    """Whether two tensors hold the same numbers, and not only zeros or ones, which many do."""
    if x.dtype is not y.dtype or x.shape != y.shape or not (isinstance(x.home, Device) and isinstance(y.home, Device)):
        return False
    a, b = np.asarray(x.numpy()), np.asarray(y.numpy())
    return a.dtype.kind in "fc" and np.array_equal(a, b) and not np.isin(a, (0, 1)).all()


def constant_because(operation: Operation, position: int) -> str:
    """Why an operation gives an input no gradient."""
    op, x = operation.op, operation.inputs[position] if operation.inputs else None
    reason = op.why_constant(position)
    if reason:
        return f"{op.name} has no gradient, since {reason}" if op.name != "stop_gradient" else reason
    if x is not None and not x.dtype.is_differentiable:
        return f"its input is of dtype {x.dtype.name}, and only floating point numbers have gradients"
    if not all(y.dtype.is_differentiable for y in operation.outputs):
        return f"its result is of dtype {operation.outputs[0].dtype.name}, and whole numbers have no slope"
    return f"its gradient function returned None for input {position}"


# --------------------------------------------------------------------------------------------------------- in words


def told(operation: Operation) -> str:
    """An operation for a sentence: its name, and its line where that was noted."""
    return f"{operation.op.name} ({lines.quoted(operation.where)})" if operation.where else operation.op.name


def described(x: Tensor) -> str:
    """A tensor for a sentence: its dtype and shape."""
    return f"{x.dtype.name} of shape {x.shape}"


def short(value: Any) -> str:
    """Any value for a sentence, with its type."""
    return f"{reprlib.repr(value)} of type {type(value).__name__}"


def capital(text: str) -> str:
    """A sentence begins with a capital."""
    return text[:1].upper() + text[1:]
