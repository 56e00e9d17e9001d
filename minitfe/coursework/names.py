"""Which names a program uses, found by reading it: the calls that an assignment forbids, and those that it asks for.

A name is what it stands for, not how it is written. After ``import numpy as n`` and ``from numpy.linalg import inv as
i``, both ``n.linalg.inv`` and ``i`` are np.linalg.inv. Whatever is mentioned counts, called or not, and a forbidden
module forbids all that is in it.

Reading is not running: a program that puts a name together from pieces, with ``getattr`` or ``eval``, is not seen
through. Those are names too, and `DYNAMIC` lists them, to be forbidden where it matters.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DYNAMIC = ("__builtins__", "__import__", "compile", "eval", "exec", "getattr", "globals", "importlib", "locals", "vars")

# What people call modules, and what these are called here. Both libraries are "tf" to a student.
SHORT = {"numpy": "np", "minitfe": "tf", "tensorflow": "tf", "scipy": "scipy", "minitfe.contrib.eager": "tfe",
         "tensorflow.contrib.eager": "tfe", "tf.contrib.eager": "tfe"}  # fmt: skip

LOOPS: dict[str, tuple[type[ast.AST], ...]] = {
    "for": (ast.For, ast.AsyncFor, ast.comprehension),
    "while": (ast.While,),
}


@dataclass(frozen=True)
class Mention:
    """A name that a program mentions: what it stands for, how it is written, and where."""

    name: str
    written: str
    line: int

    def __str__(self) -> str:
        written = "" if self.written == self.name else f" (written {self.written})"
        return f"line {self.line}: {self.name}{written}"


def mentions(source: str | bytes, within: str | None = None) -> list[Mention]:
    r"""All names that a program mentions, in the order of its lines.

    Args:
        source: the program.
        within: the function or class to look into; by default everything.

    Raises:
        SyntaxError, ValueError: where it is no program.

    >>> from minitfe.coursework import names
    >>> [str(m) for m in names.mentions("from numpy import linalg as la\nla.inv")]
    ['line 1: np.linalg (written from numpy import linalg)', 'line 2: np.linalg.inv (written la.inv)']
    """
    tree = ast.parse(source)
    known = imported_names(tree)
    places: list[ast.AST] = [tree] if within is None else definitions(tree, within)
    found = [mention for place in places for mention in mentioned(place, known)]
    return sorted(set(found), key=lambda mention: (mention.line, mention.name, mention.written))


def forbidden(source: str | bytes, wanted: Sequence[str], within: str | None = None) -> list[Mention]:
    """The mentions of these names, and of what is in them."""
    names = [canonical(name) for name in wanted]
    return [m for m in mentions(source, within) if any(is_in(m.name, name) or brings(m, name) for name in names)]


def absent(source: str | bytes, wanted: Sequence[str], within: str | None = None) -> list[str]:
    """Those of the names that are not mentioned."""
    found = mentions(source, within)
    return [name for name in wanted if not any(is_in(m.name, canonical(name)) for m in found)]


def is_in(name: str, module: str) -> bool:
    """Whether a name is this one, or in it."""
    return name == module or name.startswith(f"{module}.")


def brings(mention: Mention, name: str) -> bool:
    """Whether it imports everything of a module that the name is in."""
    return mention.name.endswith(".*") and name.startswith(mention.name[:-1])


def canonical(name: str) -> str:
    """The name with the usual short word for its module.

    >>> from minitfe.coursework import names
    >>> names.canonical("numpy.linalg.inv"), names.canonical("tensorflow.contrib.eager.Variable")
    ('np.linalg.inv', 'tfe.Variable')
    """
    for module in sorted(SHORT, key=len, reverse=True):
        if is_in(name, module):
            name = SHORT[module] + name[len(module) :]
    return name


# ------------------------------------------------------------------------------------------------- reading a program


def imported_names(tree: ast.AST) -> dict[str, set[str]]:
    """What each name that an import binds may stand for, wherever in the program the import is."""
    known: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                known.setdefault(alias.asname or first, set()).add(alias.name if alias.asname else first)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                known.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")
    return known


def definitions(tree: ast.AST, name: str) -> list[ast.AST]:
    """The functions and classes of this name."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in ast.walk(tree) if isinstance(node, kinds) and node.name == name]


def mentioned(tree: ast.AST, known: dict[str, set[str]]) -> Iterator[Mention]:
    """The names in a piece of a program; of ``a.b.c`` the whole, and neither ``a.b`` nor ``a``."""
    parts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            if node not in parts:
                yield from dotted(node, known)
        elif isinstance(node, ast.Import):
            yield from (Mention(canonical(a.name), f"import {a.name}", node.lineno) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                written = f"from {node.module} import {alias.name}"
                yield Mention(canonical(f"{node.module}.{alias.name}"), written, node.lineno)
        else:
            yield from loops(node)


def dotted(node: ast.Name | ast.Attribute, known: dict[str, set[str]]) -> Iterator[Mention]:
    """What ``a.b.c`` stands for, if it begins with a name."""
    written = ast.unparse(node)
    first, dot, rest = written.partition(".")
    if first.isidentifier() and all(part.isidentifier() for part in written.split(".")):
        for meaning in known.get(first, {first}):
            yield Mention(canonical(meaning + dot + rest), written, node.lineno)


def loops(node: ast.AST) -> Iterator[Mention]:
    """The words "for" and "while", comprehensions included."""
    for word, kinds in LOOPS.items():
        if isinstance(node, kinds):
            yield Mention(word, word, getattr(node, "lineno", None) or node.target.lineno)  # type: ignore[attr-defined]


def parameters(source: str | bytes, function: str) -> list[str]:
    """The names of a function's parameters, so that a report can use them; none where it is not found."""
    found = definitions(ast.parse(source), function.rpartition(".")[2])
    return [a.arg for a in found[0].args.args] if found and isinstance(found[0], ast.FunctionDef) else []
