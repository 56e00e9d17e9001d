"""Memory is used again as soon as nobody reads it, and never sooner."""

import numpy as np

import minitfe as tf
from minitfe.graph.passes.buffers import buffers

from .programs import program_of

X = np.ones((4, 4), "f")


def numbers(function, *arrays):
    """The buffer of each operation's output; None where it has none."""
    program = buffers(program_of(function, *arrays))
    return [program.buffers.get(operation.output) for operation in program.operations]


def test_an_elementwise_chain_works_in_one_place():
    assert numbers(lambda x: tf.exp(tf.sin(tf.cos(tf.sin(x)))), X) == [0, 0, 0, None]


def test_what_is_read_again_stays():
    def f(x):
        y = tf.sin(x)
        z = tf.exp(y)
        return tf.exp(z * y)

    assert numbers(f, X) == [0, 1, 1, None]


def test_a_product_never_overwrites_its_factors():
    assert numbers(lambda x: tf.exp(tf.matmul(tf.sin(x), tf.cos(x))), X) == [0, 1, 2, None]


def test_views_keep_what_they_show():
    def f(x):
        y = tf.transpose(tf.sin(x))
        z = tf.cos(x)
        return tf.exp(tf.matmul(z, y))

    assert numbers(f, X) == [0, None, 1, 2, None]


def test_an_input_is_not_overwritten_through_a_view_of_it():
    def f(x):
        y = tf.sin(x)
        return tf.exp(y + tf.transpose(y))

    assert numbers(f, X) == [0, None, 1, None]


def test_what_leaves_gets_new_memory():
    v = tf.Variable(X)

    def f(x):
        y = tf.sin(x)
        v.assign(tf.cos(x))
        return tf.transpose(y)

    program = buffers(program_of(f, X))
    assert not program.buffers


def test_parts_are_written_into_the_whole():
    program = buffers(program_of(lambda x: tf.exp(tf.concat([tf.sin(x), x, tf.cos(x)], 1)), X))
    sine, cosine, whole, _ = [operation.output for operation in program.operations]
    assert program.parts == {sine: (whole, 1, 0), cosine: (whole, 1, 8)}
    assert program.buffers == {whole: 0}


def test_larger_results_make_a_buffer_grow():
    def f(x):
        small = tf.reduce_sum(tf.sin(x), 0)
        return tf.exp(tf.matmul(tf.reshape(tf.cos(small), [4, 1]), tf.reshape(tf.cos(small), [1, 4])))

    assert {n for n in numbers(f, X) if n is not None} <= {0, 1, 2}
