"""Arrays rearranged. Another shape is free; all else is a copy, since an array starts where its buffer starts.

What is to be copied, and what cannot be, the numpy kernels say: they are called on ghosts, see ``moving``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe_numpy import array as views

from .comparison import logical_or, not_equal
from .elementwise import ALONE, Elementwise, number
from .moving import filled, ghost, parts_of, picked, pieces, put
from .programs import kernel, type_of
from .runtime import Array, empty, upload

__all__ = [
    "identity", "stop_gradient", "ones_like", "zeros_like", "shape", "size", "rank", "cast", "bitcast", "reshape",
    "reshape_like", "expand_dims", "squeeze", "transpose", "stack", "unstack", "concat", "concat_gradient", "split",
]  # fmt: skip


def identity(x: Array) -> Array:
    """x itself."""
    return x


stop_gradient = identity


def ones_like(x: Array, dtype: Any = None) -> Array:
    """Ones; the dtype is minitfe's, of which only `.numpy` is asked."""
    return filled(x.device, x.shape, dtype.numpy if dtype else x.dtype, 1)


def zeros_like(x: Array, dtype: Any = None) -> Array:
    """Zeros."""
    return filled(x.device, x.shape, dtype.numpy if dtype else x.dtype, 0)


def shape(x: Array, out_type: Any) -> Array:
    """The size of each axis."""
    return upload(x.device, np.array(x.shape, out_type.numpy))


def size(x: Array, out_type: Any) -> Array:
    """The number of elements."""
    return upload(x.device, np.array(x.size, out_type.numpy))


def rank(x: Array, out_type: Any) -> Array:
    """The number of axes."""
    return upload(x.device, np.array(x.ndim, out_type.numpy))


# --------------------------------------------------------------------------------------------------------- other dtypes

_converted = Elementwise("CONVERT(OUT, LANES)(x)", ALONE)
_truncated = Elementwise("CONVERT(OUT, LANES)(CONVERT(long, LANES)(x))", ALONE)
_held = Elementwise("x != (XS)0", ALONE, np.dtype(bool))


def cast(x: Array, dtype: Any) -> Array:
    """The same numbers in another dtype; floats are truncated towards zero."""
    return converted(x, np.dtype(dtype.numpy))


def converted(x: Array, target: np.dtype[Any]) -> Array:
    """The same numbers in another dtype of numpy's."""
    if x.dtype == target:
        return x
    if x.dtype.kind == "c":
        return _from_complex(x, target)
    if target.kind == "c":
        return _to_complex(x, target)
    if target.kind == "b":
        return _held(x)
    if target == np.float16 and not x.device.has(target):
        return _halved(x)
    # A negative number has no place in an unsigned integer; by way of a long it leaves its lowest bits, as in numpy.
    return (_truncated if x.dtype.kind == "f" and target.kind in "iu" else _converted)(x, out=target)


def _halved(x: Array) -> Array:
    """Floats of 16 bits, on a device that can store but not compute them."""
    out = empty(x.device, x.shape, np.dtype(np.float16))
    compiled = kernel(x.device, "half.cl", "halve", T=type_of(x.dtype))
    span = x.device.tuning.span
    x.device.launch(compiled, (-(-x.size // span),), x.buffer, out.buffer, x.size, span)
    return out


def _from_complex(x: Array, target: np.dtype[Any]) -> Array:
    pairs = parts_of(x)
    if target.kind == "c":
        wide = converted(pairs, np.dtype(f"f{target.itemsize // 2}"))
        return Array(wide.buffer, x.shape, target, x.size, x.device)
    real, imaginary = unstack(pairs, x.ndim, 2)
    if target.kind == "b":
        return logical_or(not_equal(real, number(real, 0)), not_equal(imaginary, number(real, 0)))
    return converted(real, target)


def _to_complex(x: Array, target: np.dtype[Any]) -> Array:
    out = filled(x.device, x.shape, target, 0)
    pairs = parts_of(out)
    put(converted(x, pairs.dtype), pairs, ghost(pairs.shape)[..., 0])
    return out


def bitcast(x: Array, dtype: Any, width: int) -> Array:
    """The same bytes, read as another dtype."""
    target = np.dtype(dtype.numpy)
    shape = x.shape
    if dtype.size < width:
        shape = (*shape, width // dtype.size)
    elif dtype.size > width:
        if x.shape[-1] * width != dtype.size:
            raise ValueError("the last axis is not one element")
        shape = shape[:-1]
    return Array(x.buffer, shape, target, x.size * width // dtype.size, x.device)


# --------------------------------------------------------------------------------------------------------- other shapes


def reshape(x: Array, shape: Sequence[int]) -> Array:
    """The same elements in the same order."""
    return picked(x, views.reshape(ghost(x.shape), shape))


def reshape_like(x: Array, like: Array) -> Array:
    """The same elements, in the shape of another array."""
    return reshape(x, like.shape)


def expand_dims(x: Array, axis: int) -> Array:
    """The same elements, with a new axis of size 1."""
    return picked(x, views.expand_dims(ghost(x.shape), axis))


def squeeze(x: Array, axis: Any) -> Array:
    """The same elements, without axes of size 1."""
    return picked(x, views.squeeze(ghost(x.shape), axis))


def transpose(x: Array, perm: Sequence[int]) -> Array:
    """The axes in another order."""
    return picked(x, views.transpose(ghost(x.shape), perm))


# ------------------------------------------------------------------------------------------------- together and apart


def stack(*xs: Array, axis: int) -> Array:
    """Arrays of one shape along a new axis."""
    if any(x.shape != xs[0].shape for x in xs):
        raise ValueError("the arrays have different shapes")
    if not -xs[0].ndim - 1 <= axis <= xs[0].ndim:
        raise ValueError(f"axis {axis} of an array with {xs[0].ndim + 1} axes")
    axis %= xs[0].ndim + 1
    return concat(*[x.reshape(*x.shape[:axis], 1, *x.shape[axis:]) for x in xs], axis=axis)


def unstack(x: Array, axis: int, num: int) -> list[Array]:
    """The slices along an axis."""
    return pieces(x, views.unstack(ghost(x.shape), axis, num))


def concat(*xs: Array, axis: int) -> Array:
    """Arrays side by side."""
    first = xs[0]
    if not -first.ndim <= axis < first.ndim:
        raise ValueError(f"axis {axis} of an array with {first.ndim} axes")
    axis %= first.ndim
    before, after = first.shape[:axis], first.shape[axis + 1 :]
    if any(x.shape[:axis] != before or x.shape[axis + 1 :] != after or x.ndim != first.ndim for x in xs):
        raise ValueError("the arrays differ in other axes too")
    sizes = [x.shape[axis] for x in xs]
    out = empty(first.device, (*before, sum(sizes), *after), first.dtype)
    for x, place in zip(xs, views.cut(ghost(out.shape), axis, sizes)):
        put(x, out, place)
    return out


def concat_gradient(g: Array, *parts: Array, axis: int) -> list[Array]:
    """g, cut where the parts met."""
    return pieces(g, views.cut(ghost(g.shape), axis, [part.shape[axis] for part in parts]))


def split(x: Array, axis: int, sizes: Any) -> list[Array]:
    """Pieces of the given sizes, or a number of equal ones."""
    return pieces(x, views.split(ghost(x.shape), axis, sizes))
