// Powers of integers, by squaring: x¹³ = x⁸ x⁴ x¹, after the binary digits of 13.

#if !FLOATING
XS whole_power(XS x, XS exponent)
{
    XS power = exponent < (XS)0 ? (XS)0 : (XS)1;
    for (int digit = 0; digit < 8 * (int)sizeof(X); digit++) {
        power *= ((exponent >> (XS)digit) & (XS)1) != (XS)0 ? x : (XS)1;
        x *= x;
    }
    return power;
}
#endif
