"""Arrays rearranged: views where numpy can make one, since nobody writes into them."""

from __future__ import annotations

import numpy as np

__all__ = [
    "identity", "stop_gradient", "ones_like", "zeros_like", "shape", "size", "rank", "cast", "bitcast", "reshape",
    "reshape_like", "expand_dims", "squeeze", "transpose", "stack", "unstack", "concat", "concat_gradient", "split",
]  # fmt: skip


def identity(x):
    """x itself."""
    return x


stop_gradient = identity


def ones_like(x, dtype=None):
    """Ones; the dtype is minitfe's, of which only `.numpy` is asked."""
    return np.ones(x.shape, dtype.numpy if dtype else x.dtype)


def zeros_like(x, dtype=None):
    """Zeros; of strings, empty ones."""
    return zeros_of(x.shape, dtype.numpy if dtype else x.dtype)


def zeros_of(shape, dtype):
    """Zeros in a dtype of numpy's."""
    return np.full(shape, b"", object) if dtype.kind == "O" else np.zeros(shape, dtype)


def shape(x, out_type):
    """The size of each axis."""
    return np.array(x.shape, out_type.numpy)


def size(x, out_type):
    """The number of elements."""
    return np.array(x.size, out_type.numpy)


def rank(x, out_type):
    """The number of axes."""
    return np.array(x.ndim, out_type.numpy)


def cast(x, dtype):
    """The same numbers in another dtype; numpy truncates floats towards zero."""
    target = dtype.numpy
    if x.dtype.kind == "c" and target.kind not in "cb":
        x = x.real
    return x.astype(target)


def bitcast(x, dtype, width):
    """The same bytes, read as another dtype."""
    x = np.asarray(x, order="C")
    if dtype.size == width:
        return x.view(dtype.numpy)
    if dtype.size < width:
        return x[..., np.newaxis].view(dtype.numpy)
    if x.shape[-1] * width != dtype.size:
        raise ValueError("the last axis is not one element")
    return x.view(dtype.numpy)[..., 0]


def reshape(x, shape):
    """The same elements in the same order. numpy would read any negative size as it does -1."""
    if shape and min(shape) < -1:
        raise ValueError("negative size")
    return x.reshape(shape)


def reshape_like(x, like):
    """The same elements, in the shape of another array."""
    return x.reshape(like.shape)


def expand_dims(x, axis):
    """The same elements, with a new axis of size 1."""
    return x.reshape((*x.shape[:axis], 1, *x.shape[axis:]))


def squeeze(x, axis):
    """The same elements, without axes of size 1."""
    return x.squeeze(axis)


def transpose(x, perm):
    """The axes in another order: a view."""
    if perm and min(perm) < 0:
        raise ValueError("axes are counted from 0")
    return x.transpose(perm)


def stack(*xs, axis):
    """Arrays of one shape along a new axis."""
    return np.stack(xs, axis)


def unstack(x, axis, num):
    """The slices along an axis: views."""
    if x.shape[axis] != num:
        raise ValueError(f"there are {x.shape[axis]} parts")
    before = (slice(None),) * axis
    return [x[(*before, i, ...)] for i in range(num)]


def concat(*xs, axis):
    """Arrays side by side."""
    return np.concatenate(xs, axis)


def concat_gradient(g, *parts, axis):
    """g, cut where the parts met: views."""
    return cut(g, axis, [part.shape[axis] for part in parts])


def split(x, axis, sizes):
    """Pieces of the given sizes, or a number of equal ones: views."""
    whole = x.shape[axis]
    if type(sizes) is int:
        if sizes < 1 or whole % sizes:
            raise ValueError(f"{whole} cannot be cut into {sizes} equal parts")
        return cut(x, axis, [whole // sizes] * sizes)
    rest = whole - sum(sizes) - 1  # what -1 stands for: it is in the sum as well
    sizes = [rest if size == -1 else size for size in sizes]
    if sum(sizes) != whole or min(sizes, default=0) < 0:
        raise ValueError(f"the sizes do not add up to {whole}")
    return cut(x, axis, sizes)


def cut(x, axis, sizes):
    """Views of consecutive pieces along an axis."""
    before, pieces, start = (slice(None),) * axis, [], 0
    for size in sizes:
        pieces.append(x[(*before, slice(start, start + size))])
        start += size
    return pieces
