"""What is saved comes back: at once or later, to objects of any form, all of it or nothing."""

import gc
import json
import weakref

import numpy as np
import pytest
import safetensors
import safetensors.numpy

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe import dtypes
from minitfe.checkpointable import Checkpointable
from minitfe.ops import random


class Thing(Checkpointable):
    """Something to hang attributes on."""

    def __init__(self, **attributes):
        for name, value in attributes.items():
            setattr(self, name, value)


class Late(Checkpointable):
    """Like a layer: makes its variables when it is first called."""

    def __init__(self):
        self.built = False

    def __call__(self):
        if not self.built:
            start = self._restored_value("w")
            self.w = self._track(tf.Variable(tf.random_normal([2]) if start is None else start), "w")
            self.built = True
        return self.w


class Position(Checkpointable):
    """Like an iterator: state that is no variable. It accepts no negative one."""

    def __init__(self, at=0):
        self.at = at

    def _save_state(self):
        return {"at": np.array(self.at)}

    def _restore_state(self, state):
        if state["at"] < 0:
            raise ValueError("no such position")
        self.at = int(state["at"])


def variable(*values):
    return tf.Variable(np.array(values, np.float32))


@pytest.fixture
def prefix(tmp_path):
    return str(tmp_path / "ckpt")


# ------------------------------------------------------------------------------------------------------ saving in general


def test_saves_are_counted_from_one(prefix, tmp_path):
    checkpoint = tf.train.Checkpoint(x=variable(1))
    assert [checkpoint.save(prefix), checkpoint.save(prefix)] == [f"{prefix}-1", f"{prefix}-2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint",
        "ckpt-1.safetensors",
        "ckpt-2.safetensors",
    ]
    assert int(checkpoint.save_counter) == 2 and checkpoint.save_counter.dtype is tf.int64


def test_the_count_goes_on_after_a_restore(prefix):
    tf.train.Checkpoint(x=variable(1)).save(prefix)
    resumed = tf.train.Checkpoint(x=variable(2))
    resumed.restore(f"{prefix}-1")
    assert resumed.save(prefix) == f"{prefix}-2"


def test_paths_may_be_of_pathlib_and_folders_are_made(tmp_path):
    x = variable(1)
    checkpoint = tf.train.Checkpoint(x=x)
    path = checkpoint.save(tmp_path / "a" / "b" / "ckpt")
    x.assign([2])
    checkpoint.restore(tmp_path / "a" / "b" / "ckpt-1.safetensors")
    assert x.numpy() == [1]
    assert path == str(tmp_path / "a" / "b" / "ckpt-1")


def test_all_three_spellings_are_one_class():
    assert tf.train.Checkpoint is tfe.Checkpoint is tf.Checkpoint


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=repr)
@pytest.mark.parametrize("shape", [(), (3,), (0, 2)], ids=str)
def test_every_dtype_comes_back(prefix, dtype, shape):
    values = np.array([b"", b"a\0", "é".encode()], object) if dtype is tf.string else np.array([0, 1, 3], dtype.numpy)
    if dtype.is_complex:
        values = values + values.dtype.type(2j)
    x = tf.Variable(np.resize(values, shape) if shape else values[1:2].reshape(()))
    before = x.numpy()
    checkpoint = tf.train.Checkpoint(x=x)
    path = checkpoint.save(prefix)
    x.assign(tf.constant(np.full(shape, b"?", object) if dtype is tf.string else np.zeros(shape, dtype.numpy)))
    checkpoint.restore(path).assert_consumed()
    assert x.dtype is dtype and x.shape == shape
    np.testing.assert_array_equal(x.numpy(), before)


def test_any_safetensors_reader_opens_our_files(prefix):
    thing = Thing(
        w=variable(1, 2), n=tf.Variable(3), b=tf.Variable([True]), e=tf.Variable(np.zeros([0, 2], np.float16))
    )
    path = tf.train.Checkpoint(thing=thing).save(prefix) + ".safetensors"
    arrays = safetensors.numpy.load_file(path)
    np.testing.assert_array_equal(arrays["thing/w/.ATTRIBUTES/VARIABLE_VALUE"], [1, 2])
    assert arrays["thing/n/.ATTRIBUTES/VARIABLE_VALUE"] == 3
    with safetensors.safe_open(path, "numpy") as file:
        names = [node["name"] for node in json.loads(file.metadata()["graph"])]
    assert names[:3] == ["", "thing", "save_counter"]


