"""Variables of a graph."""

import pytest

import minitfe as tf


def test_a_variable_begins_with_its_initial_value_in_each_session(session):
    v = tf.Variable(tf.random_normal([3]), name="v")
    for _ in range(2):
        session.run(v.initializer)
        assert session.run(v).shape == (3,)
    first = session.run(v)
    session.run(v.initializer)
    assert (session.run(v) != first).all()
    assert (v.name, v.op.name, v.op.type, v.dtype, v.shape.as_list()) == ("v:0", "v", "VariableV2", tf.float32, [3])
    assert v.initializer.name == "v/Assign" and repr(v) == "<tf.Variable 'v:0' shape=(3,) dtype=float32_ref>"


def test_names_are_made_unique(session):
    assert [tf.Variable(1.0, name="v").name for _ in range(2)] == ["v:0", "v_1:0"]
    with tf.name_scope("a"):
        assert tf.Variable(1.0).name == "a/Variable:0"


def test_assigning(session):
    v = tf.Variable([1.0, 2.0])
    session.run(v.initializer)
    assert session.run(tf.assign_add(v, [1.0, 1.0])).tolist() == [2.0, 3.0]
    assert session.run(v.assign_sub([1.0, 1.0])).tolist() == [1.0, 2.0]
    assert session.run(tf.scatter_update(v, [0], [9.0])).tolist() == [9.0, 2.0]
    assert session.run(tf.assign(v, v * 2.0)).tolist() == [18.0, 4.0] == session.run(v).tolist()
    with pytest.raises(ValueError, match="Shapes .2,. and .3,. are incompatible"):
        v.assign([1.0, 2.0, 3.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected float32 got int32"):
        v.assign(tf.constant([1, 2]))
    with pytest.raises(RuntimeError, match="Variable . value not supported|Variable .= value not supported"):
        v += 1.0


def test_load_and_eval(session):
    v = tf.Variable([1.0, 2.0])
    v.load([5.0, 6.0], session)
    assert v.eval(session).tolist() == [5.0, 6.0]
    with pytest.raises(ValueError, match="Cannot feed value of shape .3,."):
        v.load([1.0, 2.0, 3.0])
    assert v.eval().tolist() == [5.0, 6.0]


def test_a_value_needs_a_session():
    with tf.Graph().as_default():
        v = tf.Variable(1.0)
    with pytest.raises(
        ValueError, match="session argument should be provided or default session should be established"
    ):
        v.load(1.0)


def test_variables_that_begin_with_another(session):
    a = tf.Variable(3.0)
    b = tf.Variable(a.initialized_value() * 2.0)
    session.run(tf.global_variables_initializer())
    assert session.run([a, b]) == [3.0, 6.0]
    session.run(a.assign(10.0))
    session.run(b.initializer)
    assert session.run(b) == 20.0


def test_which_variables_have_values(session):
    a = tf.Variable(1.0, name="a")
    tf.Variable(1.0, name="b")
    missing, known = tf.report_uninitialized_variables(), tf.is_variable_initialized(a)
    assert session.run(missing).tolist() == [b"a", b"b"] and not session.run(known)
    session.run(tf.variables_initializer([a]))
    assert session.run(missing).tolist() == [b"b"] and session.run(known)
    session.run(tf.initialize_all_variables())
    assert session.run(missing).tolist() == []


def test_what_a_variable_cannot_begin_with(session):
    with pytest.raises(ValueError, match="initial_value must be specified"):
        tf.Variable()
    unknown = tf.placeholder(tf.float32, [None])
    with pytest.raises(ValueError, match="initial_value must have a shape specified"):
        tf.Variable(unknown)
    v = tf.Variable(unknown, validate_shape=False)
    session.run(v.initializer, {unknown: [1.0, 2.0, 3.0]})
    assert session.run(v).tolist() == [1.0, 2.0, 3.0] and tf.global_variables() == [v]


def test_initializers_of_eager_execution_are_nothing():
    assert tf.global_variables_initializer() is tf.local_variables_initializer() is tf.tables_initializer() is None
    assert bool(tf.is_variable_initialized(tf.Variable(1.0)))


# ---------------------------------------------------------------------------------------------------------- get_variable


def test_get_variable_shares_by_name(session):
    with tf.variable_scope("a"):
        v = tf.get_variable("v", [2])
        with pytest.raises(ValueError, match="Variable a/v already exists, disallowed. Did you mean to set reuse=True"):
            tf.get_variable("v", [2])
    with tf.variable_scope("a", reuse=True):
        assert tf.get_variable("v", [2]) is tf.get_variable("v") is v
        with pytest.raises(ValueError, match="Variable a/w does not exist, or was not created with tf.get_variable"):
            tf.get_variable("w", [2])
        with pytest.raises(ValueError, match=r"Trying to share variable a/v, but specified shape \(3,\)"):
            tf.get_variable("v", [3])
        with pytest.raises(ValueError, match="but specified dtype int32 and found dtype float32"):
            tf.get_variable("v", [2], tf.int32)
    with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
        assert tf.get_variable("v", [2]) is v and tf.get_variable("n", initializer=5) is tf.get_variable(
            "n", initializer=5
        )
    assert tf.global_variables()[0] is v and len(tf.global_variables()) == 2
