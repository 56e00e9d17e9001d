"""Picking elements out of tensors: by slices, by indices, by masks; and putting them back.

The gradient of picking is scattering: each picked element's gradient goes to where the element came from, and what was
not picked gets zero. The gradient of scattering is picking. So the ops here come in pairs: slices with
`strided_slice_gradient`, gather with `scatter_rows` and `gather_gradient`, gather_nd with the scatters.
"""

from __future__ import annotations

import builtins
from typing import Any, NamedTuple

import numpy as np

from minitfe import dtypes, shapes
from minitfe.context import get_listeners
from minitfe.conversion import agree, convert_to_tensor, resolve
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.graph.graph import Graph, SymbolicTensor
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import arguments, array, comparison, indexed_slices, late, math
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

Key = tuple[Any, ...]
"""A place in an array, as Python writes it: ints, slices of ints, None for a new axis, and one Ellipsis."""

_INDICES = "indices are whole numbers"

# ------------------------------------------------------------------------------------------------------------ slices


def _sliced(x: Extents, key: Key) -> Extents:
    """What numpy's basic indexing makes of a shape, with TensorFlow's words for what is wrong."""
    named = sum(part is not None and part is not Ellipsis for part in key)
    if named > len(x):
        raise ShapeError(
            f"Index out of range using input dim {len(x)}; input has only {len(x)} dims",
            "give at most one index for each axis",
        )
    if key.count(Ellipsis) > 1:
        raise ShapeError("Multiple ellipses in slice spec not allowed", "one ... stands for as many axes as are left")
    result: list[int | None] = []
    sizes = enumerate(x)
    for part in _spelled_out(key, len(x)):
        if part is None:
            result.append(1)
            continue
        axis, size = next(sizes)
        if isinstance(part, builtins.slice):
            result.append(_slice_size(part, size, axis))
        elif size is not None and not -size <= part < size:
            raise ShapeError(
                f"slice index {part} of dimension {axis} out of bounds.",
                f"use an index from {-size} to {size - 1}" if size else "the axis is empty",
            )
    return tuple(result)


def _spelled_out(key: Key, rank: int) -> Key:
    """The key with whole slices in place of the Ellipsis."""
    at = key.index(Ellipsis)
    named = sum(part is not None and part is not Ellipsis for part in key)
    return (*key[:at], *[builtins.slice(None)] * (rank - named), *key[at + 1 :])


_SOME = builtins.slice(None, None, "some")


def _slice_size(part: builtins.slice, size: int | None, axis: int) -> int | None:
    if part is _SOME:
        return None
    if part.step == 0:
        raise ShapeError(f"strides[{axis}] must be non-zero", "a step leads somewhere")
    if size is not None:
        return len(range(*part.indices(size)))
    return None


strided_slice_op = register(Op("strided_slice", shape=_sliced))
strided_slice_gradient_op = register(Op("strided_slice_gradient", shape=lambda g, like, key: like))


def getitem(x: TensorLike, key: Any) -> Tensor:
    """What ``x[key]`` means.

    Args:
        x: a tensor.
        key: integers (negative ones count from the end), slices, ``...``, ``tf.newaxis``, scalar integer tensors, or
            several of them.

    Raises:
        InvalidArgumentError: for an index that is out of range, or too many of them.
        TypeError: for lists, arrays and masks.

    >>> x = tf.constant([[1, 2, 3], [4, 5, 6]])
    >>> x[0, ::-1].numpy()
    array([3, 2, 1], dtype=int32)
    """
    if type(x) is not Tensor:
        x = convert_to_tensor(x)
    if type(key) is int:
        key = (key, Ellipsis)
    else:
        key = tuple([_key_part(part) for part in (key if type(key) is tuple else (key,))])
        if Ellipsis not in key:
            key = (*key, Ellipsis)
        if isinstance(get_listeners().interpreter, Graph):
            if SymbolicTensor in map(type, key):
                return _picked_in_graph(x, key)
            if any(isinstance(place, Tensor) for place in _places_in(key)):
                return _sliced_late(x, key)
    output: Tensor = execute(strided_slice_op, (x,), {"key": key})
    return output


