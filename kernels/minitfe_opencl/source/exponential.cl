// The exponential function of floats, at a third of the time of PoCL's own; all other types have the built-in one.
//
//     x = k log 2 + r,  with |r| ≤ log(2) / 2,      so that  exp x = 2ᵏ exp r
//
// log 2 is subtracted in two parts, of which the first has so few digits that its product with k is exact (W. J. Cody and
// W. Waite, "Software Manual for the Elementary Functions", 1980). The polynomial is that of Moshier's Cephes library,
// expf.c. 2ᵏ is put together from its exponent bits, in two halves: one alone would not reach the smallest numbers.
#if FLOATING == 32
XS power_of_two(VECTOR(int, LANES) k) { return PASTE(as_float, LANES)((k + 127) << 23); }

XS exponential(XS x)
{
    x = x > 89 ? (XS)89 : x < -105 ? (XS)-105 : x;  // all beyond is infinite or 0; NaN stays itself
    XS k = x * 1.44269504f + 12582912.0f;           // rounds to an integer, which is then in the last bits
    VECTOR(int, LANES) twos = PASTE(as_int, LANES)(k) - 0x4B400000;
    k -= 12582912.0f;
    XS r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
    XS y = 1.9875691500e-4f;
    y = y * r + 1.3981999507e-3f;
    y = y * r + 8.3334519073e-3f;
    y = y * r + 4.1665795894e-2f;
    y = y * r + 1.6666665459e-1f;
    y = y * r + 5.0000001201e-1f;
    y = y * (r * r) + r + 1;
    return y * power_of_two(twos >> 1) * power_of_two(twos - (twos >> 1));
}
#else
#define exponential(x) exp(x)
#endif
