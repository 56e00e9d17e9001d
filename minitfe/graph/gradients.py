"""Symbolic gradients: the walker goes back through a graph, and what it does becomes part of the graph.

Nothing new is needed for that. The operations of a graph are the same records that a tape keeps, and gradient rules are
written in ops, which a graph notes down like any other.
"""

from __future__ import annotations

from typing import Any

from minitfe import nest
from minitfe.autodiff.backpropagate import backpropagate
from minitfe.autodiff.tape import seed_for, source_of, tensor_of
from minitfe.context import get_listeners
from minitfe.graph.graph import Graph
from minitfe.graph.traced_function import depending
from minitfe.ops import array
from minitfe.scopes import name_scope
from minitfe.tensor import Tensor


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
) -> list[Any]:
    """Returns tensors of the graph for the derivatives of the sum of ys with respect to each of xs.

    Args:
        ys, xs: tensors or variables, or lists of them.
        grad_ys: a gradient to begin with for each of ys; ones by default.
        name: the scope of the new operations.
        stop_gradients: tensors that count as constants.
        colocate_gradients_with_ops and others: accepted, as in TensorFlow, without effect.

    Returns:
        A list with a tensor, or an IndexedSlices, for each of xs; None where ys do not depend on it.

    Raises:
        RuntimeError: in eager execution.
        ValueError: where there are not as many grad_ys as ys.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.constant(3.0)
    ...     print(session.run(tf.gradients(x * x, x)))
    [np.float32(6.0)]

    TensorFlow: tf.gradients.
    """
    graph = get_listeners().interpreter
    if not isinstance(graph, Graph):
        raise RuntimeError(
            "tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead."
        )
    targets = [tensor_of(y, "ys") for y in nest.flatten(ys)]
    sources = [source_of(x) for x in nest.flatten(xs)]
    constants = {source_of(x) for x in nest.flatten(stop_gradients)} if stop_gradients is not None else set()
    upstream = [None] * len(targets) if grad_ys is None else nest.flatten(grad_ys)
    if len(upstream) != len(targets):
        raise ValueError(f"Passed {len(upstream)} grad_ys for {len(targets)} ys: give one for each, or None.")
    # What makes a constant is left out, so that the walk ends there.
    operations = [operation for operation in graph.operations if not constants.issuperset(operation.outputs)]
    with name_scope(name):
        watched = depending(operations, sources, constants)
        pairs = [(y, seed_for(y, g)) for y, g in zip(targets, upstream) if y in watched]
        return backpropagate(operations, [y for y, _ in pairs], sources, [g for _, g in pairs], watched)


def hessians(ys: Any, xs: Any, name: str = "hessians", **settings: Any) -> list[Tensor]:
    """Returns the matrix of second derivatives of the sum of ys with respect to each of xs.

    Args:
        ys: tensors.
        xs: tensors of known shape.
        name, settings: as for `gradients`.

    Returns:
        For each x a tensor of shape ``x.shape + x.shape``.

    TensorFlow: tf.hessians.
    """
    with name_scope(name):
        return [_hessian(ys, x) for x in nest.flatten(xs)]


def _hessian(ys: Any, x: Any) -> Tensor:
    (slope,) = gradients(ys, x)
    rows = [gradients(g, x)[0] for g in array.unstack(array.reshape(slope, [-1]))]
    return array.reshape(array.stack(rows), 2 * x.shape.as_list())
