"""What ``tf.test`` has for the tests of a program: unittest's test cases, with comparisons of arrays and tensors."""

from __future__ import annotations

import random
import re
import sys
import tempfile
import unittest
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from minitfe import errors, nest
from minitfe.context import executing_eagerly
from minitfe.conversion import resolve
from minitfe.devices import num_gpus
from minitfe.dtypes import as_dtype
from minitfe.graph.session import Session, get_default_session
from minitfe.graph.session_graph import reset_default_graph
from minitfe.ops.random import set_random_seed
from minitfe.tensor import Tensor

SEED = 87654321  # TensorFlow's


class TestCase(unittest.TestCase):
    """A test case whose tests draw the same random numbers each time.

    >>> class AddTest(tf.test.TestCase):
    ...     def test_sum(self):
    ...         self.assertAllClose([3.0, 4.0], tf.constant([1.0, 2.0]) + 2.0)

    TensorFlow: tf.test.TestCase.
    """

    __test__ = False  # pytest meets it under its name in tf.test

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.__test__ = True

    def setUp(self) -> None:
        """Seeds all generators, and begins a new graph."""
        random.seed(SEED)
        np.random.seed(SEED)
        if not executing_eagerly():
            reset_default_graph()
        set_random_seed(SEED)

    # ------------------------------------------------------------------------------------------------ getting values

    def evaluate(self, tensors: Any) -> Any:
        """Returns tensors, in any nested structure, as numpy arrays: read at once, or computed in a session."""
        if executing_eagerly():
            return nest.map_structure(_value, tensors)
        session = get_default_session()
        if session is not None:
            return session.run(tensors)
        with self.session() as session:
            return session.run(tensors)

    @contextmanager
    def session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Session | None]:
        """A scope with a session for a graph; in eager execution a scope with none."""
        if executing_eagerly() and graph is None:
            yield None
        else:
            with Session(graph=graph, config=config) as session:
                yield session

    @property
    def test_session(self) -> Callable[..., Any]:
        """The same as `session`; not a method, which would be taken for a test."""
        return self.session

    def get_temp_dir(self) -> str:
        """Returns a folder for files; it is deleted after the test."""
        if not hasattr(self, "_folder"):
            self._folder = tempfile.TemporaryDirectory()
            self.addCleanup(self._folder.cleanup)
        return self._folder.name

    def _array(self, value: Any) -> np.ndarray[Any, Any]:
        """One array of what may be a tensor, or a list of them."""
        return np.asarray(nest.map_structure(self._leaf, value))

    def _leaf(self, value: Any) -> Any:
        value = resolve(value)
        return self.evaluate(value) if isinstance(value, Tensor) else value

    def _is_array(self, value: Any) -> bool:
        """Whether one array can be made of it; not of lists of different lengths, or of dicts."""
        try:
            return not isinstance(value, Mapping) and self._array(value).dtype.kind != "O"
        except ValueError:
            return False

    # ------------------------------------------------------------------------------------------------------ comparing

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fails unless arrays, or structures of them, are equal but for small differences."""
        if isinstance(a, Mapping):
            self.assertEqual(set(a), set(b), msg)
            for key in a:
                self.assertAllClose(a[key], b[key], rtol, atol, msg or f"under the key {key!r}")
        elif isinstance(a, (list, tuple)) and not self._is_array(a):
            self.assertEqual(len(a), len(b), msg)
            for i, (x, y) in enumerate(zip(a, b)):
                self.assertAllClose(x, y, rtol, atol, msg or f"at position {i}")
        else:
            x, y = self._alike(a, b, msg)
            np.testing.assert_allclose(x, y, rtol, atol, err_msg=msg or "")

    def _alike(self, a: Any, b: Any, msg: str | None) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Both as arrays, of one shape."""
        x, y = self._array(a), self._array(b)
        self.assertEqual(x.shape, y.shape, f"Shape mismatch: expected {x.shape}, got {y.shape}. {msg or ''}")
        return x, y

    def assertAllCloseAccordingToType(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6,
        float_atol: float = 1e-6, half_rtol: float = 1e-3, half_atol: float = 1e-3, msg: str | None = None,
    ) -> None:  # fmt: skip
        """Does the same, with larger differences allowed for narrower types."""
        x, y = self._array(a), self._array(b)
        narrowest = min(x.dtype.itemsize, y.dtype.itemsize)
        if np.float32 in (x.dtype, y.dtype):
            rtol, atol = max(rtol, float_rtol), max(atol, float_atol)
        if narrowest == 2:
            rtol, atol = max(rtol, half_rtol), max(atol, half_atol)
        self.assertAllClose(x, y, rtol, atol, msg)

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fails unless arrays are equal; NaN counts as equal to NaN."""
        x, y = self._alike(a, b, msg)
        np.testing.assert_array_equal(_as_bytes(x), _as_bytes(y), err_msg=msg or "")

    def assertNear(self, f1: Any, f2: Any, err: float, msg: str | None = None) -> None:
        """Fails unless two numbers differ by no more than err."""
        x, y = float(self._array(f1)), float(self._array(f2))
        self.assertTrue(x == y or abs(x - y) <= err, f"{x} != {y} +/- {err} {msg or ''}")

    def assertArrayNear(
        self, farray1: Sequence[Any], farray2: Sequence[Any], err: float, msg: str | None = None
    ) -> None:
        """Fails unless the numbers of two lists differ by no more than err."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2):
            self.assertNear(f1, f2, err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """Fails unless the length of the difference of two arrays is below err."""
        self.assertTrue(np.linalg.norm(self._array(ndarray1) - self._array(ndarray2)) < err, msg)

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: str | None = None) -> None:
        """Fails unless an array and a tensor have the same shape."""
        self.assertEqual(list(np.shape(np_array)), tf_tensor.shape.as_list(), msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fails unless an array or a tensor is of a dtype."""
        self.assertEqual(self._array(target).dtype, as_dtype(expected_dtype).as_numpy_dtype)

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """Fails unless a text begins in some way."""
        self.assertTrue(
            actual.startswith(expected_start), f"{actual!r} does not start with {expected_start!r}. {msg or ''}"
        )

    def assertItemsEqual(self, first: Any, second: Any, msg: str | None = None) -> None:
        """Fails unless two lists have the same elements, in any order."""
        self.assertCountEqual(first, second, msg)

    # ---------------------------------------------------------------------------------------------------------- errors

    @contextmanager
    def assertRaisesWithPredicateMatch(
        self, exception_type: type[Exception], expected_err_re_or_predicate: str | Callable[[Exception], bool]
    ) -> Iterator[None]:
        """A scope that must raise an error, whose text fits a regular expression, or of which a predicate is true."""
        try:
            yield
        except exception_type as error:
            self.assertTrue(_fits(error, expected_err_re_or_predicate), f"not the expected error: {error!r}")
        else:
            self.fail(f"{exception_type.__name__} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """The same for ``tf.errors.OpError``."""
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)


def _value(x: Any) -> Any:
    x = resolve(x)
    return x.numpy() if isinstance(x, Tensor) else x


def _as_bytes(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Texts as bytes, which is what tensors have."""
    return np.char.encode(array, "utf-8").astype(object) if array.dtype.kind == "U" else array


def _fits(error: Exception, expected: str | Callable[[Exception], bool]) -> bool:
    return bool(expected(error)) if callable(expected) else re.search(expected, str(error)) is not None


# ----------------------------------------------------------------------------------------------------- around the tests


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the tests of the program, and ends it: with exit code 0 if all passed.

    TensorFlow: tf.test.main.
    """
    unittest.main(module="__main__", argv=list(sys.argv if argv is None else argv))


def get_temp_dir() -> str:
    """Returns a folder for files, the same each time; it is deleted when the program ends.

    TensorFlow: tf.test.get_temp_dir.
    """
    return _folder().name


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: Any = None) -> bool:
    """Says whether there is a GPU to run on. The arguments ask for CUDA, which none here has.

    TensorFlow: tf.test.is_gpu_available.
    """
    return num_gpus() > 0 and not cuda_only and min_cuda_compute_capability is None


def gpu_device_name() -> str:
    """Returns the name of the first GPU, ``'/device:GPU:0'``; the empty text where there is none.

    TensorFlow: tf.test.gpu_device_name.
    """
    return "/device:GPU:0" if num_gpus() else ""


def is_built_with_cuda() -> bool:
    """Returns False: GPUs are reached by OpenCL.

    TensorFlow: tf.test.is_built_with_cuda.
    """
    return False


class Benchmark:
    """The base of classes that measure times, in methods that somebody calls.

    TensorFlow: tf.test.Benchmark.
    """

    def report_benchmark(
        self, iters: int | None = None, cpu_time: float | None = None, wall_time: float | None = None,
        throughput: float | None = None, extras: Any = None, name: str | None = None,
    ) -> None:  # fmt: skip
        """Prints what was measured.

        Args:
            iters: how often.
            cpu_time, wall_time: seconds per time.
            throughput: examples per second.
            extras: other figures by their names.
            name: by default that of the class and of the method that calls this.
        """
        name = name or f"{type(self).__name__}.{sys._getframe(1).f_code.co_name}"
        figures = {"iters": iters, "cpu_time": cpu_time, "wall_time": wall_time, "throughput": throughput}
        known = {key: value for key, value in (figures | dict(extras or {})).items() if value is not None}
        print(f"{name}: {', '.join(f'{key} {value}' for key, value in known.items())}")
