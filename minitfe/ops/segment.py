"""Segments: sums, means and extremes of groups of rows.

Each row of the data carries a number that says which segment it belongs to; the result has one row per segment. The
numbers may be sorted, as in ``segment_sum``, or come in any order, as in ``unsorted_segment_sum``, where a row with a
negative number belongs to none.

The way back is `rows_of_segments`: every row of the data gets the row of its segment.
"""

from __future__ import annotations

from typing import Any, cast

from minitfe import dtypes, errors
from minitfe.conversion import convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, Operation, register
from minitfe.ops import arguments, array, comparison, math
from minitfe.ops import complex as complex_ops
from minitfe.shapes import Extents, TensorShape, bracketed
from minitfe.tensor import Tensor, TensorLike

_NUMBERS_OF_ROWS = "it says which segment each row belongs to; there is nothing between two segments"

# ------------------------------------------------------------------------------------------------------- there and back


def _rows(x: Extents, ids: Extents) -> Extents:
    return (*ids, *x[1:])


rows_of_segments_op = register(Op("rows_of_segments", shape=_rows))
rows_of_segments_op.no_gradient(_NUMBERS_OF_ROWS, 1)


def rows_of_segments(x: Tensor, ids: Tensor) -> Tensor:
    """For every id the row of x with that number; zeros for negative ids."""
    return cast(Tensor, execute(rows_of_segments_op, (x, ids)))


@rows_of_segments_op.gradient(0)
def rows_of_segments_dx(g: Tensor, x: Tensor, ids: Tensor, output: Tensor) -> Tensor:
    """A row that was copied gathers the gradients of its copies."""
    return segment_sum_like(g, ids, x)


segment_sum_like_op = register(Op("segment_sum_like", shape=lambda data, ids, like: like))
segment_sum_like_op.no_gradient(_NUMBERS_OF_ROWS, 1)
segment_sum_like_op.no_gradient(SHAPE_ONLY, 2)


def segment_sum_like(data: Tensor, ids: Tensor, like: Tensor) -> Tensor:
    """The sums of the rows of each segment, for as many segments as another tensor has rows."""
    return cast(Tensor, execute(segment_sum_like_op, (data, ids, like)))


@segment_sum_like_op.gradient(0)
def segment_sum_like_ddata(g: Tensor, data: Tensor, ids: Tensor, like: Tensor, output: Tensor) -> Tensor:
    """Every summand has slope 1."""
    return rows_of_segments(g, ids)


# ----------------------------------------------------------------------------------------------------------- sorted ids


def _segmented(data: Extents, ids: Extents) -> Extents:
    """How many segments there are, the ids say: that is known only when they are."""
    if len(ids) != 1:
        raise ShapeError(
            f"segment_ids should be a vector, not of shape {bracketed(ids)}", "give one number per row of data"
        )
    if not data or (None not in (data[0], ids[0]) and data[0] != ids[0]):
        raise ShapeError(
            "segment_ids should be the same size as dimension 0 of input",
            f"data of shape {bracketed(data)} needs {data[0] if data else 'at least one axis and'} ids, not {ids[0]}",
        )
    return (None, *data[1:])


def _sorted_op(name: str, accepts: Any) -> Op:
    op = register(Op(name, shape=_segmented, accepts=accepts))
    op.no_gradient(_NUMBERS_OF_ROWS, 1)
    return op


segment_sum_op = _sorted_op("segment_sum", dtypes.NUMBERS)
segment_mean_op = _sorted_op("segment_mean", dtypes.NUMBERS)
segment_max_op = _sorted_op("segment_max", dtypes.REAL)
segment_min_op = _sorted_op("segment_min", dtypes.REAL)
segment_prod_op = _sorted_op("segment_prod", dtypes.NUMBERS)


def _segment(op: Op, data: TensorLike, segment_ids: TensorLike) -> Tensor:
    return cast(Tensor, execute(op, (convert_to_tensor(data), _ids(op, segment_ids))))


def _ids(op: Op, segment_ids: TensorLike) -> Tensor:
    ids = convert_to_tensor(segment_ids)
    if ids.dtype not in (dtypes.int32, dtypes.int64):
        raise arguments.invalid(
            f"Value for attr 'Tindices' of {ids.dtype.name} is not in the list of allowed values: int32, int64"
            f" [Op:{op.tensorflow_name}]. {op.name} was given ids {errors.describe_operands((ids,))}."
        )
    return ids


