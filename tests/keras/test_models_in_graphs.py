"""Keras's models where a graph is under construction: their loops compute at once, in Keras's session."""

import numpy as np
import pytest

import minitfe as tf

X = np.random.default_rng(0).normal(size=(64, 3)).astype("f")
Y = (X.sum(1) > 0).astype("i8")


@pytest.fixture(autouse=True)
def graph():
    tf.keras.backend.clear_session()
    with tf.Graph().as_default() as graph:
        yield graph
    tf.keras.backend.clear_session()


def model(seed=1):
    tf.set_random_seed(seed)
    return tf.keras.Sequential(
        [
            tf.keras.layers.Dense(8, activation="relu", input_shape=(3,)),
            tf.keras.layers.BatchNormalization(),
            tf.keras.layers.Dense(2, activation="softmax"),
        ]
    )


def test_fit_trains_the_variables_of_the_session():
    network = model()
    network.compile(tf.train.AdamOptimizer(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"])
    before = network.get_weights()
    network.fit(X, Y, epochs=10, batch_size=16, verbose=0)
    _, accuracy = network.evaluate(X, Y, verbose=0)
    assert accuracy > 0.8
    assert not np.allclose(before[0], network.get_weights()[0])
    x = tf.placeholder(tf.float32, [None, 3])
    y = network(x)
    with tf.keras.backend.get_session().as_default() as session:
        np.testing.assert_allclose(session.run(y, {x: X}), network.predict(X), atol=1e-6)


def test_loops_work_in_the_current_session():
    network = model()
    with tf.Session() as first:
        first.run(tf.global_variables_initializer())
        network.set_weights([np.zeros_like(w) for w in network.get_weights()])
        assert not first.run(network.weights[0]).any()
    with tf.Session() as second:
        assert network.get_weights()[0].any()
        assert second.run(network.weights[0]).any()


def test_a_fit_adds_nothing_to_the_graph(graph):
    network = model()
    network.compile("sgd", "sparse_categorical_crossentropy")
    network.train_on_batch(X, Y)
    size = len(graph.operations)
    network.fit(X, Y, epochs=2, verbose=0)
    assert len(graph.operations) == size


def test_weights_are_saved_and_loaded(tmp_path):
    network, other = model(1), model(2)
    network.save_weights(str(tmp_path / "weights"))
    assert not np.allclose(network.get_weights()[0], other.get_weights()[0])
    other.load_weights(str(tmp_path / "weights"))
    for mine, theirs in zip(network.get_weights(), other.get_weights()):
        np.testing.assert_array_equal(mine, theirs)


def test_only_a_session_can_be_set():
    with pytest.raises(TypeError, match=r"set_session takes a tf\.Session, not 3"):
        tf.keras.backend.set_session(3)
    with tf.Session() as session:
        tf.keras.backend.set_session(session)
    assert tf.keras.backend.get_session() is session
