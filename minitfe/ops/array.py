"""Arrays: what shape they have, how they are filled, rearranged and put together.

Most of these ops move numbers without changing them, so their gradients move them back.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from minitfe import conversion, dtypes, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import Op, Operation, register
from minitfe.ops import arguments
from minitfe.ops.declare import unary
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

# --------------------------------------------------------------------------------------------------------- the same


@unary(None)
def identity(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns a tensor with the same value: another tensor, as far as tapes are concerned.

    >>> tf.identity([1., 2.]).numpy()
    array([1., 2.], dtype=float32)
    """


identity.op.keeps_sparse = True


@identity.gradient(0)
def identity_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dx/dx = 1"""
    return g


@unary(None)
def stop_gradient(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the same value, but as a constant: no gradient flows back through it.

    >>> x = tf.constant(3.)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * tf.stop_gradient(x)
    >>> float(tape.gradient(y, x))
    3.0
    """


stop_gradient.no_gradient("stop_gradient makes a constant of its input, as it was asked to")


# ----------------------------------------------------------------------------------------------------------- filled


def _given_dtype(x: dtypes.DType, dtype: dtypes.DType | None = None) -> dtypes.DType:
    return dtype or x


ones_like_op = register(Op("ones_like", shape=shapes.same, dtype=_given_dtype))
zeros_like_op = register(Op("zeros_like", shape=shapes.same, dtype=_given_dtype))
for _op in (ones_like_op, zeros_like_op):
    _op.no_gradient("the output is the same whatever the input's values are")


