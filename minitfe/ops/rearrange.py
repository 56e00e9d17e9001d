"""Elements repeated, padded, reversed, and laid onto diagonals.

An element of the output is an element of the input, or a constant. So each rule is the same movement the other way
round, where copies of one element add up. Many of these ops come in pairs, and each is the other's rule.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from minitfe import dtypes, shapes
from minitfe.conversion import agree, convert_to_tensor
from minitfe.errors import ShapeError
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import arguments, array, broadcasting, late, reduction
from minitfe.shapes import Extents
from minitfe.tensor import Tensor, TensorLike

Paddings = tuple[tuple[int, int], ...]


# ---------------------------------------------------------------------------------------------------------- repeated


def _tiled(x: Extents, multiples: tuple[int, ...]) -> Extents:
    if len(multiples) != len(x):
        raise ShapeError(
            f"Expected multiples argument to be a vector of length {len(x)} but got length {len(multiples)}",
            "give one multiple for each axis",
        )
    if min(multiples, default=0) < 0:
        raise ShapeError(f"Expected multiples >= 0, but got {list(multiples)}")
    return tuple(None if size is None else size * times for size, times in zip(x, multiples))


tile_op = register(Op("tile", shape=_tiled))
tile_gradient_op = register(Op("tile_gradient", shape=lambda g, like, multiples: like))


def tile(input: TensorLike, multiples: Any, name: str | None = None) -> Tensor:
    """Repeats the whole tensor along each axis.

    Args:
        input: a tensor.
        multiples: for each axis, how often it is repeated along it.

    Raises:
        InvalidArgumentError: where there is not one multiple for each axis.

    >>> tf.tile([[1, 2]], [2, 2]).numpy()
    array([[1, 2, 1, 2],
           [1, 2, 1, 2]], dtype=int32)
    """
    x = convert_to_tensor(input)
    if late.waits(multiples):
        extents = None if x.extents is None else (None,) * len(x.extents)
        return late.call(tile, [x], multiples, x.dtype, extents)
    output: Tensor = execute(tile_op, (x,), {"multiples": arguments.integers(multiples, "multiples")})
    return output


@tile_op.gradient(0)
def tile_dx(g: Tensor, x: Tensor, output: Tensor, multiples: tuple[int, ...]) -> Tensor:
    """The gradients of all copies add up."""
    dx: Tensor = execute(tile_gradient_op, (g, x), {"multiples": multiples})
    return dx


@tile_gradient_op.gradient(0)
def tile_gradient_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, multiples: tuple[int, ...]) -> Tensor:
    """A sum over tiles has slope 1 in each of them."""
    return tile(h, multiples)


tile_gradient_op.no_gradient(SHAPE_ONLY, 1)


def _stretched(x: Extents, shape: tuple[int, ...]) -> Extents:
    if len(x) > len(shape) or any(n not in (1, None, m) for n, m in zip(x[::-1], shape[::-1])):
        raise ShapeError(
            f"Incompatible shapes: {shapes.bracketed(x)} vs. {shapes.bracketed(shape)}",
            "the shapes are aligned at their last axes, and only sizes of 1 stretch",
        )
    return shape


broadcast_to_op = register(Op("broadcast_to", shape=_stretched))


def broadcast_to(input: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """Stretches a tensor to a shape, along new axes and those of size 1.

    Raises:
        InvalidArgumentError: where another size would have to stretch.

    >>> tf.broadcast_to([1, 2, 3], [2, 3]).numpy()
    array([[1, 2, 3],
           [1, 2, 3]], dtype=int32)
    """
    x = convert_to_tensor(input)
    if late.waits(shape):
        return late.call(broadcast_to, [x], shape, x.dtype, late.known_sizes(shape))
    output: Tensor = execute(broadcast_to_op, (x,), {"shape": arguments.shape(shape)})
    return output


@broadcast_to_op.gradient(0)
def broadcast_to_dx(g: Tensor, x: Tensor, output: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A value that was copied gathers the gradients of its copies."""
    return broadcasting.unbroadcast_like(g, x)


# ------------------------------------------------------------------------------------------------------------ padded


def _check_paddings(x: Extents, paddings: Paddings, mode: str) -> None:
    if len(paddings) != len(x):
        raise ShapeError(
            "The first dimension of paddings must be the rank of inputs"
            f" {shapes.bracketed((len(paddings), 2))} {shapes.bracketed(x)}",
            "give a pair (before, after) for each axis",
        )
    for (before, after), size in zip(paddings, x):
        if min(before, after) < 0:
            raise ShapeError(f"Paddings must be non-negative: {before} {after}", "tf.slice cuts off")
        most = None if size is None or mode == "CONSTANT" else size - (mode == "REFLECT")
        if most is not None and max(before, after) > most:
            words = "less than" if mode == "REFLECT" else "no greater than"
            raise ShapeError(
                f"paddings must be {words} the dimension size: {before}, {after} not {words} {size}",
                f"there are only {max(most, 0)} elements to mirror",
            )


