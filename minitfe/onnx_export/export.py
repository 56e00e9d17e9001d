"""The export: a function is traced, and its operations are written in ONNX one after the other.

    1  trace        the function is called with symbols of the examples' dtypes and shapes
    2  simplify     what depends on constants alone is computed, and what nobody reads is left out
    3  translate    each operation is written by its rule; those that cannot be are refused, all at once
    4  check        ONNX's own checker goes through the model
    5  save         the file is written beside its place, and renamed

Variables become initializers: the model has their values of this moment, and does not see them change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from minitfe import errors
from minitfe.context import listening
from minitfe.graph.function_graph import FunctionGraph, traced
from minitfe.graph.graph import VariableHandle
from minitfe.graph.passes import optimized
from minitfe.graph.program import Program
from minitfe.graph.traced_function import TracedFunction
from minitfe.onnx_export import (
    arithmetic,
    arrays,
    generate,
    indexing,
    networks,
    products,
    rearrange,
    reductions,
    segments,
    windows,
)
from minitfe.onnx_export.examples import chosen, names_of_inputs, names_of_outputs, numbered, symbols
from minitfe.onnx_export.translation import Known, Translation, stored
from minitfe.tensor import Tensor
from minitfe.train.storage import replacing

PAGES = (arithmetic, arrays, generate, rearrange, indexing, reductions, products, windows, networks, segments)
"""The modules that the rules stand in."""

SIMPLIFICATIONS = ("constant_folding", "common_subexpressions", "dead_code")


def export_onnx(
    function: Callable[..., Any],
    path: str,
    *examples: Any,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
) -> str:
    """Writes a function with the variables it reads to a file in ONNX, the format that many programs run networks from.

    Args:
        function: a model, a function made by `tfe.defun`, or any function of tensors. It is called once, with symbols.
        path: the file's name, such as ``"model.onnx"``.
        examples: for each argument a tensor of the dtype and shape that it will have; or a pair of dtype and shape, in
            which None stands for a size that is left open: ``(tf.float32, [None, 784])``. Lists and dictionaries of
            these are arguments that are lists and dictionaries of tensors.
        input_names: what the model shall call its inputs; by default what the function calls them.
        output_names: what it shall call its outputs; by default ``output``, or the keys of a dictionary.

    Returns:
        The path.

    Raises:
        UnimplementedError: where an operation cannot be said in ONNX. The message lists all of them, with their lines.
        TypeError: for an example that says no dtype and shape.
        ValueError: where there are other numbers of names than of inputs or outputs, or nothing is returned.
        ResourceExhaustedError: where the variables take more than 2 GB, or the disk is full.
        ImportError: where onnx is not installed: ``pip install minitfe[onnx]``.

    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(10, input_shape=(784,))])
    >>> import os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "digits.onnx")
    >>> tf.saved_model.export_onnx(model, path, (tf.float32, [None, 784])) == path
    True

    TensorFlow 1.10 has nothing like it. ONNX: https://onnx.ai
    """
    path = os.fsdecode(path)
    graph, names = _traced(function, examples)
    model = _model(graph, chosen(input_names, names, "input"), output_names, _name(function))
    with replacing(path) as file, os.fdopen(file, "wb", closefd=False) as out:
        out.write(model.SerializeToString())
    return path


def _traced(function: Any, examples: Sequence[Any]) -> tuple[FunctionGraph, list[str]]:
    """The graph of the function, and a name for each of its inputs."""
    if isinstance(function, TracedFunction):
        return function.graph, numbered("input", len(function.graph.inputs) - len(function.graph.captured))
    if not callable(function):
        raise TypeError(f"export_onnx takes a function of tensors, such as a model, not {function!r}.")
    arguments = tuple(symbols(example) for example in examples)
    return traced(function, arguments, {}), list(names_of_inputs(function, arguments))


def _name(function: Any) -> str:
    return str(getattr(function, "name", None) or getattr(function, "__name__", None) or type(function).__name__)


def _model(graph: FunctionGraph, inputs: Sequence[str], output_names: Sequence[str] | None, name: str) -> Any:
    """The whole model, checked."""
    outputs = chosen(output_names, names_of_outputs(graph.structure, len(_outputs(graph, name))), "output")
    if output_names is not None and not {*inputs}.isdisjoint(outputs):
        raise ValueError(f"Inputs and outputs must have different names, not {list(inputs)} and {list(outputs)}.")
    program = Program(graph.inputs, graph.operations, graph.outputs, graph.variables)
    with listening(interpreter=None, tapes=()):
        known: dict[Tensor, Known] = {inner: _known(outer, name) for outer, inner in graph.captured.items()}
        translation = Translation(optimized(program, SIMPLIFICATIONS), inputs, outputs, name, known)
    return _checked(translation.w.onnx, translation.model())


def _known(x: Any, name: str) -> Known:
    """The value of what a function reads from the graph around it: a constant, or a variable in the current session."""
    if isinstance(x, VariableHandle):
        variables: Any = x.graph.variables  # type: ignore[attr-defined]
        return stored(next(variable for variable in variables if variable.handle is x))
    value = x.static_value()
    if value is None:
        raise ValueError(
            f"{name} cannot be exported to ONNX: it reads {x} of the graph around it. Make it an argument."
        )
    return value.numpy(), "constant"


def _outputs(graph: FunctionGraph, name: str) -> Sequence[Any]:
    """What the function returned, if that can be the output of a model."""
    if not graph.outputs:
        raise ValueError(f"{name} cannot be exported to ONNX: it returned {graph.structure!r}, in which is no tensor.")
    for y in graph.outputs:
        if y.extents is None:
            raise errors.UnimplementedError(f"{name} cannot be exported to ONNX: how many axes {y} has is not known.")
    return graph.outputs


def _checked(onnx: Any, model: Any) -> Any:
    """The model, if it is one by ONNX's own rules."""
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise errors.InternalError(f"The export is no model by ONNX's own rules: {error}. Please report it.") from None
    return model
