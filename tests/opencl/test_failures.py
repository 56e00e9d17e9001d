"""What can go wrong with a device, and what is said then."""

import subprocess
import sys

import numpy as np
import pytest

import minitfe as tf
from minitfe.extend import register_op, unregister_op
from minitfe_opencl.elementwise import ALONE, Elementwise

ASK_FOR_A_GPU = """
import minitfe as tf
tf.enable_eager_execution()
print(float(tf.add(1.0, 2.0)))
with tf.device('/gpu:0'):
    pass
"""


def last_line(program, **environment):
    """Runs a program that fails; returns what it printed and the last line of its traceback."""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, env=environment or None
    )
    return result.stdout, result.stderr.strip().rpartition("\n")[2]


def with_environment(monkeypatch, program, **changes):
    for name, value in changes.items():
        monkeypatch.setenv(name, value)
    return last_line(program)


def test_without_pyopencl():
    printed, error = last_line("import sys; sys.modules['pyopencl'] = None\n" + ASK_FOR_A_GPU)
    assert printed == "3.0\n", "the CPU works without"
    assert "GPU:0 unknown device" in error
    assert error.endswith("The OpenCL kernels need pyopencl: pip install minitfe[opencl].")


def test_hidden_devices(monkeypatch):
    printed, error = with_environment(monkeypatch, ASK_FOR_A_GPU, MINITFE_OPENCL="none")
    assert printed == "3.0\n"
    assert error.endswith("MINITFE_OPENCL=none hides all OpenCL devices.")


def test_a_wrong_choice(monkeypatch):
    _, error = with_environment(monkeypatch, ASK_FOR_A_GPU, MINITFE_OPENCL="yes")
    assert error == "ValueError: The environment variable MINITFE_OPENCL is 'yes'; it may be gpu, all, none."


NO_PLATFORM = """
import pyopencl
def get_platforms():
    raise pyopencl.LogicError("clGetPlatformIDs failed: PLATFORM_NOT_FOUND_KHR")
pyopencl.get_platforms = get_platforms
"""


@pytest.mark.usefixtures("gpu")
class TestWithADevice:
    def test_no_platform(self):
        printed, error = last_line(NO_PLATFORM + ASK_FOR_A_GPU)
        assert printed == "3.0\n"
        assert "OpenCL found no platform with a device: install your GPU's driver, or PoCL" in error

    def test_a_cpu_device_does_not_serve_unasked(self, gpu, monkeypatch):
        _, error = with_environment(monkeypatch, ASK_FOR_A_GPU, MINITFE_OPENCL="gpu")
        if not gpu.handle.device.type & 2:
            pytest.skip("the device is a real GPU, which serves unasked")
        assert "is a CPU device; MINITFE_OPENCL=all lets it serve as a GPU." in error

    def test_pocl_without_a_linker(self, gpu, monkeypatch):
        """PoCL would abort the process."""
        if gpu.handle.device.platform.name != "Portable Computing Language":
            pytest.skip("the device is not PoCL's")
        printed, error = with_environment(monkeypatch, ASK_FOR_A_GPU, PATH="")
        assert printed == "3.0\n"
        assert error.endswith("(PoCL) needs the linker ld, which is not on the PATH: install gcc or binutils.")

    def test_an_array_that_is_too_large(self, gpu):
        with pytest.raises(
            tf.errors.ResourceExhaustedError, match=r"more than .* gives to one array: .* GiB and 2147483647 elements"
        ):
            with tf.device("/gpu:0"):
                tf.zeros([2**20, 2**20])
        with tf.device("/gpu:0"):
            assert float(tf.reduce_sum(tf.ones([10]))) == 10, "the device goes on working"

    def test_more_arrays_than_fit(self, gpu, monkeypatch):
        monkeypatch.setattr(gpu.handle, "total_memory", gpu.handle.used_memory() + 2**20)
        with pytest.raises(tf.errors.ResourceExhaustedError, match="more do not fit: .* are in use. Work on smaller"):
            with tf.device("/gpu:0"):
                tf.zeros([2**19])

    def test_a_kernel_that_does_not_compile(self, gpu):
        """The line is quoted: who reports it need not look for it."""
        kernel = Elementwise("x + undeclared_name", ALONE)
        op = register_op(
            "with_a_typo", kernels={"numpy": np.negative, "opencl": kernel}, shape=lambda x: x, no_gradient="never used"
        )
        try:
            with tf.device("/gpu:0"), pytest.raises(tf.errors.InternalError) as caught:
                op(tf.constant([1.0]))
        finally:
            unregister_op("with_a_typo")
        message = str(caught.value)
        assert "the compiler objects to the line '#define EXPRESSION x + undeclared_name'" in message or (
            "the compiler objects to the line 'out[i] = EXPRESSION;'" in message
        )
        assert "undeclared identifier" in message and "[Op:WithATypo]" in message

    def test_use_after_fork(self):
        program = """
import os, sys
import minitfe as tf
tf.enable_eager_execution()
with tf.device('/gpu:0'):
    x = tf.ones([2])
    print(x.numpy().sum(), flush=True)
    if os.fork() == 0:
        for use in (lambda: x + x, x.numpy):
            try:
                use()
            except Exception as error:
                print(type(error).__name__, error, flush=True)
        os._exit(0)
    os.wait()
print(float(tf.reduce_sum(x)))
"""
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
        lines = result.stdout.splitlines()
        assert (lines[0], lines[-1]) == ("2.0", "2.0"), result.stderr
        assert lines[1].startswith("InternalError OpenCL does not survive os.fork: this process was forked")
        assert lines[2].startswith("RuntimeError OpenCL does not survive os.fork: this process was forked")
        assert "multiprocessing.get_context('spawn')" in lines[1]

    def test_division_by_zero_stops_nothing(self):
        with tf.device("/gpu:0"):
            x, y = tf.constant([7, -7, -(2**31)]), tf.constant([0, 0, -1])
            np.testing.assert_array_equal((x // y).numpy(), [0, 0, -(2**31)])

    def test_an_index_that_is_not_there_reads_0(self):
        with tf.device("/gpu:0"):
            picked = tf.gather([[1.0, 2.0], [3.0, 4.0]], [1, 2, -1])
            np.testing.assert_array_equal(picked.numpy(), [[3, 4], [0, 0], [0, 0]])
