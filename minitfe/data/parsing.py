"""Strings of bytes read as numbers: raw, and as comma-separated text. What comes out of files is made tensors so."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.conversion import convert_to_tensor, eager_tensor
from minitfe.ops import arguments
from minitfe.tensor import Tensor, TensorLike


def decode_raw(bytes: TensorLike, out_type: Any, little_endian: bool = True, name: str | None = None) -> Tensor:
    r"""Reads the bytes of strings as numbers.

    Args:
        bytes: strings of one length, of any shape.
        out_type: the dtype of the numbers.
        little_endian: whether their lowest byte comes first.

    Returns:
        A tensor of the strings' shape and one more axis.

    Raises:
        InvalidArgumentError: where the lengths differ, or are no multiple of a number's size.

    >>> tf.decode_raw(b'\x01\x00\x02\x00', tf.int16).numpy()
    array([1, 2], dtype=int16)
    """
    strings, dtype = _strings(bytes, "decode_raw"), dtypes.as_dtype(out_type)
    if dtype is dtypes.string:
        raise arguments.invalid("decode_raw makes numbers of strings; out_type cannot be string.")
    lengths = {len(text) for text in strings.flat}
    if len(lengths) > 1:
        raise errors.InvalidArgumentError(
            f"DecodeRaw requires input strings to all be the same size, but they have {sorted(lengths)} bytes."
        )
    length = lengths.pop() if lengths else 0
    if length % dtype.size:
        raise errors.InvalidArgumentError(
            f"Input to DecodeRaw has length {length} that is not a multiple of {dtype.size}, the size of {dtype.name}"
        )
    stored = dtype.numpy.newbyteorder("<" if little_endian else ">")
    numbers = np.frombuffer(b"".join(strings.flat), stored).astype(dtype.numpy)
    return eager_tensor(numbers.reshape(*strings.shape, length // dtype.size))


def decode_csv(
    records: TensorLike,
    record_defaults: Sequence[Any],
    field_delim: str = ",",
    use_quote_delim: bool = True,
    name: str | None = None,
    na_value: str = "",
    select_cols: Sequence[int] | None = None,
) -> list[Tensor]:
    """Reads lines of comma-separated values.

    Args:
        records: a string, or several of any shape: one line each.
        record_defaults: for each column, a value for empty fields, whose dtype is the column's; an empty list or
            tensor, or a dtype, for a column that must not have any.
        field_delim: what separates the fields.
        use_quote_delim: whether fields may stand in double quotes.
        na_value: another text that counts as empty.
        select_cols: the numbers of the columns to be read, in rising order; all by default.

    Returns:
        A tensor per column, of the records' shape.

    Raises:
        InvalidArgumentError: where a line has another number of fields, or a field is no such number.

    >>> x, y = tf.decode_csv('1.5,7', [[0.], [0]])
    >>> x.numpy(), y.numpy()
    (np.float32(1.5), np.int32(7))
    """
    lines = _strings(records, "decode_csv")
    defaults = [_default(value) for value in arguments.listed(record_defaults, "record_defaults")]
    chosen = None if select_cols is None else arguments.integers(select_cols, "select_cols")
    quoting: Any = csv.QUOTE_MINIMAL if use_quote_delim else csv.QUOTE_NONE
    reader = csv.reader((line.decode() for line in lines.flat), delimiter=field_delim, quoting=quoting)
    table = [_fields(row, i, len(defaults), chosen) for i, row in enumerate(reader)]
    return [
        eager_tensor(_column([row[j] for row in table], j, dtype, default, na_value).reshape(lines.shape))
        for j, (dtype, default) in enumerate(defaults)
    ]


def _strings(value: Any, op: str) -> np.ndarray[Any, Any]:
    strings = np.asarray(convert_to_tensor(value))
    if strings.dtype != object:
        raise errors.InvalidArgumentError(f"{op} reads strings, but was given {dtypes.from_numpy(strings.dtype).name}.")
    return strings


def _default(value: Any) -> tuple[dtypes.DType, Any]:
    """The dtype of a column, and what stands for an empty field; None where there is nothing."""
    if isinstance(value, dtypes.DType):
        return value, None
    array = np.asarray(convert_to_tensor(value))
    if array.size > 1:
        raise errors.InvalidArgumentError(
            f"Each of record_defaults must be a scalar or have one element, not {value!r}."
        )
    return dtypes.from_numpy(array.dtype), array.reshape(-1)[0] if array.size else None


def _fields(row: list[str], line: int, count: int, chosen: tuple[int, ...] | None) -> list[str]:
    if chosen is not None and all(0 <= column < len(row) for column in chosen):
        row = [row[column] for column in chosen]
    if len(row) != count:
        raise errors.InvalidArgumentError(f"Expect {count} fields but have {len(row)} in record {line}")
    return row


def _column(fields: list[str], number: int, dtype: dtypes.DType, default: Any, na_value: str) -> np.ndarray[Any, Any]:
    column = np.empty(len(fields), dtype.numpy)
    for i, field in enumerate(fields):
        if field in ("", na_value):
            if default is None:
                raise errors.InvalidArgumentError(f"Field {number} is required but missing in record {i}!")
            column[i] = default
        else:
            column[i] = _number(field, number, i, dtype)
    return column


def _number(field: str, number: int, record: int, dtype: dtypes.DType) -> Any:
    if dtype is dtypes.string:
        return field.encode()
    try:
        return dtype.numpy.type(int(field) if dtype.is_integer else float(field))
    except (ValueError, OverflowError):
        raise errors.InvalidArgumentError(
            f"Field {number} in record {record} is not a valid {dtype.name}: {field}"
        ) from None
