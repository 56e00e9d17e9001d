"""``tfe.metrics``: figures that are gathered over many batches, such as the accuracy over a whole dataset.

A metric is an object with a few variables. Calling it with a batch adds to them; `result` works out the figure, as
often as one likes; `init_variables` begins anew.

    accuracy = tfe.metrics.Accuracy()
    for images, labels in dataset:
        accuracy(labels, tf.argmax(model(images), 1))
    print(accuracy.result())

The variables are saved in checkpoints with the object that holds the metric. Metrics that are means are a subclass of
`Mean` with a `call` of their own. In a graph a call returns the operation that adds a batch, and `result` and
`init_variables` return what a session runs; the variables are local ones.
"""

from __future__ import annotations

import re
from typing import Any as _Any

from minitfe import control_flow, dtypes, errors
from minitfe import initializers as initial
from minitfe.checkpointable import Checkpointable
from minitfe.confusion import confusion_matrix
from minitfe.context import get_listeners, outside
from minitfe.conversion import convert_to_tensor
from minitfe.graph.collections import GraphKeys
from minitfe.graph.session_graph import SessionGraph
from minitfe.missing import explain as _explain
from minitfe.ops import arguments, array, comparison, indexing, math, rearrange, reduction
from minitfe.scopes import VariableScope, full_name, variable_scope
from minitfe.summaries.record import scalar
from minitfe.tensor import Tensor, TensorLike
from minitfe.variable import Variable, get_variable

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "ConfusionMatrix",
    "FalseNegatives",
    "FalsePositives",
    "Mean",
    "Metric",
    "Precision",
    "Recall",
    "SparseAccuracy",
    "TrueNegatives",
    "TruePositives",
]


class Metric(Checkpointable):
    """The base class of metrics.

    A subclass makes its variables in `build`, with `add_variable`; takes a batch in `call`; and gives the figure in
    `result`.

    Args:
        name: its name, the class's if left out. It stands before the names of its variables.

    >>> class Largest(tfe.metrics.Metric):
    ...     def build(self, values):
    ...         self.largest = self.add_variable('largest', [], tf.float32, tf.constant_initializer(float('-inf')))
    ...     def call(self, values):
    ...         self.largest.assign(tf.maximum(self.largest, tf.reduce_max(values)))
    ...     def result(self):
    ...         return self.largest.read_value()
    >>> m = Largest()
    >>> m([1., 5.]); m([2., 3.])
    >>> float(m.result())
    5.0

    TensorFlow: tfe.metrics.Metric.
    """

    # Variables are saved under the names that add_variable gives, wherever else a metric keeps them.
    _untracked = frozenset({"_variables", "_initial_values", "counts"})

    def __init__(self, name: str | None = None, use_global_variables: bool = False) -> None:
        if not isinstance(name, (str, type(None))):
            raise TypeError(f"The name of a metric must be a string, not {name!r}")
        self._name = type(self).__name__ if name is None else name
        self._scope = _unique(full_name(re.sub("[^A-Za-z0-9.]", "_", self._name)))
        self._is_global = use_global_variables
        self._variables: list[Variable] = []
        self._initial_values: list[Tensor] = []
        self._built = False

    # ------------------------------------------------------------------------------------------------------- for users

    def __call__(self, *args: _Any, **kwargs: _Any) -> _Any:
        """Takes a batch; the first call makes the variables.

        Returns:
            What `call` returns: the arguments, for the metrics here. In a graph, the operation that takes a batch each
            time it is run.
        """
        if not self._built:
            if not self._variables:  # or else somebody called build already
                self.build(*args, **kwargs)
            self._built = True
        graph = get_listeners().interpreter
        if not isinstance(graph, SessionGraph):
            return self.call(*args, **kwargs)
        with graph.noting_assignments() as assignments:
            self.call(*args, **kwargs)
        return graph.group(assignments, "update")

    @property
    def name(self) -> str:
        """The name that it was given."""
        return self._name

    @property
    def variables(self) -> list[Variable]:
        """Its variables, in the order in which they were made."""
        return list(self._variables)

    @property
    def device(self) -> str:
        """The full name of the device that holds its variables; the empty string where it has none yet."""
        return self._variables[0].device if self._variables else ""

    def init_variables(self) -> _Any:
        """Begins anew: gives the variables the values that they had at first.

        Returns:
            None; in a graph, the operation that does so.
        """
        for variable, value in zip(self._variables, self._initial_values):
            variable.assign(value)
        return control_flow.group(*[variable.initializer for variable in self._variables])

    def value(self) -> _Any:
        """Returns `result` itself, to be called: the older way to write programs that also run as graphs."""
        return self.result

    # -------------------------------------------------------------------------------------------------- for subclasses

    def build(self, *args: _Any, **kwargs: _Any) -> None:
        """Makes the variables; called before the first `call`, with its arguments."""

    def call(self, *args: _Any, **kwargs: _Any) -> _Any:
        """Adds a batch to the variables."""
        raise NotImplementedError("Metrics must define a call() member function")

    def result(self) -> _Any:
        """Returns the figure."""
        raise NotImplementedError("Metrics must define a result() member function")

    def add_variable(
        self, name: str, shape: _Any = None, dtype: _Any = dtypes.float32, initializer: _Any = None
    ) -> Variable:
        """Makes a variable that is not trained; for use in `build`.

        Args:
            name: its name; the metric's stands before it.
            initializer: what it begins with, and returns to.

        Raises:
            RuntimeError: after the first call.
        """
        if self._built:
            raise RuntimeError("Can't call add_variable() except in build().")
        kind = GraphKeys.GLOBAL_VARIABLES if self._is_global else GraphKeys.LOCAL_VARIABLES
        with variable_scope(VariableScope(self._scope), reuse=False, auxiliary_name_scope=False):
            variable = get_variable(
                name, shape, dtype, initializer, trainable=False, collections=[kind, GraphKeys.METRIC_VARIABLES]
            )
        self._initial_values.append(variable.initialized_value())
        self._variables.append(variable)
        return self._track(variable, name)

    def _require_variables(self) -> None:
        if not self._variables:
            raise AttributeError(
                f"'{type(self).__name__}' object has no variables yet: the metric {self.name!r} has no result before it"
                " is called with a batch, or its build() is."
            )


