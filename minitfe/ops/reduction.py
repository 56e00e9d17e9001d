"""Reductions: many numbers become one, along some of the axes.

A reduction forgets axes. Its gradient has to find them again, and `expand_like` does that: it gives a reduced tensor its
lost axes back and stretches it along them, to the shape that the reduction started from.
"""
from __future__ import annotations

from typing import Any, cast

from minitfe import dtypes, errors
from minitfe.conversion import convert_to_tensor
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.ops import arguments
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

Axes = tuple[int, ...] | None


def reduced(x: Extents, axis: Axes, keepdims: bool) -> Extents:
    """What is left of a shape after a reduction."""
    gone = range(len(x)) if axis is None else axis
    if keepdims:
        return tuple(1 if i in gone else size for i, size in enumerate(x))
    return tuple(size for i, size in enumerate(x) if i not in gone)


def reduce(op: Op, input_tensor: TensorLike, axis: Any, keepdims: bool | None, old: dict[str, Any]) -> Tensor:
    """Reads the settings that all reductions share, and applies the op.

    Args:
        old: TensorFlow's older spellings of the settings, as the public functions take them.
    """
    x = convert_to_tensor(input_tensor)
    axis = old["reduction_indices"] if axis is None else axis
    keepdims = old["keep_dims"] if keepdims is None else keepdims
    return cast(Tensor, execute(op, (x,), {"axis": _axes(axis, x, op), "keepdims": bool(keepdims)}))


def _axes(axis: Any, x: Tensor, op: Op) -> Axes:
    """The axes in order, counted from the start; None for all of them."""
    if axis is None:
        return None
    rank = len(arguments.known(x.extents, op.name))
    axes = arguments.integers(axis, "axis")
    for i in axes:
        if not -rank <= i < rank:
            raise errors.InvalidArgumentError(
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


expand_like_op.no_gradient("only the shape of this input matters, not its values", 1)

expand_mean_like_op = register(Op("expand_mean_like", shape=lambda g, like, axis, keepdims: like))


def expand_mean_like(g: Tensor, like: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """As `expand_like`, and divided by the number of copies: that number may be known only when a graph runs."""
    return cast(Tensor, execute(expand_mean_like_op, (g, like), {"axis": axis, "keepdims": keepdims}))


@expand_mean_like_op.gradient(0)
def expand_mean_like_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """The sum over n copies of slope 1/n is a mean."""
    return reduce_mean(h, axis, keepdims)


expand_mean_like_op.no_gradient("only the shape of this input matters, not its values", 1)

# ------------------------------------------------------------------------------------------------- sums and means

reduce_sum_op = register(Op("reduce_sum", shape=reduced, accepts=dtypes.NUMBERS, tensorflow_name="Sum"))


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
    return reduce(reduce_sum_op, input_tensor, axis, keepdims, {"reduction_indices": reduction_indices, "keep_dims": keep_dims})


@reduce_sum_op.gradient(0)
def reduce_sum_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Every summand contributes with slope 1."""
    return expand_like(g, x, axis, keepdims)


reduce_mean_op = register(Op("reduce_mean", shape=reduced, accepts=dtypes.NUMBERS, tensorflow_name="Mean"))


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
    return reduce(reduce_mean_op, input_tensor, axis, keepdims, {"reduction_indices": reduction_indices, "keep_dims": keep_dims})


@reduce_mean_op.gradient(0)
def reduce_mean_dx(g: Tensor, x: Tensor, output: Tensor, axis: Axes, keepdims: bool) -> Tensor:
    """Each of n elements contributes with slope 1/n; n is the ratio of the sizes before and after."""
    return expand_mean_like(g, x, axis, keepdims)
