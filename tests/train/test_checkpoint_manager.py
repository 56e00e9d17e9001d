"""Which checkpoints there are, which is the latest, which are kept; and looking into them."""

import os

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe


@pytest.fixture
def checkpoint():
    return tf.train.Checkpoint(x=tf.Variable([1.0, 2.0]))


def names(paths):
    return [os.path.basename(path) for path in paths]


# ------------------------------------------------------------------------------------------------------------ the latest


def test_no_checkpoints_no_latest(tmp_path):
    assert tf.train.latest_checkpoint(tmp_path) is None
    assert tf.train.latest_checkpoint(tmp_path / "nowhere") is None
    assert tf.train.get_checkpoint_state(tmp_path) is None


def test_the_latest_is_the_one_saved_last(checkpoint, tmp_path):
    for expected in ("ckpt-1", "ckpt-2"):
        checkpoint.save(tmp_path / "ckpt")
        assert tf.train.latest_checkpoint(tmp_path) == str(tmp_path / expected)
    state = tf.train.get_checkpoint_state(str(tmp_path))
    assert state.model_checkpoint_path == str(tmp_path / "ckpt-2")
    assert names(state.all_model_checkpoint_paths) == ["ckpt-1", "ckpt-2"]
    assert "model_checkpoint_path" in repr(state)


def test_the_file_is_text_as_tensorflow_writes_it(checkpoint, tmp_path):
    checkpoint.save(tmp_path / "ckpt")
    assert (tmp_path / "checkpoint").read_text() == (
        'model_checkpoint_path: "ckpt-1"\nall_model_checkpoint_paths: "ckpt-1"\n'
    )


def test_a_folder_can_be_moved(checkpoint, tmp_path):
    checkpoint.save(tmp_path / "old" / "ckpt")
    (tmp_path / "old").rename(tmp_path / "new")
    assert tf.train.latest_checkpoint(tmp_path / "new") == str(tmp_path / "new" / "ckpt-1")


def test_relative_folders(checkpoint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checkpoint.save("./ckpt/") == "./ckpt/-1"
    assert checkpoint.save("here") == "here-2"
    assert tf.train.latest_checkpoint("ckpt") == "ckpt/-1" and tf.train.latest_checkpoint("./ckpt/") == "./ckpt/-1"
    assert tf.train.latest_checkpoint("") == "here-2"


def test_a_deleted_checkpoint_is_not_the_latest(checkpoint, tmp_path):
    for _ in range(2):
        checkpoint.save(tmp_path / "ckpt")
    (tmp_path / "ckpt-2.safetensors").unlink()
    assert tf.train.latest_checkpoint(tmp_path) == str(tmp_path / "ckpt-1")
    assert not tf.train.checkpoint_exists(tmp_path / "ckpt-2") and tf.train.checkpoint_exists(tmp_path / "ckpt-1")
    (tmp_path / "ckpt-1.safetensors").unlink()
    assert tf.train.latest_checkpoint(tmp_path) is None


@pytest.mark.parametrize(
    "text", ["", "nonsense", 'model_checkpoint_path: "ckpt', "model_checkpoint_path: 3", b"\xff", "[" * 9999]
)
def test_a_damaged_list_is_an_error_and_not_a_fresh_start(checkpoint, tmp_path, text):
    checkpoint.save(tmp_path / "ckpt")
    (tmp_path / "checkpoint").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(
        tf.errors.DataLossError, match="does not say which checkpoint is the latest. Correct it by hand"
    ):
        tf.train.latest_checkpoint(tmp_path)
    checkpoint.save(tmp_path / "ckpt")
    assert tf.train.latest_checkpoint(tmp_path) == str(tmp_path / "ckpt-2")


def test_a_list_edited_by_hand(checkpoint, tmp_path):
    checkpoint.save(tmp_path / "ckpt")
    checkpoint.save(tmp_path / "ckpt")
    (tmp_path / "checkpoint").write_text('\nmodel_checkpoint_path: "ckpt-1"\n\n')
    assert tf.train.latest_checkpoint(tmp_path) == str(tmp_path / "ckpt-1")


def test_a_list_of_ones_own(checkpoint, tmp_path):
    path = checkpoint.write(tmp_path / "best")
    assert tf.train.latest_checkpoint(tmp_path) is None
    tf.train.update_checkpoint_state(tmp_path, path, latest_filename="list")
    assert tf.train.latest_checkpoint(tmp_path, "list") == path
    with pytest.raises(ValueError, match="must match checkpoint paths: there are 1 paths and 2 timestamps"):
        tf.train.update_checkpoint_state(tmp_path, path, all_model_checkpoint_timestamps=[1.0, 2.0])


# ------------------------------------------------------------------------------------------------------------ the manager


def test_old_checkpoints_are_deleted(checkpoint, tmp_path):
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=2)
    assert manager.latest_checkpoint is None and manager.checkpoints == []
    for _ in range(4):
        latest = manager.save()
    assert manager.latest_checkpoint == latest == tf.train.latest_checkpoint(tmp_path)
    assert names(manager.checkpoints) == ["ckpt-3", "ckpt-4"]
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "ckpt-3.safetensors", "ckpt-4.safetensors"]


