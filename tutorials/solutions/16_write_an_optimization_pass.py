"""Solutions to the exercises of chapter 16, write an optimization pass.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import numpy as np

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.graph import program as programs
from minitfe.graph.plan import Plan

tf.enable_eager_execution()


def square_rule(operation, made):
    """Exercise 1. A rule for `programs.rewritten`: in the place of x * x put the operation "square" of x.

    The operation that you return must have the old output. `programs.operation_of` makes a new operation with a new
    output, and `_replace` another one with some parts exchanged.
    """
    if operation.op.name != "multiply" or operation.inputs[0] is not operation.inputs[1]:
        return None
    return [programs.operation_of("square", [operation.inputs[0]])._replace(output=operation.output)]


def needed_only(program):
    """Exercise 2. Return the program without the operations whose results are not needed for its outputs.

    Do it without minitfe's pass. An operation whose op is `stateful`, such as an assignment, always stays. What it
    reads is needed then.
    """
    needed, operations = set(program.outputs), []
    for operation in reversed(program.operations):
        if operation.op.stateful or needed.intersection(operation.outputs):
            operations.append(operation)
            needed.update(operation.inputs)
    return program._replace(operations=operations[::-1])


def once(program):
    """Exercise 3. Return the program with each value computed once.

    Two operations make the same if they have the same op, the same inputs and the same attributes. Use
    `programs.rewritten`; for attributes, their repr is good enough here. Operations that are stateful must all stay.
    """
    seen = {}

    def rule(operation, made):
        if operation.op.stateful:
            return None
        key = operation.op.name, tuple(operation.inputs), repr(sorted(operation.attributes.items()))
        first = seen.setdefault(key, operation)
        return None if first is operation else list(first.outputs)

    return programs.rewritten(program, rule)


def one_scale(operation, made):
    """Exercise 4. A rule for `programs.rewritten`: (x * a) * b becomes x * (a b), where a and b are known numbers.

    Either factor may stand first. `number_and_tensor` below takes a product apart, and `programs.constant` makes a
    tensor of an array. This does not hold to the bit: the results may differ by rounding.
    """
    outer = number_and_tensor(operation)
    inner = number_and_tensor(made.get(outer[1])) if outer else None
    if inner is None:
        return None
    return [operation._replace(inputs=[inner[1], programs.constant(outer[0] * inner[0])])]


def number_and_tensor(operation):
    """The number, as an array, and the tensor of a product of both; None for other operations."""
    if operation is None or operation.op.name != "multiply":
        return None
    for number, x in (operation.inputs, operation.inputs[::-1]):
        if programs.is_constant(number) and programs.known_shape(number) == () and not programs.is_constant(x):
            return number.array, x
    return None


# ------------------------------------------------------------------------------------------------------- checks


def program_of(function, *arrays):
    """The program of a function of tensors like these arrays, as it was traced."""
    traced = tfe.defun(function)
    traced.graph_text(*map(tf.constant, arrays))
    return traced.traces.popitem()[1].traced_program()


def names(program):
    return [operation.op.name for operation in program.operations]


def run(program, *arrays):
    """The results of a program, as arrays."""
    return [y.numpy() for y in Plan(program).run(list(map(tf.constant, arrays)))]


def check_pass(optimize, function, left, *arrays, tolerance=0.0):
    """Checks which ops are left of a function, that the results are the same, and that the program was not changed."""
    before = program_of(function, *arrays)
    operations = [(operation.op, list(operation.inputs)) for operation in before.operations]
    after = optimize(before)
    assert names(after) == left, f"of {names(before)} is left {names(after)}, and should be {left}"
    assert operations == [(operation.op, list(operation.inputs)) for operation in before.operations]
    for x, y in zip(run(before, *arrays), run(after, *arrays)):
        assert (x.dtype, x.shape) == (y.dtype, y.shape)
        if tolerance:
            np.testing.assert_allclose(y, x, rtol=tolerance)
        else:
            assert x.tobytes() == y.tobytes(), f"{x} has become {y}"


ODD = np.array([0.0, -0.0, 1.5, 3e38, np.inf, np.nan], np.float32)
PLAIN = np.array([0.5, -1.25, 3.0], np.float32)


def check_square_rule():
    def squares(program):
        return programs.rewritten(program, square_rule)

    check_pass(squares, lambda x: x * x, ["square"], ODD)
    check_pass(squares, lambda x: tf.sin(x) * x, ["sin", "multiply"], ODD)
    check_pass(squares, lambda x: (x + x) * (x * x), ["add", "square", "multiply"], ODD)


def check_needed_only():
    def wasteful(x):
        tf.exp(tf.sin(x))
        return tf.cos(x)

    check_pass(needed_only, wasteful, ["cos"], ODD)
    check_pass(needed_only, lambda x: [x, tf.sin(x), tf.exp(tf.sin(x))][0], [], ODD)
    v = tf.Variable(1.0)

    def assigning(x):
        v.assign(tf.reduce_max(x))
        return tf.negative(x)

    check_pass(needed_only, assigning, ["reduce_max", "assign_variable", "negative"], PLAIN)


def check_once():
    check_pass(once, lambda x: tf.sin(x) + tf.sin(x), ["sin", "add"], ODD)
    check_pass(once, lambda x: tf.exp(tf.sin(x)) * tf.exp(tf.sin(x)), ["sin", "exp", "multiply"], ODD)
    sums = ["reduce_sum", "reduce_sum", "add"]
    check_pass(once, lambda x: tf.reduce_sum(x) + tf.reduce_sum(x, keepdims=True), sums, ODD)
    program = program_of(lambda x: x * (tf.random_normal([]) - tf.random_normal([])), PLAIN)
    assert names(once(program)).count("random_standard_normal") == 2, "two draws are not the same"


def check_one_scale():
    def three(x):
        return (2.0 * (x * 3.0)) * 0.1

    def optimize(program):
        return needed_only(programs.rewritten(program, one_scale))

    check_pass(optimize, three, ["multiply"], PLAIN, tolerance=1e-6)
    check_pass(optimize, lambda x: (x * x) * 2.0, ["multiply", "multiply"], PLAIN)
    check_pass(optimize, lambda x: (x * np.ones((2, 3), "f")) * 2.0, ["multiply", "multiply"], PLAIN)


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_square_rule, check_needed_only, check_once, check_one_scale):
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
