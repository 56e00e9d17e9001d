"""A run that was stopped and resumed equals one that was never stopped, bit for bit."""

import subprocess
import sys

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.checkpointable import Checkpointable
from minitfe.keras import layers
from minitfe.keras.models import Sequential

IMAGES = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
LABELS = (IMAGES.sum(1) > 0).astype(np.int32)


class Dense(Checkpointable):
    """A layer that makes its weights, at random, when it is first called."""

    def __init__(self, size):
        self.size = size

    def __call__(self, x):
        if not hasattr(self, "kernel"):
            start = self._restored_value("kernel")
            shape = [int(x.shape[-1]), self.size]
            self.kernel = self._track(tf.Variable(tf.random_normal(shape) if start is None else start), "kernel")
            self.bias = tf.Variable(tf.zeros([self.size]))
        return tf.matmul(x, self.kernel) + self.bias


class Model(Checkpointable):
    """Two layers with dropout between, so that each step draws random numbers."""

    def __init__(self):
        self.layers = [Dense(5)]

    def __call__(self, x):
        if len(self.layers) < 2:
            self.layers.append(Dense(2))
        hidden = tf.nn.relu(self.layers[0](x))
        return self.layers[1](tf.nn.dropout(hidden, keep_prob=0.8))


class Run:
    """All that a training run consists of."""

    def __init__(self, optimizer):
        dataset = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).shuffle(20).repeat().batch(7).prefetch(2)
        self.model, self.optimizer, self.batches = Model(), optimizer(), tfe.Iterator(dataset)
        self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.checkpoint = tf.train.Checkpoint(
            model=self.model, optimizer=self.optimizer, batches=self.batches, step=self.step
        )

    def train(self, steps):
        """Takes steps; returns their losses."""
        losses = []
        for _ in range(steps):
            images, labels = self.batches.next()
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(
                    tf.nn.sparse_softmax_cross_entropy_with_logits(logits=self.model(images), labels=labels)
                )
            variables = tape.watched_variables()
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), 1.0)
            self.optimizer.apply_gradients(zip(gradients, variables), global_step=self.step)
            losses.append(loss.numpy())
        return losses

    def state(self):
        """All variables, those of the optimizer included."""
        layers = self.model.layers
        variables = [variable for layer in layers for variable in (layer.kernel, layer.bias)]
        return [variable.numpy() for variable in [*variables, *self.optimizer.variables(), self.step]]


OPTIMIZERS = {
    "adam": lambda: tf.train.AdamOptimizer(0.05),
    "momentum": lambda: tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True),
    "rmsprop": lambda: tf.train.RMSPropOptimizer(0.01, momentum=0.5, centered=True),
    "ftrl": lambda: tf.train.FtrlOptimizer(0.05, l1_regularization_strength=0.01),
    "adadelta": lambda: tf.train.AdadeltaOptimizer(0.5),
    "descent": lambda: tf.train.GradientDescentOptimizer(0.1),
}


@pytest.mark.parametrize("built", [False, True], ids=["before the first step", "after some steps"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_a_resumed_run_equals_one_that_was_not_stopped(tmp_path, optimizer, built):
    tf.set_random_seed(42)
    run = Run(optimizer)
    run.train(11)
    path = run.checkpoint.save(tmp_path / "ckpt")
    losses, state = run.train(11), run.state()

    tf.set_random_seed(7)
    resumed = Run(optimizer)
    if built:
        resumed.train(3)
    status = resumed.checkpoint.restore(path)
    assert resumed.train(11) == losses
    status.assert_consumed()
    for mine, others in zip(resumed.state(), state, strict=True):
        np.testing.assert_array_equal(mine, others)


def test_saving_changes_nothing_for_the_run(tmp_path):
    def losses(save):
        tf.set_random_seed(42)
        run = Run(OPTIMIZERS["adam"])
        found = []
        for _ in range(5):
            found += run.train(2)
            if save:
                run.checkpoint.save(tmp_path / "ckpt")
        return found

    assert losses(save=True) == losses(save=False)


def keras_run():
    """A model of layers that make their weights at the first call; one of them moves averages along."""
    model = Sequential(
        [layers.Dense(5, activation="relu"), layers.Dropout(0.3), layers.BatchNormalization(), layers.Dense(2)]
    )
    optimizer = tf.train.AdamOptimizer(0.05)

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(IMAGES, training=True) - 1.0))
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss.numpy()

    return tf.train.Checkpoint(model=model, optimizer=optimizer), step, model


def test_layers_and_models_resume_before_they_are_built(tmp_path):
    tf.set_random_seed(3)
    checkpoint, step, model = keras_run()
    for _ in range(3):
        step()
    path = checkpoint.save(tmp_path / "ckpt")
    losses = [step() for _ in range(4)]
    tf.set_random_seed(9)
    checkpoint, step, resumed = keras_run()
    status = checkpoint.restore(path)
    assert [step() for _ in range(4)] == losses
    status.assert_consumed()
    for mine, others in zip(resumed.variables, model.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), others.numpy())


PROGRAM = """
import sys
import numpy as np
import minitfe as tf
tf.enable_eager_execution()
from tests.train.test_resume import OPTIMIZERS, Run
folder, steps = sys.argv[1], int(sys.argv[2])
tf.set_random_seed(42)
run = Run(OPTIMIZERS["adam"])
manager = tf.train.CheckpointManager(run.checkpoint, folder, max_to_keep=2)
run.checkpoint.restore(manager.latest_checkpoint)
while int(run.step) < steps:
    run.train(1)
    manager.save()
print([array.tobytes().hex() for array in run.state()])
"""


def test_resuming_in_another_process(tmp_path, pytestconfig):
    def ran(folder, steps):
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / folder), str(steps)]
        process = subprocess.run(command, cwd=pytestconfig.rootpath, capture_output=True, text=True, timeout=120)
        assert process.returncode == 0, process.stderr
        return process.stdout

    ran("stopped", 4)
    assert ran("stopped", 9) == ran("whole", 9)
