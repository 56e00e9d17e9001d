"""
7. Data pipelines
=================

A training loop wants batches of tensors; the world has files. ``tf.data`` describes the way from one to the other as a
chain of small steps. This chapter writes digits into files, reads them back, shuffles, augments and batches them, looks
at where the time goes, and at what happens when something fails or a program is stopped half-way.
"""

import os
import tempfile
import time

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import minitfe as tf
import minitfe.contrib.eager as tfe

tf.enable_eager_execution()
tf.set_random_seed(0)

# %%
# A dataset is a description
# --------------------------
# A ``Dataset`` holds no tensors. It knows how to make them, when somebody asks. The simplest one has its elements in
# memory already: the slices of an array along its first axis.

numbers = tf.data.Dataset.from_tensor_slices([3, 1, 4, 1, 5])
print(numbers)
for x in numbers:
    print(x.numpy(), end=" ")
print()

# %%
# Each method returns a new dataset around the old one, so that a pipeline reads from left to right.

squares = numbers.filter(lambda x: x > 1).map(lambda x: x * x).batch(2)
print([batch.numpy().tolist() for batch in squares])

# %%
# An element can be a structure: a tuple, a dictionary, a named tuple. A function that is mapped over tuples gets their
# parts as its arguments. It returns a structure again.

people = tf.data.Dataset.from_tensor_slices({"name": ["Ada", "Alan"], "born": [1815, 1912]})
for name, age in people.map(lambda person: (person["name"], 1950 - person["born"])):
    print(name.numpy().decode(), "would have been", age.numpy())

# %%
# Data from files
# ---------------
# Lines of text come from a ``TextLineDataset``, and ``tf.decode_csv`` reads the numbers in them.

folder = tempfile.mkdtemp()
path = os.path.join(folder, "points.csv")
with open(path, "w") as file:
    file.write("x,y\n0.5,1\n1.5,3\n2.5,5\n")

points = tf.data.TextLineDataset(path).skip(1).map(lambda line: tf.decode_csv(line, [[0.0], [0]]))
print([(float(x), int(y)) for x, y in points])

# %%
# Binary data is often kept in TFRecord files: records of bytes, each with its length and a checksum. Here are 1,797
# handwritten digits, 8 by 8 pixels and the label: 65 bytes each.

digits = load_digits()
path = os.path.join(folder, "digits.tfrecord")
with tf.python_io.TFRecordWriter(path) as writer:
    for image, label in zip(digits.images, digits.target):
        writer.write(image.astype(np.uint8).tobytes() + bytes([label]))
print(os.path.getsize(path), "bytes =", len(digits.images), "x (65 + 16)")


def parse(record):
    """Bytes to an image of 64 floats between 0 and 1, and a label."""
    numbers = tf.decode_raw(record, tf.uint8)
    return tf.to_float(numbers[:64]) / 16.0, tf.to_int32(numbers[64])


records = tf.data.TFRecordDataset(path)
image, label = records.map(parse).make_one_shot_iterator().get_next()
print("the first is a", label.numpy(), "\n", image.numpy().reshape(8, 8).round(1))

# %%
# A flipped bit does not slip through: the checksum is compared, and the error says where.

with open(path, "rb") as file:
    damaged = bytearray(file.read())
damaged[100] ^= 1
with open(os.path.join(folder, "damaged.tfrecord"), "wb") as file:
    file.write(damaged)
try:
    list(tf.data.TFRecordDataset(file.name))
except tf.errors.DataLossError as error:
    print("DataLossError:", str(error).replace(folder, "..."))

# %%
# Shuffle, repeat, batch
# ----------------------
# ``shuffle`` keeps a buffer. It fills it, gives one of its elements at random, and puts the next one in its place. So
# an element can come late by any amount, but not earlier than the buffer is long. With a buffer as large as the
# dataset every order is equally likely; with a small one the data is merely stirred.

figure, panels = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained", sharey=True)
for panel, size in zip(panels, (1, 50, 500)):
    order = [int(x) for x in tf.data.Dataset.range(500).shuffle(size, seed=1)]
    panel.plot(order, ".", markersize=3)
    panel.set(title=f"shuffle({size})", xlabel="place it comes at")
    early = max(place_before - place for place, place_before in enumerate(order))
    print(f"buffer of {size}: no element comes more than {early} places early")
panels[0].set_ylabel("place it had")
plt.show()

# %%
# If the data is sorted by class, as files often are, a small buffer gives batches of one class.
#
# The order of the steps matters. ``shuffle`` before ``repeat`` gives every example once before any comes twice, in a
# new order in each epoch. ``batch`` after ``repeat`` lets batches run across the end of an epoch, so that all are full.

short = tf.data.Dataset.range(5).shuffle(5)
print("shuffle, repeat, batch:", [batch.numpy().tolist() for batch in short.repeat(2).batch(5)])
print("shuffle, batch, repeat:", [batch.numpy().tolist() for batch in short.batch(3).repeat(2)])

