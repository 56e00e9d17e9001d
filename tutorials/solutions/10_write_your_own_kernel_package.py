"""Solutions to the exercises of chapter 10, write your own kernel package.

The same file as in ``tutorials/exercises/``, with the answers filled in.
"""

import itertools
import math
from collections import Counter
from types import SimpleNamespace

import numpy as np

import minitfe as tf
import minitfe_numpy
from minitfe import kernel_registry

tf.enable_eager_execution()


class ListArray:
    """An array that keeps its numbers in a list, row by row."""

    def __init__(self, numbers, shape, dtype):
        self.numbers, self.shape, self.dtype = list(numbers), tuple(shape), np.dtype(dtype)


def from_numpy(array, device=None):
    array = np.asarray(array)
    return ListArray(array.ravel().tolist(), array.shape, array.dtype)


def to_numpy(array):
    return np.array(array.numbers, array.dtype).reshape(array.shape)


def place_of(index, shape):
    """Where the number with this index, one integer per axis, stands in the list of an array of this shape."""
    return sum(i * math.prod(shape[axis + 1 :]) for axis, i in enumerate(index))


def indices(shape):
    """The indices of all numbers of an array, in the order of its list."""
    return itertools.product(*map(range, shape))


def changed(package, **changes):
    """A kernel package with the parts of another one, but for the changes."""
    names = ("DEVICE_TYPE", "KERNELS", "GAPS", "devices", "from_numpy", "to_numpy")
    return SimpleNamespace(**{name: getattr(package, name) for name in names} | changes)


def comparison(function):
    """Exercise 1. Return a kernel that compares two ListArrays number by number, stretched to a common shape.

    Axes are counted from the last one. Where one of the arrays has size 1 along an axis, or no such axis, it is
    repeated as often as the other one wants. The function takes two numbers and says True or False; the dtype of the
    result is bool.
    """

    def kernel(x, y):
        rank = max(len(x.shape), len(y.shape))
        shapes = [(1,) * (rank - len(array.shape)) + array.shape for array in (x, y)]
        common = tuple(n if m == 1 else m for m, n in zip(*shapes))

        def number(array, shape, index):
            return array.numbers[place_of([0 if n == 1 else i for n, i in zip(shape, index)], shape)]

        results = [function(number(x, shapes[0], i), number(y, shapes[1], i)) for i in indices(common)]
        return ListArray(results, common, bool)

    return kernel


def matmul(a, b, transpose_a=False, transpose_b=False):
    """Exercise 2. The product of two matrices, as a kernel: c[i, j] = Σ a[i, k] b[k, j].

    A factor whose flag is set is meant transposed: use a[k, i] in place of a[i, k]. Raise ValueError where the factors
    do not match. The result has the dtype of a.
    """
    rows, depth = a.shape[::-1] if transpose_a else a.shape
    other, columns = b.shape[::-1] if transpose_b else b.shape
    if depth != other:
        raise ValueError(f"{depth} columns do not match {other} rows")

    def sum_of_products(i, j):
        return sum(
            a.numbers[place_of((k, i) if transpose_a else (i, k), a.shape)]
            * b.numbers[place_of((j, k) if transpose_b else (k, j), b.shape)]
            for k in range(depth)
        )

    return ListArray([sum_of_products(i, j) for i, j in indices((rows, columns))], (rows, columns), a.dtype)


def reduce_sum(x, axis, keepdims):
    """Exercise 3. Sums along axes, as a kernel.

    `axis` is a tuple of axes, counted from 0, or None for all of them. The axes that are summed over have size 1 in the
    result if `keepdims` is set, and else they are missing. A sum of no numbers is 0. Keep the dtype.
    """
    axes = range(len(x.shape)) if axis is None else axis
    kept = tuple(1 if i in axes else size for i, size in enumerate(x.shape))
    sums = [0] * math.prod(kept)
    for index, number in zip(indices(x.shape), x.numbers):
        sums[place_of([0 if i in axes else k for i, k in enumerate(index)], kept)] += number
    shape = kept if keepdims else [size for i, size in enumerate(x.shape) if i not in axes]
    return ListArray(sums, shape, x.dtype)