def _key_part(part: Any) -> Any:
    """Reads one part of a key."""
    if type(part) is int or part is None or part is Ellipsis:
        return part
    if isinstance(part, builtins.slice):
        places = part.start, part.stop, part.step
        if {*map(type, places)} <= {int, type(None)}:
            return part
        return builtins.slice(
            *[at if late.waits(at) else None if at is None else arguments.integer(at, "slice") for at in places]
        )
    value = resolve(part)
    if isinstance(value, SymbolicTensor) and value.dtype.is_integer and value.extents == ():
        return value
    try:
        if isinstance(value, (bool, np.bool_)) or getattr(value, "shape", ()) != ():
            raise TypeError
        return value.__index__()
    except (AttributeError, TypeError):
        raise _not_a_key(part) from None


def _not_a_key(part: Any) -> TypeError:
    return TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors are"
        f" valid indices, got {part!r}. Use tf.gather to pick several indices, and tf.boolean_mask to pick with a mask."
    )


def _picked_in_graph(x: Tensor, key: Key) -> Tensor:
    """Indexing with integers that a graph computes: all else is sliced first, and these axes are then gathered from."""
    key = _spelled_out(key, len(arguments.known(x.extents, "indexing")))
    sliced = getitem(x, tuple([builtins.slice(None) if isinstance(part, Tensor) else part for part in key]))
    axis = 0
    for part in key:
        if isinstance(part, Tensor):
            size = getitem(array.shape(sliced, out_type=part.dtype), axis)
            sliced = gather(sliced, where(comparison.less(part, 0), math.add(part, size), part), axis=axis)
        elif part is None or isinstance(part, builtins.slice):
            axis += 1
    return sliced


def _places_in(key: Key) -> list[Any]:
    """Where the slices of a key begin, end, and how far they step."""
    return [at for part in key if isinstance(part, builtins.slice) for at in (part.start, part.stop, part.step)]


def _sliced_late(x: Tensor, key: Key) -> Tensor:
    """Slicing with bounds that a graph computes."""
    bounds = [at for at in _places_in(key) if isinstance(at, Tensor)]

    def pick(x: Tensor, values: Tensor) -> Tensor:
        known = dict(zip(map(id, bounds), values.numpy().tolist()))
        filled = [known.get(id(at), at) for at in _places_in(key)]
        slices = iter([builtins.slice(*filled[i : i + 3]) for i in range(0, len(filled), 3)])
        return getitem(x, tuple([next(slices) if isinstance(part, builtins.slice) else part for part in key]))

    extents = None if x.extents is None else _sliced(x.extents, tuple([_unknown_if_late(part) for part in key]))
    return late.call(pick, [x], [array.cast(at, dtypes.int64) for at in bounds], x.dtype, extents)


def _unknown_if_late(part: Any) -> Any:
    """In place of a slice with bounds that are not known, one that takes an unknown number of elements."""
    return _SOME if any(isinstance(at, Tensor) for at in _places_in((part,))) else part


@strided_slice_op.gradient(0)
def strided_slice_dx(g: Tensor, x: Tensor, output: Tensor, key: Key) -> Tensor:
    """Zeros, with g in the place that was picked."""
    return strided_slice_gradient(g, x, key)


def strided_slice_gradient(g: Tensor, like: Tensor, key: Key) -> Tensor:
    """Returns zeros in the shape of a tensor, with g at ``[key]``."""
    output: Tensor = execute(strided_slice_gradient_op, (g, like), {"key": key})
    return output


@strided_slice_gradient_op.gradient(0)
def strided_slice_gradient_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, key: Key) -> Tensor:
    """What was put in a place is picked from it."""
    dg: Tensor = execute(strided_slice_op, (h,), {"key": key})
    return dg


strided_slice_gradient_op.no_gradient(SHAPE_ONLY, 1)


