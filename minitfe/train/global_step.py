"""The global step: one variable of the process, or of a graph, that counts the steps of training.

Optimizers increase it when it is given to them, learning rates fall with it, summaries and checkpoints are numbered by
it. It is an int64 variable called ``global_step``, made when first asked for.
"""

from __future__ import annotations

from typing import Any

from minitfe import devices, dtypes, scopes
from minitfe.context import listening, outside
from minitfe.conversion import array_from, constant_tensor, resolve
from minitfe.graph.collections import GraphKeys
from minitfe.graph.graph import SymbolicTensor
from minitfe.tensor import Tensor
from minitfe.variable import Variable

_global_step: Variable | None = None


def get_global_step(graph: Any = None) -> Variable | None:
    """Returns the global step; None where it was not made yet.

    Args:
        graph: the graph whose step is meant, by default the one under construction.
    """
    graph = graph or outside()
    if graph is None:
        return _global_step
    return next(iter(graph.get_collection(GraphKeys.GLOBAL_STEP)), None)


def create_global_step(graph: Any = None) -> Variable:
    """Makes the global step and returns it.

    Raises:
        ValueError: where there is one already.
    """
    global _global_step
    if get_global_step(graph) is not None:
        raise ValueError('"global_step" already exists. Use tf.train.get_or_create_global_step().')
    graph = graph or outside()
    with listening(interpreter=graph, tapes=(), device=devices.cpu()), scopes.name_scope(""):
        zero = constant_tensor(array_from(0, dtypes.int64))
        collections = [GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP]
        step = Variable(zero, trainable=False, name="global_step", collections=collections)
    if graph is None:
        _global_step = step
    return step


def get_or_create_global_step(graph: Any = None) -> Variable:
    """Returns the global step, which is made where there is none yet.

    >>> tf.train.get_or_create_global_step().name
    'global_step:0'
    """
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def assert_global_step(global_step_tensor: Any) -> None:
    """Raises TypeError unless it could be a global step: a variable or tensor that is one integer."""
    step = resolve(global_step_tensor)
    if not isinstance(step, Tensor):
        raise TypeError(f'Existing "global_step" is not a Variable, Tensor, or SparseTensor: {global_step_tensor!r}.')
    if not step.dtype.is_integer:
        raise TypeError(f'Existing "global_step" does not have integer type: {step.dtype!r}')
    if step.extents:
        raise TypeError(f'Existing "global_step" is not scalar: {step.shape}')


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """Returns the value of a global step as a plain int.

    Args:
        sess: the session to read it in; not needed in eager execution.
        global_step_tensor: a variable or tensor that is one integer.

    Raises:
        TypeError: where it is not.

    >>> tf.train.global_step(None, tf.Variable(7))
    7
    """
    assert_global_step(global_step_tensor)
    if isinstance(resolve(global_step_tensor), SymbolicTensor):
        return int(sess.run(global_step_tensor))
    return int(global_step_tensor)
