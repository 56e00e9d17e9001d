"""Training: the loop that a model can run by itself.

    model.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
    history = model.fit(images, labels, epochs=5, validation_split=0.1)

`compile` notes how the model is trained. `fit` then goes through the data: for each batch it computes the loss under a
tape, and lets the optimizer change the variables. It is the loop that one writes by hand, with a progress bar.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from minitfe import nest
from minitfe.autodiff.tape import GradientTape
from minitfe.conversion import convert_to_tensor
from minitfe.keras import losses, metrics, optimizers
from minitfe.keras.callbacks import CallbackList, Progress
from minitfe.keras.engine.at_once import at_once
from minitfe.keras.engine.calling import learning_phase_scope
from minitfe.keras.engine.feeding import Batch, Feed, at_least_one, feed
from minitfe.keras.engine.functional import by_name
from minitfe.keras.engine.layer import Layer
from minitfe.ops import arguments, array, comparison, math, reduction
from minitfe.tensor import Tensor

# ------------------------------------------------------------------------------------------------ what is to be reached


class Objective(NamedTuple):
    """What `compile` was told.

    Attributes:
        losses: the losses as given: one for all outputs, or a list or dictionary, as the outputs are.
        weights: how much each output's loss counts; None for all the same.
        metrics: what is reported beside the loss.
    """

    losses: Any
    weights: Any
    metrics: list[Reported]

    def per_output(self, y: Any, outputs: Any, names: list[str]) -> list[Part]:
        """What belongs to each output, of those that have a loss.

        Args:
            y: the targets; dictionaries of them, of losses and of weights have the names of outputs for keys.
            outputs: what the model returned.
            names: the names of the outputs.

        Raises:
            ValueError: where there are not as many losses, weights or targets as outputs, or names are not known.
        """
        found = [losses.get(loss) for loss in _one_each(self.losses, names, "loss")]
        weights = [1.0 if weight is None else weight for weight in _one_each(self.weights, names, "loss_weights")]
        trained = [place for place, loss in enumerate(found) if loss is not None or self.losses is None]
        targets, given = _targets(y, names, trained), nest.flatten(outputs)
        return [Part(names[i], found[i], weights[i], target, given[i]) for i, target in zip(trained, targets)]


class Part(NamedTuple):
    """One output of a model in training: its name, its loss and the weight of that, its targets, and its values."""

    name: str
    loss: Any
    weight: float
    y: Tensor
    output: Tensor


class Reported(NamedTuple):
    """A metric: its name in the logs, the function or 'acc', and the name of the output; None for the mean of all."""

    name: str
    metric: Any
    output: str | None


def _one_each(given: Any, names: list[str], what: str) -> list[Any]:
    """One entry per output. A dictionary may leave outputs out: None."""
    if isinstance(given, dict):
        for name in given:
            if name not in names:
                raise ValueError(
                    f'Unknown entry in {what} dictionary: "{name}". Only expected the following keys: {names}'
                )
        return [given.get(name) for name in names]
    entries = list(given) if isinstance(given, (list, tuple)) else [given] * len(names)
    if len(entries) != len(names):
        raise ValueError(
            f"When passing a list as {what}, it should have one entry per model outputs. The model has {len(names)}"
            f" outputs, but you passed {what}={given}"
        )
    return entries


def _targets(y: Any, names: list[str], trained: list[int]) -> list[Any]:
    """The targets of the outputs that have a loss; those of others may be given, and are left out."""
    if isinstance(y, dict):
        return by_name(y, [names[place] for place in trained])
    given = [] if y is None else nest.flatten(y)
    if len(given) == len(names):
        return [given[place] for place in trained]
    if len(given) != len(trained):
        raise ValueError(
            f"The model has {len(trained)} outputs, for which {len(given)} arrays of targets were given: y is needed."
        )
    return given


def weighted_mean(values: Tensor, weight: Any) -> Tensor:
    """The mean of values, in which each example counts by its weight, over the examples that count at all.

    Where none counts it is 0, and so are its gradients: a batch may hold nothing but padding.
    """
    if weight is None:
        return reduction.reduce_mean(values)
    weight = array.cast(array.reshape(weight, [-1]), values.dtype)
    if values.shape.ndims:  # a loss that is a mean already counts as that for each example
        values = reduction.reduce_mean(array.reshape(values, [values.shape[0], -1]), 1)
    counted = reduction.reduce_sum(math.sign(math.abs(weight)))
    return math.divide(reduction.reduce_sum(math.multiply(values, weight)), comparison.maximum(counted, 1))


def _require_fitting(loss: Any, y: Tensor, output: Tensor) -> None:
    """Finds the mistakes that would broadcast, or fail with words that speak of something else."""
    name = getattr(loss, "__name__", str(loss))
    if loss not in SAME_SHAPE or y.shape.is_compatible_with(output.shape):
        return
    if loss is losses.categorical_crossentropy and y.shape[-1].value == 1:
        raise ValueError(
            f"You are passing a target array of shape {y.shape} while using as loss `categorical_crossentropy`."
            " `categorical_crossentropy` expects targets to be binary matrices (1s and 0s) of shape (samples, classes)."
            " If your targets are integer classes, you can use the loss `sparse_categorical_crossentropy` instead, or"
            " convert them with tf.keras.utils.to_categorical."
        )
    raise ValueError(
        f"A target array with shape {y.shape} was passed for an output of shape {output.shape} while using as loss"
        f" `{name}`. This loss expects targets to have the same shape as the output."
    )


SAME_SHAPE = set(losses.NAMED.values()) - {losses.sparse_categorical_crossentropy}


class Averages:
    """Running means of the loss and the metrics over the examples of an epoch."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.sums = [0.0] * len(names)
        self.count = 0
        self.batches = 0

    def add(self, values: Iterable[float], size: int) -> None:
        """Takes in the means of a batch of so many examples."""
        self.sums = [total + value * size for total, value in zip(self.sums, values)]
        self.count += size
        self.batches += 1

    def results(self) -> list[float]:
        """The means so far."""
        return [total / self.count for total in self.sums]

    def logs(self, prefix: str = "") -> dict[str, float]:
        """The means so far by name."""
        return {prefix + name: value for name, value in zip(self.names, self.results())}


