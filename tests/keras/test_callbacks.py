"""Callbacks: when they are called, and what each does."""

import csv

import numpy as np
import pytest

import minitfe as tf

L, C = tf.keras.layers, tf.keras.callbacks
X, Y = np.ones([8, 2], "f4"), np.ones([8, 1], "f4")


def model(rate=0.01):
    made = tf.keras.Sequential([L.Dense(1, kernel_initializer="zeros", input_shape=(2,))])
    made.compile(tf.keras.optimizers.SGD(rate), "mse")
    return made


class Told(C.Callback):
    """A stand-in for training: tells another callback what the losses were."""

    @staticmethod
    def tell(callback, values, name="val_loss", trained=None):
        trained = trained or model()
        callback.set_model(trained)
        trained.stop_training = False
        callback.on_train_begin()
        for epoch, value in enumerate(values):
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch, {name: value})
            if trained.stop_training:
                break
        callback.on_train_end()
        return epoch


def test_the_order_of_calls():
    calls = []
    moments = ["on_train_begin", "on_epoch_begin", "on_batch_begin", "on_batch_end", "on_epoch_end", "on_train_end"]
    callback = C.LambdaCallback(**{m: (lambda *a, m=m: calls.append((m, *a[:-1]))) for m in moments})
    model().fit(X, Y, batch_size=4, epochs=1, callbacks=[callback], verbose=0)
    assert calls == [
        ("on_train_begin",), ("on_epoch_begin", 0), ("on_batch_begin", 0), ("on_batch_end", 0), ("on_batch_begin", 1),
        ("on_batch_end", 1), ("on_epoch_end", 0), ("on_train_end",),
    ]  # fmt: skip


def test_callbacks_know_model_and_settings():
    class Looking(C.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.seen = logs

    callback, trained = Looking(), model()
    trained.fit(X, Y, batch_size=4, epochs=1, callbacks=[callback], verbose=0, validation_split=0.5)
    assert callback.model is trained
    assert callback.params == {"epochs": 1, "steps": 1, "verbose": 0, "metrics": ["loss", "val_loss"]}
    assert set(callback.seen) == {"loss", "val_loss"}
    with pytest.raises(TypeError, match="callbacks must be instances of tf.keras.callbacks.Callback"):
        trained.fit(X, Y, callbacks=[print], verbose=0)


@pytest.mark.parametrize(
    ("settings", "losses", "stops_at"),
    [
        ({}, [3, 2, 2, 1], 2), ({"patience": 2}, [3, 2, 2, 2, 1], 3), ({"min_delta": 0.5}, [3, 2, 1.8, 1], 2),
        ({"mode": "max"}, [1, 2, 3, 2, 5], 3), ({"baseline": 1}, [2, 0.5], 0),
    ],
)  # fmt: skip
def test_early_stopping(settings, losses, stops_at):
    assert Told.tell(C.EarlyStopping(**settings), losses) == stops_at


def test_early_stopping_goes_by_the_name():
    assert Told.tell(C.EarlyStopping("val_acc"), [0.1, 0.2, 0.1, 0.5], "val_acc") == 2


def test_early_stopping_in_training():
    history = model(rate=0.0).fit(X, Y, epochs=9, callbacks=[C.EarlyStopping("loss")], verbose=0)
    assert history.epoch == [0, 1]


def test_what_is_watched_must_be_there():
    with pytest.warns(RuntimeWarning, match="EarlyStopping conditioned on metric `val_loss` which is not available"):
        model().fit(X, Y, callbacks=[C.EarlyStopping()], verbose=0)
    with pytest.raises(ValueError, match="mode must be one of"):
        C.EarlyStopping(mode="best")


def test_checkpoints_of_all_epochs_and_of_the_best(tmp_path):
    trained = model()
    trained.fit(X, Y, epochs=2, callbacks=[C.ModelCheckpoint(tmp_path / "w-{epoch:02d}-{loss:.3f}")], verbose=0)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2 and names[0] == "w-01-1.000.safetensors"
    best = tmp_path / "best"
    Told.tell(C.ModelCheckpoint(best, save_best_only=True), [3.0, 1.0], trained=trained)
    wanted = trained.get_weights()
    trained.set_weights([np.zeros([2, 1]), np.zeros(1)])
    callback = C.ModelCheckpoint(best, save_best_only=True)
    callback.best = 1.0
    Told.tell(callback, [2.0], trained=trained)
    trained.load_weights(best)
    np.testing.assert_array_equal(trained.get_weights()[0], wanted[0])
    with pytest.raises(ValueError, match="Failed to format this callback filepath"):
        Told.tell(C.ModelCheckpoint(tmp_path / "{nothing}"), [1.0], trained=trained)


def test_learning_rates_by_schedule():
    trained = model()
    rates = []
    look = C.LambdaCallback(on_epoch_end=lambda epoch, logs: rates.append(round(float(trained.optimizer.lr), 4)))
    trained.fit(X, Y, epochs=3, callbacks=[C.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)), look], verbose=0)
    assert rates == [0.1, 0.05, 0.0333]
    trained.fit(X, Y, epochs=2, callbacks=[C.LearningRateScheduler(lambda epoch, rate: rate / 2), look], verbose=0)
    assert rates[3:] == [0.0167, 0.0083]
    with pytest.raises(TypeError, match="unsupported operand"):  # an error inside is the user's to see
        trained.fit(X, Y, callbacks=[C.LearningRateScheduler(lambda epoch, rate: rate + "a")], verbose=0)
    with pytest.raises(ValueError, match='The output of the "schedule" function should be float'):
        trained.fit(X, Y, callbacks=[C.LearningRateScheduler(lambda epoch: "fast")], verbose=0)
    trained.compile(tf.train.GradientDescentOptimizer(0.1), "mse")
    with pytest.raises(ValueError, match='Optimizer must have a "lr" attribute'):
        trained.fit(X, Y, callbacks=[C.LearningRateScheduler(lambda epoch: 0.1)], verbose=0)


def test_learning_rate_on_plateaus():
    trained = model(0.8)
    Told.tell(C.ReduceLROnPlateau(factor=0.5, patience=1, min_lr=0.3), [3.0, 3.0, 2.0, 2.0, 2.0], trained=trained)
    assert float(trained.optimizer.lr) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="does not support a factor >= 1.0"):
        C.ReduceLROnPlateau(factor=1.0)


def test_no_number_ends_the_training(capsys):
    trained = model()
    history = trained.fit(X * np.nan, Y, batch_size=2, epochs=3, callbacks=[C.TerminateOnNaN()], verbose=0)
    assert history.epoch == [0]
    assert "Batch 0: Invalid loss, terminating training" in capsys.readouterr().out


def test_a_csv_file(tmp_path):
    path = tmp_path / "log.csv"
    trained = model()
    losses = trained.fit(X, Y, epochs=2, callbacks=[C.CSVLogger(path)], verbose=0).history["loss"]
    trained.fit(X, Y, epochs=3, initial_epoch=2, callbacks=[C.CSVLogger(path, append=True)], verbose=0)
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    assert [float(row["loss"]) for row in rows[:2]] == losses


def test_tensorboard(tmp_path):
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="needs tensorboard"
    )
    losses = (
        model().fit(X, Y, epochs=3, callbacks=[C.TensorBoard(tmp_path, histogram_freq=1)], verbose=0).history["loss"]
    )
    events = accumulator.EventAccumulator(str(tmp_path))
    events.Reload()
    written = [event.value for event in events.Scalars("loss")]
    assert written == pytest.approx(losses)
    assert len(events.Tags()["histograms"]) == 2
