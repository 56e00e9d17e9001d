"""
8. Checkpoints, metrics, TensorBoard
====================================

Training takes hours, and machines are switched off. This chapter measures a model properly, watches it learn, stops the
program in the middle, and goes on as if nothing had happened, down to the last bit.
"""

import os
import tempfile
import textwrap

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()
tf.set_random_seed(0)

images, labels = load_digits(return_X_y=True)
images, labels = (images / 16).astype("f"), labels.astype("i4")
training = tf.data.Dataset.from_tensor_slices((images[360:], labels[360:])).shuffle(1437).repeat().batch(32)
held_out = tf.data.Dataset.from_tensor_slices((images[:360], labels[:360])).batch(100)
folder = tempfile.mkdtemp()

# %%
# Metrics
# -------
# The held-out digits come in batches of 100, 100, 100 and 60. What is the accuracy over all of them? Not the mean of
# the four, since the last batch is smaller. A *metric* keeps what it needs: here, how many were right and how many
# there were.

right = tfe.metrics.Accuracy()
right([1, 2, 3, 4], [1, 2, 3, 0])
right([7], [0])
print("3 of 4, then 0 of 1:", float(right.result()), " the mean of the two would be", (3 / 4 + 0) / 2)

# %%
# ``init_variables`` begins anew, for the next epoch. Other metrics answer other questions. A confusion matrix says
# which digits are taken for which.


def make_model():
    """A small classifier."""
    dense = tf.keras.layers.Dense
    return tf.keras.Sequential([dense(32, activation="relu"), dense(10)])


def take_step(model, optimizer, x, y, global_step=None):
    """Trains a model on a batch; returns the loss and the gradients."""
    with tf.GradientTape() as tape:
        loss = tf.losses.sparse_softmax_cross_entropy(labels=y, logits=model(x))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables), global_step=global_step)
    return loss, gradients


