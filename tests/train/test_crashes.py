"""A process may be killed, and the power may fail, at any moment: what can be loaded then is the old or the new.

A run of many saves is recorded, one entry for each call to the operating system. For each entry the disk is rebuilt as
it may look after a crash at that point, and loaded from. A disk is modelled as POSIX allows it to be:

- a killed process loses nothing that it has handed to the system;
- when the power fails, what was written since the last fsync of a file may be there, in part, or not at all, and
  what was done to names since the last fsync of their folder may be undone, each name for itself.
"""

import os
import random

import numpy as np
import pytest

import minitfe as tf

RUNS = 60  # saves that are recorded


class Recorder:
    """Takes the place of the os module in the writer: does what it is told, and notes it down."""

    def __init__(self, journal):
        self.journal, self.files = journal, {}

    def __getattr__(self, name):
        return getattr(os, name)

    def open(self, path, flags, mode=0o777):
        file = os.open(path, flags, mode)
        self.files[file] = path
        if flags & os.O_CREAT:
            self.journal.append(("create", path))
        return file

    def write(self, file, data):
        data = bytes(data[:400])  # the system need not take all at once
        place = os.lseek(file, 0, os.SEEK_CUR)
        self.journal.append(("write", self.files[file], place, data))
        return os.write(file, data)

    def fsync(self, file):
        os.fsync(file)
        self.journal.append(("sync", self.files[file]))

    def replace(self, source, target):
        os.replace(source, target)
        self.journal.append(("rename", source, target))

    def unlink(self, path):
        os.unlink(path)
        self.journal.append(("unlink", path))