def strided_slice(
    input_: TensorLike,
    begin: Any,
    end: Any,
    strides: Any = None,
    begin_mask: int = 0,
    end_mask: int = 0,
    ellipsis_mask: int = 0,
    new_axis_mask: int = 0,
    shrink_axis_mask: int = 0,
    var: Any = None,
    name: str | None = None,
) -> Tensor:
    """Picks a slice; ``x[1:3, ::2]`` is the usual way to write it.

    Args:
        input_: a tensor.
        begin, end, strides: one number for each part of the key, as in ``begin:end:stride``.
        begin_mask, end_mask: bit i says that part i begins, or ends, where the axis does.
        ellipsis_mask: bit i says that part i is ``...``.
        new_axis_mask: bit i says that part i is ``tf.newaxis``.
        shrink_axis_mask: bit i says that part i is the single index begin[i].
        var: for assignments, which tensors do not have.

    >>> tf.strided_slice([1, 2, 3, 4, 5], [0], [5], [2]).numpy()
    array([1, 3, 5], dtype=int32)
    """
    begins, ends = late.integers(begin, "begin"), late.integers(end, "end")
    steps = (1,) * len(begins) if strides is None else late.integers(strides, "strides")
    if not len(begins) == len(ends) == len(steps):
        raise ValueError(
            f"begin, end and strides must have one length, not {len(begins)}, {len(ends)} and {len(steps)}"
        )

    masks = (begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask)
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask = (arguments.integer(m, "mask") for m in masks)

    def part(i: int) -> Any:
        bit = 1 << i
        if ellipsis_mask & bit:
            return Ellipsis
        if new_axis_mask & bit:
            return None
        if shrink_axis_mask & bit:
            return begins[i]
        return builtins.slice(None if begin_mask & bit else begins[i], None if end_mask & bit else ends[i], steps[i])

    return getitem(input_, tuple(part(i) for i in range(len(begins))))


def _cut_out(x: Extents, begin: tuple[int, ...], size: tuple[int, ...]) -> Extents:
    if not len(begin) == len(size) == len(x):
        raise ShapeError(
            "Expected begin and size arguments to be 1-D tensors of size"
            f" {len(x)}, but got shapes [{len(begin)}] and [{len(size)}] instead.",
            "give one number for each axis",
        )
    for i, (b, n, whole) in enumerate(zip(begin, size, x)):
        if whole is not None and not 0 <= b <= whole:
            raise ShapeError(f"Expected begin[{i}] in [0, {whole}], but got {b}")
        if whole is not None and not -1 <= n <= whole - b:
            raise ShapeError(f"Expected size[{i}] in [0, {whole - b}], but got {n}", "-1 takes all that is left")
    return tuple(n if n >= 0 else whole and whole - b for b, n, whole in zip(begin, size, x))


slice_op = register(Op("slice", shape=_cut_out))


def slice(input_: TensorLike, begin: Any, size: Any, name: str | None = None) -> Tensor:
    """Cuts a block out of a tensor.

    Args:
        input_: a tensor.
        begin: for each axis, where the block begins.
        size: for each axis, how long it is; -1 for all that is left.

    Raises:
        InvalidArgumentError: where the block reaches beyond the tensor.

    >>> tf.slice([[1, 2, 3], [4, 5, 6]], [0, 1], [-1, 2]).numpy()
    array([[2, 3],
           [5, 6]], dtype=int32)
    """
    x = input_ if type(input_) is Tensor else convert_to_tensor(input_)
    if late.waits(begin) or late.waits(size):
        return _cut_out_late(x, begin, size)
    attributes = {"begin": arguments.integers(begin, "begin"), "size": arguments.integers(size, "size")}
    output: Tensor = execute(slice_op, (x,), attributes)
    return output


def _cut_out_late(x: Tensor, begin: Any, size: Any) -> Tensor:
    """Cutting out a block whose place or size a graph computes."""
    sizes = late.known_sizes(size) if late.waits(size) else arguments.integers(size, "size")
    extents = None if sizes is None else tuple([None if n == -1 else n for n in sizes])
    settings = [array.cast(part, dtypes.int64) for part in (begin, size)]
    return late.call(lambda x, both: slice(x, both[0], both[1]), [x], settings, x.dtype, extents)


@slice_op.gradient(0)
def slice_dx(g: Tensor, x: Tensor, output: Tensor, begin: tuple[int, ...], size: tuple[int, ...]) -> Tensor:
    """Zeros, with g in the place that was cut out."""
    key = [builtins.slice(b, None if n == -1 else b + n) for b, n in zip(begin, size)]
    return strided_slice_gradient(g, x, (*key, Ellipsis))


