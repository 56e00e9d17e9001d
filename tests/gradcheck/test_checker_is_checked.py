"""Each part of the checker is broken in turn, and a check that was right before must come out otherwise."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.gradcheck import blame, check_gradients, check_vjp, directions, hints, kinks, ladder, structure, verdicts
from minitfe.gradcheck.directions import Search
from minitfe.gradcheck.functions import CheckedFunction
from minitfe.gradcheck.ladder import Rung, Slope
from minitfe.gradcheck.verdicts import PASS, Finding
from tests.gradcheck_bench import ops

X = np.random.default_rng(6).normal(size=(3, 4))
BIG = np.random.default_rng(7).normal(size=(40, 40))


def one_wrong_entry(x, g):
    dx = g * np.cos(x)
    dx.flat[7] *= 1.005
    return dx


def averaged_softmax(x, g):
    """Right for an upstream gradient of ones, as that of a sum."""
    return ops.softmax(x) * (g - g.mean(axis=-1, keepdims=True))


@tf.custom_gradient
def wrong_sine(x):
    return tf.sin(x), lambda g: -g * tf.cos(x)


def tensor_report():
    return check_gradients(lambda x: tf.tanh(wrong_sine(x)), tf.constant(X))


# Each probe is a question to the checker whose answer is known.
PROBES = {
    "right": lambda: check_vjp(np.sin, lambda x, g: g * np.cos(x), X).verdict == "pass",
    "right, large numbers": lambda: check_vjp(np.sin, lambda x, g: g * np.cos(x), 1e6 * X).verdict == "pass",
    "right, float32": lambda: check_vjp(np.sin, lambda x, g: g * np.cos(x), X.astype("f4")).verdict == "pass",
    "right, digits lost": lambda: check_vjp(ops.standardized, ops.standardized_vjp, (X + 1e3).astype("f4")).verdict == "pass",
    "right, many": lambda: check_vjp(np.sin, lambda x, g: g * np.cos(x), BIG).verdict == "pass",
    "one entry": lambda: [f.index for f in check_vjp(np.sin, one_wrong_entry, X).failures] == [(1, 3)],
    "one of many": lambda: [f.index for f in check_vjp(np.sin, one_wrong_entry, BIG).failures] == [(0, 7)],
    "hidden by a uniform upstream gradient": lambda: check_vjp(ops.softmax, averaged_softmax, X).verdict == "fail",
    "tiny": lambda: check_vjp(lambda x: 1e-9 * np.sin(x), lambda x, g: -1e-9 * g * np.cos(x), X).verdict == "fail",
    "kink": lambda: check_vjp(np.abs, lambda x, g: g * np.sign(x), np.array([0.0, 1.0])).verdict == "undecided",
    "beside a kink": lambda: check_vjp(np.abs, lambda x, g: g * np.sign(x), np.array([1e-9, 1.0])).verdict == "pass",
    "far from the step": lambda: (
        check_vjp(lambda x: np.maximum(x, 1), lambda x, g: g * (x > 1), np.array([1 + 1e-9])).verdict == "pass"
    ),
    "wrong at a kink": lambda: check_vjp(np.abs, lambda x, g: 3 * g, np.array([0.0])).verdict == "fail",
    "noise": lambda: check_vjp(lambda x: (x + 1e9) - 1e9, lambda x, g: g, X).verdict == "pass",
    "linear": lambda: not check_vjp(np.sin, lambda x, g: np.cos(x), X).structural["linear_in_g"],
    "shape": lambda: not check_vjp(lambda x: x.sum(), lambda x, g: np.full(4, g), X).structural["shape"],
    "dtype": lambda: not check_vjp(np.sin, lambda x, g: (g * np.cos(x)).astype("f4"), X).structural["dtype"],
    "hint": lambda: check_vjp(np.sin, lambda x, g: -g * np.cos(x), X).failures[0].kind == "sign",
    "blame": lambda: tensor_report().failures[0].op == "wrong_sine",
    "cleared": lambda: [op.verdict for op in tensor_report().ops] == ["right", "wrong", "right"],
}  # fmt: skip


def half_value(rungs, measured=ladder.extrapolate):
    slope = measured(rungs)
    return Slope(slope.value / 2, slope.error, slope.rungs)


def sure(rungs, measured=ladder.extrapolate):
    slope = measured(rungs)
    return Slope(slope.value, 0 * slope.error, slope.rungs)


def unsure(rungs, measured=ladder.extrapolate):
    slope = measured(rungs)
    return Slope(slope.value, slope.error + 1.0, slope.rungs)


def without_extrapolation(rungs):
    return Slope(rungs[0].central, 0 * rungs[0].central, list(rungs))


def always(verdict):
    return lambda *arguments: Finding(verdict, 1.0, 1.0, 0.0)


def ones(function, generator):
    return np.ones((1, function.outputs.size))


def first_half(self, group, signs, finding, real=Search.traced):
    return directions.Evidence(int(group[0]), self.element(int(group[0])))


def in_single_precision(self, x, real=CheckedFunction.value):
    return real(self, x).astype(np.float32).astype(np.float64)


MUTATIONS = {
    "extrapolation answers half": (ladder, "extrapolate", half_value),
    "extrapolation is left out": (ladder, "extrapolate", without_extrapolation),
    "the estimate of the error is 0": (ladder, "extrapolate", sure),
    "the estimate of the error is 1": (ladder, "extrapolate", unsure),
    "the ladder ends at once": (ladder, "LAST", 4),
    "slopes of one side for both": (Rung, "central", property(lambda self: self.ahead)),
    "noise is not measured": (ladder, "noise_of", lambda function: np.full(function.y.size, np.inf)),
    "values in float32": (CheckedFunction, "value", in_single_precision),
    "kinks are not seen": (kinks, "jumps", lambda rungs: np.zeros(len(rungs[0].gap), bool)),
    "kinks are everywhere": (kinks, "jumps", lambda rungs: np.ones(len(rungs[0].gap), bool)),
    "kinks are not resolved": (kinks, "LAST", 0),
    "kinks pass": (verdicts, "at_kink", always(PASS)),
    "everything passes": (verdicts, "judge_one", always(PASS)),
    "everything fails": (verdicts, "judge_one", always("fail")),
    "an absolute tolerance": (
        verdicts,
        "for_entry",
        lambda epsilon, largest: verdicts.Tolerances(1e-6, 1e-5, largest, 1e-6),
    ),
    "a tolerance of 1%": (verdicts, "for_entry", lambda epsilon, largest: verdicts.Tolerances(0.01, 0, largest, 1e-6)),
    "directions with a tolerance of 1%": (
        verdicts,
        "for_direction",
        lambda epsilon, length: verdicts.Tolerances(0.01, 0.01 * length, length, 1e-6),
    ),
    "a uniform upstream gradient": (directions, "random_upstream", ones),
    "no directions": (directions, "DIRECTIONS", 0),
    "no bisection": (Search, "traced", first_half),
    "nothing is looked at": (Search, "look_at", lambda self, positions: None),
    "linearity is not looked at": (structure, "linearity", lambda *arguments: None),
    "shapes are not looked at": (structure, "returned", lambda *arguments: []),
    "hints are silent": (hints, "PATTERNS", (hints.missing_term,)),
    "blame is silent": (blame, "check_each", lambda function: []),
    "blame clears all": (blame, "judged", lambda search, name, where: blame.CheckedOp(name, where, "right")),
    "blame accuses all": (blame, "judged", lambda search, name, where: blame.CheckedOp(name, where, "wrong")),
}  # fmt: skip


def answers(probe):
    """Whether a probe gets its known answer; an error is another one."""
    try:
        return bool(probe())
    except Exception:
        return False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("probe", PROBES)
def test_every_probe_is_answered(probe):
    assert PROBES[probe]()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_broken_part_is_noticed(mutation, monkeypatch):
    where, name, broken = MUTATIONS[mutation]
    assert hasattr(where, name)
    monkeypatch.setattr(where, name, broken)
    assert not all(answers(probe) for probe in PROBES.values()), "no probe noticed"
