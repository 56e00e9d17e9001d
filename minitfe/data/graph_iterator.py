"""Iterators of graphs: operations that have the next element of a dataset each time they are run."""

from __future__ import annotations

from typing import Any

from minitfe import errors
from minitfe.context import outside
from minitfe.data.elements import leaves
from minitfe.data.iterator import Iterator
from minitfe.data.specs import packed
from minitfe.graph.session_graph import GraphOperation, SessionGraph
from minitfe.shapes import extents_of
from minitfe.tensor import Tensor


class GraphIterator:
    """A pass through a dataset that the runs of a graph move on. `Dataset.make_one_shot_iterator` makes it there.

    Args:
        dataset: the dataset.
        begun: whether it is at the first element from the start, and not only when it was initialized.

    >>> with tf.Graph().as_default(), tf.Session() as session:
    ...     x = tf.data.Dataset.from_tensor_slices([1., 2.]).make_one_shot_iterator().get_next()
    ...     print(session.run(x), session.run(x))
    1.0 2.0
    """

    def __init__(self, dataset: Any, begun: bool) -> None:
        self._graph: SessionGraph = outside()  # type: ignore[assignment]
        self._dataset = dataset
        self._iterator: Iterator | None = None
        self._begins_itself = begun

    def get_next(self, name: str | None = None) -> Any:
        """Returns tensors that have the next element at each run.

        When they are run, OutOfRangeError is raised at the end, and FailedPreconditionError before the initializer ran.
        """
        types, shapes = leaves(self._dataset.output_types), leaves(self._dataset.output_shapes)
        specifications = [(dtype, extents_of(shape)) for dtype, shape in zip(types, shapes)]
        return packed(self._dataset.output_types, self._graph.call_later(self._next, [], specifications))

    def _next(self) -> list[Tensor]:
        if self._iterator is None:
            if not self._begins_itself:
                raise errors.FailedPreconditionError(
                    "GetNext() failed because the iterator has not been initialized. Ensure that you have run the"
                    " initializer operation for this iterator before getting the next element."
                )
            self._begin()
        return leaves(self._iterator.get_next())  # type: ignore[union-attr]

    @property
    def initializer(self) -> GraphOperation:
        """The operation that goes to the first element.

        Raises:
            ValueError: for an iterator that begins itself, once.
        """
        if self._begins_itself:
            raise ValueError("Iterator does not have an initializer: a one-shot iterator begins itself, and only once.")
        self._graph.call_later(self._begin, [], [])
        return self._graph.latest()

    def _begin(self) -> list[Tensor]:
        self._iterator = Iterator(self._dataset)
        return []

    @property
    def output_types(self) -> Any:
        """The dtypes of an element's tensors, in its structure."""
        return self._dataset.output_types

    @property
    def output_shapes(self) -> Any:
        """The shapes of an element's tensors, as far as they are known, in its structure."""
        return self._dataset.output_shapes
