"""Special functions: the sigmoid and its kin, the error function, and the family of the gamma function.

The error function and the family of the gamma function, which numpy lacks, are computed in float64, whatever the dtype:
piece by piece, each by a polynomial or a ratio of two.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numpy.polynomial.polynomial import polyder, polymul

from .math import FLOATS, ONE, constants

__all__ = [
    "digamma", "erf", "erfc", "lgamma", "polygamma", "sigmoid", "sigmoid_gradient", "softplus", "softsign", "zeta",
]  # fmt: skip

HALF = constants(0.5, FLOATS)

# ---------------------------------------------------------------------------------------------- sigmoids and their kin


def sigmoid(x):
    """1 / (1 + e⁻ˣ), which is 1/∞ = 0 where e⁻ˣ overflows; complex, where ∞ turns into NaN, (1 + tanh(x/2)) / 2."""
    if x.dtype.kind == "c":
        return np.multiply(HALF[x.dtype], np.add(ONE[x.dtype], np.tanh(np.multiply(x, HALF[x.dtype]))))
    y = np.negative(x, out=...)
    np.exp(y, y)
    np.add(y, ONE[x.dtype], y)
    return np.reciprocal(y, y)


def sigmoid_gradient(g, y):
    """g y (1 - y)"""
    slope = np.subtract(ONE[y.dtype], y, out=...)
    np.multiply(y, slope, slope)
    return np.multiply(g, slope, slope if g.shape == y.shape else None)


def softplus(x):
    """log(1 + eˣ) = max(x, 0) + log(1 + e⁻|ˣ|)"""
    y = np.absolute(x, out=...)
    np.negative(y, y)
    np.exp(y, y)
    np.log1p(y, y)
    return np.add(y, np.maximum(x, x.dtype.type(0)), y)


def softsign(x):
    """x / (1 + |x|)"""
    y = np.absolute(x, out=...)
    np.add(y, ONE[x.dtype], y)
    return np.divide(x, y, y)


# -------------------------------------------------------------------------------------------------- the error function


def in_pieces(x, bounds, functions):
    """Applies the first function below the first bound, the second between the first two bounds, and so on."""
    piece = np.searchsorted(bounds, x, side="right")
    return np.piecewise(x, [piece == i for i in range(len(functions))], functions)


def polynomial(x, coefficients):
    """c₀ + x (c₁ + x (c₂ + …)), by Horner's rule, in one array."""
    value = x * coefficients[-1]
    for coefficient in coefficients[-2:0:-1]:
        value += coefficient
        value *= x
    value += coefficients[0]
    return value


# Rational approximations, of fdlibm's s_erf.c (Sun Microsystems 1993), lowest power first: near 0, near 1, and two for
# the tail, in powers of 1/x².
NEAR_0 = (
    (1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02, -5.77027029648944159157e-03,
     -2.37630166566501626084e-05),
    (1, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03, 1.32494738004321644526e-04,
     -3.96022827877536812320e-06),
)  # fmt: skip
NEAR_1 = (
    (-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01, 3.18346619901161753674e-01,
     -1.10894694282396677476e-01, 3.54783043256182359371e-02, -2.16637559486879084300e-03),
    (1, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02, 1.26171219808761642112e-01,
     1.36370839120290507362e-02, 1.19844998467991074170e-02),
)  # fmt: skip
TAIL = (
    (-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e01, -6.23753324503260060396e01,
     -1.62396669462573470355e02, -1.84605092906711035994e02, -8.12874355063065934246e01, -9.81432934416914548592e00),
    (1, 1.96512716674392571292e01, 1.37657754143519042600e02, 4.34565877475229228821e02, 6.45387271733267880336e02,
     4.29008140027567833386e02, 1.08635005541779435134e02, 6.57024977031928170135e00, -6.04244152148580987438e-02),
)  # fmt: skip
FAR_TAIL = (
    (-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e01, -1.60636384855821916062e02,
     -6.37566443368389627722e02, -1.02509513161107724954e03, -4.83519191608651397019e02),
    (1, 3.03380607434824582924e01, 3.25792512996573918826e02, 1.53672958608443695994e03, 3.19985821950859553908e03,
     2.55305040643316442583e03, 4.74528541206955367215e02, -2.24409524465858183362e01),
)  # fmt: skip
ERF_1 = 8.45062911510467529297e-01  # close to erf(1), exact in float32
BOUNDS = (0.84375, 1.25, 1 / 0.35)


