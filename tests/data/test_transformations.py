"""The transformations of tf.data.Dataset, against plain Python."""

import itertools
from collections import OrderedDict, namedtuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minitfe as tf

Dataset = tf.data.Dataset

sizes = st.integers(0, 12)
counts = st.integers(-1, 12)
positive = st.integers(1, 7)


def values(dataset):
    """The elements as Python's values."""
    return [element.numpy().tolist() for element in dataset]


def numbers(n):
    """0 to n - 1, in the two ways that datasets begin: with rows of a table, and without."""
    return [Dataset.range(n), Dataset.from_tensor_slices(np.arange(n))]


# --------------------------------------------------------------------------------------------- against plain Python


@given(n=sizes, count=counts)
def test_take_and_skip(n, count):
    for dataset in numbers(n):
        whole = list(range(n))
        assert values(dataset.take(count)) == (whole if count < 0 else whole[:count])
        assert values(dataset.skip(count)) == ([] if count < 0 else whole[count:])


@given(n=sizes, times=st.integers(0, 4))
def test_repeat(n, times):
    for dataset in numbers(n):
        assert values(dataset.repeat(times)) == list(range(n)) * times
        assert values(dataset.repeat().take(20)) == (list(range(n)) * 20)[:20]
        assert values(dataset.repeat().repeat(times).take(20)) == (list(range(n)) * 20)[: 20 * bool(times)]


@given(n=sizes, size=positive, drop=st.booleans())
def test_batch(n, size, drop):
    batches = [list(range(i, min(i + size, n))) for i in range(0, n, size)]
    for dataset in numbers(n):
        assert values(dataset.batch(size, drop)) == [b for b in batches if len(b) == size or not drop]


@given(n=sizes, shards=positive, data=st.data())
def test_shard(n, shards, data):
    index = data.draw(st.integers(0, shards - 1))
    for dataset in numbers(n):
        assert values(dataset.shard(shards, index)) == list(range(n))[index::shards]


@given(n=sizes, size=positive, seed=st.integers(0, 5))
def test_shuffle_gives_each_element_once_and_none_too_early(n, size, seed):
    for dataset in numbers(n):
        shuffled = values(dataset.shuffle(size, seed))
        assert sorted(shuffled) == list(range(n))
        assert all(value < place + size for place, value in enumerate(shuffled)), "not in the buffer yet"


@given(m=sizes, n=sizes)
def test_zip_and_concatenate(m, n):
    for first, second in itertools.product(numbers(m), numbers(n)):
        pairs = [(int(x), int(y)) for x, y in Dataset.zip((first, second))]
        assert pairs == list(zip(range(m), range(n)))
        assert values(first.concatenate(second)) == [*range(m), *range(n)]


@given(n=sizes, start=st.integers(-3, 3))
def test_map_filter_and_enumerate(n, start):
    for dataset in numbers(n):
        assert values(dataset.map(lambda x: x * x)) == [x * x for x in range(n)]
        assert values(dataset.filter(lambda x: x > 3)) == [x for x in range(n) if x > 3]
        assert [(int(i), int(x)) for i, x in dataset.enumerate(start)] == list(enumerate(range(n), start))


@given(n=st.integers(0, 5))
def test_flat_map(n):
    expected = [x for i in range(n) for x in range(i)]
    assert values(Dataset.range(n).flat_map(Dataset.range)) == expected


def interleaved(lists, cycle, block):
    """TensorFlow's interleave in plain Python: slots take turns, and an empty slot is filled when its turn comes."""
    waiting, slots, result = list(lists), [None] * cycle, []
    while waiting or any(slot is not None for slot in slots):
        for i in range(cycle):
            if slots[i] is None and waiting:
                slots[i] = list(waiting.pop(0))
            if slots[i] is not None:
                part, slots[i] = slots[i][:block], slots[i][block:]
                result += part
                if len(part) < block:
                    slots[i] = None
    return result


@given(lengths=st.lists(st.integers(0, 5), max_size=6), cycle=st.integers(1, 4), block=st.integers(1, 3))
def test_interleave(lengths, cycle, block):
    lists = [[10 * i + j for j in range(length)] for i, length in enumerate(lengths)]
    starts = np.arange(len(lists)) * 10
    source = Dataset.from_tensor_slices((starts, starts + np.array(lengths, int)))
    dataset = source.interleave(Dataset.range, cycle, block)
    assert values(dataset) == interleaved(lists, cycle, block)


