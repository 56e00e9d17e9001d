"""Functions that return gradients: ``tfe.gradients_function`` and its relatives.

Each is the tape in other clothes: call the function while a tape records, then play back. The two families differ in
what they differentiate with respect to: the function's arguments, or the variables that it read.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from minitfe import nest
from minitfe.autodiff.tape import GradientTape, tensor_of
from minitfe.conversion import convert_to_tensor
from minitfe.ops import array, generate
from minitfe.tensor import Tensor

Function = Callable[..., Any]
GradientsAndVariables = list[tuple[Any, Any]]

# ---------------------------------------------------------------------------------------- with respect to arguments


def gradients_function(f: Function, params: Sequence[int | str] | None = None) -> Callable[..., list[Any]]:
    """Returns a function that computes the partial derivatives of f.

    Args:
        f: a function of tensors. What it returns is differentiated; several elements or tensors count as their sum.
        params: the parameters to differentiate with respect to, as positions or as names; by default all.

    Returns:
        A function with f's positional arguments, and ``dy=`` for a gradient to begin with. It returns a list with a
        gradient, or None, per parameter.

    >>> tfe.gradients_function(lambda x, y: x * y)(3., 5.)[0].numpy()
    np.float32(5.0)

    TensorFlow: tfe.gradients_function.
    """
    value_and_gradients = value_and_gradients_function(f, params)

    @wraps(f)
    def gradients(*args: Any, **kwargs: Any) -> list[Any]:
        return value_and_gradients(*args, **kwargs)[1]

    return gradients


def value_and_gradients_function(
    f: Function, params: Sequence[int | str] | None = None
) -> Callable[..., tuple[Any, list[Any]]]:
    """Returns a function that computes f and its partial derivatives: ``(value, gradients)``.

    Args and results are those of `gradients_function`.

    >>> value, (slope,) = tfe.value_and_gradients_function(tf.square)(3.)
    >>> float(value), float(slope)
    (9.0, 6.0)

    TensorFlow: tfe.value_and_gradients_function.
    """

    @wraps(f)
    def value_and_gradients(*args: Any, dy: Any = None, **kwargs: Any) -> tuple[Any, list[Any]]:
        if kwargs:
            raise ValueError(
                "Functions to be differentiated cannot receive keyword arguments."
                f" {_name(f)} was given {', '.join(kwargs)}; bind them first, with functools.partial or a lambda."
            )
        inputs = [_fresh(arg) for arg in args]
        with GradientTape() as tape:
            for x in inputs:
                tape.watch_here(x, x)
            value = _called(f, inputs)
        chosen = [inputs[i] for i in _positions(f, params, len(inputs))]
        return value, tape.gradient(value, chosen, output_gradients=dy)

    return value_and_gradients


def _fresh(arg: Any) -> Tensor:
    """A tensor of its own for each argument, so that f(x, x) has two partial derivatives.

    It is made by an op, so that outer tapes know where it is from.
    """
    return array.identity(convert_to_tensor(arg))


def _positions(f: Function, params: Sequence[int | str] | None, count: int) -> list[int]:
    if params is None:
        return list(range(count))
    if not isinstance(params, Sequence) or not all(isinstance(param, (int, str)) for param in params):
        raise TypeError(f"params must be a list of positions or names of parameters, not {params!r}")
    names = list(inspect.signature(f).parameters) if any(isinstance(param, str) for param in params) else []
    positions = [names.index(param) if isinstance(param, str) and param in names else param for param in params]
    for param, position in zip(params, positions):
        if isinstance(position, str):
            raise ValueError(f"{param!r} is not in list: the parameters of {_name(f)} are {names}.")
        if not 0 <= position < count:
            raise IndexError(
                f"list index out of range: parameter {param} of {_name(f)}, which was called with {count} arguments."
            )
    return positions  # type: ignore[return-value]


# ---------------------------------------------------------------------------------------- with respect to variables


def implicit_gradients(f: Function) -> Callable[..., GradientsAndVariables]:
    """Returns a function that computes the gradients of f with respect to the trainable variables it reads.

    Returns:
        A function with f's arguments. It returns a list of pairs (gradient, variable), in the order in which the
        variables were created: what TensorFlow's optimizers take.

    >>> w = tf.Variable(2.0)
    >>> tfe.implicit_gradients(lambda x: w * w * x)(3.)[0][0].numpy()
    np.float32(12.0)

    TensorFlow: tfe.implicit_gradients.
    """
    value_and_gradients = implicit_value_and_gradients(f)

    @wraps(f)
    def gradients(*args: Any, **kwargs: Any) -> GradientsAndVariables:
        return value_and_gradients(*args, **kwargs)[1]

    return gradients


def implicit_value_and_gradients(f: Function) -> Callable[..., tuple[Any, GradientsAndVariables]]:
    """Returns a function that computes f and its `implicit_gradients`: ``(value, [(gradient, variable), ...])``.

    >>> w = tf.Variable(2.0)
    >>> value, pairs = tfe.implicit_value_and_gradients(lambda: w * w)()
    >>> float(value), float(pairs[0][0])
    (4.0, 4.0)

    TensorFlow: tfe.implicit_value_and_gradients.
    """

    @wraps(f)
    def value_and_gradients(*args: Any, **kwargs: Any) -> tuple[Any, GradientsAndVariables]:
        with GradientTape() as tape:
            value = _called(f, args, kwargs)
        variables = tape.watched_variables()
        if not variables:
            raise ValueError(
                f"No trainable variables were accessed while the function was being computed. {_name(f)} must read a"
                " tf.Variable; to differentiate with respect to arguments, use tfe.gradients_function."
            )
        return value, list(zip(tape.gradient(value, list(variables)), variables))

    return value_and_gradients


# ------------------------------------------------------------------------------------------------------------ shared


def _called(f: Function, args: Sequence[Any], kwargs: Any = None) -> Any:
    value = f(*args, **(kwargs or {}))
    if value is None:
        raise ValueError(
            f"Cannot differentiate a function that returns None; did you forget to return a value from {_name(f)}?"
        )
    return nest.map_structure(lambda y: tensor_of(y, f"value of {_name(f)}"), value)


def _name(f: Function) -> str:
    return getattr(f, "__name__", repr(f))


# ------------------------------------------------------------------------------------------------------ second order


def hessian_function(f: Function) -> Callable[..., Tensor]:
    """Returns a function that computes the matrix of second derivatives of a scalar function of one tensor.

    Args:
        f: a function of one tensor that returns a scalar.

    Returns:
        A function of the tensor x that returns the Hessian, of shape ``x.shape + x.shape``. Element [i, j] is
        ∂²f/∂x_i∂x_j.

    >>> tfe.hessian_function(lambda x: x[0] * x[0] * x[1])(tf.constant([3., 5.])).numpy()
    array([[10.,  6.],
           [ 6.,  0.]], dtype=float32)
    """

    @wraps(f)
    def hessian(x: Any) -> Tensor:
        x = _fresh(x)
        with GradientTape() as outer:
            outer.watch_here(x, x)
            with GradientTape() as inner:
                inner.watch_here(x, x)
                y = _called(f, [x])
            slope = inner.gradient(y, x)
        second = None if slope is None else outer.jacobian(convert_to_tensor(slope), x)
        return generate.zeros([*x.extents, *x.extents], x.dtype) if second is None else second

    return hessian
