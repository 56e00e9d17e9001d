"""A file is as it was written, or it is refused: no bit, no byte and no header slips through."""

import contextlib
import errno
import hashlib
import json
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import safetensors.numpy

import minitfe as tf
from minitfe.train import storage

VALUES = {
    "w": np.arange(12, dtype=np.float32).reshape(3, 4), "n": np.array(7), "s": np.array([b"a", b"bc"], object),
    "c": np.array([1 + 2j]), "b": np.array([True, False]),
}  # fmt: skip


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "values.safetensors")
    storage.write(path, VALUES, {"note": "a text"})
    return path


def load(path):
    with storage.reading(path) as reader:
        return {key: reader.read(key) for key in reader.places}, reader.metadata["note"]


def content(path):
    with open(path, "rb") as file:
        return file.read()


def put(path, data):
    with open(path, "wb") as file:
        file.write(data)


def refused(path):
    try:
        load(path)
    except tf.errors.DataLossError as error:
        assert "Nothing was restored" in str(error)
        return True
    return False


def with_header(change):
    """A file whose header was changed, and whose digest is right all the same."""
    layout = {"__metadata__": {"digest": " " * 64, "note": "a text", "converted": "{}"},
              "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
              "v": {"dtype": "U8", "shape": [1], "data_offsets": [8, 9]}}  # fmt: skip
    layout = change(layout) or layout
    text = layout if isinstance(layout, bytes) else json.dumps(layout, separators=(",", ":")).encode()
    data = len(text).to_bytes(8, "little") + text + b"\0" * 9
    digest = hashlib.sha256(data).hexdigest().encode()
    return data[: storage.PLACE] + digest + data[storage.PLACE + 64 :]


# ---------------------------------------------------------------------------------------------------------- damage


def test_what_was_written_is_read(path):
    values, note = load(path)
    assert note == "a text" and sorted(values) == sorted(VALUES)
    for key, value in values.items():
        np.testing.assert_array_equal(value, VALUES[key])
        assert value.dtype == VALUES[key].dtype
        assert value.flags.writeable and value.flags.aligned


def test_every_flipped_bit_is_found(path):
    size, draw = os.path.getsize(path), random.Random(1)
    with open(path, "r+b", buffering=0) as file:
        for _ in range(10_000):
            place, bit = draw.randrange(size), 1 << draw.randrange(8)
            before = os.pread(file.fileno(), 1, place)
            os.pwrite(file.fileno(), bytes([before[0] ^ bit]), place)
            assert refused(path), (place, bit)
            os.pwrite(file.fileno(), before, place)
    load(path)


def test_a_file_cut_off_anywhere_is_refused(path):
    for size in reversed(range(os.path.getsize(path))):
        os.truncate(path, size)
        assert refused(path), size


def test_a_longer_file_is_refused(path):
    whole = content(path)
    for more in (b"\0", b" ", whole):
        put(path, whole + more)
        assert refused(path)


def test_a_file_without_a_digest_is_refused(path):
    safetensors.numpy.save_file({"w": np.ones(3)}, path, {"note": "from elsewhere"})
    with pytest.raises(tf.errors.DataLossError, match="it has no digest; minitfe wrote no such file"):
        load(path)


def test_headers_of_noise_are_refused(path):
    whole, draw = content(path), random.Random(2)
    length = int.from_bytes(whole[:8], "little")
    for _ in range(2_000):
        start = draw.randrange(8, 8 + length)
        noise = draw.randbytes(draw.randrange(1, 40))
        put(path, whole[:start] + noise + whole[start + len(noise) * draw.randrange(2) :])
        assert refused(path) or content(path) == whole