@given(lengths=st.lists(st.integers(0, 4), min_size=1, max_size=6), size=st.integers(1, 3))
def test_padded_batch(lengths, size):
    dataset = (
        Dataset.from_tensor_slices(np.array(lengths)).map(lambda n: tf.fill([n], n)).padded_batch(size, [None], -1)
    )
    for i, batch in enumerate(values(dataset)):
        part = lengths[i * size : (i + 1) * size]
        assert batch == [[n] * n + [-1] * (max(part) - n) for n in part]


@given(n=sizes, start=st.integers(0, 15))
def test_any_pipeline_can_begin_at_any_element(n, start):
    """What a restored iterator relies on."""
    run = tf.data.Iterator(Dataset.range(1))._run
    base = Dataset.from_tensor_slices(np.arange(n))
    pipelines = [
        base.shuffle(4).repeat(3).batch(2),
        base.map(lambda x: x + tf.random_uniform([], 0, 100, tf.int64)).repeat(2),
        base.filter(lambda x: x > 1).repeat(2).enumerate().map(lambda i, x: i * x),
        base.concatenate(base).shard(2, 1).skip(1).take(4),
        base.filter(lambda x: x > 1).concatenate(base),
        base.flat_map(lambda x: Dataset.range(x).shuffle(3)).prefetch(2),
        base.interleave(lambda x: Dataset.range(x), 2, 2).batch(2, True),
        base.shuffle(3).map(lambda x: x * 2, 3).cache().repeat(2),
        Dataset.zip((base, base.shuffle(5))).map(lambda x, y: x * y),
    ]
    for dataset in pipelines:
        whole = [element.tolist() for element in dataset._elements(run, 0)]
        assert [element.tolist() for element in dataset._elements(run, start)] == whole[start:]


@given(n=sizes, size=positive)
def test_what_is_known_of_the_length_is_true(n, size):
    base = Dataset.from_tensor_slices(np.arange(n))
    for dataset in [
        base.batch(size), base.batch(size, True), base.take(size), base.skip(size), base.repeat(size), base.shard(size, 0),
        base.concatenate(base), Dataset.zip((base, base.repeat())).map(lambda x, y: x), base.repeat().take(size), base.map(lambda x: x).cache(),
        base.repeat(0), base.shuffle(size).prefetch(2), Dataset.range(n, 0, -2),
    ]:  # fmt: skip
        length = int(tf.data.experimental.cardinality(dataset))
        if n or length != tf.data.experimental.INFINITE_CARDINALITY:
            assert length == len(values(dataset))
    assert (
        int(tf.data.experimental.cardinality(base.filter(lambda x: True))) == tf.data.experimental.UNKNOWN_CARDINALITY
    )


# ------------------------------------------------------------------------------------------------------- structures

Point = namedtuple("Point", "x y")


def test_tuples_are_taken_apart_and_other_structures_are_not():
    pairs = Dataset.from_tensor_slices(([1, 2], [3, 4]))
    assert values(pairs.map(lambda x, y: x * y)) == [3, 8]
    dictionaries = Dataset.from_tensor_slices({"x": [1, 2], "y": [3, 4]})
    assert values(dictionaries.map(lambda d: d["x"] * d["y"])) == [3, 8]
    points = Dataset.from_tensor_slices(Point([1, 2], [3, 4]))
    assert values(points.map(lambda point: point.x * point.y)) == [3, 8]


@pytest.mark.parametrize(
    "structure",
    [
        {"b": (1, 2.0), "a": [3, 4]},
        Point((1,), {"c": 2}),
        OrderedDict([("z", 1), ("a", (2, 3))]),
        (1, (2, (3,))),
        "text",
    ],
    ids=str,
)
def test_structures_come_out_as_they_went_in(structure):
    def same(element):
        assert type(element) is type(structure) or isinstance(element, tf.Tensor)
        return element

    dataset = Dataset.from_tensors(structure)
    for other in (
        dataset.shuffle(2),
        dataset.map(lambda *x: x if type(structure) is tuple else x[0]),
        dataset.prefetch(1),
    ):
        for element in other:
            same(element)
            assert tf.data.Dataset.from_tensors(element).output_types == dataset.output_types
    (batch,) = dataset.batch(2)
    same(batch)
    (again,) = dataset.batch(2).apply(tf.contrib.data.unbatch())
    assert repr(tf.data.Dataset.from_tensors(again).output_shapes) == repr(dataset.output_shapes)


