"""Scopes: of names, and of variables."""

import pytest

import minitfe as tf


def names():
    return [v.name for v in tf.global_variables()]


def test_get_variable_goes_by_variable_scopes_alone(session):
    for tower in range(2):
        with tf.name_scope(f"tower_{tower}"), tf.variable_scope("model", reuse=tf.AUTO_REUSE) as scope:
            w = tf.get_variable("w", [1])
            plain = tf.Variable(1.0, name="plain")
            y = w + 1.0
        assert scope.name == "model" and scope.original_name_scope == f"tower_{tower}/model/"
        assert (w.name, plain.name) == ("model/w:0", f"tower_{tower}/model/plain:0")
        assert y.op.name == f"tower_{tower}/model/add"
    assert names() == ["model/w:0", "tower_0/model/plain:0", "tower_1/model/plain:0"]


def test_a_scope_that_was_entered_before_keeps_its_name(session):
    with tf.variable_scope("a", initializer=tf.ones_initializer()) as scope:
        v = tf.get_variable("v", [])
    with tf.variable_scope("b"), tf.variable_scope(scope, reuse=True) as again:
        assert tf.get_variable("v", []) is v and (v * 1.0).op.name == "b/a/mul"
        assert again.name == "a" and again.initializer is scope.initializer and again.original_name_scope == "a/"
    with tf.name_scope(scope.original_name_scope):
        assert tf.constant(1.0).name == "a/Const:0"


def test_scopes_inherit_reuse(session):
    with tf.variable_scope("a"), tf.variable_scope("b"):
        v = tf.get_variable("v", [])
    with tf.variable_scope("a", reuse=True), tf.variable_scope("b", reuse=False) as inner:
        assert tf.get_variable("v", []) is v and inner.reuse is True
    with tf.variable_scope("a/b") as scope:
        scope.reuse_variables()
        assert tf.get_variable("v", []) is v
    with tf.variable_scope("a/b") as fresh:
        assert not fresh.reuse


def test_reuse_of_the_outermost_scope(session):
    v = tf.get_variable("v", [])
    tf.get_variable_scope().reuse_variables()
    assert tf.get_variable("v", []) is v and tf.get_variable_scope().reuse
    with tf.Graph().as_default():
        assert tf.get_variable("v", []) is not v and not tf.get_variable_scope().reuse


def test_default_names_get_numbers(session):
    def layer():
        with tf.variable_scope(None, default_name="layer"):
            return tf.get_variable("w", []).name

    assert [layer(), layer()] == ["layer/w:0", "layer_1/w:0"]
    with tf.variable_scope("net"):
        assert [layer(), layer()] == ["net/layer/w:0", "net/layer_1/w:0"]
    with tf.variable_scope("given", "layer") as scope:
        assert scope.name == "given"


def test_a_variable_scope_need_not_be_a_name_scope(session):
    with tf.variable_scope("a", auxiliary_name_scope=False):
        assert tf.get_variable("v", []).name == "a/v:0" and tf.constant(1.0).name == "Const:0"


def test_functions_for_layers_share_by_variable_scope(session):
    def network(x, **reuse):
        with tf.variable_scope("net", **reuse):
            return tf.layers.dense(tf.layers.dense(x, 3), 2, name="out")

    x = tf.ones([1, 4])
    with tf.name_scope("first"):
        first = network(x)
    second = network(x, reuse=True)
    network(x, reuse=tf.AUTO_REUSE)
    assert names() == ["net/dense/kernel:0", "net/dense/bias:0", "net/out/kernel:0", "net/out/bias:0"]
    session.run(tf.global_variables_initializer())
    y, again = session.run([first, second])
    assert (y == again).all()
    with pytest.raises(ValueError, match="Variable net/dense/kernel already exists, disallowed"):
        network(x)
    with (
        pytest.raises(ValueError, match="There is no layer other/dense to reuse"),
        tf.variable_scope("other", reuse=True),
    ):
        tf.layers.dense(x, 3)


def test_an_error_leaves_the_scopes(session):
    with pytest.raises(KeyError), tf.variable_scope("a", reuse=True), tf.name_scope("b"):
        raise KeyError
    assert tf.get_variable_scope().name == "" and tf.constant(1.0).name == "Const:0"


def test_names_are_strings():
    for scope in (tf.name_scope, tf.variable_scope):
        with pytest.raises(TypeError, match="A name must be a string, not 3"), scope(3):
            pass


def test_eager_scopes_give_the_same_name_each_time():
    for _ in range(2):
        with tf.variable_scope("a"), tf.name_scope("b"):
            assert tf.get_variable("v", []).name == "a/v:0" and tf.Variable(1.0, name="v").name == "a/b/v:0"
            assert tf.layers.Dense(1, name="d").apply(tf.ones([1, 1])) is not None