def test_a_snapshot_is_of_one_moment_and_no_tape_takes_note(prefix):
    x = variable(1)
    with tf.GradientTape() as tape:
        tf.train.Checkpoint(x=x).save(prefix)
    assert tape.watched_variables() == ()


# -------------------------------------------------------------------------------------------------- graphs of objects


def test_nested_objects_lists_and_dictionaries(prefix):
    def make(*values):
        a, b, c, d = (variable(value) for value in values)
        return Thing(part=Thing(a=a), list=[0, b, [c]], dict={"k": {"d": d}}), [a, b, c, d]

    thing, _ = make(1, 2, 3, 4)
    path = tf.train.Checkpoint(thing=thing, pair=(variable(5), 6)).save(prefix)
    other, variables = make(0, 0, 0, 0)
    fifth = variable(0)
    tf.train.Checkpoint(thing=other, pair=(fifth, 6)).restore(path).assert_consumed()
    assert [float(v) for v in [*variables, fifth]] == [1, 2, 3, 4, 5]


def test_a_shared_object_is_saved_once(prefix):
    shared = variable(1)
    path = tf.train.Checkpoint(a=shared, b=Thing(c=shared)).save(prefix)
    assert [name for name, _ in tf.train.list_variables(path) if "VARIABLE" in name] == [
        "a/.ATTRIBUTES/VARIABLE_VALUE",
        "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
    ]
    other = variable(0)
    tf.train.Checkpoint(a=other, b=Thing(c=other)).restore(path).assert_consumed()
    assert other.numpy() == [1]


def test_objects_that_hold_each_other(prefix):
    def make(value):
        parent, child = Thing(v=variable(value)), Thing()
        parent.child, child.parent = child, parent
        return parent

    path = tf.train.Checkpoint(parent=make(1)).save(prefix)
    other = make(0)
    tf.train.Checkpoint(parent=other).restore(path).assert_consumed()
    assert other.v.numpy() == [1]


def test_names_that_look_like_paths_do_not_collide(prefix):
    def make(values):
        return {"a/b": variable(values[0]), "a": {"b": variable(values[1])}, "a.Sb": variable(values[2])}

    path = tf.train.Checkpoint(d=make([1, 2, 3])).save(prefix)
    other = make([0, 0, 0])
    tf.train.Checkpoint(d=other).restore(path).assert_consumed()
    assert [float(other["a/b"]), float(other["a"]["b"]), float(other["a.Sb"])] == [1, 2, 3]


def test_keys_that_are_the_same_text_are_refused(prefix):
    with pytest.raises(ValueError, match="as text two of them are the same"):
        tf.train.Checkpoint(d={1: variable(1), "1": variable(2)}).save(prefix)


def test_what_has_nothing_to_save_is_refused():
    with pytest.raises(ValueError, match=r"expecting a checkpointable object .* got 3, as v\. .* tf\.Variable"):
        tf.train.Checkpoint(v=3)


def test_plain_attributes_can_be_added_later(prefix):
    checkpoint = tf.train.Checkpoint(v=variable(1))
    checkpoint.note = 3
    assert tf.train.Checkpoint(v=variable(0)).restore(checkpoint.save(prefix)).assert_consumed()


def test_two_saved_objects_may_become_one_but_one_cannot_become_two(prefix):
    shared = variable(1)
    path = tf.train.Checkpoint(a=shared, b=shared).write(prefix)
    a, b = variable(0), variable(0)
    status = tf.train.Checkpoint(a=a, b=b).read(path)
    with pytest.raises(AssertionError, match="a is one object in the checkpoint, and several in the program"):
        status.assert_consumed()
    assert a.numpy() == [1] and b.numpy() == [0]
    path = tf.train.Checkpoint(a=variable(1), b=variable(2)).write(prefix)
    both = variable(0)
    tf.train.Checkpoint(a=both, b=both).read(path).assert_consumed()
    assert both.numpy() in (1, 2)


# ------------------------------------------------------------------------------------------------------------- later


def test_a_variable_that_is_made_later_has_the_saved_value(prefix):
    late = Late()
    value = late().numpy()
    path = tf.train.Checkpoint(model=Thing(layer=late)).save(prefix)
    model = Thing(layer=Late())
    status = tf.train.Checkpoint(model=model).restore(path)
    with pytest.raises(AssertionError, match="Unresolved object in checkpoint: model/layer/w"):
        status.assert_consumed()
    status.assert_existing_objects_matched()
    np.testing.assert_array_equal(model.layer().numpy(), value)
    status.assert_consumed()


