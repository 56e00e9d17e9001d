"""Submissions that are right, wrong, or trouble: what each item earns, and what the student reads."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

import minitfe as tf
from minitfe.coursework import (
    Assignment,
    Forbids,
    Gradient,
    Limits,
    Raises,
    Requires,
    Returns,
    Rule,
    SpecError,
    Submission,
    Values,
    grade,
    reports,
)

RIGHT = b"""
import numpy as np
import minitfe as tf

@tf.custom_gradient
def softplus(x):
    e = tf.exp(x)
    return tf.log(1 + e), lambda g: g * e / (1 + e)

def softplus_rule(x, g):
    return g / (1 + np.exp(-x))

def plain(x):
    if not isinstance(x, np.ndarray):
        raise TypeError("x must be an array")
    return np.log(1 + np.exp(x))

def matmul_rule(a, b, g):
    return g @ b.T, a.T @ g

def cross_entropy(logits, labels):
    return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
"""

WRONG = (
    RIGHT.replace(b"lambda g: g *", b"lambda g: -g *")
    .replace(b"return g / ", b"return 2 * g / ")
    .replace(b"np.log(1 +", b"np.log(2 +")
    .replace(b"return g @ b.T, a.T @ g", b"return g @ b.T")
)


def softplus(x):
    return np.log1p(np.exp(x))


def cross_entropy(logits, labels):
    return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))


ASSIGNMENT = Assignment(
    "Homework",
    items=[
        Returns("plain", softplus, [Values((2, 3))], points=2),
        Gradient("softplus", [Values((3,))], reference=softplus, points=3),
        Gradient("softplus", [Values((3,))], name="own slopes", points=0, visibility="hidden"),
        Rule("softplus_rule", [Values((3,))], of=softplus, points=2),
        Rule("matmul_rule", [Values((2, 3)), Values((3, 2))], of=np.matmul),
        Raises("plain", TypeError, ["text"], match="must be an array"),
        Requires(["tf.custom_gradient"]),
    ],
)


def graded(items, program, **limits):
    if not isinstance(items, Assignment):
        items = Assignment("Homework", items)
    return grade(items, Submission("hw.py", program), Limits(**limits) if limits else None)


def texts(grades):
    return {o.item.title: o.finding.text for o in grades.outcomes}


def test_a_right_submission_earns_all_points():
    grades = graded(ASSIGNMENT, RIGHT)
    assert grades.all_passed, texts(grades)
    assert grades.score == grades.max_score == 10
    assert grades.unimportable is None
    assert reports.as_text(grades).splitlines()[-2:] == [
        "score: 10 of 10",
        "1 more items, worth 0 points, are not shown",
    ]


@pytest.fixture(scope="module")
def wrong():
    return graded(ASSIGNMENT, WRONG)


def test_a_wrong_submission_earns_the_rest(wrong):
    assert {o.item.title: o.score for o in wrong.outcomes} == {
        "plain: returns": 0, "softplus: gradient": 0, "own slopes": 0, "softplus_rule: rule": 0, "matmul_rule: rule": 0,
        "plain: raises": 1, "with tf.custom_gradient": 1,
    }  # fmt: skip
    assert not wrong.all_passed


def test_a_student_reads_what_to_do(wrong):
    said = texts(wrong)
    assert "plain is wrong. At [0, 0]: expected" in said["plain: returns"]
    assert "6 of 6 numbers differ" in said["plain: returns"]
    assert "with x = [[" in said["plain: returns"]
    assert "hint: each slope has the wrong sign" in said["softplus: gradient"]
    assert "wrong: softplus: the gradient of input 0" in said["softplus: gradient"], "the op is named"
    assert "sign" in said["own slopes"]
    assert "x[0]: yours" in said["softplus_rule: rule"], "under the student's name"
    assert "2 times what it must be" in said["softplus_rule: rule"]
    assert "the rule returned 1 gradients for 2 inputs" in said["matmul_rule: rule"]


def test_the_text_keeps_what_is_hidden(wrong):
    text = reports.as_text(wrong)
    assert "own slopes" not in text
    assert "1 more items" in text
    assert "own slopes" in reports.as_text(wrong, show_all=True)


def test_json_has_everything(wrong):
    found = json.loads(json.dumps(reports.as_dict(wrong), allow_nan=False))
    assert found["schema"] == "minitfe.coursework/1"
    assert (found["score"], found["max_score"], found["passed"]) == (2, 10, False)
    item = found["items"][1]
    assert (item["kind"], item["status"], item["visibility"]) == ("gradient", "failed", "visible")
    assert item["gradcheck"]["failures"][0]["kind"] == "sign"
    assert found["items"][2]["visibility"] == "hidden"


def test_gradescope_has_partial_credit_and_visibility(wrong):
    found = json.loads(json.dumps(reports.as_gradescope(wrong), allow_nan=False))
    assert (found["score"], found["stdout_visibility"]) == (2, "hidden")
    assert [set(t) for t in found["tests"]] == [{"name", "score", "max_score", "status", "output", "visibility"}] * 7
    assert [t["status"] for t in found["tests"]] == ["failed"] * 5 + ["passed"] * 2
    assert found["tests"][2]["visibility"] == "hidden"
    assert sum(t["score"] for t in found["tests"]) == found["score"]


TROUBLE = b"""
import os, sys, time
import numpy as np
import minitfe as tf

