"""Tensors: values that never change, on a device.

A `Tensor` holds two things: an array, which belongs to a kernel package, and its home, the device that the array lies
on. All else about it (dtype, shape, printing, conversion to numpy) is read off the array. What people *do* with
tensors, ``x + y`` and ``x[1:]``, is ops, and ops stand on a higher floor: their methods are declared here, and
``minitfe.ops.operators`` fills them in.

Arrays given out are copies, so nothing outside can change a tensor; that is why a tape may keep tensors by reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from minitfe import dtypes
from minitfe.devices import Device
from minitfe.dtypes import DType
from minitfe.shapes import Extents, TensorShape

TensorLike = Union["Tensor", Any]
"""What ops take: a tensor, a variable, a numpy array, a number, or nested lists of these."""

_ids = count(1)

_ASSIGNMENT = (
    "Tensors never change, so t[{key}] = value is not possible. Build a new tensor instead: tf.where(mask, value, t)"
    " replaces elements, tf.concat([t[:i], [value], t[i + 1:]], axis=0) replaces a row, tf.tensor_scatter_update writes"
    " at indices; or keep the numbers in a tf.Variable and assign to that."
)


class Operators:
    """What can be done with tensors and variables in Python's own notation: ``x + y``, ``x[1:]``, ``for row in x``."""

    __slots__ = ()

    if TYPE_CHECKING:
        # fmt: off
        def __iter__(self) -> Iterator[Tensor]: ...
        def __getitem__(self, key: Any) -> Tensor: ...
        def __neg__(self) -> Tensor: ...
        def __abs__(self) -> Tensor: ...
        def __invert__(self) -> Tensor: ...
        def __add__(self, other: TensorLike) -> Tensor: ...
        def __radd__(self, other: TensorLike) -> Tensor: ...
        def __sub__(self, other: TensorLike) -> Tensor: ...
        def __rsub__(self, other: TensorLike) -> Tensor: ...
        def __mul__(self, other: TensorLike) -> Tensor: ...
        def __rmul__(self, other: TensorLike) -> Tensor: ...
        def __truediv__(self, other: TensorLike) -> Tensor: ...
        def __rtruediv__(self, other: TensorLike) -> Tensor: ...
        def __floordiv__(self, other: TensorLike) -> Tensor: ...
        def __rfloordiv__(self, other: TensorLike) -> Tensor: ...
        def __mod__(self, other: TensorLike) -> Tensor: ...
        def __rmod__(self, other: TensorLike) -> Tensor: ...
        def __pow__(self, other: TensorLike) -> Tensor: ...
        def __rpow__(self, other: TensorLike) -> Tensor: ...
        def __matmul__(self, other: TensorLike) -> Tensor: ...
        def __rmatmul__(self, other: TensorLike) -> Tensor: ...
        def __and__(self, other: TensorLike) -> Tensor: ...
        def __rand__(self, other: TensorLike) -> Tensor: ...
        def __or__(self, other: TensorLike) -> Tensor: ...
        def __ror__(self, other: TensorLike) -> Tensor: ...
        def __xor__(self, other: TensorLike) -> Tensor: ...
        def __rxor__(self, other: TensorLike) -> Tensor: ...
        def __lt__(self, other: TensorLike) -> Tensor: ...
        def __le__(self, other: TensorLike) -> Tensor: ...
        def __gt__(self, other: TensorLike) -> Tensor: ...
        def __ge__(self, other: TensorLike) -> Tensor: ...
        # fmt: on


