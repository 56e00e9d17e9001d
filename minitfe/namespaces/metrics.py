"""``tf.metrics``: metrics of graphs, each of which says what to use with eager execution instead."""

from __future__ import annotations

from collections.abc import Callable as _Callable
from typing import Any as _Any

from minitfe.missing import explain as _explain

_SUMS = "gather what it needs with tfe.metrics.Mean"
_COUNTS = "count with {}, one for each threshold"

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


def _refusing(name: str, instead: str) -> _Callable[..., _Any]:
    def refuse(*args: _Any, **kwargs: _Any) -> _Any:
        raise RuntimeError(f"tf.metrics.{name} is not supported when eager execution is enabled; {instead}.")

    refuse.__name__ = refuse.__qualname__ = name
    refuse.__doc__ = f"Belongs to graphs; raises RuntimeError. Instead, {instead}."
    return refuse


globals().update({name: _refusing(name, instead) for name, instead in _INSTEAD.items()})


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.metrics"))
