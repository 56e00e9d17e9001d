"""Submissions that try to pass without solving anything. None of this makes a sandbox: docs/coursework.rst says what is left."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import minitfe
from minitfe.coursework import Assignment, Gradient, Limits, Returns, Rule, Submission, Values, grade
from minitfe.coursework.session import Session

from ..unavailable import unavailable

pwd = pytest.importorskip("pwd")  # there is none on Windows

SECRET = 42.123456789


def square(x):
    return x * x


ITEMS = [
    Returns("square", square, [Values((3,))]),
    Gradient("square", [Values((3,))], reference=square),
    Rule("rule", [Values((3,))], of=square),
]


def statuses(program, items=ITEMS):
    grades = grade(Assignment("A", items), Submission("hw.py", program))
    return [o.finding.status for o in grades.outcomes]


def test_rewriting_numpy_and_minitfe_passes_nothing():
    """All of it happens in a process that judges nothing."""
    program = b"""
import numpy as np
import minitfe as tf
import minitfe.gradcheck.runner, minitfe.coursework.items, minitfe.coursework.comparison
import minitfe.coursework.worker

yes = lambda *arguments, **keywords: True
for name in ("allclose", "array_equal", "isclose"):
    setattr(np, name, yes)
np.testing.assert_allclose = yes
minitfe.gradcheck.runner.check_vjp = minitfe.gradcheck.runner.check_gradients = yes
minitfe.coursework.comparison.difference = lambda *arguments: None
minitfe.coursework.items.FunctionItem.judge = yes

def square(x): return x
def rule(x, g): return g
"""
    assert statuses(program) == ["failed"] * 3


def test_forged_messages_and_results_pass_nothing(tmp_path):
    """The submission answers in place of the worker, and writes the reports that it would like to have."""
    program = b"""
import json, os, sys
import numpy as np
from minitfe.coursework import wire

forged = wire.pack({"value": np.ones(3), "passed": True, "status": "passed", "score": 100, "mutated": False})
for name in ("results.json", "../results.json", "grades.json"):
    try:
        open(name, "w").write(json.dumps({"score": 100, "tests": []}))
    except OSError:
        pass
for descriptor in range(3, 32):
    try:
        os.write(descriptor, len(forged).to_bytes(8, "little") + forged)
    except OSError:
        pass
def square(x): return x
def rule(x, g): return g
"""
    assert statuses(program) == ["failed"] * 3
    noise = program.replace(b'len(forged).to_bytes(8, "little") + forged', b'b"A" * 100')
    assert noise != program
    grades = grade(Assignment("A", ITEMS[:1]), Submission("hw.py", noise))
    assert not grades.all_passed
    assert "is no answer" in grades.outcomes[0].finding.text


def test_neither_spec_nor_answers_are_to_be_found_in_the_process(tmp_path, monkeypatch):
    """Arguments, environment, paths, open files, and every object in memory."""
    program = b"""
import gc, os, sys
import numpy as np

def look():
    found = [*sys.argv, *sys.orig_argv, *sys.path, os.getcwd(), *os.listdir("."), *map(str, os.environ.items()), *sys.modules]
    if os.path.isdir("/proc/self/fd"):
        for name in os.listdir("/proc/self/fd"):
            try:
                found.append(os.readlink("/proc/self/fd/" + name))
            except OSError:
                pass
    numbers = [x for held in gc.get_objects() if isinstance(held, (list, tuple)) for x in held if isinstance(x, float)]
    return {"words": "\\n".join(found), "numbers": numbers}
"""
    folder = tmp_path / "of_the_teacher"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(tmp_path)]))
    monkeypatch.setenv("GRADER_TOKEN", "of_the_teacher")
    limits = Limits(hidden_folder=folder)
    assignment = Assignment("Secret title", [Returns("look", SECRET, [])])
    with Session(Submission("hw.py", program), limits) as session:
        session.load()
        found = session.call("look", [])
    assert "hw.py" in found["words"] and str(tmp_path) in found["words"], "it looked in the right places"
    assert "of_the_teacher" not in found["words"]
    assert SECRET not in found["numbers"]
    outcome = grade(assignment, Submission("hw.py", program), limits).outcomes[0]
    assert outcome.finding.status == "failed"


def test_a_function_bent_to_fit_a_wrong_rule_fails_against_the_reference():
    program = b"""
