"""What is written about a submission: text for the student, JSON for the teacher, results.json for Gradescope.

The text shows visible items only; of the others it says how many there are and what they are worth. The JSON has
everything, and is not for students. All of it may hold what a submission printed, so control characters are taken out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from minitfe.coursework.grading import Grades, Outcome
from minitfe.coursework.items import PASSED, UNDECIDED
from minitfe.gradcheck.report import plain
from minitfe.train.storage import write_text

SCHEMA = "minitfe.coursework/1"
SHOWN_LINES = 20  # of what a submission printed
MARKS = {PASSED: "pass", UNDECIDED: "????"}


def as_text(grades: Grades, show_all: bool = False) -> str:
    """The report that a student can act on.

    Args:
        grades: what was found.
        show_all: whether items that are not visible are shown too.
    """
    shown = [o for o in grades.outcomes if show_all or o.item.visibility == "visible"]
    parts = [f"{grades.title}: {clean(grades.submission)}"]
    if grades.unimportable is not None:
        parts.append(indented(grades.unimportable))
    else:
        parts += [item_text(outcome) for outcome in shown]
    return "\n".join([*parts, *score_lines(grades, shown), *limit_lines(grades)])


def item_text(outcome: Outcome) -> str:
    """One item: a line if it passed, otherwise what to do about it."""
    mark = MARKS.get(outcome.finding.status, "FAIL")
    lines = [f"{mark}  {outcome.item.title}  ({outcome.score:g} of {outcome.item.points:g})"]
    if outcome.finding.status != PASSED:
        lines.append(indented(outcome.finding.text))
        if outcome.output.strip():
            printed = clean(outcome.output).strip().splitlines()
            cut = [f"... {len(printed) - SHOWN_LINES} more lines"] if len(printed) > SHOWN_LINES else []
            lines.append(indented("\n".join(["it printed:", *printed[:SHOWN_LINES], *cut])))
    return "\n".join(lines)


def score_lines(grades: Grades, shown: list[Outcome]) -> list[str]:
    """The points, of what is shown; and that there is more, where there is."""
    hidden = [outcome for outcome in grades.outcomes if outcome not in shown]
    total, most = sum(o.score for o in shown), sum(o.item.points for o in shown)
    lines = [f"score: {total:g} of {most:g}"]
    if hidden:
        points = sum(outcome.item.points for outcome in hidden)
        lines.append(f"{len(hidden)} more items, worth {points:g} points, are not shown")
    return lines


def limit_lines(grades: Grades) -> list[str]:
    """Which limits this platform does not have."""
    if not grades.missing:
        return []
    return [f"note: this platform does not limit {', '.join(grades.missing)}; only time by the clock is kept"]


def as_dict(grades: Grades) -> dict[str, Any]:
    """Everything that is known, as plain values."""
    return {
        "schema": SCHEMA,
        "title": grades.title,
        "submission": clean(grades.submission),
        "score": grades.score,
        "max_score": grades.max_score,
        "passed": grades.all_passed,
        "import_error": None if grades.unimportable is None else clean(grades.unimportable),
        "limits": {"time": grades.limits.time, "memory": grades.limits.memory, "missing": list(grades.missing)},
        "items": [item_dict(outcome) for outcome in grades.outcomes],
    }


def item_dict(outcome: Outcome) -> dict[str, Any]:
    """One item as plain values."""
    item, report = outcome.item, outcome.finding.report
    return {
        "name": item.title,
        "kind": item.kind,
        "status": outcome.finding.status,
        "score": outcome.score,
        "max_score": item.points,
        "visibility": item.visibility,
        "text": clean(outcome.finding.text),
        "output": clean(outcome.output),
        "seconds": outcome.seconds,
        "gradcheck": None if report is None else plain(report.to_dict()),
    }


def as_gradescope(grades: Grades) -> dict[str, Any]:
    """The same as Gradescope's results.json has it."""
    return {
        "score": grades.score,
        "output": clean(grades.unimportable or "") or grades.title,
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": outcome.item.title,
                "score": outcome.score,
                "max_score": outcome.item.points,
                "status": "passed" if outcome.finding.status == PASSED else "failed",
                "output": item_text(outcome),
                "visibility": outcome.item.visibility,
            }
            for outcome in grades.outcomes
        ],
    }


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Writes a JSON file, whole or not at all."""
    write_text(str(path), json.dumps(value, indent=1, allow_nan=False) + "\n")


def clean(text: str) -> str:
    """The text without control characters, which could rewrite what a terminal shows."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def indented(text: str) -> str:
    """The text, moved to the right under its item."""
    return "\n".join(f"      {line}" for line in clean(text).splitlines())
