"""What ``x + y``, ``-x``, ``x[1:]`` and ``for row in x`` mean: the methods of tensors and variables that are ops."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minitfe import devices, errors
from minitfe.execute import copy_to
from minitfe.ops import array, bitwise, comparison, elementary, indexing, linalg, math
from minitfe.tensor import Operators, Tensor, TensorLike


def reflected(op: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The method that Python calls for ``y op x`` when y is no tensor."""

    def call(x: TensorLike, y: TensorLike) -> Tensor:
        return op(y, x)

    return call


def logical_or_bitwise(logical: Callable[..., Tensor], of_bits: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """``&``, ``|``, ``^`` and ``~`` work on truth values, and on integers bit by bit."""

    def call(x: TensorLike, *y: TensorLike) -> Tensor:
        return of_bits(x, *y) if x.dtype.is_integer else logical(x, *y)

    return call


def iterate(x: TensorLike) -> Iterator[Tensor]:
    """Yields the parts along the first axis."""
    if x.extents == ():
        raise TypeError("Cannot iterate over a scalar tensor.")
    return iter(array.unstack(x))


def cpu(x: Tensor) -> Tensor:
    """Returns the tensor on the CPU; if it is there already, another tensor with the same value."""
    return array.identity(x) if x.home is devices.cpu() else copy_to(x, devices.cpu())


def gpu(x: Tensor, gpu_index: int = 0) -> Tensor:
    """Returns the tensor on a GPU; RuntimeError where there is no such GPU."""
    return copy_to(x, devices.find(f"gpu:{gpu_index}"))


BINARY: dict[str, Callable[..., Tensor]] = {
    "add": math.add,
    "sub": math.subtract,
    "mul": math.multiply,
    "truediv": math.truediv,
    "floordiv": math.floordiv,
    "mod": math.mod,
    "pow": elementary.pow,
    "matmul": linalg.matmul,
}

# Of these, y op x is x op y.
SYMMETRIC = {
    "and": logical_or_bitwise(comparison.logical_and, bitwise.bitwise_and),
    "or": logical_or_bitwise(comparison.logical_or, bitwise.bitwise_or),
    "xor": logical_or_bitwise(comparison.logical_xor, bitwise.bitwise_xor),
}

METHODS: dict[str, Callable[..., Any]] = {
    "__neg__": math.negative,
    "__abs__": math.abs,
    "__invert__": logical_or_bitwise(comparison.logical_not, bitwise.invert),
    "__iter__": iterate,
    "__getitem__": indexing.getitem,
    "__lt__": comparison.less,  # Python reflects comparisons itself: 2 < x asks x > 2
    "__le__": comparison.less_equal,
    "__gt__": comparison.greater,
    "__ge__": comparison.greater_equal,
    **{f"__{name}__": op for name, op in (BINARY | SYMMETRIC).items()},
    **{f"__r{name}__": reflected(op) for name, op in BINARY.items()},
    **{f"__r{name}__": op for name, op in SYMMETRIC.items()},
}

for _name, _method in METHODS.items():
    setattr(Operators, _name, _method)
Tensor.cpu = cpu  # type: ignore[assignment, method-assign]
Tensor.gpu = gpu  # type: ignore[assignment, method-assign]

# -------------------------------------------------------------------------------------------------- what == means


def enable_tensor_equality() -> None:
    """Makes ``==`` and ``!=`` compare the elements of tensors and variables, for the whole process.

    Without it, a tensor equals itself alone, as in TensorFlow 1. Tensors still hash by identity.

    >>> tf.enable_tensor_equality()
    >>> (tf.constant([1, 2]) == 2).numpy(), tf.constant([1, 2]) == "two"
    (array([False,  True]), False)
    >>> tf.disable_tensor_equality()
    >>> tf.constant(1) == 1
    False
    """
    Operators.__eq__, Operators.__ne__ = _equal, _not_equal  # type: ignore[assignment, method-assign]


def disable_tensor_equality() -> None:
    """Makes ``==`` and ``!=`` compare the identity of tensors and variables again, as it is by default."""
    Operators.__eq__, Operators.__ne__ = object.__eq__, object.__ne__  # type: ignore[method-assign]


def _equal(x: TensorLike, y: Any) -> Tensor | bool:
    """Elementwise; False beside what x cannot be compared with."""
    try:
        return comparison.equal(x, y)
    except (errors.InvalidArgumentError, ValueError, TypeError):
        return False


def _not_equal(x: TensorLike, y: Any) -> Tensor | bool:
    """Elementwise; True beside what x cannot be compared with."""
    try:
        return comparison.not_equal(x, y)
    except (errors.InvalidArgumentError, ValueError, TypeError):
        return True
