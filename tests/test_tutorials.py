"""Every tutorial runs, every solution solves its exercise, and an exercise that nobody has solved says so."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).parent.parent / "tutorials"
CHAPTERS = sorted(path.name for path in TUTORIALS.glob("[0-9]*.py"))

every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)
every_exercise = pytest.mark.parametrize(
    "chapter", sorted(path.name for path in (TUTORIALS / "exercises").glob("*.py"))
)


def run(path):
    """Runs a program as a reader would, in a process and a directory of its own."""
    settings = {"MPLBACKEND": "agg", "PYTHONIOENCODING": "utf-8", "OPENBLAS_NUM_THREADS": "1"}  # tests run side by side
    environment = {**os.environ, **settings}
    return subprocess.run(
        [sys.executable, path], env=environment, cwd=path.parent, capture_output=True, text=True, timeout=120
    )


def stubs(path):
    """The functions and classes of a file that hold a NotImplementedError, by name."""
    return [
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and "NotImplementedError" in ast.unparse(node)
    ]


def without(path, names):
    """The source of a file, less its docstring and the functions and classes of these names."""
    return [
        ast.unparse(node) for node in ast.parse(path.read_text()).body[1:] if getattr(node, "name", None) not in names
    ]


def docstrings(path, names):
    return [
        ast.get_docstring(node) for node in ast.parse(path.read_text()).body if getattr(node, "name", None) in names
    ]


def test_there_are_tutorials_with_exercises():
    assert len(CHAPTERS) >= 4
    for folder in ("exercises", "solutions"):
        assert sorted(path.name for path in (TUTORIALS / folder).glob("*.py")) == CHAPTERS


@every_chapter
def test_a_tutorial_runs(chapter):
    result = run(TUTORIALS / chapter)
    assert result.returncode == 0, result.stderr
    assert result.stdout


@every_exercise
def test_an_exercise_says_what_is_to_do(chapter):
    """Each stub fails its check with its own name, and the program ends with an error."""
    result = run(TUTORIALS / "exercises" / chapter)
    names = stubs(TUTORIALS / "exercises" / chapter)
    assert len(names) >= 3
    assert result.returncode != 0
    assert f"{len(names)} to do" in result.stderr
    for name in names:
        assert f"NotImplementedError: {name} is yours to write" in result.stdout
    assert "passed" not in result.stdout


@every_exercise
def test_a_solution_passes_every_check(chapter):
    result = run(TUTORIALS / "solutions" / chapter)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.count(": passed\n") == len(stubs(TUTORIALS / "exercises" / chapter))


@every_exercise
def test_a_solution_differs_from_its_exercise_in_the_answers_only(chapter):
    exercise, solution = TUTORIALS / "exercises" / chapter, TUTORIALS / "solutions" / chapter
    answers = stubs(exercise)
    assert without(exercise, answers) == without(solution, answers)
    assert docstrings(exercise, answers) == docstrings(solution, answers)
