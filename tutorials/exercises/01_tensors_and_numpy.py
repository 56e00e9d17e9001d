"""Exercises for chapter 1, tensors and numpy.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.
"""

import numpy as np

import minitfe as tf

tf.enable_eager_execution()


def standardize(x):
    """Exercise 1. Return x with the mean of each column subtracted, divided by each column's standard deviation.

    x is a float tensor of shape (n, d). Use `tf.reduce_mean`, with `keepdims=True` where it helps. The standard
    deviation is the square root of the mean squared distance from the mean.
    """
    raise NotImplementedError("standardize is yours to write")


def pairwise_distances(x, y):
    """Exercise 2. Return the tensor of shape (n, m) whose element [i, j] is the distance from x[i] to y[j].

    x has shape (n, d) and y has shape (m, d). Use no loop: give x an axis of size 1, so that broadcasting makes all
    pairs.
    """
    raise NotImplementedError("pairwise_distances is yours to write")


def clip_negatives(x, value):
    """Exercise 3. Return a tensor like x in which every negative element is replaced by a number, value.

    In numpy this would be ``x[x < 0] = value``. x must stay as it was.
    """
    raise NotImplementedError("clip_negatives is yours to write")


def weighted_mean(values, counts):
    """Exercise 4. Return the mean of values (float32), in which values[i] counts counts[i] times (int32)."""
    raise NotImplementedError("weighted_mean is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def check_standardize():
    array = np.random.default_rng(0).normal(3.0, 2.0, (50, 4)).astype(np.float32)
    result = standardize(tf.constant(array))
    assert isinstance(result, tf.Tensor), "the result must be a tensor"
    np.testing.assert_allclose(result.numpy().mean(axis=0), np.zeros(4), atol=1e-5)
    np.testing.assert_allclose(result.numpy().std(axis=0), np.ones(4), atol=1e-5)


def check_pairwise_distances():
    generator = np.random.default_rng(1)
    x, y = generator.normal(size=(5, 3)), generator.normal(size=(4, 3))
    expected = [[np.linalg.norm(a - b) for b in y] for a in x]
    np.testing.assert_allclose(pairwise_distances(tf.constant(x), tf.constant(y)).numpy(), expected, rtol=1e-10)


def check_clip_negatives():
    x = tf.constant([[1.0, -2.0], [-0.5, 0.0]])
    np.testing.assert_array_equal(clip_negatives(x, 7.0).numpy(), [[1.0, 7.0], [7.0, 0.0]])
    np.testing.assert_array_equal(x.numpy(), [[1.0, -2.0], [-0.5, 0.0]])


def check_weighted_mean():
    result = weighted_mean(tf.constant([1.0, 2.0, 4.0]), tf.constant([1, 2, 5]))
    assert result.dtype == tf.float32, f"the dtype must be float32, not {result.dtype.name}"
    np.testing.assert_allclose(float(result), 25 / 8)


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_standardize, check_pairwise_distances, check_clip_negatives, check_weighted_mean):
        try:
            one()
        except Exception as problem:
            failed += 1
            print(f"{one.__name__}: {type(problem).__name__}: {problem}")
        else:
            print(f"{one.__name__}: passed")
    if failed:
        raise SystemExit(f"{failed} to do")


if __name__ == "__main__":
    check()