def evaluate(model):
    """Accuracy, mean loss and confusion matrix over the held-out digits."""
    accuracy, loss = tfe.metrics.SparseAccuracy("held-out accuracy"), tfe.metrics.Mean("held-out loss")
    confusion = tfe.metrics.ConfusionMatrix(10)
    for x, y in held_out:
        logits = model(x)
        accuracy(y, logits)
        confusion(y, tf.argmax(logits, 1))
        loss(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    return float(accuracy.result()), float(loss.result()), confusion.result().numpy()


model, optimizer = make_model(), tf.train.AdamOptimizer(0.01)
for x, y in training.take(30):
    take_step(model, optimizer, x, y)

accuracy, loss, confusion = evaluate(model)
print(f"after 30 steps: accuracy {accuracy:.1%}, loss {loss:.3f}")
mistakes = confusion - np.diag(np.diag(confusion))
for _ in range(3):
    written, read = np.unravel_index(mistakes.argmax(), mistakes.shape)
    print(f"{mistakes[written, read]:.0f} times {written} was read as {read}")
    mistakes[written, read] = 0

# %%
# What a run consists of
# ----------------------
# To go on where a run was stopped takes more than the weights: the optimizer's slots, the place in the data, the global
# step, and the state of the random numbers. A ``Checkpoint`` is given objects by name, and saves them with all that
# they hold.


class Run:
    """A training run: all that changes while it goes on."""

    def __init__(self):
        self.model, self.optimizer = make_model(), tf.train.AdamOptimizer(0.01)
        self.batches = iter(training)
        self.step = tf.train.get_or_create_global_step()
        self.checkpoint = tf.train.Checkpoint(
            model=self.model, optimizer=self.optimizer, batches=self.batches, step=self.step
        )

    def train(self, steps):
        """Takes some steps; returns the losses."""
        losses = []
        for _ in range(steps):
            loss, _ = take_step(self.model, self.optimizer, *next(self.batches), self.step)
            losses.append(float(loss))
        return losses


run = Run()
run.train(40)
path = run.checkpoint.save(os.path.join(folder, "run"))
print(os.path.basename(path), "at step", int(run.step))
expected = run.train(40)

# %%
# Now the power fails. A new program begins with new objects, other random weights, and the start of the data:

run = Run()
tf.train.get_or_create_global_step().assign(0)
status = run.checkpoint.restore(tf.train.latest_checkpoint(folder))
print("goes on at step", int(run.step))
print("the same 40 losses, bit for bit:", run.train(40) == expected)

# %%
# Note that the model had no weights when it was restored: layers make them at the first call. What was restored waited
# for them, and so they began with the saved values. Once everything has been made, ask whether all of it was found.

status.assert_consumed()
print(str(status).replace(folder, "..."))

# %%
# What does not fit
# -----------------
# A misspelt name, or a model that was changed, is no error at first: the value may be about to be made.
# ``assert_consumed`` tells.


def show_error(function):
    """Calls a function that fails, and prints the error, with our folder left out."""
    try:
        function()
    except Exception as error:
        for line in f"{type(error).__name__}: {error}".replace(folder, "...").splitlines():
            print(textwrap.fill(line, 100, subsequent_indent="    "))


misspelt = tf.train.Checkpoint(model=run.model, optimizer=run.optimizer, batches=run.batches, stpe=run.step)
show_error(lambda: misspelt.restore(path).assert_consumed())

# %%
# Files get damaged, too. Here one bit of the checkpoint is flipped, as a bad disk might do. Without a check one weight
# would be a little different, and nobody would know. The file therefore carries a digest of all it holds.

file = path + ".safetensors"
with open(file, "rb") as opened:
    content = bytearray(opened.read())
content[len(content) // 2] ^= 1
with open(file, "wb") as opened:
    opened.write(content)
show_error(lambda: run.checkpoint.restore(path))

# %%
# That is a reason to keep more than one. A ``CheckpointManager`` keeps the latest few and deletes the others. A file is
# written under another name first and then renamed, so that a crash in the middle of saving leaves the last one as it
# was.

manager = tf.train.CheckpointManager(run.checkpoint, os.path.join(folder, "managed"), max_to_keep=3)
for _ in range(5):
    run.train(10)
    manager.save()
print([os.path.basename(path) for path in manager.checkpoints])

# %%
# To see what is in one, no model is needed.

for name, shape in tf.train.list_variables(manager.latest_checkpoint)[:6]:
    print(f"{name:70} {shape}")

# %%
# Watching a run
# --------------
# ``tf.contrib.summary`` writes down numbers, histograms and images while a program runs. Three things must come
# together: a *writer*, which says where to; a *scope*, which says when; and the global step, which says at which place
# on the axis. Calls outside of such a scope do nothing, and cost nothing.

summary = tf.contrib.summary


def watched_run(rate, logdir, steps=200):
    """Trains a model, and writes down how it goes."""
    tf.set_random_seed(1)
    model, optimizer = make_model(), tf.train.GradientDescentOptimizer(rate)
    step = tf.train.get_or_create_global_step()
    step.assign(0)
    with summary.create_file_writer(logdir).as_default(), summary.record_summaries_every_n_global_steps(10):
        for x, y in training.take(steps):
            loss, gradients = take_step(model, optimizer, x, y, step)
            summary.scalar("loss", loss)
            summary.scalar("gradient norm", tf.global_norm(gradients))
            summary.histogram("first kernel", model.layers[0].kernel)
        with summary.always_record_summaries():
            accuracy, _, _ = evaluate(model)  # a metric records its result, too
            summary.image("digits", tf.reshape(x, [-1, 8, 8, 1]), max_images=3)
    return accuracy


logs = os.path.join(folder, "logs")
rates = (0.02, 0.2, 1.0)
for rate in rates:
    print(f"learning rate {rate}: held-out accuracy {watched_run(rate, os.path.join(logs, str(rate))):.1%}")

# %%
# In a shell, ``tensorboard --logdir`` with the name of the folder now shows all three runs in a browser, also while
# they are still going on. The files can be read in Python too, which is how these curves were made.

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
for rate in rates:
    events = EventAccumulator(os.path.join(logs, str(rate))).Reload()
    for axes, tag in ((left, "loss"), (right, "gradient_norm")):
        points = events.Scalars(tag)
        axes.semilogy([point.step for point in points], [point.value for point in points], label=f"rate {rate}")
        axes.set(xlabel="global step", title=tag.replace("_", " "))
left.legend()
plt.show()
print(events.Tags()["scalars"], events.Tags()["histograms"], events.Tags()["images"])

# %%
# The curves say what the accuracies do not: the smallest rate is not done yet, and the largest one jumps about.
#
# If you train with ``fit``, there are callbacks for all of this: ``tf.keras.callbacks.ModelCheckpoint`` and
# ``tf.keras.callbacks.TensorBoard``.
#
# Exercises
# ---------
# In ``tutorials/exercises/08_checkpoints_metrics_tensorboard.py``:
#
# 1. ``TopAccuracy``: a metric of your own.
# 2. ``train_or_resume``: a program that can be stopped at any moment.
# 3. ``keep_best``: the weights of the best epoch, not of the last.
# 4. ``write_norms``: which layer learns how fast?
