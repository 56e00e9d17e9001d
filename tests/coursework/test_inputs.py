"""Where inputs come from, and what a spec may not say."""

import numpy as np
import pytest
from hypothesis import strategies as st

from minitfe.coursework import Assignment, Forbids, Gradient, Returns, SpecError, Values
from minitfe.coursework.assignment import load_assignment
from minitfe.coursework.inputs import drawn
from minitfe.gradcheck import strategies


def test_inputs_are_the_same_for_the_same_seed():
    inputs = [Values((2, 3)), st.integers(0, 5), "fixed"]
    first, second = drawn(inputs, 3, 7, "float64"), drawn(inputs, 3, 7, "float64")
    assert len(first) == 3
    for (x, n, text), (other, m, _) in zip(first, second):
        np.testing.assert_array_equal(x, other)
        assert (n, text) == (m, "fixed") and 0 <= n <= 5
    assert not np.array_equal(first[0][0], first[1][0])
    assert not np.array_equal(first[0][0], drawn(inputs, 1, 8, "float64")[0][0])


def test_fixed_inputs_are_tried_once():
    assert drawn([1, "a"], 5, 0, "float64") == [[1, "a"]]
    assert drawn([], 5, 0, "float64") == [[]]


def test_one_strategy_may_draw_all_arguments():
    calls = drawn(strategies.broadcastable_arrays(2), 4, 0, "float64")
    assert len(calls) == 4
    for x, y in calls:
        np.broadcast_shapes(x.shape, y.shape)


def test_the_dtype_of_values():
    assert drawn([Values((2,))], 1, 0, "float32")[0][0].dtype == np.float32


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Returns("f", abs, [1], points=-1), "points must be a number"),
        (lambda: Returns("f", abs, [1], points="2"), "points must be a number"),
        (lambda: Returns("f", abs, [1], visibility="secret"), "visibility must be one of visible, hidden"),
        (lambda: Returns("f(x)", abs, [1]), "name of a function"),
        (lambda: Returns("f", abs, [1], trials=0), "trials must be 1 or more"),
        (lambda: Returns("f", abs, [1], dtype="int8"), "dtype must be one of"),
        (lambda: Gradient("f", [1], forbids="np.dot"), r"names must be a list of texts such as \['np.linalg.inv'\]"),
        (lambda: Forbids("np.dot"), "names must be a list"),
        (lambda: Assignment("A", []), "at least one"),
        (lambda: Assignment("A", [Forbids(["a"]), Forbids(["a"])]), "'without a' is there more than once"),
        (lambda: Assignment("A", [Forbids(["a"])], files=["../x"]), "relative to the submission"),
        (lambda: Assignment("A", [Forbids(["a"])], time_limit=0), "more than 0 seconds"),
        (lambda: Assignment("A", [Forbids(["a"])], memory_limit=1), "256 megabytes or more"),
    ],
)
def test_a_spec_that_cannot_be(make, text):
    with pytest.raises(SpecError, match=text):
        make()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("1 +", "could not be run: SyntaxError"),
        ("import nothing_of_that_name", "could not be run: ModuleNotFoundError"),
        ("x = 1", "must set `assignment`"),
    ],
)
def test_a_spec_file_that_cannot_be(content, text, tmp_path):
    (tmp_path / "spec.py").write_text(content)
    with pytest.raises(SpecError, match=text):
        load_assignment(tmp_path / "spec.py")
    with pytest.raises(SpecError, match="is no Python file"):
        load_assignment(tmp_path / "none.py")


def test_a_spec_may_import_what_lies_beside_it(tmp_path):
    (tmp_path / "answers_of_mine.py").write_text("def f(x): return 2 * x\n")
    (tmp_path / "spec.py").write_text(
        "from answers_of_mine import f\nfrom minitfe.coursework import *\n"
        "assignment = Assignment('A', [Returns('f', f, [1])])\n"
    )
    assert load_assignment(tmp_path / "spec.py").items[0].title == "f: returns"
