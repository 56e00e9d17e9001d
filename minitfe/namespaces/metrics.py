"""``tf.metrics``: metrics of graphs.

Each gives two tensors: the value so far, and one that takes a batch and then has the value. Their variables are local
ones, which ``tf.local_variables_initializer()`` begins anew. With eager execution they are refused, as in TensorFlow,
with a word on what to use instead. The work is done by the classes of ``tfe.metrics``.
"""

from __future__ import annotations

from collections.abc import Callable as _Callable
from typing import Any as _Any

from minitfe import dtypes as _dtypes
from minitfe.context import get_listeners as _get_listeners
from minitfe.contrib.eager import metrics as _eager
from minitfe.conversion import convert_to_tensor as _convert_to_tensor
from minitfe.graph.session_graph import SessionGraph as _SessionGraph
from minitfe.missing import explain as _explain
from minitfe.ops import array as _array
from minitfe.ops import elementary as _elementary
from minitfe.ops import math as _math
from minitfe.tensor import Tensor as _Tensor
from minitfe.tensor import TensorLike as _TensorLike

_SUMS = "gather what it needs with tfe.metrics.Mean"
_COUNTS = "count with {}, one for each threshold"

# What to use with eager execution; and in graphs, for those that are not here.
_INSTEAD = {
    "accuracy": "use tfe.metrics.Accuracy",
    "auc": "keep labels and scores, and integrate over thresholds with numpy",
    "average_precision_at_k": _SUMS,
    "false_negatives": "use tfe.metrics.FalseNegatives",
    "false_negatives_at_thresholds": _COUNTS.format("tfe.metrics.FalseNegatives"),
    "false_positives": "use tfe.metrics.FalsePositives",
    "false_positives_at_thresholds": _COUNTS.format("tfe.metrics.FalsePositives"),
    "mean": "use tfe.metrics.Mean",
    "mean_absolute_error": "call tfe.metrics.Mean with tf.abs(labels - predictions)",
    "mean_cosine_distance": _SUMS,
    "mean_iou": "work it out from tfe.metrics.ConfusionMatrix",
    "mean_per_class_accuracy": "work it out from tfe.metrics.ConfusionMatrix",
    "mean_relative_error": "call tfe.metrics.Mean with tf.abs(labels - predictions) / normalizer",
    "mean_squared_error": "call tfe.metrics.Mean with tf.square(labels - predictions)",
    "mean_tensor": "add up the tensors, and divide by their number",
    "percentage_below": "call tfe.metrics.Mean with tf.less(values, threshold)",
    "precision": "use tfe.metrics.Precision",
    "precision_at_k": _SUMS,
    "precision_at_thresholds": _COUNTS.format("tfe.metrics.Precision"),
    "precision_at_top_k": _SUMS,
    "recall": "use tfe.metrics.Recall",
    "recall_at_k": "call tfe.metrics.Mean with tf.nn.in_top_k(predictions, labels, k)",
    "recall_at_thresholds": _COUNTS.format("tfe.metrics.Recall"),
    "recall_at_top_k": _SUMS,
    "root_mean_squared_error": "take tf.sqrt of a tfe.metrics.Mean of tf.square(labels - predictions)",
    "sensitivity_at_specificity": _COUNTS.format("tfe.metrics.TruePositives and its like"),
    "sparse_average_precision_at_k": _SUMS,
    "sparse_precision_at_k": _SUMS,
    "specificity_at_sensitivity": _COUNTS.format("tfe.metrics.TrueNegatives and its like"),
    "true_negatives": "use tfe.metrics.TrueNegatives",
    "true_negatives_at_thresholds": _COUNTS.format("tfe.metrics.TrueNegatives"),
    "true_positives": "use tfe.metrics.TruePositives",
    "true_positives_at_thresholds": _COUNTS.format("tfe.metrics.TruePositives"),
}

__all__ = sorted(_INSTEAD)

_Pair = tuple[_Tensor, _Tensor]


def _graph(name: str) -> _SessionGraph:
    """The graph under construction; RuntimeError in eager execution."""
    graph = _get_listeners().interpreter
    if not isinstance(graph, _SessionGraph):
        raise RuntimeError(f"tf.metrics.{name} is not supported when eager execution is enabled; {_INSTEAD[name]}.")
    return graph


def _measured(
    function: str,
    metric: _Callable[[str], _eager.Metric],
    batch: tuple[_Any, ...],
    collections: tuple[_Any, _Any, str | None],
    finish: _Callable[[_Tensor], _Tensor] = _array.identity,
) -> _Pair:
    """The value of a metric, and the tensor that takes a batch first.

    Args:
        function: the name of the function, which is the name of the metric unless another was given.
        metric: makes the metric, from its name.
        batch: what it is called with.
        collections: collections for the value, collections for the update, and the name.
        finish: what the value is, from the metric's result.
    """
    metrics_collections, updates_collections, name = collections
    graph = _graph(function)
    counter = metric(name or function)
    update = counter(*batch)
    value = _value(counter, finish)
    with graph.control_dependencies([update]):
        updated = _value(counter, finish)
    for names, tensor in ((metrics_collections, value), (updates_collections, updated)):
        graph.add_to_collections(names or (), tensor)
    return value, updated