# ----------------------------------------------------------------------------------------------------------- indices


def _gathered(params: Extents, indices: Extents, axis: int) -> Extents:
    return (*params[:axis], *indices, *params[axis + 1 :])


gather_op = register(Op("gather", shape=_gathered, tensorflow_name="GatherV2"))


def gather(
    params: TensorLike, indices: TensorLike, validate_indices: Any = None, name: str | None = None, axis: Any = 0
) -> Tensor:
    """Picks entries along an axis by their indices, in any order and as often as wanted.

    Along the first axis, the gradient with respect to params is an IndexedSlices: it costs as much as what was picked.

    Args:
        params: what to pick from.
        indices: which entries, whole numbers of any shape; that shape takes the axis's place.
        validate_indices: ignored; indices are always checked.
        axis: the axis that indices count along.

    Raises:
        InvalidArgumentError: for an index that is out of range, or negative.

    >>> tf.gather([10, 11, 12], [2, 0]).numpy()
    array([12, 10], dtype=int32)
    """
    x = params if type(params) is Tensor else convert_to_tensor(params)
    which = _indices(indices, gather_op)
    output: Tensor = execute(gather_op, (x, which), {"axis": arguments.axis(axis, x, gather_op)})
    return output


def _indices(indices: TensorLike, op: Op) -> Tensor:
    x = indices if type(indices) is Tensor else convert_to_tensor(indices)
    if x.array.dtype not in dtypes.INTEGER:
        raise arguments.invalid(
            f"Value for attr 'Tindices' of {x.dtype.name} is not in the list of allowed values: int32, int64"
            f" [Op:{op.tensorflow_name}]. {op.name} takes whole numbers as indices; a mask goes to tf.boolean_mask."
        )
    return x


@gather_op.gradient(0)
def gather_dparams(g: Tensor, params: Tensor, indices: Tensor, output: Tensor, axis: int) -> Any:
    """Each entry gathers the gradients of its copies. Along the first axis they are noted down, and added up later."""
    if axis:
        return gather_gradient(g, indices, params, axis)
    rows = g if len(indices.array.shape) == 1 else execute(rows_op, (g, indices))
    return indexed_slices.IndexedSlices(rows, array.reshape(indices, (-1,)), like=params)


gather_op.no_gradient(_INDICES, 1)


def _rows(g: Extents, indices: Extents) -> Extents:
    return (shapes.size_of(indices), *g[len(indices) :])


rows_op = register(Op("rows", shape=_rows))
rows_op.no_gradient(SHAPE_ONLY, 1)


@rows_op.gradient(0)
def rows_dg(h: Tensor, g: Tensor, indices: Tensor, output: Tensor) -> Tensor:
    """One axis that counts the indices becomes the indices' axes again."""
    return array.reshape_like(h, g)


gather_gradient_op = register(Op("gather_gradient", shape=lambda g, indices, like, axis: like))


def gather_gradient(g: Tensor, indices: Tensor, like: Tensor, axis: int) -> Tensor:
    """Returns zeros in the shape of a tensor, with the entries of g added at the indices along an axis."""
    output: Tensor = execute(gather_gradient_op, (g, indices, like), {"axis": axis})
    return output


@gather_gradient_op.gradient(0)
def gather_gradient_dg(h: Tensor, g: Tensor, indices: Tensor, like: Tensor, output: Tensor, axis: int) -> Tensor:
    """What was added in a place is picked from it."""
    return gather(h, indices, axis=axis)


gather_gradient_op.no_gradient(_INDICES, 1)
gather_gradient_op.no_gradient(SHAPE_ONLY, 2)

# ------------------------------------------------------------------------------------------------- indices of points


def _points_gathered(params: Extents, indices: Extents) -> Extents | None:
    if not indices:
        raise ShapeError("indices must be at least a vector", "its last axis holds the coordinates of a point")
    depth = indices[-1]
    if depth is None:
        return None
    if depth > len(params):
        raise ShapeError(
            f"index innermost dimension length must be <= params rank; saw: {depth} vs. {len(params)}",
            "the last axis of indices holds one coordinate for each of params' first axes",
        )
    return (*indices[:-1], *params[depth:])


