"""The directive ``exercises``: what there is to do in each chapter, read from the exercise files."""

import ast
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

TUTORIALS = Path(__file__).parent.parent.parent / "tutorials"


def tasks(path):
    """Yields name and first sentence of each function and class that is left to the reader."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and "NotImplementedError" in ast.unparse(node):
            yield node.name, ast.get_docstring(node).partition(". ")[2].splitlines()[0].replace("::", ".")


def chapter(path):
    """The lines that describe one file of exercises."""
    title = ast.get_docstring(ast.parse(path.read_text())).splitlines()[0].removeprefix("Exercises for ").rstrip(".")
    title = title[0].upper() + title[1:]
    yield from (title, "-" * len(title), "")
    for name, task in tasks(path):
        yield f"* ``{name}``: {task.replace('`', '``')}"
    links = [f":download:`{word} </../tutorials/{folder}/{path.name}>`"
             for word, folder in (("exercises", "exercises"), ("solutions", "solutions"))]  # fmt: skip
    yield from ("", f":doc:`The chapter </tutorials/{path.stem}>`, its {links[0]} and {links[1]}.", "")


class Exercises(SphinxDirective):
    """A section for each chapter."""

    def run(self):
        """Returns the sections."""
        text, container = StringList(), nodes.Element()
        for path in sorted((TUTORIALS / "exercises").glob("[0-9]*.py")):
            self.env.note_dependency(str(path))
            for line in chapter(path):
                text.append(line, str(path))
        self.state.nested_parse(text, 0, container, match_titles=True)
        return container.children


def setup(app):
    """Called by Sphinx."""
    app.add_directive("exercises", Exercises)
    return {"parallel_read_safe": True}
