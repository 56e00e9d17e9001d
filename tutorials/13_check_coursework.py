"""
13. Check coursework
====================

A teacher writes down once what an assignment asks for. ``minitfe check`` then runs each submission against it, in
processes of their own, and says what is wrong in words that a student can act on. This chapter writes an assignment,
its spec, and grades three submissions: one is right, one has a wrong sign, and one never ends.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import minitfe as tf
from minitfe.coursework import Assignment, Returns, Submission, Values, grade, reports

tf.enable_eager_execution()

# %%
# The assignment
# --------------
# What the students read:
#
#     Write ``softplus(x)``, the function log(1 + exp(x)) of a tensor, with ``tf.custom_gradient``, so that its gradient
#     stays right where exp(x) overflows. Write ``softplus_rule(x, g)`` too, the same rule for numpy arrays. Use no
#     loops.
#
# And three of the files that come back:

RIGHT = """
import numpy as np
import minitfe as tf

@tf.custom_gradient
def softplus(x):
    y = tf.maximum(x, 0.0) + tf.log(1 + tf.exp(-tf.abs(x)))
    return y, lambda g: g * tf.sigmoid(x)

def softplus_rule(x, g):
    return g / (1 + np.exp(-x))
"""

WRONG_SIGN = RIGHT.replace("g / (1 + np.exp(-x))", "g / (1 + np.exp(x))").replace("lambda g: g *", "lambda g: -g *")

HANGING = RIGHT.replace("return g / (1 + np.exp(-x))", "while np.any(x):\n        x = x / 2 + 1\n    return x")

# %%
# The spec
# --------
# A spec is a Python file that sets ``assignment``. Each item names a function of the student's, says what must hold of
# it, and is worth some points. ``Values`` says what inputs are drawn from: a shape, an interval, and points to keep
# away from. Fixed inputs and strategies of hypothesis will do as well.
#
# =============  ==================================================================================================
# ``Returns``    the function returns what a reference returns, or a value
# ``Gradient``   the gradient that a tape computes of it is right
# ``Rule``       a rule ``(x, g) -> dx`` of the student's own is right
# ``Raises``     it refuses some input with an error
# ``Forbids``    the program does not mention some names
# ``Requires``   the program mentions some names
# =============  ==================================================================================================

SPEC = """
import numpy as np
from minitfe.coursework import Assignment, Forbids, Gradient, Requires, Returns, Rule, Values

def softplus(x):
    return np.logaddexp(0, x)

assignment = Assignment("Homework 3: softplus", items=[
    Returns("softplus", softplus, [Values((3, 4))], tensors=True, points=2),
    Gradient("softplus", [Values((5,))], reference=softplus, points=3),
    Rule("softplus_rule", [Values((5,))], of=softplus, points=3),
    Returns("softplus", softplus, [np.array([1000.0, -1000.0])], tensors=True, name="far out", visibility="hidden"),
    Requires(["tf.custom_gradient"]),
    Forbids(["for", "while"], name="no loops"),
])
"""

home = tempfile.TemporaryDirectory()
folder = Path(home.name)
(folder / "teacher").mkdir()
(folder / "teacher" / "spec.py").write_text(SPEC)
for name, program in [("right", RIGHT), ("wrong_sign", WRONG_SIGN), ("hanging", HANGING)]:
    (folder / name).mkdir()
    (folder / name / "homework.py").write_text(program)


def check(name, *options):
    """Runs the command as a teacher would, and prints what it prints."""
    command = [sys.executable, "-m", "minitfe", "check", f"{name}/homework.py", "--spec", "teacher/spec.py"]
    result = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True)
    print(result.stdout + result.stderr + f"exit status {result.returncode}")


# %%
# Three submissions
# -----------------
# The right one earns all points that are shown. The hidden item is counted but not shown: a report that says "all
# passed" and means "all that you may see" is not honest.

check("right")

# %%
# The wrong one is told which element of the gradient is off, how the slope was measured, and what the mistake looks
# like. The items that have nothing to do with it keep their points.

check("wrong_sign")

# %%
# The third never ends. Each item has a process of its own, and a time limit, so that an endless loop costs the item
# that runs into it, and no other.

check("hanging", "--time-limit", "3")

# %%
# What is written
# ---------------
# ``--json`` writes all that is known, for the teacher. ``--gradescope`` writes the ``results.json`` that Gradescope
# wants. Both are there whole or not at all, and nothing is ever written beside the student's file.

check("wrong_sign", "--gradescope", "results.json")
results = json.loads((folder / "results.json").read_text())
for test in results["tests"]:
    print(f"{test['name']:25} {test['score']:g} of {test['max_score']:g}, {test['visibility']}")

# %%
# Who judges
# ----------
# The process that runs a submission is asked for values, and nothing else. It is given the name of a function and the
# inputs; the reference, the expected values and the slopes never leave the grader's own process. So a submission may
# rewrite numpy as much as it likes:

CHEAT = """
import numpy as np
np.allclose = np.array_equal = lambda *arguments, **keywords: True
def double(x):
    return x
"""

assignment = Assignment("Doubling", items=[Returns("double", lambda x: 2 * x, [Values((2,))])])
print(reports.as_text(grade(assignment, Submission("cheat.py", CHEAT.encode()))))

# %%
# One more trap is for gradients. A rule that is always 0 fits a function that is always 0, and both together pass a
# check that measures the student's function. That is why ``Gradient`` takes a ``reference``, and ``Rule`` an ``of``:
# then the slopes are those of the teacher's function.
#
# This is no sandbox. A submission can still read what its user can read. :doc:`/coursework` says how to keep that
# small: run it as another user, in a container.
#
# A spec is a program, so it can be tested as well. The exercises are about that: items that let no wrong submission
# pass.

near, far = np.array([0.5]), np.array([1000.0])
with np.errstate(all="ignore"):
    naive = [np.log(1 + np.exp(x)) for x in (near, far)]
print("log(1 + exp(x)) as one writes it first:", *naive, "and softplus:", np.logaddexp(0, near), np.logaddexp(0, far))

home.cleanup()

# %%
# What to remember
# ----------------
# * An item names a function of the student's, and says what must hold of it. Inputs are drawn, the same every time.
# * What judges runs elsewhere: a submission is asked for values, and never sees what they are compared with.
# * A hang, a crash and an exit cost one item.
# * Give gradients a reference, or a wrong function and its right rule pass together.
#
# Exercises
# ---------
# In ``tutorials/exercises/13_check_coursework.py``:
#
# 1. ``values_item``: inputs that show what is wrong for some inputs only.
# 2. ``rule_item``: an item that a rule fitted to a wrong function does not pass.
# 3. ``loops_item``: no loops, but only in one function.
# 4. ``points``: grade several programs, and say what each earns.
