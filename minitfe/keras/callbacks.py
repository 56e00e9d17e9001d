"""Callbacks: what happens beside training: saving, stopping early, writing down.

`Model.fit` calls the methods of each callback when their time has come. ``logs`` has the loss and the metrics: of the
batch, or at the end of an epoch of all of it, those of the validation with ``val_`` before their names.
"""

from __future__ import annotations

import csv
import inspect
import os
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from tqdm import tqdm

from minitfe.missing import explain as _explain
from minitfe.ops import arguments
from minitfe.summaries import record
from minitfe.summaries.recording import always_record_summaries
from minitfe.summaries.writer import create_file_writer

__all__ = [
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TensorBoard",
    "TerminateOnNaN",
]

Logs = Mapping[str, Any]


class Callback:
    """The base of all callbacks: a subclass overrides the moments that it cares for.

    Attributes:
        model: the model that is trained.
        params: what it is trained with: epochs, steps, verbose, and the names of the metrics.

    TensorFlow: tf.keras.callbacks.Callback.
    """

    model: Any = None
    params: dict[str, Any] | None = None
    validation_data: Any = None

    def set_params(self, params: dict[str, Any]) -> None:
        """Takes in what the model is trained with."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Takes in the model."""
        self.model = model

    def on_train_begin(self, logs: Any = None) -> None:
        """Called before the first epoch."""

    def on_train_end(self, logs: Any = None) -> None:
        """Called after the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before an epoch, with its number from 0."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after an epoch and its validation."""

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a step, with the number of the batch in the epoch."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a step."""


class CallbackList:
    """Tells all callbacks, a `History` among them."""

    def __init__(self, callbacks: Any, model: Any, params: dict[str, Any]) -> None:
        given = list(callbacks) if isinstance(callbacks, (list, tuple)) else [callbacks] if callbacks else []
        for callback in given:
            if not isinstance(callback, Callback):
                raise TypeError(f"callbacks must be instances of tf.keras.callbacks.Callback, not {callback!r}")
        model.history = History()
        self.callbacks = [*given, model.history]
        for callback in self.callbacks:
            callback.set_params(params)
            callback.set_model(model)

    def tell(self, moment: str, *arguments: Any) -> None:
        """Calls the method of this name of each callback."""
        for callback in self.callbacks:
            getattr(callback, moment)(*arguments)


class Progress:
    """The progress bar of an epoch, or its one line.

    Args:
        verbose: 0 is silent, 1 shows a bar, 2 prints a line at the end.
        title: such as ``Epoch 1/5``.
        steps: the number of batches, if known.
    """

    def __init__(self, verbose: int, title: str, steps: int | None) -> None:
        self.verbose = verbose
        self.title = title
        self.bar = tqdm(desc=title, total=steps, unit="batch", disable=verbose != 1)
        self.start = time.perf_counter()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.bar.close()

    def step(self, logs: Logs) -> None:
        """Shows that another batch is done."""
        if self.verbose == 1:
            self.bar.set_postfix_str(_words(logs), refresh=False)
            self.bar.update()

    def finish(self, logs: Logs) -> None:
        """Shows what the epoch brought."""
        if self.verbose == 1:
            self.bar.set_postfix_str(_words(logs))
        elif self.verbose == 2:
            print(f"{self.title} - {time.perf_counter() - self.start:.0f}s - {_words(logs)}")


def _words(logs: Logs) -> str:
    return " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())


class History(Callback):
    """Keeps the logs of all epochs; `Model.fit` returns one.

    Attributes:
        epoch: the numbers of the epochs.
        history: for each name in the logs a list with its values.

    TensorFlow: tf.keras.callbacks.History.
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Adds an epoch."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """Calls functions.

    Args:
        on_epoch_begin and others: functions with the arguments of the methods of that name; None for nothing.

    TensorFlow: tf.keras.callbacks.LambdaCallback.
    """

    def __init__(
        self,
        on_epoch_begin: Any = None,
        on_epoch_end: Any = None,
        on_batch_begin: Any = None,
        on_batch_end: Any = None,
        on_train_begin: Any = None,
        on_train_end: Any = None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin, "on_epoch_end": on_epoch_end, "on_batch_begin": on_batch_begin,
            "on_batch_end": on_batch_end, "on_train_begin": on_train_begin, "on_train_end": on_train_end,
        }  # fmt: skip
        for moment, function in given.items():
            if function is not None:
                setattr(self, moment, function)


class TerminateOnNaN(Callback):
    """Stops the training when the loss is no number any more.

    TensorFlow: tf.keras.callbacks.TerminateOnNaN.
    """

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Looks at the loss."""
        loss = (logs or {}).get("loss")
        if loss is not None and not np.isfinite(loss):
            print(f"Batch {batch}: Invalid loss, terminating training")
            self.model.stop_training = True


