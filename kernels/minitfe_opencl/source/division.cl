// Division that rounds down, as Python's does. OpenCL's own rounds towards zero.

// Integers: the processor itself would stop at a division by zero, and at the lowest number divided by -1.
XS whole_quotient(XS x, XS y)
{
    XS divisor = y == (XS)0 ? (XS)1 : y;
    return y == (XS)0 ? (XS)0 : x / divisor;
}

XS floored_quotient(XS x, XS y)
{
    XS ordinary = (y == (XS)0) | (y == (XS)-1) ? (XS)1 : y, quotient = x / ordinary;
    quotient -= CONVERT(X, LANES)(abs((quotient * ordinary != x) & ((x < (XS)0) != (ordinary < (XS)0))));
    return y == (XS)0 ? (XS)0 : y == (XS)-1 ? -x : quotient;
}

#if FLOATING
// What is left has the sign of y.
XS floored_rest(XS x, XS y)
{
    XS rest = fmod(x, y);
    return (rest != (XS)0) & ((rest < (XS)0) != (y < (XS)0)) ? rest + y : rest;
}
#endif