def test_an_object_that_is_attached_later_is_restored_then(prefix):
    path = tf.train.Checkpoint(
        model=Thing(part=Thing(v=variable(1)), blocks=[variable(2)], by_name={"k": variable(3)})
    ).save(prefix)
    model = Thing(blocks=[], by_name={})
    status = tf.train.Checkpoint(model=model).restore(path)
    v, block, named = variable(0), variable(0), variable(0)
    model.part = Thing(v=v)
    model.blocks.append(block)
    model.by_name["k"] = named
    assert v.numpy() == [1]
    assert [float(block), float(named)] == [2, 3]
    status.assert_consumed()


def test_a_whole_list_attached_later(prefix):
    path = tf.train.Checkpoint(model=Thing(blocks=[variable(1), variable(2)])).save(prefix)
    model = Thing()
    tf.train.Checkpoint(model=model).restore(path)
    model.blocks = [variable(0)]
    model.blocks.append(variable(0))
    assert [float(v) for v in model.blocks] == [1, 2]


def test_the_last_restore_counts_in_whatever_order_parts_come(prefix):
    first = tf.train.Checkpoint(a=Thing(v=variable(1))).write(prefix + "a")
    second = tf.train.Checkpoint(b=Thing(v=variable(2))).write(prefix + "b")
    for order in ("ab", "ba"):
        a, b, v = Thing(), Thing(), variable(0)
        root = tf.train.Checkpoint(a=a, b=b)
        root.read(first)
        root.read(second)
        for name in order:
            {"a": a, "b": b}[name].v = v
        assert v.numpy() == [2]


def test_a_waiting_value_of_another_shape_is_an_error_when_the_variable_comes(prefix):
    path = tf.train.Checkpoint(model=Thing(v=variable(1, 2))).save(prefix)
    model = Thing()
    tf.train.Checkpoint(model=model).restore(path)
    with pytest.raises(ValueError, match=r"Shapes \(\) and \(2,\) are incompatible: model/v"):
        model.v = tf.Variable(0.0)


def test_values_that_were_used_are_let_go(prefix):
    path = tf.train.Checkpoint(model=Thing(a=variable(1), b=variable(2))).save(prefix)
    model = Thing(a=variable(0))
    status = tf.train.Checkpoint(model=model).restore(path)
    assert list(status._restore.arrays) == ["model/b/.ATTRIBUTES/VARIABLE_VALUE"]
    model.b = variable(0)
    assert not status._restore.arrays
    waiting = weakref.ref(status._restore)
    del status
    gc.collect()
    assert waiting() is not None, "model still knows of it"
    del model
    gc.collect()
    assert waiting() is None


def test_restores_of_parts_do_not_pile_up(prefix):
    """A program that evaluates one checkpoint after the other leaves the optimizer's values unused each time."""
    path = tf.train.Checkpoint(model=variable(1), optimizer=variable(2)).save(prefix)
    root = tf.train.Checkpoint(model=variable(0))
    restores = [weakref.ref(root.restore(path)._restore) for _ in range(3)]
    assert [restore() is None for restore in restores] == [True, True, False]
    root.optimizer = late = variable(0)
    assert late.numpy() == [2]


def test_a_complete_restore_leaves_nothing_behind(prefix):
    checkpoint = tf.train.Checkpoint(model=Thing(a=variable(1)))
    path = checkpoint.save(prefix)
    status = checkpoint.restore(path)
    gone = weakref.ref(status._restore)
    gc.disable()
    try:
        del status
        assert gone() is None
    finally:
        gc.enable()


# ----------------------------------------------------------------------------------------------- optimizers and others


def trained(steps, value=1.0):
    w = variable(value, 2)
    optimizer = tf.train.AdamOptimizer(0.1)
    for _ in range(steps):
        optimizer.minimize(lambda: tf.reduce_sum(w * w))
    return w, optimizer


@pytest.mark.parametrize("order", ["optimizer first", "variable first", "slots there", "variable later"])
def test_slots_are_restored_whoever_comes_first(prefix, order):
    w, optimizer = trained(3)
    path = tf.train.Checkpoint(optimizer=optimizer, model=Thing(w=w)).save(prefix)
    new, other = trained(1 if order == "slots there" else 0, 7.0)
    model = Thing() if order == "variable later" else Thing(w=new)
    objects = {"optimizer": other, "model": model}
    root = tf.train.Checkpoint(**(dict(reversed(objects.items())) if order == "variable first" else objects))
    status = root.restore(path)
    model.w = new
    status.assert_consumed()
    for some, its in ((w, optimizer), (new, other)):
        its.minimize(lambda some=some: tf.reduce_sum(some * some))
    np.testing.assert_array_equal(new.numpy(), w.numpy())
    for name in ("m", "v"):
        np.testing.assert_array_equal(other.get_slot(new, name).numpy(), optimizer.get_slot(w, name).numpy())


