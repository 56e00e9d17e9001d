"""Functions of one numpy array with their gradient rules, right ones and wrong ones."""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import erf

SCALES = (1.0, 100.0, 1e6, 1e-6)


@dataclass(frozen=True)
class BenchOp:
    """A function, its right rule, and its own wrong rules.

    Attributes:
        wrong: rules with a mistake that is typical of this function, by the mistake's name.
        scales: the sizes of numbers that it is meant for: where it neither overflows nor loses all its digits.
        shape: the shape of a small input; the last axis grows for a big one, as `big` says.
        positive: whether inputs are positive.
        kink: an input with a kink or a tie; None where there is none.
    """

    name: str
    f: object
    vjp: object
    wrong: dict = field(default_factory=dict)
    scales: tuple = SCALES
    shape: tuple = (3, 4)
    big: tuple = (20, 50)
    positive: bool = False
    kink: object = None


def constants(shape, dtype, seed=7):
    """Fixed numbers of a dtype, such as weights."""
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


# -------------------------------------------------------------------------------------------------------- elementwise


def sigmoid(x):
    return 0.5 * (1 + np.tanh(0.5 * x))


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def elu(x):
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def elu_vjp(x, g):
    return g * np.where(x > 0, 1, np.exp(np.minimum(x, 0)))


ROOT_2 = float(np.sqrt(2))
ROOT_PI = float(np.sqrt(np.pi))


def gelu(x):
    return 0.5 * x * (1 + erf(x / ROOT_2))


def normal_density(x):
    return np.exp(-x * x / 2) / (ROOT_2 * ROOT_PI)


def gelu_vjp(x, g):
    return g * (0.5 * (1 + erf(x / ROOT_2)) + x * normal_density(x))


def huber(x):
    return np.where(np.abs(x) < 1, 0.5 * x * x, np.abs(x) - 0.5)


ELEMENTWISE = [
    BenchOp("negative", lambda x: -x, lambda x, g: -g),
    BenchOp("square", lambda x: x * x, lambda x, g: 2 * g * x, {"factor": lambda x, g: g * x}),
    BenchOp("cube", lambda x: x * x * x, lambda x, g: 3 * g * x * x, {"power": lambda x, g: 3 * g * x}),
    BenchOp(
        "reciprocal",
        lambda x: 1 / x,
        lambda x, g: -g / (x * x),
        {"sign": lambda x, g: g / (x * x), "power": lambda x, g: -g / x},
    ),
    BenchOp("sqrt", np.sqrt, lambda x, g: g / (2 * np.sqrt(x)), {"factor": lambda x, g: g / np.sqrt(x)}, positive=True),
    BenchOp("exp", np.exp, lambda x, g: g * np.exp(x), {"power": lambda x, g: g * x * np.exp(x)}, scales=(1.0, 1e-6)),
    BenchOp("log", np.log, lambda x, g: g / x, {"sign": lambda x, g: -g / x}, positive=True),
    BenchOp(
        "log1p", np.log1p, lambda x, g: g / (1 + x), {"log instead": lambda x, g: g / (2 + x)}, positive=True
    ),
    BenchOp("sin", np.sin, lambda x, g: g * np.cos(x), {"sign": lambda x, g: -g * np.cos(x)}),
    BenchOp("cos", np.cos, lambda x, g: -g * np.sin(x), {"sign": lambda x, g: g * np.sin(x)}),
    BenchOp("atan", np.arctan, lambda x, g: g / (1 + x * x), {"sign inside": lambda x, g: g / (1 - 0.5 * x * x)}),
    BenchOp(
        "tanh", np.tanh, lambda x, g: g / np.cosh(x) ** 2, {"square": lambda x, g: g * (1 - np.tanh(x))},
        scales=(1.0, 1e-6),
    ),
    BenchOp(
        "sigmoid", sigmoid, lambda x, g: g * sigmoid(x) * sigmoid(-x), {"half": lambda x, g: g * sigmoid(x)},
        scales=(1.0, 1e-6),
    ),
    BenchOp("softplus", softplus, lambda x, g: g * sigmoid(x), {"one more": lambda x, g: g * sigmoid(x) * sigmoid(-x)},
            scales=(1.0, 1e-6)),
    BenchOp("swish", lambda x: x * sigmoid(x), lambda x, g: g * (sigmoid(x) + x * sigmoid(x) * sigmoid(-x)),
            {"missing term": lambda x, g: g * sigmoid(x)}, scales=(1.0,)),
    BenchOp("gelu", gelu, gelu_vjp, {"missing term": lambda x, g: g * 0.5 * (1 + erf(x / ROOT_2))}, scales=(1.0,)),
    BenchOp("power 1.5", lambda x: x * np.sqrt(x), lambda x, g: 1.5 * g * np.sqrt(x),
            {"factor": lambda x, g: g * np.sqrt(x)}, positive=True),
    BenchOp("x sin x", lambda x: x * np.sin(x), lambda x, g: g * (np.sin(x) + x * np.cos(x)),
            {"one use": lambda x, g: g * np.sin(x)}, scales=(1.0, 100.0)),
]  # fmt: skip