def _unique(scope: str) -> str:
    graph = outside()
    return scope if graph is None else graph.unique_name(scope)  # type: ignore[attr-defined,no-any-return]


# --------------------------------------------------------------------------------------------------------------- means


class Mean(Metric):
    """The mean of all values so far, with weights if need be.

    Args:
        name: its name.
        dtype: the dtype in which it adds up.

    >>> m = tfe.metrics.Mean('loss')
    >>> _ = m(0), m(5)
    >>> float(m.result())
    2.5
    >>> _ = m([8, 9])
    >>> float(m.result())
    5.5

    TensorFlow: tfe.metrics.Mean.
    """

    def __init__(
        self, name: str | None = None, dtype: _Any = dtypes.float64, use_global_variables: bool = False
    ) -> None:
        super().__init__(name, use_global_variables)
        self.dtype = dtypes.as_dtype(dtype)

    def build(self, *args: _Any, **kwargs: _Any) -> None:
        """Makes the sum, numer, and what it is divided by, denom."""
        self.numer = self.add_variable("numer", [], self.dtype, initial.zeros())
        self.denom = self.add_variable("denom", [], self.dtype, initial.zeros())

    def call(self, values: TensorLike, weights: TensorLike | None = None) -> _Any:
        """Takes values.

        Args:
            values: numbers, of any shape.
            weights: what each value counts; of the values' shape, or one that can be stretched to it. 1 if left out.

        Returns:
            The arguments.

        Raises:
            InvalidArgumentError: where the weights do not fit; the mean stays as it was.
        """
        self.add(values, weights)
        return values if weights is None else (values, weights)

    def add(self, values: TensorLike, weights: TensorLike | None = None) -> None:
        """Adds to sum and count: Σ weights · values and Σ weights. For the `call` of subclasses."""
        x = array.cast(values, self.dtype)
        if weights is None:
            total, count = reduction.reduce_sum(x), array.size(x, out_type=self.dtype)
        else:
            w = _stretched(array.cast(weights, self.dtype), x, self.name)
            total, count = reduction.reduce_sum(math.multiply(x, w)), reduction.reduce_sum(w)
        self.numer.assign_add(total)
        self.denom.assign_add(count)

    def result(self, write_summary: bool = True) -> Tensor:
        """Returns the mean; NaN where nothing was counted.

        Args:
            write_summary: whether the mean is also recorded as a summary, under the metric's name, where summaries are.

        Raises:
            AttributeError: before the first call.
        """
        self._require_variables()
        mean: Tensor = math.divide(self.numer, self.denom)
        if write_summary:
            scalar(self.name, mean)
        return mean


