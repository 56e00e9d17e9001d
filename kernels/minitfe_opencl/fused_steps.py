"""Steps of fused kernels: an op as a line of OpenCL's C.

The expressions are those that the ops have anyway (`elementwise`). There, x, y and z are vectors that were read from
memory; here other words are put in their places:

    -x              float16 v2 = -v0;
    x * y           float16 v3 = v2 * v0;
    exponential(x)  float16 v4 = exponential_float(v3);

One kernel may have several dtypes. So what depends on the type, such as `exponential`, which is a function of a source,
gets a version for each type that calls it, with the type at the end of its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from . import bitwise, comparison, elementary, math, nn, reduction, special
from .elementwise import BOOL, SIGNED, Elementwise
from .programs import defined, source, type_of
from .reduction import Reduction

DType = np.dtype[Any]

MODULES = (bitwise, comparison, elementary, math, nn, special)

EXPRESSIONS: dict[str, Elementwise] = {
    name: found
    for module in MODULES
    for name in module.__all__
    if isinstance(found := getattr(module, name), Elementwise)
}
"""The ops that are expressions, by name."""

REDUCTIONS: dict[str, Reduction] = {
    name: getattr(reduction, name)
    for name in ("reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_all", "reduce_any")
} | {"reduce_mean": reduction.reduce_sum}
"""The ops that make many numbers one; a mean is a sum, which is divided when all is done."""


class NotFusible(Exception):
    """An op, a dtype or a shape that no fused kernel can have."""


# -------------------------------------------------------------------------------------------------------- expressions


def expression_of(step: Any, operands: Sequence[DType]) -> str:
    """The expression of a step, in x, y and z.

    Raises:
        NotFusible: where there is none.
    """
    write = WRITERS.get(step.op, _own_expression)
    text = write(step, operands) if len(operands) <= 3 else None
    if text is None:
        raise NotFusible(step.op)
    return text


def _own_expression(step: Any, operands: Sequence[DType]) -> str | None:
    op, dtype = EXPRESSIONS.get(step.op), operands[0]
    if op is None or step.attributes or (op.out or dtype) != step.dtype:
        return None
    return op.expression.get(dtype.kind) if dtype.kind in (op.kinds or "fiub") else None


def _cast(step: Any, operands: Sequence[DType]) -> str:
    x, out = operands[0], step.dtype
    if x == out:
        return "x"
    if out.kind == "b":
        return "x != (XS)0"
    return f"CONVERT(OUT, LANES)({'CONVERT(long, LANES)(x)' if x.kind == 'f' and out.kind in 'iu' else 'x'})"


def _bias_add(step: Any, operands: Sequence[DType]) -> str | None:
    return "x + y" if step.attributes["data_format"] == "NHWC" else None


def _scaled_power(step: Any, operands: Sequence[DType]) -> str:
    return (elementary.product_or_0 if step.attributes["zero_wins"] else elementary.product).expression["f"]


WRITERS: dict[str, Callable[[Any, Sequence[DType]], str | None]] = {
    "add_n": lambda step, operands: " + ".join("xyz"[: len(operands)]),
    "bias_add": _bias_add,
    "broadcast_to": lambda step, operands: "x",
    "cast": _cast,
    "elu": lambda step, operands: f"x < (XS)0 ? expm1(x) * (XS)({step.attributes['alpha']!r}) : x",
    "elu_gradient": lambda step, operands: f"y < (YS)0 ? x * (y + (YS)({step.attributes['alpha']!r})) : x",
    "identity": lambda step, operands: "x",
    "round": lambda step, operands: "rint(x)" if step.dtype.kind == "f" else "x",
    "scaled_power": _scaled_power,
    "select": lambda step, operands: "HOLDS(x) ? y : z",
}
"""Expressions of ops whose kernels are functions, since they depend on attributes or dtypes."""

COPYING = {"broadcast_to", "identity", "round", "select"}
"""Ops that put bools where they were; the others compare, which gives lanes of 0 and -1."""

# -------------------------------------------------------------------------------------------------------------- words

HELPERS = {
    "division.cl": ("whole_quotient", "floored_quotient", "floored_rest"),
    "power.cl": ("whole_power",),
    "sine.cl": ("reduced", "turned", "far", "sine", "cosine"),
    "exponential.cl": ("power_of_two", "exponential"),
}
"""The functions in sources that expressions may call, or that those call."""


def put_in(text: str, words: Mapping[str, str]) -> str:
    """A text with other words in the place of some."""
    return re.sub(r"\b[A-Za-z_]\w*", lambda found: words.get(found[0], found[0]), text)


def words_of(x: DType, lanes: int) -> dict[str, str]:
    """What stands for X, and for all that depends on it."""
    name, signed = type_of(x), SIGNED[x.itemsize]
    helpers = {function: f"{function}_{name}" for functions in HELPERS.values() for function in functions}
    return helpers | {
        "X": name, "XS": f"{name}{lanes}", "SIGNED": signed, "BITS": f"(8 * sizeof({name}))",
        "FLOATING": str(8 * x.itemsize * (x.kind == "f")),
    }  # fmt: skip


def statement(step: Any, target: str, names: Sequence[str], operands: Sequence[DType], lanes: int) -> str:
    """A step as a line of the kernel: what it takes has these names and dtypes, and its result is called `target`."""
    expression = expression_of(step, operands)
    chosen = operands[1] if step.op == "select" else operands[0]  # a mask must be as wide as what it chooses from
    words = words_of(operands[0], lanes) | {"HOLDS": f"HOLDS_{SIGNED[chosen.itemsize]}", "OUT": type_of(step.dtype)}
    words |= {f"{letter}S": vector_of(dtype, lanes) for letter, dtype in zip("XYZ", operands)}
    text = put_in(expression, words | dict(zip("xyz", names)))
    if step.dtype == BOOL and step.op not in COPYING:
        text = f"convert_uchar{lanes}(abs({text}))"
    return f"{vector_of(step.dtype, lanes)} {target} = {text};"


def vector_of(dtype: DType, lanes: int) -> str:
    """OpenCL's name for a vector of a dtype."""
    return f"{type_of(dtype)}{lanes}"