PIECEWISE = [
    BenchOp("relu", lambda x: np.maximum(x, 0), lambda x, g: g * (x > 0),
            {"mask": lambda x, g: g, "wrong side": lambda x, g: g * (x < 0)}, kink=0.0),
    BenchOp("leaky relu", lambda x: np.where(x > 0, x, 0.2 * x), lambda x, g: g * np.where(x > 0, 1, 0.2).astype(x.dtype),
            {"plain relu": lambda x, g: g * (x > 0)}, kink=0.0),
    BenchOp("abs", np.abs, lambda x, g: g * np.sign(x), {"mask": lambda x, g: g}, kink=0.0),
    BenchOp("elu", elu, elu_vjp, {"shifted": lambda x, g: g * np.where(x > 0, 1, elu(x))}, scales=(1.0, 100.0, 1e-6)),
    BenchOp("huber", huber, lambda x, g: g * np.clip(x, -1, 1), {"not clipped": lambda x, g: g * x},
            scales=(1.0, 100.0, 1e-6)),
    BenchOp("clip", lambda x: np.clip(x, -1, 1), lambda x, g: g * (np.abs(x) < 1), {"not masked": lambda x, g: g},
            scales=(1.0, 1e-6), kink=1.0),
]  # fmt: skip

# --------------------------------------------------------------------------------------------------------- reductions


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_vjp(x, g):
    s = softmax(x)
    return s * (g - (g * s).sum(axis=-1, keepdims=True))


def log_softmax(x):
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def log_softmax_vjp(x, g):
    return g - softmax(x) * g.sum(axis=-1, keepdims=True)


def logsumexp(x):
    top = x.max(axis=-1, keepdims=True)
    return (top + np.log(np.exp(x - top).sum(axis=-1, keepdims=True)))[..., 0]


def standardized(x):
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / np.sqrt((centered**2).mean(axis=-1, keepdims=True))


def standardized_vjp(x, g):
    centered = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centered**2).mean(axis=-1, keepdims=True))
    y = centered / deviation
    return (g - g.mean(axis=-1, keepdims=True) - y * (g * y).mean(axis=-1, keepdims=True)) / deviation


def deviation_only(x, g):
    return g / np.sqrt(x.var(axis=-1, keepdims=True))


def unit(x):
    return x / np.sqrt((x * x).sum(axis=-1, keepdims=True))


def unit_vjp(x, g):
    length = np.sqrt((x * x).sum(axis=-1, keepdims=True))
    y = x / length
    return (g - y * (g * y).sum(axis=-1, keepdims=True)) / length


def maximum(x):
    return x.max(axis=-1)


def maximum_vjp(x, g):
    ties = x == x.max(axis=-1, keepdims=True)
    return (g[..., None] * ties / ties.sum(axis=-1, keepdims=True)).astype(x.dtype)


def spread(g, x):
    return np.broadcast_to(g[..., None], x.shape).copy()


def variance_vjp(x, g):
    return 2 * g[..., None] * (x - x.mean(axis=-1, keepdims=True)) / x.shape[-1]


def product_vjp(x, g):
    others = np.empty_like(x)
    for i in range(x.shape[-1]):
        others[..., i] = np.delete(x, i, axis=-1).prod(axis=-1)
    return g[..., None] * others


REDUCTIONS = [
    BenchOp("sum", lambda x: x.sum(axis=-1), lambda x, g: spread(g, x),
            {"mean": lambda x, g: spread(g, x) / x.shape[-1]}),
    BenchOp("mean", lambda x: x.mean(axis=-1), lambda x, g: spread(g, x) / x.shape[-1], {"sum": lambda x, g: spread(g, x)}),
    BenchOp("variance", lambda x: x.var(axis=-1), variance_vjp,
            {"not centered": lambda x, g: 2 * g[..., None] * x / x.shape[-1]}),
    BenchOp("norm", lambda x: np.sqrt((x * x).sum(axis=-1)),
            lambda x, g: g[..., None] * x / np.sqrt((x * x).sum(axis=-1, keepdims=True)),
            {"not divided": lambda x, g: g[..., None] * x}),
    BenchOp("product", lambda x: x.prod(axis=-1), product_vjp,
            {"itself too": lambda x, g: g[..., None] * np.broadcast_to(x.prod(axis=-1, keepdims=True), x.shape)},
            big=(300, 4), scales=(1.0, 100.0)),
    BenchOp("max", maximum, maximum_vjp, {"all": lambda x, g: spread(g, x)}, kink="tie"),
    BenchOp("logsumexp", logsumexp, lambda x, g: g[..., None] * softmax(x), {"uniform": lambda x, g: spread(g, x)},
            scales=(1.0, 1e-6)),
    BenchOp("softmax", softmax, softmax_vjp, {"diagonal only": lambda x, g: g * softmax(x) * (1 - softmax(x)),
            "missing term": lambda x, g: g * softmax(x)}, scales=(1.0, 1e-6)),
    BenchOp("log softmax", log_softmax, log_softmax_vjp, {"missing term": lambda x, g: g - softmax(x) * g},
            scales=(1.0, 1e-6)),
    BenchOp("standardize", standardized, standardized_vjp, {"constant statistics": deviation_only}),
    BenchOp("unit", unit, unit_vjp,
            {"constant length": lambda x, g: g / np.sqrt((x * x).sum(axis=-1, keepdims=True))}),
]  # fmt: skip

