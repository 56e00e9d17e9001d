"""Iterators: their names, their threads, their errors, and their positions in checkpoints."""

import gc
import subprocess
import sys
import threading
import traceback

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe

Dataset = tf.data.Dataset


def values(elements):
    return [element.numpy().tolist() for element in elements]


# ------------------------------------------------------------------------------------------------------------- names


def test_every_way_to_iterate():
    dataset = Dataset.range(3)
    assert values(dataset) == values(tfe.Iterator(dataset)) == values(dataset.make_one_shot_iterator()) == [0, 1, 2]
    assert int(iter(dataset).next()) == int(next(iter(dataset))) == int(iter(dataset).get_next()) == 0
    assert isinstance(iter(dataset), tf.data.Iterator)


def test_the_end_is_out_of_range_or_stop_iteration_and_stays_so():
    iterator = tfe.Iterator(Dataset.range(1))
    iterator.get_next()
    for _ in range(2):
        with pytest.raises(tf.errors.OutOfRangeError, match="End of sequence"):
            iterator.get_next()
        with pytest.raises(StopIteration):
            iterator.next()


def test_iterators_of_one_dataset_do_not_meet():
    dataset = Dataset.range(3)
    first, second = iter(dataset), iter(dataset)
    assert [int(x) for x in (first.next(), first.next(), second.next())] == [0, 1, 0]


# ------------------------------------------------------------------------------------------------------------ errors


def fails_at_two(x):
    if int(x) == 2:
        raise KeyError("the second is bad")
    return x


PIPELINES = {
    "map": Dataset.range(4).map(fails_at_two),
    "parallel map": Dataset.range(4).map(fails_at_two, 3),
    "prefetch": Dataset.range(4).map(fails_at_two).prefetch(2),
    "prefetched parallel map": Dataset.range(4).map(fails_at_two, 2).prefetch(1).prefetch(1),
}


@pytest.mark.parametrize("dataset", PIPELINES.values(), ids=PIPELINES)
def test_an_error_in_a_function_comes_in_its_turn_with_its_traceback_and_the_pipeline_goes_on(dataset):
    iterator = iter(dataset)
    assert [int(iterator.get_next()), int(iterator.get_next())] == [0, 1]
    with pytest.raises(KeyError, match="the second is bad") as caught:
        iterator.get_next()
    assert "fails_at_two" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert values(iterator) == [3]


def test_an_error_of_the_source_waits_behind_the_elements_before_it():
    def two_and_an_error():
        yield 1
        yield 2
        raise ValueError("no more")

    iterator = iter(Dataset.from_generator(two_and_an_error, tf.int32).map(lambda x: x * 10, 4))
    assert [int(iterator.get_next()), int(iterator.get_next())] == [10, 20]
    with pytest.raises(ValueError, match="no more"):
        iterator.get_next()


def test_an_interrupt_loses_nothing():
    interrupts = iter([True, False, False, False])

    def interrupted(x):
        if int(x) == 1 and next(interrupts):
            raise KeyboardInterrupt
        return x

    iterator = iter(Dataset.range(3).map(interrupted))
    assert int(iterator.next()) == 0
    with pytest.raises(KeyboardInterrupt):
        iterator.next()
    assert values(iterator) == [1, 2]


# ----------------------------------------------------------------------------------------------------------- threads


def our_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("minitfe")]


def gone(threads):
    for thread in threads:
        thread.join(timeout=20)
    return not any(thread.is_alive() for thread in threads)


def all_gone():
    """Whether no thread is left, nor any that another one started before it ended."""
    while threads := our_threads():
        if not gone(threads):
            return False
    return True


@pytest.mark.parametrize("end", ["abandoned", "exhausted", "error", "endless"])
def test_no_thread_outlives_its_iterator(end):
    assert gone(our_threads()), "of an earlier test"
    dataset = Dataset.range(20).map(lambda x: x + 1, 3).prefetch(2).batch(2).prefetch(1)
    if end == "endless":
        dataset = dataset.repeat()
    if end == "error":
        dataset = dataset.map(lambda x: x.missing).prefetch(1)
    iterator = iter(dataset)
    if end == "exhausted":
        assert len(list(iterator)) == 10
    elif end == "error":
        with pytest.raises(AttributeError):
            next(iterator)
    else:
        next(iterator)
        assert our_threads()
    del iterator
    gc.collect()  # the error of pytest.raises holds frames
    assert all_gone()


