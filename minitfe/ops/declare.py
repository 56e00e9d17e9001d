"""How an elementwise op is declared: by a function that is all signature and docstring.

``@unary`` and ``@binary`` make the op and give the function its body, which turns the arguments into tensors and goes
through the door. The function gets three attributes: ``.op``, ``.gradient`` to register rules, ``.no_gradient`` to
say why there are none. Ops with settings of their own are written out: they make an `Op` and call `execute`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Protocol, TypeVar, cast

from minitfe import shapes
from minitfe.conversion import agree_two, convert_to_tensor
from minitfe.execute import execute
from minitfe.operation import Op, register
from minitfe.tensor import Tensor, TensorLike

Rule = TypeVar("Rule", bound=Callable[..., Any])


class OpFunction(Protocol):
    """A public function that is an op."""

    op: Op

    def gradient(self, *inputs: int) -> Callable[[Rule], Rule]:
        """See `Op.gradient`."""

    def no_gradient(self, reason: str, *inputs: int) -> None:
        """See `Op.no_gradient`."""


class Unary(OpFunction, Protocol):
    """An op of one tensor."""

    def __call__(self, x: TensorLike, name: str | None = None) -> Tensor:
        """Applies the op."""


class Binary(OpFunction, Protocol):
    """An op of two tensors."""

    def __call__(self, x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
        """Applies the op."""


def unary(
    accepts: frozenset[Any] | None, *, dtype: Any = None, tensorflow_name: str | None = None, holomorphic: bool = True
) -> Callable[[Callable[..., Tensor]], Unary]:
    """Declares an elementwise op of one tensor.

    Args:
        accepts: the dtypes it works on, such as `dtypes.SMOOTH`.
        dtype: the output's dtype, or a rule for it, if that is not the input's.
        tensorflow_name, holomorphic: see `Op`.
    """

    def declare(declaration: Callable[..., Tensor]) -> Unary:
        op = register(
            Op(
                declaration.__name__,
                shape=shapes.same,
                dtype=dtype,
                accepts=accepts,
                tensorflow_name=tensorflow_name,
                holomorphic=holomorphic,
            )
        )

        def call(x: TensorLike, name: str | None = None) -> Tensor:
            if type(x) is not Tensor:
                x = convert_to_tensor(x)
            return cast(Tensor, execute(op, (x,)))

        return cast(Unary, finish(call, declaration, op))

    return declare


def binary(
    accepts: frozenset[Any] | None, *, dtype: Any = None, tensorflow_name: str | None = None, holomorphic: bool = True
) -> Callable[[Callable[..., Tensor]], Binary]:
    """Declares an elementwise op of two tensors of one dtype, which broadcast against each other."""

    def declare(declaration: Callable[..., Tensor]) -> Binary:
        op = register(
            Op(
                declaration.__name__,
                shape=shapes.broadcast,
                broadcasts=True,
                dtype=dtype,
                accepts=accepts,
                tensorflow_name=tensorflow_name,
                holomorphic=holomorphic,
            )
        )

        def call(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
            if not (type(x) is type(y) is Tensor and x.array.dtype is y.array.dtype):
                x, y = agree_two(op, x, y)
            return cast(Tensor, execute(op, (x, y)))

        return cast(Binary, finish(call, declaration, op))

    return declare


def finish(call: Callable[..., Any], declaration: Callable[..., Any], op: Op) -> Callable[..., Any]:
    """Gives the body its declaration's name, docstring and argument names, and the means to register gradient rules."""
    update_wrapper(call, declaration)
    del call.__wrapped__  # type: ignore[attr-defined]
    # Keyword arguments are matched by the names of the body's first local variables: those of the declaration.
    names = declaration.__code__.co_varnames
    call.__code__ = call.__code__.replace(co_varnames=names + call.__code__.co_varnames[len(names) :])
    call.op = op  # type: ignore[attr-defined]
    call.gradient = op.gradient  # type: ignore[attr-defined]
    call.no_gradient = op.no_gradient  # type: ignore[attr-defined]
    return call