# ------------------------------------------------------------------------------------------ matrices, rows and windows

ROWS = np.array([0, 1, 1, 2, 0, 1])
WINDOW = (0.5, -1.0, 2.0)


def times(x):
    return x @ constants((x.shape[-1], x.shape[-1]), x.dtype)


def times_vjp(x, g):
    return g @ constants((x.shape[-1], x.shape[-1]), x.dtype).T


def times_untransposed(x, g):
    return g @ constants((x.shape[-1], x.shape[-1]), x.dtype)


def gather_vjp(x, g):
    dx = np.zeros_like(x)
    np.add.at(dx, ROWS, g)
    return dx


def gather_assigned(x, g):
    dx = np.zeros_like(x)
    dx[ROWS] = g
    return dx


def quadratic(x):
    return (x * (constants((x.shape[0], x.shape[0]), x.dtype) @ x)).sum(axis=0)


def quadratic_vjp(x, g):
    a = constants((x.shape[0], x.shape[0]), x.dtype)
    return g * ((a + a.T) @ x)


def quadratic_symmetric(x, g):
    a = constants((x.shape[0], x.shape[0]), x.dtype)
    return 2 * g * (a @ x)


def filtered(x):
    return sum(w * x[..., i : x.shape[-1] - 2 + i] for i, w in enumerate(WINDOW))


def filtered_vjp(x, g, window=WINDOW):
    dx = np.zeros_like(x)
    for i, w in enumerate(window):
        dx[..., i : x.shape[-1] - 2 + i] += w * g
    return dx


def pooled(x):
    return x.reshape(*x.shape[:-1], -1, 2).max(axis=-1)


def pooled_vjp(x, g):
    pairs = x.reshape(*x.shape[:-1], -1, 2)
    first = np.argmax(pairs, axis=-1)
    return (g[..., None] * (np.arange(2) == first[..., None])).reshape(x.shape).astype(x.dtype)


def pooled_all(x, g):
    return np.repeat(g, 2, axis=-1)


def cumulative_vjp(x, g):
    return np.flip(np.cumsum(np.flip(g, -1), axis=-1), -1)


def cross_entropy(x):
    return -log_softmax(x)[:, 0].mean()


def cross_entropy_vjp(x, g):
    first = np.arange(x.shape[-1]) == 0
    return (g * (softmax(x) - first) / x.shape[0]).astype(x.dtype)


def bias_added(x):
    return np.tanh(constants((5, *x.shape), x.dtype) + x)


def bias_vjp(x, g):
    return (g * (1 - bias_added(x) ** 2)).sum(axis=0)


STRUCTURED = [
    BenchOp("matmul", times, times_vjp, {"not transposed": times_untransposed}),
    BenchOp("transpose", lambda x: x.T.copy(), lambda x, g: g.T.copy(),
            {"not transposed": lambda x, g: g.reshape(x.shape)}),
    BenchOp("gram", lambda x: x.T @ x, lambda x, g: x @ (g + g.T), {"one use": lambda x, g: x @ g,
            "symmetric g": lambda x, g: 2 * x @ g}),
    BenchOp("quadratic form", quadratic, quadratic_vjp, {"symmetric": quadratic_symmetric}),
    BenchOp("gather", lambda x: x[ROWS], gather_vjp, {"assigned": gather_assigned}),
    BenchOp("filter", filtered, filtered_vjp, {"reversed": lambda x, g: filtered_vjp(x, g, WINDOW[::-1])}),
    BenchOp("max pool", pooled, pooled_vjp, {"all": pooled_all}, kink="tie"),
    BenchOp("cumulative sum", lambda x: np.cumsum(x, axis=-1), cumulative_vjp,
            {"not reversed": lambda x, g: np.cumsum(g, axis=-1)}),
    BenchOp("cross entropy", cross_entropy, cross_entropy_vjp,
            {"sum": lambda x, g: x.shape[0] * cross_entropy_vjp(x, g)}, scales=(1.0, 1e-6)),
    BenchOp("bias", bias_added, bias_vjp, {"mean": lambda x, g: bias_vjp(x, g) / 5,
            "last row": lambda x, g: (g * (1 - bias_added(x) ** 2))[-1]}, scales=(1.0, 1e-6)),
    BenchOp("mean square", lambda x: (x * x).mean(), lambda x, g: 2 * g * x / x.size, {"sum": lambda x, g: 2 * g * x}),
    BenchOp("outer", lambda x: x[:1].T * x[1:2], lambda x, g: np.concatenate([(g @ x[1])[None], (x[0] @ g)[None]]),
            {"swapped": lambda x, g: np.concatenate([(x[1] @ g)[None], (g @ x[0])[None]])}, shape=(2, 4), big=(2, 300)),
]  # fmt: skip

OPS = [*ELEMENTWISE, *PIECEWISE, *REDUCTIONS, *STRUCTURED]