def _padded(x: Extents, paddings: Paddings, mode: str, value: Any) -> Extents:
    _check_paddings(x, paddings, mode)
    return tuple(None if size is None else before + size + after for size, (before, after) in zip(x, paddings))


pad_op = register(Op("pad", shape=_padded))
pad_gradient_op = register(Op("pad_gradient", shape=lambda g, like, paddings, mode: like))


def pad(
    tensor: TensorLike, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0
) -> Tensor:
    """Puts elements around a tensor.

    Args:
        tensor: the inside.
        paddings: for each axis a pair: how many elements come before, and after.
        mode: "CONSTANT", "REFLECT" (mirrored at the elements of the edge), or "SYMMETRIC" (mirrored beside them).
        constant_values: what comes around, if constant.

    Raises:
        InvalidArgumentError: where there is not one pair for each axis, or too little to mirror.

    >>> tf.pad([1, 2, 3], [[2, 1]], "REFLECT").numpy()
    array([3, 2, 1, 2, 3, 2], dtype=int32)
    """
    x = convert_to_tensor(tensor)
    if x.dtype is dtypes.string and type(constant_values) is int:
        constant_values = b""  # what the default, 0, is among strings
    value = arguments.scalar(constant_values, x.dtype, "constant_values")
    mode = arguments.choice(mode, ("CONSTANT", "REFLECT", "SYMMETRIC"), "mode")
    if late.waits(paddings):
        extents = None if x.extents is None else (None,) * len(x.extents)
        return late.call(partial(pad, mode=mode, constant_values=constant_values), [x], paddings, x.dtype, extents)
    output: Tensor = execute(pad_op, (x,), {"paddings": _pairs(paddings), "mode": mode, "value": value})
    return output


def _pairs(paddings: Any) -> Paddings:
    """Reads a pair of ints for each axis."""
    rows = arguments.plain(paddings, "paddings")
    pairs = tuple(arguments.integers(row, "paddings") for row in (rows if np.iterable(rows) else [rows]))
    if any(len(pair) != 2 for pair in pairs):
        raise arguments.invalid(
            f"paddings must be a matrix with 2 columns: {[list(pair) for pair in pairs]} [Op:Pad]."
            " pad takes a pair (before, after) for each axis."
        )
    return pairs  # type: ignore[return-value]


@pad_op.gradient(0)
def pad_dx(g: Tensor, x: Tensor, output: Tensor, paddings: Paddings, mode: str, value: Any) -> Tensor:
    """The gradient of the inside, and what was mirrored outwards is folded back onto it."""
    dx: Tensor = execute(pad_gradient_op, (g, x), {"paddings": paddings, "mode": mode})
    return dx


@pad_gradient_op.gradient(0)
def pad_gradient_dg(h: Tensor, g: Tensor, like: Tensor, output: Tensor, paddings: Paddings, mode: str) -> Tensor:
    """The transpose of folding back is mirroring; where the padding was constant, h is padded with zeros."""
    return pad(h, paddings, mode)


pad_gradient_op.no_gradient(SHAPE_ONLY, 1)

# ---------------------------------------------------------------------------------------------------------- reversed

reverse_op = register(Op("reverse", shape=shapes.same, tensorflow_name="ReverseV2"))


def reverse(tensor: TensorLike, axis: Any, name: str | None = None) -> Tensor:
    """Turns the order of the elements round along some axes.

    Args:
        tensor: a tensor.
        axis: a list of axes.

    Raises:
        InvalidArgumentError: where there is no such axis, or one is named twice.

    >>> tf.reverse([[1, 2], [3, 4]], axis=[1]).numpy()
    array([[2, 1],
           [4, 3]], dtype=int32)
    """
    x = convert_to_tensor(tensor)
    axes = tuple(arguments.axis(i, x, reverse_op) for i in arguments.integers(axis, "axis"))
    for i in axes:
        if axes.count(i) > 1:
            raise arguments.invalid(
                f"axis {i} specified more than once. [Op:ReverseV2] reverse takes each axis once, not {list(axes)}."
            )
    output: Tensor = execute(reverse_op, (x,), {"axis": axes})
    return output


