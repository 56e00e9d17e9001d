"""Feeding: what `Model.fit` is given, cut into batches.

Arrays are cut here, in an order drawn anew for each epoch. A `tf.data.Dataset` brings batches of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from minitfe import nest
from minitfe.conversion import convert_to_tensor, eager_tensor, resolve
from minitfe.data.dataset import Dataset
from minitfe.data.iterator import Iterator as DatasetIterator
from minitfe.ops import arguments, array, random
from minitfe.ops.generate import range as number_range
from minitfe.tensor import Tensor


class Batch(NamedTuple):
    """Some examples.

    Attributes:
        x: the inputs, tensors in the structure that the model takes.
        y: the targets, in the structure that it returns; None where there are none.
        weight: how much each example counts; None where all count the same.
    """

    x: Any
    y: Any
    weight: Any

    @property
    def size(self) -> int:
        """The number of examples."""
        return int(nest.flatten(self.x)[0].shape[0])


class Arrays:
    """Examples in arrays that have an axis for them.

    Args:
        x, y: arrays, or nested structures of them.
        weight: one number per example, or None.
        class_weight: a weight per class, by class number, or None.

    Raises:
        ValueError: where they have not the same number of examples.
    """

    def __init__(self, x: Any, y: Any, weight: Any = None, class_weight: Any = None) -> None:
        self.x = _read(x)
        self.y = None if y is None else _read(y)
        self.weight = None if weight is None else np.asarray(_as_array(weight)).reshape(-1)
        self.size = _common_size(self.x, "input arrays (x)")
        if self.y is not None:
            self._require_size(_common_size(self.y, "target arrays (y)"), "target")
        if self.weight is not None:
            self._require_size(len(self.weight), "sample_weight")
        if class_weight is not None:
            of_class = _weights_by_class(self.y, class_weight)
            self.weight = of_class if self.weight is None else of_class * self.weight

    def _require_size(self, size: int, what: str) -> None:
        if size != self.size:
            raise ValueError(
                f"Input arrays should have the same number of samples as {what} arrays. Found {self.size} input samples"
                f" and {size} {what} samples."
            )

    def split(self, share: float) -> tuple[Arrays, Arrays]:
        """Returns all but the last share of the examples, and these."""
        first = int(self.size * (1 - share))
        if not 0 < first < self.size:
            raise ValueError(
                f"validation_split={share} of {self.size} examples leaves none to train on, or none to validate on."
            )
        return self._part(slice(first)), self._part(slice(first, None))

    def _part(self, rows: Any) -> Arrays:
        def cut(values: Any) -> Any:
            return None if values is None else nest.map_structure(lambda a: a[rows], values)

        return Arrays(cut(self.x), cut(self.y), cut(self.weight))

    def steps(self, batch_size: int) -> int:
        """The number of batches, of which the last may be smaller."""
        return -(-self.size // batch_size)

    def batches(self, batch_size: int, shuffle: Any = False) -> Iterator[Batch]:
        """Yields all examples once, in their order or in a random one."""
        order = _order(self.size, batch_size, shuffle)
        for start in range(0, self.size, batch_size):
            part = self._part(order[start : start + batch_size])
            weight = None if part.weight is None else eager_tensor(part.weight)
            y = None if part.y is None else nest.map_structure(eager_tensor, part.y)
            yield Batch(nest.map_structure(eager_tensor, part.x), y, weight)


def _read(values: Any) -> Any:
    """Arrays in the structure that they came in. A list of numbers is one array, one of arrays stays a list."""
    if any(hasattr(leaf, "shape") for leaf in nest.flatten(values)):
        return nest.map_structure(_as_array, values)
    return _as_array(values)


def _as_array(value: Any) -> np.ndarray[Any, Any]:
    """A numpy array of at least two axes, floats as float32: what Keras makes of all that it is given."""
    value = resolve(value)
    read = np.asarray(value.numpy() if isinstance(value, Tensor) else convert_to_tensor(value).numpy())
    if read.ndim == 0:
        raise ValueError(f"Data must have an axis for the examples; {value!r} is a single number.")
    if read.dtype == np.float64 and not isinstance(value, Tensor):
        read = read.astype(np.float32)
    return read[:, np.newaxis] if read.ndim == 1 else read


def _common_size(values: Any, what: str) -> int:
    sizes = {len(leaf) for leaf in nest.flatten(values)}
    if len(sizes) != 1:
        shapes = [leaf.shape for leaf in nest.flatten(values)]
        raise ValueError(f"All {what} should have the same number of samples. Got array shapes: {shapes}")
    if sizes == {0}:
        raise ValueError(f"The {what} have no examples.")
    return sizes.pop()


def _weights_by_class(y: Any, class_weight: Any) -> np.ndarray[Any, Any]:
    if not isinstance(class_weight, dict) or not isinstance(y, np.ndarray):
        raise ValueError(
            "class_weight must be a dictionary from class numbers to weights, for a model with one output."
        )
    classes = y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0].astype(int)
    missing = sorted(set(classes.tolist()) - set(class_weight))
    if missing:
        raise ValueError(f"`class_weight` must contain all classes in the data. The classes {missing} are missing.")
    return np.array([class_weight[number] for number in classes.tolist()], np.float32)


def _order(size: int, batch_size: int, shuffle: Any) -> np.ndarray[Any, Any]:
    """The numbers of the examples in the order in which they come; shuffle='batch' shuffles whole batches."""
    if not shuffle:
        return np.arange(size)
    if shuffle == "batch":
        whole = np.arange(size // batch_size * batch_size).reshape(-1, batch_size)
        mixed = random.random_shuffle(number_range(len(whole))).numpy() if len(whole) else np.arange(0)
        return np.append(whole[mixed], np.arange(whole.size, size))
    return random.random_shuffle(number_range(size)).numpy()


class Elements:
    """Batches that a dataset, or an iterator of one, brings: (x, y), (x, y, weight), or x alone.

    Args:
        source: the dataset.
        count: how many batches make an epoch; None for all there are.
        anew: whether each epoch begins at the start of a dataset, also where it has a count. To validate on the same
            batches each time makes the epochs comparable.
    """

    def __init__(self, source: Any, count: int | None, anew: bool = False) -> None:
        self.source = source
        self.count = count
        self._anew = anew or count is None
        self._iterator = iter(source)
        self._is_new = True

    def steps(self, batch_size: int) -> int | None:
        """The number of batches in an epoch; None where it is not known."""
        return self.count

    def batches(self, batch_size: int, shuffle: Any = False) -> Iterator[Batch]:
        """Yields the batches of an epoch: from the start of the dataset, or the next ones of a run through it."""
        if self._anew and not self._is_new:
            self._iterator = iter(self.source)
        self._is_new = False
        for element in islice(self._iterator, self.count):
            yield _as_batch(element)


def _as_batch(element: Any) -> Batch:
    parts = element if isinstance(element, tuple) else (element,)
    if not 1 <= len(parts) <= 3:
        raise ValueError(
            "Please provide model inputs as a list or tuple of 2 or 3 elements: (input, target) or (input, target,"
            f" sample_weights). Received {element}"
        )
    x, y, weight = (*parts, None, None)[:3]
    return Batch(nest.map_structure(_with_two_axes, x), nest.map_structure(_with_two_axes, y), weight)


def _with_two_axes(x: Any) -> Any:
    return array.expand_dims(x, 1) if x is not None and x.shape.ndims == 1 else x


Feed = Arrays | Elements


def at_least_one(value: Any, what: str) -> int:
    """Reads a number of things of which there must be one.

    Raises:
        TypeError: for what is no integer.
        ValueError: for less than 1.
    """
    number = arguments.integer(value, what)
    if number < 1:
        raise ValueError(f"{what} must be at least 1, not {value!r}")
    return number


def feed(
    x: Any, y: Any = None, weight: Any = None, class_weight: Any = None, steps: int | None = None, anew: bool = False
) -> Feed:
    """Returns what brings the batches.

    Args:
        x: arrays, or a dataset.
        y, weight, class_weight: see `Arrays`; a dataset has targets and weights in its elements.
        steps: how many batches of a dataset make an epoch.
        anew: see `Elements`.

    Raises:
        ValueError: for what does not go together.
    """
    if isinstance(x, (Dataset, DatasetIterator)):
        if y is not None or weight is not None or class_weight is not None:
            raise ValueError("A dataset brings targets and weights in its elements; y and weights must be left out.")
        return Elements(x, None if steps is None else at_least_one(steps, "steps"), anew)
    if x is None:
        raise ValueError("There is no data: x is None. Pass arrays or a tf.data.Dataset.")
    return Arrays(x, y, weight, class_weight)
