"""Shapes, as far as they are known: `TensorShape` for users, tuples of sizes for the rules of ops.

In eager execution every size is known. In a graph a size may be known only when the graph runs: it is then None, and
where not even the number of axes is known, the whole shape is. A shape rule computes the shape of an op's output from
plain tuples of sizes, called *extents* here:

>>> broadcast((2, 1, None), (3, 4))
(2, 3, 4)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import index
from typing import Any, Optional, SupportsIndex, Union

from minitfe.errors import ShapeError

Extents = tuple[Optional[int], ...]


class Dimension(int):
    """One size of a shape: an int with TensorFlow's ``.value``."""

    __slots__ = ()

    @property
    def value(self) -> int | None:
        """The size as a plain int."""
        return int(self)

    def __repr__(self) -> str:
        return f"Dimension({int(self)})"

    def __str__(self) -> str:
        return str(int(self))


class UnknownDimension:
    """A size that is known only when the graph runs. Arithmetic with it stays unknown."""

    __slots__ = ()
    value = None

    def _unknown(self, *others: Any) -> UnknownDimension:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = __rfloordiv__ = _unknown

    def __eq__(self, other: Any) -> bool:
        return other is None or isinstance(other, UnknownDimension)

    def __hash__(self) -> int:
        return hash(None)

    def __repr__(self) -> str:
        return "Dimension(None)"

    def __str__(self) -> str:
        return "?"

    def __index__(self) -> int:
        raise TypeError(
            "This size is not known before the graph runs; use tf.shape(x) to compute with it in the graph."
        )

    __int__ = __index__


class PartialShape(tuple[Optional[int], ...]):
    """Extents with an unknown size in them. They equal no other extents: what is not known is not known to be equal."""

    __slots__ = ()

    def __eq__(self, other: Any) -> bool:
        return False

    def __ne__(self, other: Any) -> bool:
        return True

    __hash__ = tuple.__hash__


class TensorShape:
    """The shape of a tensor; any size, or the number of axes, may be unknown.

    Args:
        dims: the sizes, each an int or None; or None where the number of axes is unknown.

    >>> shape = TensorShape([2, None, 4])
    >>> shape.ndims, shape[0], shape[1].value, shape[2] * 3
    (3, Dimension(2), None, 12)
    """

    __slots__ = ("extents",)

    extents: Extents | None

    def __init__(self, dims: Any = None) -> None:
        self.extents = extents_of(dims)

    @property
    def ndims(self) -> int | None:
        """The number of axes, None where it is unknown."""
        return None if self.extents is None else len(self.extents)

    rank = ndims

    @property
    def dims(self) -> list[Dimension | UnknownDimension] | None:
        """The sizes as a list of Dimensions, None where their number is unknown."""
        return None if self.extents is None else [_dimension(size) for size in self.extents]

    def as_list(self) -> list[int | None]:
        """Returns the sizes as a list; ValueError where their number is unknown."""
        return list(self._known_rank())

    def is_fully_defined(self) -> bool:
        """Says whether every size is known."""
        return self.extents is not None and None not in self.extents

    def assert_is_fully_defined(self) -> None:
        """Raises ValueError unless every size is known."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def num_elements(self) -> int | None:
        """The product of the sizes, None where one of them is unknown."""
        return None if self.extents is None else size_of(self.extents)

    def is_compatible_with(self, other: Any) -> bool:
        """Says whether one tensor could have both shapes, given what is known of them."""
        other = as_shape(other)
        if self.extents is None or other.extents is None:
            return True
        return len(self.extents) == len(other.extents) and all(
            a is None or b is None or a == b for a, b in zip(self.extents, other.extents)
        )

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raises ValueError unless one tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """Returns all that the two shapes know together; ValueError where they contradict each other."""
        other = as_shape(other)
        self.assert_is_compatible_with(other)
        if self.extents is None or other.extents is None:
            return other if self.extents is None else self
        return TensorShape([b if a is None else a for a, b in zip(self.extents, other.extents)])

    def concatenate(self, other: Any) -> TensorShape:
        """Returns the axes of this shape followed by those of the other."""
        other = as_shape(other)
        if self.extents is None or other.extents is None:
            return TensorShape(None)
        return TensorShape(self.extents + other.extents)

    def with_rank(self, rank: int) -> TensorShape:
        """Returns the shape with what is learned from its number of axes; ValueError where it has another number."""
        try:
            return self.merge_with([None] * rank)
        except ValueError:
            raise ValueError(f"Shape {self} must have rank {rank}") from None

    def __len__(self) -> int:
        return len(self._known_rank())

    def __iter__(self) -> Iterator[Dimension | UnknownDimension]:
        return iter([_dimension(size) for size in self._known_rank()])

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        if isinstance(key, slice):
            return TensorShape(self._known_rank()[key])
        return _dimension(self._known_rank()[key])

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __eq__(self, other: Any) -> bool:
        try:
            other = as_shape(other)
        except (TypeError, ValueError):
            return NotImplemented
        # Compared as lists: a PartialShape would say that nothing equals the unknown.
        mine, theirs = self.extents, other.extents
        return mine is theirs if mine is None or theirs is None else list(mine) == list(theirs)

    def __hash__(self) -> int:
        return hash(self.extents)

    def __bool__(self) -> bool:
        return self.extents is not None

    def __str__(self) -> str:
        return "<unknown>" if self.extents is None else format_extents(self.extents)

    def __repr__(self) -> str:
        return f"TensorShape({self.dims!r})"

    def _known_rank(self) -> Extents:
        if self.extents is None:
            raise ValueError("Cannot take the length of Shape with unknown rank.")
        return self.extents


ShapeLike = Union[TensorShape, Sequence[Optional[int]], int, None]


def _dimension(size: int | None) -> Dimension | UnknownDimension:
    return UnknownDimension() if size is None else Dimension(size)


def as_shape(value: Any) -> TensorShape:
    """Returns the value as a TensorShape."""
    return value if isinstance(value, TensorShape) else TensorShape(value)


def extents_of(dims: Any) -> Extents | None:
    """Reads sizes from a TensorShape, a sequence of ints and Nones, one int, or None."""
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims.extents
    sizes = tuple(map(_size, dims)) if isinstance(dims, Iterable) else (_size(dims),)
    return PartialShape(sizes) if None in sizes else sizes


def _size(value: Any) -> int | None:
    if value is None or isinstance(value, UnknownDimension):
        return None
    try:
        size = index(value)
    except TypeError:
        raise TypeError(f"Dimension must be an integer or None, not {value!r}") from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


def size_of(extents: Extents) -> int | None:
    """The number of elements, None where a size is unknown."""
    product = 1
    for size in extents:
        if size is None:
            return None
        product *= size
    return product


def format_extents(extents: Extents) -> str:
    """Writes sizes as TensorFlow prints shapes: ``(2, ?)``."""
    sizes = ["?" if size is None else str(size) for size in extents]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def bracketed(extents: Extents) -> str:
    """Writes sizes as TensorFlow's kernels put them into messages: ``[2,3]``."""
    return "[" + ",".join("?" if size is None else str(size) for size in extents) + "]"


