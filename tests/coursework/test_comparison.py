"""What counts as the same answer, and how a difference is described."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.coursework.comparison import difference, shown
from minitfe.coursework.wire import Unsendable

SAME = [
    (1.0, 1.0),
    (1.0, 1),
    ([1.0, 2.0], np.array([1.0, 2.0])),
    (np.float32([1.0, 2.0]), [1.0, 2.0 + 1e-8]),
    (np.array([1e-9]), np.array([1e-9])),
    (np.array([1e-17, 0.0]), np.zeros(2)),
    (np.array([np.nan, np.inf, -np.inf]), np.array([np.nan, np.inf, -np.inf])),
    ((np.zeros(2), 1), [np.zeros(2), 1]),
    ({"a": np.ones(3), "b": "text"}, {"b": "text", "a": np.ones(3)}),
    (None, None),
    (np.array([1 + 2j]), np.array([1 + 2j])),
    (np.zeros((0, 3)), np.zeros((0, 3))),
    (np.ones(2), tf.ones([2])),
    ([], []),
]

DIFFERENT = [
    (2.0, 1.0, "expected 1, got 2"),
    (np.array([1.0, 3.0]), np.array([1.0, 2.0]), "at [1]: expected 2, got 3; 1 of 2 numbers differ"),
    (np.array([[1.0, 2.0]]), np.array([1.0, 2.0]), "expected shape (2,), got shape (1, 2)"),
    (np.array([2e-9]), np.array([1e-9]), "at [0]: expected 1e-09, got 2e-09"),
    (np.array([3]), np.array([2]), "at [0]: expected 2, got 3"),
    (np.array([1, 0]), np.array([True, False]), "expected bool, got int64"),
    (np.array([0.0]), np.array([np.nan]), "at [0]: expected nan, got 0"),
    (np.array([np.inf]), np.array([-np.inf]), "at [0]: expected -inf, got inf"),
    (np.array([np.nan]), np.array([0.0]), "at [0]: expected 0, got nan"),
    (None, np.ones(2), "expected an array of shape (2,), got None"),
    (1.0, None, "expected None, got 1.0"),
    ("1", 1, "expected a number, got '1'"),
    ((1.0,), (1.0, "a"), "expected 2 values, got 1"),
    ((np.ones(2), "b"), (np.ones(2), "a"), "at [1]: expected 'a', got 'b'"),
    ({"a": 1}, {"b": 1}, "expected a dictionary with the keys ['b'], got the keys ['a']"),
    ({"a": np.array([1.0, 5.0])}, {"a": np.ones(2)}, "at ['a'][1]: expected 1, got 5; 1 of 2 numbers differ"),
    (Unsendable("Model", "<Model>"), 1.0, "expected a number, got <Model>, a Model"),
]


@pytest.mark.parametrize(("got", "expected"), SAME)
def test_the_same(got, expected):
    assert difference(got, expected, 1e-6) is None


@pytest.mark.parametrize(("got", "expected", "text"), DIFFERENT)
def test_the_first_difference(got, expected, text):
    assert difference(got, expected, 1e-6) == text


def test_the_tolerance_is_relative_to_the_largest_number():
    expected = np.array([1000.0, 0.0])
    assert difference(np.array([1000.0, 1e-4]), expected, 1e-6) is None
    assert difference(np.array([1000.0, 1e-2]), expected, 1e-6)


def test_long_arrays_are_described():
    assert shown(np.arange(100.0)) == "an array of shape (100,) that begins with 0, 1, 2, 3"
