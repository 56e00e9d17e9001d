"""An assignment: its items, and what is set for all of them. It is written as a Python file, the spec.

from minitfe.coursework import Assignment, Gradient, Returns, Values

assignment = Assignment("Homework 1", items=[...])
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from minitfe.coursework.items import Item, SpecError


@dataclass(frozen=True)
class Assignment:
    """A list of items under a title.

    Args:
        title: what reports call it.
        items: what is asked for.
        files: names of further files of the student's that the submission needs, relative to it.
        time_limit: seconds per item.
        memory_limit: megabytes.

    Raises:
        SpecError: where something is missing.
    """

    title: str
    items: Sequence[Item]
    files: Sequence[str] = ()
    time_limit: float = 10.0
    memory_limit: int = 2048

    def __post_init__(self) -> None:
        if not self.items or not all(isinstance(item, Item) for item in self.items):
            raise SpecError("items must be a list of items, such as Returns(...), with at least one in it.")
        require_limits(self.time_limit, self.memory_limit)
        titles = [item.title for item in self.items]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise SpecError(
                f"Items need different names: {', '.join(map(repr, twice))} is there more than once. Give name=."
            )
        for name in self.files:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise SpecError(f"files must be named relative to the submission, and {name!r} is not.")


def require_limits(time: float, memory: int) -> None:
    """Raises SpecError for limits that are none."""
    if not time > 0:
        raise SpecError(f"The time limit must be more than 0 seconds; it is {time}.")
    if not memory >= 256:
        raise SpecError(f"The memory limit must be 256 megabytes or more, for Python and numpy alone; it is {memory}.")


def load_assignment(path: Path) -> Assignment:
    """Runs a spec, which is the teacher's own program, and returns its assignment.

    Raises:
        SpecError: where there is none, or the spec cannot be run.
    """
    spec = spec_from_file_location(f"minitfe_spec_{path.stem}", path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise SpecError(f"{path} is no Python file.")
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    sys.path.insert(0, str(path.resolve().parent))  # so that a spec can import its references
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise SpecError(f"{path} could not be run: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(path.resolve().parent))
    found = getattr(module, "assignment", None)
    if not isinstance(found, Assignment):
        raise SpecError(f"{path} must set `assignment` to an Assignment(...).")
    return found
