"""Metrics in graphs: ``tf.metrics``, and those of ``tfe.metrics``."""

import numpy as np
import pytest

import minitfe as tf

tfe = tf.contrib.eager

LABELS = [[1, 0, 1, 1], [0, 0, 1, 0]]
GUESSES = [[1, 1, 0, 1], [1, 0, 1, 0]]

EXPECTED = {
    "accuracy": 5 / 8,
    "mean_absolute_error": 3 / 8,
    "mean_squared_error": 3 / 8,
    "root_mean_squared_error": np.sqrt(3 / 8),
    "precision": 3 / 5,
    "recall": 3 / 4,
    "true_positives": 3,
    "true_negatives": 2,
    "false_positives": 2,
    "false_negatives": 1,
}


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


@pytest.mark.parametrize("name", EXPECTED)
def test_a_metric_over_two_batches(session, name):
    labels, guesses = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.float32, [None])
    value, update = getattr(tf.metrics, name)(labels, guesses)
    session.run(tf.local_variables_initializer())
    after = [session.run(update, {labels: x, guesses: y}) for x, y in zip(LABELS, GUESSES)]
    assert session.run(value) == after[-1] == pytest.approx(EXPECTED[name])
    assert value.dtype is tf.float32


def test_the_value_alone_takes_no_batch(session):
    value, update = tf.metrics.mean([1.0, 3.0])
    session.run(tf.local_variables_initializer())
    assert session.run(update) == 2.0
    counts = session.run(tf.local_variables())
    assert session.run(value) == 2.0
    assert session.run(tf.local_variables()) == counts == [4.0, 2.0]


def test_weights_count(session):
    _, update = tf.metrics.accuracy([1, 1, 0], [1, 0, 0], weights=[1.0, 2.0, 1.0])
    session.run(tf.local_variables_initializer())
    assert session.run(update) == 0.5


def test_variables_are_local_and_begin_anew(session):
    value, update = tf.metrics.mean(5.0)
    other, _ = tf.metrics.mean(7.0)
    assert tf.global_variables() == []
    assert [v.name for v in tf.local_variables()] == [
        "mean/numer:0", "mean/denom:0", "mean_1/numer:0", "mean_1/denom:0",
    ]  # fmt: skip
    session.run(tf.local_variables_initializer())
    session.run(update)
    session.run(tf.local_variables_initializer())
    assert np.isnan(session.run(value))
    assert other is not value


def test_results_are_added_to_collections(session):
    value, update = tf.metrics.mean(1.0, metrics_collections=["values"], updates_collections="updates")
    assert tf.get_collection("values") == [value]
    assert tf.get_collection("updates") == [update]


def test_an_eager_metric_in_a_graph(session):
    x = tf.placeholder(tf.float32, [None])
    mean = tfe.metrics.Mean("loss")
    update, result, again = mean(x), mean.result(), mean.init_variables()
    session.run(tf.local_variables_initializer())
    session.run(update, {x: [1.0, 2.0]})
    session.run(update, {x: [6.0]})
    assert session.run(result) == 3.0
    session.run(again)
    session.run(update, {x: [7.0]})
    assert session.run(result) == 7.0


def test_what_is_not_there_says_what_to_use(session):
    with pytest.raises(RuntimeError, match="integrate over thresholds with numpy"):
        tf.metrics.auc([1], [1])