gather_nd_op = register(Op("gather_nd", shape=_points_gathered))


def gather_nd(params: TensorLike, indices: TensorLike, name: str | None = None) -> Tensor:
    """Picks elements, or blocks, by their coordinates.

    Args:
        params: what to pick from.
        indices: coordinates along the last axis. If there are fewer than params has axes, whole blocks are picked.

    Raises:
        InvalidArgumentError: for coordinates that are out of range.

    >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 0], [1, 1]]).numpy()
    array([1, 4], dtype=int32)
    """
    output: Tensor = execute(gather_nd_op, (convert_to_tensor(params), _indices(indices, gather_nd_op)))
    return output


@gather_nd_op.gradient(0)
def gather_nd_dparams(g: Tensor, params: Tensor, indices: Tensor, output: Tensor) -> Tensor:
    """Each element gathers the gradients of its copies."""
    return scatter_nd_like(g, indices, params)


gather_nd_op.no_gradient(_INDICES, 1)


def _points_scattered(indices: Extents, updates: Extents, whole: Extents) -> Extents:
    wanted = _points_gathered(whole, indices)
    if wanted is not None and not shapes.TensorShape(wanted).is_compatible_with(updates):
        raise ShapeError(
            "Must have updates.shape = indices.shape[:-1] + params_shape[indices.shape[-1]:], got updates.shape"
            f" {shapes.bracketed(updates)}, indices.shape {shapes.bracketed(indices)},"
            f" params_shape {shapes.bracketed(whole)}",
            f"updates should have the shape {shapes.format_extents(wanted)}",
        )
    return whole


scatter_nd_op = register(
    Op(
        "scatter_nd",
        shape=lambda updates, indices, shape: _points_scattered(indices, updates, shape),
        accepts=dtypes.NUMBERS,
    )
)
scatter_nd_like_op = register(
    Op(
        "scatter_nd_like",
        shape=lambda updates, indices, like: _points_scattered(indices, updates, like),
        accepts=dtypes.NUMBERS,
        tensorflow_name="ScatterNd",
    )
)