def _ratio(x, polynomials):
    numerator, denominator = polynomials
    return polynomial(x, numerator) / polynomial(x, denominator)


def _erf_near_0(x):
    return x + x * _ratio(x * x, NEAR_0)


def _erfc_tail(x, polynomials):
    """exp(-x² - 0.5625 + ratio) / x. x² is summed from an exact part z² and a small one, to keep its last digits."""
    x = np.minimum(x, 30)  # where the result is 0 already; infinity would make NaN of z - x
    z = x.astype(np.float32).astype(np.float64)
    return np.exp(-z * z - 0.5625) * np.exp((z - x) * (z + x) + _ratio(1 / (x * x), polynomials)) / x


def erf(x):
    """2/√π ∫₀ˣ exp(-t²) dt"""
    pieces = (
        _erf_near_0,
        lambda t: ERF_1 + _ratio(t - 1, NEAR_1),
        lambda t: 1 - _erfc_tail(t, TAIL),
        lambda t: 1 - _erfc_tail(t, FAR_TAIL),
    )
    return np.copysign(in_pieces(np.absolute(x, dtype=np.float64), BOUNDS, pieces), x).astype(x.dtype)


def erfc(x):
    """1 - erf(x), with all digits where that is close to 0."""
    pieces = (
        lambda t: 1 - _erf_near_0(t),
        lambda t: 1 - ERF_1 - _ratio(t - 1, NEAR_1),
        lambda t: _erfc_tail(t, TAIL),
        lambda t: _erfc_tail(t, FAR_TAIL),
    )
    right = in_pieces(np.absolute(x, dtype=np.float64), BOUNDS, pieces)
    return np.where(x < 0, 2 - right, right).astype(x.dtype)


# -------------------------------------------------------------------------------- the gamma function's logarithm & Co.
# Equations are numbered as in the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov.

# B₂ … B₂₄: the Bernoulli numbers with an even index.
BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
             854513 / 138, -236364091 / 2730)  # fmt: skip
GAMMA_SERIES = [number / (2 * k * (2 * k - 1)) for k, number in enumerate(BERNOULLI[:9], start=1)]
PSI_SERIES = [number / (2 * k) for k, number in enumerate(BERNOULLI, start=1)]
STEPS = 10  # how far the argument is moved up, to where the asymptotic series have 16 digits


def zeta(x, q):
    """Hurwitz's zeta function Σ (q + k)⁻ˣ over k ≥ 0; infinite at x = 1 and where q is 0 or a negative integer."""
    s, q = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(q, np.float64))
    value = np.array(_zeta_right(s, np.where(q > 0, q, 1 - q)))
    for order in np.unique(s[(q <= 0) & (s > 1)]):
        place = (q <= 0) & (s == order)
        value[place] = _zeta_left(int(order), q[place], value[place]) if order == int(order) else np.nan
    value = np.where(s > 1, value, np.where(s == 1, np.inf, np.nan))
    return value.astype(x.dtype)


def _zeta_right(s, q):
    """The first terms, and the others by Euler and Maclaurin's formula (25.11.7); q > 0."""
    total = sum(np.power(q + k, -s) for k in range(STEPS))
    a = np.minimum(q + STEPS, 1e300)  # infinity would make NaN of the products below
    power = np.power(a, -s)
    total = total + power * (a / (s - 1) + 0.5)
    term = s * power / a
    for k, number in enumerate(BERNOULLI, start=1):
        total = total + number / factorial(2 * k) * term
        term = term * ((s + 2 * k - 1) / a * ((s + 2 * k) / a))
    return total


def _zeta_left(s, q, mirrored):
    """The reflection of ζ(s, 1 - q), by the derivatives of 5.5.4: (-1)ⁿ (ζ + πˢ/n! cot⁽ⁿ⁾(πq)) with n = s - 1."""
    n = s - 1
    derivative = np.array([0.0, 1.0])  # cot⁽ⁿ⁾/n! as a polynomial in the cotangent c, whose own derivative is -(1 + c²)
    for k in range(n):
        derivative = polymul([-1, 0, -1], polyder(derivative)) / (k + 1)
    value = (-1) ** n * (mirrored + np.pi**s * polynomial(_cotangent(q), derivative))
    return np.where(q == np.rint(q), np.inf, value)


