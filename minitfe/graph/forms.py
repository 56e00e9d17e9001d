"""Forms: how operations are written that put their result where they are told to.

A kernel makes a new array in each call. numpy's own functions can write into one that is there, and that is what plans
live on. The form of an operation is the text of such calls, with {0} and {1} for the inputs and {o} for the output:

    multiply           multiply({0}, {1}, {o})
    tanh_gradient      multiply({1}, {1}, {o}); subtract(one, {o}, {o}); multiply({0}, {o}, {o})

Each does, step by step, what the numpy kernel of that name does, and gives the same bits. Operations without a form run
their kernel.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import prod
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from minitfe.devices import cpu
from minitfe.graph.program import known_shape
from minitfe.operation import Op, Operation
from minitfe.tensor import Tensor


class Form(NamedTuple):
    """The text of an operation.

    Attributes:
        text: statements, with {0}, {1} and so on for the inputs and {o} for the output.
        names: what the text refers to.
        onto: inputs whose memory the output may take while they are read.
        elementwise: whether each element of the output comes from the elements at the same place.
    """

    text: str
    names: Mapping[str, Any]
    onto: tuple[int, ...] = ()
    elementwise: bool = False


def form_of(operation: Operation) -> Form | None:
    """The form of an operation, None where it has none or a size is not known."""
    if operation.op.several:
        return None
    found = _found.get(operation.output)
    if found is None or found[0] is not operation.op or found[1] is not operation.inputs:
        found = _found[operation.output] = operation.op, operation.inputs, _written(operation)
    return found[2]


# Several passes ask for the form of each operation. What was found ends with the output.
_found: WeakKeyDictionary[Tensor, tuple[Op, Sequence[Tensor], Form | None]] = WeakKeyDictionary()


def _written(operation: Operation) -> Form | None:
    op, inputs = operation.op, operation.inputs
    if not inputs or op.kernels.kernel is not None:
        return None
    shapes = [known_shape(x) for x in (*inputs, operation.output)]
    if any(shape is None or 0 in shape for shape in shapes) or any(
        x.array.dtype.kind not in "biufc" for x in (*inputs, operation.output)
    ):
        return None
    write = FORMS.get(op.name)
    if write is not None:
        return write(operation)
    return _ufunc(operation)


def _ufunc(operation: Operation) -> Form | None:
    """Where the kernel is a function of numpy's that works element by element, that is the form."""
    if operation.attributes:
        return None
    kernel = _kernel(operation)
    if not isinstance(kernel, np.ufunc) or kernel.nout != 1:
        return None
    return _call_of(kernel)


@cache
def _call_of(kernel: np.ufunc) -> Form:
    inputs = ", ".join(f"{{{i}}}" for i in range(kernel.nin))
    out = "out={o}" if kernel in (np.maximum, np.minimum) else "{o}"  # these two want it by name
    return elementwise(f"{kernel.__name__}({inputs}, {out})", *range(kernel.nin))


def _kernel(operation: Operation) -> Any:
    try:
        return operation.op.kernels[cpu()].unwatched(operation.inputs[0].array.dtype)
    except Exception:
        return None  # the run says what is missing


def elementwise(text: str, *onto: int, **names: Any) -> Form:
    """A form of numpy's functions, which are found by the names in the text."""
    return Form(text, {**_functions_in(text), **names}, onto, elementwise=True)


@cache
def _functions_in(text: str) -> dict[str, Any]:
    """The functions of numpy's that statements call."""
    return {name: getattr(np, name) for name in re.findall(r"(?:^|; )(\w+)\(", text)}


