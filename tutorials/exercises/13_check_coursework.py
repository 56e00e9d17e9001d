"""Exercises for chapter 13, check coursework.

Replace each ``raise NotImplementedError`` by your answer, then run this file: it says what still fails.

A class is to write swish(x) = x / (1 + exp(-x)) for numpy arrays, and its rule. You write the items that check it. An
item is right when it passes the right submission and none of the wrong ones.
"""

import numpy as np

import minitfe as tf
from minitfe import coursework

tf.enable_eager_execution()

RIGHT = """
import numpy as np

def sigmoid(x):
    return np.exp(-np.logaddexp(0, -x))

def swish(x):
    return x * sigmoid(x)

def swish_rule(x, g):
    s = sigmoid(x)
    return g * (s + x * s * (1 - s))
"""


def values_item():
    """Exercise 1. Return an item, worth 2 points, that checks ``swish`` against a reference of your own.

    A submission may be wrong for some inputs only: choose inputs that show it. `inputs` may be an array of your choice
    instead of `Values`.
    """
    raise NotImplementedError("values_item is yours to write")


def rule_item():
    """Exercise 2. Return an item, worth 3 points, that checks the rule ``swish_rule(x, g)``.

    A submission may hold a wrong ``swish`` that its wrong rule fits: measure the slopes of something else.
    """
    raise NotImplementedError("rule_item is yours to write")


def loops_item():
    """Exercise 3. Return an item that fails a program with a loop in ``swish``, and only there.

    A comprehension is a loop. ``np.vectorize`` hides one. Loops in other functions are welcome.
    """
    raise NotImplementedError("loops_item is yours to write")


def points(item, **programs):
    """Exercise 4. Return a dictionary with the points that each program earns for an item.

    The programs come as texts, by name. `grade` takes an `Assignment` and a `Submission`, whose content is bytes, and
    returns grades that have a `score`.
    """
    raise NotImplementedError("points is yours to write")


# ------------------------------------------------------------------------------------------------------- checks


def changed(*changes):
    """The right submission with some words replaced."""
    program = RIGHT
    for old, new in changes:
        assert old in program
        program = program.replace(old, new)
    return program


def passes(item, program):
    outcome = coursework.grade(
        coursework.Assignment("Swish", [item]), coursework.Submission("homework.py", program.encode())
    ).outcomes[0]
    return outcome.finding.status == "passed"


def check_item(item, worth, wrong):
    assert item.points == worth, f"it is worth {item.points} points"
    assert passes(item, RIGHT), "the right submission fails"
    for what, program in wrong.items():
        assert not passes(item, program), f"a submission passes that {what}"


def check_values_item():
    wrong = {
        "forgets x": changed(("return x * sigmoid(x)", "return sigmoid(x)")),
        "is wrong where x is negative": changed(("return x * sigmoid(x)", "return np.maximum(x * sigmoid(x), 0)")),
        "overflows where x is 1000": changed(("return x * sigmoid(x)", "return x * np.exp(x) / (1 + np.exp(x))")),
    }
    check_item(values_item(), 2, wrong)


def check_rule_item():
    wrong = {
        "forgets one of the terms": changed(("(s + x * s * (1 - s))", "s")),
        "ignores g": changed(("return g * (s +", "return (s +")),
        "has a flat swish and the rule for that": changed(
            ("return x * sigmoid(x)", "return 0 * x"), ("return g * (s + x * s * (1 - s))", "return 0 * g")
        ),
    }
    check_item(rule_item(), 3, wrong)


def check_loops_item():
    body = "return x * sigmoid(x)"
    wrong = {
        "has a loop": changed((body, "y = x.copy()\n    for i in range(len(x)): y[i] *= sigmoid(x[i])\n    return y")),
        "has a while loop": changed((body, "while False: pass\n    return x * sigmoid(x)")),
        "has a comprehension": changed((body, "return np.array([z * sigmoid(z) for z in x])")),
        "hides a loop": changed((body, "return x * np.vectorize(sigmoid)(x)")),
    }
    item = loops_item()
    check_item(item, item.points, wrong)
    assert passes(item, RIGHT + "\nfor x in range(3):\n    swish(x)\n"), "a loop elsewhere is welcome"


def check_points():
    item = coursework.Returns("swish", lambda x: x / (1 + np.exp(-x)), [coursework.Values((3,))], points=4)
    earned = points(item, right=RIGHT, wrong=changed(("return x *", "return 2 * x *")))
    assert earned == {"right": 4.0, "wrong": 0.0}, f"it returned {earned}"


def check():
    """Says of each exercise whether it passes, and ends the program with an error unless all do."""
    failed = 0
    for one in (check_values_item, check_rule_item, check_loops_item, check_points):
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
