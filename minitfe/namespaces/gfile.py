"""``tf.gfile``: files and folders, over Python's own, with the errors of TensorFlow."""

from __future__ import annotations

import glob
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from minitfe import errors
from minitfe.missing import explain as _explain

__all__ = [
    "Copy",
    "DeleteRecursively",
    "Exists",
    "FastGFile",
    "FileStatistics",
    "GFile",
    "Glob",
    "IsDirectory",
    "ListDirectory",
    "MakeDirs",
    "MkDir",
    "Open",
    "Remove",
    "Rename",
    "Stat",
    "Walk",
]

_NAMED = (
    (FileNotFoundError, errors.NotFoundError),
    (FileExistsError, errors.AlreadyExistsError),
    (PermissionError, errors.PermissionDeniedError),
    (OSError, errors.FailedPreconditionError),  # it is a folder, or is none, or is not empty
)


@contextmanager
def _named_errors(path: Any) -> Iterator[None]:
    """Lets errors of the operating system come out under TensorFlow's names."""
    try:
        yield
    except OSError as error:
        named = next(named for kind, named in _NAMED if isinstance(error, kind))
        raise named(f"{path}; {error.strerror or error}") from None


def _path(name: Any) -> str:
    path = os.fspath(name)  # a number is no path, though some of Python's functions take one for an open file
    return os.fsdecode(path)


# --------------------------------------------------------------------------------------------------------------- files


class GFile:
    r"""An open file, to be used in a ``with`` statement or closed.

    Args:
        name: its path.
        mode: "r", "w" or "a", with "+" to read and write, and with "b" for bytes. Text is in UTF-8, and line ends
            stay as they are.

    Raises:
        NotFoundError: where there is no such file to read, or no folder to write into.

    >>> with tf.gfile.GFile(getfixture("tmp_path") / "names.txt", "w") as file:
    ...     file.write("Ada\n")
    >>> with tf.gfile.GFile(file.name) as file:
    ...     file.read()
    'Ada\n'

    TensorFlow: tf.gfile.GFile.
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        if mode not in {kind + extra for kind in "rwa" for extra in ("", "b", "+", "b+", "+b")}:
            raise errors.InvalidArgumentError(f"{mode!r} is no mode of a file; 'r', 'w', 'a', 'rb' and 'wb' are some.")
        self.name, self.mode = _path(name), mode
        text: dict[str, Any] = {} if "b" in mode else {"encoding": "utf-8", "newline": "\n"}
        with _named_errors(self.name):
            self._file = io.open(self.name, mode, **text)  # noqa: SIM115, UP020

    def read(self, n: int = -1) -> Any:
        """Returns the next n characters or bytes; the rest of the file if n is -1."""
        return self._file.read(n)

    def readline(self) -> Any:
        """Returns the next line with its line end; nothing at the end of the file."""
        return self._file.readline()

    def readlines(self) -> list[Any]:
        """Returns the lines that are left."""
        return self._file.readlines()

    def write(self, file_content: Any) -> None:
        """Writes text, or bytes in a mode with "b"."""
        self._file.write(file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Goes to a place in the file, counted from the beginning (whence=0), from here (1) or from the end (2)."""
        self._file.seek(position if offset is None else offset, whence)  # type: ignore[arg-type]

    def tell(self) -> int:
        """Returns the place where the next reading or writing begins."""
        return self._file.tell()

    def size(self) -> int:
        """Returns the size of the file in bytes."""
        return Stat(self.name).length

    def flush(self) -> None:
        """Writes out what is kept back."""
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __enter__(self) -> GFile:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def __next__(self) -> Any:
        return next(self._file)


FastGFile = Open = GFile


class FileStatistics(NamedTuple):
    """What `Stat` returns: size in bytes, the time of the last change in nanoseconds, whether it is a folder."""

    length: int
    mtime_nsec: int
    is_directory: bool