@cache
def _number(number: float, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    return np.full((), number, dtype)


# -------------------------------------------------------------------------------------------------- element by element


def _with_constants(text: str, *onto: int, kinds: str = "f", **numbers: float) -> Callable[[Operation], Form | None]:
    """A form with numbers in it: 0-d arrays of the dtype, which numpy takes sooner than Python's numbers."""

    def write(operation: Operation) -> Form | None:
        dtype = operation.output.array.dtype
        if dtype.kind not in kinds or any(x.array.dtype != dtype for x in operation.inputs):
            return None
        constants = {f"{name}_{dtype.name}": _number(number, dtype) for name, number in numbers.items()}
        named = text
        for name in numbers:
            named = named.replace(f"<{name}>", f"{name}_{dtype.name}")
        fit = tuple(i for i in onto if known_shape(operation.inputs[i]) == known_shape(operation.output))
        return elementwise(named, *fit, **constants)

    return write


def _cast(operation: Operation) -> Form | None:
    x, y = operation.inputs[0].array.dtype, operation.output.array.dtype
    if "c" in (x.kind, y.kind):
        return None
    return elementwise("copyto({o}, {0}, casting='unsafe')")


# ------------------------------------------------------------------------------------------------------------ products


def _matmul(operation: Operation) -> Form:
    a, b = (["{0}", "{1}"][i] + (".mT" if operation.attributes.get(flag) else "") for i, flag in enumerate(TRANSPOSED))
    return Form(f"matmul({a}, {b}, {{o}})", {"matmul": np.matmul})


TRANSPOSED = ("transpose_a", "transpose_b")

# ------------------------------------------------------------------------------------------------------------ sums


def _reduce_sum(operation: Operation) -> Form:
    axis, keepdims = operation.attributes["axis"], operation.attributes["keepdims"]
    return _sum(operation, axis, keepdims)


def _sum(operation: Operation, axis: Any, keepdims: bool, after: str = "", **names: Any) -> Form:
    dtype = f"dtype_{operation.output.array.dtype.name}"
    names |= {"add_reduce": np.add.reduce, dtype: operation.output.array.dtype}
    return Form(f"add_reduce({{0}}, {axis!r}, {dtype}, {{o}}, {keepdims}){after}", names)


def _reduce_mean(operation: Operation) -> Form | None:
    x, y = operation.inputs[0].array, operation.output.array
    if y.dtype.char not in "fd":
        return None
    count = size(x.shape) // size(y.shape)
    axis, keepdims = operation.attributes["axis"], operation.attributes["keepdims"]
    name = f"number_{count}_{y.dtype.name}"
    after = f"; divide({{o}}, {name}, {{o}})"
    return _sum(operation, axis, keepdims, after, divide=np.divide, **{name: _number(count, y.dtype)})


def size(shape: Any) -> int:
    """The number of elements."""
    return prod(shape)


def _unbroadcast_like(operation: Operation) -> Form | None:
    x, y = operation.inputs[0].array.shape, operation.output.array.shape
    extra = len(x) - len(y)
    if x[extra:] != y:
        return None
    return _sum(operation, tuple(range(extra)), keepdims=False)


def _concat(operation: Operation) -> Form:
    parts = ", ".join(f"{{{i}}}" for i in range(len(operation.inputs)))
    return Form(f"concatenate(({parts},), {operation.attributes['axis']}, {{o}})", {"concatenate": np.concatenate})


FORMS: dict[str, Callable[[Operation], Form | None]] = {
    "relu": _with_constants("maximum({0}, <zero>, out={o})", 0, kinds="fiu", zero=0),
    "relu_gradient": _with_constants("greater({1}, <zero>, {o}, casting='unsafe'); multiply({0}, {o}, {o})", zero=0),
    "tanh_gradient": _with_constants(
        "multiply({1}, {1}, {o}); subtract(<one>, {o}, {o}); multiply({0}, {o}, {o})", 1, one=1
    ),
    "sigmoid": _with_constants(
        "negative({0}, {o}); exp({o}, {o}); add({o}, <one>, {o}); reciprocal({o}, {o})", 0, one=1
    ),
    "sigmoid_gradient": _with_constants(
        "subtract(<one>, {1}, {o}); multiply({1}, {o}, {o}); multiply({0}, {o}, {o})", one=1
    ),
    "squared_difference": lambda operation: elementwise("subtract({0}, {1}, {o}); multiply({o}, {o}, {o})"),
    "reciprocal": _with_constants("divide(<one>, {0}, {o})", 0, one=1),
    "rsqrt": _with_constants("sqrt({0}, {o}); divide(<one>, {o}, {o})", 0, one=1),
    "cast": _cast,
    "matmul": _matmul,
    "reduce_sum": _reduce_sum,
    "reduce_mean": _reduce_mean,
    "unbroadcast_like": _unbroadcast_like,
    "concat": _concat,
}
"""Operations whose kernel is more than one function of numpy's."""

VIEWS = {
    "reshape", "reshape_like", "expand_dims", "squeeze", "transpose", "split", "unstack", "slice", "strided_slice",
    "concat_gradient", "expand_like", "broadcast_like", "broadcast_to", "matrix_diag_part", "identity", "stop_gradient",
}  # fmt: skip
"""Ops that only look at their first input in another way, so that one view serves all runs."""

NEW = {
    "argmax", "argmin", "cast", "concat", "conv2d", "conv2d_filter_gradient", "conv2d_input_gradient",
    "log_softmax", "matmul", "reduce_max", "reduce_mean", "reduce_min", "reduce_sum", "select",
    "sigmoid_cross_entropy_gradient", "sigmoid_cross_entropy_with_logits", "softmax", "softmax_cross_entropy_gradient",
    "softmax_cross_entropy_with_logits", "softmax_gradient", "sparse_softmax_cross_entropy_gradient",
    "sparse_softmax_cross_entropy_with_logits", "stack",
}  # fmt: skip
"""Ops without a form whose results are known to share no memory with what they are given. All others may."""
