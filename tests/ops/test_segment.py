"""What the table of samples cannot say of minitfe.ops.segment: errors, empty segments, ties and zeros."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.errors import InvalidArgumentError

SORTED = [tf.segment_sum, tf.segment_mean, tf.segment_max, tf.segment_min, tf.segment_prod]
UNSORTED = [tf.unsorted_segment_sum, tf.unsorted_segment_mean, tf.unsorted_segment_max, tf.unsorted_segment_min]

every_sorted = pytest.mark.parametrize("function", SORTED, ids=lambda f: f.__name__)
every_unsorted = pytest.mark.parametrize("function", UNSORTED, ids=lambda f: f.__name__)


@every_sorted
@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([0, 1, 0], "segment ids are not increasing"),
        ([-1, 0, 1], "segment ids must be >= 0"),
        ([0, 1], r"segment_ids should be the same size as dimension 0 of input.*shape \[3\] needs 3 ids, not 2"),
        ([[0, 1, 1]], "segment_ids should be a vector"),
        ([0.0, 1.0, 1.0], "float32 is not in the list of allowed values: int32, int64"),
    ],
)
def test_ids_that_will_not_do(function, ids, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function([1.0, 2.0, 3.0], ids)


@every_unsorted
def test_unsorted_ids_that_will_not_do(function):
    with pytest.raises(InvalidArgumentError, match=r"segment_ids\[1\] = 3 is out of range \[0, 3\)"):
        function([1.0, 2.0], [0, 3], 3)
    with pytest.raises(InvalidArgumentError, match=r"data.shape = \[2\] does not start with segment_ids.shape = \[3\]"):
        function([1.0, 2.0], [0, 1, 2], 3)
    with pytest.raises(InvalidArgumentError, match="num_segments == -1 must not be negative"):
        function([1.0, 2.0], [0, 1], -1)


@pytest.mark.parametrize(
    ("function", "empty"), [*zip(SORTED, [0, 0, 0, 0, 1])], ids=lambda x: getattr(x, "__name__", x)
)
def test_what_an_empty_segment_has(function, empty):
    assert function([5.0, 7.0], [1, 3]).numpy().tolist() == [empty, 5, empty, 7]


def test_what_an_empty_segment_has_in_any_order():
    float32 = np.finfo(np.float32)
    for function, empty in zip(UNSORTED, [0, 0, float32.min, float32.max]):
        np.testing.assert_array_equal(function([5.0, 7.0], [2, 0], 3).numpy(), np.float32([7, empty, 5]))


@every_sorted
def test_no_rows_make_no_segments(function):
    assert function(np.zeros((0, 2)), np.zeros(0, int)).shape == (0, 2)


@every_unsorted
def test_no_rows_leave_all_segments_empty(function):
    assert function(np.zeros((0, 2)), np.zeros(0, int), 3).shape == (3, 2)


@every_sorted
@pytest.mark.parametrize("dtype", ["float16", "float32", "int32", "int64", "uint8"])
def test_dtypes_stay(function, dtype):
    assert function(np.ones(3, dtype), [0, 0, 1]).dtype == dtype


def test_the_mean_of_integers_is_rounded_towards_zero():
    assert tf.segment_mean([1, 2, -1, -2], [0, 0, 1, 1]).numpy().tolist() == [1, -1]


def gradient(f, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x).numpy().tolist()


@pytest.mark.parametrize("function", [tf.segment_max, tf.segment_min])
def test_ties_share_the_gradient_of_their_segment(function):
    assert gradient(lambda x: function(x, [0, 0, 1, 1]), [3.0, 3.0, 5.0, 5.0]) == [0.5, 0.5, 0.5, 0.5]


def test_a_negative_id_does_not_count_from_the_end():
    assert tf.unsorted_segment_sum([5.0, 7.0, 1.0], [-2, 0, -1], 3).numpy().tolist() == [7, 0, 0]


def test_what_is_left_out_has_no_gradient():
    ids = [0, -1, 0]
    assert gradient(lambda x: tf.unsorted_segment_sum(x, ids, 1), [1.0, 2.0, 3.0]) == [1, 0, 1]
    assert gradient(lambda x: tf.unsorted_segment_max(x, ids, 1), [1.0, 0.0, 3.0]) == [0, 0, 1]
    assert gradient(lambda x: tf.unsorted_segment_mean(x, ids, 1), [1.0, 2.0, 3.0]) == [0.5, 0, 0.5]


def test_products_have_a_gradient_at_zero():
    assert gradient(lambda x: tf.segment_prod(x, [0, 0, 1, 1, 2]), [0.0, 3.0, 0.0, 0.0, 7.0]) == [3, 0, 0, 0, 1]


def test_sums_of_many_rows_are_the_same_every_time():
    generator = np.random.default_rng(0)
    x, ids = generator.normal(size=(1000, 3)).astype("f4"), generator.integers(0, 10, 1000)
    first = tf.unsorted_segment_sum(x, ids, 10).numpy()
    np.testing.assert_array_equal(tf.unsorted_segment_sum(x, ids, 10).numpy(), first)
    np.testing.assert_allclose(first, [x[ids == i].sum(0, dtype="f8") for i in range(10)], atol=1e-4)
