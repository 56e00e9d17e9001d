"""Tools for the tests of passes: programs traced from functions, run operation by operation."""

import numpy as np

import minitfe as tf
from minitfe.context import listening
from minitfe.graph.function_graph import traced
from minitfe.graph.graph import run_operation
from minitfe.graph.program import Program


def program_of(function, *arrays):
    """The program of a function of tensors like these arrays."""
    graph = traced(function, tuple(tf.constant(x) for x in arrays), {})
    return Program(graph.inputs, graph.operations, graph.outputs, graph.variables)


def run(program, *arrays):
    """The outputs as arrays, computed one operation after the other."""
    values = {x: tf.constant(array) for x, array in zip(program.inputs, arrays)}
    with listening(interpreter=None, tapes=()):
        for operation in program.operations:
            result = run_operation(operation.op, [values.get(x, x) for x in operation.inputs], operation.attributes)
            values.update(zip(operation.outputs, result if operation.op.several else (result,)))
    return [values.get(y, y).numpy() for y in program.outputs]


def names(program):
    """The names of the ops, in order."""
    return [operation.op.name for operation in program.operations]


def check_same_bits(before, after, *arrays):
    """Both programs give the same results, to the bit."""
    for x, y in zip(run(before, *arrays), run(after, *arrays)):
        assert (x.dtype, x.shape) == (y.dtype, y.shape) and np.asarray(x).tobytes() == np.asarray(y).tobytes()
