"""Planted mistakes: each is found, and the hint says what it is."""

import numpy as np
import pytest

import minitfe as tf
from minitfe.gradcheck import check_gradients, check_vjp
from tests.gradcheck_bench import ops

GENERATOR = np.random.default_rng(3)
X = GENERATOR.normal(size=(3, 4))
SQUARE = GENERATOR.normal(size=(4, 4))
W = GENERATOR.normal(size=(4, 4))
ROWS = np.array([0, 1, 1, 2, 1])
COLUMN = GENERATOR.normal(size=(3, 1))


def rule_of(name):
    """The right rule of an op of the benchmark."""
    return next(op for op in ops.OPS if op.name == name)


def spread(g, x):
    return np.broadcast_to(g[..., None], x.shape)


def gathered(x):
    return x[ROWS]


def assigned(x, g):
    dx = np.zeros_like(x)
    dx[ROWS] = g
    return dx


def assigned_columns(x, g):
    dx = np.zeros_like(x)
    dx[:, [0, 1, 1]] = g
    return dx


def stepped(x, g, i, factor):
    dx = g * np.cos(x)
    dx.flat[i] *= factor
    return dx


MISTAKES = [
    # a sign
    ("sign", np.sin, lambda x, g: -g * np.cos(x), X),
    ("sign", np.cos, lambda x, g: g * np.sin(x), X),
    ("sign", lambda x: 1 / x, lambda x, g: g / x**2, X),
    ("sign", lambda x: x @ W, lambda x, g: -g @ W.T, X),
    ("sign", lambda x: 1e-6 * np.sin(x), lambda x, g: -1e-6 * g * np.cos(x), X),
    # a factor
    ("factor", np.square, lambda x, g: g * x, X),
    ("factor", lambda x: x**3, lambda x, g: g * x**2, X),
    ("factor", lambda x: np.sqrt(np.abs(x) + 1), lambda x, g: g * np.sign(x) / np.sqrt(np.abs(x) + 1), X),
    ("factor", lambda x: 0.5 * (x * x).sum(), lambda x, g: 2 * g * x, X),
    ("factor", lambda x: np.log2(np.abs(x)), lambda x, g: g / x, X),
    ("factor", lambda x: x.T @ x, lambda x, g: 2 * x @ (g + g.T), X),
    # a mean for a sum
    ("mean_versus_sum", lambda x: x.sum(), lambda x, g: np.full_like(x, g / x.size), X),
    ("mean_versus_sum", lambda x: x.mean(), lambda x, g: np.full_like(x, g), X),
    ("mean_versus_sum", lambda x: x.mean(axis=0), lambda x, g: np.broadcast_to(g, x.shape), X),
    ("mean_versus_sum", lambda x: (x * x).mean(), lambda x, g: 2 * g * x, X),
    ("mean_versus_sum", ops.cross_entropy, lambda x, g: x.shape[0] * ops.cross_entropy_vjp(x, g), X),
    # a transposition
    ("transpose", lambda x: x @ W, lambda x, g: g @ W, X),
    ("transpose", lambda x: W @ x, lambda x, g: W @ g, SQUARE),
    ("transpose", lambda x: x.T * W, lambda x, g: g * W, SQUARE),
    ("transpose", lambda x: np.cumsum(x, axis=1), lambda x, g: np.cumsum(g, axis=1), X),
    # the upstream gradient is not multiplied
    ("upstream_not_multiplied", np.sin, lambda x, g: np.cos(x), X),
    ("upstream_not_multiplied", np.square, lambda x, g: 2 * x, X),
    ("upstream_not_multiplied", lambda x: x.sum(), lambda x, g: np.ones_like(x), X),
    ("not_linear", np.sin, lambda x, g: g * g * np.cos(x), X),
    # not connected
    ("not_connected", np.sin, lambda x, g: np.zeros_like(x), X),
    ("not_connected", lambda x: x @ W, lambda x, g: 0 * x, X),
    # a missing accumulation
    ("missing_accumulation", gathered, assigned, X),
    ("missing_accumulation", lambda x: x[:, [0, 1, 1]], assigned_columns, X),
    ("missing_accumulation", lambda x: np.tanh(COLUMN + x), lambda x, g: (g / np.cosh(COLUMN + x) ** 2)[-1], X[0]),
    ("missing_accumulation", lambda x: np.concatenate([x, 2 * x]), lambda x, g: g[:3], X),
    # broadcasting
    ("shape", lambda x: x + X, lambda x, g: g, X[0]),
    ("shape", lambda x: x * COLUMN, lambda x, g: g * COLUMN, X[0]),
    ("shape", lambda x: x @ W, lambda x, g: (g @ W.T).T, X),
    ("broadcasting", lambda x: x * X, lambda x, g: np.broadcast_to((g * X).sum(axis=1, keepdims=True), x.shape), X),
    # a mask
    ("mask", lambda x: np.maximum(x, 0), lambda x, g: g, X),
    ("mask", np.abs, lambda x, g: g, X),
    ("mask", lambda x: np.clip(x, -0.8, 0.8), lambda x, g: g, X),
    ("mask", lambda x: np.where(x > 0, x, 0.2 * x), lambda x, g: g * (x > 0), X),
    ("mask", lambda x: np.where(x > 0, x, np.expm1(x)), lambda x, g: g * np.where(x > 0, 1, np.expm1(x)), X),
    # terms
    ("missing_term", ops.softmax, lambda x, g: g * ops.softmax(x) * (1 - ops.softmax(x)), X),
    ("missing_term", ops.softmax, lambda x, g: g * ops.softmax(x), X),
    ("missing_term", ops.standardized, ops.deviation_only, X),
    ("missing_term", lambda x: x * np.sin(x), lambda x, g: g * np.sin(x), X),
    ("entry", np.sin, lambda x, g: stepped(x, g, 5, 1.05), X),
    ("entry", np.sin, lambda x, g: stepped(x, g, 0, 0.995), X),
    # digits
    (
        "precision",
        ops.softplus,
        lambda x, g: g * (np.exp(x) / (1 + np.exp(x))),
        np.array([90.0, 95.0, 100.0], np.float32),
    ),
    ("dtype", np.sin, lambda x, g: (g * np.cos(x)).astype(np.float32), X),
    ("count", lambda a, b: a * b, lambda a, b, g: (g * b,), (X, X + 1)),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("kind", "f", "vjp", "x"), MISTAKES, ids=[f"{i}-{mistake[0]}" for i, mistake in enumerate(MISTAKES)]
)
def test_the_mistake_is_named(kind, f, vjp, x):
    report = check_vjp(f, vjp, x)
    assert report.verdict == "fail"
    assert report.failures[0].kind == kind, str(report)
    assert report.failures[0].hint


