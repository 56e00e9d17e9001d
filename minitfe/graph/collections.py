"""Collections: lists that a graph keeps under names, so that parts of a program find what others have made.

`GraphKeys` has the names that TensorFlow itself uses: all variables, those to be trained, losses, updates. In eager
execution there are no collections. Programs keep what they make in objects of their own.
"""

from __future__ import annotations

from typing import Any

from minitfe import context


class GraphKeys:
    """The names of collections.

    TensorFlow: tf.GraphKeys.
    """

    GLOBAL_VARIABLES = VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    METRIC_VARIABLES = "metric_variables"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    SUMMARIES = "summaries"
    LOSSES = "losses"
    REGULARIZATION_LOSSES = "regularization_losses"
    UPDATE_OPS = "update_ops"
    TRAIN_OP = "train_op"
    GLOBAL_STEP = "global_step"
    WEIGHTS, BIASES, ACTIVATIONS = "weights", "biases", "activations"
    SAVERS, QUEUE_RUNNERS, TABLE_INITIALIZERS = "savers", "queue_runners", "table_initializer"
    INIT_OP, LOCAL_INIT_OP, READY_OP, SUMMARY_OP = "init_op", "local_init_op", "ready_op", "summary_op"


def add_to_collection(name: Any, value: Any) -> None:
    """Adds something to a collection of the graph under construction; in eager execution it does nothing."""
    graph = context.outside()
    if graph is not None:
        graph.add_to_collection(name, value)  # type: ignore[attr-defined]


def add_to_collections(names: Any, value: Any) -> None:
    """Adds something to several collections of the graph under construction; in eager execution it does nothing."""
    graph = context.outside()
    if graph is not None:
        graph.add_to_collections(names, value)  # type: ignore[attr-defined]


def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """Returns what is in a collection of the graph under construction: an empty list in eager execution.

    Args:
        key: the name of the collection; see `GraphKeys`.
        scope: a regular expression that the names must match at their begin.
    """
    graph = context.outside()
    return [] if graph is None else graph.get_collection(key, scope)  # type: ignore[attr-defined]


def get_collection_ref(key: Any) -> list[Any]:
    """Returns a collection of the graph under construction itself, which may be changed.

    Raises:
        RuntimeError: in eager execution.
    """
    graph = context.outside()
    if graph is None:
        raise RuntimeError("Collections are not supported when eager execution is enabled: keep a list of your own.")
    return graph.get_collection_ref(key)  # type: ignore[attr-defined,no-any-return]


def _variables(key: str, scope: str | None) -> list[Any]:
    if context.outside() is None:
        raise ValueError(
            "variable collections are not supported when eager execution is enabled. Keep variables in objects of your"
            " own; a tape's watched_variables() lists those that a computation read."
        )
    return get_collection(key, scope)


def global_variables(scope: str | None = None) -> list[Any]:
    """Returns all variables of the graph under construction but the local ones.

    Args:
        scope: a regular expression that the names must match at their begin.

    Raises:
        ValueError: in eager execution, as in TensorFlow.
    """
    return _variables(GraphKeys.GLOBAL_VARIABLES, scope)


all_variables = global_variables  # the older name


def trainable_variables(scope: str | None = None) -> list[Any]:
    """Returns the trainable variables of the graph under construction. Args and errors as for `global_variables`."""
    return _variables(GraphKeys.TRAINABLE_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Any]:
    """Returns the local variables of the graph under construction, such as those of metrics.

    Args and errors as for `global_variables`.
    """
    return _variables(GraphKeys.LOCAL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """Returns that of which the graph under construction keeps moving averages.

    Args and errors as for `global_variables`.

    >>> with tf.Graph().as_default():
    ...     _ = tf.train.ExponentialMovingAverage(0.9).apply([tf.Variable(1.0, name='v')])
    ...     print([v.name for v in tf.moving_average_variables()])
    ['v:0']
    """
    return _variables(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    """Returns the variables in the collection of a model's own. Args and errors as for `global_variables`."""
    return _variables(GraphKeys.MODEL_VARIABLES, scope)