def test_a_manager_takes_over_what_it_finds(checkpoint, tmp_path):
    tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=3).save()
    checkpoint.save(tmp_path / "ckpt")
    resumed = tf.train.Checkpoint(x=tf.Variable([0.0, 0.0]))
    manager = tf.train.CheckpointManager(resumed, tmp_path, max_to_keep=2)
    assert names(manager.checkpoints) == ["ckpt-1", "ckpt-2"]
    resumed.restore(manager.latest_checkpoint).assert_consumed()
    manager.save()
    assert names(manager.checkpoints) == ["ckpt-2", "ckpt-3"]


def test_all_are_kept_if_one_says_so(checkpoint, tmp_path):
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=None)
    for _ in range(7):
        manager.save()
    assert len(manager.checkpoints) == 7


def test_some_are_kept_for_good(checkpoint, tmp_path, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("minitfe.train.checkpoint_manager.time.time", lambda: clock[0])
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=1, keep_checkpoint_every_n_hours=2)
    for hour in range(1, 8):
        clock[0] = hour * 3600.0
        if hour == 4:  # another run of the program goes on
            manager = tf.train.CheckpointManager(checkpoint, tmp_path, 1, 2)
        manager.save()
    assert names(manager.checkpoints) == ["ckpt-7"]
    kept = sorted(name for name in os.listdir(tmp_path) if name.endswith("safetensors"))
    assert kept == [f"ckpt-{number}.safetensors" for number in (2, 4, 6, 7)]


def test_numbers_of_ones_own(checkpoint, tmp_path):
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=2)
    assert manager.save(checkpoint_number=500) == str(tmp_path / "ckpt-500")
    manager.save(checkpoint_number=500)
    assert names(manager.checkpoints) == ["ckpt-500"]


def test_settings_that_make_no_sense(checkpoint, tmp_path):
    for number in (0, -1):
        with pytest.raises(ValueError, match="Expected a positive integer or `None` for `max_to_keep`"):
            tf.train.CheckpointManager(checkpoint, tmp_path, number)
    with pytest.raises(TypeError, match=r"checkpoint must be a tf\.train\.Checkpoint"):
        tf.train.CheckpointManager(tf.Variable(1.0), tmp_path, 1)
    with pytest.raises(TypeError, match="directory must be a path"):
        tf.train.CheckpointManager(checkpoint, 5, 1)


# ---------------------------------------------------------------------------------------------------- looking into them


def test_values_can_be_looked_at_without_objects(tmp_path):
    checkpoint = tf.train.Checkpoint(
        x=tf.Variable([1.0, 2.0]), n=tf.Variable(3), c=tf.Variable([1j], dtype=tf.complex64)
    )
    path = checkpoint.save(tmp_path / "ckpt")
    key = "x/.ATTRIBUTES/VARIABLE_VALUE"
    assert dict(tf.train.list_variables(tmp_path))[key] == [2]
    assert dict(tf.train.list_variables(path))["c/.ATTRIBUTES/VARIABLE_VALUE"] == [1]
    np.testing.assert_array_equal(tf.train.load_variable(tmp_path, key), [1, 2])
    reader = tf.train.load_checkpoint(path)
    assert reader.has_tensor(key) and not reader.has_tensor("y")
    assert reader.get_variable_to_dtype_map()["n/.ATTRIBUTES/VARIABLE_VALUE"] is tf.int32
    assert reader.get_tensor("n/.ATTRIBUTES/VARIABLE_VALUE") == 3
    with pytest.raises(
        tf.errors.NotFoundError, match=r"Key x/.ATTRIBUTES/VALUE not found .* \(is it x/.ATTRIBUTES/VARI"
    ):
        reader.get_tensor("x/.ATTRIBUTES/VALUE")


