"""The command line: its exit status, what it prints and what it writes."""

import json

import pytest

from minitfe.__main__ import main

SPEC = """
from minitfe.coursework import Assignment, Forbids, Returns

assignment = Assignment("Homework", [
    Returns("f", 1, [], points=2),
    Returns("g", 2, [], visibility="after_due_date"),
    Forbids(["while"]),
])
"""


@pytest.fixture
def files(tmp_path):
    (tmp_path / "teacher").mkdir()
    (tmp_path / "student").mkdir()
    (tmp_path / "teacher" / "spec.py").write_text(SPEC)

    def write(program):
        (tmp_path / "student" / "hw.py").write_text(program)
        return tmp_path / "student" / "hw.py", tmp_path / "teacher" / "spec.py"

    return write


def run(*arguments):
    return main(["check", *map(str, arguments)])


def test_all_passed(files, capsys, tmp_path):
    submission, spec = files("def f(): return 1\ndef g(): return 2\n")
    report, results = tmp_path / "report.json", tmp_path / "new" / "results.json"
    assert run(submission, "--spec", spec, "--json", report, "--gradescope", results) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Homework: hw.py", "pass  f: returns  (2 of 2)", "pass  without while  (1 of 1)", "score: 3 of 3",
        "1 more items, worth 1 points, are not shown",
    ]  # fmt: skip
    assert json.loads(report.read_text())["passed"] is True
    assert [t["visibility"] for t in json.loads(results.read_text())["tests"]] == [
        "visible",
        "after_due_date",
        "visible",
    ]
    assert [p.name for p in submission.parent.iterdir()] == ["hw.py"], "nothing is put beside the submission"


def test_some_failed_hidden_ones_too(files, capsys):
    submission, spec = files("def f(): return 1\ndef g(): return 3\n")
    assert run(submission, "--spec", spec) == 1
    assert "expected 2" not in capsys.readouterr().out
    assert run(submission, "--spec", spec, "--show-hidden") == 1
    assert "g is wrong. Expected 2, got 3." in capsys.readouterr().out


def test_an_import_that_fails(files, capsys, tmp_path):
    submission, spec = files("1 / 0")
    assert run(submission, "--spec", spec, "--gradescope", tmp_path / "results.json") == 3
    assert "could not be imported. ZeroDivisionError" in capsys.readouterr().out
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["score"] == 0 and "ZeroDivisionError" in found["output"]
    assert sum(t["max_score"] for t in found["tests"]) == 4


def test_a_spec_at_fault_writes_nothing(files, capsys, tmp_path):
    submission, spec = files("")
    spec.write_text("assignment = 1")
    assert run(submission, "--spec", spec, "--json", tmp_path / "report.json") == 2
    assert "must set `assignment`" in capsys.readouterr().err
    assert not (tmp_path / "report.json").exists()


@pytest.mark.parametrize("wrong", [["--time-limit", "0"], ["--memory-limit", "1"]])
def test_limits_at_fault(files, capsys, wrong):
    assert run(*files("")[:1], "--spec", files("")[1], *wrong) == 2
    assert "limit must be" in capsys.readouterr().err


def test_a_submission_that_is_not_there(files, tmp_path, capsys):
    assert run(tmp_path / "none.py", "--spec", files("")[1]) == 2
    assert "could not be read" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        run(tmp_path / "none.py")


def test_a_user_who_is_not_there(files, capsys):
    submission, spec = files("def f(): return 1")
    assert run(submission, "--spec", spec, "--user", "nobody-of-that-name") == 4
    assert "could not be started" in capsys.readouterr().err


def test_a_report_that_cannot_be_written(files, capsys, tmp_path):
    submission, spec = files("def f(): return 1\ndef g(): return 2\n")
    (tmp_path / "file").write_text("")
    assert run(submission, "--spec", spec, "--json", tmp_path / "file" / "report.json") == 4
    assert "report.json" in capsys.readouterr().err
