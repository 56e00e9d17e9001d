"""What the elements of a tensor are: ``tf.float32``, ``tf.int64``, ``tf.string`` and their relatives.

A `DType` is a name for a numpy dtype with TensorFlow's vocabulary around it. There is exactly one object per dtype,
so they can be compared with ``is`` as well as with ``==``, and they equal numpy's dtypes and names:

>>> float32 == np.float32, float32 == "float32", as_dtype(np.arange(3).dtype)
(True, True, tf.int64)

Strings are bytes of any length. numpy keeps them in arrays of objects, and so do we.
"""

from __future__ import annotations

from typing import Any, Union

import numpy as np


class DType:
    """The type of a tensor's elements.

    Attributes:
        name: TensorFlow's name, such as ``"float32"``.
        numpy: the numpy dtype that stores it.
    """

    __slots__ = ("name", "numpy", "__weakref__")

    def __init__(self, name: str, numpy_dtype: Any) -> None:
        self.name = name
        self.numpy = np.dtype(numpy_dtype)

    @property
    def as_numpy_dtype(self) -> Any:
        """numpy's scalar type, such as ``np.float32``."""
        return self.numpy.type

    @property
    def is_floating(self) -> bool:
        """True for float16, float32 and float64."""
        return bool(self.numpy.kind == "f")

    @property
    def is_integer(self) -> bool:
        """True for signed and unsigned integers; False for bool."""
        return bool(self.numpy.kind in "iu")

    @property
    def is_unsigned(self) -> bool:
        """True for unsigned integers."""
        return bool(self.numpy.kind == "u")

    @property
    def is_complex(self) -> bool:
        """True for complex64 and complex128."""
        return bool(self.numpy.kind == "c")

    @property
    def is_bool(self) -> bool:
        """True for bool."""
        return bool(self.numpy.kind == "b")

    @property
    def is_differentiable(self) -> bool:
        """True where a derivative makes sense: floating and complex numbers."""
        return bool(self.numpy.kind in "fc")

    @property
    def size(self) -> int:
        """Bytes per element."""
        return int(self.numpy.itemsize)

    @property
    def min(self) -> Any:
        """The smallest number this dtype can hold."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest number this dtype can hold."""
        return self._limits().max

    def _limits(self) -> Any:
        if self.is_floating:
            return np.finfo(self.numpy)
        if self.is_integer:
            return np.iinfo(self.numpy)
        raise TypeError(f"{self.name} has no smallest or largest value; ask an integer or floating dtype")

    @property
    def base_dtype(self) -> DType:
        """The dtype itself. TensorFlow has reference dtypes beside the base ones; eager execution does not."""
        return self

    @property
    def real_dtype(self) -> DType:
        """The dtype of the real part: float32 for complex64, float64 for complex128, itself for all others."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    def is_compatible_with(self, other: Any) -> bool:
        """Says whether the two are the same dtype."""
        return bool(self == other)

    def __eq__(self, other: Any) -> bool:
        if other is self:
            return True
        if other is None:
            return False
        try:
            return as_dtype(other) is self
        except TypeError:
            return False

    def __ne__(self, other: Any) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)


DTypeLike = Union[DType, str, type, "np.dtype[Any]"]

bool_ = DType("bool", np.bool_)
int8, int16, int32, int64 = DType("int8", "i1"), DType("int16", "i2"), DType("int32", "i4"), DType("int64", "i8")
uint8, uint16, uint32, uint64 = (
    DType("uint8", "u1"),
    DType("uint16", "u2"),
    DType("uint32", "u4"),
    DType("uint64", "u8"),
)
float16, float32, float64 = DType("float16", "f2"), DType("float32", "f4"), DType("float64", "f8")
complex64, complex128 = DType("complex64", "c8"), DType("complex128", "c16")
string = DType("string", object)

ALL = (
    bool_, int8, int16, int32, int64, uint8, uint16, uint32, uint64,
    float16, float32, float64, complex64, complex128, string,
)  # fmt: skip

_BY_NUMPY = {dtype.numpy: dtype for dtype in ALL}
_BY_NAME = {dtype.name: dtype for dtype in ALL} | {"half": float16, "float": float32, "double": float64}


def from_numpy(dtype: np.dtype[Any]) -> DType:
    """Returns the dtype that a numpy dtype is stored as; numpy's fixed-length strings count as string.

    Raises:
        TypeError: for numpy dtypes that no tensor can have, such as datetime64.
    """
    known = _BY_NUMPY.get(dtype)
    if known is not None:
        return known
    if dtype.kind in "SU":
        return string
    raise TypeError(f"numpy's dtype {dtype} cannot be the dtype of a tensor; use one of {', '.join(_BY_NAME)}")


def as_dtype(value: DTypeLike) -> DType:
    """Turns a DType, a numpy dtype, a Python type or a name into a DType.

    >>> as_dtype("half"), as_dtype(float), as_dtype(np.uint8)
    (tf.float16, tf.float32, tf.uint8)

    Raises:
        TypeError: where the value names no dtype.
    """
    if isinstance(value, DType):
        return value
    if value is float:
        return float32
    if value is int:
        return int32
    if isinstance(value, str) and value in _BY_NAME:
        return _BY_NAME[value]
    try:
        if value is not None:  # numpy would take it for float64
            return from_numpy(np.dtype(value))
    except (TypeError, ValueError):
        pass
    raise TypeError(f"Cannot convert value {value!r} to a TensorFlow DType; use one of {', '.join(_BY_NAME)}")


def _storages(*dtypes: DType) -> frozenset[np.dtype[Any]]:
    return frozenset(dtype.numpy for dtype in dtypes)


# What an op accepts is said with these sets. They hold numpy's dtypes, since that is what arrays carry.
FLOATING = _storages(float16, float32, float64)
COMPLEX = _storages(complex64, complex128)
SIGNED = _storages(int8, int16, int32, int64)
INTEGER = SIGNED | _storages(uint8, uint16, uint32, uint64)
BOOLEAN = _storages(bool_)
REAL = FLOATING | INTEGER
SMOOTH = FLOATING | COMPLEX
NUMBERS = REAL | COMPLEX
