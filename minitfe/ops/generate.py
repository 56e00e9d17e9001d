"""Arrays made from a few numbers: filled, counted, marked.

An op without inputs has nothing to differentiate, and no tensor says where it should run: the device scope does, or
else the first GPU. Such ops go through `execute_source`.
"""

from __future__ import annotations

import builtins
from functools import partial
from typing import Any

import numpy as np

from minitfe import conversion, dtypes, shapes
from minitfe.conversion import convert_to_tensor
from minitfe.dtypes import DType
from minitfe.errors import ShapeError
from minitfe.execute import execute, execute_source
from minitfe.graph.graph import SymbolicTensor
from minitfe.operation import Op, Operation, register
from minitfe.ops import arguments, array, late, reduction
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# ------------------------------------------------------------------------------------------------------------ filled


def _given_shape(shape: Extents, dtype: DType) -> Extents:
    return shape


def _given_dtype(dtype: DType, **attributes: Any) -> DType:
    return dtype


zeros_op = register(Op("zeros", shape=_given_shape, dtype=_given_dtype))
ones_op = register(Op("ones", shape=_given_shape, dtype=_given_dtype, accepts=dtypes.NUMBERS | dtypes.BOOLEAN))
eye_op = register(Op("eye", shape=_given_shape, dtype=_given_dtype, accepts=dtypes.NUMBERS | dtypes.BOOLEAN))
for _op in (zeros_op, ones_op, eye_op):
    _op.no_gradient("it has no inputs")


def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """Returns zeros; as strings, empty ones.

    Raises:
        InvalidArgumentError: for negative sizes.

    >>> tf.zeros([2, 3]).numpy()
    array([[0., 0., 0.],
           [0., 0., 0.]], dtype=float32)
    """
    return _make(zeros_op, shape, dtype)


def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Tensor:
    """Returns ones.

    Raises:
        InvalidArgumentError: for negative sizes.

    >>> tf.ones([2], tf.int32).numpy()
    array([1, 1], dtype=int32)
    """
    return _make(ones_op, shape, dtype)


