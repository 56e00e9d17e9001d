"""What ``x + y``, ``-x``, ``x[1:]`` and ``for row in x`` mean: the methods of Tensor that are ops.

`install` puts the same methods on Tensor and on Variable.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from minitfe import devices
from minitfe.execute import copy_to
from minitfe.ops import array, math
from minitfe.tensor import Tensor, TensorLike


def reflected(op: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """The method that Python calls for ``y op x`` when y is no tensor."""

    def call(x: TensorLike, y: TensorLike) -> Tensor:
        return op(y, x)

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


BINARY = {
    "add": math.add,
    "sub": math.subtract,
    "mul": math.multiply,
}

METHODS: dict[str, Callable[..., Any]] = {
    "__neg__": math.negative,
    "__iter__": iterate,
    **{f"__{name}__": op for name, op in BINARY.items()},
    **{f"__r{name}__": reflected(op) for name, op in BINARY.items()},
}


def install(type_: type) -> None:
    """Gives a class the operators."""
    for name, method in METHODS.items():
        setattr(type_, name, method)


install(Tensor)
Tensor.cpu = cpu  # type: ignore[method-assign]
Tensor.gpu = gpu  # type: ignore[method-assign]
