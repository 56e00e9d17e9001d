"""The machinery of the sweeps: calling samples, comparing results, and finite differences.

Every check takes a `Sample` and the arrays drawn for it. Numeric derivatives are computed in float64 whatever the dtype
of the rule: the difference quotient of a float32 function has hardly three digits.
"""

import numpy as np

import minitfe as tf
from minitfe import nest
from minitfe.graph.graph import trace

# How far a result may be from the reference, relative to the largest element: a few hundred rounding errors.
VALUE_TOLERANCE = {"float64": 1e-12, "float32": 1e-5, "float16": 1e-2, "complex128": 1e-12, "complex64": 1e-5}
GRADIENT_TOLERANCE = {"float64": 1e-6, "float32": 2e-4}


def call(sample, inputs):
    """Calls the sample's function on arrays or tensors and returns all outputs as a flat list of tensors."""
    return nest.flatten(sample.function(*map(tf.convert_to_tensor, inputs), **sample.arguments))


def expected(sample, arrays):
    """What must come out, computed by the reference in double precision."""
    precise = [x.astype({"f": "f8", "c": "c16"}.get(x.dtype.kind, x.dtype)) for x in arrays]
    with np.errstate(all="ignore"):
        result = sample.reference(*precise, **sample.arguments)
    return [np.asarray(x) for x in (result if isinstance(result, (list, tuple)) else [result])]


def assert_close(actual, wanted, tolerance, what, smallest_scale=1e-30):
    """The largest difference, relative to the largest element, must be within the tolerance; NaN and Inf must agree.

    Where all elements are smaller than `smallest_scale`, the difference is taken relative to that.
    """
    actual, wanted = np.asarray(actual), np.asarray(wanted)
    assert actual.shape == wanted.shape, f"{what}: shape {actual.shape}, expected {wanted.shape}"
    if actual.dtype.kind in "bOiu" and wanted.dtype.kind in "bOiu":
        np.testing.assert_array_equal(actual, wanted, err_msg=what)
        return
    if wanted.dtype.kind == "c" and actual.dtype.kind != "c":
        assert not wanted.imag.any(), f"{what}: the reference is complex, the result is not"
        wanted = wanted.real
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(np.isfinite(actual), finite, err_msg=f"{what}: not finite in other places")
    np.testing.assert_array_equal(actual[~finite], wanted[~finite].astype(actual.dtype), err_msg=what)
    if finite.any():
        scale = max(np.abs(wanted[finite]).max(), smallest_scale)
        worst = np.abs(actual[finite].astype(wanted.dtype) - wanted[finite]).max() / scale
        assert worst <= tolerance, (
            f"{what}: off by {worst:.2e} of the largest element (allowed {tolerance:.0e})\n{actual}\n{wanted}"
        )


def upstream(outputs, seed):
    """Random gradients to begin with, one per floating output: ones would hide mistakes that cancel in a sum."""
    generator = np.random.default_rng(seed + 1)
    return [generator.normal(size=y.shape.as_list()) for y in outputs if y.dtype.is_floating]


def scalar_loss(sample, arrays, positions, seed, curved=False):
    """A function of the differentiable inputs that weighs the outputs y randomly and sums them up.

    A curved loss weighs y + y²/2 instead. Its gradient depends on y, so that second derivatives go through the
    upstream gradient of a rule too: with a straight loss that is a constant, and nothing asks for its derivative.
    """

    def loss(*differentiable):
        tensors = [tf.convert_to_tensor(x) for x in arrays]
        for position, x in zip(positions, differentiable):
            tensors[position] = x
        outputs = [y for y in call(sample, tensors) if y.dtype.is_floating]
        weights = upstream(outputs, seed)
        shaped = [y + 0.5 * tf.square(y) if curved else y for y in outputs]
        return sum(
            (tf.reduce_sum(y * w.astype(y.dtype.as_numpy_dtype)) for y, w in zip(shaped, weights)),
            start=tf.constant(0, outputs[0].dtype),
        )

    return loss


def gradients(loss, arrays):
    """The gradients of a loss, as tensors; inputs that it does not depend on have zeros."""
    xs = [tf.convert_to_tensor(x) for x in arrays]
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = loss(*xs)
    return [tf.zeros_like(x) if g is None else tf.convert_to_tensor(g) for x, g in zip(xs, tape.gradient(y, xs))]


def gradient_projection(loss, arrays, directions):
    """A scalar function of the inputs: its gradient's product with fixed directions. Its gradient is a Hessian's product."""

    def projection(*xs):
        with tf.GradientTape() as tape:
            tape.watch(list(xs))
            y = loss(*xs)
        gs = tape.gradient(y, list(xs))
        terms = [
            tf.reduce_sum(tf.convert_to_tensor(g) * v.astype(g.dtype.as_numpy_dtype))
            for g, v in zip(gs, directions)
            if g is not None
        ]
        return sum(terms, start=tf.constant(0, xs[0].dtype))

    return projection


def directional_derivative(f, arrays, directions):
    """d f(x + hv)/dh at h = 0, by central differences with two steps of Richardson extrapolation, and an error estimate."""

    def slope(h):
        ahead = float(f(*[tf.convert_to_tensor(x + h * v) for x, v in zip(arrays, directions)]))
        behind = float(f(*[tf.convert_to_tensor(x - h * v) for x, v in zip(arrays, directions)]))
        return (ahead - behind) / (2 * h)

    coarse, middle, fine = slope(4e-3), slope(2e-3), slope(1e-3)
    once = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
    twice = (16 * once[1] - once[0]) / 15
    return twice, abs(twice - once[1])


def check_gradient(f, f64, arrays, seed, tolerance, what, directions=3):
    """Holds the gradient of f against difference quotients of f64, the same function in double precision."""
    generator = np.random.default_rng(seed + 2)
    gs = gradients(f, arrays)
    for g, x in zip(gs, arrays):
        assert g.dtype.as_numpy_dtype == x.dtype.type, f"{what}: gradient of dtype {g.dtype.name} for {x.dtype}"
        assert g.shape == x.shape, f"{what}: gradient of shape {g.shape} for {x.shape}"
    gs = [g.numpy().astype("f8") for g in gs]
    precise = [x.astype("f8") for x in arrays]
    norm = np.sqrt(sum((g**2).sum() for g in gs))
    for _ in range(directions):
        vs = [generator.normal(size=x.shape) for x in arrays]
        numeric, error = directional_derivative(f64, precise, vs)
        analytic = sum((g * v).sum() for g, v in zip(gs, vs))
        length = np.sqrt(sum((v**2).sum() for v in vs))
        allowed = tolerance * max(norm * length, 1e-3) + 3 * error
        assert error <= 1e-5 * max(norm * length, 1e-3), (
            f"{what}: the finite difference is not to be trusted (error {error:.1e})"
        )
        assert abs(numeric - analytic) <= allowed, (
            f"{what}: analytic {analytic:.9g}, numeric {numeric:.9g} ± {error:.1e}"
        )


def traced_ops(function, arrays):
    """The names of all ops that a function of tensors goes through."""
    graph, _, _ = trace(function, *map(tf.convert_to_tensor, arrays))
    return {operation.op.name for operation in graph.operations}
