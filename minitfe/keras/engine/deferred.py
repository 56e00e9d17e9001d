"""Deferred tensors: the shape and dtype of what a layer will be given, before there is anything.

``tf.keras.Input((784,))`` makes one. A layer that is called with one builds its variables, works out the shape of its
output, and returns a deferred tensor that remembers where it comes from. ``tf.keras.Model(inputs, outputs)`` follows
these memories back and so learns which layers to call, in which order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from minitfe import dtypes, nest
from minitfe.shapes import TensorShape


class Origin(NamedTuple):
    """The call of a layer that a deferred tensor stands for.

    Attributes:
        layer: the layer.
        inputs, args, kwargs: what it was called with; the inputs are deferred tensors, maybe nested.
        outputs: the deferred tensors that it returned, maybe nested.
    """

    layer: Any
    inputs: Any
    args: Any
    kwargs: Any
    outputs: Any


class DeferredTensor:
    """Stands for a tensor that layers will be given, or give, when the model is called.

    Attributes:
        shape: what is known of the shape.
        dtype: the dtype.
        name: a name for people.
        origin: the call of a layer that gives it; None for an input.
        layer: for an input, its `InputLayer`, which has nothing to do but to be listed.
    """

    def __init__(self, shape: Any, dtype: Any, name: str | None = None) -> None:
        self.shape = TensorShape(shape)
        self.dtype = dtypes.as_dtype(dtype)
        self.name = name
        self.origin: Origin | None = None
        self.layer: Any = None

    def get_shape(self) -> TensorShape:
        """Returns the shape; the older spelling of ``.shape``."""
        return self.shape

    def __repr__(self) -> str:
        return f"<DeferredTensor {self.name!r} shape={self.shape} dtype={self.dtype.name}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError(_NO_OPS)

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(_NO_OPS)

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __neg__ = __pow__ = __matmul__ = __getitem__ = _refuse


_NO_OPS = (
    "tf.keras.Input stands for data that is not there yet: only layers work on it. Put the operation into a layer, such"
    " as tf.keras.layers.Lambda(lambda x: x * 2), or write the model as a subclass of tf.keras.Model."
)


def is_deferred(inputs: Any) -> bool:
    """Says whether there is a deferred tensor among the inputs of a layer."""
    return any(isinstance(leaf, DeferredTensor) for leaf in nest.flatten(inputs))