def ones_like(tensor: TensorLike, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Returns ones in the shape, and unless another is given in the dtype, of a tensor.

    >>> tf.ones_like([5., 7.]).numpy()
    array([1., 1.], dtype=float32)
    """
    return _fill_like(ones_like_op, tensor, dtype)


def zeros_like(tensor: TensorLike, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Tensor:
    """Returns zeros in the shape, and unless another is given in the dtype, of a tensor.

    >>> tf.zeros_like([5., 7.]).numpy()
    array([0., 0.], dtype=float32)
    """
    return _fill_like(zeros_like_op, tensor, dtype)


def _fill_like(op: Op, tensor: TensorLike, dtype: Any) -> Tensor:
    return cast(Tensor, execute(op, (convert_to_tensor(tensor),), {"dtype": dtypes.as_dtype(dtype)} if dtype else {}))


# ------------------------------------------------------------------------------------------------------ a new shape


def _reshaped(x: Extents, shape: tuple[int, ...]) -> Extents:
    """The shape asked for, with -1 worked out from the number of elements."""
    if shape.count(-1) > 1 or any(size < -1 for size in shape):
        raise ShapeError(f"Size must be non-negative, with at most one -1, not {list(shape)}", "leave one size to be worked out")
    count = shapes.size_of(x)
    known = 1
    for size in shape:
        known *= 1 if size == -1 else size
    if count is None:
        return tuple(None if size == -1 else size for size in shape)
    if -1 not in shape and known != count or -1 in shape and (known == 0 or count % known):
        raise ShapeError(
            f"Input to reshape is a tensor with {count} values, but the requested shape "
            + (f"has {known}" if -1 not in shape else f"requires a multiple of {known}"),
            "the number of elements must stay the same",
        )
    return tuple(count // known if size == -1 else size for size in shape)


reshape_op = register(Op("reshape", shape=_reshaped))
reshape_like_op = register(Op("reshape_like", shape=shapes.like_second))


def reshape(tensor: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """Gives the elements another shape, in the same order.

    Args:
        tensor: the elements.
        shape: the new sizes; one of them may be -1, and is worked out.

    Raises:
        InvalidArgumentError: where the number of elements differs.

    >>> tf.reshape([1, 2, 3, 4], [2, -1]).numpy()
    array([[1, 2],
           [3, 4]], dtype=int32)
    """
    x = convert_to_tensor(tensor)
    return cast(Tensor, execute(reshape_op, (x,), {"shape": arguments.integers(shape, "shape")}))


@reshape_op.gradient(0)
def reshape_dx(g: Tensor, x: Tensor, output: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The elements stay the same, so the gradient gets the old shape back."""
    return reshape_like(g, x)


def reshape_like(x: Tensor, like: Tensor) -> Tensor:
    """Gives the elements the shape of another tensor, which a graph may know only when it runs."""
    return cast(Tensor, execute(reshape_like_op, (x, like)))


@reshape_like_op.gradient(0)
def reshape_like_dx(g: Tensor, x: Tensor, like: Tensor, output: Tensor) -> Tensor:
    """The elements stay the same, so the gradient gets the old shape back."""
    return reshape_like(g, x)


reshape_like_op.no_gradient("only the shape of this input matters, not its values", 1)

# ---------------------------------------------------------------------------------------------------- put together


def _stacked(*inputs: Extents, axis: int) -> Extents:
    """One new axis, as long as the list."""
    first = inputs[0]
    for i, x in enumerate(inputs):
        if not shapes.TensorShape(x).is_compatible_with(first):
            raise ShapeError(
                f"Shapes of all inputs must match: values[0].shape = {shapes.bracketed(first)} !="
                f" values[{i}].shape = {shapes.bracketed(x)}",
                "stack takes tensors of one shape; tf.concat joins along an axis that they have",
            )
    return (*first[:axis], len(inputs), *first[axis:])


stack_op = register(Op("stack", shape=_stacked, tensorflow_name="Pack"))


def stack(values: Any, axis: int = 0, name: str | None = None) -> Tensor:
    """Stacks tensors of one shape along a new axis.

    Args:
        values: a list of tensors.
        axis: where the new axis stands in the result.

    Raises:
        InvalidArgumentError: where the shapes differ.

    >>> tf.stack([[1, 2], [3, 4]], axis=1).numpy()
    array([[1, 3],
           [2, 4]], dtype=int32)
    """
    tensors = agree(stack_op, list(values))
    return cast(Tensor, execute(stack_op, tensors, {"axis": arguments.axis(axis, tensors[0], stack_op, extra=1)}))


@stack_op.whole_gradient
def stack_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """Each part gets its own slice of g back."""
    return list(unstack(gs[0], axis=operation.attributes["axis"], num=len(operation.inputs)))


def _unstacked(x: Extents, axis: int, num: int) -> list[Extents]:
    if x[axis] not in (None, num):
        raise ShapeError(f"Dimension {axis} of the input is {x[axis]}, not num={num}", "leave num out")
    return [x[:axis] + x[axis + 1 :]] * num


unstack_op = register(Op("unstack", shape=_unstacked, several=True, tensorflow_name="Unpack"))


def unstack(value: TensorLike, num: int | None = None, axis: int = 0, name: str | None = None) -> list[Tensor]:
    """Takes a tensor apart along an axis, which the parts no longer have.

    Args:
        value: the tensor.
        num: how many parts there are; needed only where a graph does not know it.
        axis: the axis to take apart.

    Raises:
        ValueError: where the number of parts is not known.

    >>> [part.numpy().tolist() for part in tf.unstack([[1, 2], [3, 4]], axis=1)]
    [[1, 3], [2, 4]]
    """
    x = convert_to_tensor(value)
    axis = arguments.axis(axis, x, unstack_op)
    if num is None:
        num = arguments.known(x.extents, "unstack")[axis]
    if num is None:
        raise ValueError(f"Cannot infer num from shape {x.shape}; pass num.")
    return list(execute(unstack_op, (x,), {"axis": axis, "num": num}))


@unstack_op.whole_gradient
def unstack_gradient(operation: Operation, gs: list[Any]) -> list[Any]:
    """The parts' gradients, stacked; a part that was not used has a gradient of zeros."""
    parts = [zeros_like(part) if g is None else g for g, part in zip(gs, operation.output)]
    return [stack(parts, axis=operation.attributes["axis"])]


def _pack(values: Sequence[Any], dtype: dtypes.DType | None) -> Tensor:
    """Makes one tensor of a nested list with tensors in it."""
    parts = [conversion.convert_to_tensor(value, dtype) if isinstance(value, (list, tuple)) else value for value in values]
    packed = stack(parts)
    if dtype is not None and packed.dtype is not dtype:
        raise ValueError(f"Tensor conversion requested dtype {dtype.name} for a list of {packed.dtype.name} tensors; use tf.cast.")
    return packed


conversion.register_pack(_pack)
