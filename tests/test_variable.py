"""Variables, as eager TensorFlow has them."""

import gc
import re
import weakref

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe


def test_printing():
    assert repr(tf.Variable(10)) == "<tf.Variable 'Variable:0' shape=() dtype=int32, numpy=10>" == str(tf.Variable(10))
    v = tf.get_variable("var", shape=[])
    assert re.match(r"<tf.Variable 'var:0' shape=\(\) dtype=float32, numpy=-?[0-9.e-]+>$", repr(v))


def test_assigning():
    v = tf.Variable([1.0, 2.0])
    assert v.assign([3.0, 4.0]) is v and v.assign_add([1.0, 1.0]) is v
    v.assign_sub(tf.constant([0.5, 0.5]))
    assert v.numpy().tolist() == [3.5, 4.5] and v.read_value().numpy().tolist() == [3.5, 4.5]
    tf.assign(v, [0.0, 0.0]), tf.assign_add(v, [5.0, 6.0]), tf.assign_sub(v, [1.0, 1.0])
    assert v.numpy().tolist() == [4.0, 5.0]


def test_a_value_read_before_stays():
    v = tf.Variable([1.0])
    before = v.read_value()
    v.assign_add([1.0])
    assert before.numpy() == [1.0] and v.numpy() == [2.0]


@pytest.mark.parametrize("method", ["assign", "assign_add", "assign_sub"])
def test_a_wrong_value_leaves_the_variable_as_it_was(method):
    v = tf.Variable([1.0, 2.0], name="v")
    with pytest.raises(ValueError, match=rf"Shapes \(2,\) and \(3,\) are incompatible: {method} on the variable 'v:0'"):
        getattr(v, method)([1.0, 2.0, 3.0])
    with pytest.raises(tf.errors.InvalidArgumentError, match="wrong dtype. Expected float32 got int32 .*tf.cast"):
        getattr(v, method)(tf.constant([1, 2]))
    with pytest.raises(ValueError, match="unsupported type"):
        getattr(v, method)(None)
    assert v.numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize("sign", ["+", "-", "*", "/", "//", "%", "**", "@"])
def test_in_place_operators_are_refused(sign):
    v = tf.Variable([[1.0]])
    with pytest.raises(RuntimeError, match=re.escape(f"Variable {sign}= value not supported.")):
        exec(f"v {sign}= 1.0")
    assert v.numpy() == [[1.0]]


def test_plus_equals_has_tensorflows_words():
    v = tf.Variable(1.0)
    with pytest.raises(RuntimeError) as caught:
        v += 1.0
    assert str(caught.value) == (
        "Variable += value not supported. Use variable.assign_add(value) to modify the variable value and"
        " variable = variable + value to get a new Tensor object."
    )


def test_operators_work_on_either_side():
    v = tf.Variable(3.0)
    results = [
        v + 1,
        1 + v,
        v - 1,
        1 - v,
        v * 2,
        2 * v,
        v / 2,
        6 / v,
        v**2,
        2**v,
        v // 2,
        7 // v,
        v % 2,
        7 % v,
        -v,
        abs(v),
    ]
    assert [float(x) for x in results] == [4, 4, 2, -2, 6, 6, 1.5, 2, 9, 8, 1, 2, 1, 1, -3, 3]
    assert bool(v > 2) and bool(v <= 3) and float(tf.Variable([5.0, 6.0])[1]) == 6.0
    assert float(np.float32(2) * v) == 6.0 and isinstance(np.array([1.0]) + v, tf.Tensor)


def test_as_python_sees_them():
    v = tf.Variable(3.5)
    assert float(v) == 3.5 and int(v) == 3 and f"{v:.1f}" == "3.5" and bool(tf.Variable(True))
    assert (v == 3.5) is False
    with pytest.raises(TypeError, match="'Variable' object is not iterable"):
        iter(v)
    with pytest.raises(TypeError, match="does not support item assignment"):
        v[0] = 1.0


def test_what_a_variable_needs():
    with pytest.raises(ValueError, match="initial_value must be specified"):
        tf.Variable()
    assert float(tf.Variable(lambda: 2.0)) == 2.0 and tf.Variable(1, dtype=tf.float64).dtype is tf.float64
    assert tf.Variable(1.0).initializer is None
    with pytest.raises(RuntimeError, match="Trying to eval in EAGER mode"):
        tf.Variable(1.0).eval()


def test_names_have_their_scopes_before_them():
    with tf.name_scope("a") as scope:
        assert scope == "a/" and tf.Variable(1.0, name="v").name == "a/v:0"
        with tf.variable_scope("b"):
            assert tf.Variable(1.0, name="v").name == "a/b/v:0"
            assert tf.get_variable("w", [1]).name == "b/w:0"  # which goes by variable scopes alone
    assert tf.Variable(1.0, name="v").name == "v:0"


def test_an_exception_leaves_the_scope():
    with pytest.raises(KeyError), tf.name_scope("a"):
        raise KeyError
    assert tf.Variable(1.0).name == "Variable:0"


def test_get_variable():
    assert tf.get_variable("w", [2, 3]).shape == (2, 3)
    assert tf.get_variable("w", [2]) is not tf.get_variable("w", [2])
    assert tf.get_variable("i", [2], dtype=tf.int32).numpy().tolist() == [0, 0]
    assert float(tf.get_variable("c", initializer=5.0)) == 5.0
    with tf.variable_scope("s", initializer=tf.ones_initializer()):
        assert tf.get_variable("w", [2]).numpy().tolist() == [1.0, 1.0]
    with pytest.raises(ValueError, match="Shape of a new variable \\(w\\) must be fully defined"):
        tf.get_variable("w")
    with pytest.raises(TypeError, match="trainble"):
        tf.get_variable("w", [1], trainble=False)
    with tfe.EagerVariableStore().as_default() as store:
        with pytest.raises(
            ValueError, match=r"Trying to share variable q, but specified shape \(3,\) and found shape \(2,\)"
        ):
            tf.get_variable("q", [2]), tf.get_variable("q", [3])
        assert tf.get_variable("w", [2]) is tf.get_variable("w", [2]) is store.variables()[1]


