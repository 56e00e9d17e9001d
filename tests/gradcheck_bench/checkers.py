"""The checkers that are compared. Each is a function of a case that answers "pass", "fail" or "undecided".

torch's is the real one. The others are the settings that their projects publish, written down in a few lines, so that
they can be run where the packages are not installed.
"""

import warnings

import numpy as np

from minitfe.gradcheck import check_vjp


def minitfe(case):
    """`check_vjp` as it is."""
    try:
        return check_vjp(case.f, case.vjp, case.x).verdict
    except (RuntimeError, ValueError, TypeError) as error:
        return f"error: {error}"


def verdict(is_right):
    return "pass" if is_right else "fail"


# ------------------------------------------------------------------------------------------------------------- others


def quotients(f, x, g, h):
    """The gradient of sum(g f(x)) by central differences with one step, in the dtype of x."""
    result = np.zeros_like(x)
    for i in range(x.size):
        ahead, behind = x.copy(), x.copy()
        ahead.flat[i] += x.dtype.type(h)
        behind.flat[i] -= x.dtype.type(h)
        result.flat[i] = ((f(ahead) - f(behind)) * g).sum() / x.dtype.type(2 * h)
    return result


def jax(case):
    """jax.test_util.check_grads, reverse mode: one fixed random direction, eps 1e-4, tolerance 1e-5 (2e-3 in float32)."""
    x, generator = case.x, np.random.RandomState(0)
    y = np.asarray(case.f(x))
    tangent = generator.normal(size=x.shape).astype(x.dtype)
    cotangent = np.asarray(generator.normal(size=y.shape), x.dtype)
    step = x.dtype.type(1e-4) * tangent
    moved = (np.asarray(case.f(x + step)) - np.asarray(case.f(x - step))) / x.dtype.type(2e-4)
    tolerance = 1e-5 if x.dtype == np.float64 else 2e-3
    analytic = (tangent * case.vjp(x, cotangent)).sum()
    return verdict(np.allclose(analytic, (moved * cotangent).sum(), rtol=tolerance, atol=tolerance))


def tensorflow(case):
    """tf.test.compute_gradient_error: delta 1e-3 in the input's dtype, the largest error below 1e-3."""
    x = case.x
    y = np.asarray(case.f(x))
    ahead_behind = [moved(case.f, x, i, 1e-3) for i in range(x.size)]
    numeric = np.array(ahead_behind).reshape(x.size, -1) / x.dtype.type(2e-3)
    analytic = [np.ravel(case.vjp(x, unit(y, j))) for j in range(y.size)]
    return verdict(np.abs(np.array(analytic).T - numeric).max() < 1e-3)


def moved(f, x, i, h):
    """How far all outputs move when one input moves by h to both sides."""
    ahead, behind = x.copy(), x.copy()
    ahead.flat[i] += x.dtype.type(h)
    behind.flat[i] -= x.dtype.type(h)
    return np.ravel(np.asarray(f(ahead)) - np.asarray(f(behind)))


def unit(y, j):
    """An upstream gradient of 1 for one output."""
    g = np.zeros_like(y)
    g.flat[j] = 1
    return g


def minitorch(case):
    """minitorch.grad_check: the sum of the outputs, one random element, epsilon 1e-6, tolerances of 1e-2."""
    x = case.x
    g = np.ones_like(np.asarray(case.f(x)))
    i = np.random.default_rng(0).integers(x.size)
    numeric = moved(case.f, x, i, 1e-6).sum() / x.dtype.type(2e-6)
    return verdict(np.allclose(np.ravel(case.vjp(x, g))[i], numeric, rtol=1e-2, atol=1e-2))


def torch_slow(case):
    """torch.autograd.gradcheck with its defaults."""
    return with_torch(case, fast_mode=False)


def torch_fast(case):
    """torch.autograd.gradcheck(fast_mode=True)."""
    return with_torch(case, fast_mode=True)


def with_torch(case, fast_mode):
    import torch

    torch.set_num_threads(1)

    class Rule(torch.autograd.Function):
        @staticmethod
        def forward(context, x):
            context.save_for_backward(x)
            return torch.from_numpy(np.array(case.f(x.detach().numpy())))

        @staticmethod
        def backward(context, g):
            (x,) = context.saved_tensors
            return torch.from_numpy(np.array(case.vjp(x.detach().numpy(), g.detach().numpy())))

    x = torch.from_numpy(case.x.copy()).requires_grad_()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return verdict(torch.autograd.gradcheck(Rule.apply, x, raise_exception=False, fast_mode=fast_mode))


def available():
    """The checkers by the names in the table; torch's only where it is installed."""
    found = {"minitfe": minitfe, "JAX": jax, "TensorFlow": tensorflow, "minitorch": minitorch}
    try:
        import torch  # noqa: F401
    except ImportError:
        return found
    return found | {"torch, slow": torch_slow, "torch, fast": torch_fast}