def counted(package, device_type):
    """Exercise 4. Return a kernel package that computes as `package` does, and a Counter of what it was asked for.

    The Counter has the name of each op that was used, and how many numbers its results had in all: a product of two
    matrices with 2 by 3 numbers counts 6. A kernel returns one array or a list of arrays; they have a `shape`. The
    package's devices are called `device_type`. The given package must stay as it is: `changed` helps.
    """
    counts = Counter()

    def counting(name, kernel):
        def counting_kernel(*arrays, **settings):
            result = kernel(*arrays, **settings)
            for array in result if isinstance(result, (list, tuple)) else [result]:
                counts[name] += math.prod(array.shape)
            return result

        return counting_kernel

    kernels = {name: counting(name, kernel) for name, kernel in package.KERNELS.items()}
    return changed(package, DEVICE_TYPE=device_type, KERNELS=kernels), counts


# ------------------------------------------------------------------------------------------------------- checks


def check_comparison():
    less = comparison(lambda x, y: x < y)
    random = np.random.default_rng(0)
    for shape, other in [((3,), (3,)), ((2, 1), (3,)), ((), (2, 3)), ((4, 1, 2), (3, 1)), ((0, 1), (2,)), ((1,), ())]:
        x, y = random.integers(0, 5, shape), random.integers(0, 5, other)
        result = less(from_numpy(x), from_numpy(y))
        assert result.dtype == bool, f"the dtype is {result.dtype}"
        np.testing.assert_array_equal(to_numpy(result), np.asarray(x < y), err_msg=f"shapes {shape} and {other}")


def check_matmul():
    random = np.random.default_rng(1)
    for rows, depth, columns in [(2, 3, 4), (1, 5, 1), (3, 0, 2), (0, 2, 2)]:
        a, b = random.normal(size=(rows, depth)), random.normal(size=(depth, columns)).astype(np.float32)
        for transpose_a, transpose_b in itertools.product((False, True), repeat=2):
            factors = from_numpy(a.T if transpose_a else a), from_numpy(b.T if transpose_b else b)
            result = matmul(*factors, transpose_a=transpose_a, transpose_b=transpose_b)
            assert result.dtype == np.float64, f"the dtype is {result.dtype}"
            np.testing.assert_allclose(to_numpy(result), a @ b, atol=1e-12, err_msg=f"{transpose_a=}, {transpose_b=}")
    try:
        matmul(from_numpy(np.ones((2, 3))), from_numpy(np.ones((2, 3))))
    except ValueError:
        pass
    else:
        raise AssertionError("3 columns do not match 2 rows: that is a ValueError")


def check_reduce_sum():
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for axis in (None, (0,), (1,), (2,), (0, 2), (1, 0), (), (0, 1, 2)):
        for keepdims in (False, True):
            result = reduce_sum(from_numpy(x), axis, keepdims)
            assert result.dtype == x.dtype, f"the dtype is {result.dtype}"
            np.testing.assert_array_equal(to_numpy(result), x.sum(axis=axis, keepdims=keepdims), err_msg=f"{axis=}")
    empty = reduce_sum(from_numpy(np.ones((2, 0))), (1,), False)
    np.testing.assert_array_equal(to_numpy(empty), [0.0, 0.0], err_msg="sums of no numbers")


def check_counted():
    package, counts = counted(minitfe_numpy, "COUNTER")
    kernel_registry.register_package("counter", package)
    with tf.device("/counter:0"):
        x, w = tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), tf.constant([[1.0], [2.0], [3.0]])
        counts.clear()
        np.testing.assert_array_equal(tf.matmul(x, w).numpy(), [[14.0], [32.0]])
        assert counts == Counter(matmul=2), counts
        tf.matmul(x, w)
        tf.unstack(x)
        assert counts == Counter(matmul=4, unstack=6), counts
        counts.clear()
        with tf.GradientTape() as tape:
            tape.watch(w)
            y = tf.matmul(x, w)
        np.testing.assert_array_equal(tape.gradient(y, w).numpy(), [[5.0], [7.0], [9.0]])
    assert counts["matmul"] == 2 + 3, "forwards two numbers, and backwards one for each of the weights"
    tf.matmul(tf.ones([2, 2]).cpu(), tf.ones([2, 2]).cpu())
    assert counts["matmul"] == 2 + 3, "the given package must not count"


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_comparison, check_matmul, check_reduce_sum, check_counted):
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
