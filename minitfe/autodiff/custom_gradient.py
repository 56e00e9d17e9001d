"""Custom gradients: a function that brings its own gradient rule.

    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        def grad(dy):
            return dy * (1 - 1 / (1 + e))
        return tf.log(1 + e), grad

The function runs as usual, and tapes record what it does. Then its outputs pass through one more operation, whose
inputs are the arguments *and* the outputs just computed, and whose rule is `grad`. The rule gives the outputs no
gradient, so that the walker never enters what lies behind them; it gives the arguments what `grad` returns. What lies
behind was recorded all the same, so the intermediate results that `grad` uses, such as e, have derivatives of their
own: that is what second derivatives need.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from minitfe import conversion, errors, nest
from minitfe.autodiff.tape import GradientTape
from minitfe.conversion import convert_to_tensor
from minitfe.execute import execute
from minitfe.operation import Op, Operation
from minitfe.ops import array
from minitfe.shapes import Extents
from minitfe.tensor import Tensor


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a function that returns its value and its gradient function.

    Args:
        f: a function of tensors that returns ``(outputs, grad)``. The outputs are a tensor or a list of them. The
            function grad takes one upstream gradient per output and returns a gradient, or None, per argument of f.
            If f reads trainable variables, grad must take a keyword argument ``variables`` and return
            ``(gradients, gradients_of_the_variables)``. Keyword arguments of f are passed through and not
            differentiated.

    Returns:
        A function like f that returns the outputs alone.

    Raises:
        TypeError: where f does not return such a pair, or grad does not take ``variables`` though f reads some.

    >>> @tf.custom_gradient
    ... def clip_gradient_by_norm(x, norm):
    ...     def grad(dy):
    ...         return [tf.clip_by_norm(dy, norm), None]
    ...     return tf.identity(x), grad
    >>> tfe.gradients_function(lambda x: clip_gradient_by_norm(x, 0.5) * 10.)(3.)[0].numpy()
    np.float32(0.5)

    TensorFlow: tf.custom_gradient.
    """

    @wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        handles = {arg.handle for arg in args if hasattr(arg, "handle")}
        inputs = [convert_to_tensor(arg) for arg in args]
        with GradientTape() as tape:
            outputs, grad = _pair(f(*args, **kwargs), f)
        variables = [v for v in tape.watched_variables() if v.handle not in handles]
        _require_variables_argument(f, grad, variables)
        results = [convert_to_tensor(y) for y in nest.flatten(outputs)]
        op = _op(f, len(inputs), variables, len(results), grad)
        passed = execute(op, [*inputs, *(v.handle for v in variables), *results])
        return nest.pack_sequence_as(outputs, list(passed))

    return decorated


def _pair(result: Any, f: Callable[..., Any]) -> tuple[Any, Callable[..., Any]]:
    if not (isinstance(result, tuple) and len(result) == 2 and callable(result[1])):
        raise TypeError(
            f"A function with @custom_gradient must return its value and its gradient function, (y, grad);"
            f" {getattr(f, '__name__', f)} returned {result!r}."
        )
    return result


def _require_variables_argument(f: Callable[..., Any], grad: Callable[..., Any], variables: Sequence[Any]) -> None:
    parameters = inspect.signature(grad).parameters
    takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    if variables and "variables" not in parameters and not takes_any:
        raise TypeError(
            "If using @custom_gradient with a function that uses variables, then grad_fn must accept a keyword argument"
            f" 'variables'. {getattr(f, '__name__', f)} reads {', '.join(v.name for v in variables)}."
        )


class CustomOp(Op):
    """An op that hands on the last of its inputs, what the user's function computed, and has the user's rule."""

    __slots__ = ()


def _op(f: Callable[..., Any], arguments: int, variables: Sequence[Any], results: int, grad: Callable[..., Any]) -> Op:
    """The operation that the outputs pass through: it hands the last of its inputs on, and has `grad` as its rule."""
    name = getattr(f, "__name__", "custom_gradient")

    def last_inputs(*arrays: Any) -> list[Any]:
        return list(arrays[-results:])

    def shape(*extents: Extents) -> list[Extents]:
        return list(extents[-results:])

    def dtype(*dtypes: Any) -> list[Any]:
        return list(dtypes[-results:])

    def rule(operation: Operation, gs: list[Any]) -> list[Any]:
        outputs = operation.inputs[-results:]
        filled = [array.zeros_like(y) if g is None else g for y, g in zip(outputs, gs)]
        if variables:
            for_arguments, for_variables = grad(*filled, variables=list(variables))
        else:
            for_arguments, for_variables = grad(*filled), []
        return [
            *_in_full(_as_list(for_arguments), operation.inputs[:arguments], name),
            *_in_full(_as_list(for_variables), operation.inputs[arguments:-results], name),
            *[None] * results,
        ]

    op = CustomOp(name, shape=shape, dtype=dtype, several=True, holomorphic=False, kernel=last_inputs)
    op.whole = rule
    return op


def _as_list(gradients: Any) -> list[Any]:
    return list(gradients) if isinstance(gradients, (list, tuple)) else [gradients]


def _in_full(gradients: list[Any], inputs: Sequence[Tensor], name: str) -> list[Any]:
    """The gradients as tensors like the inputs; TensorFlow reads missing ones as None."""
    if len(gradients) > len(inputs):
        raise ValueError(
            f"The gradient function of {name} returned {len(gradients)} gradients for {len(inputs)} inputs."
        )
    fitting = [_fitting(g, x, name) for g, x in zip(gradients, inputs)]
    return fitting + [None] * (len(inputs) - len(gradients))


def _fitting(g: Any, x: Tensor, name: str) -> Any:
    if g is None or hasattr(g, "indices"):
        return g
    g = conversion.resolve(g)
    g = g if isinstance(g, Tensor) else conversion.beside(g, x)
    if g.dtype is not x.dtype or not g.shape.is_compatible_with(x.shape):
        raise ValueError(
            f"The gradient function of {name} returned a gradient {errors.describe_operands((g,))} for an input"
            f" {errors.describe_operands((x,))}; dtype and shape must be equal."
        )
    return g
