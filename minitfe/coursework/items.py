"""What an assignment asks for: a list of items, each worth some points.

    Returns("softplus", softplus, [Values((3, 4))])        the function returns what the reference returns
    Gradient("softplus", [Values((5,))])                   a tape's gradient of the student's function is right
    Rule("softplus_vjp", [Values((5,))], of=softplus)      the student's own rule, g -> dx, is right
    Raises("softplus", TypeError, ["text"])                bad input is refused
    Forbids(["np.linalg.inv", "for"])                      what the program must not mention
    Requires(["tf.custom_gradient"])                       what it must

An item judges answers that come from the process in which the submission runs. All that it compares them with stays on
this side: references, expected values, and the slopes that a gradient is measured against.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minitfe.coursework import comparison, names
from minitfe.coursework.inputs import drawn
from minitfe.coursework.session import Ended, Session, StudentError
from minitfe.coursework.wire import Unsendable
from minitfe.gradcheck.report import Report
from minitfe.gradcheck.runner import check_vjp

VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
PASSED, FAILED, UNDECIDED = "passed", "failed", "undecided"
UNCERTAIN, NOTHING = "the slope is too uncertain", "no slope could be measured here"  # as verdicts has it
TOLERANCES = {"float64": 1e-6, "float32": 1e-4, "float16": 1e-2}


class SpecError(ValueError):
    """The assignment itself is at fault: no submission can be blamed, and none is graded."""


@dataclass(frozen=True)
class Finding:
    """What was found for an item, or for one of its inputs.

    Attributes:
        status: "passed", "failed" or "undecided".
        text: what a student needs to know.
        report: the gradient checker's report, if there is one.
        share: which share of the points is earned.
        excused: for "undecided": whether that is for the function that is measured, and not for the rule.
    """

    status: str
    text: str = ""
    report: Report | None = None
    share: float = 0.0
    excused: bool = False


@dataclass(frozen=True, kw_only=True)
class Item:
    """What all items have.

    Args:
        points: what it is worth.
        name: what reports call it; by default made from what it asks for.
        visibility: who sees it on Gradescope: "visible", "hidden", "after_due_date" or "after_published". Reports on
            the screen show visible items only.
    """

    points: float = 1.0
    name: str = ""
    visibility: str = "visible"

    def __post_init__(self) -> None:
        if isinstance(self.points, bool) or not isinstance(self.points, int | float) or not 0 <= self.points < math.inf:
            raise SpecError(f"points must be a number that is not negative, not {self.points!r}.")
        if self.visibility not in VISIBILITIES:
            raise SpecError(f"visibility must be one of {', '.join(VISIBILITIES)}; it is {self.visibility!r}.")

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.name or self.default_name()

    @property
    def kind(self) -> str:
        """The kind of item, in a word."""
        return type(self).__name__.lower()

    def default_name(self) -> str:
        """A name made from what it asks for."""
        raise NotImplementedError

    def read(self, source: bytes) -> Finding | None:
        """What reading the program says of it; None where the program must be run."""
        raise NotImplementedError


# ------------------------------------------------------------------------------------------------- reading the program


@dataclass(frozen=True)
class Forbids(Item):
    """Names that the program must not mention, such as ``np.linalg.inv``; "for" and "while" are its loops.

    Args:
        names: the names. A module forbids all that is in it.
        within: the function or class to look into; by default the whole program.
    """

    names: Sequence[str]
    within: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_names(self.names)

    def default_name(self) -> str:
        """The names."""
        return f"without {', '.join(self.names)}"

    def read(self, source: bytes) -> Finding:
        """Looks for the names."""
        return found_forbidden(source, self.names, self.within) or Finding(PASSED, share=1.0)


@dataclass(frozen=True)
class Requires(Item):
    """Names that the program must mention, each at least once. Arguments as for `Forbids`."""

    names: Sequence[str]
    within: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        require_names(self.names)

    def default_name(self) -> str:
        """The names."""
        return f"with {', '.join(self.names)}"

    def read(self, source: bytes) -> Finding:
        """Looks for the names."""
        missing = names.absent(source, self.names, self.within)
        place = f" in {self.within}" if self.within else ""
        return Finding(FAILED, f"{', '.join(missing)} must be used{place}.") if missing else Finding(PASSED, share=1.0)


def found_forbidden(source: bytes, wanted: Sequence[str], within: str | None) -> Finding | None:
    """A failure that names the lines, or None."""
    found = names.forbidden(source, wanted, within)
    lines = [f"  {mention}" for mention in found[:10]]
    return Finding(FAILED, "\n".join(["This is not allowed here:", *lines])) if found else None


def require_names(wanted: Any) -> None:
    """Raises SpecError for what is no list of names."""
    if isinstance(wanted, str) or not wanted or not all(isinstance(name, str) for name in wanted):
        raise SpecError(f"names must be a list of texts such as ['np.linalg.inv'], not {wanted!r}.")


# ------------------------------------------------------------------------------------------------- running the program


@dataclass(frozen=True)
class FunctionItem(Item):
    """What all items have that call a function of the student's.

    Args:
        function: its name; a dot leads into a class.
        trials: how many inputs are drawn.
        seed: what they are drawn from.
        dtype: the dtype that "float" stands for in `Values`.
        keywords: settings that each call is given by name.
        forbids: names that the program must not mention, or the item fails.
        partial: whether each input earns its share of the points; otherwise the first that fails decides.
    """

    function: str
    trials: int = field(default=3, kw_only=True)
    seed: int = field(default=0, kw_only=True)
    dtype: str = field(default="float64", kw_only=True)
    keywords: dict[str, Any] = field(default_factory=dict, kw_only=True)
    forbids: Sequence[str] = field(default=(), kw_only=True)
    partial: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.function, str) or not all(part.isidentifier() for part in self.function.split(".")):
            raise SpecError(f"function must be the name of a function in the submission, not {self.function!r}.")
        if self.dtype not in TOLERANCES:
            raise SpecError(f"dtype must be one of {', '.join(TOLERANCES)}; it is {self.dtype!r}.")
        if isinstance(self.trials, bool) or not isinstance(self.trials, int) or self.trials < 1:
            raise SpecError(f"trials must be 1 or more; it is {self.trials!r}.")
        if self.forbids:
            require_names(self.forbids)

    def default_name(self) -> str:
        """The function's name, and the kind of the item."""
        return f"{self.function}: {self.kind}"

    def read(self, source: bytes) -> Finding | None:
        """Looks for names that are forbidden."""
        return found_forbidden(source, self.forbids, None) if self.forbids else None

    def judge(self, session: Session, source: bytes) -> Finding:
        """Tries each of the inputs."""
        calls = self.calls()
        found = []
        for arguments in calls:
            found.append(self.tried(session, source, arguments))
            if session.ended or (found[-1].status == FAILED and not self.partial):
                break
        return combined(found, len(calls), self.partial)

    def calls(self) -> list[list[Any]]:
        """The arguments of each call."""
        try:
            return drawn(self.inputs, self.trials, self.seed, self.dtype)  # type: ignore[attr-defined]
        except Exception as error:
            raise SpecError(f"The inputs of {self.title!r} could not be drawn: {error}") from error

    def tried(self, session: Session, source: bytes, arguments: list[Any]) -> Finding:
        """What one input shows; an error of the submission is a failure with its text."""
        named = list(zip(parameter_names(source, self.function, len(arguments)), arguments))
        try:
            return self.attempt(session, named)
        except StudentError as error:
            return Finding(FAILED, "\n".join([str(error), *described(named)]))

    def attempt(self, session: Session, named: list[tuple[str, Any]]) -> Finding:
        """Tries one input: pairs of a parameter's name and a value."""
        raise NotImplementedError

    def from_reference(self, reference: Callable[..., Any], arguments: Sequence[Any]) -> Any:
        """What a function of the teacher's returns. Its errors are no student's fault."""
        try:
            with np.errstate(all="ignore"):
                return reference(*[copied(x) for x in arguments], **self.keywords)
        except Exception as error:
            raise SpecError(f"The reference of {self.title!r} raised {type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class Returns(FunctionItem):
    """The function returns what the reference returns.

    Args:
        expected: a function of the same arguments, or the value that is expected.
        inputs: see `minitfe.coursework.inputs.drawn`.
        tolerance: how far numbers may be off, relative to the largest expected one; by default 1e-6 for float64, 1e-4
            for float32.
        tensors: whether the function is given tensors instead of arrays.
    """

    expected: Any
    inputs: Any
    tolerance: float | None = field(default=None, kw_only=True)
    tensors: bool = field(default=False, kw_only=True)

    def attempt(self, session: Session, named: list[tuple[str, Any]]) -> Finding:
        """Compares what the function returns with what is expected."""
        arguments = [value for _, value in named]
        expected = self.from_reference(self.expected, arguments) if callable(self.expected) else self.expected
        got = session.call(self.function, arguments, self.tensors, keywords=self.keywords)
        tolerance = TOLERANCES[self.dtype] if self.tolerance is None else self.tolerance
        try:
            wrong = comparison.difference(got, expected, tolerance)
        except comparison.Incomparable as error:
            raise SpecError(f"What {self.title!r} expects cannot be: {error}.") from error
        if wrong is None:
            return Finding(PASSED)
        both = [f"  expected  {comparison.shown(expected)}", f"  got       {comparison.shown(got)}"]
        return Finding(
            FAILED, "\n".join([f"{self.function} is wrong. {wrong[0].upper()}{wrong[1:]}.", *described(named), *both])
        )


@dataclass(frozen=True)
class Raises(FunctionItem):
    """The function refuses these inputs.

    Args:
        error: the class of the error, or its name.
        inputs: see `minitfe.coursework.inputs.drawn`.
        match: a regular expression that must be found in its message.
        tensors: whether the function is given tensors instead of arrays.
    """

    error: type[BaseException] | str
    inputs: Any
    match: str = field(default="", kw_only=True)
    tensors: bool = field(default=False, kw_only=True)

    def attempt(self, session: Session, named: list[tuple[str, Any]]) -> Finding:
        """Looks at the error."""
        wanted = self.error if isinstance(self.error, str) else self.error.__name__
        try:
            got = session.call(self.function, [value for _, value in named], self.tensors, keywords=self.keywords)
        except Ended:
            raise
        except StudentError as error:
            if wanted in error.kinds and re.search(self.match, error.message):
                return Finding(PASSED)
            about = f" whose message has {self.match!r}" if self.match else ""
            text = f"{self.function} must raise {wanted}{about}, and it raised {error}"
        else:
            text = f"{self.function} must raise {wanted}, and it returned {comparison.shown(got)}"
        return Finding(FAILED, "\n".join([text, *described(named)]))


# ----------------------------------------------------------------------------------------------------------- gradients


@dataclass(frozen=True)
class Derivative(FunctionItem):
    """What items about gradients share: slopes measured here, compared with a gradient that is asked for there."""

    def attempt(self, session: Session, named: list[tuple[str, Any]]) -> Finding:
        """Checks the gradient at one point."""
        positions = [i for i, (_, value) in enumerate(named) if is_float(value)]
        if not positions:
            raise SpecError(f"{self.title!r} has no input of floating point numbers, which have gradients.")
        point = tuple(named[i][1] for i in positions)
        value, rule = self.functions(session, [value for _, value in named], positions)
        show_parameters(value, [named[i][0] for i in positions])
        value.__name__ = self.function
        report = checked(session, value, rule, point if len(point) > 1 else point[0])
        if session.mutated:
            return Finding(FAILED, f"{self.function} changes its arguments in place; work on copies.", report)
        return self.concluded(session, report, named)

    def functions(
        self, session: Session, arguments: list[Any], positions: list[int]
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The function whose slopes are measured, and the rule, both of the floating point inputs alone."""
        raise NotImplementedError

    def concluded(self, session: Session, report: Report, named: list[tuple[str, Any]]) -> Finding:
        """The finding that a report leads to."""
        if report.verdict == "pass":
            return Finding(PASSED, report=report)
        if report.verdict == "fail":
            lines = [str(report), *self.advice(session, named), *described(named)]
            return Finding(FAILED, "\n".join(lines), report)
        return Finding(UNDECIDED, "\n".join([str(report), *described(named)]), report, excused=is_excused(report))

    def advice(self, session: Session, named: list[tuple[str, Any]]) -> list[str]:
        """What more a student may be told."""
        return []

    def slopes_of(
        self, of: Callable[..., Any] | str, session: Session, arguments: list[Any], positions: list[int], tensors: bool
    ) -> Callable[..., Any]:
        """The function to measure: the teacher's, called here, or the student's, called there."""

        def value(*floats: Any) -> Any:
            moved = placed(arguments, positions, floats)
            if callable(of):
                return self.from_reference(of, moved)
            answer = session.call(of, moved, tensors, keywords=self.keywords)
            return tuple(answer) if isinstance(answer, list) else answer

        return value


@dataclass(frozen=True)
class Gradient(Derivative):
    """The gradient that a tape computes of the student's function, with whatever rules that has, is right.

    Args:
        inputs: see `minitfe.coursework.inputs.drawn`. Arrays arrive as tensors; the function is differentiated by those
            of floating point numbers.
        reference: a function whose slopes are measured, in numpy or tensors; by default the student's own.
    """

    inputs: Any
    reference: Callable[..., Any] | None = field(default=None, kw_only=True)

    def functions(
        self, session: Session, arguments: list[Any], positions: list[int]
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The reference or the student's function, and the tape's gradient in the student's process."""

        def rule(*floats_and_g: Any) -> Any:
            *floats, g = floats_and_g
            moved = placed(arguments, positions, floats)
            gs = g if isinstance(g, tuple) else (g,)
            return only(session.differentiate(self.function, moved, gs, positions, keywords=self.keywords), positions)

        return self.slopes_of(self.reference or self.function, session, arguments, positions, True), rule

    def advice(self, session: Session, named: list[tuple[str, Any]]) -> list[str]:
        """Which op is wrong, as the student's process sees it."""
        return [f"  {line}" for line in session.explain(self.function, [x for _, x in named], self.keywords)]


@dataclass(frozen=True)
class Rule(Derivative):
    """A gradient rule of the student's own is right: ``rule(x, g) -> dx``, ``rule(a, b, g) -> (da, db)``, in arrays.

    Args:
        inputs: see `minitfe.coursework.inputs.drawn`. The rule is given them all, and g last, and returns a gradient
            for each input of floating point numbers.
        of: the function that it is the rule of: the teacher's, or the name of the student's own.
    """

    inputs: Any
    of: Callable[..., Any] | str = field(kw_only=True)

    def functions(
        self, session: Session, arguments: list[Any], positions: list[int]
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The function that the rule belongs to, and the rule."""

        def rule(*floats_and_g: Any) -> Any:
            *floats, g = floats_and_g
            returned = session.call(self.function, [*placed(arguments, positions, floats), g], keywords=self.keywords)
            parts = returned if isinstance(returned, list | tuple) and len(positions) > 1 else [returned]
            for part in parts:
                if part is not None and comparison.numeric(part) is None:
                    raise StudentError(f"{self.function} must return arrays, and it returned {comparison.shown(part)}.")
            return returned

        return self.slopes_of(self.of, session, arguments, positions, False), rule


def checked(session: Session, value: Callable[..., Any], rule: Callable[..., Any], point: Any) -> Report:
    """The checker's report. Errors of the submission are raised as they were, before the checker put them in words."""
    try:
        report = check_vjp(value, rule, point)
    except (RuntimeError, ValueError, TypeError) as error:
        for cause in causes(error):
            if isinstance(cause, StudentError | SpecError):
                raise cause from None
        raise StudentError(str(error)) from None
    if session.ended:
        raise session.ended
    return report


def is_excused(report: Report) -> bool:
    """Whether all that is undecided lies with the function that was measured.

    Otherwise a rule could be noisy, or answer twice differently, wherever it is wrong.
    """
    return bool(report.undecided) and all(entry.reason in ("kink", NOTHING, UNCERTAIN) for entry in report.undecided)


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that led to it."""
    while error is not None:
        yield error
        error = error.__cause__


# ------------------------------------------------------------------------------------------------------------- helpers


def combined(found: Sequence[Finding], count: int, partial: bool) -> Finding:
    """The finding for an item, from those of its inputs."""
    failures = [finding for finding in found if finding.status == FAILED]
    passes = sum(finding.status == PASSED for finding in found)
    if failures:
        share = passes / count if partial else 0.0
        many = f"{passes} of {count} inputs passed. " if partial else ""
        return Finding(FAILED, many + failures[0].text, failures[0].report, share)
    undecided = [finding for finding in found if finding.status == UNDECIDED]
    if passes and all(finding.excused for finding in undecided):
        return Finding(PASSED, report=found[0].report, share=1.0)
    text = f"The numbers cannot decide; tell your teacher.\n{undecided[0].text}"
    return Finding(UNDECIDED, text, undecided[0].report)


def described(named: Sequence[tuple[str, Any]]) -> list[str]:
    """The inputs, a line each."""
    return [f"  with {name} = {comparison.shown(value)}" for name, value in named]


def parameter_names(source: bytes, function: str, count: int) -> list[str]:
    """What the student calls the parameters; numbers where that is not to be seen."""
    found = names.parameters(source, function)
    return [found[i] if i < len(found) else f"input {i}" for i in range(count)]


def show_parameters(f: Callable[..., Any], parameters: Sequence[str]) -> None:
    """Gives a function of any number of arguments the signature with these parameters, which the checker reads."""
    known = [p if p.isidentifier() else f"x{i}" for i, p in enumerate(parameters)]
    shown = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in known]
    f.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]


def placed(arguments: Sequence[Any], positions: Sequence[int], values: Sequence[Any]) -> list[Any]:
    """The arguments with other values in some places."""
    moved = list(arguments)
    for position, value in zip(positions, values):
        moved[position] = value
    return moved


def only(gradients: tuple[Any, ...], positions: Sequence[int]) -> Any:
    """The gradients as the checker wants them: one by itself, several as a tuple."""
    for g in gradients:
        if g is not None and not isinstance(g, np.ndarray):
            raise StudentError(f"the gradient is {g}" if isinstance(g, Unsendable) else "the gradient is no array")
    return gradients[0] if len(positions) == len(gradients) == 1 else gradients


def copied(value: Any) -> Any:
    """A copy of an array, so that a reference that works in place does no harm; anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def is_float(value: Any) -> bool:
    """Whether this is an array or number with a gradient."""
    return isinstance(value, float) or (isinstance(value, np.ndarray | np.generic) and value.dtype.kind == "f")