class Tensor(Operators):
    """An array of numbers (or strings) on a device, never changed once made.

    Made by ``tf.constant``, ``tf.convert_to_tensor`` and by every op.

    Attributes:
        array: the kernel package's own array. It may be shared with other tensors: never write into it.
        home: the device the array lies on.
    """

    __slots__ = ("array", "home", "_id", "__weakref__")
    __array_priority__ = 100

    array: Any
    home: Device
    _id: int

    def __init__(self, array: Any, home: Device) -> None:
        self.array = array
        self.home = home

    # ------------------------------------------------------------------------------------------------ what it is

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return dtypes.from_numpy(self.array.dtype)

    @property
    def shape(self) -> TensorShape:
        """The size along each axis."""
        return TensorShape(self.extents)

    @property
    def extents(self) -> Extents | None:
        """The shape as a plain tuple: what shape rules work with."""
        return self.array.shape  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def device(self) -> str:
        """The full name of the device that holds the value."""
        return self.home.name

    def get_shape(self) -> TensorShape:
        """Returns the shape; the older spelling of ``.shape``."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Raises ValueError unless the tensor has this shape: an eager tensor's shape is known already."""
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {shape}")

    # ---------------------------------------------------------------------------------------- values, as Python's

    def numpy(self) -> Any:
        """Returns the value as a fresh numpy array; a numpy scalar (or bytes) where the tensor is 0-d."""
        array = self.home.package.to_numpy(self.array)
        return array if array.ndim else array[()]

    def static_value(self) -> Tensor | None:
        """Returns the tensor whose value is known now: itself. Most tensors of graphs have none yet."""
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False:
            raise ValueError("A tensor hands out copies only; call np.asarray(tensor) without copy=False.")
        array = self.home.package.to_numpy(self.array)
        return array if dtype is None else array.astype(dtype, copy=False)

    def __dlpack__(self, **options: Any) -> Any:
        return self.home.package.to_numpy(self.array).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)  # kDLCPU: what is handed out is a copy in main memory

    def __bool__(self) -> bool:
        if self.extents != ():
            raise ValueError(
                f"Non-scalar tensor {self!r} cannot be converted to boolean. Use tf.reduce_any or tf.reduce_all."
            )
        if self.dtype is not dtypes.bool_:
            raise ValueError(
                f"Non-boolean tensor {self!r} cannot be converted to boolean. Compare it with something first."
            )
        return bool(self.numpy())

    def _only_element(self) -> Any:
        array = self.home.package.to_numpy(self.array)
        if array.size != 1:
            raise TypeError(
                "only size-1 arrays can be converted to Python scalars;"
                f" this tensor has shape {self.shape}: use .numpy() for all its values"
            )
        return array.reshape(())[()]

    def __int__(self) -> int:
        return int(self._only_element())

    def __float__(self) -> float:
        return float(self._only_element())

    def __complex__(self) -> complex:
        return complex(self._only_element())

    def __index__(self) -> int:
        if self.extents != () or not self.dtype.is_integer:
            raise TypeError(
                f"only integer scalar tensors can be used as an index, not {self.dtype.name} of shape {self.shape}"
            )
        return int(self.numpy())

    def __len__(self) -> int:
        if self.extents == ():
            raise TypeError("A scalar tensor has no len()")
        return int(self.shape[0])

    def __format__(self, specification: str) -> str:
        return format(self.numpy(), specification)

    # ---------------------------------------------------------------------------------------- identity and printing
    # A tensor equals itself alone and hashes by identity, as any Python object: tapes rely on that, and on its speed.

    def __copy__(self) -> Tensor:
        return Tensor(self.array, self.home)

    def __deepcopy__(self, memo: Any) -> Tensor:
        return Tensor(self.array, self.home)

    def __reduce__(self) -> Any:
        raise TypeError("Tensors are not pickled; save t.numpy(), or use a checkpoint.")

    @property
    def identity_number(self) -> int:
        """A number of its own, given out when first asked for: the id that repr shows."""
        try:
            return self._id
        except AttributeError:
            self._id = next(_ids)
            return self._id

    def __str__(self) -> str:
        return f"tf.Tensor({self.text(str)}, shape={self.shape}, dtype={self.dtype.name})"

    def __repr__(self) -> str:
        summary = f"id={self.identity_number}, shape={self.shape}, dtype={self.dtype.name}"
        return f"<tf.Tensor: {summary}, numpy={self.text(repr)}>"

    def text(self, write: Any) -> str:
        """The value as `str` or `repr` writes it, but for numpy's scalars, which numpy 2 would call np.float32(1.0).

        A text of several lines begins on a new one, as TensorFlow prints it.
        """
        value = self.numpy()
        text = str(write(value) if isinstance(value, (np.ndarray, bytes)) else value)
        return f"\n{text}" if "\n" in text else text

    def __setitem__(self, key: Any, value: Any) -> None:
        raise TypeError(_ASSIGNMENT.format(key=key))

    # ----------------------------------------------------------------------------------- what only graph tensors have

    def _graph_only(self, what: str) -> Any:
        raise AttributeError(f"Tensor.{what} is meaningless when eager execution is enabled.")

    @property
    def name(self) -> str:
        """Graph tensors have names; eager ones raise AttributeError."""
        return self._graph_only("name")  # type: ignore[no-any-return]

    @property
    def op(self) -> Any:
        """Graph tensors know the operation that makes them; eager ones raise AttributeError."""
        return self._graph_only("op")

    @property
    def graph(self) -> Any:
        """Graph tensors know their graph; eager ones raise AttributeError."""
        return self._graph_only("graph")

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Graph tensors are evaluated in a session; eager ones raise NotImplementedError."""
        raise NotImplementedError(
            "eval is not supported when eager execution is enabled, is .numpy() what you're looking for?"
        )

    def consumers(self) -> Any:
        """Graph tensors know which operations use them; eager ones raise NotImplementedError."""
        raise NotImplementedError(
            "consumers is not supported when eager execution is enabled: eager tensors keep no record of use."
        )

    # ------------------------------------------------------------------------------------------------- what it can do
    # minitfe.ops.operators makes these, with their docstrings.

    if TYPE_CHECKING:

        def cpu(self) -> Tensor: ...  # noqa: D102
        def gpu(self, gpu_index: int = 0) -> Tensor: ...  # noqa: D102