def test_an_abandoned_iterator_needs_no_garbage_collector():
    assert gone(our_threads())
    gc.disable()
    try:
        for _ in Dataset.range(10).map(lambda x: x, 2).prefetch(2):
            break
        assert all_gone()
    finally:
        gc.enable()


def test_prefetch_works_while_the_consumer_does():
    second_was_computed = threading.Event()

    def note(x):
        if int(x) == 1:
            second_was_computed.set()
        return x

    iterator = iter(Dataset.range(3).map(note).prefetch(1))
    next(iterator)
    assert second_was_computed.wait(20), "the consumer has not asked for it"


def test_a_parallel_map_runs_functions_at_the_same_time():
    both = threading.Barrier(2, timeout=20)

    def meet(x):
        both.wait()
        return x

    assert values(Dataset.range(4).map(meet, 2)) == [0, 1, 2, 3]


PROGRAM = """
import minitfe as tf
tf.enable_eager_execution()
iterator = iter(tf.data.Dataset.range(100).repeat().map(lambda x: x + 1, 4).batch(2).prefetch(3).prefetch(1))
print(int(next(iterator)[1]))
"""


def test_a_program_can_end_while_an_iterator_is_open():
    result = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "2\n", "")


def test_the_device_scope_is_that_of_the_consumer():
    where = []
    with tf.device("/cpu:0"):
        (x,) = Dataset.range(1).map(lambda x: (where.append(x.device), x)[1]).prefetch(1)
    assert where == [x.device]
    (x,) = Dataset.range(1).apply(tf.data.experimental.prefetch_to_device("/cpu:0"))
    assert x.device.endswith("CPU:0")
    with pytest.raises(RuntimeError):
        tf.data.experimental.prefetch_to_device("/gpu:77")


# ------------------------------------------------------------------------------------------------------- checkpoints


def noisy(x):
    return tf.to_float(x) + tf.random_uniform([])


def generate():
    yield from range(7)


RESUMED = {
    "slices": lambda: Dataset.from_tensor_slices(np.arange(10.0)).shuffle(4).repeat(3).batch(4),
    "random map": lambda: Dataset.range(10).shuffle(10).map(noisy, 3).batch(3).prefetch(2).repeat(2),
    "generator": lambda: Dataset.from_generator(generate, tf.int64).shuffle(3).repeat(3),
    "interleave": lambda: Dataset.range(6).interleave(lambda n: Dataset.range(n).shuffle(2), 3, 2).map(noisy),
    "cache": lambda: Dataset.range(5).shuffle(5).cache().repeat(4).map(noisy),
}


@pytest.mark.parametrize("make", RESUMED.values(), ids=RESUMED)
def test_a_resumed_run_equals_an_uninterrupted_one(make):
    iterator = iter(make())
    taken = 0
    while True:
        state = iterator._save_state()
        assert all(isinstance(array, np.ndarray) and array.dtype != object for array in state.values())
        resumed = iter(make())
        if taken % 3 == 1:
            next(resumed)  # where it stood before does not matter
        resumed._restore_state(state)
        again = iter(make())
        again._restore_state(state)
        rest = values(resumed)
        assert rest == values(again)
        element = next(iterator, None)
        if element is None:
            assert rest == []
            return
        assert rest[0] == element.numpy().tolist()
        taken += 1


def test_a_checkpoint_holds_the_position(tmp_path):
    dataset = Dataset.range(20).shuffle(20, seed=1).batch(2).prefetch(2)
    iterator = iter(dataset)
    first = values([next(iterator), next(iterator)])
    path = tf.train.Checkpoint(iterator=iterator).save(str(tmp_path / "at"))
    rest = values(iterator)
    resumed = iter(dataset)
    tf.train.Checkpoint(iterator=resumed).restore(path)
    assert values(resumed) == rest
    assert sorted(x for batch in first + rest for x in batch) == list(range(20))


def test_a_position_costs_no_calls_of_what_was_before():
    calls = []
    dataset = Dataset.range(1000).map(lambda x: (calls.append(int(x)), x)[1]).batch(10).repeat(5)
    iterator = iter(dataset)
    iterator._restore_state({**iterator._save_state(), "position": np.array(499)})
    assert int(next(iterator)[0]) == 990
    assert calls == list(range(990, 1000))