def Exists(filename: Any) -> bool:
    """Says whether there is a file or folder.

    >>> tf.gfile.Exists("no/such/file")
    False

    TensorFlow: tf.gfile.Exists.
    """
    return os.path.exists(_path(filename))


def Stat(filename: Any) -> FileStatistics:
    """Returns size, time of the last change and kind of a file or folder.

    TensorFlow: tf.gfile.Stat.
    """
    with _named_errors(filename):
        found = os.stat(_path(filename))
    return FileStatistics(found.st_size, found.st_mtime_ns, IsDirectory(filename))


def Remove(filename: Any) -> None:
    """Deletes a file.

    TensorFlow: tf.gfile.Remove.
    """
    with _named_errors(filename):
        os.remove(_path(filename))


def Copy(oldpath: Any, newpath: Any, overwrite: bool = False) -> None:
    """Copies a file.

    Raises:
        AlreadyExistsError: where there is something under the new name, unless overwrite is True.

    TensorFlow: tf.gfile.Copy.
    """
    old, new = _path(oldpath), _path(newpath)
    with _named_errors(old):
        os.stat(old)
    _require_free(new, overwrite)
    with _named_errors(new):
        shutil.copyfile(old, new)


def Rename(oldname: Any, newname: Any, overwrite: bool = False) -> None:
    """Gives a file or folder another name, or moves it.

    Raises:
        AlreadyExistsError: where there is something under the new name, unless overwrite is True.

    TensorFlow: tf.gfile.Rename.
    """
    old, new = _path(oldname), _path(newname)
    with _named_errors(old):
        os.stat(old)
        _require_free(new, overwrite)
        os.replace(old, new)


def _require_free(path: str, overwrite: bool) -> None:
    if os.path.exists(path) and not overwrite:
        raise errors.AlreadyExistsError(f"{path}; file already exists. Give overwrite=True to replace it.")


# ------------------------------------------------------------------------------------------------------------- folders


def IsDirectory(dirname: Any) -> bool:
    """Says whether there is a folder of that name.

    TensorFlow: tf.gfile.IsDirectory.
    """
    return os.path.isdir(_path(dirname))


def ListDirectory(dirname: Any) -> list[str]:
    """Returns the names of what is in a folder, sorted.

    TensorFlow: tf.gfile.ListDirectory.
    """
    with _named_errors(dirname):
        return sorted(os.listdir(_path(dirname)))


def MkDir(dirname: Any) -> None:
    """Makes a folder in one that is there.

    TensorFlow: tf.gfile.MkDir.
    """
    with _named_errors(dirname):
        os.mkdir(_path(dirname))


def MakeDirs(dirname: Any) -> None:
    """Makes a folder, and those around it; nothing happens where it is there.

    TensorFlow: tf.gfile.MakeDirs.
    """
    with _named_errors(dirname):
        os.makedirs(_path(dirname), exist_ok=True)


def DeleteRecursively(dirname: Any) -> None:
    """Deletes a folder and all that is in it.

    TensorFlow: tf.gfile.DeleteRecursively.
    """
    with _named_errors(dirname):
        shutil.rmtree(_path(dirname))


def Glob(filename: Any) -> list[str]:
    """Returns the paths that a pattern such as ``"data/*.csv"`` fits, or one of a list of patterns, sorted.

    TensorFlow: tf.gfile.Glob.
    """
    patterns = filename if isinstance(filename, (list, tuple)) else [filename]
    return [path for pattern in patterns for path in sorted(glob.glob(_path(pattern)))]


def Walk(top: Any, in_order: bool = True) -> Iterator[tuple[str, list[str], list[str]]]:
    """Goes through a folder and all within it: for each its path, the folders and the files in it.

    Args:
        top: where to begin.
        in_order: whether a folder comes before those within it, or after them.

    TensorFlow: tf.gfile.Walk.
    """
    for path, folders, files in os.walk(_path(top), topdown=in_order):
        folders.sort()
        yield path, folders, sorted(files)


def __getattr__(name: str) -> Any:
    raise AttributeError(_explain(name, __all__, "tf.gfile"))