def test_a_save_right_after_a_restore_keeps_the_slots(prefix):
    w, optimizer = trained(3)
    path = tf.train.Checkpoint(optimizer=optimizer, w=w).save(prefix)
    new, other = trained(0)
    root = tf.train.Checkpoint(optimizer=other, w=new)
    root.restore(path)
    again = root.save(prefix)
    assert tf.train.list_variables(again) == tf.train.list_variables(path)
    name = "w/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE"
    np.testing.assert_array_equal(tf.train.load_variable(again, name), optimizer.get_slot(w, "m").numpy())


def test_slots_of_variables_that_are_not_saved_are_not_saved(prefix):
    _, optimizer = trained(1)
    names = [name for name, _ in tf.train.list_variables(tf.train.Checkpoint(optimizer=optimizer).write(prefix))]
    assert not any("SLOT" in name for name in names)


def test_state_that_is_no_variable(prefix):
    path = tf.train.Checkpoint(at=Position(5)).save(prefix)
    other = Position()
    tf.train.Checkpoint(at=other).restore(path).assert_consumed()
    assert other.at == 5
    model = Thing()
    tf.train.Checkpoint(model=model).restore(tf.train.Checkpoint(model=Thing(at=Position(6))).save(prefix))
    model.at = late = Position()
    assert late.at == 6


# ------------------------------------------------------------------------------------------------------ random numbers


def test_random_numbers_go_on_where_they_were(prefix):
    tf.set_random_seed(5)
    tf.random_normal([2])
    checkpoint = tf.train.Checkpoint(x=variable(1))
    path = checkpoint.save(prefix)
    expected = [tf.random_normal([3]).numpy(), tf.random_normal([3], seed=1).numpy()]
    tf.set_random_seed(6)
    checkpoint.restore(path).assert_consumed()
    for draw, seed in zip(expected, (None, 1)):
        np.testing.assert_array_equal(tf.random_normal([3], seed=seed).numpy(), draw)


def test_reading_values_leaves_the_random_numbers_alone(prefix):
    tf.set_random_seed(5)
    path = tf.train.Checkpoint(x=variable(1)).save(prefix)
    x = variable(0)
    tf.set_random_seed(6)
    root = tf.train.Checkpoint(x=x)
    root.read(path)
    root.save(prefix + "other")
    drawn = tf.random_normal([3]).numpy()
    tf.set_random_seed(6)
    np.testing.assert_array_equal(drawn, tf.random_normal([3]).numpy())
    assert x.numpy() == [1]


def test_a_run_without_a_seed_does_not_take_one_away(prefix):
    random.set_state({"seed": None, "draws": []})
    path = tf.train.Checkpoint(x=variable(1)).save(prefix)
    tf.set_random_seed(6)
    tf.train.Checkpoint(x=variable(0)).restore(path)
    drawn = tf.random_normal([3]).numpy()
    tf.set_random_seed(6)
    np.testing.assert_array_equal(drawn, tf.random_normal([3]).numpy())


# -------------------------------------------------------------------------------------------- what does not fit, errors


def test_nothing_is_restored_where_one_value_does_not_fit(prefix):
    path = tf.train.Checkpoint(at=Position(3), a=variable(1), b=variable(1, 2)).save(prefix)
    at, a, b = Position(7), variable(5), variable(6)
    root = tf.train.Checkpoint(at=at, a=a, b=b)
    with pytest.raises(ValueError, match=r"Shapes \(1,\) and \(2,\) are incompatible: b, .* Nothing was restored"):
        root.restore(path)
    assert (at.at, float(a), float(b)) == (7, 5, 6)
    root.b = tf.Variable([1, 2])
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="expected dtype int32 does not equal original dtype float32"
    ):
        root.restore(path)
    assert (at.at, float(a)) == (7, 5) and "_waiting" not in vars(root)


