"""The changes that are tried: each is a slip of the pen that a rule might have.

A change replaces one expression in the source of a rule. The code is compiled while it stands there, and then the source
is put back. A change is called by what stands there before and after: ``sin(x) -> cos(x)``.
"""

import ast
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType

# What an op is taken for.
WRONG = {
    "add": ("subtract",),
    "subtract": ("add",),
    "multiply": ("realdiv",),
    "realdiv": ("multiply",),
    "truediv": ("multiply",),
    "sin": ("cos",),
    "cos": ("sin",),
    "sinh": ("cosh",),
    "cosh": ("sinh",),
    "exp": ("expm1",),
    "square": ("sqrt", "abs"),
    "sqrt": ("square",),
    "maximum": ("minimum",),
    "greater": ("greater_equal", "less"),
    "greater_equal": ("greater", "less_equal"),
    "less_equal": ("less", "greater_equal"),
    "equal": ("not_equal",),
    "not_equal": ("equal",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "reduce_sum": ("reduce_mean",),
    "reduce_mean": ("reduce_sum",),
    "reduce_sum_op": ("reduce_mean_op",),
    "expand_like": ("expand_mean_like",),
    "expand_mean_like": ("expand_like",),
    "real": ("imag",),
    "imag": ("real",),
    "avg_pool_op": ("max_pool_op",),
}
# Elementwise ops that tell x from -x, which cos and square do not.
ODD = {"add", "subtract", "multiply", "realdiv", "truediv", "sin", "sinh", "exp", "sqrt", "maximum", "greater",
       "greater_equal", "less_equal", "equal", "log", "pow", "_scaled_power", "polygamma", "zeta", "sigmoid", "digamma",
       "sign", "floordiv"}  # fmt: skip
SYMMETRIC = {"add", "multiply", "equal", "not_equal", "maximum"}
OPERANDS = {"add": (0, 1), "subtract": (0, 1), "multiply": (0, 1), "realdiv": (0,), "truediv": (0,), "maximum": (0, 1)}
NO_OPS = {"isinstance", "getattr", "hasattr", "len", "list", "tuple", "zip", "range", "enumerate", "sorted", "cast",
          "execute", "known", "Operation", "partial"}  # fmt: skip
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
GRADIENTS = {"g", "h", "gs", "hs", "dp", "db", "ge", "gv"}  # what arrives at a rule is called so
FLAGS = {"lower", "adjoint", "exclusive", "reverse", "keepdims"}
NO_EXPRESSIONS = {"annotation", "returns", "decorator_list", "args", "ctx"}  # fields of a function, or of a name


@dataclass(frozen=True)
class Change:
    """A change of a subject: what is different, what kind of mistake that is, and the code."""

    text: str
    kind: str
    code: CodeType


def changes(subject):
    """All changes of a subject, each once."""
    seen, texts = {ast.unparse(subject.tree)}, Counter()
    for place in places(subject.tree):
        for kind, new in replacements(place, subject):
            quotation = place.quotation()
            before = quoted(quotation)
            with place.holding(new):
                source = ast.unparse(subject.tree)
                if source in seen:
                    continue
                seen.add(source)
                text = f"{before} -> {quoted(new if quotation is place.node else quotation)}"
                code = subject.compiled()
            texts[text] += 1
            yield Change(text if texts[text] == 1 else f"{text} ({texts[text]})", kind, code)
    for name, other in subject.others.items():
        yield Change(f"the rule {name} instead", "other partial", other.__code__)


def quoted(node):
    return f"if {ast.unparse(node.test)}" if isinstance(node, ast.If) else ast.unparse(node).strip()


# -------------------------------------------------------------------------------------------------------------- places


@dataclass
class Place:
    """Where an expression stands: in a field of its parent, at an index if that is a list."""

    node: ast.AST
    field: str
    index: int | None
    ancestors: tuple

    @property
    def parent(self):
        return self.ancestors[-1]

    @contextmanager
    def holding(self, new):
        """Another expression stands here for a while; None for none at all, in a list."""
        around = getattr(self.parent, self.field)
        standing = [new] if new is not None else []
        for node in standing:
            ast.fix_missing_locations(ast.copy_location(node, self.node))
        setattr(
            self.parent,
            self.field,
            new if self.index is None else [*around[: self.index], *standing, *around[self.index + 1 :]],
        )
        try:
            yield
        finally:
            setattr(self.parent, self.field, around)

    def quotation(self):
        """What is quoted to say where it is: a name alone says nothing."""
        if not isinstance(self.node, (ast.Name, ast.Constant, ast.keyword, ast.UnaryOp)):
            return self.node
        parts = (ast.keyword, ast.Tuple, ast.List, ast.Dict, ast.Starred, ast.Slice, ast.UnaryOp)
        return next(node for node in reversed(self.ancestors) if not isinstance(node, parts))


def places(node, ancestors=()):
    """All expressions in the body of a function, but for its docstring and what it says in errors."""
    ancestors = (*ancestors, node)
    for name, value in ast.iter_fields(node):
        if isinstance(node, (ast.FunctionDef, ast.Lambda, ast.AnnAssign)) and name in NO_EXPRESSIONS:
            continue
        for index, child in list(enumerate(value)) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.Raise) or is_docstring(child):
                continue
            if is_cast(node) and child is not node.args[1]:
                continue
            if isinstance(child, (ast.expr, ast.keyword)):
                yield Place(child, name, index, ancestors)
            if not is_number(child):
                yield from places(child, ancestors)


