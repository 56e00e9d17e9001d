"""Devices and the modes of execution."""

import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import devices
from minitfe.context import get_listeners
from minitfe.execute import copy_to

CPU = "/job:localhost/replica:0/task:0/device:CPU:0"


@pytest.mark.parametrize(
    "spelling", ["/cpu:0", "cpu:0", "CPU:0", "/device:CPU:0", CPU, "/job:localhost/cpu:0", "cpu", "/cpu:*"]
)
def test_all_spellings_of_a_device(spelling):
    with tf.device(spelling):
        assert tf.ones([2]).device == CPU


def test_a_device_that_is_not_there():
    with pytest.raises(
        RuntimeError, match=f"Error copying tensor to device: .*CPU:7 unknown device. Devices that are here: {CPU}"
    ):
        with tf.device("/cpu:7"):
            pass
    with pytest.raises(ValueError, match="Unknown attribute: 'nonsense' in 'nonsense'"):
        with tf.device("nonsense"):
            pass
    with pytest.raises(RuntimeError, match="tf.device does not support functions"):
        with tf.device(lambda op: "/cpu:0"):
            pass
    assert get_listeners().device is None


def test_scopes_nest_and_none_lifts_them():
    with tf.device("/cpu:0"):
        assert get_listeners().device is devices.cpu()
        with tf.device(None):
            assert get_listeners().device is None
        assert get_listeners().device is devices.cpu()


def test_scopes_belong_to_their_thread():
    seen = []
    with tf.device("/cpu:0"):
        thread = threading.Thread(target=lambda: seen.append(get_listeners().device))
        thread.start()
        thread.join()
    assert seen == [None]


def test_lists():
    assert tfe.list_devices()[0] == CPU and tfe.num_gpus() >= 0


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)


def test_before_eager_execution_is_enabled_ops_go_into_a_graph():
    result = run(
        "import minitfe as tf\nassert not tf.executing_eagerly()\nprint(tf.add(1, 2))\ntf.enable_eager_execution()"
    )
    assert result.stdout == 'Tensor("Add:0", shape=(), dtype=int32)\n'
    assert "ValueError: tf.enable_eager_execution must be called at program startup" in result.stderr


def test_enabling_again_changes_nothing():
    result = run(
        "import minitfe as tf\ntf.enable_eager_execution()\ntf.enable_eager_execution()\nprint(tf.executing_eagerly(), int(tf.add(1, 2)))"
    )
    assert result.stdout == "True 3\n", result.stderr


def test_a_thread_that_began_before_eager_execution_was_enabled():
    program = """
import threading
import minitfe as tf
go = threading.Event()
def work():
    go.wait()
    print(int(tf.add(1, 2)))
thread = threading.Thread(target=work)
thread.start()
tf.enable_eager_execution()
go.set()
thread.join()
"""
    assert run(program).stdout == "3\n"


def test_a_bad_policy_is_refused():
    with pytest.raises(ValueError, match="device_policy must be one of"):
        tf.enable_eager_execution(device_policy="sometimes")


def test_gradients_of_a_copy_lie_where_the_original_is():
    package = SimpleNamespace(DEVICE_TYPE="FAR", KERNELS={}, from_numpy=lambda x, handle: x, to_numpy=lambda x: x)
    far = devices.Device(0, "far", package, None)
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        there = copy_to(x, far)
        y = copy_to(there, devices.cpu()) * [3.0, 4.0]
    g = tape.gradient(y, x)
    assert there.home is far and g.home is devices.cpu() and g.numpy().tolist() == [3.0, 4.0]
