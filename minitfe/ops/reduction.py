"""Reductions: many numbers become one, along some of the axes.

A reduction forgets axes. Its gradient has to find them again, and `expand_like` does that: it gives a reduced tensor
its lost axes back and stretches it along them, to the shape that the reduction started from.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, cast

from minitfe import dtypes, errors, shapes
from minitfe.conversion import convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, Operation, register
from minitfe.ops import arguments, array, comparison, complex, elementary, math
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

Axes = tuple[int, ...] | None


def reduced(x: Extents | None, axis: Axes, keepdims: bool) -> Extents | None:
    """What is left of a shape after a reduction."""
    if x is None:
        return () if axis is None and not keepdims else None
    gone = range(len(x)) if axis is None else axis
    if keepdims:
        return tuple(1 if i in gone else size for i, size in enumerate(x))
    return tuple(size for i, size in enumerate(x) if i not in gone)


_TO_ONE_NUMBER = {"axis": None, "keepdims": False}  # most losses end so; made once


def reduce(
    op: Op, input_tensor: TensorLike, axis: Any, keepdims: bool | None, reduction_indices: Any, keep_dims: bool | None
) -> Tensor:
    """Reads the settings that all reductions share, also in their older spellings, and applies the op."""
    x = input_tensor if type(input_tensor) is Tensor else convert_to_tensor(input_tensor)
    axis = reduction_indices if axis is None else axis
    keepdims = keep_dims if keepdims is None else keepdims
    if axis is None and not keepdims:
        return cast(Tensor, execute(op, (x,), _TO_ONE_NUMBER))
    return cast(Tensor, execute(op, (x,), {"axis": _axes(axis, x, op), "keepdims": bool(keepdims)}))


def _axes(axis: Any, x: Tensor, op: Op) -> Axes:
    """The axes in order, counted from the start; None for all of them."""
    if axis is None:
        return None
    axes = arguments.integers(axis, "axis")
    if x.extents is None and min(axes, default=0) >= 0:
        return tuple(sorted(set(axes)))
    rank = len(arguments.known(x.extents, op.name))
    for i in axes:
        if not -rank <= i < rank:
            raise arguments.invalid(
                f"Invalid reduction dimension ({i} for input with {rank} dimension(s) [Op:{op.tensorflow_name}]."
                f" {op.name} was given {errors.describe_operands((x,))}; "
                + (f"use axes from {-rank} to {rank - 1}." if rank else "a scalar has no axes.")
            )
    return tuple(sorted({i % rank for i in axes}))


# ---------------------------------------------------------------------------------------------------- the way back

expand_like_op = register(Op("expand_like", shape=lambda g, like, axis, keepdims: like))


def expand_like(g: Tensor, like: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Gives a reduced tensor its axes back, and repeats it along them to the shape of another."""
    return cast(Tensor, execute(expand_like_op, (g, like), {"axis": axis, "keepdims": keepdims}))


@expand_like_op.gradient(0)
def expand_like_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """What was repeated gathers the gradients of its copies: a sum over the axes it was repeated along."""
    return reduce_sum(h, axis, keepdims)


expand_like_op.no_gradient(SHAPE_ONLY, 1)

expand_mean_like_op = register(Op("expand_mean_like", shape=lambda g, like, axis, keepdims: like))


