"""minitfe.ops.generate: errors, dtypes and places."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError
from minitfe.graph.graph import trace


def test_sources_take_shapes_of_every_kind():
    x = tf.zeros([2, 3])
    for shape in (x.shape, tf.shape(x), [2, tf.constant(3)], (2, np.int64(3)), [x.shape[0], 3]):
        assert tf.zeros(shape).shape == [2, 3]
        assert tf.ones(shape).shape == [2, 3]
        assert tf.fill(shape, 1).shape == [2, 3]
    assert tf.zeros([]).numpy() == 0
    assert tf.zeros(4).shape == [4]


def test_negative_sizes():
    with pytest.raises(InvalidArgumentError, match="Dimensions must be >= 0"):
        tf.zeros([2, -1])


def test_zeros_of_strings_are_empty():
    assert tf.zeros([2], tf.string).numpy().tolist() == [b"", b""]
    with pytest.raises(InvalidArgumentError, match="does not work on string"):
        tf.ones([2], tf.string)


def test_sources_stand_in_graphs_and_run_there():
    graph, (x,), y = trace(lambda x: x + tf.ones([2]) + tf.eye(2), tf.zeros([2, 2]))
    assert [operation.op.name for operation in graph.operations][:1] == ["ones"]
    assert graph.run(y, {x: np.zeros((2, 2), np.float32)}).numpy().tolist() == [[2, 1], [1, 2]]


def test_sources_run_in_the_device_scope():
    with tf.device("/cpu:0"):
        assert tf.zeros([1]).device.endswith("CPU:0")


def test_fill_takes_a_scalar():
    with pytest.raises(InvalidArgumentError, match=r"value must be a scalar, got shape \[2\]"):
        tf.fill([2], [1, 2])
    assert tf.fill([2], "a").numpy().tolist() == [b"a", b"a"]


def test_range_takes_the_widest_dtype():
    assert tf.range(3).dtype is tf.int32
    assert tf.range(np.int64(3)).dtype is tf.int64
    assert tf.range(0, 1, 0.5).dtype is tf.float32
    assert tf.range(0, tf.constant(1.0, tf.float64), 0.5).dtype is tf.float64
    assert tf.range(3, dtype=tf.float64).dtype is tf.float64


def test_range_reads_tensors():
    assert tf.range(tf.constant(1), tf.constant(7), 3).numpy().tolist() == [1, 4]


def test_range_of_floats_counts_in_its_own_dtype():
    assert tf.range(0.0, 0.3, 0.1).shape == [3]
    assert tf.range(0.0, 0.6, 0.2).shape == [3]


def test_range_of_big_integers_is_exact():
    assert tf.range(2**62, 2**62 + 3, dtype=tf.int64).numpy().tolist() == [2**62, 2**62 + 1, 2**62 + 2]


def test_range_that_leads_nowhere():
    with pytest.raises(InvalidArgumentError, match=r"Requires delta != 0: 0 \[Op:Range\]"):
        tf.range(0, 3, 0)
    with pytest.raises(InvalidArgumentError, match=r"Requires start <= limit when delta > 0: 5/3"):
        tf.range(5, 3)
    with pytest.raises(InvalidArgumentError, match=r"Requires start >= limit when delta < 0: 3/5"):
        tf.range(3, 5, -1)


def test_range_to_a_size_that_a_graph_computes():
    graph, (x,), y = trace(lambda x: tf.range(tf.shape(x)[0]), tf.zeros([2]), sizes_known=False)
    assert graph.run(y, {x: np.zeros(4, np.float32)}).numpy().tolist() == [0, 1, 2, 3]


def test_linspace_has_at_least_one_number():
    with pytest.raises(InvalidArgumentError, match=r"Requires num > 0: 0 \[Op:LinSpace\]"):
        tf.linspace(0.0, 1.0, 0)
    assert tf.lin_space(2.0, 3.0, 1).numpy().tolist() == [2]


def test_linspace_reaches_its_end():
    assert tf.linspace(0.1, 0.9, 7).numpy()[-1] == np.float32(0.9)


def test_meshgrid_with_an_unknown_indexing():
    with pytest.raises(ValueError, match="indexing parameter must be either 'xy' or 'ij'"):
        tf.meshgrid([1], [2], indexing="yx")


def test_meshgrid_of_scalars_one_and_none():
    assert [grid.numpy().tolist() for grid in tf.meshgrid(1, [2, 3])] == [[[1], [1]], [[2], [3]]]
    assert tf.meshgrid([1, 2])[0].numpy().tolist() == [1, 2]
    assert tf.meshgrid() == []


def test_meshgrid_keeps_each_dtype():
    assert [grid.dtype for grid in tf.meshgrid([1], [2.0])] == [tf.int32, tf.float32]


def test_one_hot_takes_its_dtype_from_the_marks():
    assert tf.one_hot([0], 2).dtype is tf.float32
    assert tf.one_hot([0], 2, on_value=5).dtype is tf.int32
    assert tf.one_hot([0], 2, True, False).numpy().tolist() == [[True, False]]
    assert tf.one_hot([1], 2, "on", "off").numpy().tolist() == [[b"off", b"on"]]
    with pytest.raises(InvalidArgumentError, match="float"):
        tf.one_hot([0.0], 2)


def test_one_hot_of_a_number_and_of_nothing():
    assert tf.one_hot(1, 3).numpy().tolist() == [0, 1, 0]
    assert tf.one_hot(np.zeros((0, 2), int), 3).shape == [0, 2, 3]


def test_sequence_mask_of_nothing():
    assert tf.sequence_mask(np.zeros(0, int)).shape == [0, 0]


def test_range_wants_to_be_told_about_other_dtypes():
    limit = tf.constant(3, tf.uint8)
    with pytest.raises(InvalidArgumentError, match="range does not count in uint8"):
        tf.range(limit)
    assert tf.range(limit, dtype=tf.uint8).numpy().tolist() == [0, 1, 2]


def test_range_counts_between_finite_scalars():
    for limit in (float("inf"), float("nan")):
        with pytest.raises(tf.errors.InvalidArgumentError, match="range cannot count from"):
            tf.range(0.0, limit)
    with pytest.raises(tf.errors.InvalidArgumentError, match="range's limit must be a scalar, not"):
        tf.range([3, 4])
    with pytest.raises(tf.errors.InvalidArgumentError, match="range does not count in string"):
        tf.range(3, dtype=tf.string)


def test_linspace_has_numbers_at_its_ends():
    with pytest.raises(TypeError, match=r"start must be a number, not \[1.0, 2.0\]"):
        tf.linspace([1.0, 2.0], 3.0, 4)
    with pytest.raises(TypeError, match="stop must be a number, not '3'"):
        tf.linspace(1.0, "3", 4)


def test_marks_are_scalars():
    with pytest.raises(tf.errors.InvalidArgumentError, match="on_value or off_value must be a scalar"):
        tf.one_hot([1], 2, on_value=[1.0, 2.0])


def test_sequence_mask_has_no_negative_length():
    with pytest.raises(tf.errors.InvalidArgumentError, match="maxlen is"):
        tf.sequence_mask([1], -1)