# ------------------------------------------------------------------------------------------ rules many ops share
# A shape rule takes the inputs' extents, and the attributes as keywords. It returns extents, or raises ShapeError.


def same(x: Extents, *others: Extents, **attributes: Any) -> Extents:
    """The output has the shape of the first input."""
    return x


def like_second(x: Extents, like: Extents, *others: Extents, **attributes: Any) -> Extents:
    """The output has the shape of the second input."""
    return like


def scalar(*inputs: Extents, **attributes: Any) -> Extents:
    """The output is one number."""
    return ()


def broadcast(*inputs: Extents, **attributes: Any) -> Extents:
    """The common shape of arrays that are stretched to match, as numpy does.

    Shapes are aligned at their last axes. Along each axis the sizes must be equal or 1; a 1 stretches.

    Raises:
        ShapeError: where two sizes differ and neither is 1.
    """
    rank = max(map(len, inputs))
    aligned = [(1,) * (rank - len(x)) + tuple(x) for x in inputs]
    return tuple(_broadcast_sizes(sizes, inputs) for sizes in zip(*aligned))


def _broadcast_sizes(sizes: tuple[int | None, ...], inputs: Sequence[Extents]) -> int | None:
    stretched_to = {size for size in sizes if size is not None and size != 1}
    if len(stretched_to) > 1:
        raise ShapeError(
            "Incompatible shapes: " + " vs. ".join(map(bracketed, inputs)),
            "align the shapes at their last axes: sizes must be equal there, or one of them 1",
        )
    if stretched_to:
        return stretched_to.pop()
    return None if None in sizes else 1


def normalize_axis(axis: int, rank: int, message: str = "") -> int:
    """Counts a negative axis from the end.

    Raises:
        ShapeError: where there is no such axis.
    """
    if not -rank <= axis < rank:
        raise ShapeError(
            message or f"Invalid axis ({axis} for input with {rank} dimension(s))",
            f"use an axis from {-rank} to {rank - 1}" if rank else "a scalar has no axes",
        )
    return axis % rank