# -------------------------------------------------------------------------------------------- what watches one quantity


class Watching(Callback):
    """A callback that watches whether one of the logs gets better.

    Args:
        monitor: which one.
        mode: 'min' where less is better, 'max' where more is; 'auto' goes by the name.
        min_delta: by how much a value must be better to count as better.

    Raises:
        ValueError: for other modes.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"mode must be one of 'auto', 'min' and 'max', not {mode!r}")
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(arguments.number(min_delta, "min_delta"))
        is_max = mode == "max" or (mode == "auto" and ("acc" in monitor or monitor.startswith("fmeasure")))
        self.sign = 1.0 if is_max else -1.0
        self.best = -self.sign * np.inf

    def current(self, logs: Any) -> float | None:
        """The value of the moment; None, with a warning, where it is not among the logs."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"{type(self).__name__} conditioned on metric `{self.monitor}` which is not available. Available"
                f" metrics are: {','.join(logs or {})}",
                RuntimeWarning,
                stacklevel=5,
            )
        return value

    def is_better(self, value: float) -> bool:
        """Says whether a value is better than the best so far."""
        return bool(self.sign * (value - self.best) > self.min_delta)


class EarlyStopping(Watching):
    """Stops the training when a quantity has not got better for some epochs.

    Args:
        monitor, min_delta, mode: what is watched, and what counts as better.
        patience: after how many epochs without a better value to stop.
        verbose: whether to say so.
        baseline: a value that the first epochs must reach.

    TensorFlow: tf.keras.callbacks.EarlyStopping.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline

    def on_train_begin(self, logs: Any = None) -> None:
        """Begins anew."""
        self.wait = 0
        self.stopped_epoch = 0
        self.best = -self.sign * np.inf if self.baseline is None else self.baseline

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compares with the best."""
        value = self.current(logs)
        if value is None:
            return
        if self.is_better(value):
            self.best, self.wait = value, 0
            return
        self.wait += 1
        if self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Says where it stopped."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1:05d}: early stopping")