def is_cast(node):
    """Whether it is ``cast(Tensor, …)``, which does nothing."""
    return isinstance(node, ast.Call) and name_called(node) == "cast" and ast.unparse(node.args[0]) == "Tensor"


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_number(node):
    """Whether it is a number; -1 is one."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


# -------------------------------------------------------------------------------------------------------- replacements


def replacements(place, subject):
    """What an expression may be taken for: pairs of a kind of mistake and an expression; None to leave it out."""
    node, parent = place.node, place.parent
    if isinstance(parent, ast.Return) and not any(isinstance(n, ast.FunctionDef) for n in place.ancestors[1:]):
        yield from results(node, subject)
    if is_number(node):
        value = ast.literal_eval(node)
        yield from (("constant", ast.Constant(other)) for other in (value + 1, value - 1, -value))
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield "axis or flag", ast.Constant(not node.value)
    elif isinstance(node, ast.Call):
        yield from calls(node, subject)
    elif isinstance(node, (ast.Tuple, ast.List)) and isinstance(node.ctx, ast.Load):
        yield from (("swapped inputs", type(node)(elements, ast.Load())) for elements in exchanged(node.elts))
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from names(node, place, subject)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from subscripts(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield "sign" if isinstance(node.op, ast.USub) else "condition", node.operand
    elif isinstance(node, ast.Compare):
        for op in COMPARISONS.get(type(node.ops[0]), ()):
            yield "condition", ast.Compare(node.left, [op()], node.comparators)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield "wrong op", ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.BoolOp):
        yield "condition", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.IfExp):
        yield from (("condition", branch) for branch in (node.body, node.orelse))
    elif isinstance(node, ast.keyword):
        yield "left out", None
    if isinstance(parent, ast.If) and place.field == "test":
        yield from (("condition", ast.Constant(value)) for value in (True, False))


def results(node, subject):
    """A gradient with the other sign, or none at all."""
    if subject.role == "whole":
        yield "sign", each("-v", node)
        for i, element in enumerate(node.elts if isinstance(node, ast.List) else ()):
            if not isinstance(element, (ast.Starred, ast.Constant)):
                yield "left out", ast.List([*node.elts[:i], ast.Constant(None), *node.elts[i + 1 :]], ast.Load())
                yield "sign", ast.List([*node.elts[:i], negated(element), *node.elts[i + 1 :]], ast.Load())
    elif subject.role == "partial" or "Tensor" in ast.unparse(subject.tree.returns or ast.Constant("")):
        yield "sign", negated(node)
        if subject.role == "partial":
            yield "left out", ast.Constant(None)


def calls(node, subject):
    """Another op; fewer arguments, or swapped ones."""
    name = name_called(node)
    for other in WRONG.get(name, ()):
        if func := renamed(node.func, other, subject.names):
            yield "wrong op", ast.Call(func, node.args, node.keywords)
    if name in NO_OPS:
        return
    if len(node.args) == 2:
        yield from (("left out", node.args[i]) for i in OPERANDS.get(name, ()))
    if len(node.args) == 1 and not node.keywords and not isinstance(node.args[0], (ast.GeneratorExp, ast.Starred)):
        yield "sign" if name == "negative" else "left out", node.args[0]
    if name not in SYMMETRIC:
        yield from (("swapped inputs", ast.Call(node.func, args, node.keywords)) for args in exchanged(node.args))


def names(node, place, subject):
    """Another input; an upstream gradient of ones; another axis, the opposite flag."""
    if isinstance(place.parent, (ast.Attribute, ast.Compare)) or place.field == "func":
        return
    name, caller, tensors = node.id, name_called(place.parent), subject.arguments("Tensor")
    arrives = name in GRADIENTS and name not in tensors[1:] and not isinstance(place.parent, ast.Subscript)
    if arrives and caller not in ("zeros_like", "ones_like", "len"):
        yield "upstream gradient", each("v * 0 + 1", node) if name in ("gs", "hs") else ones(node)
    if name in tensors:
        yield from (("swapped inputs", ast.Name(other, ast.Load())) for other in tensors[1:] if other != name)
        if name != tensors[0] and caller in ODD:
            yield "sign", negated(node)
    if name in subject.arguments("bool") or (name in FLAGS and name not in subject.names):
        yield "axis or flag", ast.UnaryOp(ast.Not(), node)
    if name in subject.arguments("Axes"):
        yield "axis or flag", ast.Constant(None)
    elif name in subject.arguments("int") or name == "axis":
        yield from neighbours(node)


def subscripts(node):
    """Of a setting, another axis or the opposite flag; of the upstream gradients, one of ones."""
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if key in FLAGS:
        yield "axis or flag", ast.UnaryOp(ast.Not(), node)
    elif key == "axis":
        yield from neighbours(node)
    elif isinstance(node.value, ast.Name) and node.value.id in GRADIENTS:
        yield "upstream gradient", ones(node)


# ------------------------------------------------------------------------------------------------------ making of trees


def negated(node):
    return ast.UnaryOp(ast.USub(), node)


def ones(node):
    """The tensor with ones in place of its numbers."""
    return ast.BinOp(ast.BinOp(node, ast.Mult(), ast.Constant(0)), ast.Add(), ast.Constant(1))


def each(expression, node):
    """A list with an expression of each v in place of v, where it is not None."""
    tree = ast.parse(f"[None if v is None else {expression} for v in LIST]", mode="eval").body
    tree.generators[0].iter = node
    return tree


def neighbours(node):
    yield from (("axis or flag", ast.BinOp(node, op, ast.Constant(1))) for op in (ast.Add(), ast.Sub()))


def exchanged(elements):
    """The lists in which two neighbours are swapped."""
    for i in range(len(elements) - 1):
        yield [*elements[:i], elements[i + 1], elements[i], *elements[i + 2 :]]


def renamed(func, other, known):
    """The function of another name, of the same module; None if there is none."""
    if isinstance(func, ast.Name):
        return ast.Name(other, ast.Load()) if other in known else None
    module = known.get(getattr(func.value, "id", None))
    return ast.Attribute(func.value, other, ast.Load()) if hasattr(module, other) else None


def name_called(node):
    """The name of the function that is called, without its module."""
    if not isinstance(node, ast.Call):
        return None
    return getattr(node.func, "attr", None) or getattr(node.func, "id", None)
