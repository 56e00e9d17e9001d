"""Kernel packages of third parties: found by entry point, held by the conformance suite, with no change to minitfe."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import minitfe as tf
from minitfe import kernel_registry

ROOT = Path(__file__).parent.parent
CHOSEN = "(add or multiply or tanh or reduce_sum or there_and_back or complete) and not any_shape"


def with_the_toy(*command, **environment):
    """Runs Python where the toy package is installed, as far as its metadata can tell."""
    paths = [str(ROOT / "tests" / "toy"), str(ROOT), str(ROOT / "kernels")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTEST_ADDOPTS": "", **environment}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )


def conformance(**environment):
    return with_the_toy(
        "-m", "pytest", "tests/conformance", "--kernels", "toy", "-k", CHOSEN, "-p", "no:xdist", **environment
    )


def test_a_third_partys_package_is_found_and_used():
    program = """
import minitfe as tf
tf.enable_eager_execution()
with tf.device('/toy:0'):
    x = tf.constant([1., 2.])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(x * x)
print(y.device, tape.gradient(y, x).numpy())
"""
    result = with_the_toy("-c", program)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("/job:localhost/replica:0/task:0/device:TOY:0 [0.8399")


def test_a_gap_runs_on_the_cpu_with_one_warning():
    program = """
import minitfe as tf
tf.enable_eager_execution()
with tf.device('/toy:0'):
    x = tf.constant([1., 2.])
    print(tf.square(x).device, tf.square(x).numpy())
"""
    result = with_the_toy("-c", program)
    assert result.stdout == "/job:localhost/replica:0/task:0/device:TOY:0 [1. 4.]\n"
    assert result.stderr.count("square has no kernel for /toy:0; it runs on the CPU") == 1


def test_gradients_find_their_way_back_between_devices():
    """To second order; without a scope an op runs where the accelerator is, and the gradient lies where its source lies."""
    program = """
import minitfe as tf
tf.enable_eager_execution()
with tf.device('/toy:0'):
    weight = tf.constant([3., 4.])
x = tf.constant([1., 2.])
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = x * x * weight
    dy = inner.gradient(y, x)
ddy = outer.gradient(dy, x)
print(y.device[-5:], dy.device[-5:], dy.numpy(), ddy.device[-5:], ddy.numpy())
"""
    assert with_the_toy("-c", program).stdout == "TOY:0 CPU:0 [ 6. 16.] CPU:0 [6. 8.]\n"


@pytest.mark.parametrize(("policy", "outcome"), [("WARN", "is copied"), ("EXPLICIT", "Tensors on conflicting devices")])
def test_device_policies(policy, outcome):
    program = f"""
import minitfe as tf, minitfe.contrib.eager as tfe
tf.enable_eager_execution(device_policy=tfe.DEVICE_PLACEMENT_{policy})
x = tf.constant([1., 2.])
with tf.device('/toy:0'):
    x + x
"""
    stderr = with_the_toy("-c", program).stderr
    assert "add runs on /toy:0, but its input float32 (2,) lies on /cpu:0" in stderr and outcome in stderr


def test_the_conformance_suite_passes_a_right_package():
    result = conformance()
    assert result.returncode == 0, result.stdout
    assert " passed" in result.stdout


def test_the_conformance_suite_finds_a_wrong_kernel():
    """A thousandth too much, and only above 2: what a test at one point may well miss."""
    result = conformance(MINITFE_TOY="wrong")
    assert result.returncode == 1, result.stdout
    assert "test_value[multiply]" in result.stdout
    assert "test_value[tanh]" not in result.stdout.split("short test summary")[1]


def test_a_package_that_lacks_a_part_is_refused():
    with pytest.raises(tf.errors.InvalidArgumentError, match="'half' has no GAPS, to_numpy"):
        kernel_registry.register_package(
            "half", SimpleNamespace(DEVICE_TYPE="X", KERNELS={}, devices=list, from_numpy=np.array)
        )


def test_an_unknown_package_is_named_with_those_that_are_there():
    with pytest.raises(
        tf.errors.NotFoundError, match="No kernel package is called 'nowhere'; installed are \\['numpy'"
    ):
        kernel_registry.package("nowhere")
