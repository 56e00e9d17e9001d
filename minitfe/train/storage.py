"""Checkpoint files: written whole or not at all, and read only if every bit is what it was.

A checkpoint is one safetensors file, ``PREFIX.safetensors``, that any reader of that format opens:

    8 bytes      the length of the header
    header       JSON: for each value its dtype, shape and place; under "__metadata__" texts, the digest first of all
    data         the values, one after the other, numbers with the low byte first

The format itself has no checksum, and a flipped bit in a weight is as good a weight as any. So the metadata holds the
SHA-256 of the whole file, computed while the place of the digest holds blanks. A file without one is not read.

A file takes its name only when it is complete: it is written beside its place under another name, synced to the disk,
and renamed, which happens at once or not at all. After a crash at any moment the old file is there, or the new one. A
crash may leave behind a file that ends in ``.tmp``; nothing reads those, and they can be deleted.
"""

from __future__ import annotations

import errno
import hashlib
import io
import itertools
import json
import math
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minitfe import dtypes, errors
from minitfe.dtypes import DType
from minitfe.tensor import Tensor

SUFFIX = ".safetensors"

START = b'{"__metadata__":{"digest":"'
DIGEST = 64  # hexadecimal digits
PLACE = 8 + len(START)  # of the digest in the file

BLOCK = 1 << 20
LONGEST_HEADER = 100_000_000  # bytes: what other readers accept

# ----------------------------------------------------------------------------------------------------------- the dtypes

NAMES = {
    dtypes.bool_: "BOOL", dtypes.float16: "F16", dtypes.float32: "F32", dtypes.float64: "F64",
    dtypes.int8: "I8", dtypes.int16: "I16", dtypes.int32: "I32", dtypes.int64: "I64",
    dtypes.uint8: "U8", dtypes.uint16: "U16", dtypes.uint32: "U32", dtypes.uint64: "U64",
}  # fmt: skip
BY_NAME = {name: dtype for dtype, name in NAMES.items()}

# What the format has no name for is stored as something else: a complex number as the pair of its parts, strings as
# their bytes, one string after the other. The metadata say under "converted" what they were.


def _stored_form(array: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], dict[str, Any] | None]:
    """The array as the format can hold it, and a note of what it was if that is not the same."""
    array = np.asarray(array)
    dtype = dtypes.as_dtype(array.dtype)
    if dtype.is_complex:
        parts = np.stack([array.real, array.imag], -1)
        return parts, {"dtype": dtype.name}
    if dtype is dtypes.string:
        strings = [text.encode() if isinstance(text, str) else bytes(text) for text in array.ravel().tolist()]
        note = {"dtype": dtype.name, "shape": list(array.shape), "lengths": [len(text) for text in strings]}
        return np.frombuffer(b"".join(strings), np.uint8), note
    return array, None


def _original_form(array: np.ndarray[Any, Any], note: Any) -> Any:
    """The inverse of `_stored_form`."""
    if note is None:
        return array
    dtype = dtypes.as_dtype(note["dtype"])
    if dtype is not dtypes.string:
        return array.view(dtype.numpy).reshape(array.shape[:-1])
    ends = np.cumsum([0, *note["lengths"]]).tolist()
    strings = np.empty(len(note["lengths"]), object)
    strings[:] = [array[start:end].tobytes() for start, end in itertools.pairwise(ends)]
    return strings.reshape(note["shape"])


# -------------------------------------------------------------------------------------------------------------- writing

Value = Tensor | np.ndarray[Any, Any]
"""What can be stored. Tensors never change, so they are read only when it is their turn to be written."""


class _Entry:
    """One value on its way into a file."""

    def __init__(self, value: Value) -> None:
        self.note: dict[str, Any] | None = None
        self.value: Any = value
        if dtypes.as_dtype(value.dtype) not in NAMES:
            self.value, self.note = _stored_form(value.numpy() if isinstance(value, Tensor) else value)
        self.dtype = dtypes.as_dtype(self.value.dtype)
        self.shape = [int(size) for size in self.value.shape]
        self.size = math.prod(self.shape) * self.dtype.size

    def bytes(self) -> memoryview:
        """The elements as the file holds them."""
        array = self.value.numpy() if isinstance(self.value, Tensor) else self.value
        array = np.ascontiguousarray(array, _little_endian(self.dtype))
        return _bytes_of(array)


def _bytes_of(array: Any) -> memoryview:
    return memoryview(array.reshape(-1).view(np.uint8))


def _little_endian(dtype: DType) -> Any:
    return dtype.numpy.newbyteorder("<")


