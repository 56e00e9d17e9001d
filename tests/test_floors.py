"""The floors of the house: a module imports only from lower floors, or from its own what stands before it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each line is a floor, read from left to right; "ops" stands for every module in it. What a floor may import is all that
# stands above it in this list, and on its own line all that stands to the left.
FLOORS = [
    ["extras", "errors", "dtypes", "shapes", "nest", "lines", "named", "missing"],
    ["kernel_registry", "devices", "operation", "tensor", "context", "conversion", "execute", "graph.graph",
     "profiling.clock"],
    ["ops"],
    ["initializers", "scopes", "variable", "checkpointable", "autodiff", "graph", "control_flow"],
    ["extend", "gradcheck", "losses", "confusion", "train", "profiling", "summaries", "data", "coursework", "onnx_export"],
    ["keras"],
    ["namespaces.flags", "namespaces.app", "contrib.eager.metrics", "namespaces", "contrib", "__init__", "tour", "run_script", "profile_script",
     "__main__"],
]  # fmt: skip

# Rules directly under their ops need other modules' ops, in circles. That works as long as modules import each other as
# modules: names are looked up when a rule runs. These two are finished before any op is declared.
IMPORTED_BY_NAME = {"ops.declare", "ops.arguments"}

PLACES = {name: (floor, place) for floor, names in enumerate(FLOORS) for place, name in enumerate(names)}

MODULES = sorted((ROOT / "minitfe").rglob("*.py"))
KERNELS = sorted((ROOT / "kernels").rglob("*.py"))

every_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: dotted_name(path))


def dotted_name(path):
    """minitfe/graph/graph.py is called graph.graph, and minitfe/ops/__init__.py ops."""
    return ".".join(path.relative_to(ROOT / "minitfe").with_suffix("").parts).removesuffix(".__init__")


def group(name):
    """The entry of FLOORS that a module belongs to: its own, or that of the package it is in."""
    while name not in PLACES and "." in name:
        name = name.rpartition(".")[0]
    return name


def is_module(name):
    path = ROOT.joinpath("minitfe", *name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def is_for_type_checkers(node):
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def nodes(tree):
    """All nodes of a syntax tree, but for what only type checkers read."""
    if is_for_type_checkers(tree):
        return
    yield tree
    for child in ast.iter_child_nodes(tree):
        yield from nodes(child)


def imports(path):
    """What a module imports from minitfe: pairs of a module's name and whether names are taken out of it."""
    for node in nodes(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "minitfe" or alias.name.startswith("minitfe."):
                    yield alias.name.removeprefix("minitfe").lstrip(".") or "__init__", False
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full, from minitfe on"
            if node.module == "minitfe" or node.module.startswith("minitfe."):
                yield from imported_from(node)


def imported_from(node):
    """``from minitfe.ops import math`` imports a module, ``from minitfe.tensor import Tensor`` takes a name out of one."""
    package = node.module.removeprefix("minitfe").lstrip(".")
    for alias in node.names:
        inner = f"{package}.{alias.name}".lstrip(".")
        yield (inner, False) if is_module(inner) else (package or "__init__", True)


@every_module
def test_every_module_has_a_floor(path):
    assert group(dotted_name(path)) in PLACES, "name it in FLOORS, on the lowest floor where it can stand"


@every_module
def test_imports_go_down(path):
    importer = dotted_name(path)
    for imported, _ in imports(path):
        if group(imported) == group(importer):
            continue  # a package orders its own modules; ops has a rule of its own below
        assert PLACES[group(imported)] < PLACES[group(importer)], f"{importer} imports {imported}, from above"


@every_module
def test_ops_import_each_other_as_modules(path):
    importer = dotted_name(path)
    if group(importer) != "ops":
        return
    for imported, by_name in imports(path):
        if group(imported) == "ops" and imported not in IMPORTED_BY_NAME:
            assert not by_name, f"{importer} takes names out of {imported}; write `from minitfe.ops import ...` instead"


@pytest.mark.parametrize("path", MODULES + KERNELS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_imports_inside_functions(path):
    """They hide that a module reaches up."""
    for function in nodes(ast.parse(path.read_text())):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            hidden = [ast.unparse(node) for node in nodes(function) if isinstance(node, (ast.Import, ast.ImportFrom))]
            assert not hidden, f"{function.name} imports in its body: {hidden}"


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: str(path.relative_to(ROOT)))
def test_kernels_do_not_know_minitfe(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            assert name.partition(".")[0] != "minitfe", f"kernels know arrays, never tensors: import of {name}"


def test_reader_of_imports(tmp_path):
    """The checker is checked."""
    path = tmp_path / "module.py"
    path.write_text(
        "from minitfe.ops import math\n"
        "from minitfe.tensor import Tensor\n"
        "import minitfe.nest\n"
        "import minitfe as tf\n"
        "import numpy\n"
        "if TYPE_CHECKING:\n"
        "    from minitfe.variable import Variable\n"
    )
    assert list(imports(path)) == [("ops.math", False), ("tensor", True), ("nest", False), ("__init__", False)]
    assert group("ops.math") == "ops"
    assert group("graph.passes.folding") == "graph"
    assert group("graph.graph") == "graph.graph"
