"""Layers in graphs: their variables, and training that is decided when the graph runs."""

import numpy as np
import pytest

import minitfe as tf

X = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)


def test_a_layer_computes_what_it_does_in_eager_execution():
    layer = tf.keras.layers.Dense(3, activation="relu")
    wanted, weights = layer(tf.constant(X)).numpy(), layer.get_weights()
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 4])
        copy = tf.keras.layers.Dense(3, activation="relu")
        y = copy(x)
        for variable, value in zip(copy.variables, weights):
            variable.load(value)
        np.testing.assert_array_equal(session.run(y, {x: X}), wanted)
        assert y.shape.as_list() == [None, 3] and tf.trainable_variables() == copy.variables


def test_dropout_that_is_decided_by_a_placeholder(session):
    training = tf.placeholder(tf.bool, [])
    y = tf.layers.dropout(tf.ones([200]), 0.5, training=training)
    assert session.run(y, {training: False}).tolist() == [1.0] * 200
    assert set(session.run(y, {training: True})) == {0.0, 2.0}
    assert (session.run(y, {training: True}) != session.run(y, {training: True})).any()


@pytest.mark.parametrize("late", [False, True])
def test_batch_normalization_moves_its_averages_by_update_ops(session, late):
    x = tf.placeholder(tf.float32, [None, 4])
    training = tf.placeholder_with_default(True, []) if late else True
    y = tf.layers.batch_normalization(x, training=training, momentum=0.75)
    mean, variance = tf.global_variables()[-2:]
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    session.run(tf.global_variables_initializer())
    normal = session.run(y, {x: X})
    np.testing.assert_allclose(normal.mean(0), 0.0, atol=1e-6)
    assert not session.run(mean).any(), "the updates were not asked for"
    with tf.control_dependencies(updates):
        train = tf.no_op()
    session.run(train, {x: X})
    np.testing.assert_allclose(session.run(mean), 0.25 * X.mean(0), rtol=1e-5)
    np.testing.assert_allclose(session.run(variance), 0.75 + 0.25 * X.var(0), rtol=1e-5)
    assert len(updates) == 2


def test_batch_normalization_uses_its_averages_otherwise(session):
    x, training = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.bool, [])
    y = tf.layers.batch_normalization(x, training=training)
    session.run(tf.global_variables_initializer())
    before = session.run(tf.global_variables())
    np.testing.assert_allclose(session.run(y, {x: X, training: False}), X / np.sqrt(1.001), rtol=1e-5)
    session.run(tf.get_collection(tf.GraphKeys.UPDATE_OPS), {x: X, training: False})
    for value, known in zip(session.run(tf.global_variables()), before):
        np.testing.assert_array_equal(value, known)


def test_training_batch_normalization_equals_eager_steps():
    def make():
        return tf.layers.BatchNormalization(momentum=0.9)

    def loss_of(layer, x, training):
        return tf.reduce_sum(layer(x, training=training)[:, 0] ** 3.0)

    layer, optimizer = make(), tf.train.GradientDescentOptimizer(0.01)
    for _ in range(3):
        optimizer.minimize(lambda: loss_of(layer, tf.constant(X), True))
    with tf.Graph().as_default(), tf.Session() as session:
        x, training, copy = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.bool, []), make()
        loss = loss_of(copy, x, training)
        with tf.control_dependencies(copy.updates):
            train = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train, {x: X, training: True})
        for mine, wanted in zip(session.run(copy.variables), layer.variables):
            np.testing.assert_allclose(mine, wanted.numpy(), rtol=1e-5, atol=1e-6)


def test_recurrent_networks_of_unknown_batch_and_length():
    cell = tf.nn.rnn_cell.BasicLSTMCell(3)
    sequences, lengths = np.random.default_rng(1).normal(size=(2, 5, 4)).astype(np.float32), [5, 2]
    wanted, state = tf.nn.dynamic_rnn(cell, tf.constant(sequences), lengths, dtype=tf.float32)
    with tf.Graph().as_default(), tf.Session() as session:
        for shape in ([None, None, 4], [None, 5, 4], [2, None, 4]):
            with tf.variable_scope(f"of_{shape[0]}_{shape[1]}"):
                x, n = tf.placeholder(tf.float32, shape), tf.placeholder(tf.int32, [None])
                copy = tf.nn.rnn_cell.BasicLSTMCell(3)
                begin = copy.zero_state(tf.shape(x)[0], tf.float32)
                outputs, last = tf.nn.dynamic_rnn(copy, x, n, begin)
            for variable, value in zip(copy.variables, cell.get_weights()):
                variable.load(value)
            g = tf.gradients(tf.reduce_sum(outputs), copy.variables[0])[0]
            found, end, slope = session.run([outputs, last, g], {x: sequences, n: lengths})
            np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(end.h, state.h.numpy(), rtol=1e-5, atol=1e-6)
            assert outputs.shape.as_list() == [shape[0], shape[1], 3] and np.abs(slope).sum() > 0
            again = session.run(last, {x: sequences, n: [2, 2], begin: end})
            assert type(again) is tf.nn.rnn_cell.LSTMStateTuple


def test_cells_with_dropout_that_is_fed(session):
    x, keep = tf.placeholder(tf.float32, [None, 3, 2]), tf.placeholder(tf.float32)
    cell = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(50), output_keep_prob=keep)
    outputs, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
    session.run(tf.global_variables_initializer())
    share = [(session.run(outputs, {x: np.ones([1, 3, 2]), keep: p}) == 0.0).mean() for p in (1.0, 0.5)]
    assert share[0] == 0.0 and 0.3 < share[1] < 0.7


def test_networks_of_contrib(session):
    with tf.variable_scope("net", regularizer=None):
        y = tf.contrib.layers.fully_connected(
            tf.ones([2, 3]), 4, weights_initializer=tf.contrib.layers.xavier_initializer(),
            weights_regularizer=tf.contrib.layers.l2_regularizer(2.0), scope="fc",
        )  # fmt: skip
    session.run(tf.global_variables_initializer())
    kernel, loss = session.run([tf.trainable_variables()[0], tf.losses.get_regularization_loss()])
    assert [v.name for v in tf.trainable_variables()] == ["net/fc/kernel:0", "net/fc/bias:0"] and y.op.type == "Relu"
    assert loss == pytest.approx((kernel**2).sum(), rel=1e-5) and tf.contrib.rnn.GRUCell is tf.nn.rnn_cell.GRUCell