class Disk:
    """What the system holds, and what is certain to survive: files by number, and names that lead to them."""

    def __init__(self):
        self.written, self.safe = {}, {}  # number: bytes
        self.unsafe = {}  # number: writes since the last fsync
        self.names, self.safe_names = {}, {}
        self.changed_names = []  # since the last fsync of the folder

    def do(self, action, path, *rest):
        getattr(self, action)(path, *rest)

    def create(self, path):
        number = len(self.written)
        self.written[number], self.safe[number], self.unsafe[number] = b"", b"", []
        self._name(path, number)

    def write(self, path, place, data):
        number = self.names[path]
        self.written[number] = overwritten(self.written[number], place, data)
        self.unsafe[number].append((place, data))

    def sync(self, path):
        if path in self.names:
            number = self.names[path]
            self.safe[number], self.unsafe[number] = self.written[number], []
        else:  # a folder
            self.safe_names, self.changed_names = dict(self.names), []

    def rename(self, source, target):
        self._name(target, self.names[source])
        self._name(source, None)

    def unlink(self, path):
        self._name(path, None)

    def _name(self, path, number):
        self.names[path] = number
        if number is None:
            del self.names[path]
        self.changed_names.append((path, number))

    def after_kill(self):
        return {path: self.written[number] for path, number in self.names.items()}

    def after_power_failure(self, draw):
        """One of the many disks that are possible; draw() says yes or no."""
        names = dict(self.safe_names)
        for path, number in self.changed_names:
            if draw():
                names[path] = number
        return {path: self._content(number, draw) for path, number in names.items() if number is not None}

    def _content(self, number, draw):
        content = self.safe[number]
        for place, data in self.unsafe[number]:
            if draw():
                content = overwritten(content, place, data if draw() else data[: len(data) // 2])
        return content


def overwritten(content, place, data):
    return content[:place].ljust(place, b"\0") + data + content[place + len(data) :]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A journal of saves by a manager, with the number of saves that were complete after each entry."""
    folder = tmp_path_factory.mktemp("run")
    x, small = tf.Variable(np.zeros(150)), tf.Variable(0)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(x=x, small=small), folder, max_to_keep=2)
    journal, complete = [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("minitfe.train.storage.os", Recorder(journal))
        patch.setattr("minitfe.train.checkpoint_manager.os", Recorder(journal))
        for number in range(1, RUNS + 1):
            x.assign(np.full(150, number))
            small.assign(number)
            manager.save()
            complete += [number - 1] * (len(journal) - len(complete) - 1) + [number]
    return folder, journal, complete


class Loader:
    """Puts files into a folder as they are after a crash, and says which save is loaded from there."""

    def __init__(self, original, folder):
        self.original, self.folder, self.there = str(original), str(folder), {}
        self.x, self.small = tf.Variable(np.zeros(150)), tf.Variable(0)
        self.checkpoint = tf.train.Checkpoint(x=self.x, small=self.small)

    def loaded(self, files):
        for path in set(self.there) - set(files):
            os.unlink(self._here(path))
        for path, content in files.items():
            if self.there.get(path) != content:
                with open(self._here(path), "wb") as file:
                    file.write(content)
        self.there = files
        latest = tf.train.latest_checkpoint(self.folder)
        if latest is None:
            return 0
        self.checkpoint.restore(latest).assert_consumed()
        number = int(self.small)
        assert (self.x.numpy() == number).all()
        return number

    def _here(self, path):
        return path.replace(self.original, self.folder)


def test_the_model_of_the_disk_ends_as_the_disk_does(recorded):
    folder, journal, _ = recorded
    disk = Disk()
    for entry in journal:
        disk.do(*entry)
    assert disk.after_kill() == {str(path): path.read_bytes() for path in folder.iterdir()}


def crash_points(journal):
    """The disk after each entry of a journal."""
    disk = Disk()
    for entry in journal:
        disk.do(*entry)
        yield disk


def test_after_a_kill_at_any_call_the_old_or_the_new_checkpoint_loads(recorded, tmp_path):
    folder, journal, complete = recorded
    assert len(journal) >= 1_000
    loader = Loader(folder, tmp_path)
    for disk, saved in zip(crash_points(journal), complete):
        assert loader.loaded(disk.after_kill()) in (saved, saved + 1)


@pytest.mark.parametrize("seed", range(2))
def test_after_a_power_failure_at_any_call_the_old_or_the_new_checkpoint_loads(recorded, tmp_path, seed):
    folder, journal, complete = recorded
    loader, chance = Loader(folder, tmp_path), random.Random(seed)
    for disk, saved in zip(crash_points(journal), complete):
        likely = chance.choice([0, 0.2, 0.5, 0.8, 1])
        files = disk.after_power_failure(lambda likely=likely: chance.random() < likely)
        assert loader.loaded(files) in (saved, saved + 1)


def test_the_model_finds_writers_that_do_not_sync(recorded, tmp_path):
    """The test is tested: without fsync of the file, or of the folder, some crash loses a checkpoint."""
    folder, journal, complete = recorded
    for forgotten in ("file", "folder"):
        loader, chance, lost = Loader(folder, tmp_path), random.Random(0), 0
        beginning = list(zip(journal, complete))[:300]
        careless = [(entry, saved) for entry, saved in beginning if not left_out(entry, forgotten)]
        disks = crash_points([entry for entry, _ in careless])
        for disk, (_, saved) in zip(disks, careless):
            files = disk.after_power_failure(lambda: chance.random() < 0.5)
            try:
                lost += loader.loaded(files) not in (saved, saved + 1)
            except tf.errors.DataLossError:
                lost += 1
        assert lost > 10, forgotten


def left_out(entry, forgotten):
    return entry[0] == "sync" and entry[1].endswith(".tmp") == (forgotten == "file")


def test_an_error_at_any_call_leaves_all_as_it_was(tmp_path):
    """What fails is reported, half a file is cleared away, and the next save works."""
    x = tf.Variable(0.0)
    checkpoint = tf.train.Checkpoint(x=x)
    checkpoint.save(tmp_path / "ckpt")
    failures = 0
    for call in ["open", "write", "lseek", "fsync", "replace", "close"]:
        for nth in range(1, 10):
            before, x_before = int(checkpoint.save_counter), float(x)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("minitfe.train.storage.os", Failing(call, nth))
                try:
                    checkpoint.save(tmp_path / "ckpt")
                except tf.errors.UnknownError as error:
                    assert "could not be written" in str(error)
                    assert int(checkpoint.save_counter) == before
                    failures += 1
            assert float(x) == x_before
            assert not any(name.endswith(".tmp") for name in os.listdir(tmp_path))
            checkpoint.restore(tf.train.latest_checkpoint(tmp_path)).assert_consumed()
            saved = checkpoint.save(tmp_path / "ckpt")
            assert tf.train.latest_checkpoint(tmp_path) == saved == f"{tmp_path}/ckpt-{int(checkpoint.save_counter)}"
    assert failures >= 15


class Failing:
    """The os module, one of whose functions fails at the nth call."""

    def __init__(self, call, nth):
        self.call, self.left = call, nth

    def __getattr__(self, name):
        if name != self.call:
            return getattr(os, name)

        def sometimes(*args, **kwargs):
            self.left -= 1
            if self.left == 0:
                if name == "close":
                    os.close(*args)
                raise OSError(5, os.strerror(5))
            return getattr(os, name)(*args, **kwargs)

        return sometimes
