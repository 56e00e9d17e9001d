"""The writer: nodes, initializers and names of an ONNX model, put down one after the other.

A rule names the tensors that it reads by `Value`, and gets a Value for each that a node makes:

    def square(w, x):
        return w.node("Mul", x, x)

ONNX's own table of operators says which types each takes and returns. The writer looks there before it puts a node
down: where ONNX does not take a type, the rule ends with `Unsupported`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minitfe.extras import require
from minitfe.shapes import Extents

OPSET = 18
"""The version of ONNX's operators: of December 2022, the first in which ScatterND can take the largest."""


class Unsupported(Exception):
    """An operation has no counterpart in ONNX; the message is the reason, half a sentence."""


class Value(NamedTuple):
    """A tensor of the ONNX model.

    Attributes:
        name: its name there.
        dtype: numpy's dtype.
        extents: the sizes, None where unknown; None altogether for what a rule makes on its way.
    """

    name: str
    dtype: np.dtype[Any]
    extents: Extents | None = None

    @property
    def rank(self) -> int:
        """The number of axes, where it is known."""
        if self.extents is None:
            raise Unsupported("the number of axes of an input is not known")
        return len(self.extents)

    def sizes(self, *axes: int) -> list[int]:
        """The sizes along some axes.

        Raises:
            Unsupported: where one of them is not known.
        """
        found = [self.extents[axis] for axis in axes if self.extents is not None]
        if len(found) < len(axes) or None in found:
            raise Unsupported(f"it must know more of its input's shape than {list(self.extents or ())}")
        return found  # type: ignore[return-value]


