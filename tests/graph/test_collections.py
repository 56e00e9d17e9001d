"""Collections: what a graph keeps under names."""

import pytest

import minitfe as tf


def test_variables_are_collected_as_they_are_made(session):
    with tf.variable_scope("a"):
        w = tf.get_variable("w", [1])
    fixed = tf.Variable(1.0, trainable=False, name="fixed")
    local = tf.Variable(1.0, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES], name="local")
    own = tf.Variable(1.0, collections=["mine"], name="own")
    assert tf.global_variables() == tf.all_variables() == [w, fixed] and tf.local_variables() == [local]
    assert tf.trainable_variables() == [w, own] and tf.get_collection("mine") == [own]
    assert tf.trainable_variables("a") == tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="a/") == [w]
    session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    assert session.run([fixed, local]) == [1.0, 1.0]


def test_anything_can_be_collected(session):
    tf.add_to_collection("things", 1)
    tf.add_to_collections(["things", "others", "things"], 2)
    assert tf.get_collection("things") == [1, 2] and tf.get_collection("none") == []
    tf.get_collection("things").append(3)
    tf.get_collection_ref("others").append(4)
    assert tf.get_collection("things") == [1, 2] and tf.get_collection("others") == [2, 4]
    assert set(session.graph.collections) >= {"things", "others"}
    session.graph.clear_collection("things")
    assert tf.get_collection("things") == []


def test_each_graph_has_collections_of_its_own(session):
    tf.add_to_collection("things", 1)
    with tf.Graph().as_default():
        assert tf.get_collection("things") == []


def test_losses_are_collected_and_added_up(session):
    x = tf.constant([[1.0, 2.0]])
    y = tf.layers.dense(
        x, 2, kernel_initializer=tf.ones_initializer(), kernel_regularizer=tf.keras.regularizers.l2(0.5)
    )
    loss = tf.losses.mean_squared_error([[3.0, 4.0]], y)
    kept_apart = tf.losses.absolute_difference([[1.0, 1.0]], y, loss_collection=None)
    assert tf.losses.get_losses() == [loss] and len(tf.losses.get_regularization_losses()) == 1
    tf.add_to_collection(tf.GraphKeys.LOSSES, tf.constant(10.0))
    session.run(tf.global_variables_initializer())
    values = session.run([loss, tf.losses.get_regularization_loss(), tf.losses.get_total_loss(), kept_apart])
    assert values == [0.5, 2.0, 12.5, 2.0] and session.run(tf.losses.get_total_loss(False)) == 10.5


def test_get_variable_collects_what_its_regularizer_says(session):
    with tf.variable_scope("a", regularizer=tf.contrib.layers.l2_regularizer(1.0)):
        tf.get_variable("w", initializer=[2.0])
        tf.get_variable("b", initializer=[3.0], regularizer=tf.contrib.layers.l1_regularizer(2.0))
    session.run(tf.global_variables_initializer())
    assert session.run(tf.losses.get_regularization_losses()) == [2.0, 6.0]


def test_eager_execution_has_no_collections():
    tf.add_to_collection("things", 1)
    assert tf.get_collection("things") == []
    with pytest.raises(RuntimeError, match="Collections are not supported when eager execution is enabled"):
        tf.get_collection_ref("things")
    with pytest.raises(ValueError, match="variable collections are not supported when eager execution is enabled"):
        tf.global_variables()
