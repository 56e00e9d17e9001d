"""Ops that treat each element alike, as expressions in OpenCL's C.

`Elementwise` makes a kernel function from an expression: ``Elementwise("x * y")`` multiplies. The expression works on
vectors of LANES numbers, and ``elementwise.cl`` is what goes around it. Inputs go side by side through one long row:

    [1000, 1000] + [1000, 1000]     both have 10⁶ elements
    [1000, 1000] + []               the second is one number
    [1000, 1000] + [1000]           the second has a period: it starts again after every 1,000 elements
    [1000, 1000] + [1000, 1]        this the kernel cannot do: the second is written out in full first, by `stretched`

A period must be a whole number of vectors; other inputs are written out as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from .moving import ghost, picked
from .programs import build, defined, source, type_of, typed
from .runtime import Array, Device, constant, empty

Shape = tuple[int, ...]

SIGNED = {1: "char", 2: "short", 4: "int", 8: "long"}
"""The type of a vector comparison's lanes, by the width of what was compared."""

BOOL = np.dtype(bool)


FLOATING, ALONE = "f", ""
"""Kinds of dtypes that an expression is for: real numbers only; or inputs whose dtypes differ."""

_all: list[Elementwise] = []


class Elementwise:
    """A kernel function that applies an expression to each element.

    Compiling costs a fifth of a second even for one line, and not much more for forty. So expressions that work on
    inputs of one dtype are compiled all together, when the first of them is called for that dtype.

    Args:
        expression: in vectors x, y and z of the inputs' types; a mapping from the kind of the first input's dtype ("f",
            "i", "u", "b") to expressions where they differ.
        kinds: the kinds of dtypes that it is for, when all inputs have the same.
        out: the dtype of the result, if that is not the first input's. A comparison's lanes are 0 and -1; for BOOL they
            are made 0 and 1.
    """

    def __init__(
        self, expression: str | Mapping[str, str], kinds: str = "fiu", out: np.dtype[Any] | None = None
    ) -> None:
        self.expression = expression if isinstance(expression, Mapping) else dict.fromkeys("fiub", expression)
        self.kinds = kinds
        self.out = out
        self.kernels: dict[Any, Any] = {}
        self.name = f"elementwise_{len(_all)}"
        _all.append(self)

    def __call__(self, x: Array, *others: Array, out: np.dtype[Any] | None = None) -> Array:
        """Applies the expression to arrays, which are stretched to a common shape."""
        shape, arrays = x.shape, (x, *others)
        for other in others:
            if other.shape != shape:
                shape = common_shape(tuple([array.shape for array in arrays]))
                arrays = tuple([fitted(array, shape) for array in arrays])
                break
        result = empty(x.device, shape, out or self.out or x.dtype)
        self.run(arrays, result)
        return result

    def run(self, arrays: tuple[Array, ...], result: Array) -> None:
        """Queues the kernel; the result may be one of the inputs."""
        device, tuning = result.device, result.device.tuning
        key = (device, result.dtype, *[array.dtype for array in arrays])
        compiled = self.kernels.get(key) or self.compile(key, arrays, result)
        periods = [0 if array.size == 1 else -(-array.size // tuning.lanes) for array in arrays]
        buffers = [array.buffer for array in arrays]
        missing = 3 - len(arrays)
        vectors = -(-result.size // tuning.lanes)
        device.launch(compiled, (-(-vectors // tuning.run),), *buffers, *buffers[:1] * missing, result.buffer, vectors,
                      *periods, *periods[:1] * missing)  # fmt: skip

    def compile(self, key: Any, arrays: tuple[Array, ...], result: Array) -> Any:
        """Compiles the expression for the dtypes at hand, together with others where that is possible."""
        dtype, device = arrays[0].dtype, result.device
        alike = {x.dtype for x in arrays} == {dtype} and result.dtype == (self.out or dtype)
        with device.lock:
            if alike and dtype.kind in self.kinds:
                program = program_for_all(device, dtype)
            else:
                program = program_for([self], device, arrays, result.dtype)
            compiled = self.kernels[key] = typed(program, self.name)
        return compiled

    def text(self, kind: str, out: np.dtype[Any]) -> str:
        """The expression, defined for the kernel that is to be pasted after it."""
        expression = self.expression[kind]
        if out == BOOL:
            expression = f"CONVERT(uchar, LANES)(abs({expression}))"
        return "\n" + defined(NAME=self.name, OUT=type_of(out), EXPRESSION=expression)


def program_for_all(device: Device, dtype: np.dtype[Any]) -> Any:
    """All expressions that work on inputs of this dtype, compiled."""
    key = ("elementwise", dtype)
    if key not in device.kernels:
        ops = [op for op in _all if dtype.kind in op.kinds and dtype.kind in op.expression]
        device.kernels[key] = program_for(ops, device, (), dtype)
    return device.kernels[key]


def program_for(ops: list[Elementwise], device: Device, arrays: tuple[Array, ...], dtype: np.dtype[Any]) -> Any:
    """Some expressions, compiled for arrays like these; where none are given, for any of the dtype of the result."""
    dtypes = [array.dtype for array in arrays] or [dtype]
    x, y, z = dtypes + dtypes[:1] * (3 - len(dtypes))
    macros = {"X": type_of(x), "Y": type_of(y), "Z": type_of(z), "SIGNED": SIGNED[x.itemsize]}
    macros |= {"LANES": device.tuning.lanes, "RUN": device.tuning.run, "FLOATING": 8 * x.itemsize * (x.kind == "f")}
    parts = [op.text(x.kind, dtype if arrays else op.out or dtype) + source("elementwise.cl") for op in ops]
    text = (
        defined(**macros)
        + source("common.cl", "elements.cl", "division.cl", "power.cl", "sine.cl", "exponential.cl")
        + "".join(parts)
    )
    return build(device, "elementwise.cl", text)


def number(like: Array, value: float) -> Array:
    """A number as an array beside another, in its dtype."""
    return constant(like.device, value, like.dtype)


# ----------------------------------------------------------------------------------------------------------- stretching


@lru_cache(maxsize=4096)
def common_shape(shapes: tuple[Shape, ...]) -> Shape:
    """The shape that arrays are stretched to.

    Raises:
        ValueError: where the shapes do not fit.
    """
    return np.broadcast_shapes(*shapes)


def fitted(x: Array, shape: Shape) -> Array:
    """x as it is, where the kernel can go through it beside arrays of that shape; else written out in full."""
    if x.size == 1 or x.shape == shape:
        return x
    periodic = x.shape == shape[len(shape) - x.ndim :] and x.size % x.device.tuning.lanes == 0
    return x if periodic else stretched(x, shape)


def stretched(x: Array, shape: Shape) -> Array:
    """An array written out in a larger shape, where some of its axes are repeated."""
    return picked(x, np.broadcast_to(ghost(x.shape), shape))
