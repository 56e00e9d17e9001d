"""``minitfe check submission.py --spec spec.py``: grades a submission from the command line.

The exit status says how it went:

    0   every item passed
    1   some item did not
    2   the command or the spec is at fault; nothing was graded
    3   the submission could not be imported
    4   the grader failed: no process could be started, or a report could not be written
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from minitfe import context, errors
from minitfe.coursework import reports
from minitfe.coursework.assignment import Assignment, load_assignment, require_limits
from minitfe.coursework.grading import Grades, grade
from minitfe.coursework.items import SpecError
from minitfe.coursework.session import Limits, Submission, WorkerFailed

PASSED, FAILED, BAD_SPEC, UNIMPORTABLE, GRADER_FAILED = range(5)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Tells the parser what the command takes."""
    parser.add_argument("submission", type=Path, help="the student's file")
    parser.add_argument("--spec", type=Path, required=True, metavar="FILE", help="the assignment, a Python file")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found here")
    parser.add_argument("--gradescope", type=Path, metavar="FILE", help="write Gradescope's results.json here")
    parser.add_argument("--time-limit", type=float, metavar="S", help="seconds per item (as the spec says, or 10)")
    parser.add_argument("--memory-limit", type=int, metavar="MB", help="megabytes (as the spec says, or 2048)")
    parser.add_argument("--user", metavar="NAME", help="run the submission as this user; needs root")
    parser.add_argument("--show-hidden", action="store_true", help="show all items, for the teacher's eyes")


def check(options: argparse.Namespace) -> int:
    """Grades, prints and writes what the options ask for. Returns the exit status."""
    context.enable_eager_execution()
    try:
        assignment = load_assignment(options.spec)
        submission = read_submission(options.submission, assignment)
        grades = grade(assignment, submission, limits(options, assignment), progress=sys.stderr.isatty())
    except SpecError as error:
        return complaint(error, BAD_SPEC)
    except (WorkerFailed, OSError) as error:
        return complaint(error, GRADER_FAILED)
    print(reports.as_text(grades, options.show_hidden))
    try:
        write_reports(grades, options)
    except (errors.OpError, OSError) as error:
        return complaint(error, GRADER_FAILED)
    return status(grades)


def read_submission(path: Path, assignment: Assignment) -> Submission:
    """Reads the student's file. That it is missing is a mistake in the command."""
    try:
        return Submission.read(path, assignment.files)
    except OSError as error:
        raise SpecError(f"The submission could not be read: {error}") from error


def limits(options: argparse.Namespace, assignment: Assignment) -> Limits:
    """The limits of the command line, or else the assignment's."""
    time = assignment.time_limit if options.time_limit is None else options.time_limit
    memory = assignment.memory_limit if options.memory_limit is None else options.memory_limit
    require_limits(time, memory)
    return Limits(time, memory, options.user, options.spec.resolve().parent)


def write_reports(grades: Grades, options: argparse.Namespace) -> None:
    """Writes the files that are asked for."""
    if options.json is not None:
        reports.write_json(options.json, reports.as_dict(grades))
    if options.gradescope is not None:
        reports.write_json(options.gradescope, reports.as_gradescope(grades))


def status(grades: Grades) -> int:
    """The exit status for these grades."""
    if grades.unimportable is not None:
        return UNIMPORTABLE
    return PASSED if grades.all_passed else FAILED


def complaint(error: Any, code: int) -> int:
    """Prints what is wrong with the command, the spec or the machine."""
    print(f"minitfe check: {error}", file=sys.stderr)
    return code