def eye(
    num_rows: Any,
    num_columns: Any = None,
    batch_shape: Any = None,
    dtype: Any = dtypes.float32,
    name: str | None = None,
) -> Tensor:
    """Returns identity matrices.

    Args:
        num_rows: how many rows they have.
        num_columns: how many columns, if not as many.
        batch_shape: the shape of the batch that is made of them.

    >>> tf.eye(2).numpy()
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    if late.waits([num_rows, num_columns]):
        columns = num_rows if num_columns is None else num_columns
        batch = () if batch_shape is None else arguments.integers(batch_shape, "batch_shape")
        return late.call(
            lambda sizes: eye(sizes[0], sizes[1], batch, dtype),
            [], [num_rows, columns], dtypes.as_dtype(dtype), (*batch, None, None),
        )  # fmt: skip
    rows = arguments.integer(num_rows, "num_rows")
    columns = rows if num_columns is None else arguments.integer(num_columns, "num_columns")
    batch = () if batch_shape is None else arguments.integers(batch_shape, "batch_shape")
    return _make(eye_op, arguments.shape((*batch, rows, columns)), dtype)


def _make(op: Op, shape: Any, dtype: Any) -> Tensor:
    if late.waits(shape):
        return late.call(partial(_make, op, dtype=dtype), [], shape, dtypes.as_dtype(dtype), late.known_sizes(shape))
    output: Tensor = execute_source(op, {"shape": arguments.shape(shape), "dtype": dtypes.as_dtype(dtype)})
    return output


def _filled(value: Extents, dims: tuple[int, ...]) -> Extents:
    if value:
        raise ShapeError(
            f"value must be a scalar, got shape {shapes.bracketed(value)}", "tf.broadcast_to stretches a tensor"
        )
    return dims


fill_op = register(Op("fill", shape=_filled))


def fill(dims: Any, value: TensorLike, name: str | None = None) -> Tensor:
    """Returns a tensor of which every element is one value.

    Args:
        dims: its shape.
        value: a scalar.

    Raises:
        InvalidArgumentError: where the value is no scalar.

    >>> tf.fill([2, 2], 7).numpy()
    array([[7, 7],
           [7, 7]], dtype=int32)
    """
    x = convert_to_tensor(value)
    if late.waits(dims):
        return late.call(lambda x, dims: fill(dims, x), [x], dims, x.dtype, late.known_sizes(dims))
    output: Tensor = execute(fill_op, (x,), {"dims": arguments.shape(dims, "dims")})
    return output


@fill_op.gradient(0)
def fill_dvalue(g: Tensor, value: Tensor, output: Tensor, dims: tuple[int, ...]) -> Tensor:
    """All elements are the value, so their gradients add up."""
    return reduction.reduce_sum(g)


# ----------------------------------------------------------------------------------------------------------- counted

_RANGE_DTYPES = (dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64)

range_op = register(Op("range", shape=lambda count, **_: (count,), dtype=_given_dtype, accepts=dtypes.REAL))
range_between_op = register(Op("range_between", shape=lambda *_: (None,), accepts=dtypes.REAL, tensorflow_name="Range"))
linspace_op = register(Op("linspace", shape=lambda num, **_: (num,), dtype=_given_dtype, accepts=dtypes.FLOATING))
for _op in (range_op, range_between_op, linspace_op):
    _op.no_gradient("how many numbers there are depends on the inputs in steps")


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = None) -> Tensor:
    """Returns numbers that count from a start up to a limit, which is not reached.

    Args:
        start: the first number; if there is no limit, the limit, and the start is 0.
        limit: where to stop.
        delta: the step.
        dtype: by default the widest of the three, in the order int32, int64, float32, float64.

    Raises:
        InvalidArgumentError: for a step of 0, or one that leads away from the limit.

    >>> tf.range(3).numpy(), tf.range(1, 2, 0.25).numpy()
    (array([0, 1, 2], dtype=int32), array([1.  , 1.25, 1.5 , 1.75], dtype=float32))
    """
    if limit is None:
        start, limit = 0, start
    given = [conversion.resolve(value) for value in (start, limit, delta)]
    common = _widest(given) if dtype is None else dtypes.as_dtype(dtype)
    if any(isinstance(value, SymbolicTensor) for value in given):
        output: Tensor = execute(range_between_op, [array.cast(value, common) for value in given])
        return output
    if common.numpy not in dtypes.REAL:
        raise _does_not_count(common)
    first, last, step = (common.numpy.type(arguments.scalar(value, common, "range's limit")) for value in given)
    count = _count(first, last, step)
    source: Tensor = execute_source(
        range_op, {"start": first.item(), "delta": step.item(), "count": count, "dtype": common}
    )
    return source


def _widest(values: list[Any]) -> DType:
    """The widest dtype among numbers and tensors."""
    found = [convert_to_tensor(value).dtype for value in values]
    for dtype in found:
        if dtype not in _RANGE_DTYPES:
            raise _does_not_count(dtype)
    return max(found, key=_RANGE_DTYPES.index)


def _does_not_count(dtype: DType) -> Exception:
    return arguments.invalid(
        f"range does not count in {dtype.name} [Op:Range]. Say in which dtype it shall: dtype=tf.int32."
    )


def _count(start: Any, limit: Any, delta: Any) -> int:
    """⌈(limit - start) / delta⌉, computed in the dtype of the range, as TensorFlow does."""
    if delta == 0:
        raise arguments.invalid("Requires delta != 0: 0 [Op:Range]. range needs a step that leads somewhere.")
    if (limit - start) * np.sign(delta) < 0:
        relation = "start <= limit when delta > 0" if delta > 0 else "start >= limit when delta < 0"
        raise arguments.invalid(
            f"Requires {relation}: {start}/{limit} [Op:Range]."
            f" range was given the step {delta}; change its sign, or the limit."
        )
    if isinstance(delta, np.integer):
        return -((int(start) - int(limit)) // int(delta))
    count = np.ceil((limit - start) / delta)
    if not np.isfinite(count):
        raise arguments.invalid(
            f"range cannot count from {start} to {limit} by {delta} [Op:Range]: give finite numbers."
        )
    return int(count)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None) -> Tensor:
    """Returns numbers at equal distances, both ends included.

    Args:
        start: the first number.
        stop: the last one.
        num: how many there are.

    Raises:
        InvalidArgumentError: where there would be none.

    >>> tf.linspace(0., 1., 5).numpy()
    array([0.  , 0.25, 0.5 , 0.75, 1.  ], dtype=float32)
    """
    count = arguments.integer(num, "num")
    if count < 1:
        raise arguments.invalid(f"Requires num > 0: {count} [Op:LinSpace]. linspace gives at least one number.")
    start, stop = arguments.plain(start, "start"), arguments.plain(stop, "stop")
    dtype = dtypes.as_dtype(getattr(start, "dtype", None) or getattr(stop, "dtype", None) or dtypes.float32)
    attributes = {
        "start": arguments.number(start, "start"),
        "stop": arguments.number(stop, "stop"),
        "num": count,
        "dtype": dtype,
    }
    output: Tensor = execute_source(linspace_op, attributes)
    return output


lin_space = linspace


def _meshed(*xs: Extents, indexing: str) -> list[Extents]:
    sizes = tuple(x[0] for x in xs)
    if indexing == "xy":
        sizes = (*sizes[1::-1], *sizes[2:])
    return [sizes] * len(xs)


meshgrid_op = register(Op("meshgrid", shape=_meshed, dtype=lambda *dtypes, indexing: list(dtypes), several=True))


def meshgrid(*args: TensorLike, indexing: str = "xy", name: str | None = None) -> list[Tensor]:
    """Returns the coordinates of the points of a grid: one tensor for each axis of it.

    Args:
        args: for each axis, the coordinates along it.
        indexing: "ij", or "xy" where the first two axes of the results are swapped, as in a picture.

    Raises:
        ValueError: for another indexing.

    >>> [grid.numpy().tolist() for grid in tf.meshgrid([1, 2], [3, 4], indexing="ij")]
    [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"indexing parameter must be either 'xy' or 'ij', not {indexing!r}")
    return list(execute(meshgrid_op, [array.reshape(x, (-1,)) for x in args], {"indexing": indexing})) if args else []