class Writer:
    """Writes an ONNX model.

    Attributes:
        onnx: the library.
        nodes: ONNX's nodes, in the order in which they run.
        initializers: the arrays that the model brings with it, by name.
    """

    def __init__(self) -> None:
        self.onnx = require("onnx", "onnx", "Exporting a model to ONNX")
        self.nodes: list[Any] = []
        self.initializers: dict[str, np.ndarray[Any, Any]] = {}
        self._names: set[str] = set()
        self._known: dict[Any, Value] = {}

    def name(self, wanted: str) -> str:
        """A name that nothing else has: the one that is wanted, or that with a number."""
        found, number = wanted, 0
        while found in self._names:
            number += 1
            found = f"{wanted}_{number}"
        self._names.add(found)
        return found

    # ------------------------------------------------------------------------------------------------------- nodes

    def node(self, kind: str, *inputs: Value | None, dtype: Any = None, **attributes: Any) -> Value:
        """Writes a node with one output.

        Args:
            kind: ONNX's name of the operator.
            inputs: what it reads; None in the place of an optional input that is left out.
            dtype: that of the output, where ONNX's table cannot know it.
            attributes: its settings.

        Raises:
            Unsupported: where the operator does not take an input of such a dtype.
        """
        (output,) = self.node_with(1, kind, *inputs, dtype=dtype, **attributes)
        return output

    def node_with(
        self, count: int, kind: str, *inputs: Value | None, dtype: Any = None, **attributes: Any
    ) -> list[Value]:
        """Writes a node with so many outputs, and returns a list of them."""
        schema = self.onnx.defs.get_schema(kind, OPSET)
        found = _types(schema, kind, inputs)
        outputs = [
            Value(self.name(kind.lower()), _output_dtype(schema, i, found) if dtype is None else np.dtype(dtype))
            for i in range(count)
        ]
        names = ["" if x is None else x.name for x in inputs]
        self.nodes.append(self.onnx.helper.make_node(kind, names, [y.name for y in outputs], **attributes))
        return outputs

    # ------------------------------------------------------------------------------------------------ initializers

    def initializer(self, array: Any, name: str) -> Value:
        """An array that the model brings with it."""
        array = np.asarray(array)
        value = Value(self.name(name), array.dtype, array.shape)
        self.initializers[value.name] = array
        return value

    def constant(self, array: Any, dtype: Any = None) -> Value:
        """A number or an array of numbers that never change. Small ones are kept once."""
        array = np.asarray(array, dtype)
        if array.size > 16 or array.dtype.kind == "O":
            return self.initializer(array, "constant")
        key = array.dtype, array.shape, array.tobytes()
        if key not in self._known:
            self._known[key] = self.initializer(array, "constant")
        return self._known[key]

    def ints(self, *numbers: int) -> Value:
        """Whole numbers, such as sizes and axes, as ONNX wants them."""
        return self.constant(numbers, np.int64)

    # ---------------------------------------------------------------------------------------- what many rules need

    def cast(self, x: Value, dtype: Any) -> Value:
        """The same numbers in another dtype."""
        if x.dtype == np.dtype(dtype):
            return x
        return self.node("Cast", x, dtype=dtype, to=self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def shape(self, x: Value) -> Value:
        """The sizes, found when the model runs."""
        return self.node("Shape", x)

    def reshape(self, x: Value, sizes: Value) -> Value:
        """The same elements in another shape; a size of 0 is 0, and not that of before."""
        return self.node("Reshape", x, sizes, allowzero=1)

    def flat(self, x: Value) -> Value:
        """All elements along one axis."""
        return self.node("Reshape", x, self.ints(-1))

    def transpose(self, x: Value, *perm: int) -> Value:
        """The axes in another order."""
        return self.node("Transpose", x, perm=perm)

    def unsqueeze(self, x: Value, *axes: int) -> Value:
        """New axes of size 1, where they stand in the result."""
        return self.node("Unsqueeze", x, self.ints(*axes)) if axes else x

    def squeeze(self, x: Value, *axes: int) -> Value:
        """Without some axes of size 1."""
        return self.node("Squeeze", x, self.ints(*axes)) if axes else x

    def filled(self, number: Any, sizes: Value, dtype: Any) -> Value:
        """One number in every place."""
        tensor = self.onnx.numpy_helper.from_array(np.full(1, number, dtype))
        return self.node("ConstantOfShape", sizes, dtype=dtype, value=tensor)

    def numbered(self, x: Value) -> Value:
        """The elements' numbers in place of the elements, counted through row by row."""
        numbers = self.node("Range", self.constant(0, np.int64), self.node("Size", x), self.constant(1, np.int64))
        return self.reshape(numbers, self.shape(x))


# ------------------------------------------------------------------------------------------------ ONNX's table of types

NAMES = {"float32": "float", "float64": "double", "object": "string"}
"""What ONNX calls some types; all others have the same name."""

DTYPES = {name: dtype for dtype, name in NAMES.items()}


def _type(dtype: np.dtype[Any]) -> str:
    return f"tensor({NAMES.get(dtype.name, dtype.name)})"


def _types(schema: Any, kind: str, inputs: Sequence[Value | None]) -> dict[str, np.dtype[Any]]:
    """What the letters for types in the table, such as T, stand for in this node."""
    found: dict[str, np.dtype[Any]] = {}
    for i, x in enumerate(inputs):
        parameter = schema.inputs[min(i, len(schema.inputs) - 1)]
        if x is not None and _type(x.dtype) not in parameter.types:
            raise Unsupported(f"ONNX's {kind} does not take {x.dtype.name}")
        if x is not None:
            found[parameter.type_str] = x.dtype
    return found


def _output_dtype(schema: Any, i: int, found: dict[str, np.dtype[Any]]) -> np.dtype[Any]:
    """The dtype of an output: that of the inputs with the same letter, or the only one that the table allows."""
    parameter = schema.outputs[min(i, len(schema.outputs) - 1)]
    if parameter.type_str in found:
        return found[parameter.type_str]
    (only,) = parameter.types
    name: str = only.removeprefix("tensor(").removesuffix(")")
    return np.dtype(DTYPES.get(name, name))