def hang():
    print("here I am", flush=True)
    while True:
        pass

def leave():
    sys.exit(0)

def crash():
    os._exit(0)

def hoard():
    return np.ones(1 << 31)

def chatter():
    for _ in range(100_000):
        print("\\x1b[2J" + 50 * "talk ")
    return 1

def ask():
    return input("your name? ")

def fine():
    return 1

def stubborn(x):
    return None

class Model: pass

def thing():
    return Model()

def in_place(x):
    x += 1
    return x

def in_place_rule(x, g):
    return g

def half(x):
    return x if x < 3 else -x

def jump(x):
    return tf.floor(x)
"""


@pytest.fixture(scope="module")
def trouble():
    same = ["hang", "leave", "crash", "hoard", "chatter", "ask", "fine", "thing", "nowhere"]
    items = [Returns(name, 1, []) for name in same]
    items += [
        Returns("stubborn", 1, [np.ones(2)]),
        Rule("in_place_rule", [Values((2,))], of="in_place"),
        Gradient("jump", [np.array([0.5, 2.0])]),
        Returns("fine", 1, [], name="allowed", forbids=["while"]),
        Raises("fine", "ValueError", [], name="must raise"),
    ]
    return graded(items, TROUBLE, time=6.0, memory=3000)


def test_trouble_costs_the_item_that_makes_it(trouble):
    passed = [o.item.title for o in trouble.outcomes if o.finding.status == "passed"]
    assert passed == ["chatter: returns", "fine: returns"], texts(trouble)
    assert {o.item.title for o in trouble.outcomes if o.finding.status == "undecided"} <= {"jump: gradient"}


def test_trouble_is_explained(trouble):
    said = texts(trouble)
    assert said["hang: returns"].startswith("There was no answer within 6 seconds: an endless loop")
    assert said["leave: returns"].startswith("SystemExit: 0\n  hw.py, line 12, in leave: sys.exit(0)")
    assert said["crash: returns"].startswith("The process ended: exit status 0, by os._exit or a crash.")
    assert "MemoryError" in said["hoard: returns"] and "the limit is 3000 MB" in said["hoard: returns"]
    assert said["ask: returns"].startswith("EOFError")
    assert said["thing: returns"].startswith("thing returned <hw.Model object")
    assert said["nowhere: returns"].startswith("LookupError: there is no nowhere in your file")
    assert said["stubborn: returns"].startswith("stubborn is wrong. Expected a number, got None")
    assert said["in_place_rule: rule"].startswith("in_place_rule changes its arguments in place")
    assert said["allowed"] == "This is not allowed here:\n  line 8: while"
    assert said["must raise"] == "fine must raise ValueError, and it returned 1"


def test_what_is_printed_is_kept_within_bounds(trouble):
    printed = {o.item.title: o.output for o in trouble.outcomes}
    assert printed["hang: returns"] == "here I am\n"
    assert 10_000 < len(printed["chatter: returns"]) < 10_100
    assert printed["chatter: returns"].endswith("... (what came after is not shown)")
    assert "\x1b" not in json.dumps(reports.as_dict(trouble)).encode().decode("unicode_escape")


def test_integer_inputs_stay_where_they_are():
    items = [Gradient("cross_entropy", [Values((2, 3)), np.array([0, 2])], reference=cross_entropy)]
    grades = graded(items, RIGHT)
    assert grades.all_passed, texts(grades)


def test_each_input_may_earn_its_share():
    items = [Returns("half", lambda x: x, [Values((), low=0, high=4)], trials=8, partial=True, points=8)]
    [outcome] = graded(items, TROUBLE).outcomes
    assert 0 < outcome.score < 8
    assert outcome.score == int(outcome.score)
    assert outcome.finding.text.startswith(f"{outcome.score:g} of 8 inputs passed. half is wrong. Expected")


@pytest.mark.parametrize(
    ("program", "text"),
    [
        (b"def f(:", "Your file is no Python program. SyntaxError"),
        (b"\xff\xfe", "Your file is no Python program"),
        (b"import nothing_of_that_name\n", "Your file could not be imported. ModuleNotFoundError"),
        (b"raise SystemExit('enough')\n", "Your file could not be imported. SystemExit: enough"),
        (b"import os\nos._exit(3)\n", "Your file could not be imported. The process ended: exit status 3"),
    ],
)
def test_a_file_that_cannot_be_imported_earns_nothing(program, text):
    grades = graded([Returns("f", 1, []), Returns("g", 1, []), Forbids(["np.dot"])], program)
    assert grades.unimportable.startswith(text)
    assert grades.score == 0
    assert reports.as_text(grades).count(text) == 1


def test_a_broken_reference_is_no_students_fault():
    def broken(x):
        raise RuntimeError("oops")

    for item in (Returns("plain", broken, [np.ones(2)]), Gradient("softplus", [np.ones(2)], reference=broken)):
        with pytest.raises(SpecError, match="reference of .* raised RuntimeError: oops"):
            graded([item], RIGHT)
    with pytest.raises(SpecError, match="no answer can be compared with"):
        graded(
            [Returns("plain", {"a": [object()]}, [np.ones(2)])], RIGHT.replace(b"np.log(1 + np.exp(x))", b"{'a': [1]}")
        )
    with pytest.raises(SpecError, match="no input of floating point numbers"):
        graded([Gradient("softplus", [1])], RIGHT)


def test_settings_are_passed_by_name():
    program = b"def f(x, function, g=1): return x * function * g"
    item = Returns("f", lambda x, function, g: 6 * x, [np.ones(2)], keywords={"function": 2, "g": 3})
    assert graded([item], program).all_passed


def test_a_kink_among_the_inputs_is_excused_where_others_decide():
    program = b"import numpy as np\ndef rule(x, g): return g * np.sign(x)"
    kink, fine = np.array([0.0, 1.0]), np.array([2.0, -1.0])
    draws = st.sampled_from([(kink,), (fine,)])
    assert graded([Rule("rule", draws, of=np.abs, trials=8)], program).all_passed
    [outcome] = graded([Rule("rule", [kink], of=np.abs)], program).outcomes
    assert outcome.finding.status == "undecided" and outcome.score == 0
    assert outcome.finding.text.startswith("The numbers cannot decide; tell your teacher.")


def test_further_files_go_along(tmp_path):
    (tmp_path / "hw.py").write_text("from part import f\ndef g(): return open('data/x.txt').read()\n")
    (tmp_path / "part.py").write_text("def f(): return 7\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.txt").write_text("eight")
    others = ("part.py", "data/x.txt", "missing.py")
    submission = Submission.read(tmp_path / "hw.py", others)
    grades = grade(Assignment("A", [Returns("f", 7, []), Returns("g", "eight", [])], files=others), submission)
    assert grades.all_passed, texts(grades)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "hw.py", "part.py"], "nothing is left behind"


def test_limits_that_a_platform_lacks_are_named():
    grades = graded([Forbids(["np.dot"])], RIGHT)
    grades.missing = ["memory", "processor time"]
    assert "does not limit memory, processor time" in reports.as_text(grades)
    assert reports.as_dict(grades)["limits"]["missing"] == ["memory", "processor time"]


def test_reports_are_written_whole_or_not_at_all(tmp_path):
    grades = graded([Forbids(["np.dot"])], RIGHT)
    path = tmp_path / "results.json"
    path.write_text("old")
    with pytest.raises(ValueError):
        reports.write_json(path, {"score": float("nan")})
    assert path.read_text() == "old"
    reports.write_json(path, reports.as_gradescope(grades))
    assert json.loads(path.read_text())["score"] == 1
    assert [p.name for p in Path(tmp_path).iterdir()] == ["results.json"]
