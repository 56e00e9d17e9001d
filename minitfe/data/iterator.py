"""Iterators: one pass through a dataset, which can be saved and continued elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from minitfe import devices, errors
from minitfe.checkpointable import Checkpointable
from minitfe.context import executing_eagerly
from minitfe.conversion import eager_tensor
from minitfe.data.elements import map_leaves
from minitfe.data.runs import Run, new_run

ENDED = "End of sequence"


class Iterator(Checkpointable):
    """Gives the elements of a dataset as tensors, on the device of the scope that asks for them.

    What a checkpoint keeps of it is the seed of its run and its position. When it is restored, the dataset is asked for
    its elements from that position on. Slices, ranges, map, batch, take, zip, prefetch and repetitions of known length
    compute nothing of what came before. Where an element depends on all before it (shuffle, filter, flat_map,
    interleave, generators, files), they are gone through again; a shuffle of slices moves only their numbers.

    An error in a function of the user's counts as one element: `get_next` can be called again for the one after it.

    Args:
        dataset: a `Dataset`.
        device: where the tensors shall be, if not on the device of the scope.

    Raises:
        TypeError: where it is no dataset.
        RuntimeError: outside of eager execution.

    >>> iterator = tfe.Iterator(tf.data.Dataset.range(3))
    >>> int(iterator.next()), int(iterator.get_next()), [int(x) for x in iterator]
    (0, 1, [2])
    """

    def __init__(self, dataset: Any, device: str | None = None) -> None:
        if not callable(getattr(dataset, "_elements", None)):
            raise TypeError(f"`dataset` must be a `tf.data.Dataset`, not {dataset!r}.")
        if not executing_eagerly():
            raise RuntimeError(
                "dataset.__iter__() is only supported when eager execution is enabled."
                " Call tf.enable_eager_execution() first; iterate outside of functions that are traced."
            )
        self._dataset = dataset
        self._device = None if device is None else devices.find(device)
        self._begin(new_run(), 0)

    def _begin(self, run: Run, position: int) -> None:
        self._run = run
        self._position = position
        self._elements: Any = None

    def __iter__(self) -> Iterator:
        return self

    def __next__(self) -> Any:
        if self._elements is None:
            self._elements = self._dataset._elements(self._run, self._position)
        try:
            element = next(self._elements)
        except StopIteration:
            raise
        except BaseException as error:  # the generators are broken: the next call makes new ones
            self._elements = None
            self._position += isinstance(error, Exception)
            raise
        self._position += 1
        return map_leaves(lambda array: eager_tensor(array, self._device), element)

    def next(self) -> Any:
        """Returns the next element; raises StopIteration at the end."""
        return self.__next__()

    def get_next(self, name: str | None = None) -> Any:
        """Returns the next element.

        Raises:
            OutOfRangeError: at the end.
        """
        try:
            return self.__next__()
        except StopIteration:
            raise errors.OutOfRangeError(ENDED) from None

    @property
    def output_types(self) -> Any:
        """The dtypes of an element's tensors, in its structure."""
        return self._dataset.output_types

    @property
    def output_shapes(self) -> Any:
        """The shapes of an element's tensors, as far as they are known, in its structure."""
        return self._dataset.output_shapes

    @property
    def output_classes(self) -> Any:
        """`tf.Tensor` for each tensor of an element, in its structure."""
        return self._dataset.output_classes

    # ------------------------------------------------------------------------------------------------- checkpoints

    def _save_state(self) -> dict[str, Any]:
        """The seeds of the run and the position."""
        return {
            "position": np.array(self._position, np.int64),
            "seeds": np.array([self._run.program, *self._run.seed], np.uint64),
        }

    def _restore_state(self, state: dict[str, Any]) -> None:
        """Continues where `_save_state` was called, on this iterator or another one of an equal dataset."""
        program, *seed = (int(word) for word in state["seeds"])
        self._begin(Run(program, tuple(seed)), int(state["position"]))
