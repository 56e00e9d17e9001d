"""TFRecord files: records of bytes, each with its length and two checksums.

    8 bytes   length, little-endian
    4 bytes   masked CRC-32C of the length
    n bytes   the record
    4 bytes   masked CRC-32C of the record

A damaged file gives DataLossError with the place, after the records before it.
"""

from __future__ import annotations

import gzip
import os
import struct
import weakref
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import IO, Any, ClassVar

from minitfe import errors
from minitfe.data.crc32c import masked_crc32c
from minitfe.train import storage

# ---------------------------------------------------------------------------------------------------------------- files


class TFRecordCompressionType:
    """How a TFRecord file may be compressed."""

    NONE = 0
    ZLIB = 1
    GZIP = 2


class TFRecordOptions:
    """How a TFRecord file is compressed.

    Args:
        compression_type: one of `TFRecordCompressionType`, or its name.
    """

    compression_type_map: ClassVar[dict[int, str]] = {
        TFRecordCompressionType.ZLIB: "ZLIB", TFRecordCompressionType.GZIP: "GZIP", TFRecordCompressionType.NONE: "",
    }  # fmt: skip

    def __init__(self, compression_type: Any) -> None:
        self.compression_type = compression_type

    @classmethod
    def get_compression_type_string(cls, options: Any) -> str:
        """Returns the name of the compression: "", "ZLIB" or "GZIP"."""
        kind = options.compression_type if isinstance(options, TFRecordOptions) else options
        return compression(cls.compression_type_map.get(kind, kind) if isinstance(kind, int) else kind)


def compression(name: Any) -> str:
    """Reads the name of a compression.

    Raises:
        InvalidArgumentError: for other names.
    """
    if name not in (None, "", "GZIP", "ZLIB"):
        raise errors.InvalidArgumentError(f"Unsupported compression type: {name!r}; use 'GZIP', 'ZLIB' or ''.")
    return name or ""


@contextmanager
def opened(path: str, compression_type: str = "") -> Iterator[IO[bytes]]:
    """A scope with a file to be read, decompressed on the way.

    Raises:
        NotFoundError, PermissionDeniedError and their like: where it cannot be opened.
        DataLossError: where it cannot be decompressed.
    """
    with ExitStack() as stack:
        with storage.named_errors(path, "It could not be opened to be read."):
            file: Any = stack.enter_context(open(path, "rb"))
        try:
            if compression_type == "GZIP":
                file = stack.enter_context(gzip.GzipFile(fileobj=file))
            elif compression_type == "ZLIB":
                file = BytesIO(zlib.decompress(file.read()))
            yield file
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            raise errors.DataLossError(
                f"{path} cannot be decompressed as {compression_type}: {error}. It is damaged, or not compressed so."
            ) from None
        except OSError as error:  # such as a folder, which opens on some systems, but cannot be read
            with storage.named_errors(path, "It could not be read."):
                raise error


# -------------------------------------------------------------------------------------------------------------- reading


def tf_record_iterator(path: str, options: Any = None) -> Iterator[bytes]:
    """Gives the records of a TFRecord file as bytes, one by one.

    Args:
        path: the file.
        options: a `TFRecordOptions`, if it is compressed.

    Raises:
        NotFoundError: where there is no such file.
        DataLossError: where it is damaged; the message has the place.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "two.tfrecord")
    >>> with tf.python_io.TFRecordWriter(path) as writer:
    ...     writer.write(b"first")
    ...     writer.write(b"second")
    >>> list(tf.python_io.tf_record_iterator(path))
    [b'first', b'second']
    """
    return read_records(os.fspath(path), TFRecordOptions.get_compression_type_string(options))


def read_records(path: str, compression_type: str = "") -> Iterator[bytes]:
    """The records of a file, checked one by one."""
    with opened(path, compression_type) as file:
        position = 0
        while header := file.read(12):
            (length,) = struct.unpack("<Q", _verified(header, 8, path, position))
            yield _verified(_read(file, length + 4, path, position), length, path, position)
            position += length + 16


def _read(file: IO[bytes], size: int, path: str, position: int) -> bytes:
    try:
        return file.read(size)
    except (OverflowError, MemoryError):
        raise _truncated(path, position) from None


def _verified(block: bytes, size: int, path: str, position: int) -> bytes:
    """Takes the checksum off a block of this size, and compares it."""
    if len(block) < size + 4:
        raise _truncated(path, position)
    data = block[:size]
    if masked_crc32c(data) != struct.unpack("<I", block[size:])[0]:
        raise errors.DataLossError(
            f"corrupted record at {position}: a checksum in {path} does not match. The file is damaged, compressed in"
            " another way, or no TFRecord file."
        )
    return data


def _truncated(path: str, position: int) -> Exception:
    return errors.DataLossError(f"truncated record at {position}: {path} ends too early. Part of it is missing.")


# -------------------------------------------------------------------------------------------------------------- writing


class TFRecordWriter:
    """Writes a TFRecord file. It appears under its name when the writer is closed, whole; until then nothing changes.

    Leaving a ``with`` block by an error throws away what was written.

    Args:
        path: the file.
        options: a `TFRecordOptions`, if it shall be compressed.

    Raises:
        NotFoundError, PermissionDeniedError, ResourceExhaustedError and their like: where it cannot be written.
    """

    def __init__(self, path: str, options: Any = None) -> None:
        kind = TFRecordOptions.get_compression_type_string(options)
        self._scope = ExitStack()
        self._file = self._scope.enter_context(_compressed(os.fspath(path), kind))
        self._close: Any = weakref.finalize(self, self._scope.close)

    def write(self, record: bytes) -> None:
        """Adds a record of bytes.

        Raises:
            TypeError: where it is no bytes.
            FailedPreconditionError: where the writer was closed.
        """
        if not isinstance(record, bytes):
            raise TypeError(f"TFRecordWriter.write takes bytes, not {record!r}; use .encode(), .tobytes() or .numpy().")
        if not self._close.alive:
            raise errors.FailedPreconditionError("Writer is closed: no record can be added to this file any more.")
        self._file.write(framed(record))

    def flush(self) -> None:
        """Does nothing that can be seen: the file appears when it is closed."""

    def close(self) -> None:
        """Puts the file in its place. Closing twice changes nothing."""
        self._close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            self.close()
        elif self._close.detach():
            self._scope.__exit__(*error)


def framed(record: bytes) -> bytes:
    """A record with its length and its checksums."""
    length = struct.pack("<Q", len(record))
    return b"".join([length, _checksum(length), record, _checksum(record)])


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", masked_crc32c(data))


@contextmanager
def _compressed(path: str, kind: str) -> Iterator[Any]:
    """A scope with a file to be written that takes the place of an older one at its end."""
    with storage.replacing(path) as descriptor, open(descriptor, "wb", closefd=False) as file:
        if kind == "GZIP":
            with gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as compressed:
                yield compressed
        elif kind == "ZLIB":
            compressor = _Deflating(file)
            yield compressor
            compressor.finish()
        else:
            yield file


class _Deflating:
    """A file that is compressed by zlib as it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.compressor = file, zlib.compressobj()

    def write(self, data: bytes) -> None:
        self.file.write(self.compressor.compress(data))

    def finish(self) -> None:
        self.file.write(self.compressor.flush())
