"""What the documentation says is true: its examples are run, and its table of kinks and ties is evaluated."""

import csv
import doctest
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.operation import OPS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path.name for path in DOCS.glob("*.rst") if ">>> " in path.read_text())
NAMESPACE = {"tf": tf, "tfe": tfe, "np": np}


def kinks():
    """The rows of the table: an expression in x and y, their values, and the gradient."""
    with (DOCS / "kinks.csv").open(encoding="utf-8") as file:
        return [(row["function"].strip("`"), row["at"], row["gradient"]) for row in csv.DictReader(file, delimiter=";")]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page(page):
    failed, tried = doctest.testfile(str(DOCS / page), module_relative=False, globs=dict(NAMESPACE), encoding="utf-8")
    assert tried > 0
    assert failed == 0


def test_the_reading_order_leads_to_modules_that_exist():
    named = set(re.findall(r":source:`(.*?)`", (DOCS / "reading.rst").read_text(encoding="utf-8")))
    assert len(named) > 20
    for name in named:
        assert any((folder / f"{name}.py").exists() for folder in (ROOT, ROOT / "kernels")), name


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_gradient_rule_states_its_equation(op):
    """The page of gradient rules prints them."""
    for rule in {*op.partials.values(), op.whole} - {None}:
        assert inspect.getdoc(rule), f"{rule.__name__} has no docstring"


@pytest.mark.parametrize(("function", "at", "gradient"), kinks(), ids=lambda text: text)
def test_a_row_of_kinks_and_ties(function, at, gradient):
    values = eval(f"dict({at})")
    names = list(values)
    gradients = tfe.gradients_function(eval(f"lambda {', '.join(names)}: {function}", NAMESPACE))(*values.values())
    expected = eval(f"({gradient},)", {"nan": np.nan, "inf": np.inf})
    assert len(gradients) == len(expected)
    for actual, wanted in zip(gradients, expected):
        if wanted is None:
            assert actual is None
        else:
            np.testing.assert_allclose(actual.numpy(), wanted, rtol=1e-6)
