"""Merging: layers that make one tensor of several, such as the two ways around a residual block."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any, ClassVar

from minitfe.keras.engine.layer import Layer
from minitfe.ops import arguments, array, comparison, linalg, math, nn
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

# --------------------------------------------------------------------------------------------------- element by element


class Merge(Layer):
    """The base of layers that combine tensors element by element.

    Sizes must be equal or 1. A tensor with fewer axes gets new ones after the batch's.
    """

    combine: ClassVar[Callable[[Tensor, Tensor], Tensor]]
    """What is done with two tensors."""

    def build(self, input_shape: Any) -> None:
        """Checks the shapes.

        Raises:
            ValueError: for anything but a list of tensors whose shapes fit together.
        """
        require_list(self, input_shape, 2)
        shapes = [TensorShape(shape).as_list() for shape in input_shape]
        rank = max(map(len, shapes))
        for sizes in zip(*(_stretched(shape, rank) for shape in shapes)):
            if len({size for size in sizes if size not in (1, None)}) > 1:
                raise ValueError(
                    "Operands could not be broadcast together with shapes "
                    + " ".join(str(tuple(shape)) for shape in shapes)
                    + f" in layer {self.name}"
                )
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        """Returns the inputs, combined one after the other."""
        require_list(self, inputs, 2)
        return reduce(type(self).combine, _of_one_rank(inputs))


def require_list(layer: Layer, inputs: Any, least: int) -> None:
    """Raises ValueError unless a merging layer was given a list of enough tensors."""
    kind = type(layer).__name__
    if not isinstance(inputs, (list, tuple)) or isinstance(inputs, TensorShape):
        raise ValueError(
            f"A merge layer should be called on a list of inputs. {kind} {layer.name} was given one: {inputs}"
        )
    if len(inputs) < least:
        raise ValueError(
            f"A merge layer should be called on a list of at least {least} inputs. Got {len(inputs)} inputs:"
            f" {kind} {layer.name}"
        )


def _stretched(shape: list[Any], rank: int) -> list[Any]:
    return [*shape[:1], *[1] * (rank - len(shape)), *shape[1:]]


def _of_one_rank(inputs: Any) -> list[Tensor]:
    rank = max(x.shape.ndims for x in inputs)
    stretched = []
    for x in inputs:
        for _ in range(rank - x.shape.ndims):
            x = array.expand_dims(x, 1)
        stretched.append(x)
    return stretched


class Add(Merge):
    """The sum of its inputs.

    >>> tf.keras.layers.Add()([tf.ones([1, 2]), tf.ones([1, 2])]).numpy()
    array([[2., 2.]], dtype=float32)

    TensorFlow: tf.keras.layers.Add.
    """

    combine = staticmethod(math.add)


class Subtract(Merge):
    """The difference of two inputs.

    TensorFlow: tf.keras.layers.Subtract.
    """

    combine = staticmethod(math.subtract)

    def build(self, input_shape: Any) -> None:
        """Checks that there are two inputs, and their shapes."""
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ValueError(f"A `Subtract` layer should be called on exactly 2 inputs, not {len(input_shape)}.")


class Multiply(Merge):
    """The product of its inputs, element by element.

    TensorFlow: tf.keras.layers.Multiply.
    """

    combine = staticmethod(math.multiply)


class Average(Merge):
    """The mean of its inputs.

    >>> tf.keras.layers.Average()([tf.zeros([1]), tf.ones([1])]).numpy()
    array([0.5], dtype=float32)

    TensorFlow: tf.keras.layers.Average.
    """

    combine = staticmethod(math.add)

    def call(self, inputs: Any) -> Tensor:
        """Returns the sum of the inputs over their number."""
        return math.divide(super().call(inputs), len(inputs))


class Maximum(Merge):
    """The greatest of its inputs, element by element.

    TensorFlow: tf.keras.layers.Maximum.
    """

    combine = staticmethod(comparison.maximum)


class Minimum(Merge):
    """The smallest of its inputs, element by element.

    TensorFlow: tf.keras.layers.Minimum.
    """

    combine = staticmethod(comparison.minimum)


# --------------------------------------------------------------------------------------------------- joins and products


class Concatenate(Layer):
    """Its inputs, one after the other along an axis.

    Args:
        axis: the axis; all other sizes must be equal.

    >>> tf.keras.layers.Concatenate()([tf.zeros([5, 2]), tf.zeros([5, 3])]).shape
    TensorShape([Dimension(5), Dimension(5)])

    TensorFlow: tf.keras.layers.Concatenate.
    """

    settings = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = arguments.integer(axis, "axis")

    def build(self, input_shape: Any) -> None:
        """Checks the shapes.

        Raises:
            ValueError: where they differ along another axis.
        """
        require_list(self, input_shape, 2)
        shapes = [TensorShape(shape).as_list() for shape in input_shape]
        ranks = set(map(len, shapes))
        others = [shape[: self.axis] + shape[self.axis :][1:] for shape in shapes]
        if len(ranks) > 1 or any(not TensorShape(others[0]).is_compatible_with(other) for other in others):
            raise ValueError(
                "A `Concatenate` layer requires inputs with matching shapes except for the concat axis. Got inputs"
                f" shapes: {[tuple(shape) for shape in shapes]}"
            )
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        """Returns the inputs, joined."""
        require_list(self, inputs, 1)
        return array.concat(list(inputs), self.axis)


class Dot(Layer):
    """The products of the examples of two inputs, summed along an axis of each.

    Args:
        axes: the axis of both, or a pair of axes.
        normalize: whether vectors along these axes get length 1 before, so that the product is their cosine.

    >>> tf.keras.layers.Dot(axes=1)([tf.ones([5, 3]), tf.ones([5, 3])]).shape
    TensorShape([Dimension(5), Dimension(1)])

    TensorFlow: tf.keras.layers.Dot.
    """

    settings = ("axes", "normalize")

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axes = axes if isinstance(axes, int) else arguments.integers(axes, "axes")
        if not isinstance(axes, int) and len(self.axes) != 2:
            raise ValueError(f"Invalid format for `axes` - must contain two elements, not {axes!r}.")
        self.normalize = normalize

    def build(self, input_shape: Any) -> None:
        """Checks the shapes.

        Raises:
            ValueError: for anything but two inputs whose sizes along the axes are equal.
        """
        if not isinstance(input_shape, (list, tuple)) or len(input_shape) != 2:
            raise ValueError(f"A `Dot` layer should be called on a list of 2 inputs, not on {input_shape}.")
        a, b = (TensorShape(shape).as_list() for shape in input_shape)
        i, j = self._axes_for(len(a), len(b))
        if None not in (a[i], b[j]) and a[i] != b[j]:
            raise ValueError(f"Dimension incompatibility {a[i]} != {b[j]}. Layer shapes: {a}, {b}")
        self.built = True

    def _axes_for(self, *ranks: int) -> tuple[int, ...]:
        pair = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        for axis, rank in zip(pair, ranks):
            if not 0 < axis % rank < rank or not -rank <= axis < rank:
                raise ValueError(f"Dot cannot sum along axis {axis} of an input with {rank} axes, the first its batch.")
        return tuple(axis % rank for axis, rank in zip(pair, ranks))

    def call(self, inputs: Any) -> Tensor:
        """Returns the products, of shape [batch, the first's other axes, the second's other axes]."""
        a, b = inputs
        i, j = self._axes_for(a.shape.ndims, b.shape.ndims)
        if self.normalize:
            a, b = nn.l2_normalize(a, i), nn.l2_normalize(b, j)
        left = [chr(ord("b") + k) for k in range(a.shape.ndims)]
        right = [chr(ord("m") + k) for k in range(b.shape.ndims)]
        left[0], right[0], right[j] = "a", "a", left[i]
        result = [letter for k, letter in enumerate(left) if k != i]
        result += [letter for k, letter in enumerate(right) if k not in (0, j)]
        y = linalg.einsum(f"{''.join(left)},{''.join(right)}->{''.join(result)}", a, b)
        return array.expand_dims(y, 1) if len(result) == 1 else y


# --------------------------------------------------------------------------------------------------------- as functions


def add(inputs: Any, **kwargs: Any) -> Any:
    """Returns the sum of a list of tensors.

    >>> tf.keras.layers.add([tf.ones([1]), tf.ones([1])]).numpy()
    array([2.], dtype=float32)
    """
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """Returns the difference of two tensors."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Returns the product of a list of tensors."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """Returns the mean of a list of tensors."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """Returns the greatest of a list of tensors, element by element."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """Returns the smallest of a list of tensors, element by element."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Returns a list of tensors, joined along an axis."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any, normalize: bool = False, **kwargs: Any) -> Any:
    """Returns the products of the examples of two tensors; see `Dot`."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
