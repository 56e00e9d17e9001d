"""Samples of minitfe.ops.math. References are numpy in float64, written differently from the kernel, or SciPy."""

import numpy as np
from scipy import special

import minitfe as tf
from minitfe.extend import Sample, Values
from minitfe.ops import math

ANY = Values((2, 3))
ABOVE_0 = Values((2, 3), low=0.2, high=3.0)
ABOVE_1 = Values((2, 3), low=1.2, high=3.0)
WITHIN_1 = Values((2, 3), low=-0.8, high=0.8)
FROM_1 = Values((2, 3), low=1, high=5)  # integers among them, and no 0
NOT_0 = Values((2, 3), away_from=(0.0,))
DISTINCT = Values((2, 3), distinct=True)
BOOL = Values((2, 3), dtype="bool")
VECTOR = Values((4,))
CUBE = Values((2, 3, 4))

SMOOTH = ("float64", "float32", "float16", "complex128", "complex64")
FLOATING = ("float64", "float32", "float16")
COMPLEX = ("complex128", "complex64")
REAL = ("float64", "float32", "float16", "int32", "int64", "int8", "uint8")
NUMBERS = (*REAL, "complex128", "complex64")


def unary(function, reference, values=ANY, **settings):
    return Sample(function, [values], reference=reference, elementwise=True, **settings)


def binary(function, reference, x=ANY, y=ANY, **settings):
    return Sample(function, [x, y], reference=reference, elementwise=True, **settings)


# ------------------------------------------------------------------------------------------------------ references


def each(function):
    """A reference that computes one element at a time, with Python's numbers."""

    def reference(*arrays):
        flat = [x.ravel() for x in np.broadcast_arrays(*arrays)]
        shape = np.broadcast_shapes(*(x.shape for x in arrays))
        return np.array([function(*(part.item() for part in parts)) for parts in zip(*flat)], arrays[0].dtype).reshape(
            shape
        )

    return reference


def true_quotient(x, y):
    return x.astype(float) * (1 / y.astype(float))


def running(combine, start):
    """A reference for running sums and products, written as a loop."""

    def reference(x, axis=0, exclusive=False, reverse=False):
        rows = list(np.moveaxis(x, axis, 0))
        rows = rows[::-1] if reverse else rows
        total, totals = np.full_like(rows[0], start), []
        for row in rows:
            before, total = total, combine(total, row)
            totals.append(before if exclusive else total)
        return np.stack(totals[::-1] if reverse else totals, axis)

    return reference


def with_zeros(generator):
    """Zeros, one or two in a row, are where a gradient by division would break."""
    x = generator.uniform(0.5, 2.0, (3, 4))
    x[0, 1] = x[1, 0] = x[1, 2] = 0
    return x


def clipped(t, clip_norm, axes=None):
    norm = np.linalg.norm(t) if axes is None else np.linalg.norm(t, axis=axes, keepdims=True)
    return t * np.minimum(1, clip_norm / norm)


def clipped_together(x, y):
    norm = np.hypot(np.linalg.norm(x), np.linalg.norm(y))
    return [x * 0.5 / norm, y * 0.5 / norm, norm]


SCANS = {
    "": {},
    "last axis": {"axis": -1},
    "exclusive": {"axis": 1, "exclusive": True},
    "reverse": {"axis": 0, "reverse": True},
    "exclusive reverse": {"axis": 2, "exclusive": True, "reverse": True},
}


# ---------------------------------------------------------------------------------------- calls that need a name


def power_3(x):
    return tf.pow(x, 3.0)


def power_minus_2(x):
    return tf.pow(x, -2)


def polygamma_of_orders(a, x):
    return tf.polygamma(a, x)


def clip_by_bounds(t, low, high):
    return tf.clip_by_value(t, low, high)


def clip_two_by_global_norm(x, y):
    (x, nothing, y), norm = tf.clip_by_global_norm([x, None, y], 0.5)
    assert nothing is None
    return [x, y, norm]


def clip_by_known_norm(x):
    return tf.clip_by_global_norm([x], 1.0, use_norm=4.0)[0][0]


def add_three(x, y, z):
    return tf.add_n([x, y, z])


def add_one(x):
    return tf.add_n([x])


def accumulate_twice(x, y):
    return tf.accumulate_n([x, y, x])


def global_norm_of_two(x, y):
    return tf.global_norm([x, None, y])


