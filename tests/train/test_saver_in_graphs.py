"""Checkpoints of graphs: by `tf.train.Saver`, and by `tf.train.Checkpoint`, from one mode to the other."""

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe


def test_values_come_back(session, tmp_path):
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3, name="w")
    saver = tf.train.Saver()
    session.run(tf.global_variables_initializer())
    path = saver.save(session, tmp_path / "model.ckpt")
    session.run([v.assign([0.0, 0.0]), w.assign(0)])
    saver.restore(session, path)
    assert session.run(v).tolist() == [1.0, 2.0] and session.run(w) == 3
    with tf.Session() as other:  # which initialized nothing
        saver.restore(other, path)
        assert other.run(w) == 3


def test_numbered_checkpoints_of_which_the_last_are_kept(session, tmp_path):
    step = tf.train.get_or_create_global_step()
    saver, up = tf.train.Saver(max_to_keep=2), step.assign_add(1)
    session.run(tf.global_variables_initializer())
    for _ in range(4):
        session.run(up)
        path = saver.save(session, tmp_path / "model", global_step=step)
    assert path.endswith("model-4") and saver.last_checkpoints == [f"{tmp_path}/model-{n}" for n in (3, 4)]
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "checkpoint",
        "model-3.safetensors",
        "model-4.safetensors",
    ]
    state = tf.train.get_checkpoint_state(tmp_path)
    assert tf.train.latest_checkpoint(tmp_path) == path == state.model_checkpoint_path
    assert saver.save(session, tmp_path / "other", global_step=9, write_state=False).endswith("other-9")
    assert tf.train.latest_checkpoint(tmp_path) == path


def test_some_of_the_variables_under_other_names(session, tmp_path):
    v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
    session.run(tf.global_variables_initializer())
    path = tf.train.Saver({"renamed": v}).save(session, tmp_path / "model")
    assert [name for name, _ in tf.train.list_variables(path)] == ["renamed"]
    tf.train.Saver({"renamed": w}).restore(session, path)
    assert session.run(w) == 1.0
    with pytest.raises(tf.errors.NotFoundError, match="w not found|Key w"):
        tf.train.Saver([w]).restore(session, path)


def test_eager_execution_reads_what_a_graph_wrote_and_the_other_way_round(tmp_path):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.layers.dense(tf.ones([1, 2]), 3, name="fc")
        session.run(tf.global_variables_initializer())
        kernel = session.run("fc/kernel:0")
        path = tf.train.Saver().save(session, tmp_path / "graph")
    layer = tf.layers.Dense(3, name="fc")
    layer(tf.ones([1, 2]))
    saver = tfe.Saver(layer.variables)
    saver.restore(path)
    assert (layer.kernel.numpy() == kernel).all()
    layer.kernel.assign(kernel * 2.0)
    path = saver.save(tmp_path / "eager")
    with tf.Graph().as_default(), tf.Session() as session:
        tf.layers.dense(tf.ones([1, 2]), 3, name="fc")
        tf.train.Saver().restore(session, path)
        assert (session.run(tf.trainable_variables()[0]) == kernel * 2.0).all()


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = tf.keras.layers.Dense(3)

    def call(self, x):
        return self.dense(x)


def trained_in_a_graph(path):
    with tf.Graph().as_default(), tf.Session() as session:
        net, optimizer, step = Net(), tf.train.AdamOptimizer(), tf.train.get_or_create_global_step()
        train = optimizer.minimize(tf.reduce_sum(net(tf.ones([1, 2])) ** 2.0), global_step=step)
        checkpoint = tf.train.Checkpoint(net=net, optimizer=optimizer, step=step)
        session.run(tf.global_variables_initializer())
        session.run([train, train])
        slot = optimizer.get_slot(net.dense.kernel, "m")
        return checkpoint.save(path), session.run([net.dense.kernel, slot, step])


def test_objects_saved_in_a_graph_are_restored_in_eager_execution(tmp_path):
    path, (_, m, steps) = trained_in_a_graph(str(tmp_path / "c"))
    net, optimizer, step = Net(), tf.train.AdamOptimizer(), tf.Variable(0, dtype=tf.int64)
    status = tf.train.Checkpoint(net=net, optimizer=optimizer, step=step).restore(path)
    optimizer.minimize(lambda: tf.reduce_sum(net(tf.ones([1, 2])) * 0.0))
    status.assert_consumed()
    assert int(step) == steps == 1 and m.any()
    np.testing.assert_allclose(optimizer.get_slot(net.dense.kernel, "m").numpy(), 0.9 * m, rtol=1e-6)


def test_objects_saved_in_eager_execution_are_restored_in_a_graph(tmp_path):
    net, optimizer = Net(), tf.train.AdamOptimizer()
    optimizer.minimize(lambda: tf.reduce_sum(net(tf.ones([1, 2])) ** 2.0))
    path = tf.train.Checkpoint(net=net, optimizer=optimizer).save(str(tmp_path / "c"))
    with tf.Graph().as_default(), tf.Session() as session:
        copy, optimizer_of_graph = Net(), tf.train.AdamOptimizer()
        optimizer_of_graph.minimize(tf.reduce_sum(copy(tf.ones([1, 2])) ** 2.0))
        status = tf.train.Checkpoint(net=copy, optimizer=optimizer_of_graph).restore(path)
        status.assert_consumed().initialize_or_restore(session)
        assert (session.run(copy.dense.kernel) == net.dense.kernel.numpy()).all()
        slot = session.run(optimizer_of_graph.get_slot(copy.dense.kernel, "v"))
        assert (slot == optimizer.get_slot(net.dense.kernel, "v").numpy()).all() and slot.any()


def test_initialize_or_restore_begins_where_there_is_no_checkpoint(session):
    v = tf.Variable(5.0)
    checkpoint = tf.train.Checkpoint(v=v)
    checkpoint.restore(None).initialize_or_restore(session)
    assert session.run(v) == 5.0


def test_what_a_saver_refuses(session, tmp_path):
    with pytest.raises(ValueError, match="No variables to save"):
        tf.train.Saver()
    v = tf.Variable(1.0, name="v")
    saver = tf.train.Saver()
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
        saver.save(session, tmp_path / "model")
    assert not list(tmp_path.iterdir())
    with pytest.raises(ValueError, match="Can't load save_path when it is None"):
        saver.restore(session, None)
    with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files"):
        saver.restore(session, tmp_path / "none")
    with pytest.raises(TypeError, match="saves variables, and was given"):
        tf.train.Saver([v, 3])


def test_a_checkpoint_of_another_shape_changes_nothing(session, tmp_path):
    v = tf.Variable(1.0, name="v")
    session.run(v.initializer)
    path = tf.train.Saver().save(session, tmp_path / "model")
    with tf.Graph().as_default(), tf.Session() as other:
        a, v = tf.Variable(7.0, name="a"), tf.Variable([1.0, 2.0], name="v")
        other.run(tf.global_variables_initializer())
        with pytest.raises(ValueError, match=r"Shapes \(2,\) and \(\) are incompatible: v, .*Nothing was restored"):
            tf.train.Saver([v]).restore(other, path)
        assert other.run(v).tolist() == [1.0, 2.0] and other.run(a) == 7.0


def test_eager_execution_needs_a_list():
    with pytest.raises(RuntimeError, match="When eager execution is enabled, `var_list` must specify a list or dict"):
        tf.train.Saver()