@meshgrid_op.whole_gradient
def meshgrid_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """A coordinate is copied along all axes but its own, so the gradients of the copies add up."""
    axes = list(builtins.range(len(gs)))
    order = axes if operation.attributes["indexing"] == "ij" else [*axes[1::-1], *axes[2:]]
    return [None if g is None else reduction.reduce_sum(g, [i for i in axes if i != own]) for g, own in zip(gs, order)]


# ------------------------------------------------------------------------------------------------------------ marked


def _with_depth(indices: Extents, axis: int, depth: int, **_: Any) -> Extents:
    return (*indices[:axis], depth, *indices[axis:])


one_hot_op = register(Op("one_hot", shape=_with_depth, dtype=lambda indices, dtype, **_: dtype, accepts=dtypes.INTEGER))
one_hot_op.no_gradient("indices are whole numbers")


def one_hot(
    indices: TensorLike,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: Any = None,
    dtype: Any = None,
    name: str | None = None,
) -> Tensor:
    """Marks each index on a new axis: on at its place, and off elsewhere.

    Args:
        indices: whole numbers; one that is no place on the axis is marked nowhere.
        depth: how long the axis is.
        on_value, off_value: the marks; 1 and 0 by default.
        axis: where the new axis stands in the result; by default last.
        dtype: by default that of the marks, or float32.

    >>> tf.one_hot([0, 2, -1], 3).numpy()
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    x = convert_to_tensor(indices)
    marks = [mark for mark in (on_value, off_value) if mark is not None]
    if dtype is None:
        dtype = convert_to_tensor(marks[0]).dtype if marks else dtypes.float32
    dtype = dtypes.as_dtype(dtype)
    if late.waits(depth):
        mark = partial(one_hot, on_value=on_value, off_value=off_value, axis=axis, dtype=dtype)
        extents = None if x.extents is None else (None,) * (len(x.extents) + 1)
        return late.call(mark, [x], depth, dtype, extents)
    attributes = {
        "depth": arguments.integer(depth, "depth"),
        "on": _mark(1 if on_value is None else on_value, dtype),
        "off": _mark(0 if off_value is None else off_value, dtype),
        "axis": arguments.axis(-1 if axis is None else axis, x, one_hot_op, extra=1),
        "dtype": dtype,
    }
    output: Tensor = execute(one_hot_op, (x,), attributes)
    return output


def _mark(value: Any, dtype: DType) -> Any:
    """A mark as a plain Python value."""
    return arguments.scalar(convert_to_tensor(value, dtype), dtype, "on_value or off_value")


def _masked(lengths: Extents, maxlen: int | None) -> Extents:
    return (*lengths, maxlen)


sequence_mask_op = register(Op("sequence_mask", shape=_masked, dtype=dtypes.bool_, accepts=dtypes.INTEGER))
sequence_mask_op.no_gradient("lengths are whole numbers")


def sequence_mask(
    lengths: TensorLike, maxlen: Any = None, dtype: Any = dtypes.bool_, name: str | None = None
) -> Tensor:
    """Marks the first places of sequences, as many as each is long.

    Args:
        lengths: the length of each sequence.
        maxlen: how many places there are; by default the greatest length.
        dtype: what the marks are.

    >>> tf.sequence_mask([1, 3]).numpy()
    array([[ True, False, False],
           [ True,  True,  True]])
    """
    places = None if maxlen is None else arguments.shape([maxlen], "maxlen")[0]
    mask: Tensor = execute(sequence_mask_op, (convert_to_tensor(lengths),), {"maxlen": places})
    return array.cast(mask, dtype)
