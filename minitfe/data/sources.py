"""Sources: where elements come from when that is not an array in memory. Files, and generators of the user's."""

from __future__ import annotations

import glob
import gzip
import math
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.conversion import array_from
from minitfe.data.elements import Array, Element, Spec, map_leaves
from minitfe.data.records import opened, read_records
from minitfe.ops import arguments

# ------------------------------------------------------------------------------------------------------- text and bytes


def file_names(value: Any) -> list[str]:
    """Reads file names: one, or a list or tensor of them.

    Raises:
        TypeError: where that is no text.
    """
    value = arguments.plain(value, "filenames")
    flat = np.ravel(np.asarray(value, object)) if isinstance(value, (list, tuple, np.ndarray)) else [value]
    return [_file_name(name) for name in flat]


def _file_name(name: Any) -> str:
    if not isinstance(name, (str, bytes, os.PathLike)):
        raise TypeError(f"`filenames` must be a string, or a list or tensor of strings, not {name!r}.")
    return os.fsdecode(name)


def matching(pattern: Any) -> list[str]:
    """The files that match one of some patterns, sorted.

    Raises:
        NotFoundError: where there are none.
    """
    patterns = file_names(pattern)
    found = sorted({path for one in patterns for path in glob.glob(one)})
    if not found:
        raise errors.NotFoundError(f"No files matched pattern: {', '.join(patterns)} (looked from {os.getcwd()}).")
    return found


def as_element(data: bytes) -> Element:
    """Bytes as a scalar string."""
    array = np.empty((), object)
    array[()] = data
    return array


def text_lines(paths: list[str], compression_type: str) -> Iterator[Element]:
    """The lines of some files, without what ends them."""
    for path in paths:
        with opened(path, compression_type) as file:
            for line in file:
                yield as_element(line.removesuffix(b"\n").removesuffix(b"\r"))


def tf_records(paths: list[str], compression_type: str) -> Iterator[Element]:
    """The records of some TFRecord files."""
    for path in paths:
        yield from map(as_element, read_records(path, compression_type))


def fixed_length_records(paths: list[str], size: int, header: int, footer: int) -> Iterator[Element]:
    """Records of equally many bytes, between a header and a footer of each file."""
    for path in paths:
        with opened(path) as file:
            body = os.fstat(file.fileno()).st_size - header - footer
            if body < 0 or body % size:
                raise errors.InvalidArgumentError(
                    f"Excluding the header ({header} bytes) and footer ({footer} bytes), input file {path!r} has body"
                    f" length {body} bytes, which is not an exact multiple of the record length ({size} bytes)."
                )
            file.seek(header)
            for _ in range(body // size):
                yield as_element(file.read(size))


# ------------------------------------------------------------------------------------------------------------------ IDX

IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: Any) -> Array:
    """Reads an IDX file, the format of MNIST, into a numpy array.

    Two zero bytes, a byte for the type, a byte for the number of axes; their sizes as 4 bytes each; the numbers. All
    are big-endian. A file that begins as gzip does is decompressed.

    Args:
        path: the file.

    Raises:
        NotFoundError: where there is no such file.
        DataLossError: where it is damaged, or in another format.

    Source: http://yann.lecun.com/exdb/mnist, "the IDX file format".
    """
    path = _file_name(path)
    with opened(path) as file:
        data = file.read()
    if data[:2] == gzip.compress(b"")[:2]:
        with opened(path, "GZIP") as file:
            data = file.read()
    return _parse_idx(data, path)


def _parse_idx(data: bytes, path: str) -> Array:
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] not in IDX_TYPES:
        raise errors.DataLossError(f"{path} is no IDX file: it begins with {data[:4].hex(' ')!r}, not with 00 00.")
    start = 4 + 4 * data[3]
    sizes = [int(size) for size in np.frombuffer(data[4:start], ">u4")] if len(data) >= start else [0]
    stored = np.dtype(IDX_TYPES[data[2]])
    if len(data) != start + math.prod(sizes) * stored.itemsize:
        raise errors.DataLossError(
            f"{path} is damaged: it has {len(data)} bytes, which is not the size that its header tells, for"
            f" {stored.name} of shape {sizes}."
        )
    return np.frombuffer(data, stored, offset=start).reshape(sizes).astype(stored.newbyteorder("="))


# ----------------------------------------------------------------------------------------------------------- generators


def generated(generator: Callable[..., Any], given: tuple[Any, ...], specs: Any) -> Iterator[Element]:
    """What a generator of the user's yields, converted to the types that were announced."""
    for values in generator(*given):
        yield _converted(values, specs, values)


def _converted(values: Any, specs: Any, whole: Any) -> Element:
    if isinstance(specs, dict):
        if not isinstance(values, dict) or sorted(values) != sorted(specs):
            raise _unexpected(whole, specs)
        return type(specs)((key, _converted(values[key], spec, whole)) for key, spec in specs.items())
    if isinstance(specs, tuple):
        if not isinstance(values, (list, tuple)) or len(values) != len(specs):
            raise _unexpected(whole, specs)
        parts = [_converted(value, spec, whole) for value, spec in zip(values, specs)]
        return type(specs)(*parts) if hasattr(specs, "_fields") else tuple(parts)
    return _as_announced(values, specs)


def _unexpected(values: Any, specs: Any) -> Exception:
    return errors.InvalidArgumentError(
        "`generator` yielded an element that did not match the expected structure. The expected structure was"
        f" {map_leaves(lambda spec: spec.dtype, specs)}, but the yielded element was {values!r}."
    )


def _as_announced(value: Any, spec: Spec) -> Array:
    try:
        value = arguments.plain(value, "element")
        natural = dtypes.from_numpy(array_from(value).dtype)
        if (natural.is_floating or natural.is_complex) and not spec.dtype.is_differentiable:
            raise TypeError("a fraction would be cut off")
        array = array_from(value, spec.dtype)
    except (TypeError, ValueError):
        raise errors.InvalidArgumentError(
            "`generator` yielded an element that could not be converted to the expected type. The expected type was"
            f" {spec.dtype.name}, but the yielded element was {value!r}."
        ) from None
    if not spec.shape.is_compatible_with(array.shape):
        raise errors.InvalidArgumentError(
            f"`generator` yielded an element of shape {array.shape} where an element of shape {spec.shape} was"
            " expected."
        )
    return array
