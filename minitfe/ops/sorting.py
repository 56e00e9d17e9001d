"""Sorting, counting, and what can be said of a tensor once it is sorted.

An order is a tensor of indices, and has no gradient. The sorted values are picked out with it: `take_along_axis` picks,
and its gradient, `scatter_along_axis`, puts back.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from minitfe import dtypes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import arguments, late
from minitfe.shapes import Extents, bracketed, like_second, same
from minitfe.tensor import Tensor, TensorLike

_INDICES = "indices say where elements are; there is nothing between two of them"

# ------------------------------------------------------------------------------------------- picking and putting back


take_along_axis_op = register(Op("take_along_axis", shape=like_second))
take_along_axis_op.no_gradient(_INDICES, 1)


def take_along_axis(x: Tensor, indices: Tensor, axis: int) -> Tensor:
    """Picks elements along an axis, for each line of the tensor its own; none may be picked twice."""
    return cast(Tensor, execute(take_along_axis_op, (x, indices), {"axis": axis}))


@take_along_axis_op.gradient(0)
def take_along_axis_dx(g: Tensor, x: Tensor, indices: Tensor, output: Tensor, axis: int) -> Tensor:
    """What was picked has slope 1, and all else 0."""
    return scatter_along_axis(g, indices, x, axis)


scatter_along_axis_op = register(Op("scatter_along_axis", shape=lambda x, indices, like, axis: like))
scatter_along_axis_op.no_gradient(_INDICES, 1)
scatter_along_axis_op.no_gradient(SHAPE_ONLY, 2)


def scatter_along_axis(x: Tensor, indices: Tensor, like: Tensor, axis: int) -> Tensor:
    """Puts elements to where they were picked from, in zeros of the shape of another tensor."""
    return cast(Tensor, execute(scatter_along_axis_op, (x, indices, like), {"axis": axis}))


@scatter_along_axis_op.gradient(0)
def scatter_along_axis_dx(g: Tensor, x: Tensor, indices: Tensor, like: Tensor, output: Tensor, axis: int) -> Tensor:
    """Each element has its slope where it was put."""
    return take_along_axis(g, indices, axis)


# ---------------------------------------------------------------------------------------------------------------- order


class TopKV2(NamedTuple):
    """The largest elements, and where they are."""

    values: Tensor
    indices: Tensor


def _best(x: Extents, k: int) -> Extents:
    if not x:
        raise ShapeError("input must be >= 1-D, got shape []", "a scalar has no largest elements")
    if x[-1] is not None and x[-1] < k:
        raise ShapeError(
            f"input must have at least k columns. Had {x[-1]}, needed {k}", "k can be the last size at most"
        )
    return (*x[:-1], k)


top_k_indices_op = register(
    Op("top_k_indices", shape=_best, dtype=dtypes.int32, accepts=dtypes.REAL, tensorflow_name="TopKV2")
)
top_k_indices_op.no_gradient("the order is constant until two elements change places")


def top_k(input: TensorLike, k: Any = 1, sorted: bool = True, name: str | None = None) -> TopKV2:
    """Finds the k largest elements along the last axis.

    Args:
        input: numbers.
        k: how many.
        sorted: accepted and not needed: the largest always comes first.

    Returns:
        (values, indices): the elements in falling order, and where they were, as int32. Of equal elements the one with
        the lower index comes first.

    Raises:
        InvalidArgumentError: where there are fewer than k.

    >>> values, indices = tf.nn.top_k([1., 9., 5.], k=2)
    >>> values.numpy(), indices.numpy()
    (array([9., 5.], dtype=float32), array([1, 2], dtype=int32))
    """
    x = convert_to_tensor(input)
    if late.waits(k):
        extents = x.extents and (*x.extents[:-1], None)
        indices = late.call(lambda x, k: top_k(x, k).indices, [x], k, dtypes.int32, extents)
        return TopKV2(take_along_axis(x, indices, -1), indices)
    count = arguments.integer(k, "k")
    if count < 0:
        raise arguments.invalid(f"Need k >= 0, got {count} [Op:TopKV2].")
    indices = execute(top_k_indices_op, (x,), {"k": count})
    return TopKV2(take_along_axis(x, indices, -1), indices)


argsort_op = register(Op("argsort", shape=same, dtype=dtypes.int32, accepts=dtypes.REAL))
argsort_op.no_gradient("the order is constant until two elements change places")


def argsort(
    values: TensorLike, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None
) -> Tensor:
    """The order of the elements along an axis: where the first, the second and so on are found.

    Args:
        values: numbers.
        axis: the axis to sort along.
        direction: "ASCENDING" or "DESCENDING".
        stable: accepted and not needed: equal elements always keep their order.

    Returns:
        Indices, of dtype int32.

    Raises:
        ValueError: for another direction.
        InvalidArgumentError: where there is no such axis.

    >>> tf.argsort([5., 1., 3.]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    x = convert_to_tensor(values)
    direction = arguments.choice(direction, ("ASCENDING", "DESCENDING"), "direction")
    settings = {"axis": arguments.axis(axis, x, argsort_op), "descending": direction == "DESCENDING"}
    return cast(Tensor, execute(argsort_op, (x,), settings))


def sort(values: TensorLike, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Tensor:
    """Sorts the elements along an axis. Args and errors are those of `argsort`.

    >>> tf.sort([5., 1., 3.], direction="DESCENDING").numpy()
    array([5., 3., 1.], dtype=float32)
    """
    x = convert_to_tensor(values)
    return take_along_axis(x, argsort(x, axis, direction), arguments.axis(axis, x, argsort_op))


def _permuted(x: Extents) -> Extents:
    _require_vector(x, "invert_permutation")
    return x


def _require_vector(x: Extents, what: str) -> None:
    if len(x) != 1:
        raise ShapeError(
            f"{what} expects a 1D vector", f"this one has shape {bracketed(x)}; tf.reshape(x, [-1]) makes a vector"
        )


invert_permutation_op = register(Op("invert_permutation", shape=_permuted, accepts=dtypes.SIGNED))
invert_permutation_op.no_gradient(_INDICES)


def invert_permutation(x: TensorLike, name: str | None = None) -> Tensor:
    """The permutation that undoes another one: y[x[i]] = i.

    Args:
        x: every number from 0 to n - 1 once, as int32 or int64.

    Raises:
        InvalidArgumentError: where x is no permutation.

    >>> tf.invert_permutation([2, 0, 1]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    return cast(Tensor, execute(invert_permutation_op, (convert_to_tensor(x),)))


# --------------------------------------------------------------------------------------------------------------- unique


class Unique(NamedTuple):
    """The different elements, and for each element which of them it is."""

    y: Tensor
    idx: Tensor


class UniqueWithCounts(NamedTuple):
    """The different elements, for each element which of them it is, and how often each comes."""

    y: Tensor
    idx: Tensor
    count: Tensor  # type: ignore[assignment]  # tuples have a method of that name


def _different(x: Extents, out_idx: dtypes.DType) -> list[Extents]:
    _require_vector(x, "unique")
    return [(None,), x]


def _different_counted(x: Extents, out_idx: dtypes.DType) -> list[Extents]:
    return [*_different(x, out_idx), (None,)]


unique_op = register(Op("unique", shape=_different, several=True, dtype=lambda x, out_idx: [x, out_idx]))
unique_with_counts_op = register(
    Op("unique_with_counts", shape=_different_counted, several=True, dtype=lambda x, out_idx: [x, out_idx, out_idx])
)
for _op in (unique_op, unique_with_counts_op):
    _op.no_gradient("which elements are equal changes in jumps only")


def unique(x: TensorLike, out_idx: Any = dtypes.int32, name: str | None = None) -> Unique:
    """Finds the different elements of a vector.

    Args:
        x: a vector, of strings too.
        out_idx: the dtype of idx, int32 or int64.

    Returns:
        (y, idx): the different elements in the order in which they first come, and x = y[idx].

    Raises:
        InvalidArgumentError: where x is no vector.

    >>> y, idx = tf.unique([7, 3, 7])
    >>> y.numpy(), idx.numpy()
    (array([7, 3], dtype=int32), array([0, 1, 0], dtype=int32))
    """
    return Unique(*execute(unique_op, (convert_to_tensor(x),), {"out_idx": _index_type(out_idx)}))


def unique_with_counts(x: TensorLike, out_idx: Any = dtypes.int32, name: str | None = None) -> UniqueWithCounts:
    """Finds the different elements of a vector, and counts each. Args and errors are those of `unique`.

    >>> tf.unique_with_counts([7, 3, 7]).count.numpy()
    array([2, 1], dtype=int32)
    """
    return UniqueWithCounts(*execute(unique_with_counts_op, (convert_to_tensor(x),), {"out_idx": _index_type(out_idx)}))


def _index_type(out_idx: Any) -> dtypes.DType:
    wanted = dtypes.as_dtype(out_idx)
    if wanted not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"out_idx must be tf.int32 or tf.int64, not {wanted.name}")
    return wanted


# ------------------------------------------------------------------------------------------------------------- counting


def _counted(arr: Extents, *weights: Extents, minlength: int, maxlength: int | None, dtype: dtypes.DType) -> Extents:
    if weights and None not in (*arr, *weights[0]) and arr != weights[0]:
        raise ShapeError(f"weights must have the shape of arr, {bracketed(arr)}, not {bracketed(weights[0])}")
    return (None,)


bincount_op = register(Op("bincount", shape=_counted, dtype=lambda *inputs, dtype, **_: dtype, accepts=dtypes.INTEGER))
bincount_op.no_gradient("how often a number comes changes in jumps only")


def bincount(
    arr: TensorLike,
    weights: TensorLike | None = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """Counts how often each whole number comes: element i of the result is the number of i's.

    Args:
        arr: integers, none negative.
        weights: what each element counts, of the same shape; 1 if left out.
        minlength: the least length of the result, which is otherwise the largest number plus 1.
        maxlength: the greatest length of the result; larger numbers are not counted.
        dtype: the dtype of the counts, where there are no weights.

    Raises:
        InvalidArgumentError: where a number is negative, or the weights have another shape.

    >>> tf.bincount([1, 2, 2, 4]).numpy()
    array([0, 1, 2, 0, 1], dtype=int32)
    """
    inputs = [convert_to_tensor(arr)]
    if weights is not None:
        inputs.append(arguments.require(convert_to_tensor(weights), dtypes.REAL, "weights"))
    settings = {
        "minlength": 0 if minlength is None else arguments.integer(minlength, "minlength"),
        "maxlength": None if maxlength is None else arguments.integer(maxlength, "maxlength"),
        "dtype": dtypes.as_dtype(dtype) if weights is None else inputs[-1].dtype,
    }
    return cast(Tensor, execute(bincount_op, inputs, settings))


def _binned(values: Extents, value_range: Extents, nbins: int, dtype: dtypes.DType) -> Extents:
    if len(value_range) != 1 or value_range[0] not in (2, None):
        raise ShapeError(f"value_range should be a vector of 2 elements, not of shape {bracketed(value_range)}")
    return (nbins,)


histogram_fixed_width_op = register(
    Op("histogram_fixed_width", shape=_binned, dtype=lambda *inputs, dtype, **_: dtype, accepts=dtypes.REAL)
)
histogram_fixed_width_op.no_gradient("a count changes in jumps only")


def histogram_fixed_width(
    values: TensorLike, value_range: TensorLike, nbins: Any = 100, dtype: Any = dtypes.int32, name: str | None = None
) -> Tensor:
    """Counts how many values fall into each of several bins of equal width.

    Args:
        values: numbers.
        value_range: the lower end of the first bin and the upper end of the last. Values outside fall into these two.
        nbins: how many bins there are.
        dtype: the dtype of the counts.

    Raises:
        InvalidArgumentError: where the range is empty, or there are no bins.

    >>> tf.histogram_fixed_width([-1., 0., 1.5, 2., 5., 15.], [0., 5.], nbins=5).numpy()
    array([2, 1, 1, 0, 2], dtype=int32)
    """
    x, ends = agree(histogram_fixed_width_op, (values, value_range))
    count = arguments.integer(nbins, "nbins")
    if count < 1:
        raise arguments.invalid(f"nbins should be a positive number, but got '{count}' [Op:HistogramFixedWidth].")
    return cast(Tensor, execute(histogram_fixed_width_op, (x, ends), {"nbins": count, "dtype": dtypes.as_dtype(dtype)}))
