"""Grading: each item of an assignment, one after the other, against one submission."""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tqdm import tqdm

from minitfe.coursework.assignment import Assignment
from minitfe.coursework.items import FAILED, PASSED, Finding, FunctionItem, Item
from minitfe.coursework.session import Limits, Session, StudentError, Submission, Unimportable


@dataclass(frozen=True)
class Outcome:
    """What became of one item.

    Attributes:
        item: the item.
        finding: what was found.
        output: what the submission printed meanwhile.
        seconds: how long it took.
    """

    item: Item
    finding: Finding
    output: str = ""
    seconds: float = 0.0

    @property
    def score(self) -> float:
        """The points that are earned."""
        return self.finding.share * self.item.points


@dataclass
class Grades:
    """What became of a submission.

    Attributes:
        title: the assignment's.
        submission: the name of the student's file.
        outcomes: one per item.
        unimportable: why the file could not be imported; None where it could.
        imported: whether it could, at least once; what fails later is that item's own affair.
        limits: what each item was allowed.
        missing: what this platform cannot limit.
    """

    title: str
    submission: str
    outcomes: list[Outcome] = field(default_factory=list)
    unimportable: str | None = None
    imported: bool = False
    limits: Limits = field(default_factory=Limits)
    missing: Sequence[str] = ()

    @property
    def score(self) -> float:
        """The points that are earned."""
        return sum(outcome.score for outcome in self.outcomes)

    @property
    def max_score(self) -> float:
        """The points that there are."""
        return sum(outcome.item.points for outcome in self.outcomes)

    @property
    def all_passed(self) -> bool:
        """Whether every item passed, hidden ones included."""
        return all(outcome.finding.status == PASSED for outcome in self.outcomes)


def grade(
    assignment: Assignment, submission: Submission, limits: Limits | None = None, progress: bool = False
) -> Grades:
    """Grades a submission.

    Args:
        assignment: what is asked for.
        submission: the student's file.
        limits: what each item may use; by default what the assignment says.
        progress: whether to show a progress bar.

    Raises:
        SpecError: where the assignment is at fault.
        WorkerFailed: where no process could be started.
    """
    limits = limits or Limits(assignment.time_limit, assignment.memory_limit)
    grades = Grades(assignment.title, submission.name, limits=limits, unimportable=unreadable(submission))
    for item in tqdm(assignment.items, desc="items", file=sys.stderr, disable=not progress, leave=False):
        start = time.monotonic()
        outcome = grade_item(item, submission, grades)
        grades.outcomes.append(replace(outcome, seconds=round(time.monotonic() - start, 3)))
    return grades


def grade_item(item: Item, submission: Submission, grades: Grades) -> Outcome:
    """Grades one item. What keeps the file from being imported once is not tried again."""
    if grades.unimportable is not None:
        return Outcome(item, Finding(FAILED, grades.unimportable))
    found = item.read(submission.content)
    if found is not None or not isinstance(item, FunctionItem):
        return Outcome(item, found or Finding(FAILED, "there is nothing to run"))
    with Session(submission, grades.limits, item.seed) as session:
        grades.missing = session.missing
        finding = run(item, session, submission, grades)
    return Outcome(item, finding, session.output())


def run(item: FunctionItem, session: Session, submission: Submission, grades: Grades) -> Finding:
    """Imports the submission, and lets the item judge it."""
    try:
        session.load()
        grades.imported = True
        return item.judge(session, submission.content)
    except StudentError as error:
        if isinstance(error, Unimportable) and not grades.imported:
            grades.unimportable = str(error)
        return Finding(FAILED, str(error))


def unreadable(submission: Submission) -> str | None:
    """Why the file is no Python program; None where it is one."""
    try:
        ast.parse(submission.content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", line {error.lineno}: {(error.text or '').strip()}" if isinstance(error, SyntaxError) else ""
        return f"Your file is no Python program. {type(error).__name__}: {error.args[0]}\n  {submission.name}{line}"
    return None
