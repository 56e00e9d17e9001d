"""Solutions to the exercises of chapter 2, the one door.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

from collections import Counter

import numpy as np

import minitfe as tf
from minitfe import context, extend
from minitfe.execute import execute
from minitfe.graph.graph import trace
from minitfe.tensor import Tensor

tf.enable_eager_execution()


def apply_by_hand(op, *tensors):
    """Exercise 1. Return what the op gives for these tensors, without calling `execute` or any function of `tf`.

    All tensors are on one device, the op has one output and no settings. Find its kernel, run it on the arrays, and
    wrap the result with `Tensor`.
    """
    home = tensors[0].home
    kernel = op.kernels[home][tensors[0].array.dtype]
    return Tensor(kernel(*[x.array for x in tensors]), home)


def count_operations(function, *examples):
    """Exercise 2. Return a Counter that says how often a function uses each op, by the op's name.

    The function is called with tensors like the examples. Use `trace`.
    """
    graph, _, _ = trace(function, *examples)
    return Counter(operation.op.name for operation in graph.operations)


class Recorder:
    """Exercise 3. An interpreter that computes each op, and keeps (name, inputs, output) of each in `records`."""

    def __init__(self):
        self.records = []

    def execute(self, op, inputs, attributes):
        """Compute the op as usual, keep the record, return the output. `context.listening(interpreter=None)` helps."""
        with context.listening(interpreter=None):
            output = execute(op, inputs, attributes)
        self.records.append((op.name, inputs, output))
        return output


def register_multiply_add():
    """Exercise 4. Register an op "multiply_add" that computes x * y + z, with broadcasting, and return its function.

    Use `extend.register_op` with the shape rule `extend.shapes.broadcast`, the setting `broadcasts=True` and three
    gradient rules. A rule is called as ``rule(g, x, y, z, output)``; undoing the broadcasting is not its business.
    """

    def multiply_add(x, y, z):
        return x * y + z

    return extend.register_op(
        "multiply_add",
        kernels={"numpy": multiply_add},
        shape=extend.shapes.broadcast,
        broadcasts=True,
        gradients={
            0: lambda g, x, y, z, output: g * y,
            1: lambda g, x, y, z, output: g * x,
            2: lambda g, x, y, z, output: g,
        },
    )


# ------------------------------------------------------------------------------------------------------- checks


def check_apply_by_hand():
    x, y = tf.constant([1.0, 2.0]), tf.constant([3.0, 5.0])
    result = apply_by_hand(tf.multiply.op, x, y)
    assert isinstance(result, Tensor), "the result must be a tensor"
    assert result.home is x.home, "the result must be where its inputs are"
    np.testing.assert_array_equal(result.numpy(), execute(tf.multiply.op, (x, y)).numpy())
    np.testing.assert_array_equal(apply_by_hand(tf.square.op, y).numpy(), [9.0, 25.0])


def check_count_operations():
    def function(x, y):
        return tf.reduce_sum(x * y * tf.square(x)) + tf.reduce_sum(y)

    counts = count_operations(function, tf.ones([2]), tf.ones([2]))
    assert counts == Counter(multiply=2, reduce_sum=2, square=1, add=1), counts


def check_recorder():
    def function(x):
        return tf.square(x) + x

    recorder, x = Recorder(), tf.constant([1.0, 2.0])
    with context.listening(interpreter=recorder):
        y = function(x)
    np.testing.assert_array_equal(y.numpy(), [2.0, 6.0])
    graph, _, _ = trace(function, x)
    assert [name for name, _, _ in recorder.records] == [operation.op.name for operation in graph.operations]
    (_, first_inputs, squared), (_, second_inputs, total) = recorder.records
    assert first_inputs[0] is x, "the tensor itself, not a copy"
    assert second_inputs[0] is squared and second_inputs[1] is x, "what the first op gave, and x"
    assert total is y, "the output that was returned"


def check_register_multiply_add():
    extend.unregister_op("multiply_add")
    multiply_add = register_multiply_add()
    try:
        arrays = [np.array([[1.0], [2.0]]), np.array([3.0, 4.0, 5.0]), np.array(6.0)]
        inputs = [tf.constant(array) for array in arrays]
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            y = multiply_add(*inputs)
        np.testing.assert_array_equal(y.numpy(), arrays[0] * arrays[1] + arrays[2])
        gx, gy, gz = tape.gradient(y, inputs)
        np.testing.assert_array_equal(gx.numpy(), [[12.0], [12.0]])
        np.testing.assert_array_equal(gy.numpy(), [3.0, 3.0, 3.0])
        np.testing.assert_array_equal(gz.numpy(), 6.0)
    finally:
        extend.unregister_op("multiply_add")


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_apply_by_hand, check_count_operations, check_recorder, check_register_multiply_add):
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
