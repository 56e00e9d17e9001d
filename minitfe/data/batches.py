"""Batches: many elements made one, by stacking what stands at the same place in their structures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.data.elements import Array, Element, columns, form, is_structure, leaves, map_leaves
from minitfe.dtypes import DType
from minitfe.ops import arguments
from minitfe.shapes import TensorShape, bracketed
from minitfe.tensor import Tensor


def stack(elements: Sequence[Element]) -> Element:
    """Makes a batch of elements.

    >>> stack([(np.array(1), np.array([1, 2])), (np.array(2), np.array([3, 4]))])
    (array([1, 2]), array([[1, 2],
           [3, 4]]))

    Raises:
        InvalidArgumentError: where their structures, dtypes or shapes differ.
    """
    return columns(elements, _stack_column, "Cannot batch")


def _stack_column(arrays: list[Array], component: int) -> Array:
    first = arrays[0]
    shape, dtype = first.shape, first.dtype
    for i, array in enumerate(arrays):
        if array.shape != shape or array.dtype != dtype:
            raise _unlike(first, array, i, component)
    if shape:
        return np.concatenate(arrays).reshape(len(arrays), *shape)  # a third faster than np.stack
    return np.fromiter((array[()] for array in arrays), dtype, len(arrays))


def _unlike(first: Array, array: Array, i: int, component: int) -> Exception:
    if array.dtype != first.dtype:
        was, came = (dtypes.from_numpy(x.dtype).name for x in (first, array))
        return errors.InvalidArgumentError(
            f"Cannot batch tensors with different dtypes in component {component}. First element had dtype {was} and"
            f" element {i} had dtype {came}; convert them with tf.cast."
        )
    return errors.InvalidArgumentError(
        f"Cannot batch tensors with different shapes in component {component}. First element had shape"
        f" {bracketed(first.shape)} and element {i} had shape {bracketed(array.shape)}."
        " Make them equal in a map, or use padded_batch."
    )


def pad_and_stack(elements: Sequence[Element], shapes: Any, values: Any) -> Element:
    """Makes a batch of elements, each first made as large as it must be.

    Args:
        elements: at least one.
        shapes: for each component what it is padded to, a list with None for sizes that are those of the largest.
        values: for each component what it is padded with, a 0-d array.
    """
    return columns(elements, lambda arrays, i: _pad_column(arrays, shapes[i], values[i], i), "Cannot batch")


def _pad_column(arrays: list[Array], shape: list[int | None], value: Array, component: int) -> Array:
    first = arrays[0]
    for i, array in enumerate(arrays):
        if array.ndim != len(shape):
            raise errors.InvalidArgumentError(
                "All elements in a batch must have the same rank as the padded shape for component"
                f" {component}: expected rank {len(shape)} got element with rank {array.ndim}."
            )
        if array.dtype != first.dtype:
            raise _unlike(first, array, i, component)
    largest = [max(sizes) for sizes in zip(*[array.shape for array in arrays])]
    sizes = [most if wanted is None else wanted for wanted, most in zip(shape, largest)]
    if any(most > size for most, size in zip(largest, sizes)):
        raise errors.DataLossError(
            f"Attempted to pad to a smaller size than the input element: component {component} has an element of size"
            f" {bracketed(tuple(largest))}, and its padded shape is {bracketed(tuple(shape))}; use None for that axis."
        )
    batch = np.full((len(arrays), *sizes), value, first.dtype)
    for i, array in enumerate(arrays):
        place: Any = (i, *map(slice, array.shape))
        batch[place] = array
    return batch


def padded_shapes_of(wanted: Any, structure: Any) -> list[list[int | None]]:
    """Reads padded_shapes: one shape per component, in a structure like the elements'.

    Raises:
        TypeError, ValueError: where that is no such structure of shapes.
    """
    if not is_structure(structure):
        return [_padded_shape(wanted)]
    nest_form = map_leaves(lambda leaf: None, structure)
    if form(wanted) != form(nest_form):
        raise TypeError(f"padded_shapes must be nested like the elements, {nest_form!r}, but is {wanted!r}.")
    keys = sorted(structure) if isinstance(structure, dict) else range(len(structure))
    return [shape for key in keys for shape in padded_shapes_of(wanted[key], structure[key])]


def _padded_shape(wanted: Any) -> list[int | None]:
    sizes = arguments.plain(wanted, "padded_shapes")
    if isinstance(sizes, (list, tuple, np.ndarray)):
        sizes = [None if size is None or size == -1 else size for size in sizes]
    try:
        return TensorShape(sizes).as_list()
    except (TypeError, ValueError):
        raise TypeError(
            f"padded_shapes must hold a shape for each component, of ints and None, not {wanted!r}."
        ) from None


def padding_values_of(wanted: Any, specs: Any) -> list[Array]:
    """Reads padding_values: one value per component, zero (or the empty string) where none is given."""
    flat = leaves(specs)
    given = [None] * len(flat) if wanted is None else leaves(wanted)
    if len(given) != len(flat):
        raise TypeError(f"padding_values must be nested like the elements, with {len(flat)} values, not {wanted!r}.")
    return [_padding_value(value, spec.dtype) for value, spec in zip(given, flat)]


def _padding_value(value: Any, dtype: DType) -> Array:
    if value is None:
        value = b"" if dtype is dtypes.string else 0
    if isinstance(value, Tensor) and value.dtype is not dtype:
        raise TypeError(f"Value to convert must be of dtype {dtype.name} like its component, not {value.dtype.name}.")
    return np.asarray(arguments.scalar(value, dtype, "padding_values"), dtype.numpy)