# ---------------------------------------------------------------------------------------------------------- the methods


class Trainable(Layer):
    """A layer that can be trained: what `Model` adds to `Layer` for that."""

    _objective: Objective | None = None
    optimizer: Any = None
    history: Any = None
    stop_training = False

    @at_once
    def compile(
        self,
        optimizer: Any,
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        sample_weight_mode: Any = None,
        weighted_metrics: Any = None,
        target_tensors: Any = None,
        **kwargs: Any,
    ) -> None:
        """Says how the model is to be trained.

        Args:
            optimizer: one of ``tf.train``, or a name such as 'adam'; see `tf.keras.optimizers`.
            loss: a function of y_true and y_pred, or its name; for several outputs a list of them, or a dictionary
                with the names of outputs. An output with None has no loss. None alone is for models that add their
                losses themselves.
            metrics: a list of functions of y_true and y_pred, or their names, to be reported, as means over all
                outputs; or a dictionary of such with the names of outputs. 'accuracy' is the one that goes with the
                loss.
            loss_weights: how much the loss of each output counts: a list or a dictionary.
            sample_weight_mode and others: accepted, as in TensorFlow, without effect.

        Raises:
            ValueError: for names that are not known.
            TypeError: for arguments that are not known, and for metrics in another form.

        TensorFlow: tf.keras.Model.compile.
        """
        _require_known(kwargs)
        optimizer = optimizers.get(optimizer)
        nest.map_structure(losses.get, loss)
        found = _reported(metrics, several=len(self.output_names or ()) > 1)
        self.optimizer = optimizer
        self._objective = Objective(loss, loss_weights, found)

    def _compiled_objective(self) -> Objective:
        if self._objective is None:
            raise RuntimeError(
                "You must compile a model before training/testing. Use `model.compile(optimizer, loss)`."
            )
        return self._objective

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` and `train_on_batch` return."""
        return ["loss", *(reported.name for reported in self._compiled_objective().metrics)]

    # What a functional model says of its outputs.
    output_names: Any = None

    def _names_of_outputs(self, outputs: Any) -> list[str]:
        """The names by which dictionaries speak of the outputs: keys, layers, or output_1 and so on."""
        names = sorted(outputs) if isinstance(outputs, dict) else self.output_names
        count = len(nest.flatten(outputs))
        return names if names and len(names) == count else [f"output_{i + 1}" for i in range(count)]

    # ---------------------------------------------------------------------------------------------------------- a batch

    def _loss_and_outputs(self, batch: Batch, training: bool) -> tuple[Tensor, Any]:
        """The loss of a batch, and the outputs."""
        with learning_phase_scope(training):
            outputs = self(batch.x)
        terms = list(self.losses)
        objective = self._compiled_objective()
        if objective.losses is not None:
            for part in objective.per_output(batch.y, outputs, self._names_of_outputs(outputs)):
                _require_fitting(part.loss, part.y, part.output)
                term = weighted_mean(_loss_of(part), batch.weight)
                terms.append(term if part.weight == 1 else math.multiply(part.weight, term))
        if not terms:
            raise ValueError("The model cannot be trained or tested because it has no loss to optimize: give a loss to"
                             " `compile`, or add one with `add_loss`.")  # fmt: skip
        return (math.add_n(terms) if len(terms) > 1 else terms[0]), outputs

    def _metrics_of(self, batch: Batch, outputs: Any) -> list[float]:
        """The mean of each metric over a batch, and over all outputs where it is not for one."""
        objective = self._compiled_objective()
        if not objective.metrics:
            return []
        parts = objective.per_output(batch.y, outputs, self._names_of_outputs(outputs))
        return [_measured(reported, parts) for reported in objective.metrics]

    def _train_on(self, batch: Batch) -> list[float]:
        """One step; returns the loss and the metrics."""
        with GradientTape() as tape:
            loss, outputs = self._loss_and_outputs(batch, training=True)
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return [float(loss), *self._metrics_of(batch, outputs)]

    def _test_on(self, batch: Batch) -> list[float]:
        loss, outputs = self._loss_and_outputs(batch, training=False)
        return [float(loss), *self._metrics_of(batch, outputs)]

    @at_once
    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Any:
        """Takes one step on a batch.

        Args:
            x, y, sample_weight, class_weight: as for `fit`.

        Returns:
            The loss; with metrics a list, in the order of `metrics_names`.
        """
        return _alone(self._train_on(self._as_one_batch(x, y, sample_weight, class_weight)))

    @at_once
    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Returns the loss of a batch, and metrics, as `train_on_batch`, without changing anything."""
        return _alone(self._test_on(self._as_one_batch(x, y, sample_weight)))

    @at_once
    def predict_on_batch(self, x: Any) -> Any:
        """Returns the outputs for a batch, as numpy arrays."""
        with learning_phase_scope(False):
            return nest.map_structure(lambda y: y.numpy(), self(next(feed(x).batches(_EVERYTHING)).x))

    def _as_one_batch(self, *data: Any) -> Batch:
        self._compiled_objective()
        return next(feed(*data).batches(_EVERYTHING))

    # ----------------------------------------------------------------------------------------------------- all the data

    @at_once
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int = 1,
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Trains the model.

        Args:
            x: the inputs: an array, or a list or dictionary of arrays; or a `tf.data.Dataset` of batches (x, y).
            y: the targets. Integers that are no class numbers, and all arrays of float64, become float32.
            batch_size: how many examples make a step, 32 by default; a dataset brings batches.
            epochs: how often to go through the data.
            verbose: 0 is silent, 1 shows a progress bar, 2 prints a line per epoch.
            callbacks: see `tf.keras.callbacks`.
            validation_split: the share of the examples, the last ones, that is kept for validation.
            validation_data: (x, y) or (x, y, weights), or a dataset, to validate on after each epoch.
            shuffle: whether to go through arrays in another order in each epoch; 'batch' keeps batches together.
            class_weight: how much the examples of each class count, by class number.
            sample_weight: how much each example counts.
            initial_epoch: the number of the epoch to begin with, in a run that is continued.
            steps_per_epoch, validation_steps: how many batches of a dataset make an epoch.

        Returns:
            A `History`, whose attribute history has the loss and the metrics of each epoch.

        Raises:
            RuntimeError: before `compile`.
            ValueError: for data that do not go together.
            TypeError: for arguments that are not known.

        Warns:
            RuntimeWarning: where a dataset ends before steps_per_epoch batches; training ends there.

        >>> tf.set_random_seed(1)
        >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
        >>> model.compile('sgd', 'mse')
        >>> history = model.fit([[0.], [1.]], [[1.], [3.]], epochs=300, verbose=0)
        >>> history.history['loss'][-1] < 0.05
        True

        TensorFlow: tf.keras.Model.fit.
        """
        _require_known(kwargs)
        self._compiled_objective()
        size = 32 if batch_size is None else at_least_one(batch_size, "batch_size")
        numbers = range(arguments.integer(initial_epoch, "initial_epoch"), arguments.integer(epochs, "epochs"))
        data = feed(x, y, sample_weight, class_weight, steps_per_epoch)
        validation: Feed | None = None
        if validation_data is not None:
            validation = _validation(validation_data, validation_steps)
        elif validation_split:
            data, validation = _split(data, validation_split)
        names = self.metrics_names
        known = {"metrics": names + [f"val_{name}" for name in names] * (validation is not None)}
        told = CallbackList(callbacks, self, {"epochs": epochs, "steps": data.steps(size), "verbose": verbose, **known})
        self.stop_training = False
        told.tell("on_train_begin", {})
        for epoch in numbers:
            told.tell("on_epoch_begin", epoch, {})
            with Progress(verbose, f"Epoch {epoch + 1}/{epochs}", data.steps(size)) as progress:
                logs = self._run_epoch(data.batches(size, shuffle), told, progress, data.steps(size))
                if not logs:  # the dataset had ended with the epoch before
                    break
                if validation is not None:
                    logs |= self._averages_over(validation, size).logs("val_")
                progress.finish(logs)
            told.tell("on_epoch_end", epoch, logs)
            if self.stop_training:
                break
        told.tell("on_train_end", {})
        return self.history

    def _run_epoch(
        self, batches: Iterable[Batch], told: CallbackList, progress: Progress, steps: int | None
    ) -> dict[str, float]:
        averages = Averages(self.metrics_names)
        for number, batch in enumerate(batches):
            told.tell("on_batch_begin", number, {"batch": number, "size": batch.size})
            values = self._train_on(batch)
            averages.add(values, batch.size)
            told.tell(
                "on_batch_end", number, {"batch": number, "size": batch.size, **dict(zip(averages.names, values))}
            )
            progress.step(averages.logs())
            if self.stop_training:
                break
        else:
            self._notice_shortage(averages.batches, steps)
        return averages.logs() if averages.count else {}

    def _notice_shortage(self, found: int, steps: int | None) -> None:
        """Training ends where a dataset did not bring as many batches as an epoch has."""
        if not found and not self.history.epoch:
            raise ValueError("The dataset had no batch for the first epoch: it is empty, or its iterator at its end.")
        if found < (steps or 1):
            self.stop_training = True
            warnings.warn(
                "Your dataset iterator ran out of data; interrupting training. Make sure that your dataset can generate"
                " at least `steps_per_epoch * epochs` batches. You may need to use the repeat() function when building"
                f" your dataset: this epoch got {found} batches.",
                RuntimeWarning,
                stacklevel=4,
            )

    def _averages_over(self, data: Feed, batch_size: int, show: Callable[[Any], Any] = iter) -> Averages:
        averages = Averages(self.metrics_names)
        for batch in show(data.batches(batch_size)):
            averages.add(self._test_on(batch), batch.size)
        if not averages.count:
            raise ValueError("There is nothing to evaluate: the dataset is empty, or its iterator at its end.")
        return averages

    @at_once
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int = 1,
        sample_weight: Any = None,
        steps: int | None = None,
    ) -> Any:
        """Returns the mean loss over the data; with metrics a list, in the order of `metrics_names`.

        Args:
            x, y, batch_size, sample_weight: as for `fit`.
            verbose: 1 shows a progress bar.
            steps: how many batches of a dataset to look at.

        TensorFlow: tf.keras.Model.evaluate.
        """
        self._compiled_objective()
        size = 32 if batch_size is None else at_least_one(batch_size, "batch_size")
        data = feed(x, y, sample_weight, None, steps)
        return _alone(self._averages_over(data, size, _bar("Evaluate", verbose, data.steps(size))).results())

    @at_once
    def predict(self, x: Any, batch_size: int | None = None, verbose: int = 0, steps: int | None = None) -> Any:
        """Returns the outputs for all the data, as numpy arrays.

        Args:
            x, batch_size: as for `fit`.
            verbose: 1 shows a progress bar.
            steps: how many batches of a dataset to look at.

        TensorFlow: tf.keras.Model.predict.
        """
        size = 32 if batch_size is None else at_least_one(batch_size, "batch_size")
        data = feed(x, steps=steps)
        parts = []
        for batch in _bar("Predict", verbose, data.steps(size))(data.batches(size)):
            with learning_phase_scope(False):
                parts.append(nest.map_structure(lambda y: y.numpy(), self(batch.x)))
        if not parts:
            raise ValueError("There is nothing to predict: the dataset is empty.")
        return nest.map_structure(lambda *ys: np.concatenate(ys), *parts)


_EVERYTHING = 2**62


def _require_known(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise TypeError(f"Unrecognized keyword arguments: {kwargs}")


def _loss_of(part: Part) -> Tensor:
    values = part.loss(part.y, part.output)
    if values is None:
        raise ValueError(f"The loss function {_name_of(part.loss)} returned None; it must return a tensor.")
    return convert_to_tensor(values)


def _reported(given: Any, several: bool) -> list[Reported]:
    """Reads what `compile` was given as metrics; their names begin with the output's, where there are several."""
    if isinstance(given, dict):
        pairs = [
            (output, metric)
            for output, metrics_of_it in given.items()
            for metric in (metrics_of_it if isinstance(metrics_of_it, (list, tuple)) else [metrics_of_it])
        ]
    elif given is None or isinstance(given, (list, tuple)):
        pairs = [(None, metric) for metric in given or ()]
    else:
        raise TypeError(f"Type of `metrics` argument not understood. Expected a list or dictionary, found: {given!r}")
    return [_named(output, _metric(metric), several) for output, metric in pairs]


def _named(output: str | None, metric: Any, several: bool) -> Reported:
    prefix = f"{output}_" if several and output is not None else ""
    return Reported(prefix + _name_of(metric), metric, output)


def _metric(metric: Any) -> Any:
    return "acc" if metric in ("acc", "accuracy") else metrics.get(metric)


def _measured(reported: Reported, parts: list[Part]) -> float:
    """A metric of the output that it is for, or the mean over all."""
    wanted = [part for part in parts if reported.output in (None, part.name)]
    if not wanted:
        raise ValueError(
            f'Unknown entry in metrics dictionary: "{reported.output}". Only expected the following keys:'
            f" {[part.name for part in parts]}"
        )
    return float(np.mean([_value_of(reported.metric, part) for part in wanted]))


def _value_of(metric: Any, part: Part) -> float:
    function = metrics.accuracy_for(part.loss, part.output) if metric == "acc" else metric
    return float(reduction.reduce_mean(function(part.y, part.output)))


def _name_of(metric: Any) -> str:
    return metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__)


def _alone(values: list[float]) -> Any:
    return values[0] if len(values) == 1 else values


def _validation(data: Any, steps: int | None) -> Feed:
    if not isinstance(data, (tuple, list)):
        return feed(data, steps=steps, anew=True)
    if len(data) not in (2, 3):
        raise ValueError(
            "When passing a `validation_data` argument, it must contain either 2 items (x_val, y_val), or 3 items"
            f" (x_val, y_val, val_sample_weights). However we received `validation_data={data}`"
        )
    return feed(*data)


def _split(data: Any, share: Any) -> tuple[Feed, Feed]:
    share = arguments.number(share, "validation_split")
    if not 0 < share < 1:
        raise ValueError(f"validation_split must be between 0 and 1, not {share}")
    if not hasattr(data, "split"):
        raise ValueError("`validation_split` is not supported for datasets; use take and skip, and `validation_data`.")
    return data.split(share)  # type: ignore[no-any-return]


def _bar(what: str, verbose: int, total: int | None) -> Callable[[Any], Any]:
    return lambda batches: tqdm(batches, desc=what, total=total, unit="batch", disable=verbose != 1, leave=False)
