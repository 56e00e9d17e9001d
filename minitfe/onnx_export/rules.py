"""The table of rules: for each op a function that writes it in ONNX.

A rule is called as ``rule(w, *inputs, **attributes)``, with the `Writer` and a Value for each input, and returns a
Value; for an op with several outputs, a list of them. Ops for which there is no rule are refused; `reason` says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from minitfe.graph.graph import TensorOp
from minitfe.onnx_export.writer import Value, Writer
from minitfe.operation import Op

Rule = TypeVar("Rule", bound=Callable[..., Any])

RULES: dict[str, Callable[..., Any]] = {}
"""The rule of each op, by the op's name."""


def rule(function: Rule) -> Rule:
    """Makes the decorated function the rule of the op that has its name."""
    RULES[function.__name__] = function
    return function


def same(page: str, kinds: dict[str, str]) -> None:
    """Registers ops that are one node of ONNX's, with the same inputs and nothing to set.

    Args:
        page: the module that they stand in.
        kinds: what ONNX calls each op.
    """
    RULES.update({name: _one_node(page, kind) for name, kind in kinds.items()})


def _one_node(page: str, kind: str) -> Callable[..., Value]:
    def write(w: Writer, *inputs: Value, **attributes: Any) -> Value:
        return w.node(kind, *inputs)

    write.__doc__, write.__module__ = kind, page
    return write


def described() -> list[tuple[str, str]]:
    """The ops that can be exported, each with how it is written.

    >>> dict(described())["expm1"]
    '2t / (1 - t) with t = tanh(x/2) near 0, where exp(x) - 1 would lose its digits.'
    """
    return [(name, " ".join((RULES[name].__doc__ or "").split())) for name in sorted(RULES)]


def page_of(name: str) -> str:
    """The module in which an op's rule stands."""
    return RULES[name].__module__


# ---------------------------------------------------------------------------------------------------- what is refused

REASONS = {
    "assign_variable": (
        "it changes a variable, but those of an ONNX model are constants. Leave it out of what is exported; layers that"
        " keep statistics assign in training only, so call the model with training=False"
    ),
    "eager_call": (
        "branches, loops, py_func, and ops with a shape that only the run knows, call Python when the graph runs, and"
        " an ONNX model has no Python. In a shape, -1 leaves a size open without that"
    ),
    "check_numerics": "it can end a run with an error, and an ONNX model cannot. Leave it out of what is exported",
}

RANDOM = (
    "it draws other numbers in each run, and ONNX has not the same ones. Pass the numbers as an input; if dropout draws"
    " them, call the model with training=False"
)


def reason(op: Op) -> str:
    """Why an op without a rule has none."""
    if op.name in REASONS:
        return REASONS[op.name]
    if isinstance(op, TensorOp):
        return REASONS["eager_call"]
    return RANDOM if op.stateful else "ONNX has nothing like it, and no rule here writes it in other operators"
