"""Random ops: distributions against SciPy, with fixed seeds; seeds and what they promise."""

import threading

import numpy as np
import pytest
from scipy import stats

import minitfe as tf
from minitfe import errors
from minitfe.graph.graph import trace
from minitfe.ops import random

from ..samples.random import philox

N = 20000


@pytest.fixture(autouse=True)
def seeded():
    """A seed for each test, and afterwards the state of before."""
    state = random.get_state()
    tf.set_random_seed(42)
    yield
    random.set_state(state)


def follows(x, distribution):
    """Kolmogorov and Smirnov's test. The seeds are fixed, so it fails always or never."""
    return stats.kstest(np.ravel(x.numpy()).astype("f8"), distribution).pvalue > 0.01


# ------------------------------------------------------------------------------------------------------- distributions


@pytest.mark.parametrize("dtype", [tf.float32, tf.float64])
def test_distributions(dtype):
    assert follows(random.random_uniform([N], dtype=dtype), stats.uniform.cdf)
    assert follows(random.random_uniform([N], -3.0, 5.0, dtype), stats.uniform(-3, 8).cdf)
    assert follows(random.random_normal([N], dtype=dtype), stats.norm.cdf)
    assert follows(random.random_normal([N], 4.0, 0.5, dtype), stats.norm(4, 0.5).cdf)
    assert follows(random.truncated_normal([N], 1.0, 2.0, dtype), stats.truncnorm(-2, 2, 1, 2).cdf)


def test_half_precision():
    uniform, normal = random.random_uniform([N], dtype=tf.float16), random.random_normal([N], dtype=tf.float16)
    assert uniform.dtype is normal.dtype is tf.float16
    assert uniform.numpy().min() == 0 and uniform.numpy().max() < 1
    assert stats.kstest(normal.numpy().astype("f8"), stats.norm.cdf).statistic < 0.02


def test_neighbours_are_independent():
    for draw in (random.random_uniform, random.random_normal):
        x, y = draw([N]).numpy(), draw([N]).numpy()
        assert abs(np.corrcoef(x[1:], x[:-1])[0, 1]) < 0.02 and abs(np.corrcoef(x, y)[0, 1]) < 0.02
        assert abs(np.corrcoef(x[: N // 2], x[N // 2 :])[0, 1]) < 0.03


@pytest.mark.parametrize(("low", "high"), [(0, 6), (-5, 2), (10, 11)])
def test_integers_are_equally_likely(low, high):
    x = random.random_uniform([N], low, high, tf.int32).numpy()
    assert x.dtype == np.int32 and x.min() == low and x.max() == high - 1
    assert high - low == 1 or stats.chisquare(np.bincount(x - low)).pvalue > 0.01


def test_integers_of_a_range_that_does_not_divide_the_words_have_no_bias():
    """Of a range of 3·2⁶² a remainder alone would give the lowest third twice as often."""
    x = random.random_uniform([N], 0, 3 * 2**62, tf.uint64).numpy()
    assert np.mean(x < 2**62) == pytest.approx(1 / 3, abs=0.01)


def test_multinomial_follows_the_softmax():
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.5, 1e-30]])
    x = random.multinomial(logits, N).numpy()
    assert x.dtype == np.int64 and x.shape == (2, N)
    assert stats.chisquare(np.bincount(x[0]), [0.1 * N, 0.2 * N, 0.7 * N]).pvalue > 0.01
    assert set(x[1]) == {0, 1}
    assert random.multinomial(logits, 2, output_dtype=tf.int32).dtype is tf.int32


