"""Sparse gradients: `IndexedSlices` holds a few rows of a big tensor, all other rows being zero.

The gradient of picking ten words from an embedding of fifty thousand touches ten rows. Written out densely it would
cost as much as the whole table, at every step; so gradients of a gather along the first axis come as the rows that were
picked and their row numbers. A row may come twice: the two then add up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minitfe import conversion, dtypes, shapes
from minitfe.dtypes import DType
from minitfe.execute import execute
from minitfe.operation import SHAPE_ONLY, Op, register
from minitfe.ops import array, indexing
from minitfe.tensor import Tensor


class IndexedSlices:
    """Some rows of a tensor whose other rows are zero.

    Attributes:
        values: the rows, of shape [n, ...].
        indices: the number of each row in the whole tensor, an integer tensor of shape [n]. Rows may repeat.
        like: a tensor with the shape of the whole.
    """

    __slots__ = ("values", "indices", "like", "_dense_shape", "__weakref__")

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Any = None, like: Tensor | None = None) -> None:
        self.values = values
        self.indices = indices
        self.like = like
        self._dense_shape = dense_shape

    @property
    def dense_shape(self) -> Any:
        """The shape of the whole tensor, as a tensor; None where it is not known."""
        if self._dense_shape is None and self.like is not None:
            return array.shape(self.like)
        return self._dense_shape

    @property
    def dtype(self) -> DType:
        """The dtype of the rows."""
        return self.values.dtype

    @property
    def shape(self) -> shapes.TensorShape:
        """The shape of the whole tensor."""
        if self.like is not None:
            return self.like.shape
        return shapes.TensorShape(None if self._dense_shape is None else [int(size) for size in self._dense_shape])

    def __repr__(self) -> str:
        return f"IndexedSlices(indices={self.indices!r}, values={self.values!r}, shape={self.shape})"


class IndexedSlicesValue(NamedTuple):
    """What a session returns for an `IndexedSlices`: the same with numpy arrays.

    TensorFlow: tf.IndexedSlicesValue.
    """

    values: Any
    indices: Any
    dense_shape: Any


scatter_rows_op = register(Op("scatter_rows", shape=lambda values, indices, like: like))


def to_dense(slices: Any) -> Any:
    """Writes an IndexedSlices out as a tensor, adding up rows that repeat; returns anything else as it is.

    Raises:
        ValueError: where the shape of the whole is not known.
    """
    if not isinstance(slices, IndexedSlices):
        return slices
    like = slices.like
    if like is None:
        if slices.dense_shape is None:
            raise ValueError("This IndexedSlices has no dense_shape, so it cannot be converted to a tensor.")
        like = conversion.constant_tensor(np.zeros(slices.shape.as_list(), slices.dtype.numpy))
    return execute(scatter_rows_op, (slices.values, slices.indices, like))


conversion.register_conversion(IndexedSlices, to_dense)


@scatter_rows_op.gradient(0)
def scatter_rows_dvalues(g: Tensor, values: Tensor, indices: Tensor, like: Tensor, output: Tensor) -> Tensor:
    """A row that was added somewhere gets the gradient from there."""
    return indexing.gather(g, indices)


scatter_rows_op.no_gradient("indices are whole numbers", 1)
scatter_rows_op.no_gradient(SHAPE_ONLY, 2)


def join(a: IndexedSlices, b: IndexedSlices) -> IndexedSlices:
    """The sum of two: all rows of both. That is cheap, and rows that repeat add up anyway."""
    indices = [a.indices, b.indices]
    if a.indices.dtype is not b.indices.dtype:
        indices = [array.cast(x, dtypes.int64) for x in indices]
    whole = a if a.like is not None else b
    values = array.concat([a.values, b.values], axis=0)
    return IndexedSlices(values, array.concat(indices, axis=0), whole._dense_shape, whole.like)