def expand_mean_like(g: Tensor, like: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """As `expand_like`, and divided by the number of copies: that number may be known only when a graph runs."""
    return cast(Tensor, execute(expand_mean_like_op, (g, like), {"axis": axis, "keepdims": keepdims}))


@expand_mean_like_op.gradient(0)
def expand_mean_like_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """The sum over n copies of slope 1/n is a mean."""
    return reduce_mean(h, axis, keepdims)


expand_mean_like_op.no_gradient(SHAPE_ONLY, 1)

# ------------------------------------------------------------------------------------------------- sums and means

reduce_sum_op = register(Op("reduce_sum", shape=reduced, any_rank=True, accepts=dtypes.NUMBERS, tensorflow_name="Sum"))


def reduce_sum(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """Adds up the elements along some axes.

    Args:
        input_tensor: numbers.
        axis: an axis, a list of them, or None for all.
        keepdims: whether the summed axes stay, with size 1.
        reduction_indices, keep_dims: older spellings of axis and keepdims.

    Raises:
        InvalidArgumentError: where there is no such axis.

    >>> tf.reduce_sum([[1., 2.], [3., 4.]], axis=0).numpy()
    array([4., 6.], dtype=float32)
    """
    return reduce(reduce_sum_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


@reduce_sum_op.gradient(0)
def reduce_sum_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Every summand contributes with slope 1."""
    return expand_like(g, x, axis, keepdims)


reduce_mean_op = register(
    Op("reduce_mean", shape=reduced, any_rank=True, accepts=dtypes.NUMBERS, tensorflow_name="Mean")
)


def reduce_mean(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The mean of the elements along some axes; of integers, rounded towards zero to an integer.

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_mean([[1., 2.], [3., 4.]]).numpy()
    np.float32(2.5)
    """
    return reduce(reduce_mean_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


@reduce_mean_op.gradient(0)
def reduce_mean_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Each of n elements contributes with slope 1/n; n is the ratio of the sizes before and after."""
    return expand_mean_like(g, x, axis, keepdims)


# ------------------------------------------------------------------------------------------------- largest and smallest

reduce_max_op = register(Op("reduce_max", shape=reduced, any_rank=True, accepts=dtypes.REAL, tensorflow_name="Max"))
reduce_min_op = register(Op("reduce_min", shape=reduced, any_rank=True, accepts=dtypes.REAL, tensorflow_name="Min"))


def reduce_max(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The largest element along some axes; of no elements, the lowest number there is (-inf for floats).

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_max([[1., 2.], [4., 3.]], axis=1).numpy()
    array([2., 4.], dtype=float32)
    """
    return reduce(reduce_max_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


def reduce_min(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The smallest element along some axes; of no elements, the highest number there is (inf for floats).

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_min([[1., 2.], [4., 3.]], axis=1).numpy()
    array([1., 3.], dtype=float32)
    """
    return reduce(reduce_min_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


@reduce_max_op.gradient(0)
@reduce_min_op.gradient(0)
def reduce_extreme_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Slope 1 for the extreme element; where m elements tie for it, 1/m for each."""
    ties = array.cast(comparison.equal(x, expand_like(output, x, axis, keepdims)), x.dtype)
    share = math.truediv(g, reduce_sum(ties, axis, keepdims))
    return math.multiply(expand_like(share, x, axis, keepdims), ties)


# ------------------------------------------------------------------------------------------------------------ products

reduce_prod_op = register(
    Op("reduce_prod", shape=reduced, any_rank=True, accepts=dtypes.NUMBERS, tensorflow_name="Prod")
)


def reduce_prod(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The product of the elements along some axes.

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_prod([[1., 2.], [3., 4.]], axis=1).numpy()
    array([ 2., 12.], dtype=float32)
    """
    return reduce(reduce_prod_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


@reduce_prod_op.gradient(0)
def reduce_prod_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """∂(Π x)/∂xₖ is the product of all the others. It is not Π x / xₖ, which fails where xₖ = 0."""
    return math.multiply(expand_like(g, x, axis, keepdims), products_of_others(x, axis=axis))


products_of_others_op = register(Op("products_of_others", shape=shapes.same))


def products_of_others(x: Tensor, *hs: Tensor, axis: Axes) -> Tensor:
    """For each element k, the product of all others along the axes: Π xⱼ over j ≠ k.

    With further tensors it is the derivative of that in their directions: for h₁ to hₘ, the sum of
    h₁[i₁] ⋯ hₘ[iₘ] Π xⱼ over all distinct i₁ to iₘ other than k, each product going over the j that are left.
    """
    return cast(Tensor, execute(products_of_others_op, (x, *hs), {"axis": axis}))


@products_of_others_op.whole_gradient
def products_of_others_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """Summed up with weights gₖ, the definition is symmetric in g and all h: g joins them, or replaces one."""
    (g,) = gs
    x, *hs = [complex.conj(part) if part.dtype.is_complex else part for part in operation.inputs]
    axis = operation.attributes["axis"]
    return [
        products_of_others(x, *hs, g, axis=axis),
        *[products_of_others(x, *hs[:i], g, *hs[i + 1 :], axis=axis) for i in range(len(hs))],
    ]


# --------------------------------------------------------------------------------------------------------------- logic

reduce_all_op = register(Op("reduce_all", shape=reduced, any_rank=True, accepts=dtypes.BOOLEAN, tensorflow_name="All"))
reduce_any_op = register(Op("reduce_any", shape=reduced, any_rank=True, accepts=dtypes.BOOLEAN, tensorflow_name="Any"))
for _op in (reduce_all_op, reduce_any_op):
    _op.no_gradient("true and false have no slope")


def reduce_all(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """Says whether all elements along some axes are true.

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_all([[True, False], [True, True]], axis=1).numpy()
    array([False,  True])
    """
    return reduce(reduce_all_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


def reduce_any(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """Says whether any element along some axes is true.

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_any([[True, False], [False, False]], axis=1).numpy()
    array([ True, False])
    """
    return reduce(reduce_any_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


def count_nonzero(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    dtype: Any = dtypes.int64,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """Counts the elements along some axes that are not zero (or not False).

    Args and errors are those of `reduce_sum`; `dtype` is that of the counts.

    >>> tf.count_nonzero([[0., 2.], [3., 4.]], axis=1).numpy()
    array([1, 2])
    """
    x = convert_to_tensor(input_tensor)
    counted = array.cast(comparison.not_equal(x, array.zeros_like(x)), dtype)
    return reduce_sum(counted, axis, keepdims, reduction_indices=reduction_indices, keep_dims=keep_dims)


# ---------------------------------------------------------------------------------------------------- logsumexp, norms

reduce_logsumexp_op = register(Op("reduce_logsumexp", shape=reduced, any_rank=True, accepts=dtypes.FLOATING))


def reduce_logsumexp(
    input_tensor: TensorLike,
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    reduction_indices: Any = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """Returns log Σ exp(x) along some axes, without overflow where x is large.

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_logsumexp([1000., 1000.]).numpy()
    np.float32(1000.6932)
    """
    return reduce(reduce_logsumexp_op, input_tensor, axis, keepdims, reduction_indices, keep_dims)


@reduce_logsumexp_op.gradient(0)
def reduce_logsumexp_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """∂(log Σ exp x)/∂xₖ = exp(xₖ) / Σ exp x = exp(xₖ - log Σ exp x)"""
    softmax = elementary.exp(math.subtract(x, expand_like(output, x, axis, keepdims)))
    return math.multiply(expand_like(g, x, axis, keepdims), softmax)


def reduce_euclidean_norm(
    input_tensor: TensorLike, axis: Any = None, keepdims: bool | None = None, name: str | None = None
) -> Tensor:
    """Returns √(Σ |x|²) along some axes. Its gradient at 0 is nan, as the norm has no slope there.

    Args and errors are those of `reduce_sum`.

    >>> tf.reduce_euclidean_norm([[3., 4.], [6., 8.]], axis=1).numpy()
    array([ 5., 10.], dtype=float32)
    """
    x = convert_to_tensor(input_tensor)
    return elementary.sqrt(reduce_sum(math.square(math.abs(x) if x.dtype.is_complex else x), axis, keepdims))


def norm(
    tensor: TensorLike,
    ord: Any = "euclidean",
    axis: Any = None,
    keepdims: bool | None = None,
    name: str | None = None,
    keep_dims: bool | None = None,
) -> Tensor:
    """The norm of vectors or matrices.

    Args:
        tensor: floating or complex numbers.
        ord: "euclidean" or "fro" for √(Σ |x|²); or a number p, np.inf among them, for (Σ |x|ᵖ)^(1/p). Of matrices, 1
            and np.inf give the largest sum of a column and of a row.
        axis: the axis of the vectors; a pair of axes, rows and columns, for matrices; None for one vector of all.
        keepdims: whether these axes stay, with size 1.

    Raises:
        ValueError: for another ord, or more than two axes.

    >>> tf.norm([3., 4.]).numpy()
    np.float32(5.0)
    """
    x = convert_to_tensor(tensor)
    keepdims = bool(keep_dims if keepdims is None else keepdims)
    if isinstance(axis, (tuple, list)) and len(axis) == 2:
        return _matrix_norm(x, ord, axis, keepdims)
    if axis is not None and len(arguments.integers(axis, "axis")) != 1:
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis!r}")
    return _vector_norm(x, ord, axis, keepdims)


def _vector_norm(x: Tensor, ord: Any, axis: Any, keepdims: bool) -> Tensor:
    if ord in ("euclidean", "fro", 2):
        return reduce_euclidean_norm(x, axis, keepdims)
    if not isinstance(ord, Real) or not float(ord) > 0:
        raise ValueError(f"'ord' must be a supported vector norm: 'euclidean', 'fro' or a positive number, got {ord!r}")
    size = math.abs(x)
    if ord == 1:
        return reduce_sum(size, axis, keepdims)
    if ord == float("inf"):
        return reduce_max(size, axis, keepdims)
    return elementary.pow(reduce_sum(elementary.pow(size, ord), axis, keepdims), 1 / ord)


def _matrix_norm(x: Tensor, ord: Any, axis: Any, keepdims: bool) -> Tensor:
    row, column = (arguments.axis(i, x, reduce_sum_op) for i in axis)
    if row == column:
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis!r}")
    if ord in ("euclidean", "fro"):
        return reduce_euclidean_norm(x, axis, keepdims)
    if ord not in (1, float("inf")):
        raise ValueError(f"'ord' must be a supported matrix norm: 'euclidean', 'fro', 1 or np.inf, got {ord!r}")
    summed, rest = (row, column) if ord == 1 else (column, row)
    sums = reduce_sum(math.abs(x), summed, keepdims)
    return reduce_max(sums, rest if keepdims or rest < summed else rest - 1, keepdims)


# --------------------------------------------------------------------------------------------------------------- where


def _located(x: Extents, axis: int, output_type: dtypes.DType) -> Extents:
    if x[axis] == 0:
        raise ShapeError(
            f"Reduction axis {axis} is empty in shape {shapes.bracketed(x)}", "there must be an element to choose"
        )
    return x[:axis] + x[axis + 1 :]


def _output_type(x: dtypes.DType, axis: int, output_type: dtypes.DType) -> dtypes.DType:
    return output_type


argmax_op = register(Op("argmax", shape=_located, dtype=_output_type, accepts=dtypes.REAL, tensorflow_name="ArgMax"))
argmin_op = register(Op("argmin", shape=_located, dtype=_output_type, accepts=dtypes.REAL, tensorflow_name="ArgMin"))
for _op in (argmax_op, argmin_op):
    _op.no_gradient("an index jumps from one element to another; it has no slope")


def argmax(
    input: TensorLike, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64
) -> Tensor:
    """Where along an axis the largest element is; of equal ones, the first.

    Args:
        axis: the axis to search; 0 if none is given.
        dimension: the older spelling of axis.
        output_type: int64 or int32.

    Raises:
        InvalidArgumentError: where there is no such axis, or it is empty.

    >>> tf.argmax([[1., 5.], [7., 2.]], axis=1).numpy()
    array([1, 0])
    """
    return _locate(argmax_op, input, axis, dimension, output_type)


def argmin(
    input: TensorLike, axis: Any = None, name: str | None = None, dimension: Any = None, output_type: Any = dtypes.int64
) -> Tensor:
    """Where along an axis the smallest element is; of equal ones, the first.

    Args and errors are those of `argmax`.

    >>> tf.argmin([[1., 5.], [7., 2.]], axis=1).numpy()
    array([0, 1])
    """
    return _locate(argmin_op, input, axis, dimension, output_type)


def _locate(op: Op, input: TensorLike, axis: Any, dimension: Any, output_type: Any) -> Tensor:
    x = convert_to_tensor(input)
    index = arguments.integer((0 if dimension is None else dimension) if axis is None else axis, "axis")
    rank = index + 1 if x.extents is None and index >= 0 else len(arguments.known(x.extents, op.name))
    if not -rank <= index < rank:
        raise arguments.invalid(
            f"Expected dimension in the range [{-rank}, {rank}), but got {index} [Op:{op.tensorflow_name}]."
            f" {op.name} was given {errors.describe_operands((x,))}; choose one of its axes."
        )
    wanted = dtypes.as_dtype(output_type)
    if wanted not in (dtypes.int32, dtypes.int64):
        raise TypeError(f"output_type must be tf.int32 or tf.int64, not {wanted.name}")
    return cast(Tensor, execute(op, (x,), {"axis": index % rank, "output_type": wanted}))
