"""What travels between the grader and the process that runs a submission: plain values, and nothing that could act.

A message is a nested structure of None, bools, numbers, texts, arrays, lists, tuples and dictionaries. It travels as
one safetensors file behind its length: the arrays as they are, and the structure as JSON in an array of bytes. Neither
format can hold code. What cannot travel, such as an object of a student's own class, arrives as an `Unsendable` that
says what it was.

The grader reads what a hostile process wrote. So a message has a largest size, and `unpack` raises `Malformed` for
anything that is not a message.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from safetensors.numpy import load, save

LARGEST = 256 << 20  # bytes of a message
LENGTH = 8  # bytes that say how long the message behind them is
LONGEST_TEXT = 10_000  # characters of a text that travels
STRUCTURE = "structure"
KINDS = "biufc"  # numpy's letters for the dtypes that travel


class Malformed(ValueError):
    """What arrived is no message."""


@dataclass(frozen=True)
class Unsendable:
    """Stands for a value that cannot travel: its type, and the beginning of what it looks like."""

    type: str
    text: str

    def __str__(self) -> str:
        return f"{self.text}, a {self.type}"


def write_message(stream: IO[bytes], message: Any) -> None:
    """Writes a message, its length first."""
    write_block(stream, pack(message))


def write_block(stream: IO[bytes], block: bytes) -> None:
    """Writes a message that is packed already."""
    stream.write(len(block).to_bytes(LENGTH, "little") + block)
    stream.flush()


def read_message(stream: IO[bytes]) -> Any:
    """Reads a message.

    Raises:
        EOFError: where the stream ends before the message does.
        Malformed: for what is no message.
    """
    size = int.from_bytes(read_exactly(stream, LENGTH), "little")
    if size > LARGEST:
        raise Malformed(f"a message of {size} bytes; at most {LARGEST} are read")
    return unpack(read_exactly(stream, size))


def read_exactly(stream: IO[bytes], size: int) -> bytes:
    """Reads so many bytes."""
    block = stream.read(size)
    if len(block) < size:
        raise EOFError("the stream ended")
    return block


def pack(message: Any) -> bytes:
    """The message as bytes."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    text = json.dumps(outline(message, arrays)).encode()
    return save({**arrays, STRUCTURE: np.frombuffer(text, np.uint8)})


def unpack(block: bytes) -> Any:
    """The message that bytes hold. Raises Malformed where they hold none."""
    try:
        arrays = load(block)
        return filled(json.loads(arrays.pop(STRUCTURE).tobytes()), arrays)
    except Exception as error:  # whatever the other side made up
        raise Malformed(f"{type(error).__name__}: {error}"[:200]) from None


# --------------------------------------------------------------------------------------------------------- structures


def outline(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """The structure of a value as JSON can hold it; its arrays are put aside under numbers."""
    if value is None or type(value) in (bool, int, float):
        return value
    if isinstance(value, str):
        return {"text": value[:LONGEST_TEXT]}
    if isinstance(value, list | tuple):
        return {type_name(value): [outline(part, arrays) for part in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: outline(part, arrays) for key, part in value.items()}}
    array = as_array(value)
    if array is None:
        return {"unsendable": [type(value).__name__, shown(value)]}
    return put_aside(array, arrays)


def type_name(value: list[Any] | tuple[Any, ...]) -> str:
    """The word for a sequence; that of a named tuple is "tuple" as well."""
    return "list" if isinstance(value, list) else "tuple"


def put_aside(array: np.ndarray[Any, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    """Puts an array aside, a complex one as the pair of its parts, and returns what stands for it."""
    name, is_complex = str(len(arrays)), array.dtype.kind == "c"
    arrays[name] = np.stack([array.real, array.imag]) if is_complex else np.array(array, order="C")
    return {"complex" if is_complex else "array": name}


def as_array(value: Any) -> np.ndarray[Any, Any] | None:
    """A tensor, variable, array or numpy number as an array that can travel; None for anything else."""
    if hasattr(value, "numpy") and not isinstance(value, type):
        value = value.numpy()
    if not isinstance(value, np.ndarray | np.generic | complex):
        return None
    array = np.array(value)
    if array.dtype.kind not in KINDS:
        return None
    limit = 16 if array.dtype.kind == "c" else 8
    dtype = array.dtype.newbyteorder("=") if array.dtype.itemsize <= limit else f"{array.dtype.kind}{limit}"
    return array.astype(dtype)


def shown(value: Any) -> str:
    """The beginning of what a value looks like."""
    try:
        return repr(value)[:200]
    except Exception:  # a repr of the student's own
        return f"<{type(value).__name__}>"


def filled(structure: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    """The value that `outline` described."""
    if structure is None or isinstance(structure, bool | int | float):
        return structure
    [(kind, content)] = structure.items()
    return FILL[kind](content, arrays)


FILL: dict[str, Callable[[Any, Any], Any]] = {
    "text": lambda content, arrays: str(content),
    "list": lambda content, arrays: [filled(part, arrays) for part in content],
    "tuple": lambda content, arrays: tuple(filled(part, arrays) for part in content),
    "dict": lambda content, arrays: {str(key): filled(part, arrays) for key, part in content.items()},
    "array": lambda content, arrays: arrays[content],
    "complex": lambda content, arrays: arrays[content][0] + 1j * arrays[content][1],
    "unsendable": lambda content, arrays: Unsendable(str(content[0]), str(content[1])),
}