def test_there_are_forty_mistakes():
    assert len(MISTAKES) >= 40


@pytest.mark.parametrize(
    ("f", "vjp", "words"),
    [
        (np.sin, lambda x, g: -g * np.cos(x), "wrong sign"),
        (np.square, lambda x, g: g * x, "1/2 times what it must be"),
        (lambda x: x.sum(), lambda x, g: np.full_like(x, g / x.size), "12 times too small"),
        (lambda x: np.maximum(x, 0), lambda x, g: g, "wrong only where x < 0"),
        (lambda x: x @ W, lambda x, g: g @ W, "transpos"),
        (gathered, assigned, "np.add.at"),
        (lambda x: x.sum(axis=1), lambda x, g: g, "must be \\(3, 4\\)"),
        (lambda x: x + COLUMN, lambda x, g: g[:, :1], "must be \\(3, 4\\)"),
    ],
)
def test_what_the_hint_says(f, vjp, words):
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(check_vjp(f, vjp, X))


def test_broadcasting_that_is_not_undone_says_so():
    report = check_vjp(lambda x: x + X, lambda x, g: g, X[0])
    assert "broadcasting is not undone" in report.failures[0].hint
    assert not report.structural["shape"] and report.structural["count"]


def test_a_wrong_part_of_a_large_input_is_explained_too():
    x = GENERATOR.normal(size=(40, 40))
    assert check_vjp(np.sin, lambda x, g: -g * np.cos(x), x).failures[0].kind == "sign"
    assert check_vjp(lambda x: np.maximum(x, 0), lambda x, g: g, x).failures[0].kind == "mask"


def test_cut_paths_of_tensors_are_not_connected():
    x = tf.constant([0.3, 0.7])
    for cut in (lambda x: tf.stop_gradient(x) * 2.0, lambda x: tf.constant(x.numpy().astype("f4")) * 2.0):
        report = check_gradients(cut, x)
        assert report.verdict == "fail" and report.failures[0].kind == "not_connected"
