"""Where things lie and where ops run, on a machine with a GPU."""

import gc
import subprocess
import sys
import warnings

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import devices

CPU = "/job:localhost/replica:0/task:0/device:CPU:0"
GPU = "/job:localhost/replica:0/task:0/device:GPU:0"

pytestmark = pytest.mark.usefixtures("gpu")


@pytest.mark.parametrize(
    "spelling", ["/gpu:0", "gpu:0", "GPU:0", "/device:GPU:0", GPU, "/job:localhost/gpu:0", "/gpu:*"]
)
def test_all_spellings_of_a_gpu(spelling):
    with tf.device(spelling):
        assert tf.ones([2]).device == GPU


def test_devices_are_listed():
    assert tfe.list_devices()[:2] == [CPU, GPU] and tfe.num_gpus() >= 1


def test_tensors_move_between_devices():
    x = tf.constant([1.0, 2.0])
    assert x.cpu().device == CPU and x.gpu().device == GPU and x.gpu(0).device == GPU
    np.testing.assert_array_equal(x.cpu().gpu().cpu().numpy(), [1, 2])


def test_a_gpu_that_is_not_there_is_named_with_those_that_are():
    missing = tfe.num_gpus()
    with pytest.raises(RuntimeError, match=f"GPU:{missing} unknown device. Devices that are here: {CPU}, {GPU}"):
        tf.constant(1.0).gpu(missing)


def test_without_a_scope_work_runs_on_the_gpu():
    assert tf.constant([1.0]).device == GPU
    assert tf.zeros([2]).device == GPU
    assert tf.random_normal([2]).device == GPU
    assert tfe.Variable([1.0]).device == GPU


def test_an_op_runs_where_its_inputs_are():
    x = tf.ones([2]).cpu()
    assert (x + x).device == CPU and (x * 2.0).device == CPU
    assert (x + x.gpu()).device == GPU


def test_a_scope_decides_where_ops_run():
    x = tf.ones([2]).gpu()
    with tf.device("/cpu:0"):
        assert tf.exp(x).device == CPU
        assert tfe.Variable([1.0]).device == CPU


def test_strings_stay_on_the_cpu():
    with tf.device("/gpu:0"):
        words = tf.constant(["a", "b"])
        assert words.device == CPU
        assert tf.gather(words, [1]).numpy() == [b"b"]


def test_a_gradient_lies_where_its_source_lies():
    x, y = tf.constant([1.0, 2.0]).cpu(), tf.constant([3.0, 4.0]).gpu()
    with tf.GradientTape() as tape:
        tape.watch([x, y])
        z = tf.reduce_sum(x * y)
    dx, dy = tape.gradient(z, [x, y])
    assert (dx.device, dy.device) == (CPU, GPU)
    np.testing.assert_array_equal(dx.numpy(), [3, 4])
    np.testing.assert_array_equal(dy.numpy(), [1, 2])


def test_a_variable_frees_its_memory_with_its_last_reference(gpu):
    gc.collect()
    before = gpu.handle.used_memory()
    with tf.device("gpu:0"):
        v = tfe.Variable(tf.random_normal([1000, 1000]))
    assert gpu.handle.used_memory() >= before + 4_000_000
    del v
    assert gpu.handle.used_memory() == before


def test_the_same_seed_gives_the_same_numbers_everywhere():
    def draw(device):
        tf.set_random_seed(7)
        with tf.device(device):
            return [f([100]).numpy() for f in (tf.random_normal, tf.random_uniform, tf.truncated_normal)]

    for there, here in zip(draw("/gpu:0"), draw("/cpu:0")):
        np.testing.assert_array_equal(there, here)


def test_a_gap_runs_on_the_cpu_with_one_warning():
    with tf.device("/gpu:0"), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            inverse = tf.matrix_inverse([[2.0, 0.0], [0.0, 4.0]])
    assert inverse.device == GPU
    np.testing.assert_allclose(inverse.numpy(), [[0.5, 0], [0, 0.25]])
    assert [str(warning.message) for warning in caught] == [
        "matrix_inverse has no kernel for /gpu:0; it runs on the CPU: factoring a matrix is LAPACK's work, step after step"
    ]


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [("SILENT", ""), ("WARN", "and is copied"), ("EXPLICIT", "Tensors on conflicting devices: add runs on /gpu:0")],
)
def test_device_policies(policy, outcome):
    program = f"""
import minitfe as tf, minitfe.contrib.eager as tfe
tf.enable_eager_execution(device_policy=tfe.DEVICE_PLACEMENT_{policy})
x = tf.constant([1., 2.]).cpu()
with tf.device('/gpu:0'):
    print((x + x).device)
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert outcome in result.stderr and bool(outcome) == bool(result.stderr)
    assert result.stdout == ("" if policy == "EXPLICIT" else f"{GPU}\n")


def test_everything_is_computed_when_it_is_read():
    """Ops are only queued: the queue keeps their order."""
    x = tf.zeros([1000])
    for _ in range(100):
        x = x + 1.0
    np.testing.assert_array_equal(x.numpy(), np.full(1000, 100))


def test_the_first_gpu_is_the_default(gpu):
    assert devices.default() is gpu