def test_an_object_that_refuses_its_state_puts_all_back(prefix):
    path = tf.train.Checkpoint(first=Position(3), second=Position(-1), x=variable(1)).save(prefix)
    first, second, x = Position(7), Position(8), variable(9)
    with pytest.raises(ValueError, match="no such position"):
        tf.train.Checkpoint(first=first, second=second, x=x).restore(path)
    assert (first.at, second.at, float(x)) == (7, 8, 9)


def test_state_of_another_kind(prefix):
    class Other(Position):
        def _save_state(self):
            return {"place": np.array(1)}

    path = tf.train.Checkpoint(at=Position(3), x=variable(1)).save(prefix)
    x = variable(5)
    with pytest.raises(ValueError, match=r"at, a Other, has the state \['place'\] in the program, and \['at'\] in the"):
        tf.train.Checkpoint(at=Other(), x=x).restore(path)
    assert float(x) == 5
    with pytest.raises(AssertionError, match="at is a tuple in the program, and has state in the checkpoint"):
        tf.train.Checkpoint(at=(x,), x=x).restore(path).assert_existing_objects_matched()


def test_a_variable_does_not_take_the_place_of_an_object(prefix):
    path = tf.train.Checkpoint(x=Thing(v=variable(1))).save(prefix)
    x = variable(5)
    status = tf.train.Checkpoint(x=x).restore(path)
    with pytest.raises(AssertionError, match="x is a variable in the program, and no variable in the checkpoint"):
        status.assert_existing_objects_matched()
    assert float(x) == 5


def test_the_report_names_what_is_similar(prefix):
    path = tf.train.Checkpoint(model=Thing(kernel=variable(1), bias=variable(2))).save(prefix)
    status = tf.train.Checkpoint(model=Thing(kernal=variable(0), bias=variable(0))).restore(path)
    text = str(status)
    assert "only in the checkpoint: model/kernel" in text
    assert "only in the program:    model/kernal (is it model/kernel?)" in text
    assert "bias" not in text
    with pytest.raises(AssertionError, match="Unresolved object in checkpoint: model/kernel"):
        status.assert_consumed()
    with pytest.raises(AssertionError, match="Some Python objects were not bound to checkpointed values"):
        status.assert_existing_objects_matched()
    assert status.expect_partial() is status
    status.initialize_or_restore()
    status.run_restore_ops()


def test_a_report_of_success(prefix):
    checkpoint = tf.train.Checkpoint(x=variable(1))
    status = checkpoint.restore(checkpoint.save(prefix))
    assert status.assert_consumed() is status and "all values were restored" in str(status)


def test_no_path_means_nothing_to_restore():
    status = tf.train.Checkpoint(x=variable(1)).restore(None)
    with pytest.raises(AssertionError, match="No checkpoint specified"):
        status.assert_consumed()
    with pytest.raises(AssertionError, match="No checkpoint specified"):
        status.run_restore_ops()
    status.initialize_or_restore()
    assert status.expect_partial() is status and "nothing was restored" in repr(status)


def test_a_missing_checkpoint(prefix, tmp_path):
    checkpoint = tf.train.Checkpoint(x=variable(1))
    with pytest.raises(tf.errors.NotFoundError, match="Failed to find any matching files for .*ckpt-7"):
        checkpoint.restore(f"{prefix}-7")
    checkpoint.save(prefix)
    with pytest.raises(tf.errors.NotFoundError, match="in that folder are the checkpoints ckpt-1"):
        checkpoint.restore(f"{prefix}-7")
    with pytest.raises(tf.errors.NotFoundError, match=r"that is a folder, and tf\.train\.latest_checkpoint"):
        checkpoint.restore(str(tmp_path))


@pytest.mark.parametrize("path", [3, 1.5, b"bytes", ["list"]], ids=repr)
def test_paths_that_are_none(path):
    checkpoint = tf.train.Checkpoint(x=variable(1))
    for method in (checkpoint.save, checkpoint.write, checkpoint.restore, checkpoint.read):
        with pytest.raises(TypeError, match="must be a path"):
            method(path)
    assert "save_counter" not in vars(checkpoint)


def test_where_no_file_can_be(tmp_path):
    (tmp_path / "file").write_text("")
    checkpoint = tf.train.Checkpoint(x=variable(1))
    with pytest.raises(tf.errors.FailedPreconditionError, match="could not be written"):
        checkpoint.save(tmp_path / "file" / "ckpt")
    with pytest.raises(tf.errors.InvalidArgumentError, match="name too long"):
        checkpoint.save(tmp_path / ("x" * 300))
    assert int(checkpoint.save_counter) == 0
