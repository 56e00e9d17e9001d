"""What all tests and docstring examples share: eager execution is on, and tf, tfe and np are known in examples."""

import doctest

import hypothesis
import numpy as np
import pytest

import minitfe as tf
import minitfe.contrib.eager as tfe
from minitfe.namespaces import flags

tf.enable_eager_execution()

collect_ignore = ["tests/benchmarks"]  # they need torch and are run by themselves

hypothesis.settings.register_profile("default", deadline=None, max_examples=10, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("fresh", deadline=None, max_examples=50)
# Ends at the first example that fails, and looks for no simpler one: --hypothesis-profile brief.
hypothesis.settings.register_profile(
    "brief", hypothesis.settings.get_profile("default"), phases=[hypothesis.Phase.generate], report_multiple_bugs=False
)
hypothesis.settings.load_profile("default")


def pytest_addoption(parser):
    parser.addoption("--kernels", default="numpy", help="the kernel package that tests/conformance is run against")


@pytest.fixture(autouse=True)
def namespace(doctest_namespace):
    """Docstring examples know tf, tfe and np."""
    doctest_namespace.update(tf=tf, tfe=tfe, np=np)


@pytest.fixture(autouse=True)
def own_flags(monkeypatch):
    """Flags that one test, or example, defines are none of the next one's business."""
    monkeypatch.setattr(flags, "FLAGS", flags.FlagValues())


@pytest.fixture
def session():
    """A session, and its graph under construction: what a program has that does not enable eager execution."""
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


def belongs_to(finder, module, item):
    """Whether doctest should look for examples in an item that it found in a module.

    It goes by where a function's body stands. Ops declared by @unary and @binary all have theirs in ops/declare.py, so
    their examples would never run. Here it goes by the name of the module instead, which a decorator hands on.
    """
    return by_body(finder, module, item) or (callable(item) and getattr(item, "__module__", None) == module.__name__)


by_body = doctest.DocTestFinder._from_module
doctest.DocTestFinder._from_module = belongs_to
