"""Names that a program mentions, however they are written."""

import pytest

from minitfe.coursework import DYNAMIC, names


@pytest.mark.parametrize(
    "program",
    [
        "import numpy as np\nnp.linalg.inv(x)",
        "import numpy\nnumpy.linalg.inv(x)",
        "import numpy as n\ninverse = n.linalg.inv",
        "import numpy.linalg as la\nla.inv(x)",
        "import numpy.linalg\nnumpy.linalg.inv(x)",
        "from numpy import linalg\nlinalg.inv(x)",
        "from numpy.linalg import inv",
        "from numpy.linalg import inv as tidy\ntidy(x)",
        "from numpy.linalg import *\ninv(x)",
        "def f():\n    from numpy import linalg as la\n    return la.inv(x)",
    ],
)
def test_a_forbidden_name_is_found_however_it_is_written(program):
    assert names.forbidden(program, ["np.linalg.inv"])
    assert names.forbidden(program, ["numpy.linalg.inv"])
    assert names.forbidden(program, ["np.linalg"])


@pytest.mark.parametrize(
    "program",
    [
        "import numpy as np\nnp.linalg.solve(a, b)",
        "# np.linalg.inv is not used",
        "'np.linalg.inv'",
        "from mine import inv\ninv(x)",
        "np_linalg_inv = 1",
    ],
)
def test_other_names_are_not(program):
    assert not names.forbidden(program, ["np.linalg.inv"])


def test_both_libraries_are_called_tf():
    for library in ("minitfe", "tensorflow"):
        assert names.forbidden(f"import {library} as tf\ntf.gradients(y, x)", ["tf.gradients"])
        assert names.forbidden(f"from {library} import gradients", ["tf.gradients"])
    assert names.forbidden("import minitfe.contrib.eager as e\ne.gradients_function", ["tfe.gradients_function"])


def test_a_mention_says_line_and_spelling():
    [mention] = names.forbidden("import numpy as n\n\nx = n.linalg.inv(y)", ["np.linalg.inv"])
    assert str(mention) == "line 3: np.linalg.inv (written n.linalg.inv)"


def test_loops_are_names_too():
    program = "while True:\n    y = [x for x in z]\n    for x in y: pass"
    assert [m.line for m in names.forbidden(program, ["for"])] == [2, 3]
    assert [m.line for m in names.forbidden(program, ["while"])] == [1]
    assert not names.forbidden("wait_for = 1", ["for", "while"])


def test_within_looks_into_one_function():
    program = "def f():\n    for x in y: pass\ndef g():\n    return sum(y)"
    assert names.forbidden(program, ["for"], within="f")
    assert not names.forbidden(program, ["for"], within="g")
    assert names.absent(program, ["sum"], within="f") == ["sum"]
    assert names.absent(program, ["sum"], within="g") == []


@pytest.mark.parametrize(
    "program", ["getattr(np.linalg, 'in' + 'v')", "eval('1')", "import importlib", "__import__('os')"]
)
def test_what_no_reader_sees_through_can_be_forbidden(program):
    assert names.forbidden(program, DYNAMIC)


def test_parameters_of_a_function():
    assert names.parameters("class A:\n    def f(self, a, b=1): pass", "A.f") == ["self", "a", "b"]
    assert names.parameters("f = len", "f") == []