def write(path: str, values: Mapping[str, Value], metadata: Mapping[str, str]) -> None:
    """Writes a checkpoint file.

    Args:
        path: its name, with the suffix.
        values: tensors and numpy arrays, by name.
        metadata: texts, by name.

    Raises:
        ResourceExhaustedError: where the disk is full. What was there under this name still is.
        PermissionDeniedError, FailedPreconditionError: where the system does not let us write there.
    """
    entries = {key: _Entry(value) for key, value in values.items()}
    # The widest elements first, so that in a file that is mapped into memory none lies across its natural boundary.
    entries = dict(sorted(entries.items(), key=lambda item: -item[1].dtype.size))
    header = _header(entries, metadata)
    with replacing(path) as file:
        digest = hashlib.sha256()
        blocks = (entry.bytes() for entry in entries.values())
        for block in itertools.chain([memoryview(header)], blocks):
            digest.update(block)
            _write_all(file, block)
        os.lseek(file, PLACE, os.SEEK_SET)
        _write_all(file, digest.hexdigest().encode())


def _header(entries: Mapping[str, _Entry], metadata: Mapping[str, str]) -> bytes:
    """The header with its length before it, and blanks in the place of the digest."""
    converted = {key: entry.note for key, entry in entries.items() if entry.note}
    texts = {"digest": " " * DIGEST, "format": "minitfe", **metadata, "converted": json.dumps(converted)}
    layout: dict[str, Any] = {"__metadata__": texts}
    if "__metadata__" in entries:
        raise ValueError("__metadata__ is the format's own word: give the value another name.")
    end = 0
    for key, entry in entries.items():
        start, end = end, end + entry.size
        layout[key] = {"dtype": NAMES[entry.dtype], "shape": entry.shape, "data_offsets": [start, end]}
    text = json.dumps(layout, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > LONGEST_HEADER:
        raise errors.InvalidArgumentError(
            f"A checkpoint of {len(entries)} values would need a header of {len(text)} bytes, and readers accept no"
            f" more than {LONGEST_HEADER}; save it in several parts."
        )
    return len(text).to_bytes(8, "little") + text


def write_text(path: str, text: str) -> None:
    """Writes a small text file, whole or not at all. Errors as for `write`."""
    with replacing(path) as file:
        _write_all(file, text.encode())


@contextmanager
def replacing(path: str) -> Iterator[int]:
    """A scope with an open file descriptor; what is written to it takes the place of the file when all is on the disk.

    If the scope ends in an error, everything is as it was before.
    """
    temporary = f"{path}.{secrets.token_hex(8)}.tmp"
    with named_errors(path, "It could not be written, and what was there before still is."):
        make_folder(os.path.dirname(path))
        try:
            with _created(temporary) as file:
                yield file
                os.fsync(file)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        _sync_folder(os.path.dirname(path))


@contextmanager
def _created(path: str) -> Iterator[int]:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        yield file
    finally:
        os.close(file)


def _write_all(file: int, block: Any) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(file, rest) :]  # the system may take less than all


def make_folder(folder: str) -> None:
    """Makes a folder and those above it, unless they are there; all of them are on the disk then."""
    if folder and not os.path.isdir(folder):
        above = os.path.dirname(folder.rstrip("/"))
        make_folder(above)
        with suppress(FileExistsError):
            os.mkdir(folder)
        _sync_folder(above)


def _sync_folder(folder: str) -> None:
    """Names are part of the folder: until that is on the disk too, a renamed file may have its old name again."""
    if os.name == "nt":
        return  # Windows cannot open folders, and writes down the names by itself
    opened = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# -------------------------------------------------------------------------------------------------------------- reading


class Place(NamedTuple):
    """Where in the data a value is, and what it is."""

    dtype: DType
    shape: tuple[int, ...]
    start: int
    end: int


class Reader:
    """A checkpoint file that was found to be undamaged, open for reading.

    Attributes:
        metadata: the texts that were stored with the values.
        places: where the values are, by name.
    """

    def __init__(self, file: io.BufferedReader, path: str) -> None:
        self.file, self.path = file, path
        header = _verified_header(file, path)
        self.data_start = file.tell()
        with damage(path, "its header makes no sense"):
            layout = json.loads(header)
            self.metadata: dict[str, str] = layout.pop("__metadata__")
            self.places = {key: _place(entry) for key, entry in layout.items()}
            self.converted = json.loads(self.metadata["converted"])
            _check_places(self.places.values(), os.fstat(file.fileno()).st_size - self.data_start)

    def read(self, key: str) -> Any:
        """Returns the value of that name, which must be among the places, in an array of its own."""
        place = self.places[key]
        with damage(self.path, f"{key} is not complete"):
            array = np.empty(place.shape, _little_endian(place.dtype))
            self.file.seek(self.data_start + place.start)
            if self.file.readinto(_bytes_of(array)) != place.end - place.start:
                raise ValueError("the file has become shorter")
            return _original_form(array.astype(place.dtype.numpy, copy=False), self.converted.get(key))

    def kind(self, key: str) -> tuple[DType, list[int]]:
        """The dtype and shape of a value, without reading it."""
        place = self.places[key]
        with damage(self.path, f"{key} is of no known kind"):
            note = self.converted.get(key)
            if note is None:
                return place.dtype, list(place.shape)
            return dtypes.as_dtype(note["dtype"]), list(note.get("shape", place.shape[:-1]))