@reverse_op.gradient(0)
def reverse_dx(g: Tensor, x: Tensor, output: Tensor, axis: tuple[int, ...]) -> Tensor:
    """Turned round twice is as before."""
    return reverse(g, axis)


def _reversed_in_part(x: Extents, lengths: Extents, seq_axis: int, batch_axis: int) -> Extents:
    if not shapes.TensorShape(lengths).is_compatible_with([x[batch_axis]]):
        raise ShapeError(
            f"Length of seq_lengths != input.dims({batch_axis}), ({shapes.bracketed(lengths)} vs. {x[batch_axis]})",
            "give one length for each entry of the batch",
        )
    return x


reverse_sequence_op = register(Op("reverse_sequence", shape=_reversed_in_part))


def reverse_sequence(
    input: TensorLike,
    seq_lengths: TensorLike,
    seq_axis: Any = None,
    batch_axis: Any = None,
    name: str | None = None,
    seq_dim: Any = None,
    batch_dim: Any = None,
) -> Tensor:
    """Turns the beginning of each sequence of a batch round, and leaves what comes after its length.

    Args:
        input: sequences.
        seq_lengths: the length of each.
        seq_axis: the axis along which a sequence runs.
        batch_axis: the axis that counts the sequences; 0 by default.
        seq_dim, batch_dim: older spellings of the axes.

    Raises:
        InvalidArgumentError: where a length is longer than the axis.

    >>> tf.reverse_sequence([[1, 2, 3], [4, 5, 6]], [2, 3], seq_axis=1).numpy()
    array([[2, 1, 3],
           [6, 5, 4]], dtype=int32)
    """
    x = convert_to_tensor(input)
    lengths = arguments.require(convert_to_tensor(seq_lengths), dtypes.INTEGER, "seq_lengths")
    seq_axis, batch_axis = seq_dim if seq_axis is None else seq_axis, batch_dim if batch_axis is None else batch_axis
    attributes = {
        "seq_axis": arguments.axis(seq_axis, x, reverse_sequence_op, "seq_axis"),
        "batch_axis": arguments.axis(batch_axis or 0, x, reverse_sequence_op, "batch_axis"),
    }
    output: Tensor = execute(reverse_sequence_op, (x, lengths), attributes)
    return output


@reverse_sequence_op.gradient(0)
def reverse_sequence_dx(
    g: Tensor, x: Tensor, lengths: Tensor, output: Tensor, seq_axis: int, batch_axis: int
) -> Tensor:
    """Turned round twice is as before."""
    return reverse_sequence(g, lengths, seq_axis, batch_axis)


reverse_sequence_op.no_gradient("lengths are whole numbers", 1)

# --------------------------------------------------------------------------------------------------------- diagonals


def _halved(x: Extents) -> Extents:
    half = len(x) // 2
    if len(x) % 2 or any(None not in (m, n) and m != n for m, n in zip(x[:half], x[half:])):
        raise ShapeError(
            f"The rank of the tensor should be even and positive, got shape {shapes.bracketed(x)}"
            if len(x) % 2 or not x
            else f"Invalid shape {shapes.bracketed(x)}: dimensions {half} and beyond do not match the first {half}",
            "tf.matrix_diag_part takes the diagonals of a batch of matrices",
        )
    return x[:half]


diag_op = register(Op("diag", shape=lambda x: x + x))
diag_part_op = register(Op("diag_part", shape=_halved))


def diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """Returns a tensor with the given diagonal and zeros elsewhere; its shape is the diagonal's, twice.

    >>> tf.diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    output: Tensor = execute(diag_op, (convert_to_tensor(diagonal),))
    return output


@diag_op.gradient(0)
def diag_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d diag(x)ᵢᵢ/dxᵢ = 1"""
    return diag_part(g)


def diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the diagonal of a tensor whose shape is some shape, twice.

    Raises:
        InvalidArgumentError: for any other shape.

    >>> tf.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    output: Tensor = execute(diag_part_op, (convert_to_tensor(input),))
    return output


