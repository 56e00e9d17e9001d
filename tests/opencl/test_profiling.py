"""Profiles on a device that works through a queue."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import devices
from minitfe.operation import OPS

pytestmark = pytest.mark.usefixtures("gpu")

GPU = "/gpu:0"


def test_kernels_are_waited_for(gpu, monkeypatch):
    waited = []
    wait = gpu.package.wait
    monkeypatch.setattr(gpu.package, "wait", lambda handle: waited.append(handle) or wait(handle))
    x = tf.ones([100, 100]).gpu()
    with tf.profile(show=False) as p:
        tf.matmul(x, x)
    (row,) = p.rows
    assert (row.op, row.device, row.calls, row.output_bytes) == ("matmul", GPU, 1, 40000)
    assert waited == [gpu.handle] * 2
    tf.matmul(x, x)
    assert len(waited) == 2, "afterwards nothing waits"


def test_a_function_shows_what_runs_on_the_device():
    @tfe.defun
    def f(x):
        y = tf.exp(x) * x + 1.0
        return tf.cumsum(y)

    x = tf.constant(np.linspace(0, 1, 1000, dtype="f4")).gpu()
    before = f(x).numpy()
    with tf.profile(show=False) as p:
        after = f(x).numpy()
    assert np.array_equal(before, after)
    assert {(row.op, row.device, row.function) for row in p.rows} == {
        ("fused: exp, multiply, add", GPU, "f"),
        ("cumsum", GPU, "f"),
    }
    assert sorted(row.where.rpartition(":")[0][-17:] for row in p.lines) == ["test_profiling.py"] * 2
    kernel = OPS["cumsum"].kernels[devices.find(GPU)][np.dtype("f4")]
    assert f(x).numpy().shape == (1000,) and kernel.__module__.startswith("minitfe_opencl")
    assert sum(row.calls for row in p.rows) == 2, "what runs afterwards is not counted"


def test_an_op_that_runs_on_the_cpu_instead_is_counted_there(gpu):
    gap = next(name for name in gpu.package.GAPS if isinstance(name, str) and name == "cholesky")
    x = tf.constant(np.eye(3, dtype="f4")).gpu()
    with pytest.warns(RuntimeWarning, match=gap), tf.profile(show=False) as p:
        tf.cholesky(x)
    assert {row.device for row in p.rows if row.op == gap} == {"/cpu:0", GPU}, "the work, and the copies around it"