def scatter_nd(indices: TensorLike, updates: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """Returns zeros of a shape with updates added at coordinates; where these repeat, updates add up.

    Args:
        indices: coordinates along the last axis, as for `gather_nd`.
        updates: an element, or a block, for each.
        shape: the shape of the result.

    Raises:
        InvalidArgumentError: for coordinates that are out of range, and updates that do not fit.

    >>> tf.scatter_nd([[1], [3], [1]], [5, 6, 7], [5]).numpy()
    array([ 0, 12,  0,  6,  0], dtype=int32)
    """
    tensors = (convert_to_tensor(updates), _indices(indices, scatter_nd_op))
    if late.waits(shape):
        return late.call(
            lambda updates, indices, shape: scatter_nd(indices, updates, shape),
            tensors, shape, tensors[0].dtype, late.known_sizes(shape),
        )  # fmt: skip
    output: Tensor = execute(scatter_nd_op, tensors, {"shape": arguments.shape(shape)})
    return output


@scatter_nd_op.gradient(0)
def scatter_nd_dupdates(g: Tensor, updates: Tensor, indices: Tensor, output: Tensor, shape: tuple[int, ...]) -> Tensor:
    """What was added in a place is picked from it."""
    return gather_nd(g, indices)


def scatter_nd_like(updates: Tensor, indices: Tensor, like: Tensor) -> Tensor:
    """`scatter_nd` to the shape of a tensor, which a graph may know only when it runs."""
    output: Tensor = execute(scatter_nd_like_op, (updates, indices, like))
    return output


@scatter_nd_like_op.gradient(0)
def scatter_nd_like_dupdates(g: Tensor, updates: Tensor, indices: Tensor, like: Tensor, output: Tensor) -> Tensor:
    """What was added in a place is picked from it."""
    return gather_nd(g, indices)


for _op in (scatter_nd_op, scatter_nd_like_op):
    _op.no_gradient(_INDICES, 1)
scatter_nd_like_op.no_gradient(SHAPE_ONLY, 2)

tensor_scatter_update_op = register(
    Op("tensor_scatter_update", shape=lambda x, updates, indices: _points_scattered(indices, updates, x))
)


def tensor_scatter_update(
    tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None
) -> Tensor:
    """Returns a tensor in which updates stand at coordinates, in place of what was there.

    Args:
        tensor: what to begin with.
        indices: coordinates along the last axis, as for `gather_nd`; none should come twice.
        updates: an element, or a block, for each.

    Raises:
        InvalidArgumentError: for coordinates that are out of range, and updates that do not fit.

    >>> tf.tensor_scatter_update([1, 2, 3], [[0], [2]], [8, 9]).numpy()
    array([8, 2, 9], dtype=int32)
    """
    x, new = agree(tensor_scatter_update_op, (tensor, updates))
    output: Tensor = execute(tensor_scatter_update_op, (x, new, _indices(indices, tensor_scatter_update_op)))
    return output


@tensor_scatter_update_op.gradient(0)
def tensor_scatter_update_dx(g: Tensor, x: Tensor, updates: Tensor, indices: Tensor, output: Tensor) -> Tensor:
    """Nothing depends on what was replaced."""
    return tensor_scatter_update(g, indices, array.zeros_like(updates))


@tensor_scatter_update_op.gradient(1)
def tensor_scatter_update_dupdates(g: Tensor, x: Tensor, updates: Tensor, indices: Tensor, output: Tensor) -> Tensor:
    """What was put in a place is picked from it."""
    return gather_nd(g, indices)


tensor_scatter_update_op.no_gradient(_INDICES, 2)


def tensor_scatter_add(tensor: TensorLike, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Tensor:
    """Returns a tensor to which updates are added at coordinates; where these repeat, all are added.

    Args and errors are those of `tensor_scatter_update`.

    >>> tf.tensor_scatter_add([1, 2, 3], [[0], [0]], [10, 20]).numpy()
    array([31,  2,  3], dtype=int32)
    """
    x, more = agree(scatter_nd_like_op, (tensor, updates))
    return math.add(x, scatter_nd_like(more, _indices(indices, scatter_nd_like_op), x))


# ------------------------------------------------------------------------------------------------------------- masks

where_op = register(
    Op("where", shape=lambda x: (None, len(x)), dtype=dtypes.int64, accepts=dtypes.NUMBERS | dtypes.BOOLEAN)
)
where_op.no_gradient("coordinates are whole numbers")


def _selected(condition: Extents, x: Extents, y: Extents) -> Extents:
    if not shapes.TensorShape(x).is_compatible_with(y):
        raise ShapeError(
            "'then' and 'else' must have the same size.  but received:"
            f" {shapes.bracketed(x)} vs. {shapes.bracketed(y)}",
            "tf.where does not broadcast: stretch one of them with tf.broadcast_to, or tf.zeros_like",
        )
    whole = len(condition) != 1
    if condition and not (shapes.TensorShape(condition).is_compatible_with(x if whole else x[:1])):
        raise ShapeError(
            "'cond' must have the shape of 'then' and 'else', or be a vector over their rows:"
            f" {shapes.bracketed(condition)} vs. {shapes.bracketed(x)}"
        )
    return x


select_op = register(Op("select", shape=_selected, dtype=lambda condition, x, y: x, accepts=dtypes.BOOLEAN))


def where(condition: TensorLike, x: TensorLike = None, y: TensorLike = None, name: str | None = None) -> Tensor:
    """Chooses between two tensors, element by element; or, with the condition alone, tells where it is true.

    The gradient goes to what was chosen. What was not chosen gets zero times its derivative, and that is NaN where the
    derivative is infinite: `tf.where(x > 0, tf.log(x), x)` has no gradient at 0.

    Args:
        condition: bools: of the shape of x, or a vector that chooses whole rows, or a scalar.
        x: what is chosen where the condition is true.
        y: what is chosen elsewhere; it has the shape and dtype of x.

    Returns:
        Without x and y: the coordinates of the true elements, int64, one row each, in order.

    Raises:
        InvalidArgumentError: where the shapes differ.
        ValueError: where only one of x and y is given.

    >>> tf.where([True, False], [1, 2], [3, 4]).numpy()
    array([1, 4], dtype=int32)
    >>> tf.where([[True, False], [False, True]]).numpy()
    array([[0, 0],
           [1, 1]])
    """
    test = convert_to_tensor(condition)
    if x is None and y is None:
        output: Tensor = execute(where_op, (test,))
        return output
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    chosen: Tensor = execute(select_op, (test, *agree(select_op, (x, y))))
    return chosen


@select_op.gradient(1)
def select_dx(g: Tensor, condition: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """The output is x where the condition is true."""
    return where(condition, g, array.zeros_like(g))


@select_op.gradient(2)
def select_dy(g: Tensor, condition: Tensor, x: Tensor, y: Tensor, output: Tensor) -> Tensor:
    """The output is y where the condition is false."""
    return where(condition, array.zeros_like(g), g)


select_op.no_gradient("a condition is no number", 0)


def boolean_mask(tensor: TensorLike, mask: TensorLike, name: str | None = None, axis: Any = None) -> Tensor:
    """Picks the elements at which a mask is true, in order.

    Args:
        tensor: what to pick from.
        mask: bools, for one axis or several neighbouring ones, which become one.
        axis: the first of these; 0 by default.

    Raises:
        ValueError: where the mask's shape is not that of the axes.

    >>> tf.boolean_mask([[1, 2], [3, 4], [5, 6]], [True, False, True]).numpy()
    array([[1, 2],
           [5, 6]], dtype=int32)
    """
    x, test = convert_to_tensor(tensor), convert_to_tensor(mask, dtypes.bool_)
    first = arguments.axis(axis or 0, x, gather_op)
    covered = len(arguments.known(test.extents, "boolean_mask"))
    if not covered:
        raise ValueError("mask cannot be scalar; tf.cond chooses by a single bool.")
    part = shapes.TensorShape(arguments.known(x.extents, "boolean_mask")[first : first + covered])
    if not part.is_compatible_with(test.shape):
        raise ValueError(
            f"Shapes {part} and {test.shape} are incompatible: the mask has one element for each of the tensor's."
        )
    points = where(test)
    if covered == 1:
        return gather(x, array.squeeze(points, axis=1), axis=first)
    if not first:
        return gather_nd(x, points)
    # The masked axes come to the front, and when they have become one, it goes back to where they were.
    rank = len(x.shape)
    before, masked = list(range(first)), list(range(first, first + covered))
    picked = gather_nd(array.transpose(x, [*masked, *before, *range(first + covered, rank)]), points)
    return array.transpose(picked, [*range(1, first + 1), 0, *range(first + 1, rank - covered + 1)])


class ListDiff(NamedTuple):
    """What `setdiff1d` returns.

    Attributes:
        out: the elements that are left.
        idx: where each of them stood.
    """

    out: Tensor
    idx: Tensor


def _differing(x: Extents, y: Extents, index_dtype: dtypes.DType) -> list[Extents]:
    if len(x) != 1 or len(y) != 1:
        raise ShapeError(
            f"x and y should be 1D vectors, not {shapes.bracketed(x)} and {shapes.bracketed(y)}", "flatten them first"
        )
    return [(None,), (None,)]


setdiff1d_op = register(
    Op(
        "setdiff1d",
        shape=_differing,
        dtype=lambda x, y, index_dtype: [x, index_dtype],
        several=True,
        tensorflow_name="ListDiff",
    )
)
setdiff1d_op.no_gradient("what is left depends on its inputs in steps")


def setdiff1d(x: TensorLike, y: TensorLike, index_dtype: Any = dtypes.int32, name: str | None = None) -> ListDiff:
    """Returns the elements of a vector that are not in another, in order, and where they stood.

    >>> out, idx = tf.setdiff1d([1, 2, 3, 4], [2, 4])
    >>> out.numpy(), idx.numpy()
    (array([1, 3], dtype=int32), array([0, 2], dtype=int32))
    """
    return ListDiff(*execute(setdiff1d_op, agree(setdiff1d_op, (x, y)), {"index_dtype": dtypes.as_dtype(index_dtype)}))