def test_trainable_variables_are_watched_and_others_when_asked():
    trainable, frozen = tf.Variable(3.0), tf.Variable(4.0, trainable=False)
    with tf.GradientTape() as tape:
        y = trainable * frozen
    assert [None if g is None else float(g) for g in tape.gradient(y, [trainable, frozen])] == [4.0, None]
    with tf.GradientTape() as tape:
        tape.watch(frozen)
        y = trainable * frozen
    assert float(tape.gradient(y, frozen)) == 3.0


def test_watched_variables_come_in_the_order_of_their_creation():
    first, second = tf.Variable(1.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        second * first
    assert tape.watched_variables() == (first, second)


def test_the_gradient_of_a_value_read_before_an_assignment_stays_valid():
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v * v
        v.assign(10.0)
        z = v * 3.0
    dy = tape.gradient([y, z], v)
    assert float(dy) == 7.0


@pytest.mark.parametrize("device", [None, "/cpu:0"])
def test_gradients_do_not_flow_through_the_initial_value(device):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape, tf.device(device):
        tape.watch(x)
        y = tf.Variable(x, trainable=False) * x
    assert float(tape.gradient(y, x)) == 3.0


def test_gradients_do_not_flow_through_assignments():
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        v.assign_add(v * v)
        y = v * 1.0
    assert float(tape.gradient(y, v)) == 1.0 and float(v) == 12.0


def test_a_value_read_before_a_tape_began_is_a_constant_to_it():
    v = tf.Variable(3.0)
    before = v.read_value()
    with tf.GradientTape() as outer:
        between = v.read_value()
        with tf.GradientTape() as inner:
            y = v * before * between
        dy = inner.gradient(y, v)
        z = v * before * between
    assert float(dy) == 9.0
    assert float(outer.gradient(z, v)) == 18.0


def test_second_derivatives_with_respect_to_variables():
    v = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v * v * v
        dy = inner.gradient(y, v)
    assert float(dy) == 12.0 and float(outer.gradient(dy, v)) == 12.0


def test_a_variable_goes_with_its_last_reference():
    v = tf.Variable(np.ones(10))
    value = weakref.ref(v.read_value())
    gone = weakref.ref(v)
    gc.disable()
    try:
        del v
        assert gone() is None and value() is None
    finally:
        gc.enable()


def test_rows_gathered_from_a_variable_have_a_sparse_gradient():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(v, [2, 0, 2]) * [[1.0], [10.0], [100.0]])
    gradient = tape.gradient(y, v)
    assert isinstance(gradient, tf.IndexedSlices)
    assert gradient.indices.numpy().tolist() == [2, 0, 2] and gradient.dense_shape.numpy().tolist() == [3, 2]
    assert tf.convert_to_tensor(gradient).numpy().tolist() == [[10, 10], [0, 0], [101, 101]]


def test_sparse_gradients_apply_sparsely():
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    tf.scatter_sub(v, [1, 1], [[1.0, 1.0], [0.5, 0.5]])
    tf.scatter_add(v, 0, [10.0, 10.0])
    assert v.numpy().tolist() == [[11.0, 12.0], [1.5, 2.5]]
    tf.scatter_update(v, [0], [[0.0, 0.0]])
    assert v.numpy().tolist() == [[0.0, 0.0], [1.5, 2.5]]
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"indices\[0\] = \[2\] does not index into param shape \[2, 2\]"
    ):
        tf.scatter_add(v, [2], [[1.0, 1.0]])
    assert v.numpy().tolist() == [[0.0, 0.0], [1.5, 2.5]]


def test_collections_are_for_graphs():
    assert tf.global_variables_initializer() is None
    with pytest.raises(ValueError, match="variable collections are not supported when eager execution is enabled"):
        tf.global_variables()


@pytest.mark.parametrize("assign", [tf.assign, tf.assign_add, tf.assign_sub])
def test_only_variables_are_assigned_to(assign):
    with pytest.raises(TypeError, match=r"Only variables can be assigned to, .* make it with tf.Variable"):
        assign(tf.constant(1.0), 2.0)


@pytest.mark.parametrize("scatter", [tf.scatter_update, tf.scatter_add, tf.scatter_sub])
def test_only_variables_are_scattered_into(scatter):
    with pytest.raises(TypeError, match="Only variables can be assigned to"):
        scatter([1.0], [0], [2.0])


def test_a_name_is_a_string():
    for make in (lambda: tf.Variable(1.0, name=3), lambda: tf.get_variable(None, [2]), tf.name_scope(3).__enter__):
        with pytest.raises(TypeError, match="A name must be a string, not"):
            make()


def test_a_constant_initializer_brings_its_shape():
    with pytest.raises(ValueError, match="If initializer is a constant, do not specify shape"):
        tf.get_variable("w", [2], initializer=1.0)


def test_dlpack_hands_out_a_copy():
    v = tf.Variable([1.0, 2.0])
    taken = np.from_dlpack(v)
    assert taken.tolist() == [1.0, 2.0]
    v.assign([3.0, 4.0])
    assert taken.tolist() == [1.0, 2.0]
