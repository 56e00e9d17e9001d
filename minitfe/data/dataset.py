"""Datasets: descriptions of pipelines. Nothing is computed until an iterator asks.

    Dataset.from_tensor_slices(images).shuffle(1000).map(decode).batch(32).prefetch(1)

A `Dataset` is a function that gives elements, for a run and from any element on (`minitfe.data.stages`), and what is
known of them beforehand: how many there are, and their dtypes and shapes. Each method returns a new dataset around the
old one. TensorFlow: tf.data.Dataset.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import count as counting
from itertools import islice
from typing import Any

import numpy as np

from minitfe import dtypes, errors
from minitfe.context import outside
from minitfe.conversion import eager_tensor
from minitfe.data import ahead, batches, cache, elements, sources, specs, stages
from minitfe.data.elements import Element, Spec, leaves, map_leaves
from minitfe.data.graph_iterator import GraphIterator
from minitfe.data.iterator import Iterator
from minitfe.data.records import compression
from minitfe.data.runs import Run, Shuffling, UserFunction, new_run
from minitfe.data.stages import UNKNOWN, Elements, Length, Start
from minitfe.graph.graph import Graph
from minitfe.ops import arguments, random
from minitfe.shapes import TensorShape
from minitfe.tensor import Tensor

AUTOTUNE = -1
"""Let minitfe choose how much is done at once, or ahead."""

CALLS_AT_ONCE, ELEMENTS_AHEAD = 4, 2  # what it chooses


class Dataset:
    """A sequence of elements, each a tensor or a nested structure (tuple, named tuple, dictionary) of tensors.

    Made by the class methods, by `TextLineDataset` and its kin, and by the transformations of another dataset.

    >>> dataset = tf.data.Dataset.range(10).filter(lambda x: x % 2 < 1).map(lambda x: x * x).batch(2)
    >>> for batch in dataset:
    ...     print(batch.numpy())
    [0 4]
    [16 36]
    [64]
    """

    def __init__(
        self,
        start: Start,
        spec: Callable[[], Any],
        length: Length = UNKNOWN,
        table: Element = None,
        settled: bool = True,
    ) -> None:
        self._start = start
        self._spec = spec
        self._length = length
        self._table = table  # where `_start` gives places, the arrays that they are places in
        self._settled = settled  # whether the spec is known without calling functions of the user's
        self._device: str | None = None  # where its tensors shall be, if not on that of the scope

    def _elements(self, run: Run, start: int) -> Elements:
        """The elements of a run, from one of them on: numpy's arrays in their structures."""
        given = self._start(run, start)
        return given if self._table is None else stages.places_to_elements(self._table, given)

    def _same(
        self, start: Start, length: Length, on_places: bool = False, spec: Callable[[], Any] | None = None
    ) -> Dataset:
        """A dataset of elements like this one's."""
        return Dataset(start, spec or self._spec, length, self._table if on_places else None, self._settled)

    # ------------------------------------------------------------------------------------------------------- sources

    @staticmethod
    def from_tensors(tensors: Any) -> Dataset:
        """Returns a dataset of one element.

        >>> [x.numpy() for x in tf.data.Dataset.from_tensors([1, 2])]
        [array([1, 2], dtype=int32)]
        """
        element = elements.from_values(tensors)
        return Dataset(lambda run, start: islice([element], start, None), lambda: specs.spec_of(element), 1)

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Dataset:
        """Returns a dataset of the slices of tensors along their first axis.

        Args:
            tensors: tensors, arrays or lists in a structure; all equally long. They are copied.

        Raises:
            ValueError: where one has no axis, or another length.

        >>> dataset = tf.data.Dataset.from_tensor_slices(([1, 2], ['a', 'b']))
        >>> [(x.numpy(), y.numpy()) for x, y in dataset]
        [(np.int32(1), b'a'), (np.int32(2), b'b')]
        """
        return Dataset(*_of_table(elements.from_values(tensors), "from_tensor_slices"))

    @staticmethod
    def range(*args: Any) -> Dataset:
        """Returns a dataset of int64 numbers, with the arguments of Python's range.

        >>> [int(x) for x in tf.data.Dataset.range(2, 10, 3)]
        [2, 5, 8]
        """
        if not 1 <= len(args) <= 3:
            raise ValueError(f"Invalid arguments to RangeDataset: {args!r}; it takes one to three integers.")
        numbers = [arguments.integer(value, "range") for value in args]
        if len(numbers) == 3 and numbers[2] == 0:
            raise errors.InvalidArgumentError("step must be a non-zero integer.")
        if any(not dtypes.int64.min <= number <= dtypes.int64.max for number in numbers):
            raise errors.InvalidArgumentError(f"The numbers of a range must fit into int64: {args!r} do not.")
        values = range(*numbers)
        length = max(0, -((values.start - values.stop) // values.step))
        return Dataset(lambda run, first: map(_int64, values[first:]), _spec_of_int64, length)

    @staticmethod
    def from_generator(
        generator: Callable[..., Any], output_types: Any, output_shapes: Any = None, args: Any = None
    ) -> Dataset:
        """Returns a dataset of what a generator yields.

        Args:
            generator: called anew for each pass; returns something to iterate over.
            output_types: the dtypes of an element's tensors, in its structure.
            output_shapes: their shapes, in the same structure; not checked where not given.
            args: tensors that the generator gets, as numpy arrays.

        Raises:
            TypeError: where the generator cannot be called.
            InvalidArgumentError: in the iteration, where an element is not as announced.

        >>> def squares():
        ...     for i in range(3):
        ...         yield i * i
        >>> [int(x) for x in tf.data.Dataset.from_generator(squares, tf.int32)]
        [0, 1, 4]
        """
        if not callable(generator):
            raise TypeError("`generator` must be callable.")
        announced = specs.specs_of(output_types, output_shapes)
        given = tuple(elements.from_values(value) for value in args or ())

        def start(run: Run, first: int) -> Elements:
            return islice(sources.generated(generator, given, announced), first, None)

        return Dataset(start, lambda: announced)

    @staticmethod
    def zip(datasets: Any) -> Dataset:
        """Returns a dataset whose elements hold an element of each dataset; it ends with the shortest.

        Args:
            datasets: datasets in a structure, which that of the elements will be.

        Raises:
            TypeError: where it is a list, or holds something else.

        >>> numbers = tf.data.Dataset.range(3)
        >>> [(int(x), int(y)) for x, y in tf.data.Dataset.zip((numbers, numbers.skip(1)))]
        [(0, 1), (1, 2)]
        """
        flat = leaves(datasets)
        if not flat or not all(isinstance(dataset, Dataset) for dataset in flat):
            raise TypeError(
                "The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects."
                f" Nested structures do not support Python lists; please use a tuple instead. It was {datasets!r}."
            )
        numbered = specs.packed(datasets, range(len(flat)))

        def start(run: Run, first: int) -> Elements:
            inputs = [dataset._elements(run.branch(i), first) for i, dataset in enumerate(flat)]
            return stages.zipped(inputs, lambda parts: map_leaves(parts.__getitem__, numbered))

        return Dataset(
            start,
            lambda: map_leaves(lambda dataset: dataset._spec(), datasets),
            _shortest([dataset._length for dataset in flat]),
            settled=all(dataset._settled for dataset in flat),
        )

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: int | None = None) -> Dataset:
        """Returns a dataset of the names of files that match a pattern such as ``"data/*.csv"``.

        Args:
            file_pattern: a pattern, or several.
            shuffle: whether their order is random, which it is unless this is False. Else they are sorted.
            seed: the seed of the order.

        Raises:
            NotFoundError: where there are no such files.
        """
        paths = sources.matching(file_pattern)
        dataset = Dataset.from_tensor_slices(paths)
        return dataset if shuffle is False else dataset.shuffle(len(paths), seed)

    # ----------------------------------------------------------------------------------------- which, and in what order

    def take(self, count: Any) -> Dataset:
        """Returns a dataset of the first elements; of all where count is -1.

        >>> [int(x) for x in tf.data.Dataset.range(10).take(3)]
        [0, 1, 2]
        """
        number = _count(count, "count")

        def start(run: Run, first: int) -> Elements:
            return islice(self._start(run, first), None if number == math.inf else max(int(number) - first, 0))

        return self._same(start, _shortest([self._length, number]), on_places=True)

    def skip(self, count: Any) -> Dataset:
        """Returns a dataset of all but the first elements; of none where count is -1.

        >>> [int(x) for x in tf.data.Dataset.range(5).skip(3)]
        [3, 4]
        """
        number = _count(count, "count")
        if number == math.inf:
            return self.take(0)
        left = self._length - number
        return self._same(
            lambda run, first: self._start(run, first + int(number)),
            left if math.isnan(left) else max(left, 0),
            on_places=True,
        )

    def repeat(self, count: Any = None) -> Dataset:
        """Returns a dataset that goes through this one several times; for ever where count is None or -1.

        >>> [int(x) for x in tf.data.Dataset.range(2).repeat(2)]
        [0, 1, 0, 1]
        """
        times = math.inf if count is None else _count(count, "count")
        length = 0 if 0 in (times, self._length) else self._length * times
        return self._same(partial(stages.repeat, self._start, self._length, times), length, on_places=True)

    def shuffle(
        self, buffer_size: Any, seed: int | None = None, reshuffle_each_iteration: bool | None = None
    ) -> Dataset:
        """Returns a dataset of the same elements in random order.

        A buffer is filled; each time, one of its elements is chosen and replaced by the next. For a uniform order the
        buffer must be as large as the dataset.

        Args:
            buffer_size: how many elements are held.
            seed: with a seed, each iterator gives the same order; see also `tf.set_random_seed`.
            reshuffle_each_iteration: whether each repetition has an order of its own; it has unless this is False.

        >>> sorted(int(x) for x in tf.data.Dataset.range(5).shuffle(5))
        [0, 1, 2, 3, 4]
        """
        size = _positive(buffer_size, "buffer_size")
        reshuffle = reshuffle_each_iteration is not False
        own = None if seed is None else arguments.integer(seed, "seed")
        shuffling = Shuffling(own, None if reshuffle else random.next_seed(), reshuffle)

        def start(run: Run, first: int) -> Elements:
            given = stages.shuffle(self._start(run.branch(-1), 0), size, shuffling, run)
            return islice(given, first, None)

        return self._same(start, self._length, on_places=True)

    def filter(self, predicate: Callable[..., Any]) -> Dataset:
        """Returns a dataset of the elements for which a function returns True.

        Args:
            predicate: takes tensors as in `map`, and returns a scalar bool.

        >>> [int(x) for x in tf.data.Dataset.range(6).filter(lambda x: x > 3)]
        [4, 5]
        """
        _callable(predicate, "predicate")

        def start(run: Run, first: int) -> Elements:
            chosen = stages.filtered(self._elements(run.branch(-1), 0), UserFunction(predicate, run))
            return islice(chosen, first, None)

        return self._same(start, UNKNOWN)

    def shard(self, num_shards: Any, index: Any) -> Dataset:
        """Returns a dataset of every num_shards-th element, beginning with the one of this index.

        >>> [int(x) for x in tf.data.Dataset.range(7).shard(3, 1)]
        [1, 4]
        """
        count, place = arguments.integer(num_shards, "num_shards"), arguments.integer(index, "index")
        if count < 1:
            raise ValueError(f"num_shards must be >= 1; got: {count}")
        if not 0 <= place < count:
            raise ValueError(f"index must be >= 0 and < num_shards; got: {place} of {count}")

        def start(run: Run, first: int) -> Elements:
            return islice(self._start(run, first * count + place), None, None, count)

        length = self._length if not math.isfinite(self._length) else max(0, -((place - int(self._length)) // count))
        return self._same(start, length, on_places=True)

    def concatenate(self, dataset: Dataset) -> Dataset:
        """Returns a dataset of all elements of this one, then all of another.

        Raises:
            TypeError: where the other has elements of other dtypes.
            ValueError: where they have another structure.

        >>> [int(x) for x in tf.data.Dataset.range(2).concatenate(tf.data.Dataset.range(2))]
        [0, 1, 0, 1]
        """
        if not isinstance(dataset, Dataset):
            raise TypeError(f"concatenate takes a Dataset, not {dataset!r}.")
        if self._settled and dataset._settled:
            specs.common(self._spec(), dataset._spec())
        start = partial(stages.concatenate, self._elements, self._length, dataset._elements)
        return Dataset(
            start,
            lambda: specs.common(self._spec(), dataset._spec()),
            self._length + dataset._length,
            settled=self._settled and dataset._settled,
        )

    # ------------------------------------------------------------------------------------------------------ one to one

    def map(self, map_func: Callable[..., Any], num_parallel_calls: Any = None) -> Dataset:
        """Returns a dataset of what a function makes of each element.

        Args:
            map_func: takes a tensor; several where elements are tuples; a dictionary or named tuple as a whole.
                Returns tensors in any structure. It runs on the CPU, unheard by tapes, and its random ops draw by the
                number of the element.
            num_parallel_calls: how many threads call it at a time; `AUTOTUNE` chooses. The order stays.

        >>> [int(x) for x in tf.data.Dataset.range(4).map(lambda x: x * 10)]
        [0, 10, 20, 30]
        """
        _callable(map_func, "map_func")
        threads = (
            1 if num_parallel_calls is None else _chosen(num_parallel_calls, "num_parallel_calls", CALLS_AT_ONCE, 1)
        )

        def start(run: Run, first: int) -> Elements:
            source = self._elements(run.branch(-1), first)
            if threads == 1:
                return stages.mapped(source, UserFunction(map_func, run), first)
            return ahead.mapped_in_parallel(source, [UserFunction(map_func, run) for _ in range(threads)], first)

        def spec() -> Any:
            return _spec_by_tracing(self, map_func) or _spec_by_trying(start)

        return Dataset(start, spec, self._length, settled=False)

    def enumerate(self, start: Any = 0) -> Dataset:
        """Returns a dataset of pairs: a number, counted from start, and an element.

        >>> [(int(i), int(x)) for i, x in tf.data.Dataset.range(7, 9).enumerate()]
        [(0, 7), (1, 8)]
        """
        begin = arguments.integer(start, "start")
        numbers = Dataset(lambda run, first: map(_int64, counting(begin + first)), _spec_of_int64, math.inf)
        return Dataset.zip((numbers, self))

    def cache(self, filename: Any = "") -> Dataset:
        """Returns a dataset that computes its elements once, and remembers them.

        Args:
            filename: a file to keep them in, also for later programs; by default they are kept in memory.

        >>> [int(x) for x in tf.data.Dataset.range(3).cache()]
        [0, 1, 2]
        """
        path = sources.file_names(filename)[0]
        kept_in = partial(cache.cached_in_file, path=path) if path else partial(cache.cached, memory=cache.Memory())
        return self._same(lambda run, first: kept_in(self._elements, run=run, start=first), self._length)

    def prefetch(self, buffer_size: Any) -> Dataset:
        """Returns a dataset whose elements a thread computes while the program works on earlier ones.

        Args:
            buffer_size: how many are computed ahead; `AUTOTUNE` chooses, 0 computes none.

        >>> [int(x) for x in tf.data.Dataset.range(3).prefetch(1)]
        [0, 1, 2]
        """
        size = _chosen(buffer_size, "buffer_size", ELEMENTS_AHEAD, 0)
        if size == 0:
            return self
        return self._same(lambda run, first: ahead.prefetched(self._elements(run, first), size), self._length)

    # ---------------------------------------------------------------------------------------------------- many into one

    def batch(self, batch_size: Any, drop_remainder: Any = False) -> Dataset:
        """Returns a dataset of batches: elements stacked along a new first axis.

        Args:
            batch_size: how many elements make a batch.
            drop_remainder: whether a last batch that is smaller is left out.

        Raises:
            InvalidArgumentError: in the iteration, where elements differ in shape.

        >>> [x.numpy().tolist() for x in tf.data.Dataset.range(5).batch(2)]
        [[0, 1], [2, 3], [4]]
        """
        join = stages.batch if self._table is None else partial(stages.batch_rows, self._table)
        return self._in_batches(batch_size, drop_remainder, self._start, join, self._spec)

    def padded_batch(
        self, batch_size: Any, padded_shapes: Any, padding_values: Any = None, drop_remainder: Any = False
    ) -> Dataset:
        """Returns a dataset of batches of elements that may differ in size: each is first padded at its ends.

        Args:
            batch_size: how many elements make a batch.
            padded_shapes: the shape that each component is padded to, in the structure of the elements. None, or -1,
                stands for the largest size in the batch.
            padding_values: scalars, in the structure of the elements; 0 and the empty string by default.
            drop_remainder: whether a last batch that is smaller is left out.

        Raises:
            DataLossError: in the iteration, where an element is larger than its padded shape.
            InvalidArgumentError: where it has another number of axes.

        >>> numbers = tf.data.Dataset.range(1, 4).map(lambda n: tf.fill([n], n))
        >>> next(iter(numbers.padded_batch(3, [None]))).numpy()
        array([[1, 0, 0],
               [2, 2, 0],
               [3, 3, 3]])
        """
        spec = self._spec()
        shapes = batches.padded_shapes_of(padded_shapes, spec)
        values = batches.padding_values_of(padding_values, spec)
        join = partial(stages.batch, join=partial(batches.pad_and_stack, shapes=shapes, values=values))
        packed = specs.packed(spec, [Spec(old.dtype, TensorShape(shape)) for old, shape in zip(leaves(spec), shapes)])
        return self._in_batches(batch_size, drop_remainder, self._elements, join, lambda: packed)

    def _in_batches(self, batch_size: Any, drop: Any, source: Start, join: Any, spec: Callable[[], Any]) -> Dataset:
        size = arguments.integer(batch_size, "batch_size")
        if size < 1:
            raise errors.InvalidArgumentError(f"Batch size must be greater than zero, not {size}.")
        dropping = bool(drop)
        batched_length = self._length / size
        if math.isfinite(batched_length):
            batched_length = int(self._length) // size if dropping else math.ceil(batched_length)
        return self._same(
            lambda run, first: join(source(run, first * size), size=size, drop_remainder=dropping),
            batched_length,
            spec=lambda: specs.batched(spec(), size if dropping else None),
        )

    # ---------------------------------------------------------------------------------------------------- one to many

    def flat_map(self, map_func: Callable[..., Any]) -> Dataset:
        """Returns a dataset of all elements of the datasets that a function makes of the elements, one after another.

        >>> [int(x) for x in tf.data.Dataset.range(4).flat_map(lambda n: tf.data.Dataset.range(n))]
        [0, 0, 1, 0, 1, 2]
        """
        return self._opened(map_func, stages.flat)

    def interleave(
        self, map_func: Callable[..., Any], cycle_length: Any, block_length: Any = 1, num_parallel_calls: Any = None
    ) -> Dataset:
        """Returns a dataset that takes turns among the datasets that a function makes of the elements.

        Args:
            map_func: takes tensors as in `map`, and returns a Dataset.
            cycle_length: how many of these are open at a time.
            block_length: how many elements of one come before it is the next one's turn.
            num_parallel_calls: accepted; they are read one at a time.

        >>> letters = tf.data.Dataset.from_tensor_slices(['a', 'b', 'c'])
        >>> repeated = letters.interleave(lambda x: tf.data.Dataset.from_tensors(x).repeat(3), 2, 2)
        >>> b''.join(x.numpy() for x in repeated)
        b'aabbabccc'
        """
        cycle, block = _positive(cycle_length, "cycle_length"), _positive(block_length, "block_length")
        return self._opened(map_func, partial(stages.interleave, cycle=cycle, block=block))

    def _opened(self, map_func: Callable[..., Any], join: Callable[..., Elements]) -> Dataset:
        _callable(map_func, "map_func")

        def start(run: Run, first: int) -> Elements:
            function = UserFunction(map_func, run)

            def open_one(number: int, element: Element) -> Elements:
                return _as_dataset(function(number, element))._elements(run.epoch(number), 0)

            return islice(join(self._elements(run.branch(-1), 0), open_one), first, None)

        return Dataset(start, lambda: _spec_by_trying(start), settled=False)

    def _on_device(self, device: str) -> Dataset:
        dataset = self._same(self._elements, self._length)
        dataset._device = device
        return dataset

    def _unbatched(self) -> Dataset:
        return self._same(
            lambda run, first: islice(stages.unbatched(self._elements(run, 0)), first, None),
            UNKNOWN,
            spec=lambda: specs.unbatched(self._spec()),
        )

    # ------------------------------------------------------------------------------------------------------ as a whole

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """Returns what a function makes of this dataset, such as those of `tf.data.experimental`.

        >>> [x.numpy().tolist() for x in tf.data.Dataset.range(4).apply(lambda dataset: dataset.batch(2))]
        [[0, 1], [2, 3]]
        """
        _callable(transformation_func, "transformation_func")
        dataset = transformation_func(self)
        if not isinstance(dataset, Dataset):
            raise TypeError(f"`transformation_func` must return a Dataset. Got {dataset!r}.")
        return dataset

    def reduce(self, initial_state: Any, reduce_func: Callable[[Any, Any], Any]) -> Any:
        """Returns what is left of all elements when a function takes them in, one by one.

        Args:
            initial_state: tensors in any structure.
            reduce_func: takes a state and an element, and returns the next state.

        >>> int(tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda sum, x: sum + x))
        10
        """
        _callable(reduce_func, "reduce_func")
        state = elements.from_values(initial_state)
        run = new_run()
        function = UserFunction(reduce_func, run)
        for number, element in enumerate(self._elements(run.branch(-1), 0)):
            state = elements.from_result(function(number, (state, element)))
        return map_leaves(eager_tensor, state)

    def __iter__(self) -> Iterator:
        return Iterator(self, self._device)

    def make_one_shot_iterator(self) -> Iterator | GraphIterator:
        """Returns an iterator, in eager execution the same as ``iter(dataset)``.

        In a graph its `get_next` returns tensors that have the next element each time they are run.

        >>> tf.data.Dataset.range(3).make_one_shot_iterator().get_next().numpy()
        np.int64(0)
        """
        return iter(self) if outside() is None else GraphIterator(self, begun=True)

    def make_initializable_iterator(self, shared_name: str | None = None) -> GraphIterator:
        """Returns an iterator of a graph that begins anew each time its `initializer` is run.

        Raises:
            RuntimeError: in eager execution.

        >>> with tf.Graph().as_default(), tf.Session() as session:
        ...     iterator = tf.data.Dataset.range(3).make_initializable_iterator()
        ...     session.run(iterator.initializer)
        ...     print(session.run(iterator.get_next()))
        0
        """
        if outside() is None:
            raise RuntimeError(
                "dataset.make_initializable_iterator is not supported when eager execution is enabled."
                " Write `for element in dataset`, or use make_one_shot_iterator."
            )
        return GraphIterator(self, begun=False)

    @property
    def output_types(self) -> Any:
        """The dtypes of an element's tensors, in its structure. Behind a `map`, its function is called to find out."""
        return map_leaves(lambda spec: spec.dtype, self._spec())

    @property
    def output_shapes(self) -> Any:
        """The shapes of an element's tensors, as far as they are known, in its structure."""
        return map_leaves(lambda spec: spec.shape, self._spec())

    @property
    def output_classes(self) -> Any:
        """`tf.Tensor` for each tensor of an element, in its structure."""
        return map_leaves(lambda spec: Tensor, self._spec())

    def __repr__(self) -> str:
        if not self._settled:
            return f"<{type(self).__name__}: shapes and types are known when it runs>"
        return f"<{type(self).__name__} shapes: {_shown(self.output_shapes)}, types: {_shown(self.output_types)}>"


# -------------------------------------------------------------------------------------------------------------- files


class TextLineDataset(Dataset):
    r"""The lines of text files, as strings without what ends them.

    Args:
        filenames: a file name, or several in a list or tensor.
        compression_type: "GZIP", "ZLIB" or "".
        buffer_size: accepted, without effect.

    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), 'two.txt')
    >>> with open(path, 'w') as file:
    ...     file.write('first\nsecond\n')
    13
    >>> [line.numpy() for line in tf.data.TextLineDataset(path)]
    [b'first', b'second']
    """

    def __init__(self, filenames: Any, compression_type: Any = None, buffer_size: Any = None) -> None:
        read = partial(sources.text_lines, sources.file_names(filenames), compression(compression_type))
        super().__init__(*_of_strings(read))


class TFRecordDataset(Dataset):
    """The records of TFRecord files, as strings. Their checksums are compared.

    Args:
        filenames: a file name, or several in a list or tensor.
        compression_type: "GZIP", "ZLIB" or "".
        buffer_size, num_parallel_reads: accepted, without effect.

    Raises:
        DataLossError: in the iteration, at a damaged record.
    """

    def __init__(
        self, filenames: Any, compression_type: Any = None, buffer_size: Any = None, num_parallel_reads: Any = None
    ) -> None:
        read = partial(sources.tf_records, sources.file_names(filenames), compression(compression_type))
        super().__init__(*_of_strings(read))


class FixedLengthRecordDataset(Dataset):
    """Records of equally many bytes, as strings; see `tf.decode_raw`.

    Args:
        filenames: a file name, or several in a list or tensor.
        record_bytes: the size of a record.
        header_bytes, footer_bytes: what is to be skipped at the beginning and the end of each file.
        buffer_size: accepted, without effect.

    Raises:
        InvalidArgumentError: in the iteration, where a file does not hold a whole number of records.
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
    ) -> None:
        size = _positive(record_bytes, "record_bytes")
        header, footer = (
            _at_least_zero(n, what) for n, what in ((header_bytes, "header_bytes"), (footer_bytes, "footer_bytes"))
        )
        read = partial(sources.fixed_length_records, sources.file_names(filenames), size, header, footer)
        super().__init__(*_of_strings(read))


class IdxDataset(Dataset):
    """The slices of IDX files, the format of MNIST; read at once, decompressed where they are gzip's.

    Args:
        filenames: a file name, or a structure of them: ``IdxDataset((images, labels))`` has pairs as elements.

    Raises:
        NotFoundError: where a file is not there.
        DataLossError: where it is damaged.
    """

    def __init__(self, filenames: Any) -> None:
        super().__init__(*_of_table(map_leaves(sources.read_idx, filenames), "IdxDataset"))


def _of_table(table: Element, function: str) -> tuple[Start, Callable[[], Any], Length, Element]:
    length = elements.sliced(table, function)
    spec = specs.unbatched(specs.spec_of(table))
    return lambda run, start: iter(range(start, length)), lambda: spec, length, table


def _int64(number: int) -> Element:
    return np.array(number, np.int64)


def _spec_of_int64() -> Any:
    return Spec(dtypes.int64, TensorShape([]))


def _of_strings(read: Callable[[], Elements]) -> tuple[Start, Callable[[], Any]]:
    return lambda run, start: islice(read(), start, None), lambda: Spec(dtypes.string, TensorShape([]))


# ------------------------------------------------------------------------------------------------------------ settings


def _count(value: Any, what: str) -> float:
    """A number of elements or times; a negative one stands for all there are."""
    number = arguments.integer(value, what)
    return math.inf if number < 0 else number


def _positive(value: Any, what: str) -> int:
    number = arguments.integer(value, what)
    if number < 1:
        raise errors.InvalidArgumentError(f"{what} must be greater than zero, not {number}.")
    return number


def _at_least_zero(value: Any, what: str) -> int:
    number = 0 if value is None else arguments.integer(value, what)
    if number < 0:
        raise errors.InvalidArgumentError(f"{what} must be >= 0, not {number}.")
    return number


def _chosen(value: Any, what: str, choice: int, least: int) -> int:
    number = arguments.integer(value, what)
    if number == AUTOTUNE:
        return choice
    if number < least:
        raise errors.InvalidArgumentError(f"{what} must be >= {least}, or AUTOTUNE, not {number}.")
    return number


def _callable(function: Any, what: str) -> None:
    if not callable(function):
        raise TypeError(f"`{what}` must be callable, not {function!r}.")


def _as_dataset(value: Any) -> Dataset:
    if not isinstance(value, Dataset):
        raise TypeError(f"`map_func` must return a `Dataset` object. Got {type(value)}.")
    return value


def _shortest(lengths: list[Length]) -> Length:
    return 0 if 0 in lengths else UNKNOWN if any(map(math.isnan, lengths)) else min(lengths)


# --------------------------------------------------------------------------------------------- specs behind functions


def _spec_by_tracing(dataset: Dataset, function: Callable[..., Any]) -> Any:
    """The specs of what a function returns, from tensors without a value; None where it needs values."""
    graph = Graph()
    tensors = map_leaves(lambda spec: graph.placeholder(spec.dtype, spec.shape), dataset._spec())
    try:
        with graph.as_default():
            outputs = function(*elements.as_arguments(tensors))
        outputs = tuple(outputs) if isinstance(outputs, list) else outputs
        return map_leaves(lambda x: Spec(x.dtype, x.shape) if isinstance(x, Tensor) else specs.of_value(x), outputs)
    except Exception:  # what is wrong, if anything is, will be said when it runs
        return None


def _spec_by_trying(start: Start) -> Any:
    """The dtypes of the first element; other elements may have other shapes."""
    first = next(start(new_run(), 0), None)
    if first is None:
        raise errors.FailedPreconditionError(
            "The types of this dataset are known only when a function of yours is called, but it has no elements."
        )
    return map_leaves(lambda spec: Spec(spec.dtype, TensorShape(None)), specs.spec_of(first))


def _shown(structure: Any) -> str:
    return str(
        map_leaves(lambda leaf: elements.Text(str(leaf) if isinstance(leaf, TensorShape) else repr(leaf)), structure)
    )