def segment_sum(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The sum of the rows of each segment.

    Args:
        data: rows of numbers, along the first axis.
        segment_ids: int32 or int64, one per row, sorted, none negative. A number left out makes an empty segment.

    Returns:
        One row per segment, the last id plus one in all. Empty segments have zeros.

    Raises:
        InvalidArgumentError: where the ids are not sorted, or not as many as the rows.

    >>> tf.segment_sum([1., 2., 10.], [0, 0, 1]).numpy()
    array([ 3., 10.], dtype=float32)
    """
    return _segment(segment_sum_op, data, segment_ids)


@segment_sum_op.gradient(0)
def segment_sum_ddata(g: Tensor, data: Tensor, ids: Tensor, output: Tensor) -> Tensor:
    """Every summand has slope 1."""
    return rows_of_segments(g, ids)


def segment_mean(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The mean of the rows of each segment; zeros where a segment is empty.

    Args and errors are those of `segment_sum`.

    >>> tf.segment_mean([1., 2., 10.], [0, 0, 1]).numpy()
    array([ 1.5, 10. ], dtype=float32)
    """
    return _segment(segment_mean_op, data, segment_ids)


@segment_mean_op.gradient(0)
def segment_mean_ddata(g: Tensor, data: Tensor, ids: Tensor, output: Tensor) -> Tensor:
    """Each of the n rows of a segment has slope 1/n."""
    rows = rows_of_segments(g, ids)
    ones = array.ones_like(rows)
    return math.truediv(rows, rows_of_segments(segment_sum_like(ones, ids, output), ids))


def segment_max(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The largest elements in the rows of each segment; zeros where a segment is empty.

    Args and errors are those of `segment_sum`.

    >>> tf.segment_max([1., 2., 10.], [0, 0, 1]).numpy()
    array([ 2., 10.], dtype=float32)
    """
    return _segment(segment_max_op, data, segment_ids)


def segment_min(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The smallest elements in the rows of each segment; zeros where a segment is empty.

    Args and errors are those of `segment_sum`.

    >>> tf.segment_min([1., 2., 10.], [0, 0, 1]).numpy()
    array([ 1., 10.], dtype=float32)
    """
    return _segment(segment_min_op, data, segment_ids)


@segment_max_op.gradient(0)
@segment_min_op.gradient(0)
def segment_extreme_ddata(g: Tensor, data: Tensor, ids: Tensor, output: Tensor, **_: Any) -> Tensor:
    """Slope 1 for the extreme element of a segment; where m elements tie for it, 1/m for each."""
    ties = array.cast(comparison.equal(data, rows_of_segments(output, ids)), data.dtype)
    counts = rows_of_segments(segment_sum_like(ties, ids, output), ids)
    # Where a row belongs to no segment, or is nan, nothing may tie: its gradient is 0 and not 0 / 0.
    return math.truediv(math.multiply(rows_of_segments(g, ids), ties), comparison.maximum(counts, 1))


def segment_prod(data: TensorLike, segment_ids: TensorLike, name: str | None = None) -> Tensor:
    """The product of the rows of each segment; ones where a segment is empty.

    Args and errors are those of `segment_sum`.

    >>> tf.segment_prod([1., 2., 10.], [0, 0, 1]).numpy()
    array([ 2., 10.], dtype=float32)
    """
    return _segment(segment_prod_op, data, segment_ids)


@segment_prod_op.gradient(0)
def segment_prod_ddata(g: Tensor, data: Tensor, ids: Tensor, output: Tensor, **_: Any) -> Tensor:
    """The slope of a row is the product of all others in its segment."""
    return math.multiply(rows_of_segments(g, ids), segment_products_of_others(ids, data))


segment_products_of_others_op = register(
    Op("segment_products_of_others", shape=lambda ids, x, *hs: x, dtype=lambda ids, x, *hs: x)
)


def segment_products_of_others(ids: Tensor, x: Tensor, *hs: Tensor) -> Tensor:
    """For each row the product of all others in its segment: what `products_of_others` is along an axis."""
    return cast(Tensor, execute(segment_products_of_others_op, (ids, x, *hs)))


@segment_products_of_others_op.whole_gradient
def segment_products_of_others_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """Symmetric in g and all h, as explained at `products_of_others`."""
    (g,), ids = gs, operation.inputs[0]
    x, *hs = [complex_ops.conj(part) if part.dtype.is_complex else part for part in operation.inputs[1:]]
    replaced = [segment_products_of_others(ids, x, *hs[:i], g, *hs[i + 1 :]) for i in range(len(hs))]
    return [None, segment_products_of_others(ids, x, *hs, g), *replaced]


# ----------------------------------------------------------------------------------------------------- ids in any order


def _unsorted(data: Extents, ids: Extents, num_segments: int) -> Extents:
    if not TensorShape(data[: len(ids)]).is_compatible_with(ids):
        raise ShapeError(
            f"data.shape = {bracketed(data)} does not start with segment_ids.shape = {bracketed(ids)}",
            "the ids number the first axes of data",
        )
    return (num_segments, *data[len(ids) :])


def _unsorted_op(name: str, accepts: Any) -> Op:
    op = register(Op(name, shape=_unsorted, accepts=accepts))
    op.no_gradient(_NUMBERS_OF_ROWS, 1)
    return op


unsorted_segment_sum_op = _unsorted_op("unsorted_segment_sum", dtypes.NUMBERS)
unsorted_segment_max_op = _unsorted_op("unsorted_segment_max", dtypes.REAL)
unsorted_segment_min_op = _unsorted_op("unsorted_segment_min", dtypes.REAL)
unsorted_segment_max_op.gradient(0)(segment_extreme_ddata)
unsorted_segment_min_op.gradient(0)(segment_extreme_ddata)


def _unsorted_segment(op: Op, data: TensorLike, segment_ids: TensorLike, num_segments: Any) -> Tensor:
    count = arguments.integer(num_segments, "num_segments")
    if count < 0:
        raise arguments.invalid(f"Input num_segments == {count} must not be negative [Op:{op.tensorflow_name}].")
    return cast(Tensor, execute(op, (convert_to_tensor(data), _ids(op, segment_ids)), {"num_segments": count}))


def unsorted_segment_sum(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The sum of the elements of each segment, with ids in any order.

    Args:
        data: numbers.
        segment_ids: int32 or int64, of the shape that the data's shape starts with. What has a negative id is left out.
        num_segments: how many segments there are.

    Returns:
        One row per segment; zeros where a segment is empty.

    Raises:
        InvalidArgumentError: where an id is num_segments or more, or the shapes do not fit.

    >>> tf.unsorted_segment_sum([1., 2., 10.], [1, 0, 1], 3).numpy()
    array([ 2., 11.,  0.], dtype=float32)
    """
    return _unsorted_segment(unsorted_segment_sum_op, data, segment_ids, num_segments)


@unsorted_segment_sum_op.gradient(0)
def unsorted_segment_sum_ddata(g: Tensor, data: Tensor, ids: Tensor, output: Tensor, num_segments: int) -> Tensor:
    """Every summand has slope 1; what was left out has none."""
    return rows_of_segments(g, ids)


def unsorted_segment_mean(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The mean of the elements of each segment; zeros where a segment is empty.

    Args and errors are those of `unsorted_segment_sum`.

    >>> tf.unsorted_segment_mean([1., 2., 10.], [1, 0, 1], 3).numpy()
    array([2. , 5.5, 0. ], dtype=float32)
    """
    x = convert_to_tensor(data)
    sums = unsorted_segment_sum(x, segment_ids, num_segments)
    counts = unsorted_segment_sum(array.ones_like(x), segment_ids, num_segments)
    return math.truediv(sums, comparison.maximum(counts, 1))


def unsorted_segment_max(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The largest elements of each segment; the lowest number there is where a segment is empty.

    Args and errors are those of `unsorted_segment_sum`.

    >>> tf.unsorted_segment_max([1., 2., 10.], [1, 0, 1], 2).numpy()
    array([ 2., 10.], dtype=float32)
    """
    return _unsorted_segment(unsorted_segment_max_op, data, segment_ids, num_segments)


def unsorted_segment_min(
    data: TensorLike, segment_ids: TensorLike, num_segments: Any, name: str | None = None
) -> Tensor:
    """The smallest elements of each segment; the highest number there is where a segment is empty.

    Args and errors are those of `unsorted_segment_sum`.

    >>> tf.unsorted_segment_min([1., 2., 10.], [1, 0, 1], 2).numpy()
    array([2., 1.], dtype=float32)
    """
    return _unsorted_segment(unsorted_segment_min_op, data, segment_ids, num_segments)
