
// One op on every element of up to three inputs.
//
// The host defines NAME; OUT, the type of the result; and EXPRESSION, the op itself, in vectors x, y and z. An op with
// fewer inputs is given its first one again, which costs nothing: what is not used is never read.
//
// Why explicit vectors? PoCL lets the compiler put several work-items side by side for cheap arithmetic, but not for
// functions such as exp: those would be called for one number at a time, and take eight times as long. And why so many
// to an item? On a CPU an item costs about as much as fifty numbers do; on a GPU, where items cost nothing, RUN is 1.
//
// Memory is padded to whole vectors, so the last one needs no special care: what is computed beyond the end lies in the
// padding.
__kernel void NAME(__global const XS *xs, __global const YS *ys, __global const ZS *zs,
                   __global VECTOR(OUT, LANES) *out, const int vectors,
                   const int x_period, const int y_period, const int z_period)
{
    int i = ITEM * RUN;
    for (int end = min(vectors, i + RUN); i < end; i++) {
        XS x = READ(xs, X, i, x_period);
        YS y = READ(ys, Y, i, y_period);
        ZS z = READ(zs, Z, i, z_period);
        out[i] = EXPRESSION;
    }
}