def test_lists_are_tensors_but_a_list_of_results_is_a_tuple():
    (element,) = Dataset.from_tensors([1, 2])
    assert element.shape == (2,)
    ((x, y),) = Dataset.from_tensors([1, 2]).map(lambda x: [x, x[0]])
    assert x.shape == (2,) and y.shape == ()


def test_variables_and_python_numbers_may_be_returned():
    v = tf.Variable(2.0)
    (pair,) = Dataset.range(1).map(lambda x: (v, 3.5))
    assert [float(x) for x in pair] == [2.0, 3.5]


def test_elements_stay_when_the_arrays_they_came_from_change():
    array = np.zeros([3, 2])
    dataset = Dataset.from_tensor_slices(array)
    array[:] = 1.0
    assert values(dataset) == [[0, 0]] * 3


def test_numpy_of_an_element_is_no_window_into_the_dataset():
    dataset = Dataset.from_tensor_slices(np.zeros([3, 2]))
    for element in dataset:
        element.numpy()[:] = 1.0
    assert values(dataset) == [[0, 0]] * 3


def test_types_shapes_and_classes():
    dataset = Dataset.from_tensor_slices((np.zeros([4, 2], "f4"), ["a"] * 4))
    assert dataset.output_types == (tf.float32, tf.string)
    assert repr(dataset.batch(2).output_shapes) == repr((tf.TensorShape([None, 2]), tf.TensorShape([None])))
    assert dataset.batch(2, True).output_shapes == (tf.TensorShape([2, 2]), tf.TensorShape([2]))
    assert dataset.output_classes == (tf.Tensor, tf.Tensor)
    mapped = dataset.map(lambda x, text: {"sum": tf.reduce_sum(x), "n": 1})
    assert mapped.output_types == {"sum": tf.float32, "n": tf.int32}
    assert mapped.output_shapes == {"sum": tf.TensorShape([]), "n": tf.TensorShape([])}
    assert dataset.map(lambda x, text: float(x[0])).output_types is tf.float32, "a function that needs values"
    assert iter(mapped).output_types == mapped.output_types
    assert repr(dataset) == "<Dataset shapes: ((2,), ()), types: (tf.float32, tf.string)>"


def test_padded_shapes_and_values_in_structures():
    dataset = Dataset.from_tensor_slices([1, 2]).map(lambda n: {"n": n, "text": tf.fill([n, n], "x")})
    (batch,) = dataset.padded_batch(2, {"n": [], "text": [None, 3]}, {"n": 0, "text": "-"})
    assert batch["text"].numpy().tolist() == [
        [[b"x", b"-", b"-"], [b"-", b"-", b"-"]],
        [[b"x", b"x", b"-"], [b"x", b"x", b"-"]],
    ]
    (batch,) = dataset.padded_batch(2, {"n": tf.TensorShape([]), "text": [-1, -1]})
    assert batch["text"].numpy()[0].tolist() == [[b"x", b""], [b"", b""]]


def test_reduce_and_apply():
    assert float(Dataset.range(4).reduce(0.0, lambda sum, x: sum + tf.to_float(x))) == 6.0
    last, count = Dataset.range(4).reduce((np.int64(-1), 0), lambda state, x: (x, state[1] + 1))
    assert (int(last), int(count)) == (3, 4)
    assert values(Dataset.range(4).apply(tf.contrib.data.map_and_batch(lambda x: -x, 3))) == [[0, -1, -2], [-3]]


# ------------------------------------------------------------------------------------------------------------ random


def test_the_same_seed_shuffles_alike_so_that_images_and_labels_stay_together():
    images, labels = Dataset.range(50).shuffle(9, seed=3), Dataset.range(100, 150).map(lambda x: x).shuffle(9, seed=3)
    assert all(int(y) == int(x) + 100 for x, y in Dataset.zip((images, labels)).repeat(2))


def test_each_repetition_has_an_order_of_its_own_unless_told_otherwise():
    def epochs(**settings):
        order = values(Dataset.range(20).shuffle(20, **settings).repeat(2))
        return order[:20], order[20:]

    for first, second in (epochs(), epochs(seed=1)):
        assert first != second and sorted(second) == list(range(20))
    for first, second in (epochs(reshuffle_each_iteration=False), epochs(seed=1, reshuffle_each_iteration=False)):
        assert first == second


def test_a_seed_of_the_program_makes_all_repeatable_and_iterators_different():
    def three():
        tf.set_random_seed(5)
        dataset = Dataset.range(20).shuffle(20).map(lambda x: tf.to_float(x) + tf.random_uniform([]))
        return [values(dataset) for _ in range(3)]

    first = three()
    assert first == three()
    assert first[0] != first[1] != first[2]