SAMPLES = [
    # arithmetic
    binary(tf.add, lambda x, y: x - (-y), dtypes=NUMBERS),
    binary(tf.subtract, lambda x, y: x + (-y), dtypes=NUMBERS),
    binary(tf.multiply, lambda x, y: x * y, dtypes=NUMBERS),
    unary(tf.negative, lambda x: 0 - x, dtypes=NUMBERS),
    Sample(
        add_three,
        [CUBE, CUBE, CUBE],
        reference=lambda x, y, z: np.sum([x, y, z], axis=0),
        dtypes=("float64", "float32", "int32"),
    ),
    Sample(add_one, [ANY], reference=lambda x: x),
    Sample(accumulate_twice, [ANY, ANY], reference=lambda x, y: 2 * x + y),
    # division
    binary(tf.realdiv, lambda x, y: x * y**-1.0, y=NOT_0, dtypes=SMOOTH),
    binary(
        tf.truediv, true_quotient, y=FROM_1, dtypes=("float64", "float32", "int32", "int64", "int8", "uint8", "int16")
    ),
    binary(tf.divide, true_quotient, y=FROM_1),
    binary(tf.div, each(lambda x, y: x / y), y=FROM_1),
    binary(tf.div, each(lambda x, y: x // y), y=FROM_1, dtypes=("int32", "int64"), gradient=[], name="integers"),
    binary(tf.floordiv, each(lambda x, y: x // y), Values((2, 3), -20, 20), FROM_1, dtypes=REAL[:-1], gradient=[]),
    binary(
        tf.floordiv, each(lambda x, y: x // y), y=Values((2, 3), -5, -1), dtypes=REAL[:-1], gradient=[], name="negative"
    ),
    binary(tf.mod, each(lambda x, y: x % y), Values((2, 3), 2.2, 2.8), Values((2, 3), 1.9, 2.1)),
    binary(tf.mod, each(lambda x, y: x % y), Values((2, 3), -2.8, -2.2), Values((2, 3), 1.9, 2.1), name="below 0"),
    binary(
        tf.mod,
        each(lambda x, y: x % y),
        Values((2, 3), -20, 20),
        FROM_1,
        dtypes=("int32", "int8"),
        gradient=[],
        name="integers",
    ),
    unary(tf.reciprocal, lambda x: x**-1.0, NOT_0, dtypes=SMOOTH),
    # powers, roots, logarithms
    unary(tf.square, lambda x: x * x, dtypes=NUMBERS),
    binary(tf.squared_difference, lambda x, y: x * x - 2 * x * y + y * y, dtypes=(*SMOOTH, "int32")),
    unary(tf.sqrt, lambda x: x**0.5, ABOVE_0, dtypes=SMOOTH),
    unary(tf.rsqrt, lambda x: x**-0.5, ABOVE_0, dtypes=SMOOTH),
    binary(tf.pow, lambda x, y: np.exp(y * np.log(x)), ABOVE_0, dtypes=SMOOTH),
    binary(
        tf.pow, each(lambda x, y: x**y), y=Values((2, 3), 0, 5), dtypes=("int32", "int64"), gradient=[], name="integers"
    ),
    unary(power_3, lambda x: x * x * x),
    unary(power_minus_2, lambda x: 1 / (x * x), NOT_0),
    unary(tf.exp, lambda x: np.sinh(x) + np.cosh(x), dtypes=SMOOTH),
    unary(tf.expm1, lambda x: np.exp(x) - 1, dtypes=SMOOTH),
    unary(tf.log, lambda x: 2 * np.arctanh((x - 1) / (x + 1)), ABOVE_0, dtypes=SMOOTH),
    unary(tf.log1p, lambda x: np.log(1 + x), ABOVE_0, dtypes=SMOOTH),
    # trigonometry
    unary(tf.sin, lambda x: np.imag(np.exp(1j * x)), dtypes=FLOATING),
    unary(tf.sin, lambda z: (np.exp(1j * z) - np.exp(-1j * z)) / 2j, dtypes=COMPLEX, gradient=[], name="complex"),
    unary(tf.cos, lambda x: np.real(np.exp(1j * x)), dtypes=FLOATING),
    unary(tf.cos, lambda z: (np.exp(1j * z) + np.exp(-1j * z)) / 2, dtypes=COMPLEX, gradient=[], name="complex"),
    unary(tf.tan, lambda x: np.sin(x) / np.cos(x), WITHIN_1, dtypes=SMOOTH),
    unary(tf.asin, lambda x: np.pi / 2 - np.arccos(x), WITHIN_1, dtypes=SMOOTH),
    unary(tf.acos, lambda x: np.pi / 2 - np.arcsin(x), WITHIN_1, dtypes=SMOOTH),
    unary(tf.atan, lambda x: np.arcsin(x / np.sqrt(1 + x * x)), dtypes=FLOATING),
    binary(tf.atan2, lambda y, x: np.angle(x + 1j * y), Values((2, 3), 0.3, 2.0), ANY, dtypes=FLOATING),
    binary(tf.atan2, lambda y, x: np.angle(x + 1j * y), ANY, Values((2, 3), 0.3, 2.0), name="right"),
    # hyperbolic
    unary(tf.sinh, lambda x: (np.exp(x) - np.exp(-x)) / 2, dtypes=SMOOTH),
    unary(tf.cosh, lambda x: (np.exp(x) + np.exp(-x)) / 2, dtypes=SMOOTH),
    unary(tf.tanh, lambda x: 1 - 2 / (np.exp(2 * x) + 1), dtypes=FLOATING),
    unary(tf.tanh, lambda x: 1 - 2 / (np.exp(2 * x) + 1), WITHIN_1, dtypes=COMPLEX, gradient=[], name="complex"),
    unary(tf.asinh, lambda x: np.log(x + np.sqrt(x * x + 1)), dtypes=FLOATING),
    unary(tf.acosh, lambda x: np.log(x + np.sqrt(x * x - 1)), ABOVE_1, dtypes=SMOOTH),
    unary(tf.atanh, lambda x: np.log((1 + x) / (1 - x)) / 2, WITHIN_1, dtypes=SMOOTH),
    binary(math.tanh_gradient, lambda g, y: g - g * y**2, dtypes=SMOOTH),
    # sigmoids and their kin
    unary(tf.sigmoid, lambda x: 1 / (1 + np.exp(-x)), dtypes=FLOATING),
    unary(tf.sigmoid, lambda x: 1 / (1 + np.exp(-x)), WITHIN_1, dtypes=COMPLEX, gradient=[], name="complex"),
    binary(math.sigmoid_gradient, lambda g, y: g * y - g * y**2, dtypes=SMOOTH),
    unary(tf.log_sigmoid, lambda x: -np.logaddexp(0, -x), Values((2, 3), -30, 30), dtypes=FLOATING),
    unary(math.softplus, lambda x: np.logaddexp(0, x), Values((2, 3), -30, 30), dtypes=FLOATING),
    unary(math.softsign, lambda x: np.sign(x) - np.sign(x) / (1 + np.abs(x)), NOT_0, dtypes=FLOATING),
    # the error function and the gamma function
    unary(tf.erf, special.erf, dtypes=FLOATING),
    unary(tf.erfc, special.erfc, dtypes=FLOATING),
    unary(tf.erf, special.erf, Values((2, 3), -8.0, 8.0), gradient=[], name="far"),
    unary(tf.erfc, special.erfc, Values((2, 3), -8.0, 8.0), gradient=[], name="far"),
    unary(tf.lgamma, special.gammaln, ABOVE_0, dtypes=FLOATING),
    unary(tf.lgamma, special.gammaln, Values((2, 3), -1.8, -1.2), name="below 0"),
    unary(tf.lgamma, special.gammaln, Values((2, 3), 0.1, 100.0), gradient=[], name="far"),
    unary(tf.digamma, special.psi, ABOVE_0, dtypes=FLOATING),
    unary(tf.digamma, special.psi, Values((2, 3), -1.8, -1.2), name="below 0"),
    Sample(
        polygamma_of_orders,
        [Values(make=lambda generator: generator.integers(0, 5, (3, 1))), Values((3, 4), 0.4, 6.0)],
        reference=lambda a, x: special.polygamma(a.astype(int), x),
        gradient=[1],
    ),
    binary(tf.zeta, special.zeta, ABOVE_1, Values((2, 3), 0.4, 6.0), gradient=[1], dtypes=FLOATING),
    # size and sign
    unary(
        tf.abs,
        lambda x: np.sqrt(np.square(x.astype(float))).astype(x.dtype),
        NOT_0,
        dtypes=(*FLOATING, "int32", "int8"),
    ),
    unary(
        tf.abs,
        lambda z: np.sqrt(z.real**2 + z.imag**2),
        dtypes=COMPLEX,
        gradient=[],
        name="complex",
    ),
    unary(tf.sign, each(lambda x: (x > 0) - (x < 0)), NOT_0, dtypes=REAL),
    unary(
        tf.sign,
        lambda z: z / np.sqrt(z.real**2 + z.imag**2),
        dtypes=COMPLEX,
        gradient=[],
        name="complex",
    ),
    Sample(tf.maximum, [DISTINCT, Values((2, 3), -1.6, 1.4, distinct=True)], reference=each(max), dtypes=REAL),
    Sample(tf.minimum, [DISTINCT, Values((2, 3), -1.6, 1.4, distinct=True)], reference=each(min), dtypes=REAL),
    binary(tf.maximum, each(max), gradient=[], name="any"),
    binary(tf.minimum, each(min), gradient=[], name="any"),
    # rounding
    unary(tf.floor, each(lambda x: x // 1), Values((2, 3), -9, 9), dtypes=FLOATING, gradient=[]),
    unary(tf.ceil, each(lambda x: -(-x // 1)), Values((2, 3), -9, 9), dtypes=FLOATING, gradient=[]),
    unary(tf.round, each(lambda x: round(x)), Values((2, 3), -9, 9), dtypes=(*FLOATING, "int32"), gradient=[]),
    unary(tf.rint, each(lambda x: round(x)), Values((2, 3), -9, 9), dtypes=FLOATING, gradient=[]),
    # comparisons and truth
    *[
        binary(function, lambda x, y, same=same: same(x - y), dtypes=("float64", "float32", "int32"), gradient=[])
        for function, same in [
            (tf.equal, lambda d: ~d.astype(bool)),
            (tf.not_equal, lambda d: d.astype(bool)),
            (tf.less, lambda d: np.sign(d) == -1),
            (tf.less_equal, lambda d: np.sign(d) != 1),
            (tf.greater, lambda d: np.sign(d) == 1),
            (tf.greater_equal, lambda d: np.sign(d) != -1),
        ]
    ],
    binary(tf.equal, lambda x, y: ~(x ^ y), BOOL, BOOL, name="bool"),
    binary(tf.logical_and, lambda x, y: x * y, BOOL, BOOL),
    binary(tf.logical_or, lambda x, y: x + y, BOOL, BOOL),
    binary(tf.logical_xor, lambda x, y: x != y, BOOL, BOOL),
    unary(tf.logical_not, lambda x: x == False, BOOL),  # noqa: E712
    *[
        Sample(
            function,
            [Values(make=lambda generator: generator.choice([0.0, np.nan, np.inf, -np.inf, 2.5], (3, 4)))],
            reference=reference,
            dtypes=FLOATING,
            gradient=[],
        )
        for function, reference in [
            (tf.is_nan, lambda x: x != x),
            (tf.is_inf, lambda x: np.abs(x) > 1e300),
            (tf.is_finite, lambda x: np.abs(x) < 1e300),
        ]
    ],
    Sample(tf.check_numerics, [ANY], {"message": "x"}, lambda x, message: x, dtypes=FLOATING),
    # running along an axis
    *[
        Sample(tf.cumsum, [CUBE], settings, running(np.add, 0), name=name, dtypes=(*SMOOTH, "int32", "int8"))
        for name, settings in SCANS.items()
    ],
    *[
        Sample(tf.cumprod, [CUBE], settings, running(np.multiply, 1), name=name, dtypes=(*SMOOTH, "int32", "int8"))
        for name, settings in SCANS.items()
    ],
    *[
        Sample(tf.cumprod, [Values(make=with_zeros)], settings, running(np.multiply, 1), name=f"with zeros {name}")
        for name, settings in {
            "": {},
            "exclusive": {"axis": 1, "exclusive": True},
            "reverse": {"axis": -1, "reverse": True},
            "both": {"axis": 0, "exclusive": True, "reverse": True},
        }.items()
    ],
    Sample(tf.cumsum, [Values((0, 2))], {"exclusive": True}, lambda x, exclusive: x, name="empty"),
    Sample(tf.cumprod, [Values((2, 0))], {"axis": 1}, lambda x, axis: x, name="empty"),
    # clipping
    Sample(
        tf.clip_by_value,
        [Values((3, 4), away_from=(-1.0, 1.0))],
        {"clip_value_min": -1.0, "clip_value_max": 1.0},
        lambda t, **bounds: each(lambda x: sorted([-1.0, x, 1.0])[1])(t),
        dtypes=FLOATING,
    ),
    Sample(
        clip_by_bounds,
        [Values((3, 4), away_from=(-1.0, 1.0)), Values((4,), -1.05, -0.95), Values((), 0.95, 1.05)],
        reference=lambda t, low, high: np.where(t < low, low, np.where(t > high, high, t)),
    ),
    Sample(tf.clip_by_norm, [CUBE], {"clip_norm": 1.0}, clipped, name="all"),
    Sample(tf.clip_by_norm, [CUBE], {"clip_norm": 100.0}, clipped, name="within"),
    Sample(
        tf.clip_by_norm,
        [CUBE],
        {"clip_norm": 0.5, "axes": [1]},
        lambda t, clip_norm, axes: clipped(t, 0.5, 1),
        name="axes",
    ),
    Sample(tf.clip_by_average_norm, [CUBE], {"clip_norm": 0.1}, lambda t, clip_norm: clipped(t, 0.1 * 24)),
    Sample(clip_two_by_global_norm, [CUBE, ANY], reference=clipped_together),
    Sample(clip_by_known_norm, [VECTOR], reference=lambda x: x / 4),
    Sample(global_norm_of_two, [CUBE, ANY], reference=lambda x, y: np.linalg.norm(np.append(x.ravel(), y))),
]