import numpy as np
import minitfe as tf
@tf.custom_gradient
def square(x): return 0.0 * x, lambda g: 0.0 * g
def flat(x): return 0.0 * x
def rule(x, g): return 0.0 * g
"""
    assert statuses(program) == ["failed"] * 3


@pytest.mark.parametrize(
    "noise", [b"count[0] % 2", b"1e3 * np.sign(np.sin(1e15 * x))"], ids=["answers that change", "digits that are lost"]
)
def test_a_rule_that_is_noisy_where_it_is_wrong_does_not_pass(noise):
    """It is right at some of the points, and makes itself undecidable at the others."""
    program = b"""
import numpy as np
count = [0]
def rule(x, g):
    count[0] += 1
    right = 2 * g * x
    return right if x[0] < 0 else right + NOISE * g
""".replace(b"NOISE", noise)
    points = [Values((1,), low=-2, high=-1), Values((1,), low=1, high=2)]
    right, wrong, both = (
        Rule("rule", [inputs], of=square, name=name, trials=3)
        for name, inputs in [("right", points[0]), ("wrong", points[1]), ("both", Values((1,)))]
    )
    assert statuses(program, [right]) == ["passed"]
    assert "passed" not in statuses(program, [wrong, both])


def test_an_object_that_acts_when_it_is_unpickled_is_only_described(tmp_path):
    program = f"""
import os
class Bomb:
    def __reduce__(self):
        return os.system, ("touch {tmp_path}/exploded",)
def square(x): return Bomb()
""".encode()
    assert statuses(program, ITEMS[:1]) == ["failed"]
    assert not (tmp_path / "exploded").exists()


def test_a_submission_that_rewrites_itself_is_graded_as_it_was():
    program = b"""
import numpy as np
def square(x):
    open(__file__, "w").write("def rule(x, g): return 2 * g * x")
    return x * x
def rule(x, g): return g
"""
    assert statuses(program, [ITEMS[0], ITEMS[2]]) == ["passed", "failed"]


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="processes are looked up in /proc")
def test_processes_that_a_submission_starts_end_with_it():
    program = b"""
import subprocess, sys
def start():
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid
"""
    with Session(Submission("hw.py", program), Limits()) as session:
        session.load()
        pid = session.call("start", [])
        assert os.path.isdir(f"/proc/{pid}")
    status = Path(f"/proc/{pid}/stat")
    state = status.read_text().split()[2] if status.exists() else "Z"
    assert state in "ZX", "at most it waits for somebody to take note of its end"


def test_the_submission_can_run_as_another_user(tmp_path):
    """Which is what keeps it from reading the grader's files."""
    if os.getuid() != 0:
        unavailable("only root can run a process as another user")
    try:
        command = [sys.executable, "-c", "import minitfe"]
        subprocess.run(command, user="nobody", cwd="/", env={"PATH": os.environ["PATH"]}, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("nobody may not read this installation")
    answers = tmp_path / "spec.py"
    answers.write_text("secret")
    answers.chmod(0o600)
    program = b"import os\ndef who(): return os.getuid()\ndef peek(path): return open(path).read()\n"
    with Session(Submission("hw.py", program), Limits(user="nobody")) as session:
        session.load()
        assert session.call("who", []) == pwd.getpwnam("nobody").pw_uid
        with pytest.raises(Exception, match="PermissionError"):
            session.call("peek", [str(answers)])
        with pytest.raises(Exception, match="PermissionError"):
            session.call("peek", [f"/proc/{os.getpid()}/environ"])


def test_what_the_grader_holds_stays_as_it_was():
    before = np.allclose, minitfe.__version__, os.getcwd(), sorted(sys.path)
    statuses(b"def square(x): return x", ITEMS[:1])
    assert (np.allclose, minitfe.__version__, os.getcwd(), sorted(sys.path)) == before
