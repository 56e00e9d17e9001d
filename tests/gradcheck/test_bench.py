"""The benchmark in small: a fixed seed, a part of the cases, and the same bars."""

import numpy as np
import pytest

from tests.gradcheck_bench import __main__ as bench
from tests.gradcheck_bench.cases import cases
from tests.gradcheck_bench.checkers import jax, minitfe, minitorch
from tests.gradcheck_bench.ops import OPS


def sampled(dtype):
    """A part of the cases of one seed, other ones for each dtype."""
    return list(cases(dtype, seed=1))[:: 31 if dtype == "float64" else 37]


def test_the_benchmark_is_as_large_as_it_says():
    assert len(OPS) >= 30
    found = list(cases("float64", seed=1))
    assert len(bench.SEEDS) * sum(case.is_right for case in found) >= 1000
    assert len(bench.SEEDS) * sum(not case.is_right for case in found) >= 2000
    assert {case.setting for case in found} >= {"scale 1", "scale 100", "scale 1e+06", "scale 1e-06", "big", "kink"}


@pytest.mark.parametrize("dtype", bench.DTYPES)
def test_the_bars_are_met(dtype):
    wrong = []
    for case in sampled(dtype):
        verdict = bench.answered(minitfe, case)
        if verdict != ("pass" if case.is_right else "fail") and (case.setting, verdict) != ("kink", "undecided"):
            wrong.append((case.op, case.setting, case.fault, verdict))
    assert wrong == []


def test_the_others_are_measured_too():
    right, wrong = (next(c for c in cases("float64", 1) if c.is_right is is_right) for is_right in (True, False))
    for check in (jax, minitorch):
        assert check(right) == "pass" and check(wrong) == "fail"


def test_the_confidence_interval():
    low, high = bench.interval(0, 1000)
    assert low == 0.0 and 0.003 < high < 0.004
    low, high = bench.interval(500, 1000)
    assert np.isclose((low + high) / 2, 0.5) and 0.46 < low < 0.47
