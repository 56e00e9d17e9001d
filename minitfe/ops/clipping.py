"""Keeping numbers within bounds: clipping by value and by norm, and the check that all are finite.

A gradient that is far too long ruins what a network has learned. Scaled down to a norm, it keeps its direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from minitfe import dtypes, errors
from minitfe.conversion import convert_to_tensor
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.ops import arguments, array, comparison, elementary, indexed_slices, math, reduction
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# ------------------------------------------------------------------------------------------------------------ by value


def clip_by_value(
    t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = None
) -> Tensor:
    """Replaces what is below the one bound, or above the other, by that bound.

    The gradient passes where t is between the bounds or equal to one of them.

    Args:
        t: numbers.
        clip_value_min, clip_value_max: the bounds, numbers or tensors that are stretched to the shape of t.

    Raises:
        InvalidArgumentError: where a bound has more axes or elements than t.

    >>> tf.clip_by_value([-2., 0.5, 3.], -1., 1.).numpy()
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    t = convert_to_tensor(t)
    clipped = comparison.maximum(comparison.minimum(t, clip_value_max), clip_value_min)
    if not clipped.shape.is_compatible_with(t.shape):
        raise arguments.invalid(
            f"Incompatible shapes: clip_by_value was given {errors.describe_operands((t,))}, and bounds that would"
            f" stretch it to {clipped.shape}; give bounds that broadcast to the shape of t."
        )
    return clipped


# ------------------------------------------------------------------------------------------------------------- by norm


def clip_by_norm(t: TensorLike, clip_norm: TensorLike, axes: Any = None, name: str | None = None) -> Tensor:
    """Scales a tensor down, where needed, so that its Euclidean norm is at most clip_norm.

    Args:
        t: floating numbers.
        clip_norm: the largest norm to leave.
        axes: the axes along which norms are taken; by default all, for one norm of the whole.

    >>> tf.clip_by_norm([3., 4.], 1.).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    t = convert_to_tensor(t)
    return math.multiply(t, _shrinking(reduction.reduce_sum(math.square(t), axes, keepdims=True), clip_norm))


def _shrinking(squares: Tensor, clip_norm: TensorLike) -> Tensor:
    """min(1, clip_norm / √squares), written so that its gradient is 0, not NaN, where the squares are 0."""
    return elementary.rsqrt(comparison.maximum(math.realdiv(math.realdiv(squares, clip_norm), clip_norm), 1))


def clip_by_average_norm(t: TensorLike, clip_norm: TensorLike, name: str | None = None) -> Tensor:
    """Scales a tensor down, where needed, so that its Euclidean norm per element is at most clip_norm.

    >>> tf.clip_by_average_norm([3., 4.], 0.5).numpy()
    array([0.6, 0.8], dtype=float32)
    """
    t = convert_to_tensor(t)
    return clip_by_norm(t, math.multiply(clip_norm, array.cast(array.size(t), t.dtype)))


def clip_by_global_norm(
    t_list: Sequence[Any], clip_norm: TensorLike, use_norm: TensorLike | None = None, name: str | None = None
) -> tuple[list[Any], Tensor]:
    """Scales tensors down together, where needed, so that their common norm is at most clip_norm.

    Args:
        t_list: tensors and IndexedSlices; a None among them stays None.
        clip_norm: the largest norm to leave.
        use_norm: their norm, if it is known already.

    Returns:
        The scaled tensors, and the norm that they had before.

    Raises:
        TypeError: where t_list is not a list.

    >>> clipped, norm = tf.clip_by_global_norm([[3., 0.], None, [4.]], 1.)
    >>> [x if x is None else x.numpy().tolist() for x in clipped], float(norm)
    ([[0.6000000238418579, 0.0], None, [0.800000011920929]], 5.0)
    """
    tensors = _tensors(t_list)
    if use_norm is None:
        squares = _sum_of_squares(tensors)
        norm, scale = elementary.sqrt(squares), _shrinking(squares, clip_norm)
    else:
        norm = convert_to_tensor(use_norm, preferred_dtype=next((t.dtype for t in tensors if t is not None), None))
        scale = math.reciprocal(comparison.maximum(math.realdiv(norm, clip_norm), 1))
    return [None if t is None else _scaled(t, scale) for t in tensors], norm


def global_norm(t_list: Sequence[Any], name: str | None = None) -> Tensor:
    """The Euclidean norm of all elements of all tensors: √Σ t².

    Args:
        t_list: tensors and IndexedSlices; None counts as nothing.

    Raises:
        TypeError: where t_list is not a list.

    >>> float(tf.global_norm([[3., 0.], None, [4.]]))
    5.0
    """
    return elementary.sqrt(_sum_of_squares(_tensors(t_list)))


def _tensors(t_list: Sequence[Any]) -> list[Any]:
    """The list with tensors in it; None and IndexedSlices stay what they are."""
    if not isinstance(t_list, (list, tuple)):
        raise TypeError(f"t_list should be a sequence, a list of tensors, but is {t_list!r}")
    return [t if t is None or isinstance(t, indexed_slices.IndexedSlices) else convert_to_tensor(t) for t in t_list]


def _sum_of_squares(tensors: Sequence[Any]) -> Tensor:
    parts = [t.values if isinstance(t, indexed_slices.IndexedSlices) else t for t in tensors if t is not None]
    return math.add_n([reduction.reduce_sum(math.square(t)) for t in parts])


def _scaled(t: Any, scale: Tensor) -> Any:
    """A tensor, or the rows of an IndexedSlices, times a number."""
    if not isinstance(t, indexed_slices.IndexedSlices):
        return math.multiply(t, scale)
    return indexed_slices.IndexedSlices(math.multiply(t.values, scale), t.indices, t._dense_shape, t.like)


# ------------------------------------------------------------------------------------------------------ finite numbers


def _checked_numerics(tensor: Extents, message: str) -> Extents:
    return tensor


check_numerics_op = register(Op("check_numerics", shape=_checked_numerics, accepts=dtypes.FLOATING, stateful=True))


def check_numerics(tensor: TensorLike, message: str, name: str | None = None) -> Tensor:
    """Returns the tensor, if it is finite throughout.

    Args:
        tensor: floating numbers.
        message: what the error begins with.

    Raises:
        InvalidArgumentError: where an element is infinite or NaN.

    >>> tf.check_numerics([1., 2.], "the loss").numpy()
    array([1., 2.], dtype=float32)
    """
    return cast(Tensor, execute(check_numerics_op, (convert_to_tensor(tensor),), {"message": str(message)}))


@check_numerics_op.gradient(0)
def check_numerics_dx(g: Tensor, tensor: Tensor, output: Tensor, message: str) -> Tensor:
    """A slope of 1, checked in its turn."""
    return check_numerics(g, "Not a number (NaN) or infinity (Inf) values detected in gradient.")


def verify_tensor_all_finite(t: TensorLike, msg: str, name: str | None = None) -> Tensor:
    """Returns the tensor, if it is finite throughout: `check_numerics` under another name.

    Args:
        t: floating numbers.
        msg: what the error begins with.

    Raises:
        InvalidArgumentError: where an element is infinite or NaN.

    >>> tf.verify_tensor_all_finite([1., 2.], "the loss").numpy()
    array([1., 2.], dtype=float32)
    """
    return check_numerics(t, msg)
