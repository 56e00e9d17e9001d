"""``tf.test``: test cases, and gradients beside difference quotients."""

from typing import Any as _Any

from minitfe.gradcheck import graph_jacobians as _in_graphs
from minitfe.gradcheck import jacobians as _of_functions
from minitfe.graph.graph import SymbolicTensor as _SymbolicTensor
from minitfe.missing import explain as _explain
from minitfe.namespaces.testing import (
    Benchmark,
    TestCase,
    get_temp_dir,
    gpu_device_name,
    is_built_with_cuda,
    is_gpu_available,
    main,
)

__all__ = [
    "Benchmark",
    "TestCase",
    "compute_gradient",
    "compute_gradient_error",
    "get_temp_dir",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_gpu_available",
    "main",
]


def compute_gradient(*args: _Any, **kwargs: _Any) -> _Any:
    """Computes Jacobians by the tape, or by a graph's gradients, and by difference quotients.

    There are two forms: ``(f, x, delta=1e-3)`` for a function of tensors, and ``(x, x_shape, y, y_shape, ...)`` for the
    tensors of a graph, in the current session: see `minitfe.gradcheck.jacobians` and
    `minitfe.gradcheck.graph_jacobians`.

    >>> by_tape, measured = tf.test.compute_gradient(tf.square, [tf.constant([1., 3.])])
    >>> by_tape[0]
    array([[2., 0.],
           [0., 6.]], dtype=float32)
    >>> with tf.Graph().as_default(), tf.Session():
    ...     x = tf.constant([1., 3.])
    ...     by_graph, measured = tf.test.compute_gradient(x, [2], x * x, [2], x_init_value=[1., 3.])
    >>> by_graph
    array([[2., 0.],
           [0., 6.]], dtype=float32)

    TensorFlow: tf.test.compute_gradient.
    """
    return _form(args, kwargs).compute_gradient(*args, **kwargs)


def compute_gradient_error(*args: _Any, **kwargs: _Any) -> float:
    """Returns the largest difference between the Jacobians that `compute_gradient` computes; takes what that takes.

    >>> tf.test.compute_gradient_error(tf.square, [tf.constant([1., 3.])]) < 1e-2
    True

    TensorFlow: tf.test.compute_gradient_error.
    """
    return float(_form(args, kwargs).compute_gradient_error(*args, **kwargs))


def _form(args: tuple[_Any, ...], kwargs: dict[str, _Any]) -> _Any:
    """The module for what was given: tensors of a graph come first, or as x."""
    first = args[0] if args else kwargs.get("x")
    first = first[0] if isinstance(first, (list, tuple)) and first else first
    return _in_graphs if isinstance(first, _SymbolicTensor) and "f" not in kwargs else _of_functions


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.test"))
