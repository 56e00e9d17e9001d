"""``tf.test.compute_gradient``: whole Jacobians, by the tape and measured, for programs that compare them themselves.

The measured one is TensorFlow's plain central difference with one step for all elements, so that old programs see the
numbers they expect. To check a gradient, use `minitfe.gradcheck.check_gradients`, which chooses its steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minitfe.autodiff.tape import GradientTape
from minitfe.conversion import convert_to_tensor
from minitfe.gradcheck.functions import Array, require_callable
from minitfe.ops.indexed_slices import to_dense
from minitfe.tensor import Tensor

Jacobians = tuple[list[Array], list[Array]]


def compute_gradient(f: Callable[..., Any], x: Sequence[Any], delta: float = 1e-3) -> Jacobians:
    """Computes the Jacobians of a function by the tape and by difference quotients.

    Args:
        f: a function of tensors that returns one tensor.
        x: a list of the arguments to call it with, tensors or arrays of floating point numbers.
        delta: the step of the difference quotients, in the dtype of the input.

    Returns:
        Two lists with a matrix per argument, of shape [elements of the output, elements of the argument]: the tape's
        Jacobians and the measured ones.

    Raises:
        TypeError, ValueError: for arguments that are no list of floating point tensors.

    >>> by_tape, measured = tf.test.compute_gradient(tf.square, [tf.constant([1., 3.])])
    >>> by_tape[0]
    array([[2., 0.],
           [0., 6.]], dtype=float32)

    TensorFlow: tf.test.compute_gradient, in the form for functions.
    """
    inputs = _inputs(f, x, delta)
    return _by_tape(f, inputs), [_measured(f, inputs, i, delta) for i in range(len(inputs))]


def compute_gradient_error(f: Callable[..., Any], x: Sequence[Any], delta: float = 1e-3) -> float:
    """Returns the largest difference between the Jacobians that `compute_gradient` computes.

    >>> tf.test.compute_gradient_error(tf.square, [tf.constant([1., 3.])]) < 1e-2
    True

    TensorFlow: tf.test.compute_gradient_error, in the form for functions.
    """
    pairs = zip(*compute_gradient(f, x, delta))
    return max(float(np.abs(analytic - numeric).max(initial=0.0)) for analytic, numeric in pairs)


def _inputs(f: Any, x: Any, delta: Any) -> list[Tensor]:
    require_callable(f, "f")
    if not isinstance(x, list | tuple) or not x:
        raise ValueError(f"`x` must be a list or tuple of arguments to call f with, not {x!r}.")
    if not isinstance(delta, float | int | np.floating) or not 0 < delta < np.inf:
        raise ValueError(f"delta, the step of the difference quotients, must be a positive number, not {delta!r}.")
    inputs = [convert_to_tensor(part) for part in x]
    for tensor in inputs:
        if not tensor.dtype.is_floating:
            raise TypeError(f"compute_gradient needs arguments of floating point numbers, not {tensor.dtype.name}.")
    return inputs


def _by_tape(f: Callable[..., Any], inputs: list[Tensor]) -> list[Array]:
    with GradientTape() as tape:
        for x in inputs:
            tape.watch_here(x, x)
        y = convert_to_tensor(f(*inputs))
    jacobians = tape.jacobian(y, inputs)
    return [_matrix(jacobian, y, x) for jacobian, x in zip(jacobians, inputs)]


def _matrix(jacobian: Any, y: Tensor, x: Tensor) -> Array:
    """A Jacobian as a matrix; zeros where nothing is connected."""
    sizes = (y.shape.num_elements(), x.shape.num_elements())
    if jacobian is None:
        return np.zeros(sizes, x.dtype.numpy)  # type: ignore[arg-type]
    return np.reshape(to_dense(jacobian).numpy(), sizes)  # type: ignore[arg-type]


def _measured(f: Callable[..., Any], inputs: list[Tensor], i: int, delta: float) -> Array:
    x = np.asarray(inputs[i].numpy())
    columns = []
    for index in np.ndindex(x.shape):
        values = []
        for sign in (1, -1):
            moved = x.copy()
            moved[index] += x.dtype.type(sign * delta)
            arguments = [*inputs[:i], convert_to_tensor(moved), *inputs[i + 1 :]]
            values.append(np.ravel(convert_to_tensor(f(*arguments)).numpy()))
        columns.append((values[0] - values[1]) / x.dtype.type(2 * delta))
    return np.array(columns).T