# --------------------------------------------------------------------------------------------- what lines refer to


def helpers_for(lines: str, dtype: DType, lanes: int) -> list[str]:
    """The functions that lines call, for one dtype."""
    words, signed = words_of(dtype, lanes), SIGNED[dtype.itemsize]
    files = [file for file, functions in HELPERS.items() if any(f"{words[name]}(" in lines for name in functions)]
    texts = [put_in(source(file), words) for file in files]
    if f"HOLDS_{signed}(" in lines:
        macro = f"(CONVERT({signed}, LANES)(truth) != (VECTOR({signed}, LANES))(0))"
        texts.append(f"#define HOLDS_{signed}(truth) {macro}\n")
    return texts


def pieces_for(dtype: DType, lanes: int) -> str:
    """Functions that read and write vectors anywhere: read_float, write_float."""
    name = type_of(dtype)
    words = {"T": name, "V": vector_of(dtype, lanes), "anywhere": f"anywhere_{name}", "read_piece": f"read_{name}"}
    return put_in(source("pieces.cl"), words | {"write_piece": f"write_{name}"})


def reduction_for(op: str, dtype: DType, lanes: int) -> tuple[str, str]:
    """The name that the functions and macros of a reduction begin with, and their text."""
    name, found = f"{op}_{type_of(dtype)}", REDUCTIONS[op]
    words = {"T": type_of(dtype), "V": vector_of(dtype, lanes)}
    words |= {f"REDUCE_{part}": f"{name}_{part}" for part in ("first", "lanes", "INITIAL", "COMBINE")}
    macros = {f"{name}_INITIAL": found.initial(dtype), f"{name}_COMBINE(a, b)": found.combine}
    return name, defined(**macros) + put_in(source("partial.cl"), words)