def _stretched(weights: Tensor, values: Tensor, metric: str) -> Tensor:
    """Weights in the shape of the values, so that each counts as often as it is used."""
    try:
        return rearrange.broadcast_to(weights, values.shape if values.shape.is_fully_defined() else array.shape(values))
    except errors.InvalidArgumentError:
        raise errors.InvalidArgumentError(
            f"Incompatible shapes: the metric {metric!r} was given weights of shape {weights.shape} for values of shape"
            f" {values.shape}; weights must have the values' shape, or one that can be broadcast to it."
        ) from None


def _same_shape(metric: Metric, labels: TensorLike, predictions: TensorLike) -> tuple[Tensor, Tensor]:
    """Both as tensors.

    Raises:
        InvalidArgumentError: where the shapes differ. Broadcasting would hide the mistake, and compare each with all.
    """
    true, predicted = convert_to_tensor(labels), convert_to_tensor(predictions)
    if not true.shape.is_compatible_with(predicted.shape):
        raise _unequal("Shapes", metric, true, predicted)
    return true, predicted


def _unequal(what: str, metric: Metric, labels: Tensor, predictions: Tensor) -> errors.InvalidArgumentError:
    return errors.InvalidArgumentError(
        f"{what} of labels and predictions are unequal: the metric {metric.name!r} was given labels of shape"
        f" {labels.shape} and predictions of shape {predictions.shape}."
    )


class _MeanOfMatches(Mean):
    """The share of right predictions, for different ideas of what is right."""

    def call(self, labels: TensorLike, predictions: TensorLike, weights: TensorLike | None = None) -> _Any:  # type: ignore[override]
        """Takes a batch.

        Args:
            labels: what is true.
            predictions: what was predicted. The class says which shapes and values both have.
            weights: what each example counts; 1 if left out.

        Returns:
            The arguments.

        Raises:
            InvalidArgumentError: where shapes or dtypes do not fit; the metric stays as it was.
        """
        self.add(self.matches(labels, predictions), weights)
        return (labels, predictions) if weights is None else (labels, predictions, weights)

    def matches(self, labels: TensorLike, predictions: TensorLike) -> Tensor:
        """Says of each example whether the prediction is right."""
        raise NotImplementedError("a subclass says what is right")


class Accuracy(_MeanOfMatches):
    """How often predictions equal labels. Both have the same shape.

    >>> m = tfe.metrics.Accuracy()
    >>> _ = m([0, 1, 2, 3], [0, 0, 0, 3])
    >>> float(m.result())
    0.5

    TensorFlow: tfe.metrics.Accuracy.
    """

    def matches(self, labels: TensorLike, predictions: TensorLike) -> Tensor:
        """Labels that equal their predictions."""
        return comparison.equal(*_same_shape(self, labels, predictions))


class CategoricalAccuracy(_MeanOfMatches):
    """How often the largest of the predictions is that of the label. Both have the shape [..., class].

    >>> m = tfe.metrics.CategoricalAccuracy()
    >>> _ = m([[0., 1.], [1., 0.]], [[.2, .8], [.4, .6]])
    >>> float(m.result())
    0.5

    TensorFlow: tfe.metrics.CategoricalAccuracy.
    """

    def matches(self, labels: TensorLike, predictions: TensorLike) -> Tensor:
        """Rows whose largest value is in the same place."""
        true, predicted = _same_shape(self, labels, predictions)
        return comparison.equal(reduction.argmax(true, -1), reduction.argmax(predicted, -1))


class BinaryAccuracy(_MeanOfMatches):
    """How often a prediction is above a threshold just where the label is 1. Both have the same shape.

    Args:
        threshold: what a prediction must exceed to count as 1: 0.5 for probabilities, 0 for logits.

    >>> m = tfe.metrics.BinaryAccuracy(threshold=0.5)
    >>> _ = m([1, 0, 1, 0], [.9, .2, .3, .4])
    >>> float(m.result())
    0.75

    TensorFlow: tfe.metrics.BinaryAccuracy.
    """

    def __init__(self, threshold: float, name: str | None = None, dtype: _Any = dtypes.float64) -> None:
        super().__init__(name, dtype)
        self.threshold = arguments.number(threshold, "threshold")

    def matches(self, labels: TensorLike, predictions: TensorLike) -> Tensor:
        """Labels that say the same as the predictions."""
        return comparison.equal(*_yes_or_no(self, labels, predictions, self.threshold))


