// Sine and cosine of floats, at half the time of PoCL's own; all other types have the built-in ones.
//
//     x = k π/2 + r,  with |r| ≤ π/4,      so that  sin x = sin r, cos r, -sin r, -cos r  for k = 0, 1, 2, 3, 0, 1, …
//
// π/2 is subtracted in four parts, of which the first two have so few digits that their products with k are exact
// (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980). The polynomials are those of Moshier's
// Cephes library, sinf.c. For |x| < 8192, errors are at most 9.3e-8, and 1.6 units in the last place; a vector with
// anything else in it, such as infinity, is left to the built-in function.
#if FLOATING == 32

// Adding 1.5 * 2²³ to a float rounds it to an integer, which is then in its last bits.
XS reduced(XS x, VECTOR(int, LANES) *quarters)
{
    XS k = x * 0.636619772f + 12582912.0f;
    *quarters = PASTE(as_int, LANES)(k);
    k -= 12582912.0f;
    XS r = (x - k * 1.5703125f) - k * 4.837512969970703125e-4f;
    return (r - k * 7.5497899548918821e-8f) + k * 1.7151244994428829e-15f;
}

// The sine of r, turned by so many quarters of a circle.
XS turned(XS r, VECTOR(int, LANES) quarters)
{
    XS s = r * r;
    XS sine = r + r * s * (-1.6666654611e-1f + s * (8.3321608736e-3f + s * -1.9515295891e-4f));
    XS cosine = 4.166664568298827e-2f + s * (-1.388731625493765e-3f + s * 2.443315711809948e-5f);
    cosine = 1 - 0.5f * s + s * s * cosine;
    XS y = (quarters & 1) == 0 ? sine : cosine;
    return PASTE(as_float, LANES)(PASTE(as_int, LANES)(y) ^ ((quarters & 2) << 30));
}

// Whether any lane is out of reach, or no number: seen from the bits, since PoCL would call fabs() and any() as
// functions, and put all registers aside for that.
int far(XS x)
{
    VECTOR(int, LANES) away = (PASTE(as_int, LANES)(x) & 0x7FFFFFFF) >= 0x46000000;  // the bits of 8192
#if LANES == 16
    int8 eight = away.lo | away.hi;
    int4 four = eight.lo | eight.hi;
#else
    int4 four = away;
#endif
    int2 two = four.lo | four.hi;
    return two.x | two.y;
}

XS sine(XS x)
{
    VECTOR(int, LANES) quarters;
    XS r = reduced(x, &quarters);
    if (RARELY(far(x))) return sin(x);
    return x == 0 ? x : turned(r, quarters);  // 0 keeps its sign
}

XS cosine(XS x)
{
    VECTOR(int, LANES) quarters;
    XS r = reduced(x, &quarters);
    if (RARELY(far(x))) return cos(x);
    return turned(r, quarters + 1);
}
#else
#define sine(x) sin(x)
#define cosine(x) cos(x)
#endif
