"""The plugin for pytest, run as its users run it: in a process of its own, found by its entry point."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

TESTS = """
import numpy as np
import pytest
import minitfe as tf
from hypothesis import strategies as st
from minitfe import extend
from minitfe.extend import Values

@pytest.mark.gradcheck(Values((3,)), order=2)
@pytest.mark.gradcheck(st.floats(0.5, 2.0), trials=2)
def softplus(x):
    return tf.log(1.0 + tf.exp(x))

@pytest.mark.gradcheck(Values((3,)), vjp=lambda x, g: -g * np.cos(x))
def sine(x):
    return np.sin(x)

@pytest.mark.gradcheck
def without_inputs(x):
    return x

@pytest.mark.gradcheck(Values((3,)))
def test_that_is_marked():
    pass

def unmarked(x):
    raise AssertionError

def test_by_hand(gradcheck):
    assert gradcheck(tf.sin, tf.constant(1.0)).verdict == "pass"

def kernel(x):
    return 3.0 * x

for name, factor in [("three_times", 3.0), ("three_times_wrong", 2.0)]:
    extend.register_op(
        name, kernels={"numpy": kernel}, shape=extend.shapes.same, gradients={0: lambda g, x, output, f=factor: f * g},
        samples=[extend.Sample(inputs=[Values((2,))])],
    )
"""


def run(folder, *arguments):
    """Runs pytest where the plugin is installed, as far as its entry point goes."""
    info = folder / "site" / "plugin_of_minitfe-1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-of-minitfe\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pytest11]\nminitfe = minitfe_pytest\n")
    paths = [str(folder / "site"), str(ROOT), str(ROOT / "kernels")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)


def test_the_entry_point_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"minitfe": "minitfe_pytest"}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_gradients.py").write_text(TESTS)
    return run(folder, "-rA", "--strict-markers", "--gradcheck-ops").stdout


def test_a_marked_function_is_a_test_of_its_gradient(report):
    assert "PASSED test_gradients.py::softplus[gradient-0]" in report
    assert "PASSED test_gradients.py::softplus[gradient-1]" in report
    assert "FAILED test_gradients.py::sine[gradient]" in report
    assert "hint: each slope has the wrong sign" in report
    assert "ValueError: The marker of without_inputs needs inputs" in report
    assert "PASSED test_gradients.py::test_that_is_marked" in report
    assert "unmarked" not in report


def test_the_fixture(report):
    assert "PASSED test_gradients.py::test_by_hand" in report


def test_one_test_for_each_op(report):
    assert "PASSED ::gradcheck-ops[three_times]" in report
    assert "FAILED ::gradcheck-ops[three_times_wrong]" in report
    assert "each slope is 2/3 times what it must be" in report or "constant factor" in report
    assert "the op has no sample" in report


def test_it_costs_nothing_where_it_is_not_used(tmp_path):
    (tmp_path / "test_other.py").write_text(
        "import sys\ndef test_nothing_is_imported():\n"
        "    assert 'minitfe_pytest' in sys.modules\n"
        "    assert not [name for name in sys.modules if name.partition('.')[0] == 'minitfe']\n"
    )
    result = run(tmp_path, "-q")
    assert "1 passed" in result.stdout, result.stdout + result.stderr
