"""The global step."""

import pytest

import minitfe as tf
from minitfe.train.global_step import create_global_step


@pytest.fixture(autouse=True)
def none_yet(monkeypatch):
    monkeypatch.setitem(create_global_step.__globals__, "_global_step", None)


def test_there_is_one():
    assert tf.train.get_global_step() is None
    with tf.name_scope("layer"):
        step = tf.train.get_or_create_global_step()
    assert step is tf.train.get_or_create_global_step() is tf.train.get_global_step()
    assert (step.name, step.dtype, step.shape.as_list(), step.trainable) == ("global_step:0", tf.int64, [], False)
    with pytest.raises(ValueError, match='"global_step" already exists.'):
        tf.train.create_global_step()


def test_optimizers_count():
    step, w = tf.train.create_global_step(), tf.Variable(1.0)
    for _ in range(3):
        tf.train.GradientDescentOptimizer(0.1).minimize(lambda: w * w, global_step=step)
    assert tf.train.global_step(None, step) == 3


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (7, "is not a Variable, Tensor, or SparseTensor: 7"),
        (tf.constant(1.0), "does not have integer type: tf.float32"),
        (tf.constant([1]), r"is not scalar: \(1,\)"),
    ],
)
def test_what_is_no_global_step(step, message):
    with pytest.raises(TypeError, match=f'Existing "global_step" {message}'):
        tf.train.assert_global_step(step)
