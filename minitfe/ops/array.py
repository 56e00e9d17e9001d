"""Arrays: what shape they have, what their elements are, how they are rearranged and put together.

Most of these ops move numbers without changing them, so their gradients move them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe import conversion, dtypes, errors, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.dtypes import DType
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, Operation, register
from minitfe.ops import arguments, comparison, late
from minitfe.ops import complex as complex_ops
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


identity.op.keeps_sparse, identity.op.holomorphic = True, False


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


def _given_dtype(x: DType, dtype: DType | None = None) -> DType:
    return dtype or x


ones_like_op = register(Op("ones_like", shape=shapes.same, dtype=_given_dtype, accepts=dtypes.NUMBERS | dtypes.BOOLEAN))
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
    x = tensor if type(tensor) is Tensor else convert_to_tensor(tensor)
    output: Tensor = execute(op, (x,), {"dtype": dtypes.as_dtype(dtype)} if dtype else {})
    return output


# ---------------------------------------------------------------------------------------------------- what shape


def _given_out_type(x: DType, out_type: DType) -> DType:
    return out_type


shape_op = register(
    Op("shape", shape=lambda x, out_type: (None if x is None else len(x),), any_rank=True, dtype=_given_out_type)
)
size_op = register(Op("size", shape=shapes.scalar, dtype=_given_out_type))
rank_op = register(Op("rank", shape=shapes.scalar, dtype=_given_out_type))
for _op in (shape_op, size_op, rank_op):
    _op.no_gradient("a shape depends on no value")


def shape(input: TensorLike, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """Returns the shape as a tensor, which a graph computes when it runs; `x.shape` is what is known before.

    >>> tf.shape([[1, 2, 3], [4, 5, 6]]).numpy()
    array([2, 3], dtype=int32)
    """
    return _measure(shape_op, input, out_type)


def shape_n(input: Sequence[TensorLike], name: str | None = None, out_type: Any = dtypes.int32) -> list[Tensor]:
    """Returns the shape of each tensor of a list.

    >>> [s.numpy().tolist() for s in tf.shape_n([[1, 2], [[3]]])]
    [[2], [1, 1]]
    """
    return [_measure(shape_op, x, out_type) for x in arguments.listed(input, "input")]


def size(input: TensorLike, name: str | None = None, out_type: Any = dtypes.int32) -> Tensor:
    """Returns the number of elements.

    >>> tf.size([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(6)
    """
    return _measure(size_op, input, out_type)


def rank(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the number of axes.

    >>> tf.rank([[1, 2, 3], [4, 5, 6]]).numpy()
    np.int32(2)
    """
    return _measure(rank_op, input, dtypes.int32)


def _measure(op: Op, x: TensorLike, out_type: Any) -> Tensor:
    output: Tensor = execute(op, (convert_to_tensor(x),), {"out_type": dtypes.as_dtype(out_type)})
    return output


# ----------------------------------------------------------------------------------------------------- another dtype


def _target(x: DType, dtype: DType) -> DType:
    return dtype


cast_op = register(
    Op("cast", shape=shapes.same, dtype=_target, accepts=dtypes.NUMBERS | dtypes.BOOLEAN, holomorphic=False)
)


def cast(x: TensorLike, dtype: Any, name: str | None = None) -> Tensor:
    """Converts the elements to another dtype.

    Floats are truncated towards zero to integers, complex numbers lose their imaginary part, and as a bool everything
    but 0 is True. A tensor that has the dtype already is returned itself.

    Raises:
        InvalidArgumentError: for strings.

    >>> tf.cast([1.8, -1.8], tf.int32).numpy()
    array([ 1, -1], dtype=int32)
    """
    if type(x) is not Tensor:
        x = convert_to_tensor(x)
    dtype = dtypes.as_dtype(dtype)
    if x.array.dtype == dtype.numpy:
        return x
    if dtype is dtypes.string:
        raise arguments.invalid(
            f"Cast {x.dtype.name} to string is not supported [Op:Cast]."
            f" cast was given {errors.describe_operands((x,))}; numbers do not become strings."
        )
    output: Tensor = execute(cast_op, (x,), {"dtype": dtype})
    return output


@cast_op.gradient(0)
def cast_dx(g: Tensor, x: Tensor, output: Tensor, dtype: DType) -> Tensor | None:
    """The number stays the same, so the gradient gets the old dtype back. Whole numbers have no gradient."""
    return cast(g, x.dtype) if x.dtype.is_differentiable and dtype.is_differentiable else None


def to_float(x: TensorLike, name: str | None = None) -> Tensor:
    """Casts to float32."""
    return cast(x, dtypes.float32)


def to_double(x: TensorLike, name: str | None = None) -> Tensor:
    """Casts to float64."""
    return cast(x, dtypes.float64)


def to_int32(x: TensorLike, name: str | None = None) -> Tensor:
    """Casts to int32; fractions are cut off."""
    return cast(x, dtypes.int32)


def to_int64(x: TensorLike, name: str | None = None) -> Tensor:
    """Casts to int64; fractions are cut off."""
    return cast(x, dtypes.int64)


def saturate_cast(value: TensorLike, dtype: Any, name: str | None = None) -> Tensor:
    """Converts to another dtype; what is too large or too small for it becomes its largest or smallest number.

    >>> tf.saturate_cast([-5, 100, 300], tf.uint8).numpy()
    array([  0, 100, 255], dtype=uint8)
    """
    x, target = convert_to_tensor(value), dtypes.as_dtype(dtype)
    low, high = _common_limits(x.dtype, target)
    return cast(comparison.minimum(comparison.maximum(x, low), high), target)


def _common_limits(source: DType, target: DType) -> tuple[Any, Any]:
    """The smallest and the largest number that both dtypes hold."""
    number = source.numpy.type
    low, high = number(max(source.min, target.min)), number(min(source.max, target.max))
    # 2³¹ - 1 as a float32 is 2³¹, one more than an int32 can be: 128 less is the next.
    return low, np.nextafter(high, number(0)) if int(high) > target.max else high


def _bitcast(x: Extents, dtype: DType, width: int) -> Extents:
    """A wider element takes the last axis up; a narrower one makes an axis more."""
    if dtype.size == width:
        return x
    if dtype.size < width:
        return (*x, width // dtype.size)
    if not x or x[-1] not in (None, dtype.size // width):
        raise ShapeError(
            f"Cannot bitcast from {width} bytes to {dtype.name}: shape {shapes.bracketed(x)}",
            f"the last axis must have the size {dtype.size // width}, to make one element of so many",
        )
    return x[:-1]


bitcast_op = register(Op("bitcast", shape=_bitcast, dtype=lambda x, dtype, width: dtype, accepts=dtypes.NUMBERS))
bitcast_op.no_gradient("bits have no derivative")


def bitcast(input: TensorLike, type: Any, name: str | None = None) -> Tensor:
    """Reads the bytes of the elements as another dtype.

    Args:
        input: numbers.
        type: the new dtype. If its elements are narrower, several are made of each along a new last axis; if wider, the
            last axis is as long as it takes to make one, and goes.

    Raises:
        InvalidArgumentError: where the last axis does not fit.

    >>> tf.bitcast([1.0, -0.0], tf.uint32).numpy()
    array([1065353216, 2147483648], dtype=uint32)
    """
    x = convert_to_tensor(input)
    wanted = dtypes.as_dtype(type)
    if wanted is dtypes.string:
        raise TypeError("bitcast makes numbers, not strings")
    output: Tensor = execute(bitcast_op, (x,), {"dtype": wanted, "width": x.dtype.size})
    return output


# ------------------------------------------------------------------------------------------------------ a new shape


def _reshaped(x: Extents | None, shape: tuple[int, ...]) -> Extents:
    """The shape asked for, with -1 worked out from the number of elements."""
    if shape.count(-1) > 1 or any(size < -1 for size in shape):
        raise ShapeError(
            f"Size must be non-negative, with at most one -1, not {list(shape)}", "leave one to be worked out"
        )
    count = None if x is None else shapes.size_of(x)
    known = 1
    for size in shape:
        known *= 1 if size == -1 else size
    if count is None:
        return tuple(None if size == -1 else size for size in shape)
    if count != known if -1 not in shape else known == 0 or count % known:
        raise ShapeError(
            f"Input to reshape is a tensor with {count} values, but the requested shape "
            + (f"has {known}" if -1 not in shape else f"requires a multiple of {known}"),
            "the number of elements must stay the same",
        )
    return tuple(count // known if size == -1 else size for size in shape)


reshape_op = register(Op("reshape", shape=_reshaped, any_rank=True))
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
    x = tensor if type(tensor) is Tensor else convert_to_tensor(tensor)
    if late.waits(shape):
        sizes = late.known_sizes(shape)
        extents = None if sizes is None else tuple(None if size == -1 else size for size in sizes)
        return late.call(reshape, [x], shape, x.dtype, extents)
    output: Tensor = execute(reshape_op, (x,), {"shape": arguments.integers(shape, "shape")})
    return output


@reshape_op.gradient(0)
def reshape_dx(g: Tensor, x: Tensor, output: Tensor, shape: tuple[int, ...]) -> Tensor:
    """The elements stay the same, so the gradient gets the old shape back."""
    return reshape_like(g, x)


def reshape_like(x: Tensor, like: Tensor) -> Tensor:
    """Gives the elements the shape of another tensor, which a graph may know only when it runs."""
    output: Tensor = execute(reshape_like_op, (x, like))
    return output


@reshape_like_op.gradient(0)
def reshape_like_dx(g: Tensor, x: Tensor, like: Tensor, output: Tensor) -> Tensor:
    """The elements stay the same, so the gradient gets the old shape back."""
    return reshape_like(g, x)


reshape_like_op.no_gradient(SHAPE_ONLY, 1)


def _expanded(x: Extents, axis: int) -> Extents:
    return (*x[:axis], 1, *x[axis:])


expand_dims_op = register(Op("expand_dims", shape=_expanded))


def expand_dims(input: TensorLike, axis: Any = None, name: str | None = None, dim: Any = None) -> Tensor:
    """Puts in a new axis of size 1.

    Args:
        input: a tensor.
        axis: where the new axis stands in the result; -1 for last.
        dim: the older spelling of axis.

    Raises:
        InvalidArgumentError: where there is no such place.

    >>> tf.expand_dims([1, 2, 3], -1).shape
    TensorShape([Dimension(3), Dimension(1)])
    """
    x = input if type(input) is Tensor else convert_to_tensor(input)
    axis = arguments.axis(dim if axis is None else axis, x, expand_dims_op, extra=1)
    output: Tensor = execute(expand_dims_op, (x,), {"axis": axis})
    return output


@expand_dims_op.gradient(0)
def expand_dims_dx(g: Tensor, x: Tensor, output: Tensor, axis: int) -> Tensor:
    """The elements stay the same, so the gradient gets the old shape back."""
    return reshape_like(g, x)


def _squeezed(x: Extents, axis: tuple[int, ...] | None) -> Extents | None:
    if axis is None:
        return None if None in x else tuple(size for size in x if size != 1)
    for i in axis:
        if x[i] not in (None, 1):
            raise ShapeError(f"Can not squeeze dim[{i}], expected a dimension of 1, got {x[i]}", "name axes of size 1")
    return tuple(size for i, size in enumerate(x) if i not in axis)


squeeze_op = register(Op("squeeze", shape=_squeezed))


def squeeze(input: TensorLike, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Tensor:
    """Takes axes of size 1 out.

    Args:
        input: a tensor.
        axis: an axis or a list of them; by default all that have size 1.
        squeeze_dims: the older spelling of axis.

    Raises:
        InvalidArgumentError: where an axis has another size.

    >>> tf.squeeze([[[1], [2]]], axis=[0]).shape
    TensorShape([Dimension(2), Dimension(1)])
    """
    x = convert_to_tensor(input)
    axis = squeeze_dims if axis is None else axis
    wanted = () if axis is None else arguments.integers(axis, "axis")
    axes = tuple(arguments.axis(i, x, squeeze_op) for i in wanted) or None
    output: Tensor = execute(squeeze_op, (x,), {"axis": axes})
    return output


@squeeze_op.gradient(0)
def squeeze_dx(g: Tensor, x: Tensor, output: Tensor, axis: tuple[int, ...] | None) -> Tensor:
    """The elements stay the same, so the gradient gets the old shape back."""
    return reshape_like(g, x)


# -------------------------------------------------------------------------------------------------- the order of axes


def _transposed(x: Extents, perm: tuple[int, ...]) -> Extents:
    if len(perm) != len(x):
        raise ShapeError(
            f"transpose expects a vector of size {len(x)}. But input(1) is a vector of size {len(perm)}",
            "perm names every axis once",
        )
    for i in range(len(x)):
        if i not in perm:
            raise ShapeError(f"{i} is missing from perm {list(perm)}", f"name every axis from 0 to {len(x) - 1} once")
    return tuple(x[i] for i in perm)


transpose_op = register(Op("transpose", shape=_transposed))


def transpose(a: TensorLike, perm: Any = None, name: str | None = None, conjugate: bool = False) -> Tensor:
    """Puts the axes into another order.

    Args:
        a: a tensor.
        perm: for each axis of the result, which axis of `a` it is; by default they are reversed.
        conjugate: whether complex elements are conjugated, too.

    Raises:
        InvalidArgumentError: where perm does not name every axis once.

    >>> tf.transpose([[1, 2, 3], [4, 5, 6]]).numpy()
    array([[1, 4],
           [2, 5],
           [3, 6]], dtype=int32)
    """
    x = a if type(a) is Tensor else convert_to_tensor(a)
    if perm is None:
        perm = tuple(range(len(arguments.known(x.extents, "transpose")) - 1, -1, -1))
    output: Tensor = execute(transpose_op, (x,), {"perm": arguments.integers(perm, "perm")})
    return complex_ops.conj(output) if conjugate else output


@transpose_op.gradient(0)
def transpose_dx(g: Tensor, x: Tensor, output: Tensor, perm: tuple[int, ...]) -> Tensor:
    """The inverse permutation puts the axes back."""
    return transpose(g, sorted(range(len(perm)), key=perm.__getitem__))


def matrix_transpose(a: TensorLike, name: str | None = None, conjugate: bool = False) -> Tensor:
    """Swaps the last two axes: transposes every matrix of a batch.

    Raises:
        ValueError: where there are fewer than two axes.

    >>> tf.matrix_transpose([[[1, 2], [3, 4]]]).numpy()
    array([[[1, 3],
            [2, 4]]], dtype=int32)
    """
    x = convert_to_tensor(a)
    *batch, rows, columns = range(len(_with_matrices(x, "matrix_transpose")))
    return transpose(x, (*batch, columns, rows), conjugate=conjugate)


def _with_matrices(x: Tensor, what: str) -> Extents:
    extents = arguments.known(x.extents, what)
    if len(extents) < 2:
        raise ValueError(f"Argument 'a' should be a (batch) matrix, with rank >= 2.  Found: {x.shape}")
    return extents


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
    tensors = _alike(stack_op, arguments.listed(values, "values"))
    output: Tensor = execute(stack_op, tensors, {"axis": arguments.axis(axis, tensors[0], stack_op, extra=1)})
    return output


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


def _concatenated(*inputs: Extents, axis: int) -> Extents:
    first = inputs[0]
    for i, x in enumerate(inputs):
        pair = f"shape[0] = {shapes.bracketed(first)} vs. shape[{i}] = {shapes.bracketed(x)}"
        if len(x) != len(first):
            raise ShapeError(f"ConcatOp : Ranks of all input tensors should match: {pair}", "tf.expand_dims adds axes")
        if any(None not in (m, n) and m != n for j, (m, n) in enumerate(zip(first, x)) if j != axis):
            raise ShapeError(
                f"ConcatOp : Dimensions of inputs should match: {pair}", f"sizes may differ along axis {axis} only"
            )
    sizes = [x[axis] for x in inputs]
    joined = tuple(next((n for n in known if n is not None), None) for known in zip(*inputs))
    return (*joined[:axis], None if None in sizes else sum(sizes), *joined[axis + 1 :])  # type: ignore[arg-type]


concat_op = register(Op("concat", shape=_concatenated, tensorflow_name="ConcatV2"))
concat_gradient_op = register(Op("concat_gradient", shape=lambda g, *parts, axis: list(parts), several=True))


def concat(values: Any, axis: Any, name: str | None = None) -> Tensor:
    """Joins tensors along an axis that they have.

    Args:
        values: a list of tensors, whose sizes may differ along the axis only.
        axis: the axis.

    Raises:
        InvalidArgumentError: where other sizes differ.

    >>> tf.concat([[[1, 2]], [[3, 4], [5, 6]]], axis=0).numpy()
    array([[1, 2],
           [3, 4],
           [5, 6]], dtype=int32)
    """
    tensors = _alike(concat_op, values if isinstance(values, (list, tuple)) else [values])
    axis = arguments.axis(axis, tensors[0], concat_op)
    if len(tensors) == 1:
        return identity(tensors[0])
    output: Tensor = execute(concat_op, tensors, {"axis": axis})
    return output


def _alike(op: Op, values: Sequence[Any]) -> Sequence[Tensor]:
    """What `agree` returns, sooner where there is nothing to agree on."""
    if {*map(type, values)} == {Tensor} and len({x.array.dtype for x in values}) == 1:
        return tuple(values)  # not the caller's list: it may change, and tapes keep what is returned here
    return agree(op, values)


@concat_op.whole_gradient
def concat_dvalues(operation: Operation, gs: list[Any]) -> list[Any]:
    """Each part gets its own piece of g back."""
    return list(execute(concat_gradient_op, (gs[0], *operation.inputs), operation.attributes))


@concat_gradient_op.whole_gradient
def concat_gradient_dg(operation: Operation, hs: list[Any]) -> list[Any]:
    """The pieces' gradients, joined. The parts only say where g is cut."""
    parts = operation.output
    return [_joined(hs, parts, operation.attributes["axis"]), *[None] * len(parts)]


def _joined(gs: Sequence[Tensor | None], parts: Sequence[Tensor], axis: int) -> Tensor:
    """The gradients of parts that lie side by side; a part that was not used has a gradient of zeros."""
    return concat([zeros_like(part) if g is None else g for g, part in zip(gs, parts)], axis)


def _split(x: Extents, axis: int, sizes: int | tuple[int, ...]) -> list[Extents]:
    pieces = _equal_pieces(x[axis], sizes, axis) if isinstance(sizes, int) else _pieces(x[axis], sizes)
    return [(*x[:axis], piece, *x[axis + 1 :]) for piece in pieces]


def _equal_pieces(whole: int | None, number: int, axis: int) -> list[int | None]:
    if number < 1 or (whole is not None and whole % number):
        raise ShapeError(
            "Number of ways to split should evenly divide the split dimension, but got split_dim"
            f" {axis} (size = {whole}) and num_split {number}",
            "give the size of each part in a list, if they differ",
        )
    return [None if whole is None else whole // number] * number


def _pieces(whole: int | None, sizes: tuple[int, ...]) -> list[int | None]:
    given = [size for size in sizes if size != -1]
    rest = None if whole is None else whole - sum(given)
    open_ends = len(sizes) - len(given)
    if min(given, default=0) < 0 or open_ends > 1 or (rest is not None and (rest < 0 or (rest and not open_ends))):
        raise ShapeError(
            "Determined shape must either match input shape along split_dim exactly if fully specified, or be less than"
            f" the size of the input along split_dim if not fully specified.  Got: {sum(given)}",
            f"the sizes {list(sizes)} must add up to {whole}, and one of them may be -1",
        )
    return [rest if size == -1 else size for size in sizes]


split_op = register(Op("split", shape=_split, several=True))


def split(
    value: TensorLike, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str | None = None
) -> list[Tensor]:
    """Cuts a tensor into parts along an axis.

    Args:
        value: the tensor.
        num_or_size_splits: the number of parts, all of one size; or a list of sizes, one of which may be -1: the rest.
        axis: the axis to cut.
        num: how many sizes there are; it is known without.

    Raises:
        InvalidArgumentError: where the parts do not add up to the whole.

    >>> [part.numpy().tolist() for part in tf.split([1, 2, 3, 4, 5], [2, -1])]
    [[1, 2], [3, 4, 5]]
    """
    x = value if type(value) is Tensor else convert_to_tensor(value)
    attributes = {"axis": arguments.axis(axis, x, split_op), "sizes": _sizes(num_or_size_splits)}
    return list(execute(split_op, (x,), attributes))


def _sizes(value: Any) -> int | tuple[int, ...]:
    """Reads a number of parts, or the size of each."""
    if type(value) is int:
        return value
    numbers = value if isinstance(value, (list, tuple)) else arguments.plain(value, "num_or_size_splits")
    if isinstance(numbers, (list, tuple)) or np.ndim(numbers):
        return arguments.integers(numbers, "num_or_size_splits")
    return arguments.integer(numbers, "num_or_size_splits")


@split_op.whole_gradient
def split_dvalue(operation: Operation, gs: list[Any]) -> list[Any]:
    """The parts' gradients, joined."""
    return [_joined(gs, operation.output, operation.attributes["axis"])]


def _pack(values: Sequence[Any], dtype: DType | None) -> Tensor:
    """Makes one tensor of a nested list with tensors in it."""
    parts = [convert_to_tensor(value, dtype) if isinstance(value, (list, tuple)) else value for value in values]
    packed = stack(parts)
    if dtype is not None and packed.dtype is not dtype:
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for a list of {packed.dtype.name} tensors; use tf.cast."
        )
    return packed


conversion.register_pack(_pack)
