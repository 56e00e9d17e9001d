"""Exercises for chapter 11, the same program on a GPU.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.
"""

import functools
from types import SimpleNamespace

import numpy as np

import minitfe as tf
import minitfe_numpy
from minitfe import kernel_registry

tf.enable_eager_execution()


def with_name_and_docstring_of(function):
    """A decorator for a function that stands in for another one."""
    return functools.wraps(function)


class FarAway:
    """A kernel package for those who have no GPU: it computes as numpy does, and counts copies to and from there."""

    def __init__(self):
        self.DEVICE_TYPE, self.KERNELS, self.GAPS = "FAR", minitfe_numpy.KERNELS, {}
        self.sent = self.read = 0

    def devices(self):
        return ["the far device"]

    def from_numpy(self, array, device):
        self.sent += 1
        return array.copy()

    def to_numpy(self, array):
        self.read += 1
        return array.copy()

    def forget(self):
        self.sent = self.read = 0


far = FarAway()
kernel_registry.register_package("far", far)
CPU, FAR = "/cpu:0", "/far:0"


def bring_together(tensors):
    """Exercise 1. Return a list of the tensors, all on the device of the first one.

    What lies there already must not be copied: return that very tensor.
    """
    raise NotImplementedError("bring_together is yours to write")


def on_device(name):
    """Exercise 2. Return a decorator that sends a function to the device of that name, and its result home.

    The function takes tensors and returns one. Wherever its arguments lie, it computes on that device; its result comes
    back to the device of the first argument. Gradients must find the way through. Keep the function's docstring.
    """
    raise NotImplementedError("on_device is yours to write")


def seconds(function, wait, clock, calls):
    """Exercise 3. Return how many seconds a call of a function takes on a device with a queue: the mean of many calls.

    The first call of a function compiles its kernels and must not count. There may be other work in the queue before
    you begin. `wait()` returns when the queue is empty, and `clock()` says how many seconds have passed. Do not wait
    between the measured calls, of which there are `calls`: programs would not, either.
    """
    raise NotImplementedError("seconds is yours to write")


def train(step, steps, every):
    """Exercise 4. Call `step()` so many times, and return the mean losses of each `every` steps, as a list of floats.

    The first number is the mean loss of the first `every` steps, and so on. Each step returns its loss, a tensor on a
    far device. Reading a number from there empties the queue, so read only once for each mean. `steps` is a multiple of
    `every`.
    """
    raise NotImplementedError("train is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def made_on(device, values):
    """A tensor on a device; the copies that it took are not counted."""
    with tf.device(device):
        tensor = tf.constant(values)
    far.forget()
    return tensor


def place(tensor):
    return tensor.device.rpartition("device:")[2]


def check_bring_together():
    a, b, c = made_on(CPU, [1.0]), made_on(FAR, [2.0]), made_on(FAR, [3.0])
    together = bring_together([b, a, c])
    assert [place(x) for x in together] == ["FAR:0"] * 3, [place(x) for x in together]
    assert together[0] is b and together[2] is c, "these two were there already"
    assert (far.sent, far.read) == (1, 0), f"{far.sent} copies were sent and {far.read} read, for one tensor to move"
    assert [float(x) for x in together] == [2.0, 1.0, 3.0]
    assert [place(x) for x in bring_together([a, b])] == ["CPU:0"] * 2


def check_on_device():
    places = []

    @on_device(FAR)
    def product(x, y):
        """Multiplies."""
        places.append(place(x * y))
        return x * y

    x, y = made_on(CPU, [2.0, 3.0]), made_on(CPU, [10.0, 20.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = product(x, y)
    assert places == ["FAR:0"], f"computed on {places}"
    assert place(z) == "CPU:0", f"the result is on {place(z)}"
    np.testing.assert_array_equal(z.numpy(), [20.0, 60.0])
    gradient = tape.gradient(z, x)
    assert gradient is not None, "the tape has lost the way"
    assert place(gradient) == "CPU:0", f"the gradient is on {place(gradient)}"
    np.testing.assert_array_equal(gradient.numpy(), [10.0, 20.0])
    assert place(product(made_on(FAR, [1.0]), y)) == "FAR:0", "the result belongs where the first argument is"
    assert product.__doc__ == "Multiplies.", "`with_name_and_docstring_of` keeps it"


def check_seconds():
    # Asking for a kernel takes 1 s, running it 10 s, compiling it 500 s. Time passes in this simulation only.
    device = SimpleNamespace(now=0.0, free_at=1000.0, compiled=False, calls=0)

    def function():
        device.now += 1 if device.compiled else 500
        device.compiled = True
        device.calls += 1
        device.free_at = max(device.free_at, device.now) + 10

    def wait():
        device.now = max(device.now, device.free_at)

    result = seconds(function, wait, lambda: device.now, calls=20)
    assert device.calls > 20, "a first call that does not count, and then those that do"
    # The first kernel starts when it was asked for; while the others are asked for, the device is at work.
    assert result == (1 + 20 * 10) / 20, f"a call took {result} s, not 10.05 s"


def check_train():
    losses = iter([8.0, 6.0, 5.0, 4.0, 3.0, 1.0])
    tensors = [made_on(FAR, loss) for loss in losses]
    steps = iter(tensors)
    assert train(lambda: next(steps), 6, 3) == [19 / 3, 8 / 3]
    assert far.read == 2, f"{far.read} numbers were read, for two means"
    steps = iter(tensors)
    assert train(lambda: next(steps), 4, 1) == [8.0, 6.0, 5.0, 4.0]
    assert next(steps) is tensors[4], "four steps, not more"


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_bring_together, check_on_device, check_seconds, check_train):
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
