// What all ops on the elements of a kind of arrays share. The host defines X, Y, Z, the types of up to three inputs;
// SIGNED, the integer type that is as wide as X; LANES, how many elements a vector has; and RUN, how many vectors one
// work-item goes through.

typedef VECTOR(X, LANES) XS;
typedef VECTOR(Y, LANES) YS;
typedef VECTOR(Z, LANES) ZS;

// Whether the lanes of a bool hold, as a comparison of vectors of x's width says it; and how many bits an x has.
#define HOLDS(truth) (CONVERT(SIGNED, LANES)(truth) != (VECTOR(SIGNED, LANES))(0))
#define BITS (8 * sizeof(X))

// Vector i of an input that has `period` vectors and starts again after the last; a period of 0 means one number.
#define READ(from, TYPE, i, period)                                                                                    \
    (i < period ? from[i] : period ? from[i % period] : (VECTOR(TYPE, LANES))(*(__global const TYPE *)from))
