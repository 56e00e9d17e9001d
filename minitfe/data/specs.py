"""Specs: what is known of elements before they are computed, their dtypes and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe import dtypes, nest
from minitfe.data.elements import Element, Spec, Text, eagerly, form, is_structure, leaves, map_leaves
from minitfe.shapes import TensorShape


def of_value(value: Any) -> Spec:
    """What is known of something that can become a tensor."""
    return Spec.of(np.asarray(eagerly(value)))


def packed(structure: Any, values: Any) -> Any:
    """A structure like another, with these values for leaves, in the order of `leaves`."""
    values = iter(values)
    return nest.pack_sequence_as(structure, values) if is_structure(structure) else next(values)


def specs_of(types: Any, shapes: Any) -> Any:
    """Joins output_types and output_shapes into one structure of specs; without shapes, nothing is known of them."""
    known = map_leaves(dtypes.as_dtype, types)
    if shapes is None:
        return map_leaves(lambda dtype: Spec(dtype, TensorShape(None)), known)
    flat = iter([TensorShape(shape) for shape in _flat_shapes(shapes, known)])
    specs = iter([Spec(dtype, next(flat)) for dtype in leaves(known)])
    return packed(known, specs)


def _flat_shapes(shapes: Any, types: Any) -> list[Any]:
    if not is_structure(types):
        return [shapes]
    if form(shapes) != form(types):
        raise TypeError(f"output_shapes must be nested like output_types, {types!r}, but is {shapes!r}.")
    keys = sorted(types) if isinstance(types, dict) else range(len(types))
    return [shape for key in keys for shape in _flat_shapes(shapes[key], types[key])]


def spec_of(element: Element) -> Any:
    """The specs of an element's arrays, with their shapes as they are."""
    return map_leaves(Spec.of, element)


def batched(specs: Any, size: int | None) -> Any:
    """The specs of a batch, of which the size may be unknown."""
    return map_leaves(lambda spec: Spec(spec.dtype, TensorShape([size]).concatenate(spec.shape)), specs)


def unbatched(specs: Any) -> Any:
    """The specs of the parts of a batch."""
    return map_leaves(
        lambda spec: Spec(spec.dtype, TensorShape(None if spec.shape.ndims is None else spec.shape[1:])), specs
    )


def common(first: Any, second: Any) -> Any:
    """The specs of elements that come from either of two datasets.

    Raises:
        TypeError: where their dtypes differ.
        ValueError: where their structures do.
    """
    if _shell(first) != _shell(second):
        raise ValueError(
            f"Two datasets to concatenate have different structures: {_shell(first)} and {_shell(second)}."
        )
    pairs = list(zip(leaves(first), leaves(second)))
    if any(a.dtype is not b.dtype for a, b in pairs):
        types = [map_leaves(lambda spec: spec.dtype, specs) for specs in (first, second)]
        raise TypeError(f"Two datasets to concatenate have different types {types[0]} and {types[1]}")
    merged = iter([Spec(a.dtype, _most_general(a.shape, b.shape)) for a, b in pairs])
    return packed(first, merged)


def _shell(specs: Any) -> str:
    return str(map_leaves(lambda spec: Text("·"), specs))


def _most_general(a: TensorShape, b: TensorShape) -> TensorShape:
    if a.extents is None or b.extents is None or len(a.extents) != len(b.extents):
        return TensorShape(None)
    return TensorShape([x if x == y else None for x, y in zip(a.extents, b.extents)])