def test_two_shuffles_of_one_pipeline_are_independent():
    dataset = Dataset.zip((Dataset.range(20).shuffle(20), Dataset.range(20).shuffle(20)))
    assert any(int(x) != int(y) for x, y in dataset)


def test_random_ops_draw_by_the_number_of_the_element_not_by_thread():
    tf.set_random_seed(1)

    def noisy(x):
        return tf.random_uniform([]) + tf.random_normal([], seed=4)

    tf.set_random_seed(1)
    alone = values(Dataset.range(30).map(noisy))
    for threads in (2, 5):
        tf.set_random_seed(1)
        assert values(Dataset.range(30).map(noisy, threads).prefetch(3)) == alone
    assert len(set(alone)) == 30


def test_a_pipeline_does_not_disturb_the_draws_of_the_program():
    tf.set_random_seed(1)
    first = float(tf.random_uniform([], seed=9))
    tf.set_random_seed(1)
    values(Dataset.range(5).map(lambda x: tf.random_uniform([], seed=9)))
    assert float(tf.random_uniform([], seed=9)) == first


# ----------------------------------------------------------------------------------------------------------- surroundings


def test_tapes_do_not_hear_what_a_pipeline_does():
    v = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        (x,) = Dataset.from_tensors(3.0).map(lambda x: x * v)
        y = x * v
    assert float(tape.gradient(y, v)) == 6.0
    assert [operation.op.name for operation in tape.operations].count("multiply") <= 1


def test_iteration_needs_eager_execution():
    with (
        tf.contrib.eager.GradientTape(),
        pytest.raises(RuntimeError, match="only supported when eager execution is enabled"),
    ):
        from minitfe.graph.graph import Graph

        with Graph().as_default():
            iter(Dataset.range(2))


