"""What the source promises its readers: short functions, a purpose for each module, and nothing that runs foreign code."""

import ast
import importlib
from pathlib import Path
from statistics import median, quantiles

import pytest

import minitfe  # noqa: F401, registers the ops
from minitfe.operation import OPS

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*(ROOT / "minitfe").rglob("*.py"), *(ROOT / "kernels").rglob("*.py")])

# Modules of the numpy kernel package that hold no kernels.
NOT_KERNELS = {"__init__", "memory", "quiet"}
NUMPY_KERNELS = [path for path in SOURCES if path.parent.name == "minitfe_numpy" and path.stem not in NOT_KERNELS]

LONGEST_BODY = 45

every_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


def parse(path):
    return ast.parse(path.read_text())


def functions(path):
    return [node for node in ast.walk(parse(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def body_length(function):
    """The lines of a function's body that hold code: neither docstring, nor comment, nor blank."""
    described = ast.get_docstring(function) is not None
    return sum(len(code_lines(statement)) for statement in function.body[described:])


def code_lines(statement):
    """The lines on which some node of a statement begins or ends."""
    ends = [(node.lineno, node.end_lineno) for node in ast.walk(statement) if hasattr(node, "lineno")]
    return {line for pair in ends for line in pair}


@every_source
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(parse(path)), "a module starts with a docstring: the idea of the chapter"


@every_source
def test_no_function_is_long(path):
    lengths = {function.name: body_length(function) for function in functions(path)}
    assert max(lengths.values(), default=0) <= LONGEST_BODY, lengths


def test_functions_are_short_as_a_rule():
    lengths = [body_length(function) for path in SOURCES for function in functions(path)]
    assert median(lengths) <= 4
    assert quantiles(lengths, n=10)[-1] <= 15


@every_source
def test_nothing_runs_foreign_code(path):
    """No pickle, no eval: a file or a string from elsewhere is data, whatever it says.

    One module runs text, which it has written itself, from a traced graph.
    """
    writes_its_own = path.match("minitfe/graph/plan.py")
    for node in ast.walk(parse(path)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            assert not names & {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}, ast.unparse(node)
        elif isinstance(node, ast.Call):
            runs_text = ast.unparse(node.func) in ("eval", "exec")
            assert not runs_text or writes_its_own, f"line {node.lineno}: {ast.unparse(node)}"
            for keyword in node.keywords:
                assert keyword.arg != "allow_pickle" or ast.unparse(keyword.value) == "False", f"line {node.lineno}"


@pytest.mark.parametrize("path", NUMPY_KERNELS, ids=lambda path: path.stem)
def test_kernel_modules_list_their_kernels(path):
    """What is called like an op is its kernel, and __all__ lists all of them."""
    listed = getattr(importlib.import_module(f"minitfe_numpy.{path.stem}"), "__all__", None)
    assert listed is not None, "a module of kernels lists them in __all__"
    assert len(set(listed)) == len(listed), "named twice"
    functions = {node.name for node in parse(path).body if isinstance(node, ast.FunctionDef)}
    assert not functions & set(OPS) - set(listed), "kernels that are not in __all__"


def test_body_length():
    """The measure is measured: docstring, comments and blank lines do not count."""
    text = 'def f(x):\n    """Doc.\n\n    More.\n    """\n    # why\n    y = (\n        x\n    )\n\n    return y\n'
    assert body_length(ast.parse(text).body[0]) == 4
