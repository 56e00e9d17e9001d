"""Iterators in graphs: each run of `get_next` has the next element."""

import numpy as np
import pytest

import minitfe as tf


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def test_each_run_has_the_next_element(session):
    features = {"x": np.arange(6, dtype="f").reshape(3, 2), "y": np.arange(3)}
    element = tf.data.Dataset.from_tensor_slices(features).make_one_shot_iterator().get_next()
    assert element["x"].shape.as_list() == [2] and element["y"].dtype is tf.int64
    total = tf.reduce_sum(element["x"])
    assert [session.run([total, element["y"]]) for _ in range(3)] == [[1.0, 0], [5.0, 1], [9.0, 2]]
    with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
        session.run(total)


def test_functions_of_a_pipeline_compute_outside_of_the_graph(session):
    dataset = tf.data.Dataset.range(4).map(lambda x: x * 2).filter(lambda x: x > 0).batch(2)
    x = dataset.make_one_shot_iterator().get_next()
    before = len(session.graph.get_operations())
    assert session.run(x).tolist() == [2, 4]
    assert len(session.graph.get_operations()) == before


def test_an_initializer_begins_anew(session):
    iterator = tf.data.Dataset.range(3).make_initializable_iterator()
    x, initializer = iterator.get_next(), iterator.initializer
    with pytest.raises(tf.errors.FailedPreconditionError, match="the iterator has not been initialized"):
        session.run(x)
    for _ in range(2):
        session.run(initializer)
        assert [int(session.run(x)) for _ in range(2)] == [0, 1]


def test_a_one_shot_iterator_has_no_initializer(session):
    with pytest.raises(ValueError, match="begins itself, and only once"):
        tf.data.Dataset.range(3).make_one_shot_iterator().initializer  # noqa: B018


def test_a_shuffle_follows_the_seed():
    def shuffled():
        with tf.Graph().as_default(), tf.Session() as session:
            x = tf.data.Dataset.range(20).shuffle(20, seed=3).batch(20).make_one_shot_iterator().get_next()
            return session.run(x).tolist()

    assert shuffled() == shuffled() != list(range(20))


def test_tensors_of_the_graph_are_no_data(session):
    x = tf.placeholder(tf.float32, [3])
    with pytest.raises(ValueError, match="A dataset is made of values"):
        tf.data.Dataset.from_tensor_slices(x)


def test_iteration_needs_eager_execution(session):
    with pytest.raises(RuntimeError, match="only supported when eager execution is enabled"):
        iter(tf.data.Dataset.range(3))
