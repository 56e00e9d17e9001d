"""Placeholders: tensors of a graph whose values are given at each run."""

from __future__ import annotations

from typing import Any

from minitfe import context, dtypes
from minitfe.conversion import convert_to_tensor
from minitfe.execute import execute
from minitfe.graph.session_graph import SessionGraph, default_op, placeholder_op
from minitfe.shapes import extents_of
from minitfe.tensor import Tensor, TensorLike


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """Returns a tensor whose value is fed at each run of the graph.

    Args:
        dtype: the type of its elements.
        shape: its shape, None for sizes that are not known; with None for all of it, it may have any.
        name: its name.

    Raises:
        RuntimeError: in eager execution.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32, [None])
    ...     print(session.run(tf.reduce_sum(x), {x: [1., 2.]}))
    3.0

    TensorFlow: tf.placeholder.
    """
    graph = context.get_listeners().interpreter
    if not isinstance(context.outside(), SessionGraph) or graph is None:
        raise RuntimeError(
            "tf.placeholder() is not compatible with eager execution. Write a Python function that takes the value as"
            " an argument, or build a graph: with tf.Graph().as_default()."
        )
    return graph.execute(placeholder_op, (), {"dtype": dtypes.as_dtype(dtype), "extents": extents_of(shape)})  # type: ignore[no-any-return]


def placeholder_with_default(input: TensorLike, shape: Any, name: str | None = None) -> Tensor:
    """Returns a tensor that has the value of another one unless it is fed.

    Args:
        input: the value.
        shape: the shape that may be fed, None for sizes that are not known.
        name: its name.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     rate = tf.placeholder_with_default(0.5, [])
    ...     print(session.run(rate), session.run(rate, {rate: 0.1}))
    0.5 0.1

    TensorFlow: tf.placeholder_with_default.
    """
    x = convert_to_tensor(input)
    if context.outside() is None:
        return x
    return execute(default_op, (x,), {"extents": extents_of(shape)})  # type: ignore[no-any-return]