def test_looking_into_nothing(tmp_path):
    with pytest.raises(ValueError, match="Couldn't find 'checkpoint' file or checkpoints in given directory"):
        tf.train.load_checkpoint(tmp_path)
    with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files"):
        tf.train.list_variables(tmp_path / "ckpt")


# --------------------------------------------------------------------------------------------------- variables by name


def test_variables_by_name(tmp_path):
    v, w = tf.Variable(1.0, name="v"), tf.Variable([2, 3], name="w")
    saver = tfe.Saver([v, w, v])
    path = saver.save(tmp_path / "m", global_step=3)
    assert path == str(tmp_path / "m-3") and tf.train.list_variables(path) == [("v", []), ("w", [2])]
    v.assign(7.0)
    w.assign([8, 9])
    saver.restore(path)
    assert float(v) == 1 and w.numpy().tolist() == [2, 3]
    assert saver.save(tmp_path / "m") == str(tmp_path / "m")


def test_variables_under_other_names(tmp_path):
    v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="v")
    path = tfe.Saver({"a": v, "b": w}).save(tmp_path / "m")
    tfe.Saver({"b": v, "a": w}).restore(path)
    assert (float(v), float(w)) == (2, 1)


def test_two_variables_of_one_name(tmp_path):
    saver = tfe.Saver([tf.Variable(1.0, name="v"), tf.Variable(2.0, name="v")])
    with pytest.raises(ValueError, match="Two different variables have the name v"):
        saver.save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_what_a_saver_cannot_restore_changes_nothing(tmp_path):
    path = tfe.Saver({"a": tf.Variable(1.0), "kernel": tf.Variable([1.0])}).save(tmp_path / "m")
    a, b = tf.Variable(5.0), tf.Variable(6.0)
    with pytest.raises(tf.errors.NotFoundError, match=r"Key kernal not found in checkpoint .* \(is it kernel\?\)"):
        tfe.Saver({"a": a, "kernal": b}).restore(path)
    with pytest.raises(ValueError, match=r"Shapes \(\) and \(1,\) are incompatible: kernel"):
        tfe.Saver({"a": a, "kernel": b}).restore(path)
    assert (float(a), float(b)) == (5, 6)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"variables by their names.*restore it with tfe\.Saver"):
        tf.train.Checkpoint(a=a).restore(path)


def test_only_variables_have_names():
    with pytest.raises(TypeError, match="tfe.Saver saves variables, and was given 3"):
        tfe.Saver([3])


def test_the_saver_of_graphs_says_what_to_use():
    with pytest.raises(RuntimeError, match=r"When eager execution is enabled.*tf\.train\.Checkpoint.*tfe\.Saver"):
        tf.train.Saver()


def test_new_variables_begin_with_what_was_saved_under_their_names(tmp_path):
    kernel, counter = tf.Variable([[1.0, 2.0]], name="dense/kernel"), tf.Variable(7, name="counter")
    path = tfe.Saver([kernel, counter]).save(tmp_path / "m")
    with tfe.restore_variables_on_create(path):
        layer = tf.keras.layers.Dense(2, name="dense")
        layer(tf.ones([1, 1]))
        assert layer.kernel.numpy().tolist() == [[1.0, 2.0]] and layer.bias.numpy().tolist() == [0.0, 0.0]
        with pytest.raises(ValueError, match=r"Shapes \(2,\) and \(\) are incompatible"):
            tf.Variable([1, 2], name="counter")
        with pytest.raises(tf.errors.InvalidArgumentError, match="Trying to assign variable with wrong dtype"):
            tf.Variable(1.0, name="counter")
    assert int(tf.Variable(0, name="counter")) == 0, "outside of the scope"
    with tfe.restore_variables_on_create(path, map_func=lambda name: name.replace("count", "counter")):
        assert int(tf.Variable(0, name="count")) == 7
    with tfe.restore_variables_on_create(None):
        assert int(tf.Variable(0, name="counter")) == 0
    with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files for"):
        with tfe.restore_variables_on_create(str(tmp_path / "none")):
            pass
    with pytest.raises(ValueError, match="map_func must be callable, not 3"):
        with tfe.restore_variables_on_create(path, 3):
            pass