def _cotangent(x):
    """cot(πx), with all digits near integers, where tan(πx) would have lost them."""
    return 1 / np.tan(np.pi * (x - np.rint(x)))


FACTORIALS = np.array([float(factorial(n)) for n in range(171)])


def polygamma(a, x):
    """The derivative of order a of digamma: (-1)ᵃ⁺¹ a! ζ(a + 1, x) (25.11.12); NaN for an a that is no order."""
    n, z = np.asarray(a, np.float64), np.asarray(x, np.float64)
    size = np.where(n <= 170, FACTORIALS[np.clip(np.nan_to_num(n), 0, 170).astype(int)], np.inf)
    derivative = np.where(n % 2 == 1, size, -size) * zeta(n + 1, z)
    value = np.where(n == 0, digamma(z), derivative)
    return np.where((n >= 0) & (n == np.floor(n)), value, np.nan).astype(x.dtype)


# digamma's positive zero in two parts, and its Taylor series there: ψ(x₀ + z) = Σ (-1)ᵏ⁺¹ ζ(k + 1, x₀) zᵏ over k ≥ 1.
ROOT, ROOT_REST = 1.4616321449683622, 9.549995429965697e-17
AT_ROOT = [0.0, *(float((-1) ** (k + 1) * _zeta_right(np.float64(k + 1), np.float64(ROOT))) for k in range(1, 25))]


def digamma(x):
    """The derivative of lgamma."""
    pieces = (
        _digamma_left,
        _digamma_right,
        lambda t: polynomial((t - ROOT) - ROOT_REST, AT_ROOT),
        _digamma_right,
    )
    bounds = (np.nextafter(0, 1), ROOT - 0.25, ROOT + 0.25)
    return in_pieces(np.asarray(x, np.float64), bounds, pieces).astype(x.dtype)


def _digamma_right(x):
    """ψ(x) = ψ(x + n) - Σ 1/(x + k) (5.5.2), and Stirling's series for ψ(x + n) (5.11.2)."""
    a = x + STEPS
    w = 1 / (a * a)
    return np.log(a) - 0.5 / a - w * polynomial(w, PSI_SERIES) - sum(1 / (x + k) for k in range(STEPS))


def _digamma_left(x):
    """ψ(x) = ψ(1 - x) - π cot(πx) (5.5.4)"""
    value = _digamma_right(1 - x) - np.pi * _cotangent(x)
    return np.where((x < 0) & (x == np.rint(x)), np.nan, value)


# lgamma's Taylor series at 2: (1 - γ) z + Σ (-1)ᵏ (ζ(k) - 1) zᵏ / k over k ≥ 2 (5.7.3).
AT_2 = [
    0.0,
    1 - np.euler_gamma,
    *(float((-1) ** k * _zeta_right(np.float64(k), np.float64(2)) / k) for k in range(2, 28)),
]


def lgamma(x):
    """log |Γ(x)|. Near 1 and 2, where it is 0, it is computed without a difference of larger numbers."""
    pieces = (
        _lgamma_left,
        lambda t: polynomial(t, AT_2) - np.log1p(t) - np.log(t),
        lambda t: polynomial(t - 1, AT_2) - np.log1p(t - 1),
        lambda t: polynomial(t - 2, AT_2),
        lambda t: _stirling(t + 8) - np.log(t * (t + 1) * (t + 2) * (t + 3) * (t + 4) * (t + 5) * (t + 6) * (t + 7)),
        _stirling,
    )
    bounds = (np.nextafter(0, 1), 0.5, 1.5, 2.5, STEPS)
    return in_pieces(np.asarray(x, np.float64), bounds, pieces).astype(x.dtype)


def _stirling(x):
    """(x - ½)(log x - 1) + ½ (log 2π - 1) + Σ B₂ₖ / (2k (2k - 1) x²ᵏ⁻¹): 5.11.1, where infinity stays infinite."""
    series = polynomial(1 / (x * x), GAMMA_SERIES) / x
    return (x - 0.5) * (np.log(x) - 1) + 0.5 * (np.log(2 * np.pi) - 1) + series


def _lgamma_left(x):
    """Γ(x) Γ(1 - x) = π / sin(πx) (5.5.3)"""
    value = np.log(np.pi / np.absolute(np.sin(np.pi * (x - np.rint(x))))) - lgamma(1 - x)
    return np.where(x == np.rint(x), np.inf, value)