def _value(counter: _eager.Metric, finish: _Callable[[_Tensor], _Tensor]) -> _Tensor:
    return finish(_array.cast(counter.result(write_summary=False), _dtypes.float32))  # type: ignore[call-arg]


def mean(
    values: _TensorLike,
    weights: _TensorLike | None = None,
    metrics_collections: _Any = None,
    updates_collections: _Any = None,
    name: str | None = None,
) -> _Pair:
    """The mean of all values so far.

    Args:
        values: numbers, of any shape.
        weights: what each value counts; 1 if left out.
        metrics_collections, updates_collections: collections that the two results are added to.
        name: the name of the metric.

    Returns:
        The mean, a float32 tensor, and a tensor that takes a batch and then has the mean.

    Raises:
        RuntimeError: in eager execution.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.placeholder(tf.float32)
    ...     mean, update = tf.metrics.mean(x)
    ...     session.run(tf.local_variables_initializer())
    ...     _ = session.run(update, {x: 1.}), session.run(update, {x: 2.})
    ...     print(session.run(mean))
    1.5

    TensorFlow: tf.metrics.mean.
    """
    batch = (values,) if weights is None else (values, weights)
    return _measured("mean", _eager.Mean, batch, (metrics_collections, updates_collections, name))


def _of_predictions(
    function: str,
    summary: str,
    metric: _Callable[[str], _eager.Metric],
    compare: _Callable[[_Tensor, _Tensor], tuple[_Tensor, ...]] = lambda labels, predictions: (labels, predictions),
    finish: _Callable[[_Tensor], _Tensor] = _array.identity,
) -> _Callable[..., _Pair]:
    """Makes a function of labels and predictions, which are compared before the metric is called with them."""

    def measure(
        labels: _TensorLike,
        predictions: _TensorLike,
        weights: _TensorLike | None = None,
        metrics_collections: _Any = None,
        updates_collections: _Any = None,
        name: str | None = None,
    ) -> _Pair:
        _graph(function)
        batch = compare(_convert_to_tensor(labels), _convert_to_tensor(predictions))
        return _measured(function, metric, (*batch, weights), (metrics_collections, updates_collections, name), finish)

    measure.__name__ = measure.__qualname__ = function
    measure.__doc__ = f"""{summary} Belongs to graphs.

    Args:
        labels: what is true.
        predictions: what was predicted, of the same shape.
        weights: what each example counts; 1 if left out.
        metrics_collections, updates_collections, name: as for `mean`.

    Results and errors are those of `mean`.

    TensorFlow: tf.metrics.{function}.
    """
    return measure


def _same_dtype(labels: _Tensor, predictions: _Tensor) -> tuple[_Tensor, ...]:
    return labels, _array.cast(predictions, labels.dtype)


def _square_of_error(labels: _Tensor, predictions: _Tensor) -> tuple[_Tensor, ...]:
    return (_math.square(predictions - _array.cast(labels, predictions.dtype)),)


def _size_of_error(labels: _Tensor, predictions: _Tensor) -> tuple[_Tensor, ...]:
    return (_math.abs(predictions - _array.cast(labels, predictions.dtype)),)


accuracy = _of_predictions("accuracy", "How often predictions equal labels.", _eager.Accuracy, _same_dtype)
mean_squared_error = _of_predictions(
    "mean_squared_error", "The mean of the squares of errors.", _eager.Mean, _square_of_error
)
root_mean_squared_error = _of_predictions(
    "root_mean_squared_error",
    "The square root of the mean of the squares of errors.",
    _eager.Mean,
    _square_of_error,
    _elementary.sqrt,
)
mean_absolute_error = _of_predictions(
    "mean_absolute_error", "The mean of the sizes of errors.", _eager.Mean, _size_of_error
)
precision = _of_predictions("precision", "The share of what was taken for positive that is.", _eager.Precision)
recall = _of_predictions("recall", "The share of what is positive that was taken for it.", _eager.Recall)
true_positives = _of_predictions("true_positives", "How many positives were taken for such.", _eager.TruePositives)
true_negatives = _of_predictions("true_negatives", "How many negatives were taken for such.", _eager.TrueNegatives)
false_positives = _of_predictions(
    "false_positives", "How many negatives were taken for positive.", _eager.FalsePositives
)
false_negatives = _of_predictions(
    "false_negatives", "How many positives were taken for negative.", _eager.FalseNegatives
)


def _refusing(name: str, instead: str) -> _Callable[..., _Any]:
    def refuse(*args: _Any, **kwargs: _Any) -> _Any:
        raise RuntimeError(f"tf.metrics.{name} is not supported when eager execution is enabled; {instead}.")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Not here, neither in graphs nor eagerly; raises RuntimeError. Instead, {instead}."
    return refuse


globals().update({name: _refusing(name, instead) for name, instead in _INSTEAD.items() if name not in globals()})


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.metrics"))