def test_a_right_digest_does_not_make_a_wrong_header_good(path):
    """Somebody who can compute a digest can write wrong values, but cause nothing else than an error."""
    put(path, with_header(lambda layout: None))
    assert load(path)[0]["w"].shape == (2,)
    draw, good = random.Random(3), with_header(lambda layout: None)[8:-9]
    strange = [None, -1, 0, 1, 2**70, 1.5, "x", "F64", [], [0], [-1], [2**62, 0], [2**40], {}, {"shape": [9]}, True]

    def one_field(layout):
        entry = draw.choice([layout["w"], layout["v"], layout["__metadata__"], layout])
        entry[draw.choice([*entry, "other"])] = draw.choice(strange)
        layout["__metadata__"] = {"digest": " " * 64} | dict(layout["__metadata__"])

    def some_bytes(layout):
        text = bytearray(good)
        text[len(storage.START) : len(storage.START) + 64] = b" " * 64
        for _ in range(draw.randrange(1, 4)):
            text[draw.randrange(len(storage.START) + 65, len(text))] = draw.randrange(256)
        return bytes(text)

    def deep(layout):
        return storage.START + b" " * 64 + b'","a":' + b"[" * 100_000

    for change in [one_field, some_bytes] * 1_000 + [deep]:
        with contextlib.suppress(TypeError, ValueError):  # a change that makes no sense to make
            put(path, with_header(change))
        with contextlib.suppress(tf.errors.DataLossError):
            with storage.reading(path) as reader:
                assert all(reader.kind(key) and reader.read(key).nbytes <= 64 for key in reader.places)


@pytest.mark.parametrize(
    "change",
    [
        lambda layout: layout["w"].update(dtype="F8"),
        lambda layout: layout["w"].update(shape=[3]),
        lambda layout: layout["w"].update(shape=[-2]),
        lambda layout: layout["w"].update(shape=[True, 2]),
        lambda layout: layout["w"].update(shape=[2**62, 2**62, 0]),
        lambda layout: layout["w"].update(data_offsets=[0, 2**70]),
        lambda layout: layout["w"].update(data_offsets=[1, 9]),
        lambda layout: layout["v"].update(data_offsets=[0, 1]),
        lambda layout: layout.pop("v") and None,
        lambda layout: layout.pop("w") and None,
        lambda layout: layout["__metadata__"].update(converted="[") or None,
        lambda layout: layout["__metadata__"].pop("converted") and None,
        lambda layout: layout["__metadata__"].update(converted='{"w":{"dtype":"string","shape":[2],"lengths":[1]}}'),
    ],
    ids=range(13),
)
def test_headers_that_contradict_themselves_are_refused(path, change):
    put(path, with_header(change))
    assert refused(path)


def test_a_checkpoint_of_objects_that_are_not_there_is_refused(tmp_path):
    for graph in ("[", "[]", "3", '[{"name":"","children":{"x":5}}]', '[{"name":"","value":"v"}]', '[{"nome":""}]'):
        storage.write(str(tmp_path / "x.safetensors"), {}, {"graph": graph})
        with pytest.raises(tf.errors.DataLossError, match="its objects make no sense"):
            tf.train.Checkpoint(x=tf.Variable(1.0)).restore(tmp_path / "x")


# --------------------------------------------------------------------------------------------- a disk that is full


def test_a_full_disk_is_a_named_error_and_changes_nothing(tmp_path, monkeypatch):
    x = tf.Variable(np.zeros(1000))
    checkpoint = tf.train.Checkpoint(x=x)
    first = checkpoint.save(tmp_path / "ckpt")
    x.assign_add(np.ones(1000))
    real, room = os.write, 3_000

    def write(file, data):
        nonlocal room
        if room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(file, data[:room])
        room -= written
        return written

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(tf.errors.ResourceExhaustedError, match="No space left on device. It could not be written"):
        checkpoint.save(tmp_path / "ckpt")
    monkeypatch.undo()
    assert tf.train.latest_checkpoint(tmp_path) == first
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "ckpt-1.safetensors"]
    assert int(checkpoint.save_counter) == 1 and float(x[0]) == 1
    checkpoint.restore(first)
    assert float(x[0]) == 0
    assert checkpoint.save(tmp_path / "ckpt") == str(tmp_path / "ckpt-2")


