"""Exercises for chapter 8, checkpoints, metrics, TensorBoard.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.
"""

import contextlib
import os
import tempfile

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()


class TopAccuracy(tfe.metrics.Metric):
    """Exercise 1. The share of examples whose class is among the k with the largest scores.

    build makes what is counted, with `self.add_variable(name, shape, dtype, initializer)`; call adds a batch; result
    returns the share as a tensor. labels have the shape [batch], scores [batch, classes]. Of use: `tf.nn.in_top_k`.
    """

    def __init__(self, k):
        super().__init__()
        self.k = k

    def build(self, labels, scores):
        raise NotImplementedError("TopAccuracy is yours to write")

    def call(self, labels, scores):
        raise NotImplementedError("TopAccuracy is yours to write")

    def result(self):
        raise NotImplementedError("TopAccuracy is yours to write")


def train_or_resume(folder, objects, take_step, steps, save_every):
    """Exercise 2. Call take_step() until it has been called steps times in all, also over several starts of the
    program.

    objects is a dictionary of what is to be saved, by name. Keep the number of steps in a variable of your own and save
    it, too. Begin with the latest checkpoint in the folder, if there is one, and save one whenever the number of steps
    is a multiple of save_every. Of use: `tf.train.Checkpoint(**objects)`, `tf.train.CheckpointManager`.
    """
    raise NotImplementedError("train_or_resume is yours to write")


def keep_best(model, train_epoch, evaluate, epochs):
    """Exercise 3. Train for some epochs, and leave the model with the weights that it had after the best of them.

    train_epoch() trains; evaluate() returns a float, the smaller the better. Return the smallest. Of use:
    `model.save_weights(path)` and `model.load_weights(path)`, or `get_weights` and `set_weights`.
    """
    raise NotImplementedError("keep_best is yours to write")


def write_norms(logdir, names, steps):
    """Exercise 4. Write the norms of several tensors for TensorBoard, at each step that is a multiple of 10.

    steps yields, for each training step, a list of tensors in the order of names; the global step has been increased by
    then. Write a scalar for each name. Of use: `record_summaries_every_n_global_steps`, `tf.norm`.
    """
    raise NotImplementedError("write_norms is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def check_TopAccuracy():
    metric = TopAccuracy(2)
    scores = tf.constant([[0.1, 0.5, 0.4], [0.7, 0.2, 0.1], [0.3, 0.1, 0.6]])
    metric(tf.constant([2, 1, 1]), scores)
    np.testing.assert_allclose(float(metric.result()), 2 / 3)
    metric(tf.constant([0]), scores[1:2])
    np.testing.assert_allclose(float(metric.result()), 3 / 4, err_msg="over both batches")
    path = tf.train.Checkpoint(metric=metric).save(os.path.join(tempfile.mkdtemp(), "metric"))
    metric.init_variables()
    metric(tf.constant([2]), scores[1:2])
    np.testing.assert_allclose(float(metric.result()), 0.0, err_msg="init_variables begins anew")
    tf.train.Checkpoint(metric=metric).restore(path)
    np.testing.assert_allclose(float(metric.result()), 3 / 4, err_msg="its variables are saved")


def check_train_or_resume():
    folder = tempfile.mkdtemp()
    calls = []

    def start(power_fails_at):
        """A program with objects of its own, which stops at a step."""
        total = tf.Variable(0.0)

        def take_step():
            if len(calls) == power_fails_at:
                calls.append("failed")
                raise KeyboardInterrupt
            calls.append("step")
            total.assign_add(1.0)

        train_or_resume(folder, {"total": total}, take_step, steps=10, save_every=3)
        return float(total)

    with contextlib.suppress(KeyboardInterrupt):
        start(power_fails_at=5)
    assert calls == ["step"] * 5 + ["failed"]
    assert start(power_fails_at=None) == 10.0, "3 steps were saved, and 7 come after them"
    assert len(calls) == 6 + 7, f"the second start must go on after step 3, and took {len(calls) - 6} steps"


def check_keep_best():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, use_bias=False, input_shape=(1,))])
    values = iter([5.0, 1.5, 0.5, 3.0])

    def train_epoch():
        model.set_weights([np.array([[next(values)]], "f")])

    def evaluate():
        return float(tf.square(model.layers[0].kernel[0, 0] - 1.0) + model.layers[0].kernel[0, 0])

    assert keep_best(model, train_epoch, evaluate, epochs=4) == 0.75
    assert float(model.layers[0].kernel[0, 0]) == 0.5, "the best epoch was the third"


def check_write_norms():
    logdir, step = tempfile.mkdtemp(), tf.train.get_or_create_global_step()
    step.assign(0)

    def steps():
        for i in range(1, 36):
            step.assign_add(1)
            yield [tf.constant([3.0 * i, 4.0 * i]), tf.constant([[1.0, 1.0], [1.0, 1.0]])]

    write_norms(logdir, ["kernel", "bias"], steps())
    events = EventAccumulator(logdir).Reload()
    assert set(events.Tags()["scalars"]) == {"kernel", "bias"}
    assert [(point.step, point.value) for point in events.Scalars("kernel")] == [(10, 50.0), (20, 100.0), (30, 150.0)]
    assert [point.value for point in events.Scalars("bias")] == [2.0, 2.0, 2.0]


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_TopAccuracy, check_train_or_resume, check_keep_best, check_write_norms):
        try:
            one()
        except Exception as problem:
            failed += 1
            print(f"{one.__name__}: {type(problem).__name__}: {problem}")
        else:
            print(f"{one.__name__}: passed")
    if failed:
        raise SystemExit(f"{failed} to do")


if __name__ == "__main__":
    check()
