"""Changes are made one by one, and the checks that call the rule are asked until one fails."""

import ast
import time
import tomllib
import warnings
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from .changes import Change, changes
from .subjects import Subject

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass
class Outcome:
    """What came of a change: the check that failed and why, or None where none did; and how long that took."""

    subject: Subject
    change: Change
    killer: str | None
    reason: str | None
    seconds: float = 0.0

    @property
    def identifier(self):
        return identifier(self.subject, self.change)


def identifier(subject, change):
    """What a change is called in `EQUIVALENT`."""
    return f"{subject.identifier}: {change.text}"


def all_changes(subjects):
    return [(subject, change) for subject in subjects for change in changes(subject)]


def listed():
    """The survivors that are known, with the reason why each changes nothing."""
    groups = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8"))["equivalent"]
    return {survivor: group["reason"] for group in groups for survivor in group["survivors"]}


# ----------------------------------------------------------------------------------------------------- what calls what


def observe(checks, subjects, progress=False):
    """Runs all checks once and notes what each calls. Returns why some fail before anything is changed."""
    with quiet(), noted(subjects) as called:
        reasons = {
            check: check.observe(called)
            for check in tqdm(checks, "what calls what", disable=None if progress else True)
        }
    return {check: reason for check, reason in reasons.items() if reason}


@contextmanager
def quiet():
    """Broken rules divide by 0; nobody wants to know."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def noted(subjects):
    """Every subject begins by adding its identifier to a set."""
    called, originals = set(), [(subject, subject.code) for subject in subjects]
    for subject in subjects:
        subject.names["note_call"] = called.add
        subject.tree.body[:0] = ast.parse(f"note_call({subject.identifier!r})").body
        subject.give(subject.compiled())
        del subject.tree.body[0]
    try:
        yield called
    finally:
        for subject, code in originals:
            subject.give(code)
            subject.names.pop("note_call", None)


def calling(checks):
    """The checks that call each subject, by its identifier: those that call few first, of these the quick ones."""
    found = defaultdict(list)
    for check in sorted(checks, key=lambda check: (len(check.calls), check.seconds)):
        for called in check.calls:
            found[called].append(check)
    return found


# ---------------------------------------------------------------------------------------------------------- the changes


def try_changes(pairs, checks, progress=False):
    """Tries each pair of a subject and a change on the checks that call the subject."""
    with quiet():
        for subject, change in tqdm(pairs, "changes", disable=None if progress else True):
            began = time.perf_counter()
            killer, reason = first_failure(subject, change, checks[subject.identifier])
            yield Outcome(subject, change, killer, reason, time.perf_counter() - began)


def first_failure(subject, change, checks):
    """The first check that notices a change, and how."""
    with changed(subject, change):
        for check in checks:
            if reason := check.failure():
                return check.name, reason
    return None, None


@contextmanager
def changed(subject, change):
    """A subject does something else for a while."""
    original = subject.code
    subject.give(change.code)
    try:
        yield
    finally:
        subject.give(original)