LIMITED = """
import resource, sys
import numpy as np
import minitfe as tf
tf.enable_eager_execution()
x = tf.Variable(np.zeros(1000))
checkpoint = tf.train.Checkpoint(x=x)
first = checkpoint.save(sys.argv[1] + "/ckpt")
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    checkpoint.save(sys.argv[1] + "/ckpt")
except tf.errors.ResourceExhaustedError as error:
    assert "File too large" in str(error), error
    assert tf.train.latest_checkpoint(sys.argv[1]) == first
    checkpoint.restore(first)
    print("all is well")
"""


def test_a_limit_on_the_size_of_files(tmp_path):
    ran = subprocess.run([sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert ran.stdout.strip() == "all is well", ran.stderr
    assert sorted(os.listdir(tmp_path)) == ["checkpoint", "ckpt-1.safetensors"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(tf.errors.PermissionDeniedError, match="could not be written"):
        tf.train.Checkpoint(x=tf.Variable(1.0)).save(tmp_path / "ckpt")


@pytest.mark.parametrize("number", ["EACCES", "EROFS", "EIO", "ENOSPC", "EDQUOT", "ENOMEM"])
def test_errors_of_the_system_have_names(tmp_path, monkeypatch, number):
    def refuse(file):
        raise OSError(getattr(errno, number), os.strerror(getattr(errno, number)))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(tf.errors.OpError, match=os.strerror(getattr(errno, number))):
        storage.write(str(tmp_path / "x.safetensors"), VALUES, {})
    assert os.listdir(tmp_path) == []


def test_an_interrupted_save_leaves_no_half_file(tmp_path, monkeypatch):
    def interrupted(file):
        raise KeyboardInterrupt

    checkpoint = tf.train.Checkpoint(x=tf.Variable(1.0))
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(tmp_path / "ckpt")
    assert os.listdir(tmp_path) == [] and int(checkpoint.save_counter) == 0


def test_files_have_the_permissions_that_the_user_wants(tmp_path):
    before = os.umask(0o027)
    try:
        storage.write(str(tmp_path / "x.safetensors"), VALUES, {})
    finally:
        os.umask(before)
    assert os.stat(tmp_path / "x.safetensors").st_mode & 0o777 == 0o640


def test_of_two_writers_to_one_file_the_last_wins_whole(tmp_path):
    path = str(tmp_path / "x.safetensors")

    def write(number):
        for _ in range(20):
            storage.write(path, {"w": np.full(5_000, number)}, {"note": ""})
        return load(path)[0]["w"]

    with ThreadPoolExecutor(2) as pool:
        for values in pool.map(write, [1, 2]):
            assert values[0] in (1, 2) and (values == values[0]).all()
    assert os.listdir(tmp_path) == ["x.safetensors"]


def test_the_word_of_the_format_is_no_name(tmp_path):
    with pytest.raises(ValueError, match="__metadata__ is the format's own word"):
        storage.write(str(tmp_path / "x.safetensors"), {"__metadata__": np.ones(2)}, {})


# -------------------------------------------------------------------------------------------------------- large files

LARGE = """
import sys
import numpy as np
import minitfe as tf
tf.enable_eager_execution()
SIZE = 200_000_000
x = tf.Variable(tf.ones([SIZE // 4]))
def grown(action):
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"): before = int(line.split()[1]) * 1024
    open("/proc/self/clear_refs", "w").write("5")
    action()
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"): return (int(line.split()[1]) * 1024 - before) / SIZE
checkpoint = tf.train.Checkpoint(x=x)
print(grown(lambda: checkpoint.save(sys.argv[1] + "/ckpt")))
print(grown(lambda: checkpoint.restore(sys.argv[1] + "/ckpt-1")))
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="measures memory by Linux's /proc")
def test_saving_and_restoring_hold_one_copy_at_most(tmp_path):
    """200 MB: a copy from the device while they are written; the new value beside the old one while restoring."""
    command, environment = [sys.executable, "-c", LARGE, str(tmp_path)], os.environ | {"MINITFE_KEEP_MEMORY": "0"}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    saving, restoring = map(float, ran.stdout.split())
    assert 0.9 < saving < 1.1 and 0.9 < restoring < 1.1, (saving, restoring)
