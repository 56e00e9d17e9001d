"""The functions that are changed: gradient rules, and the helpers that nothing but rules uses."""

import __future__

import ast
import importlib
import inspect
import textwrap
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

import minitfe
from minitfe.operation import OPS

PACKAGE = Path(minitfe.__file__).parent

# Ops that are in no table have these rules, and these methods and makers of rules do their work.
FURTHER = {
    ("autodiff.custom_gradient", "_op"): "helper",
    ("graph.eager_calls", "eager_call_gradient"): "whole",
    ("graph.eager_calls", "eager_gradient_gradient"): "whole",
    ("graph.eager_calls", "gradient_again_gradient"): "whole",
    ("graph.eager_calls", "Record.gradients"): "helper",
    ("graph.eager_calls", "_play_back"): "helper",
    ("graph.eager_calls", "_call_again"): "helper",
    ("graph.traced_function", "call_gradient"): "whole",
    ("graph.traced_function", "TracedFunction.gradients"): "helper",
    ("graph.traced_function", "Backward.call"): "helper",
}


@dataclass(eq=False)
class Subject:
    """A function whose changes are tried.

    Attributes:
        module: where it stands in the package, such as "ops.math".
        name: its name there; that of a function inside another is "outer.inner".
        functions: the function; several where a loop made one for each input.
        tree: its source.
        outer: the source of the function that it stands in, or else the same.
        role: "partial" for a rule of one input, "whole" for one of all inputs, "helper" for what rules call.
        others: the rules of the other inputs of its op, by their names.
    """

    module: str
    name: str
    functions: list
    tree: ast.FunctionDef
    outer: ast.FunctionDef
    role: str
    others: dict = field(default_factory=dict)

    @property
    def identifier(self):
        return f"{self.module}.{self.name}"

    @property
    def code(self):
        return self.functions[0].__code__

    @property
    def names(self):
        """The names that it can use, of its module."""
        return self.functions[0].__globals__

    def give(self, code):
        """Lets it do something else from now on."""
        for function in self.functions:
            function.__code__ = code

    def compiled(self):
        """The code of its tree, as that is now."""
        module, flags = ast.Module([self.outer], type_ignores=[]), __future__.annotations.compiler_flag
        return code_called(self.tree.name, compile(module, self.code.co_filename, "exec", flags, dont_inherit=True))

    def arguments(self, annotation):
        """The names of its arguments of a type."""
        return [a.arg for a in self.tree.args.args if a.annotation and ast.unparse(a.annotation) == annotation]


def code_called(name, code):
    """Finds the code of a function among the constants of what it stands in; None if it is not there."""
    if code.co_name == name:
        return code
    inner = (code_called(name, constant) for constant in code.co_consts if isinstance(constant, CodeType))
    return next((found for found in inner if found), None)


def subject_of(function, role="partial"):
    """The subject that a function of any module is."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    return Subject(function.__module__, function.__name__, [function], tree, tree, role)


def subjects():
    """All gradient rules of the package, and their helpers."""
    trees = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    functions, roles = rules()
    roles |= FURTHER
    functions |= {place: [find(*place)] for place in FURTHER}
    sources = {place: source(trees[place[0]], place[1]) for place in functions}
    for place in helpers(trees, sources):
        functions[place], roles[place] = [find(*place)], "helper"
        sources[place] = source(trees[place[0]], place[1])
    return [
        Subject(*place, functions[place], *sources[place], roles[place], others(functions[place]))
        for place in sorted(functions)
    ]


def rules():
    """The functions that are rules of the package's own ops, and their roles, by module and name."""
    functions, roles = defaultdict(dict), {}
    for op in OPS.values():
        for rule in filter(None, [*op.partials.values(), op.whole]):
            place = rule.__module__.removeprefix("minitfe."), rule.__qualname__.replace(".<locals>", "")
            if rule.__module__.startswith("minitfe."):
                functions[place][rule] = None
                roles[place] = "whole" if rule is op.whole else "partial"
    return {place: list(found) for place, found in functions.items()}, roles


def others(functions):
    """The rules of the other inputs of an op, where they take the same arguments."""
    return {
        other.__name__: other
        for op in OPS.values()
        if functions[0] in op.partials.values()
        for other in op.partials.values()
        if other.__code__ is not functions[0].__code__ and takes(other) == takes(functions[0])
    }


def takes(function):
    return function.__code__.co_argcount, function.__code__.co_kwonlyargcount, function.__code__.co_flags


def name_of(path):
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def find(module, name):
    """The function of this name."""
    found = importlib.import_module(f"minitfe.{module}")
    for part in name.split("."):
        found = getattr(found, part)
    return found


def source(parsed, name):
    """The tree of the function of this name, and of the outermost function that it stands in."""
    path, node = [], parsed
    for part in name.split("."):
        node = next(n for n in node.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name == part)
        path.append(node)
    outer = next(n for n in path if isinstance(n, ast.FunctionDef))
    outer.decorator_list = []
    return node, outer


# ------------------------------------------------------------------------------------------------------------- helpers


def helpers(trees, rules):
    """The functions beside rules that are mentioned in rules, or in such helpers, and nowhere else in the package."""
    beside = {
        (module, tree.name): tree
        for module in {module for module, _ in rules}
        for tree in trees[module].body
        if isinstance(tree, ast.FunctionDef) and (module, tree.name) not in rules and not is_declaration(tree)
    }
    in_rules = mentioned((module, tree) for (module, _), (tree, _) in rules.items())
    everywhere = mentioned(trees.items())
    in_each = {place: mentioned([(place[0], tree)]) for place, tree in beside.items()}

    def mentions(found):
        return sum((in_each[place] for place in found), in_rules)

    def reached(found, known):
        return [place for place in beside if times(place, known)]

    def private(found, known):
        return [place for place in found if times(place, known) == times(place, everywhere)]

    return settled(private, settled(reached, [], mentions), mentions)


def settled(step, found, mentions):
    """Repeats a step until nothing changes."""
    while (after := step(found, mentions(found))) != found:
        found = after
    return found


def is_declaration(tree):
    """Whether it is all signature and docstring, as ops that are declared by @unary and @binary."""
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body)


def mentioned(trees):
    """How often names are mentioned: a bare name in its module, or as one of a module's, ``math.add``, anywhere."""
    counts = Counter()
    for module, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                counts[module, node.id] += 1
            elif isinstance(node, (ast.Attribute, ast.alias)):
                counts[node.attr if isinstance(node, ast.Attribute) else node.name] += 1
    return counts


def times(place, counts):
    """How often a function is mentioned."""
    return counts[place] + counts[place[1]]