# ------------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dataset.from_tensor_slices(3), ValueError, "takes slices along the first axis, but was given int32 .*a scalar"),
        (lambda: Dataset.from_tensor_slices(([1, 2], [1])), ValueError, "Dimensions 2 and 1 are not compatible"),
        (lambda: Dataset.from_tensor_slices(()), ValueError, "an empty structure"),
        (lambda: Dataset.from_tensors(None), ValueError, "unsupported type"),
        (lambda: Dataset.range(), ValueError, "Invalid arguments to RangeDataset"),
        (lambda: Dataset.range(0, 3, 0), tf.errors.InvalidArgumentError, "step must be a non-zero integer"),
        (lambda: Dataset.range(3).batch(0), tf.errors.InvalidArgumentError, "Batch size must be greater than zero"),
        (lambda: Dataset.range(3).batch("2"), TypeError, "batch_size must be an integer"),
        (lambda: Dataset.range(3).shuffle(-1), tf.errors.InvalidArgumentError, "buffer_size must be greater than zero"),
        (lambda: Dataset.range(3).prefetch(-2), tf.errors.InvalidArgumentError, "buffer_size must be >= 0"),
        (lambda: Dataset.range(3).map(lambda x: x, 0), tf.errors.InvalidArgumentError, "num_parallel_calls must be >= 1"),
        (lambda: Dataset.range(3).interleave(Dataset.range, 0), tf.errors.InvalidArgumentError, "cycle_length must be greater"),
        (lambda: Dataset.range(3).shard(0, 0), ValueError, "num_shards must be >= 1; got: 0"),
        (lambda: Dataset.range(3).shard(2, 2), ValueError, "index must be >= 0 and < num_shards; got: 2"),
        (lambda: Dataset.range(3).map(5), TypeError, "`map_func` must be callable"),
        (lambda: Dataset.range(3).apply(lambda d: 5), TypeError, "`transformation_func` must return a Dataset"),
        (lambda: Dataset.zip([Dataset.range(3)]), TypeError, "Nested structures do not support Python lists"),
        (lambda: Dataset.range(3).concatenate(5), TypeError, "concatenate takes a Dataset"),
        (lambda: Dataset.range(3).concatenate(Dataset.from_tensors(1)), TypeError, "different types <dtype: 'int64'> and <dtype: 'int32'>"),
        (lambda: Dataset.range(3).concatenate(Dataset.from_tensors((1, 2))), ValueError, "different structures"),
        (lambda: Dataset.from_generator(5, tf.int32), TypeError, "`generator` must be callable"),
        (lambda: Dataset.from_generator(range, (tf.int32, tf.int32), [None]), TypeError, "output_shapes must be nested like"),
        (lambda: Dataset.range(3).padded_batch(2, [None, "x"]), TypeError, "padded_shapes must hold a shape"),
        (lambda: Dataset.range(3).padded_batch(2, [], (0, 1)), TypeError, "padding_values must be nested"),
        (lambda: Dataset.range(3).make_initializable_iterator(), RuntimeError, "is not supported when eager execution is enabled"),
        (lambda: tf.contrib.eager.Iterator([1, 2]), TypeError, "`dataset` must be a `tf.data.Dataset`"),
        (lambda: Dataset.list_files("/nowhere/*.txt"), tf.errors.NotFoundError, "No files matched pattern: /nowhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_when_it_is_made(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("dataset", "error", "message"),
    [
        (
            Dataset.from_tensor_slices([2, 3]).map(lambda n: tf.zeros([n])).batch(2), tf.errors.InvalidArgumentError,
            r"Cannot batch tensors with different shapes in component 0. First element had shape \[2\] and element 1 had shape \[3\]\.",
        ),
        (
            Dataset.from_tensor_slices([2, 3]).map(lambda n: (n, tf.zeros([n]))).batch(2), tf.errors.InvalidArgumentError,
            "different shapes in component 1",
        ),
        (
            Dataset.range(2).map(lambda n: n if int(n) else 1.0).batch(2), tf.errors.InvalidArgumentError,
            "different dtypes in component 0. First element had dtype float32 and element 1 had dtype int64",
        ),
        (
            Dataset.range(2).map(lambda n: (n, n) if int(n) else n).batch(2), tf.errors.InvalidArgumentError,
            r"Cannot batch elements of different structures: int64 \(\) and \(int64 \(\), int64 \(\)\)",
        ),
        (Dataset.from_tensors([1, 2]).padded_batch(1, [1]), tf.errors.DataLossError, "Attempted to pad to a smaller size"),
        (
            Dataset.from_tensors([1, 2]).padded_batch(1, []), tf.errors.InvalidArgumentError,
            "same rank as the padded shape for component 0: expected rank 0 got element with rank 1",
        ),
        (Dataset.range(2).filter(lambda x: x), ValueError, "`predicate` must return a scalar boolean tensor"),
        (Dataset.range(2).flat_map(lambda x: x), TypeError, "`map_func` must return a `Dataset` object"),
        (Dataset.range(2).map(lambda x: None), ValueError, "unsupported type"),
        (Dataset.range(2).map(lambda x: next(iter(()))), RuntimeError, "StopIteration"),
        (
            Dataset.from_generator(lambda: ["a"], tf.int32), tf.errors.InvalidArgumentError,
            "could not be converted to the expected type. The expected type was int32, but the yielded element was 'a'",
        ),
        (Dataset.from_generator(lambda: [1.5], tf.int32), tf.errors.InvalidArgumentError, "was int32, but the yielded element was 1.5"),
        (
            Dataset.from_generator(lambda: [1], (tf.int32, tf.int32)), tf.errors.InvalidArgumentError,
            r"did not match the expected structure. The expected structure was \(tf.int32, tf.int32\), but the yielded element was 1",
        ),
        (
            Dataset.from_generator(lambda: [[1, 2]], tf.int32, [3]), tf.errors.InvalidArgumentError,
            r"element of shape \(2,\) where an element of shape \(3,\) was expected",
        ),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_the_way_is_named(dataset, error, message):
    with pytest.raises(error, match=message):
        list(dataset)


def test_generators_are_called_anew_for_each_pass_and_converted():
    def pairs(n):
        for i in range(n):
            yield {"i": i, "x": [i, i]}

    dataset = Dataset.from_generator(pairs, {"i": tf.int64, "x": tf.float32}, {"i": [], "x": [2]}, args=(3,))
    for _ in range(2):
        elements = [(int(e["i"]), e["x"].numpy().tolist()) for e in dataset]
        assert elements == [(0, [0, 0]), (1, [1, 1]), (2, [2, 2])]
    assert dataset.output_shapes == {"i": tf.TensorShape([]), "x": tf.TensorShape([2])}


def test_empty_datasets_are_empty():
    empty = Dataset.from_tensor_slices(np.zeros([0, 3]))
    for dataset in (
        empty.batch(2),
        empty.repeat(),
        empty.shuffle(2).map(lambda x: x),
        empty.cache(),
        empty.prefetch(1),
    ):
        assert list(dataset) == []
    with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
        empty.make_one_shot_iterator().get_next()
