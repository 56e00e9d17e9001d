// The zeta function, and the derivatives of the logarithm of the gamma function. All is computed in REAL, the most exact
// type that the device has, whatever T is. The host defines both, and the series' coefficients; numbers in brackets are
// those of the formulas in the Digital Library of Mathematical Functions.

__constant REAL bernoulli[] = BERNOULLI, psi_series[] = PSI_SERIES, at_root[] = AT_ROOT;

#define COUNT(series) ((int)(sizeof(series) / sizeof(REAL)))

REAL polynomial(REAL x, __constant REAL *coefficients, int count)
{
    REAL value = 0;
    for (int k = count - 1; k >= 0; k--) value = value * x + coefficients[k];
    return value;
}

// Σ (q + k)⁻ˢ over k ≥ 0 for q > 0: the first terms, and the others by Euler and Maclaurin's formula (25.11.7).
REAL zeta_right(REAL s, REAL q)
{
    REAL total = 0;
    for (int k = 0; k < STEPS; k++) total += pow(q + k, -s);
    REAL a = q + STEPS < LARGE ? q + STEPS : LARGE;  // infinity would make NaN of the products below
    REAL power = pow(a, -s), factorial = 1;
    total += power * (a / (s - 1) + (REAL)0.5);
    REAL term = s * power / a;
    for (int k = 1; k <= COUNT(bernoulli); k++) {
        factorial *= (REAL)((2 * k - 1) * (2 * k));
        total += bernoulli[k - 1] / factorial * term;
        term *= (s + 2 * k - 1) / a * ((s + 2 * k) / a);
    }
    return total;
}

// For q < 0 the terms are those above zero, a sum that begins at 1 - f, and those below: they begin at f, as far as 1 - q.
REAL zeta_left(REAL s, REAL q)
{
    REAL f = -q - floor(-q);
    if (s != floor(s)) return NAN;
    if (f == 0) return INFINITY;
    REAL below = zeta_right(s, f) - zeta_right(s, 1 - q);
    return zeta_right(s, 1 - f) + (fmod(s, (REAL)2) == 0 ? below : -below);
}

REAL hurwitz(REAL s, REAL q)
{
    if (!(s > 1)) return s == 1 ? INFINITY : NAN;
    return q <= 0 ? zeta_left(s, q) : zeta_right(s, q);
}

// ψ(x) = ψ(x + n) - Σ 1/(x + k) (5.5.2), and Stirling's series for ψ(x + n) (5.11.2).
REAL psi_right(REAL x)
{
    REAL a = x + STEPS, w = 1 / (a * a), rest = 0;
    for (int k = 0; k < STEPS; k++) rest += 1 / (x + k);
    return log(a) - (REAL)0.5 / a - w * polynomial(w, psi_series, COUNT(psi_series)) - rest;
}

REAL psi(REAL x)
{
    if (x <= 0) {  // ψ(x) = ψ(1 - x) - π cot(πx) (5.5.4); the tangent would lose digits near whole numbers
        if (x < 0 && x == rint(x)) return NAN;
        return psi_right(1 - x) - PI / tan(PI * (x - rint(x)));
    }
    // Near the root a series about it has all digits, where the formula above would be a difference of larger numbers.
    if (fabs(x - ROOT) < (REAL)0.25) return polynomial((x - ROOT) - ROOT_REST, at_root, COUNT(at_root));
    return psi_right(x);
}

// (-1)ⁿ⁺¹ n! ζ(n + 1, x) (25.11.12)
REAL derivative_of_psi(REAL n, REAL x)
{
    if (!(n >= 0) || n != floor(n)) return NAN;
    if (n == 0) return psi(x);
    REAL factorial = n <= 170 ? 1 : INFINITY;
    for (int k = 2; k <= n && k <= 170; k++) factorial *= k;
    return (fmod(n, (REAL)2) == 1 ? factorial : -factorial) * hurwitz(n + 1, x);
}

#define EACH(name, function)                                                                                           \
    __kernel void name(__global const T *xs, __global const T *ys, __global T *out, const int count, const int span)  \
    {                                                                                                                  \
        int i = ITEM * span;                                                                                           \
        for (int end = min(count, i + span); i < end; i++) {                                                           \
            REAL x = xs[i], y = ys[i];                                                                                 \
            out[i] = function;                                                                                         \
        }                                                                                                              \
    }

EACH(zeta, hurwitz(x, y))
EACH(polygamma, derivative_of_psi(x, y))
EACH(digamma, psi(x))
