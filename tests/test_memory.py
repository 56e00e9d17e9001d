"""Memory and depth: nothing is left behind by a training step, and no chain of ops is too long."""

import ctypes
import gc
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minitfe as tf

from .unavailable import unavailable

MEGABYTE = 2**20


def resident_bytes():
    """The memory that the process holds now. Linux tells."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        unavailable("only Linux tells a process how much memory it holds")
    return int(statistics.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def without_collector():
    """Python's collector of reference cycles is off: what is in a cycle stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def small_model():
    """One training step of a model with a hidden layer, as a function of nothing."""
    generator = np.random.default_rng(0)
    x = tf.constant(generator.normal(size=(8, 4)).astype("f"))
    w = tf.Variable(generator.normal(size=(4, 3)).astype("f") / 10)
    b = tf.Variable(np.zeros(3, "f"))

    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.5))
        for variable, gradient in zip((w, b), tape.gradient(loss, (w, b))):
            variable.assign_sub(0.01 * gradient)

    return step


def test_training_leaves_nothing_behind(without_collector):
    """10,000 steps, each with a tape, a dozen tensors and two assignments."""
    step = small_model()
    for _ in range(500):
        step()
    gc.collect()
    before = resident_bytes()
    for _ in range(10_000):
        step()
    assert resident_bytes() - before < MEGABYTE
    assert gc.collect() == 0, "objects that refer to each other in a circle"


def test_a_failed_step_leaves_nothing_behind(without_collector):
    """An exception holds the frames it passed through; it must go when it was handled."""
    x = tf.ones([2, 3])

    def failing_step():
        try:
            with tf.GradientTape() as tape:
                tape.watch(x)
                tf.matmul(x, x)
        except tf.errors.InvalidArgumentError:
            return
        raise AssertionError("shapes [2, 3] and [2, 3] were multiplied")

    failing_step()
    gc.collect()
    for _ in range(100):
        failing_step()
    assert gc.collect() == 0, "objects that refer to each other in a circle"


def test_persistent_tape_is_dropped_with_its_name(without_collector):
    x = tf.constant(np.ones(MEGABYTE, "f"))
    before = resident_bytes()
    for _ in range(20):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.tanh(x)
        tape.gradient(y, x)
        del tape, y
    assert resident_bytes() - before < 40 * MEGABYTE  # of 160 MB that the tapes held in turn


def test_a_chain_of_100_000_ops_differentiates():
    x = tf.constant(1.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for _ in range(100_000):
            y = y + x
    assert float(tape.gradient(y, x)) == 100_001.0


# ------------------------------------------------------------------------------------------- keeping freed memory

FAULTS = """
import resource
import minitfe_numpy
import numpy as np

def step():
    return [np.ones(1_000_000, "f") for _ in range(5)]

step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(keep):
    """How many pages are fetched from the operating system in 20 steps that make five arrays of a million floats each."""
    environment = os.environ | {"MINITFE_KEEP_MEMORY": keep}
    process = subprocess.run(
        [sys.executable, "-c", FAULTS], env=environment, capture_output=True, text=True, check=True
    )
    return int(process.stdout)


def test_freed_arrays_are_kept_for_reuse():
    if not (sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "gnu_get_libc_version")):
        unavailable("the C library is not glibc")
    assert page_faults(keep="1") < 100
    assert page_faults(keep="0") > 10_000, "switched off, and yet pages were kept: the test above shows nothing"