class ModelCheckpoint(Watching):
    """Saves the weights of the model after each epoch.

    Args:
        filepath: what `Model.save_weights` is given. ``{epoch:02d}``, ``{val_loss:.2f}`` and their like are filled in.
        monitor, mode: what is watched.
        verbose: whether to say that a file was written.
        save_best_only: whether to save only after an epoch that was better than those before.
        save_weights_only: accepted: weights are what is saved.
        period: every how many epochs to save.

    TensorFlow: tf.keras.callbacks.ModelCheckpoint.
    """

    def __init__(
        self,
        filepath: Any,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        period: int = 1,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.period = period
        self.epochs_since_last_save = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Saves, if it is time to."""
        self.epochs_since_last_save += 1
        if self.epochs_since_last_save < self.period:
            return
        self.epochs_since_last_save = 0
        path = self._path(epoch, logs or {})
        if self.save_best_only:
            value = self.current(logs)
            if value is None or not self.is_better(value):
                return
            self.best = value
        if self.verbose > 0:
            print(f"Epoch {epoch + 1:05d}: saving model to {path}")
        self.model.save_weights(path, overwrite=True)

    def _path(self, epoch: int, logs: Logs) -> str:
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except KeyError as missing:
            raise ValueError(
                f'Failed to format this callback filepath: "{self.filepath}". Reason: {missing} is not among epoch,'
                f" {', '.join(logs)}"
            ) from None


# ---------------------------------------------------------------------------------------------------- the learning rate


def _learning_rate(model: Any) -> Any:
    """The variable that is the learning rate of the model's optimizer."""
    rate = getattr(model.optimizer, "lr", None)
    if rate is None:
        raise ValueError(
            'Optimizer must have a "lr" attribute. Compile with one of tf.keras.optimizers, such as'
            " tf.keras.optimizers.Adam(0.001), whose learning rate is a variable."
        )
    return rate


def _takes_two(function: Callable[..., Any]) -> bool:
    """Whether a function can be called with two arguments. To try it would hide errors inside of it."""
    try:
        inspect.signature(function).bind(0, 0.0)
    except (TypeError, ValueError):  # it takes one; or it is not written in Python
        return False
    return True


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch.

    Args:
        schedule: a function of the epoch's number, from 0, and if it takes two arguments the present rate, to a rate.
        verbose: whether to say so.

    TensorFlow: tf.keras.callbacks.LearningRateScheduler.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Asks the schedule."""
        variable = _learning_rate(self.model)
        rate = self.schedule(epoch, float(variable)) if _takes_two(self.schedule) else self.schedule(epoch)
        if not isinstance(rate, (float, np.float32, np.float64)):
            raise ValueError(f'The output of the "schedule" function should be float, not {rate!r}.')
        variable.assign(float(rate))
        if self.verbose > 0:
            print(f"Epoch {epoch + 1:05d}: LearningRateScheduler setting learning rate to {rate}.")


class ReduceLROnPlateau(Watching):
    """Lowers the learning rate when a quantity has not got better for some epochs.

    Args:
        monitor, mode, min_delta: what is watched, and what counts as better.
        factor: what the rate is multiplied by, less than 1.
        patience: after how many epochs without a better value.
        verbose: whether to say so.
        cooldown: for how many epochs to wait afterwards.
        min_lr: the least rate.

    TensorFlow: tf.keras.callbacks.ReduceLROnPlateau.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(monitor, mode, kwargs.pop("epsilon", min_delta))
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau got unexpected arguments: {sorted(kwargs)}")
        if not factor < 1.0:
            raise ValueError("ReduceLROnPlateau does not support a factor >= 1.0.")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr

    def on_train_begin(self, logs: Any = None) -> None:
        """Begins anew."""
        self.best = -self.sign * np.inf
        self.wait = self.resting = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compares with the best."""
        rate = _learning_rate(self.model)
        if logs is not None:
            logs["lr"] = float(rate)
        value = self.current(logs)
        if value is None:
            return
        if self.resting > 0:
            self.resting -= 1
            self.wait = 0
        if self.is_better(value):
            self.best, self.wait = value, 0
        elif self.resting <= 0:
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(rate, epoch)

    def _reduce(self, rate: Any, epoch: int) -> None:
        lower = max(float(rate) * self.factor, self.min_lr)
        if lower < float(rate):
            rate.assign(lower)
            self.resting = self.cooldown
            self.wait = 0
            if self.verbose > 0:
                print(f"Epoch {epoch + 1:05d}: ReduceLROnPlateau reducing learning rate to {lower}.")


# --------------------------------------------------------------------------------------------------------- writing down


class CSVLogger(Callback):
    """Writes the logs of each epoch as a line of a CSV file.

    Args:
        filename: the file.
        separator: what stands between the columns.
        append: whether to go on in a file that is there.

    TensorFlow: tf.keras.callbacks.CSVLogger.
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        self.filename = os.fspath(filename)
        self.separator = separator
        self.append = append
        self._names: list[str] | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Begins the file."""
        self._names = None
        with open(self.filename, "a" if self.append else "w"):
            pass

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Adds a line."""
        rows: list[list[Any]] = []
        if self._names is None:
            self._names = sorted(logs or {})
            if not os.path.getsize(self.filename):
                rows.append(["epoch", *self._names])
        rows.append([epoch, *((logs or {}).get(name, "NA") for name in self._names)])
        self._write_rows(rows)

    def _write_rows(self, rows: list[list[Any]]) -> None:
        with open(self.filename, "a", newline="") as file:
            csv.writer(file, delimiter=self.separator).writerows(rows)


class TensorBoard(Callback):
    """Writes the logs of each epoch for TensorBoard: ``tensorboard --logdir LOG_DIR``.

    Args:
        log_dir: the folder.
        histogram_freq: every how many epochs to write histograms of the weights; 0 for never.
        batch_size, write_graph and others: accepted, as in TensorFlow, without effect.

    Raises:
        ImportError: where tensorboard is not installed.

    TensorFlow: tf.keras.callbacks.TensorBoard.
    """

    def __init__(
        self,
        log_dir: Any = "./logs",
        histogram_freq: int = 0,
        batch_size: int = 32,
        write_graph: bool = True,
        write_grads: bool = False,
        write_images: bool = False,
        embeddings_freq: int = 0,
        embeddings_layer_names: Any = None,
        embeddings_metadata: Any = None,
        embeddings_data: Any = None,
    ) -> None:
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.writer: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Begins a file of events."""
        self.writer = create_file_writer(self.log_dir)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Writes the logs, and the histograms if it is time to."""
        with self.writer.as_default(), always_record_summaries():
            for name, value in (logs or {}).items():
                record.scalar(name, float(value), step=epoch)
            if self.histogram_freq and epoch % self.histogram_freq == 0:
                for variable in self.model.weights:
                    record.histogram(variable.name.replace(":", "_"), variable, step=epoch)
        self.writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        """Closes the file."""
        self.writer.close()


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.keras.callbacks"))