@diag_part_op.gradient(0)
def diag_part_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dxᵢᵢ/dxᵢᵢ = 1, and nothing depends on what is beside the diagonal."""
    return diag(g)


def _matrices(x: Extents) -> Extents:
    if len(x) < 2:
        raise ShapeError(f"input must be at least 2-dim, received shape: {shapes.bracketed(x)}", "matrices have two")
    return x


def _diagonal(x: Extents) -> Extents:
    *batch, rows, columns = _matrices(x)
    return (*batch, None if rows is None or columns is None else min(rows, columns))


def _diagonal_set(x: Extents, diagonal: Extents) -> Extents:
    if not shapes.TensorShape(_diagonal(x)).is_compatible_with(diagonal):
        raise ShapeError(
            f"must have diagonal.shape == input.shape[:-2] + min(input.shape[-2:]), but received input shape:"
            f" {shapes.bracketed(x)} and diagonal shape: {shapes.bracketed(diagonal)}"
        )
    return x


def _diagonal_made(x: Extents) -> Extents:
    if not x:
        raise ShapeError("input must be at least 1-dim, received shape: []", "a number has no diagonal")
    return (*x, x[-1])


matrix_diag_op = register(Op("matrix_diag", shape=_diagonal_made))
matrix_diag_part_op = register(Op("matrix_diag_part", shape=_diagonal))
matrix_set_diag_op = register(Op("matrix_set_diag", shape=_diagonal_set))


def matrix_diag(diagonal: TensorLike, name: str | None = None) -> Tensor:
    """Returns square matrices with the given diagonals, which run along the last axis, and zeros elsewhere.

    >>> tf.matrix_diag([[1, 2]]).numpy()
    array([[[1, 0],
            [0, 2]]], dtype=int32)
    """
    output: Tensor = execute(matrix_diag_op, (convert_to_tensor(diagonal),))
    return output


@matrix_diag_op.gradient(0)
def matrix_diag_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """d diag(x)ᵢᵢ/dxᵢ = 1"""
    return matrix_diag_part(g)


def matrix_diag_part(input: TensorLike, name: str | None = None) -> Tensor:
    """Returns the diagonals of matrices, which need not be square, along the last axis.

    Raises:
        InvalidArgumentError: where there are fewer than two axes.

    >>> tf.matrix_diag_part([[[1, 2, 3], [4, 5, 6]]]).numpy()
    array([[1, 5]], dtype=int32)
    """
    output: Tensor = execute(matrix_diag_part_op, (convert_to_tensor(input),))
    return output


@matrix_diag_part_op.gradient(0)
def matrix_diag_part_dx(g: Tensor, x: Tensor, output: Tensor) -> Tensor:
    """dxᵢᵢ/dxᵢᵢ = 1, and nothing depends on what is beside the diagonal."""
    return matrix_set_diag(array.zeros_like(x), g)


def matrix_set_diag(input: TensorLike, diagonal: TensorLike, name: str | None = None) -> Tensor:
    """Returns matrices with other diagonals.

    Raises:
        InvalidArgumentError: where the diagonals do not fit the matrices.

    >>> tf.matrix_set_diag([[1, 2], [3, 4]], [8, 9]).numpy()
    array([[8, 2],
           [3, 9]], dtype=int32)
    """
    output: Tensor = execute(matrix_set_diag_op, agree(matrix_set_diag_op, (input, diagonal)))
    return output


@matrix_set_diag_op.gradient(0)
def matrix_set_diag_dx(g: Tensor, x: Tensor, diagonal: Tensor, output: Tensor) -> Tensor:
    """Nothing depends on the old diagonal."""
    return matrix_set_diag(g, array.zeros_like(diagonal))


@matrix_set_diag_op.gradient(1)
def matrix_set_diag_ddiagonal(g: Tensor, x: Tensor, diagonal: Tensor, output: Tensor) -> Tensor:
    """The new diagonal is the output's."""
    return matrix_diag_part(g)


matrix_band_part_op = register(Op("matrix_band_part", shape=lambda x, num_lower, num_upper: _matrices(x)))


def matrix_band_part(input: TensorLike, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """Returns matrices of which only the diagonal and a band beside it is kept; the rest is 0.

    Args:
        input: matrices.
        num_lower: how many diagonals below the main one are kept; -1 for all.
        num_upper: how many above.

    >>> tf.matrix_band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    lower, upper = arguments.integer(num_lower, "num_lower"), arguments.integer(num_upper, "num_upper")
    output: Tensor = execute(matrix_band_part_op, (convert_to_tensor(input),), {"num_lower": lower, "num_upper": upper})
    return output


@matrix_band_part_op.gradient(0)
def matrix_band_part_dx(g: Tensor, x: Tensor, output: Tensor, num_lower: int, num_upper: int) -> Tensor:
    """Nothing depends on what is outside the band."""
    return matrix_band_part(g, num_lower, num_upper)


def trace(x: TensorLike, name: str | None = None) -> Tensor:
    """Returns the sum of each matrix's diagonal, Σᵢ xᵢᵢ.

    >>> tf.trace([[1, 2], [3, 4]]).numpy()
    np.int32(5)
    """
    return reduction.reduce_sum(matrix_diag_part(x), axis=-1)
