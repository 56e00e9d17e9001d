"""Caches: elements kept in memory or in a file, so that the second pass need not compute them.

A cache file is a TFRecord file. Its first record says what it is, each further one is an element: a description in
JSON, then the numbers. Reading it runs nothing that a stranger may have put there. It is written under another name and
gets its own when the first pass is complete; a pass that is broken off leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.data.elements import Array, Element, leaves
from minitfe.data.records import TFRecordWriter, read_records
from minitfe.data.runs import Run
from minitfe.data.stages import Elements, Start

MAGIC = b"minitfe cache 1"


class Memory:
    """The elements of a dataset, once a pass through it was complete."""

    def __init__(self) -> None:
        self.elements: list[Element] | None = None


def cached(source: Start, memory: Memory, run: Run, start: int) -> Elements:
    """The elements of a source, computed in the first pass and remembered from then on."""
    if memory.elements is None:
        computed = []
        for element in source(_any_epoch(run), 0):
            computed.append(element)
            if len(computed) > start:
                yield element
        memory.elements = computed
    else:
        yield from islice(memory.elements, start, None)


def cached_in_file(source: Start, path: str, run: Run, start: int) -> Elements:
    """The same, remembered in a file."""
    if os.path.exists(path):
        yield from islice(_read(path), start, None)
        return
    with TFRecordWriter(path) as writer:
        writer.write(MAGIC)
        for number, element in enumerate(source(_any_epoch(run), 0)):
            writer.write(encoded(element))
            if number >= start:
                yield element


def _any_epoch(run: Run) -> Run:
    """What is cached shall not depend on the epoch in which that happened: a restored run may begin in a later one."""
    return run._replace(epochs=())


def _read(path: str) -> Iterator[Element]:
    records = read_records(path)
    if next(records, None) != MAGIC:
        raise errors.DataLossError(f"{path} is no cache of minitfe's; give Dataset.cache another name, or remove it.")
    for record in records:
        yield decoded(record)


# ---------------------------------------------------------------------------------------------------- elements as bytes


def encoded(element: Element) -> bytes:
    """Writes an element down as bytes.

    Raises:
        TypeError: where it holds a named tuple, whose type cannot be told in a file.
    """
    description = json.dumps(_describe(element)).encode()
    return b"".join([struct.pack("<I", len(description)), description, *map(_bytes, _in_order(element))])


def _in_order(element: Element) -> list[Array]:
    if isinstance(element, dict):
        return [leaf for part in element.values() for leaf in _in_order(part)]
    return [leaf for part in element for leaf in _in_order(part)] if isinstance(element, tuple) else leaves(element)


def _describe(element: Element) -> Any:
    if isinstance(element, dict):
        return {"dict": [[key, _describe(part)] for key, part in element.items()]}
    if hasattr(element, "_fields"):
        raise TypeError(f"A cache file cannot hold a named tuple such as {type(element).__name__}; use a dictionary.")
    if isinstance(element, tuple):
        return {"tuple": [_describe(part) for part in element]}
    lengths = [len(text) for text in element.ravel()] if element.dtype == object else None
    return {"dtype": dtypes.from_numpy(element.dtype).name, "shape": element.shape, "lengths": lengths}


def _bytes(array: Array) -> bytes:
    return b"".join(array.ravel().tolist()) if array.dtype == object else array.tobytes()


def decoded(record: bytes) -> Element:
    """Reads what `encoded` wrote."""
    (size,) = struct.unpack("<I", record[:4])
    return _element(json.loads(record[4 : 4 + size]), memoryview(record), [4 + size])


def _element(description: Any, record: memoryview, place: list[int]) -> Element:
    """Builds an element from its description; place[0] is how far the record was read."""
    if "dict" in description:
        return {key: _element(part, record, place) for key, part in description["dict"]}
    if "tuple" in description:
        return tuple([_element(part, record, place) for part in description["tuple"]])
    if description["lengths"] is not None:
        return _strings(description, record, place)
    dtype = dtypes.as_dtype(description["dtype"]).numpy
    count = int(np.prod(description["shape"], dtype=int))
    array = np.frombuffer(record, dtype, count, place[0]) if count else np.empty(0, dtype)
    place[0] += array.nbytes
    return array.reshape(description["shape"])


def _strings(description: Any, record: memoryview, place: list[int]) -> Array:
    array = np.empty(len(description["lengths"]), object)
    for i, length in enumerate(description["lengths"]):
        array[i] = bytes(record[place[0] : place[0] + length])
        place[0] += length
    return array.reshape(description["shape"])
