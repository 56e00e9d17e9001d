"""From kernel sources to kernels that can be called.

A source, in ``source/``, leaves open what varies from op to op and from dtype to dtype: macros such as X, the element
type. `kernel` fills these in, compiles once per combination, and keeps the result on the device. The driver keeps
compiled programs on disk as well, so that the next process does not compile again.
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from .platforms import opencl
from .runtime import Device, require_same_process

TYPES = {
    "bool": "uchar", "int8": "char", "int16": "short", "int32": "int", "int64": "long", "uint8": "uchar",
    "uint16": "ushort", "uint32": "uint", "uint64": "ulong", "float16": "half", "float32": "float", "float64": "double",
}  # fmt: skip
"""What OpenCL calls numpy's dtypes."""

SCALARS = {"int": np.int32, "long": np.int64, "float": np.float32, "double": np.float64, "uint": np.uint32}


@cache
def type_of(dtype: np.dtype[Any]) -> str:
    """OpenCL's name for a dtype."""
    return TYPES[dtype.name]


@cache
def source(*files: str) -> str:
    """The text of source files, one after the other; where one includes another, that one's text is put there."""
    folder = resources.files(__package__).joinpath("source")
    texts = [folder.joinpath(file).read_text(encoding="utf-8") for file in files]
    return re.sub(r'#include "(.*)"\n', lambda included: source(included[1]), "".join(texts))


def defined(**macros: Any) -> str:
    """Macros, defined as text before the source: in the compiler's options expressions would need quotes.

    A macro may be defined again and again: each definition holds for what comes after it.
    """
    return "".join(f"#undef {name.partition('(')[0]}\n#define {name} {value}\n" for name, value in macros.items())


def kernel(device: Device, file: str, name: str, **macros: Any) -> Any:
    """The kernel of that name in a source file, compiled for a device with these macros.

    Raises:
        RuntimeError: where it does not compile; the message has the compiler's words and the line they are about.
    """
    key = (file, name, *macros.items())
    found = device.kernels.get(key)
    if found is None:
        with device.lock:
            found = device.kernels[key] = typed(_program(device, file, tuple(macros.items())), name)
    return found


def _program(device: Device, file: str, macros: tuple[tuple[str, Any], ...]) -> Any:
    """A compiled source. One source may hold several kernels, so programs are kept as well."""
    key = (file, macros)
    if key not in device.kernels:
        device.kernels[key] = build(device, file, defined(**dict(macros)) + source("common.cl", file))
    return device.kernels[key]


def build(device: Device, file: str, text: str) -> Any:
    """Compiles a text, which comes mostly from that file."""
    require_same_process()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", opencl.CompilerWarning)
            return opencl.Program(device.context, text).build("-w -cl-kernel-arg-info")
    except opencl.Error as error:
        raise RuntimeError(compile_failure(device, file, text, str(error))) from None


def compile_failure(device: Device, file: str, text: str, log: str) -> str:
    """The compiler's words, and the line of the source that they are about."""
    lines = text.splitlines()
    place = re.search(r":(\d+):\d+", log) or re.search(r"(\d+):\d+: ", log)
    line = lines[int(place[1]) - 1].strip() if place and 0 < int(place[1]) <= len(lines) else "unknown"
    return (
        f"The OpenCL kernels of {file} do not compile for {device.name}: the compiler objects to the line {line!r}."
        f" Please report this with the device's name and driver. The compiler's words: {log.strip()}"
    )


def typed(program: Any, name: str) -> Any:
    """A kernel that knows the types of its arguments, so that Python's integers may be passed: that is also faster."""
    found = opencl.Kernel(program, name)
    types = [found.get_arg_info(i, opencl.kernel_arg_info.TYPE_NAME) for i in range(found.num_args)]
    found.set_scalar_arg_dtypes([None if text.endswith("*") else SCALARS[text] for text in types])
    return found