class SparseAccuracy(_MeanOfMatches):
    """How often the largest of the predictions is in the place that the label says.

    Labels are numbers of classes, [...]; predictions have an axis more, [..., class].

    >>> m = tfe.metrics.SparseAccuracy()
    >>> _ = m([1, 0], [[.2, .8], [.4, .6]])
    >>> float(m.result())
    0.5

    TensorFlow: tfe.metrics.SparseAccuracy.
    """

    def matches(self, labels: TensorLike, predictions: TensorLike) -> Tensor:
        """Labels that are the place of the largest prediction."""
        true, predicted = convert_to_tensor(labels), convert_to_tensor(predictions)
        if not predicted.ndim or true.shape != predicted.shape[:-1]:
            raise _unequal("First axes", self, true, predicted)
        return comparison.equal(array.cast(true, dtypes.int64), reduction.argmax(predicted, -1))


# ----------------------------------------------------------------------------------------------- positive and negative


def _yes_or_no(metric: Metric, labels: TensorLike, predictions: TensorLike, threshold: float) -> tuple[Tensor, Tensor]:
    """Labels of 0 and 1, and predictions above a threshold or not, as bools.

    Raises:
        InvalidArgumentError: where the shapes differ, or a label is neither 0 nor 1.
    """
    true, predicted = _same_shape(metric, labels, predictions)
    if true.dtype is not dtypes.bool_:
        binary = comparison.logical_or(comparison.equal(true, 0), comparison.equal(true, 1))
        control_flow.Assert(
            reduction.reduce_all(binary), [f"labels of the metric {metric.name!r} must be 0 or 1, and are", true]
        )
    scores = predicted if predicted.dtype.is_floating else array.cast(predicted, dtypes.float64)
    return array.cast(true, dtypes.bool_), comparison.greater(scores, threshold)


class _Counts(Metric):
    """Counts examples by what they are and what they were taken for.

    Args:
        name: its name.
        threshold: what a prediction must exceed to count as positive.
        dtype: the dtype of the counts.
    """

    _cells: tuple[str, ...] = ()

    def __init__(self, name: str | None = None, threshold: float = 0.5, dtype: _Any = dtypes.float64) -> None:
        super().__init__(name)
        self.threshold = arguments.number(threshold, "threshold")
        self.dtype = dtypes.as_dtype(dtype)

    def build(self, *args: _Any, **kwargs: _Any) -> None:
        """Makes a count for each cell of the confusion matrix that is needed."""
        self.counts = {cell: self.add_variable(cell, [], self.dtype, initial.zeros()) for cell in self._cells}

    def call(self, labels: TensorLike, predictions: TensorLike, weights: TensorLike | None = None) -> _Any:
        """Takes a batch.

        Args:
            labels: 0 or 1 for each example; of any shape.
            predictions: of the same shape: probabilities, or other numbers to compare with the threshold.
            weights: what each example counts; 1 if left out.

        Returns:
            The arguments.

        Raises:
            InvalidArgumentError: where shapes do not fit, or a label is neither 0 nor 1. The counts stay as they were.
        """
        true, positive = _yes_or_no(self, labels, predictions, self.threshold)
        w = array.cast(array.ones_like(true) if weights is None else weights, self.dtype)
        w = _stretched(w, true, self.name)
        found = {"true": comparison.equal(true, positive), "false": comparison.not_equal(true, positive)}
        said = {"positives": positive, "negatives": comparison.logical_not(positive)}
        for cell, count in self.counts.items():
            right, sign = cell.split("_")
            inside = comparison.logical_and(found[right], said[sign])
            count.assign_add(reduction.reduce_sum(math.multiply(w, array.cast(inside, self.dtype))))
        return (labels, predictions) if weights is None else (labels, predictions, weights)

    def result(self, write_summary: bool = True) -> Tensor:
        """Returns the figure; 0 where nothing was counted. Args are those of `Mean.result`.

        Raises:
            AttributeError: before the first call.
        """
        self._require_variables()
        figure = self.figure(*[count.read_value() for count in self.counts.values()])
        if write_summary:
            scalar(self.name, figure)
        return figure

    def figure(self, *counts: Tensor) -> Tensor:
        """Works out the figure from the counts: the count itself, where there is one."""
        return counts[0]