# %%
# Augmentation and randomness
# ---------------------------
# Functions in a pipeline may draw random numbers. What an element gets depends on the seed, the epoch and its number,
# not on what was drawn before. So it does not matter how many threads share the work.


def jitter(image, label):
    """Adds a little noise, different for each image and epoch."""
    return image + tf.random_normal([64], stddev=0.05), label


def first_pixels(dataset):
    return [round(float(image[10]), 4) for image, _ in dataset.take(4)]


tf.set_random_seed(1)
print("one thread:   ", first_pixels(records.map(parse).map(jitter)))
tf.set_random_seed(1)
print("three threads:", first_pixels(records.map(parse).map(jitter, num_parallel_calls=3)))

# %%
# Where the time goes
# -------------------
# How many examples a second does a pipeline deliver? A pass through it tells.


def rate(dataset, size=32):
    """Examples per second, in batches."""
    start = time.perf_counter()
    count = sum(len(labels) for _, labels in dataset.batch(size))
    return count / (time.perf_counter() - start)


parsed = records.map(parse)
in_memory = tf.data.Dataset.from_tensor_slices((digits.data.astype("f") / 16, digits.target.astype("i4")))
cached = parsed.cache()
rate(cached)  # the first pass computes and remembers
for name, dataset in (("from the file", parsed), ("cached", cached), ("slices of arrays", in_memory.shuffle(1797))):
    print(f"{name:17} more than {10 ** int(np.log10(rate(dataset))):,} examples a second")

# %%
# Slices are fastest, since ``shuffle`` and ``batch`` pass only row numbers to each other; the rows are taken out of
# the arrays once per batch. A function per element costs most: it makes tensors of each element and runs ops on
# them. Mapping over batches, after ``batch``, divides that cost by the batch size.
#
# The other half of the answer is *when* the work is done. Without ``prefetch`` the pipeline stands still while the
# model computes, and the model while the pipeline does. ``prefetch`` gives the pipeline a thread of its own.
# Sleeping stands for waiting here: for a disk on one side, for a GPU on the other.


def slow_read(x):
    time.sleep(0.004)
    return x


def seconds(dataset):
    start = time.perf_counter()
    for _ in dataset:
        time.sleep(0.004)  # the training step
    return time.perf_counter() - start


slow = tf.data.Dataset.range(30).map(slow_read)
one_after_the_other, side_by_side = seconds(slow), seconds(slow.prefetch(1))
print(f"with prefetch it takes {side_by_side / one_after_the_other:.1f} of the time")

# %%
# When a function fails
# ---------------------
# An error inside of a mapped function arrives where the element is asked for, with the traceback that leads into the
# function, also when it ran on another thread. It counts as one element: an iterator can go on behind it.


def inverse(x):
    tf.Assert(tf.not_equal(x, 2), [x])
    return 1.0 / tf.to_float(x)


iterator = tfe.Iterator(tf.data.Dataset.range(1, 5).map(inverse, num_parallel_calls=2).prefetch(1))
while True:
    try:
        print(iterator.get_next().numpy().round(3))
    except tf.errors.InvalidArgumentError as error:
        print("InvalidArgumentError:", str(error).splitlines()[0][:60])
    except tf.errors.OutOfRangeError:
        break

# %%
# Elements that do not fit into one batch are another frequent mistake. ``padded_batch`` is the remedy if they are meant
# to differ in length, as sentences do.

words = tf.data.Dataset.from_tensor_slices([2, 3, 1]).map(lambda n: tf.range(n) + 1)
try:
    list(words.batch(3))
except tf.errors.InvalidArgumentError as error:
    print(error)
print(next(iter(words.padded_batch(3, [None]))).numpy())

# %%
# Stopped and resumed
# -------------------
# An iterator is a position in a run, and both can be saved in a checkpoint. A program that is stopped and started
# again sees the rest of the epoch in the same random order, as if nothing had happened.

training = in_memory.shuffle(1797).repeat().batch(32).prefetch(1)
iterator = iter(training)
for _ in range(10):
    next(iterator)
saved = tf.train.Checkpoint(data=iterator).save(os.path.join(folder, "training"))
expected = [next(iterator)[1].numpy().tolist() for _ in range(60)]

resumed = iter(training)
tf.train.Checkpoint(data=resumed).restore(saved)
print("60 batches alike:", [next(resumed)[1].numpy().tolist() for _ in range(60)] == expected)

# %%
# The checkpoint does not hold the shuffle buffer. A pipeline is a function of its seed: element 10 can be found
# again, by skipping ten. What was skipped is not computed, where elements do not depend on each other.
#
# Exercises
# ---------
# In ``tutorials/exercises/07_data_pipelines.py``:
#
# 1. ``read_ratings``: a dataset from a text file.
# 2. ``shuffled``: the shuffle buffer, as a Python generator.
# 3. ``windows``: sliding windows over a sequence, made of transformations.
# 4. ``balanced``: as many examples of one class as of the other.
