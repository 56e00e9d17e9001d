"""Learning-rate decays against numpy."""

import numpy as np
import pytest

import minitfe as tf

ETA, STEPS = 0.5, 10


def restarts(s, t_mul, m_mul, alpha):
    length, height, begin = STEPS, 1.0, 0
    while s >= begin + length:
        begin, length, height = begin + length, length * t_mul, height * m_mul
    return ETA * ((1 - alpha) * height * (1 + np.cos(np.pi * (s - begin) / length)) / 2 + alpha)


def polynomial(s, end, power, cycle):
    whole = STEPS * max(1, np.ceil(s / STEPS)) if cycle else STEPS
    return (ETA - end) * (1 - min(s, whole) / whole) ** power + end


def linear_cosine(s, n, alpha, beta):
    s = min(s, STEPS)
    return ETA * ((alpha + (STEPS - s) / STEPS) * (1 + np.cos(2 * np.pi * n * s / STEPS)) / 2 + beta)


CASES = {
    "exponential": (lambda s: tf.train.exponential_decay(ETA, s, STEPS, 0.7), lambda s: ETA * 0.7 ** (s / STEPS)),
    "exponential, stairs": (
        lambda s: tf.train.exponential_decay(ETA, s, STEPS, 0.7, staircase=True),
        lambda s: ETA * 0.7 ** (s // STEPS),
    ),
    "natural": (lambda s: tf.train.natural_exp_decay(ETA, s, STEPS, 0.7), lambda s: ETA * np.exp(-0.7 * s / STEPS)),
    "natural, stairs": (
        lambda s: tf.train.natural_exp_decay(ETA, s, STEPS, 0.7, True),
        lambda s: ETA * np.exp(-0.7 * (s // STEPS)),
    ),
    "inverse": (lambda s: tf.train.inverse_time_decay(ETA, s, STEPS, 0.7), lambda s: ETA / (1 + 0.7 * s / STEPS)),
    "inverse, stairs": (
        lambda s: tf.train.inverse_time_decay(ETA, s, STEPS, 0.7, True),
        lambda s: ETA / (1 + 0.7 * (s // STEPS)),
    ),
    "polynomial": (
        lambda s: tf.train.polynomial_decay(ETA, s, STEPS, 0.1, power=2.0),
        lambda s: polynomial(s, 0.1, 2.0, False),
    ),
    "polynomial, cycle": (
        lambda s: tf.train.polynomial_decay(ETA, s, STEPS, 0.1, power=0.5, cycle=True),
        lambda s: polynomial(s, 0.1, 0.5, True),
    ),
    "cosine": (
        lambda s: tf.train.cosine_decay(ETA, s, STEPS, alpha=0.1),
        lambda s: ETA * (0.9 * (1 + np.cos(np.pi * min(s, STEPS) / STEPS)) / 2 + 0.1),
    ),
    "restarts": (lambda s: tf.train.cosine_decay_restarts(ETA, s, STEPS), lambda s: restarts(s, 2, 1.0, 0.0)),
    "restarts, lower": (
        lambda s: tf.train.cosine_decay_restarts(ETA, s, STEPS, t_mul=1.5, m_mul=0.8, alpha=0.1),
        lambda s: restarts(s, 1.5, 0.8, 0.1),
    ),
    "restarts, of one length": (
        lambda s: tf.train.cosine_decay_restarts(ETA, s, STEPS, t_mul=1.0),
        lambda s: restarts(s, 1, 1.0, 0.0),
    ),
    "linear cosine": (
        lambda s: tf.train.linear_cosine_decay(ETA, s, STEPS, num_periods=1.5, alpha=0.1, beta=0.01),
        lambda s: linear_cosine(s, 1.5, 0.1, 0.01),
    ),
    "noisy linear cosine, without noise": (
        lambda s: tf.train.noisy_linear_cosine_decay(ETA, s, STEPS, 0.0, 0.5, 1.5, 0.1, 0.01),
        lambda s: linear_cosine(s, 1.5, 0.1, 0.01),
    ),
    "piecewise": (
        lambda s: tf.train.piecewise_constant(s, [tf.constant(x, tf.int64) for x in (4, 12)], [0.5, 0.2, 0.1]),
        lambda s: 0.5 if s <= 4 else 0.2 if s <= 12 else 0.1,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_decays(case):
    make, expected = CASES[case]
    step = tf.Variable(0, dtype=tf.int64, trainable=False)
    rate = make(step)
    for s in (0, 1, 4, 5, 9, 12, 13, 25, 29, 31, 64, 71):
        step.assign(tf.constant(s, tf.int64))
        assert float(rate()) == pytest.approx(expected(s), abs=2e-6), s
        assert rate().dtype is tf.float32


def test_noise_has_the_variance_that_was_asked_for():
    tf.set_random_seed(0)
    rate = tf.train.noisy_linear_cosine_decay(1.0, tf.Variable(3), 1000, initial_variance=0.5, variance_decay=0.5)
    draws = np.array([float(rate()) for _ in range(2000)])
    assert np.var(draws) == pytest.approx(0.25, rel=0.1) and np.mean(draws) == pytest.approx(1.0, abs=0.05)


def test_a_rate_in_double_precision():
    rate = tf.train.exponential_decay(tf.constant(0.1, tf.float64), tf.Variable(7), 10, 0.9)
    assert rate().dtype is tf.float64 and float(rate()) == pytest.approx(0.1 * 0.9**0.7, rel=1e-15)


def test_a_rate_is_a_function_and_a_tensor():
    step = tf.Variable(10)
    rate = tf.train.inverse_time_decay(1.0, step, 10, 1.0)
    assert callable(rate) and rate.numpy() == 0.5 and f"{rate:.2f}" == "0.50" and "0.5" in repr(rate)
    assert (rate * [2.0, 4.0]).numpy().tolist() == [1.0, 2.0] and float(tf.sqrt(rate)) == np.float32(0.5**0.5)
    step.assign(30)
    assert float(rate) == 0.25


def test_a_rate_can_follow_another():
    """Warm-up by hand: settings may be variables and rates, and are read anew."""
    step, start = tf.Variable(0), tf.Variable(1.0)
    rate = tf.train.exponential_decay(start, step, 1, 0.5)
    start.assign(4.0), step.assign(1)
    assert float(rate()) == 2.0


@pytest.mark.parametrize(
    "name", [name for name in tf.train.__all__ if name.endswith(("_decay", "_restarts"))]
)  # fmt: skip
def test_arguments_that_cannot_be(name):
    decay, rest = getattr(tf.train, name), [0.5] if "exp" in name or "inverse" in name else []
    with pytest.raises(ValueError, match=f"global_step is required for {name}."):
        decay(0.1, None, 10, *rest)
    with pytest.raises(ValueError, match=f"after which {name} has an effect must be positive, not 0"):
        decay(0.1, tf.Variable(0), 0, *rest)
    with pytest.raises(ValueError, match="unsupported type"):
        decay({}, tf.Variable(0), 10, *rest)


@pytest.mark.parametrize(
    ("boundaries", "values", "message"),
    [
        ([1, 2], [1.0, 2.0], "The length of boundaries should be 1 less than the length of values"),
        ([1.5], [1.0, 2.0], r"Boundaries \(float32\) must have the same dtype as x \(int32\)."),
        ([1], [1.0, 2], r"Values must have elements all with the same dtype \(float32 vs int32\)."),
    ],
)
def test_pieces_that_do_not_fit(boundaries, values, message):
    with pytest.raises(ValueError, match=message):
        tf.train.piecewise_constant(tf.Variable(0), boundaries, values)
