"""What the passes make of a script's functions: ``minitfe graph --explain script.py``.

The script runs as it would by itself. Afterwards each function that it had traced is shown before and after the passes.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from minitfe.graph import function
from minitfe.graph.passes import PASSES
from minitfe.graph.program import Program
from minitfe.graph.text import dot_of, text_of
from minitfe.graph.traced_function import TracedFunction


def explain(script: Path, arguments: Sequence[str] = (), dot: bool = False) -> int:
    """Runs a script and prints the graphs of its functions. Returns the exit code.

    Args:
        script: a Python program.
        arguments: what it finds in sys.argv.
        dot: whether to print pictures in the language of Graphviz, in place of text.
    """
    with _watched() as traces, _arguments([str(script), *arguments]):
        runpy.run_path(str(script), run_name="__main__")
    for name, traced in traces:
        print("\n".join(_before_and_after(name, traced, dot)))
    if not traces:
        print(f"{script} called no function made by tfe.defun.")
    return 0


@contextmanager
def _watched() -> Iterator[list[tuple[str, TracedFunction]]]:
    """A scope in which all traces are kept."""
    traces: list[tuple[str, TracedFunction]] = []
    function.traces_made = traces
    try:
        yield traces
    finally:
        function.traces_made = None


@contextmanager
def _arguments(arguments: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, arguments
    try:
        yield
    finally:
        sys.argv = before


def _before_and_after(name: str, traced: TracedFunction, dot: bool) -> Iterator[str]:
    show = dot_of if dot else text_of
    program = traced.traced_program()
    mark = "//" if dot else "#"
    yield f"{mark} {name}: as it was traced, {_count(program)}"
    yield show(program)
    for pass_name in traced.passes:
        before = _count(program)
        program = PASSES[pass_name](program)
        if _count(program) != before:
            yield f"{mark} {pass_name}: {before} become {_count(program)}"
    yield f"{mark} {name}: as it runs, {_count(program)}"
    yield show(program)


def _count(program: Program) -> str:
    return f"{len(program.operations)} operations"