def test_shuffle_gives_all_orders_alike():
    orders = [tuple(random.random_shuffle([0, 1, 2]).numpy()) for _ in range(1200)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6 and stats.chisquare(counts).pvalue > 0.01


def test_shuffle_moves_rows_and_their_gradients():
    x = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = random.random_shuffle(x, seed=3)
        loss = tf.reduce_sum(y * [[1.0], [10.0], [100.0]])
    assert sorted(y.numpy().tolist()) == x.numpy().tolist()
    places = [y.numpy().tolist().index(row) for row in x.numpy().tolist()]
    g = tf.convert_to_tensor(tape.gradient(loss, x)).numpy()
    assert g.tolist() == [[10.0**place] * 2 for place in places]


def test_crop_is_a_part_from_anywhere():
    x = np.arange(20).reshape(4, 5)
    corners = {int(random.random_crop(x, [2, 3]).numpy()[0, 0]) for _ in range(200)}
    assert corners == {0, 1, 2, 5, 6, 7, 10, 11, 12}
    crop = random.random_crop(x, [2, 3]).numpy()
    assert (crop - crop[0, 0] == [[0, 1, 2], [5, 6, 7]]).all()


# --------------------------------------------------------------------------------------------------------- gradients


def test_gradients_flow_to_mean_and_deviation():
    mean, deviation = tf.constant([1.0, 2.0]), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([mean, deviation])
        x = random.random_normal([4, 2], mean, deviation)
    d_mean, d_deviation = tape.gradient(x, [mean, deviation])
    assert d_mean.numpy().tolist() == [4, 4]
    assert float(d_deviation) == pytest.approx(((x.numpy() - [1, 2]) / 3).sum(), rel=1e-5)


def test_gradients_flow_to_the_limits():
    low, high = tf.constant(1.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([low, high])
        x = random.random_uniform([100], low, high)
    assert sum(float(g) for g in tape.gradient(x, [low, high])) == pytest.approx(100, rel=1e-5)


# -------------------------------------------------------------------------------------------------------------- seeds


def three_draws(**settings):
    return [random.random_uniform([2], **settings).numpy().tolist() for _ in range(3)]


def test_the_same_seed_gives_the_same_sequence():
    first = three_draws()
    tf.set_random_seed(42)
    assert three_draws() == first
    tf.set_random_seed(43)
    assert three_draws() != first


def test_ops_differ_also_with_equal_seeds():
    draws = three_draws() + three_draws(seed=1)
    assert len({tuple(draw) for draw in draws}) == 6


def test_an_op_with_a_seed_does_not_depend_on_the_draws_between():
    first = three_draws(seed=1)
    tf.set_random_seed(42)
    random.random_normal([5])
    random.random_normal([5], seed=2)
    assert three_draws(seed=1) == first


def test_the_numbers_of_a_seed_never_change():
    """Were they to, programs with a seed would no longer repeat: the numbers are part of the promise."""
    drawn = random.random_uniform([3], dtype=tf.float64, seed=7).numpy().tolist()
    assert drawn == [0.649420079613736, 0.8848813535936771, 0.5537339411764371]


def test_the_reference_of_the_samples_is_the_published_generator():
    """The known answers that come with Random123, the authors' own implementation."""
    ones = 2**64 - 1
    assert [f"{word:016x}" for word in philox((0, 0), [0] * 4)] == [
        "16554d9eca36314c", "db20fe9d672d0fdc", "d7e772cee186176b", "7e68b68aec7ba23b"
    ]  # fmt: skip
    assert [f"{word:016x}" for word in philox((ones, ones), [ones] * 4)] == [
        "87b092c3013fe90b", "438c3c67be8d0224", "9cc7d7c69cd777b6", "a09caebf594f0ba0"
    ]  # fmt: skip


def test_without_any_seed_draws_cannot_be_foreseen():
    draws = []
    for _ in range(2):
        random.set_state({"seed": None, "draws": []})
        draws.append(random.random_uniform([4]).numpy().tolist())
    assert draws[0] != draws[1]


def test_a_seed_of_the_op_alone_repeats_between_programs():
    draws = []
    for _ in range(2):
        random.set_state({"seed": None, "draws": []})
        draws.append(three_draws(seed=5))
    assert draws[0] == draws[1]


def test_the_state_can_be_saved_in_the_middle():
    three_draws()
    three_draws(seed=1)
    state = random.get_state()
    rest = three_draws() + three_draws(seed=1)
    tf.set_random_seed(0)
    random.set_state(state)
    assert three_draws() + three_draws(seed=1) == rest


def test_threads_never_get_the_same_draw():
    draws = []
    threads = [threading.Thread(target=lambda: draws.extend(random.next_seed() for _ in range(200))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(draws)) == 1600


def test_draws_are_marked_as_stateful():
    graph, _, _ = trace(lambda: (random.random_normal([2]), random.multinomial([[0.0]], 1)))
    assert [operation.op.stateful for operation in graph.operations] == [True, True]
    assert graph.run(graph.operations[0].output, {}).shape == (2,)


# ------------------------------------------------------------------------------------------------------------- errors


def test_integers_need_an_upper_limit():
    with pytest.raises(ValueError, match="Must specify maxval for integer dtype tf.int32"):
        random.random_uniform([2], dtype=tf.int32)


def test_integers_need_room():
    with pytest.raises(errors.InvalidArgumentError, match="Need minval < maxval, got 5 >= 5"):
        random.random_uniform([2], 5, 5, tf.int32)
    with pytest.raises(errors.InvalidArgumentError, match="uint8 holds those from 0 to 255"):
        random.random_uniform([2], 0, 1000, tf.uint8)


def test_normal_integers_are_refused():
    with pytest.raises(errors.InvalidArgumentError, match="int32 is not in the list of allowed values"):
        random.random_normal([2], dtype=tf.int32)


def test_a_negative_shape_is_refused():
    with pytest.raises(errors.InvalidArgumentError, match="Dimensions must be >= 0"):
        random.random_normal([-1])


def test_multinomial_needs_a_matrix():
    with pytest.raises(errors.InvalidArgumentError, match=r"logits should be a matrix, got shape \[2\]"):
        random.multinomial([0.0, 1.0], 3)
    with pytest.raises(errors.InvalidArgumentError, match="num_classes should be positive"):
        random.multinomial(np.zeros((2, 0)), 3)
    with pytest.raises(errors.InvalidArgumentError, match="num_samples should be nonnegative, got -1"):
        random.multinomial([[0.0]], -1)


def test_crop_needs_room():
    with pytest.raises(errors.InvalidArgumentError, match=r"Need value.shape >= size, got \[2, 2\] \[3, 1\]"):
        random.random_crop(np.zeros((2, 2)), [3, 1])
