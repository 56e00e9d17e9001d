"""minitfe's plugin for pytest: gradients as tests.

It is loaded at each start of pytest, in every project of the machine that has minitfe installed. So it stands outside
of minitfe, whose import takes its time, and imports it only where somebody asks for a gradient: through the fixture, by
a marker, or by the option.

    @pytest.mark.gradcheck(Values((3,)))            # a test of the gradient is made for this function
    def softplus(x):
        return tf.log(1.0 + tf.exp(x))

    def test_by_hand(gradcheck):                    # the fixture is minitfe.gradcheck.assert_gradients
        gradcheck(tf.sin, tf.constant(1.0))

    $ pytest --gradcheck-ops                        # a test for each op that is registered
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

MARKER = (
    "gradcheck(*inputs, order=1, dtype='float64', trials=3, seed=0, vjp=None): check the gradient of this function, in"
    " a test that is made for it; inputs are minitfe.extend.Values, strategies, tensors, arrays or numbers"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option."""
    group = parser.getgroup("minitfe")
    group.addoption("--gradcheck-ops", action="store_true", help="check the gradients of all registered ops of minitfe")


def pytest_configure(config: pytest.Config) -> None:
    """Makes the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def gradcheck() -> Any:
    """minitfe.gradcheck.assert_gradients, with eager execution on."""
    return made_tests().eager_assert_gradients()


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Any:
    """Makes a test for a marked function that is no test itself."""
    if not inspect.isfunction(obj) or collector.istestfunction(obj, name):
        return None
    marks = [mark for mark in getattr(obj, "pytestmark", ()) if mark.name == "gradcheck"]
    return made_tests().marked(collector, name, obj, marks) if marks else None


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the tests of the ops, where the option asks for them."""
    if config.getoption("--gradcheck-ops"):
        items.extend(made_tests().of_ops(session))


def made_tests() -> Any:
    """The module that needs minitfe, imported when it is needed."""
    return import_module("minitfe_pytest.checks")
