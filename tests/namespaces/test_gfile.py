"""tf.gfile: files and folders."""

import pytest

import minitfe as tf

gfile = tf.gfile


def test_text_is_written_and_read(tmp_path):
    with gfile.GFile(tmp_path / "a.txt", "w") as file:
        file.write("größe\r\nzwei\n")
    with gfile.Open(str(tmp_path / "a.txt")) as file:
        assert (file.name, file.mode) == (str(tmp_path / "a.txt"), "r")
        assert file.size() == 14
        assert file.readline() == "größe\r\n"
        assert list(file) == ["zwei\n"]
        file.seek(0)
        assert file.tell() == 0
        assert file.read(3) == "grö"
        assert file.readlines() == ["ße\r\n", "zwei\n"]


def test_bytes_are_added_at_the_end(tmp_path):
    path = tmp_path / "a.bin"
    for _ in range(2):
        file = gfile.FastGFile(path, "ab")
        file.write(b"\x00\xff")
        file.flush()
        assert path.read_bytes().endswith(b"\x00\xff")
        file.close()
    assert next(gfile.GFile(path, "rb")) == b"\x00\xff\x00\xff"


def test_folders(tmp_path):
    inner = tmp_path / "outer" / "inner"
    gfile.MakeDirs(inner)
    gfile.MakeDirs(inner)
    gfile.MkDir(inner / "last")
    (inner / "b.txt").write_text("b")
    (inner / "a.txt").write_text("a")
    assert gfile.Exists(inner)
    assert gfile.IsDirectory(inner)
    assert not gfile.IsDirectory(inner / "a.txt")
    assert gfile.ListDirectory(inner) == ["a.txt", "b.txt", "last"]
    assert gfile.Glob(str(inner / "*.txt")) == [str(inner / "a.txt"), str(inner / "b.txt")]
    assert gfile.Glob([str(inner / "b*"), str(inner / "a*")]) == [str(inner / "b.txt"), str(inner / "a.txt")]
    assert gfile.Glob(str(inner / "x*")) == []
    gfile.DeleteRecursively(tmp_path / "outer")
    assert gfile.ListDirectory(tmp_path) == []


@pytest.mark.parametrize("in_order", [True, False])
def test_walk(tmp_path, in_order):
    gfile.MakeDirs(tmp_path / "a")
    (tmp_path / "a" / "y").write_text("")
    (tmp_path / "a" / "x").write_text("")
    found = [(str(tmp_path), ["a"], []), (str(tmp_path / "a"), [], ["x", "y"])]
    assert list(gfile.Walk(tmp_path, in_order)) == (found if in_order else found[::-1])


def test_files_are_copied_renamed_and_removed(tmp_path):
    a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    a.write_text("text")
    gfile.Copy(a, b)
    gfile.Rename(a, c)
    assert (gfile.ListDirectory(tmp_path), b.read_text(), c.read_text()) == (["b", "c"], "text", "text")
    b.write_text("other")
    for move in (gfile.Copy, gfile.Rename):
        with pytest.raises(tf.errors.AlreadyExistsError, match="c; file already exists. Give overwrite=True"):
            move(b, c)
    assert c.read_text() == "text"
    gfile.Copy(b, c, overwrite=True)
    assert c.read_text() == "other"
    gfile.Rename(b, c, overwrite=True)
    gfile.Remove(c)
    assert gfile.ListDirectory(tmp_path) == []


def test_stat(tmp_path):
    (tmp_path / "a").write_text("text")
    assert gfile.Stat(tmp_path / "a")[::2] == (4, False)
    assert gfile.Stat(tmp_path / "a").mtime_nsec == (tmp_path / "a").stat().st_mtime_ns
    assert gfile.Stat(tmp_path).is_directory


@pytest.mark.parametrize(
    "function", [gfile.GFile, gfile.Remove, gfile.Stat, gfile.ListDirectory, gfile.DeleteRecursively]
)
def test_what_is_not_there(tmp_path, function):
    with pytest.raises(tf.errors.NotFoundError, match="missing; No such file or directory"):
        function(tmp_path / "missing")


@pytest.mark.parametrize("function", [gfile.Copy, gfile.Rename])
def test_what_cannot_be_moved_since_it_is_not_there(tmp_path, function):
    with pytest.raises(tf.errors.NotFoundError, match="missing; No such file or directory"):
        function(tmp_path / "missing", tmp_path / "new")


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(tf.errors.AlreadyExistsError, match="File exists"):
        gfile.MkDir(tmp_path)
    with pytest.raises(tf.errors.FailedPreconditionError, match="Not a directory"):
        gfile.ListDirectory(tmp_path / "a")
    with pytest.raises(tf.errors.FailedPreconditionError, match="Is a directory"):
        gfile.GFile(tmp_path)


def test_numbers_are_no_paths():
    with pytest.raises(TypeError, match="str, bytes or os.PathLike"):
        gfile.ListDirectory(0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="'x' is no mode of a file"):
        gfile.GFile("a", "x")
