"""tf.test: test cases for users' tests, which pass and fail as they should."""

import os
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pytest

import minitfe as tf

Pair = namedtuple("Pair", "x y")


@pytest.fixture
def case():
    case = tf.test.TestCase()
    yield case
    case.doCleanups()


fails = pytest.raises(AssertionError)


def test_all_close(case):
    case.assertAllClose([1.0, 2.0], tf.constant([1.0, 2.0]) + 1e-7)
    case.assertAllClose(tf.constant([[1.0]]), [[1.1]], atol=0.2)
    case.assertAllClose(Pair(1.0, [2.0, 3.0]), Pair(tf.constant(1.0), np.array([2.0, 3.0])))
    case.assertAllClose({"a": [1.0], "b": [[1.0], 2.0]}, {"a": tf.ones([1]), "b": [tf.ones([1]), 2.0]})
    case.assertAllClose([np.nan, np.inf], [np.nan, np.inf])
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        case.assertAllClose([1.0, 2.0], [1.0, 2.1])
    with pytest.raises(AssertionError, match="Shape mismatch: expected .2,., got .1, 2.. of rows"):
        case.assertAllClose([1.0, 2.0], [[1.0, 2.0]], msg="of rows")
    with pytest.raises(AssertionError, match="under the key 'b'"):
        case.assertAllClose({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 3.0})
    with pytest.raises(AssertionError, match="at position 1"):
        case.assertAllClose([[1.0], [1.0, 2.0]], [[1.0], [1.0, 3.0]])
    with fails:
        case.assertAllClose({"a": 1.0}, {"b": 1.0})


def test_all_close_according_to_type(case):
    case.assertAllCloseAccordingToType(np.float16([1.0]), [1.0005])
    with fails:
        case.assertAllCloseAccordingToType(np.float32([1.0]), [1.0005])


def test_all_equal(case):
    case.assertAllEqual([1, 2], tf.constant([1, 2]))
    case.assertAllEqual(["a", "b"], tf.constant(["a", "b"]))
    case.assertAllEqual([np.nan], [np.nan])
    with fails:
        case.assertAllEqual([1, 2], tf.constant([1, 3]))
    with pytest.raises(AssertionError, match="Shape mismatch"):
        case.assertAllEqual([1, 1], 1)


def test_near(case):
    case.assertNear(1.0, tf.constant(1.05), 0.1)
    case.assertArrayNear([1.0, 2.0], [1.05, 2.05], 0.1)
    case.assertNDArrayNear(np.ones(2), np.ones(2) + 0.01, 0.1)
    with fails:
        case.assertNear(1.0, 1.5, 0.1)
    with fails:
        case.assertArrayNear([1.0, 2.0], [1.05, 2.5], 0.1)
    with fails:
        case.assertNDArrayNear(np.ones(2), np.ones(2) + 0.1, 0.1)


def test_other_properties(case):
    case.assertShapeEqual(np.ones([2, 3]), tf.ones([2, 3]))
    case.assertDTypeEqual(tf.ones([2]), tf.float32)
    case.assertStartsWith("text", "te")
    case.assertItemsEqual([1, 2], [2, 1])
    for wrong in (
        lambda: case.assertShapeEqual(np.ones([2, 3]), tf.ones([3, 2])),
        lambda: case.assertDTypeEqual(np.ones([2]), tf.float32),
        lambda: case.assertStartsWith("text", "ex"),
        lambda: case.assertItemsEqual([1, 2], [2, 2]),
    ):
        with fails:
            wrong()


def test_errors_are_expected(case):
    with case.assertRaisesOpError("must be same"):
        raise tf.errors.InvalidArgumentError("they must be same")
    with case.assertRaisesWithPredicateMatch(ValueError, lambda error: "x" in str(error)):
        raise ValueError("x")
    with fails, case.assertRaisesOpError("other"):
        raise tf.errors.InvalidArgumentError("text")
    with pytest.raises(AssertionError, match="OpError not raised"), case.assertRaisesOpError("other"):
        pass


def test_evaluate_gives_arrays(case):
    assert case.evaluate({"a": tf.constant([1, 2]), "b": [tf.Variable(3.0)]})["a"].tolist() == [1, 2]
    with case.test_session() as session:
        assert session is None


def test_evaluate_in_a_graph(case):
    with tf.Graph().as_default():
        x = tf.constant(2.0)
        assert case.evaluate([x * 3.0]) == [6.0]
        case.assertAllClose(4.0, x * 2.0)
        with case.test_session() as session:
            assert session.run(x) == 2.0


def test_each_test_draws_the_same_numbers(case):
    draws = []
    for _ in range(2):
        case.setUp()
        draws.append([float(tf.random_normal([])), np.random.rand()])
    assert draws[0] == draws[1]


def test_folders_for_files(case):
    folder = case.get_temp_dir()
    assert folder == case.get_temp_dir()
    assert os.path.isdir(folder)
    case.doCleanups()
    assert not os.path.exists(folder)
    assert tf.test.get_temp_dir() == tf.test.get_temp_dir()


def test_devices():
    gpus = tf.contrib.eager.num_gpus()
    assert tf.test.is_gpu_available() == bool(gpus)
    assert tf.test.gpu_device_name() == ("/device:GPU:0" if gpus else "")
    assert not tf.test.is_built_with_cuda()
    assert not tf.test.is_gpu_available(cuda_only=True)


def test_a_benchmark_reports(capsys):
    class Sums(tf.test.Benchmark):
        def benchmark_small(self):
            self.report_benchmark(iters=3, wall_time=0.5, extras={"size": 2})

    Sums().benchmark_small()
    assert capsys.readouterr().out == "Sums.benchmark_small: iters 3, wall_time 0.5, size 2\n"


@pytest.mark.parametrize(("right", "code"), [(4.0, 0), (5.0, 1)])
def test_a_file_of_tests(tmp_path, right, code):
    (tmp_path / "square_test.py").write_text(
        "import minitfe as tf\n"
        "class SquareTest(tf.test.TestCase):\n"
        "    def test_square(self):\n"
        f"        self.assertAllClose({right}, tf.square(2.))\n"
        "if __name__ == '__main__':\n"
        "    tf.enable_eager_execution()\n"
        "    tf.test.main()\n"
    )
    done = subprocess.run([sys.executable, "square_test.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == code
    assert "Ran 1 test" in done.stderr
