"""Conversion: how what people pass to ops becomes tensors.

Two rules. On its own, a Python float becomes float32, an int int32 and a bool bool, as in TensorFlow, and a numpy array
keeps its dtype. Beside a tensor, what is no tensor takes the tensor's dtype: ``x * 2.0`` works for a float64 x. Two
tensors of different dtypes never meet: that is an error, and `agree` raises it.

Types of higher floors, such as Variable, are made known by `register_conversion`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from minitfe import devices, dtypes, errors, shapes
from minitfe.context import get_listeners
from minitfe.devices import Device
from minitfe.dtypes import DType
from minitfe.operation import Op
from minitfe.tensor import Tensor

Convert = Callable[[Any], Tensor]

_conversions: dict[type, Convert] = {}
_found: dict[type, Convert | None] = {}  # what `_conversion_of` has found out about a type
_pack: Callable[[Sequence[Any], DType | None], Tensor]


def register_conversion(type_: type, convert: Callable[[Any], Tensor]) -> None:
    """Makes instances of a type acceptable wherever a tensor is: convert is called to get the tensor."""
    _conversions[type_] = convert
    _found.clear()


def register_pack(pack: Callable[[Sequence[Any], DType | None], Tensor]) -> None:
    """Says how a list with tensors in it becomes one tensor: ``[t, 2.0]`` is stacked, and stacking is an op."""
    global _pack
    _pack = pack


# ---------------------------------------------------------------------------------------------------------- to a tensor


def convert_to_tensor(
    value: Any, dtype: Any = None, name: str | None = None, preferred_dtype: Any = None, dtype_hint: Any = None
) -> Tensor:
    """Returns the value as a tensor.

    Args:
        value: a tensor, a variable, a numpy array, a number, a string, or nested lists of these. Arrays are copied.
        dtype: what the elements shall be; by default what they are (floats become float32, ints int32).
        preferred_dtype, dtype_hint: a dtype to use if the value can have it; otherwise it is ignored.

    Raises:
        ValueError: where the value is a tensor of another dtype, or nothing that can become a tensor.

    >>> tf.convert_to_tensor([[1, 2], [3, 4]]).dtype
    tf.int32
    """
    if type(value) is Tensor and dtype is None:
        return value
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    if not isinstance(value, Tensor):
        value = resolve(value)
    if isinstance(value, Tensor):
        if wanted is not None and value.dtype is not wanted:
            raise ValueError(
                f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype {value.dtype.name}: {value!r}."
                f" Convert it with tf.cast(x, tf.{wanted.name})."
            )
        return value
    if _holds_tensors(value):
        return _pack(value, wanted)
    hint = preferred_dtype or dtype_hint
    if wanted is None and hint is not None:
        try:
            return constant_tensor(array_from(value, dtypes.as_dtype(hint)))
        except (TypeError, ValueError):
            pass
    return constant_tensor(array_from(value, wanted))


def resolve(value: Any) -> Any:
    """Turns a variable, or another type that was made known, into its tensor; leaves anything else as it is."""
    kind = type(value)
    convert = _found[kind] if kind in _found else _conversion_of(kind)
    return value if convert is None else convert(value)


def _conversion_of(kind: type) -> Convert | None:
    _found[kind] = next((_conversions[base] for base in kind.__mro__ if base in _conversions), None)
    return _found[kind]


def eager_tensor(array: np.ndarray[Any, Any], device: Device | None = None) -> Tensor:
    """Puts a numpy array that nobody else holds onto a device: the scope's or the first GPU, if none is named.

    Strings stay on the CPU, wherever one asks for them.
    """
    cpu = devices.cpu()
    device = device or get_listeners().device or devices.default()
    if array.dtype.kind == "O":
        device = cpu
    return Tensor(array if device is cpu else devices.copy_array(array, cpu, device), device)


def constant_tensor(array: np.ndarray[Any, Any], device: Device | None = None) -> Tensor:
    """Turns a numpy array into a constant: an eager tensor, or what the graph under construction takes for one."""
    interpreter = get_listeners().interpreter
    if interpreter is None:
        return eager_tensor(array, device)
    return interpreter.constant(eager_tensor(array, device))  # type: ignore[no-any-return]


def constant(
    value: Any, dtype: Any = None, shape: Any = None, name: str | None = None, verify_shape: bool = False
) -> Tensor:
    """Returns a tensor with this value.

    Args:
        value: a number, string, numpy array or nested lists of these.
        dtype: what the elements shall be.
        shape: the shape to give the value; a single number fills it.
        verify_shape: whether the value must have the shape already.

    Raises:
        TypeError: where the value has neither one element nor as many as the shape.
        ValueError: for ragged lists, mixed types, and numbers that do not fit the dtype.

    >>> print(tf.constant(5))
    tf.Tensor(5, shape=(), dtype=int32)
    """
    value = resolve(value)
    if _holds_tensors(value):
        raise ValueError("tf.constant was given a list with tensors in it; use tf.stack, or tf.convert_to_tensor.")
    wanted = None if dtype is None else dtypes.as_dtype(dtype)
    array = value.numpy() if isinstance(value, Tensor) else value
    array = array_from(array, wanted)
    if shape is not None:
        array = _shaped(array, _known_extents(shape), verify_shape)
    return constant_tensor(array)


def _known_extents(shape: Any) -> shapes.Extents:
    known = shapes.TensorShape(shape)
    known.assert_is_fully_defined()
    return tuple(known.as_list())


def _shaped(array: np.ndarray[Any, Any], extents: Any, verify: bool) -> np.ndarray[Any, Any]:
    if array.shape == extents:
        return array
    if verify:
        raise TypeError(f"Expected Tensor's shape: {extents}, got {array.shape}.")
    count = shapes.size_of(extents)
    if array.size == 1:
        try:
            return np.full(extents, array.reshape(())[()], array.dtype)
        except (MemoryError, ValueError) as error:
            raise errors.ResourceExhaustedError(f"tf.constant with shape={extents}: {error}.") from None
    if array.size == count:
        return array.reshape(extents)
    raise TypeError(
        "Eager execution of tf.constant with unsupported shape"
        f" (value has {array.size} elements, shape is {shapes.format_extents(extents)} with {count} elements)."
    )


def _holds_tensors(value: Any) -> bool:
    """Says whether a nested list has a tensor, or what becomes one, among its leaves."""
    if not isinstance(value, (list, tuple)):
        return False
    return any(isinstance(part, (Tensor, *_conversions)) or _holds_tensors(part) for part in value)


# ---------------------------------------------------------------------------------------------------- to a numpy array


def array_from(value: Any, dtype: DType | None = None) -> np.ndarray[Any, Any]:
    """Copies a Python value or numpy array into a fresh numpy array, by TensorFlow's rules for dtypes.

    Raises:
        ValueError: for values that cannot be a tensor; the message says which and why.
        TypeError: for numpy dtypes that no tensor can have.
    """
    array = _read(value)
    if array.dtype.kind in "SUO":
        array = _strings(array, value)
    natural = dtypes.from_numpy(array.dtype)
    if dtype is None:
        return _python_default(array, value) if natural is not dtypes.string else array
    return _converted(array, dtype, value)


def _read(value: Any) -> np.ndarray[Any, Any]:
    if isinstance(value, dict) or value is None:
        raise ValueError(
            f"Attempt to convert a value ({value!r}) with an unsupported type ({type(value)}) to a Tensor."
        )
    try:
        array = np.array(value)
        # numpy's own strings lose zero bytes at their end; objects keep them.
        strings = array.dtype.kind in "SU" and not isinstance(value, (np.ndarray, np.generic))
        return np.array(value, object) if strings else array
    except ValueError:
        raise ValueError(
            f"Can't convert non-rectangular Python sequence to Tensor. All rows must have the same length: {value!r}"
        ) from None
    except OverflowError:
        raise ValueError(f"Can't convert Python sequence with out-of-range integer to Tensor: {value!r}") from None


def _strings(array: np.ndarray[Any, Any], value: Any) -> np.ndarray[Any, Any]:
    """An array of bytes objects; text is encoded as UTF-8. Leaves that are no strings are refused by their type."""
    encoded = np.empty(array.shape, object)
    mixed = {type(leaf) for leaf in leaves_of(value)} if isinstance(value, (list, tuple)) else set()
    if len({_family(kind) for kind in mixed}) > 1:
        raise ValueError(f"Can't convert Python sequence with mixed types to Tensor: {value!r}")
    for index in np.ndindex(array.shape):
        leaf = array[index]
        if not isinstance(leaf, (str, bytes)):
            if isinstance(leaf, int) and not -(2**63) <= leaf < 2**64:
                raise ValueError(f"Can't convert Python sequence with out-of-range integer to Tensor: {value!r}")
            raise ValueError(
                f"Attempt to convert a value ({leaf!r}) with an unsupported type ({type(leaf)}) to a Tensor."
            )
        encoded[index] = leaf.encode() if isinstance(leaf, str) else bytes(leaf)
    return encoded


def _python_default(array: np.ndarray[Any, Any], value: Any) -> np.ndarray[Any, Any]:
    """Python's own numbers become float32 and int32; numpy's keep their dtype."""
    if isinstance(value, (np.ndarray, np.generic)) or (not array.ndim and hasattr(value, "__array__")):
        return array
    kinds = {type(leaf) for leaf in leaves_of(value)}
    if bool in kinds and len(kinds) > 1:
        raise ValueError(f"Can't convert Python sequence with mixed types to Tensor: {value!r}")
    if not kinds:
        return array.astype(np.float32)
    if any(hasattr(kind, "dtype") or hasattr(kind, "__array__") for kind in kinds):
        return array
    if array.dtype.kind == "f":
        return array.astype(np.float32)
    if array.dtype == np.int64 and (array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)):
        return array.astype(np.int32)
    if array.dtype == np.uint64:
        raise ValueError(
            f"Can't convert Python sequence with out-of-range integer to Tensor: {value!r}; give dtype=tf.uint64"
        )
    return array


def _converted(array: np.ndarray[Any, Any], dtype: DType, value: Any) -> np.ndarray[Any, Any]:
    """The array in a dtype that was asked for by name: floats are truncated to integers, as TensorFlow does."""
    if (array.dtype == object) != (dtype is dtypes.string) and array.size:
        raise ValueError(f"Can't convert {value!r} to a Tensor of dtype {dtype.name}: strings and numbers do not mix.")
    if array.dtype.kind == "c" and not dtype.is_complex:
        raise ValueError(f"Can't convert complex {value!r} to a Tensor of dtype {dtype.name}; take tf.real of it.")
    from_python = array.size and array.dtype.kind in "iuf" and not isinstance(value, np.ndarray)
    if dtype.is_integer and from_python and not (array.min() >= dtype.min and array.max() <= dtype.max):  # or NaN
        raise ValueError(
            f"Can't convert Python sequence with out-of-range integer to Tensor of dtype {dtype.name}: {value!r}"
        )
    return array.astype(dtype.numpy)


def leaves_of(value: Any) -> Iterator[Any]:
    """The leaves of nested lists, one by one."""
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from leaves_of(part)
    else:
        yield value


def _family(kind: type) -> str:
    return "string" if issubclass(kind, (str, bytes)) else "number"


# ------------------------------------------------------------------------------------------------ beside other tensors


def agree(op: Op, values: Sequence[Any]) -> list[Tensor]:
    """Turns the operands of an op into tensors of one dtype; what is no tensor takes the dtype of the first that is.

    Raises:
        ValueError: where there are no operands.
        InvalidArgumentError: where two tensors differ in dtype (TypeError while a graph is built, as in TensorFlow).
    """
    if not values:
        raise ValueError(f"{op.name} was given an empty list; it takes one tensor or more.")
    tensors = [value if isinstance(value, Tensor) else resolve(value) for value in values]
    leader = tensors[0]
    if not isinstance(leader, Tensor):
        leader = next((x for x in tensors if isinstance(x, Tensor)), None)
        if leader is None:
            leader = tensors[0] = convert_to_tensor(tensors[0])
    for i, x in enumerate(tensors):
        if not isinstance(x, Tensor):
            tensors[i] = beside(x, leader)
        elif x.array.dtype is not leader.array.dtype and x.dtype is not leader.dtype:
            raise _disagreement(op, i, x, leader)
    return tensors


def agree_two(op: Op, x: Any, y: Any) -> tuple[Tensor, Tensor]:
    """What `agree` does, for two operands: most ops have two, and this way is twice as fast."""
    x = x if isinstance(x, Tensor) else resolve(x)
    y = y if isinstance(y, Tensor) else resolve(y)
    if not isinstance(x, Tensor):
        if isinstance(y, Tensor):
            return beside(x, y), y
        x = convert_to_tensor(x)
    if not isinstance(y, Tensor):
        return x, beside(y, x)
    if x.array.dtype is not y.array.dtype and x.dtype is not y.dtype:
        raise _disagreement(op, 1, y, x)
    return x, y


def _disagreement(op: Op, position: int, x: Tensor, leader: Tensor) -> Exception:
    message = (
        f"cannot compute {op.tensorflow_name} as input #{position} was expected to be a {_word(leader.dtype)} tensor"
        f" but is a {_word(x.dtype)} tensor [Op:{op.tensorflow_name}]."
        f" {op.name} was given {errors.describe_operands((leader, x))};"
        f" make them one dtype, for instance with tf.cast(x, tf.{leader.dtype.name})."
    )
    return errors.InvalidArgumentError(message) if get_listeners().interpreter is None else TypeError(message)


def _word(dtype: DType) -> str:
    return {"float32": "float", "float64": "double", "float16": "half"}.get(dtype.name, dtype.name)


_scalars: dict[Any, Tensor] = {}


def beside(value: Any, leader: Tensor) -> Tensor:
    """Turns what is no tensor into one with the dtype, and on the device, of a tensor that it meets in an op."""
    kind = type(value)
    # A number written in a program comes by again and again: it is made once. (Not 0: 0.0 and -0.0 are equal keys.)
    if not (kind is float or kind is int) or not value or type(leader) is not Tensor:
        return _convert_beside(value, leader)
    key = (value, kind, leader.array.dtype, leader.home)
    known = _scalars.get(key)
    if known is None:
        known = _convert_beside(value, leader)
        if kind is int or not leader.dtype.is_integer:  # of a fraction that was cut off is warned each time
            if len(_scalars) > 1000:
                _scalars.clear()
            _scalars[key] = known
    return known


def _convert_beside(value: Any, leader: Tensor) -> Tensor:
    # Beside a tensor of a graph it waits on the CPU: whoever runs the graph takes it to the other input.
    device = leader.home if isinstance(leader.home, Device) else devices.cpu()
    if _holds_tensors(value):
        return _pack(value, leader.dtype)
    if leader.dtype.is_integer and _has_fractions(_read(value)):
        warnings.warn(
            f"{value!r} beside a tensor of dtype {leader.dtype.name} is truncated to {leader.dtype.name};"
            " convert the tensor with tf.cast to keep the fraction",
            RuntimeWarning,
            stacklevel=5,
        )
    return constant_tensor(array_from(value, leader.dtype), device)


def _has_fractions(array: np.ndarray[Any, Any]) -> bool:
    return array.dtype.kind == "f" and bool(np.any(array != np.trunc(array)))
