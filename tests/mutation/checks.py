"""The tests that decide whether a change is noticed, as functions to call."""

import importlib
import itertools
import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests import test_sweep
from tests.samples import SAMPLES

TESTS = Path(__file__).parents[1]
TARGETED = ("ops", "autodiff", "graph", "test_variable.py", "test_control_flow.py", "test_devices.py", "test_tensor.py")
# These go through the samples once more, or take seconds for what others find in milliseconds.
LONG = {"test_every_op", "test_values_and_gradients_are_those_of_torch", "test_a_long_chain_needs_no_recursion",
        "test_a_training_step_needs_far_less_memory_than_eager_execution"}  # fmt: skip


@dataclass(eq=False)
class Check:
    """A test.

    Attributes:
        name: what it is called.
        run: runs it; it raises where it fails.
        calls: the identifiers of the subjects that it calls.
        seconds: how long it takes.
    """

    name: str
    run: Callable[[], object]
    calls: frozenset = frozenset()
    seconds: float = 0.0

    def failure(self):
        """Why it fails, in a line; None where it does not."""
        random.seed(0)
        np.random.seed(0)
        try:
            self.run()
        except pytest.skip.Exception:
            return None
        except (Exception, pytest.fail.Exception) as error:
            return traceback.format_exception_only(error)[0].splitlines()[0]
        return None

    def observe(self, called):
        """Runs it, takes what was called meanwhile out of a set and keeps it; returns why it fails, if it does."""
        began = time.perf_counter()
        reason = self.failure()
        self.seconds = time.perf_counter() - began
        self.calls = frozenset(called)
        called.clear()
        return reason


def sweeps(samples=SAMPLES):
    """The sweeps over the samples that ask for gradients."""
    for sample in samples:
        if sample.differentiable():
            name = sample.identifier
            yield Check(f"first order of {name}", partial(test_sweep.test_first_order, sample, "float64"))
            yield Check(f"second order of {name}", partial(test_sweep.test_second_order, sample, "float64"))
            yield Check(f"graph of {name}", partial(test_sweep.test_graph_equals_eager, sample, True))
            yield Check(f"graph without sizes of {name}", partial(test_sweep.test_graph_equals_eager, sample, False))


def targeted():
    """The tests of ops, tapes and graphs that need no fixture and draw no examples."""
    for path in sorted(itertools.chain(*(module_paths(TESTS / name) for name in TARGETED))):
        module = importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))
        if not any("fixture" in type(value).__name__.lower() for value in vars(module).values()):
            for name, test in vars(module).items():
                if name.startswith("test_") and name not in LONG and not hasattr(test, "hypothesis"):
                    yield from calls(test)


def module_paths(path):
    return path.rglob("test_*.py") if path.is_dir() else [path]


def calls(test):
    """A check for each way in which pytest would call a test; none where it needs fixtures."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    for choice in itertools.product(*(ways(mark) for mark in marks)):
        arguments = {name: value for way in choice for name, value in way.items()}
        if set(arguments) == set(test.__code__.co_varnames[: test.__code__.co_argcount]):
            yield Check(f"{test.__module__}.{test.__name__}", partial(test, **arguments))


def ways(mark):
    """The arguments that a parametrization gives, in turn."""
    names, values = mark.args
    several = not isinstance(names, str) or "," in names
    names = names.replace(",", " ").split() if isinstance(names, str) else list(names)
    for value in values:
        if type(value).__name__ == "ParameterSet":
            yield dict(zip(names, value.values))
        else:
            yield dict(zip(names, value if several else [value]))