def _share(part: Tensor, rest: Tensor) -> Tensor:
    """part / (part + rest), and 0 where that is 0 / 0."""
    whole = math.add(part, rest)
    return indexing.where(comparison.equal(whole, 0), array.zeros_like(part), math.divide(part, whole))


class Precision(_Counts):
    """The share of the examples taken for positive that are: TP / (TP + FP).

    >>> m = tfe.metrics.Precision()
    >>> _ = m([1, 0, 1, 1], [.9, .8, .7, .1])
    >>> round(float(m.result()), 4)
    0.6667

    Of minitfe; the counterpart for graphs is tf.metrics.precision_at_thresholds.
    """

    _cells = ("true_positives", "false_positives")

    def figure(self, *counts: Tensor) -> Tensor:
        """TP / (TP + FP)"""
        return _share(*counts)


class Recall(_Counts):
    """The share of the positive examples that were found: TP / (TP + FN).

    >>> m = tfe.metrics.Recall()
    >>> _ = m([1, 0, 1, 1], [.9, .8, .7, .1])
    >>> round(float(m.result()), 4)
    0.6667

    Of minitfe; the counterpart for graphs is tf.metrics.recall_at_thresholds.
    """

    _cells = ("true_positives", "false_negatives")

    def figure(self, *counts: Tensor) -> Tensor:
        """TP / (TP + FN)"""
        return _share(*counts)


class TruePositives(_Counts):
    """How many positive examples were taken for positive. The threshold is 0.5, unless another is given.

    >>> m = tfe.metrics.TruePositives()
    >>> _ = m([1, 0, 1, 1], [.9, .8, .7, .1])
    >>> float(m.result())
    2.0
    """

    _cells = ("true_positives",)


class FalsePositives(_Counts):
    """How many negative examples were taken for positive.

    >>> m = tfe.metrics.FalsePositives()
    >>> _ = m([1, 0, 1, 1], [.9, .8, .7, .1])
    >>> float(m.result())
    1.0
    """

    _cells = ("false_positives",)


class TrueNegatives(_Counts):
    """How many negative examples were taken for negative.

    >>> m = tfe.metrics.TrueNegatives()
    >>> _ = m([1, 0, 1, 0], [.9, .8, .7, .1])
    >>> float(m.result())
    1.0
    """

    _cells = ("true_negatives",)


class FalseNegatives(_Counts):
    """How many positive examples were taken for negative.

    >>> m = tfe.metrics.FalseNegatives()
    >>> _ = m([1, 0, 1, 1], [.9, .8, .7, .1])
    >>> float(m.result())
    1.0
    """

    _cells = ("false_negatives",)


# ---------------------------------------------------------------------------------------------------- confusion matrix


class ConfusionMatrix(Metric):
    """How often one class was taken for another: rows are what is true, columns what was predicted.

    Args:
        num_classes: how many classes there are.
        name: its name.
        dtype: the dtype of the counts.

    >>> m = tfe.metrics.ConfusionMatrix(2)
    >>> _ = m([0, 1], [0, 0]), m([1], [1])
    >>> m.result().numpy()
    array([[1, 0],
           [1, 1]])

    Of minitfe; the function for one batch is tf.confusion_matrix.
    """

    def __init__(self, num_classes: int, name: str | None = None, dtype: _Any = dtypes.int64) -> None:
        super().__init__(name)
        self.num_classes = arguments.integer(num_classes, "num_classes")
        if self.num_classes < 1:
            raise ValueError(f"num_classes must be at least 1, not {num_classes}")
        self.dtype = dtypes.as_dtype(dtype)

    def build(self, *args: _Any, **kwargs: _Any) -> None:
        """Makes the matrix of counts."""
        size = self.num_classes
        self.matrix = self.add_variable("matrix", [size, size], self.dtype, initial.zeros())

    def call(self, labels: TensorLike, predictions: TensorLike, weights: TensorLike | None = None) -> _Any:
        """Takes a batch: numbers of classes, [example].

        Returns:
            The arguments.

        Raises:
            InvalidArgumentError: where the shapes differ, or there is no such class. The counts stay as they were.
        """
        self.matrix.assign_add(
            confusion_matrix(labels, predictions, self.num_classes, dtype=self.dtype, weights=weights)
        )
        return (labels, predictions) if weights is None else (labels, predictions, weights)

    def result(self) -> Tensor:
        """Returns the counts, [class, predicted class].

        Raises:
            AttributeError: before the first call.
        """
        self._require_variables()
        return self.matrix.read_value()


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tfe.metrics"))