@contextmanager
def reading(path: str) -> Iterator[Reader]:
    """A scope with a checkpoint file open.

    Raises:
        NotFoundError: where there is none.
        DataLossError: where anything in it is not as it was written.
    """
    with named_errors(path, "It could not be read."):
        if not os.path.exists(path):
            raise errors.NotFoundError(
                "Unsuccessful TensorSliceReader constructor: Failed to find any matching files for"
                f" {path.removesuffix(SUFFIX)}. There is no file {path}{_instead(path)}."
            )
        with open(path, "rb") as file:
            yield Reader(file, path)


def _instead(path: str) -> str:
    """What could have been meant."""
    if os.path.isdir(path.removesuffix(SUFFIX)):
        return "; that is a folder, and tf.train.latest_checkpoint(folder) says which checkpoint is its latest"
    found = sorted(other.name.removesuffix(SUFFIX) for other in Path(path).parent.glob(f"*{SUFFIX}"))
    return f"; in that folder are the checkpoints {', '.join(found[-5:])}" if found else ""


def _verified_header(file: io.BufferedReader, path: str) -> bytes:
    """Reads the whole file once; returns the header if the digest is right."""
    size = os.fstat(file.fileno()).st_size
    head = file.read(PLACE + DIGEST)
    length = int.from_bytes(head[:8], "little")
    if head[8:PLACE] != START:
        raise damaged(path, "it has no digest; minitfe wrote no such file")
    if len(START) + DIGEST > length or length > min(LONGEST_HEADER, size - 8):
        raise damaged(path, f"it has {size} bytes, and its header alone would have {length}")
    rest = file.read(8 + length - len(head))
    digest = hashlib.sha256(head[:PLACE] + b" " * DIGEST + rest)
    while block := file.read(BLOCK):
        digest.update(block)
    if digest.hexdigest().encode() != head[PLACE:]:
        raise damaged(path, "its contents do not match its digest")
    file.seek(8 + length)
    return head[8:] + rest


def _place(entry: Any) -> Place:
    place = Place(BY_NAME[entry["dtype"]], tuple(entry["shape"]), *entry["data_offsets"])
    if not all(type(number) is int and number >= 0 for number in (*place.shape, place.start, place.end)):
        raise ValueError(f"{place} has numbers that are no sizes")
    if place.end - place.start != math.prod(place.shape) * place.dtype.size:
        raise ValueError(f"{place} has another size than its shape says")
    return place


def _check_places(places: Iterable[Place], size: int) -> None:
    """The values must lie one after the other, from the beginning of the data to its end."""
    end = 0
    for place in sorted(places, key=lambda place: (place.start, place.end)):
        if place.start != end:
            raise ValueError(f"{place} does not follow on {end}")
        end = place.end
    if end != size:
        raise ValueError(f"the values end at {end}, and the data at {size}")


# --------------------------------------------------------------------------------------------------------------- errors

NAMED = {
    errors.ResourceExhaustedError: (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM, errno.EMFILE),
    errors.PermissionDeniedError: (errno.EACCES, errno.EPERM, errno.EROFS),
    errors.NotFoundError: (errno.ENOENT,),
    errors.FailedPreconditionError: (errno.ENOTDIR, errno.EISDIR, errno.EEXIST),
    errors.InvalidArgumentError: (errno.ENAMETOOLONG, errno.EINVAL),
}
BY_NUMBER = {number: error for error, numbers in NAMED.items() for number in numbers}


@contextmanager
def named_errors(path: str, consequence: str) -> Iterator[None]:
    """A scope in which errors of the operating system become those of ``tf.errors``."""
    try:
        yield
    except OSError as error:
        named = BY_NUMBER.get(error.errno or 0, errors.UnknownError)
        raise named(f"{path}; {error.strerror or error}. {consequence}") from error


def damaged(path: str, reason: str) -> errors.DataLossError:
    """The error for a file that is not as it was written."""
    return errors.DataLossError(f"Checkpoint {path} is damaged: {reason}. Nothing was restored; use an earlier one.")


@contextmanager
def damage(path: str, reason: str) -> Iterator[None]:
    """A scope in which whatever cannot be understood is the fault of the file."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, MemoryError) as error:
        raise damaged(path, f"{reason} ({error})") from None


def similar(name: str, names: Iterable[str]) -> str:
    """The most similar of some names, to be added to a message about one that is not there.

    >>> similar("dence/kernel", ["dense/bias", "dense/kernel"])
    ' (is it dense/kernel?)'
    """
    matches = get_close_matches(name, list(names), n=1)
    return f" (is it {matches[0]}?)" if matches else ""
