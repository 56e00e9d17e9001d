// The product of all other factors of a column, for each factor, and its derivatives. Dividing the whole product by the
// factor would fail where that is 0; so what stands before a factor is multiplied with what stands after it.
//
// The derivative in M directions h is the coefficient of e₁⋯eₘ in a product of the numbers x + e₁h₁ + … + eₘhₘ, where the
// square of each e is 0. Such a number has one coefficient for each subset of the e; bits of its index say which are in
// it. The host defines T, the element type; I, the ids' type; and M.

#define SUBSETS (1 << M)

typedef struct { T of[SUBSETS]; } number;

// Of each subset in turn: all ways to split it in two.
number times(number a, number b)
{
    number product;
    for (int subset = 0; subset < SUBSETS; subset++) {
        product.of[subset] = 0;
        for (int part = 0; part <= subset; part++)
            if ((part & subset) == part) product.of[subset] += a.of[part] * b.of[subset ^ part];
    }
    return product;
}

// x has the factors, and after them each of the directions, `size` numbers at a time.
number factor(__global const T *x, size_t at, int size)
{
    number result;
    for (int subset = 0; subset < SUBSETS; subset++) result.of[subset] = 0;
    result.of[0] = x[at];
    for (int i = 0; i < M; i++) result.of[1 << i] = x[(size_t)(i + 1) * size + at];
    return result;
}

number one()
{
    number result;
    for (int subset = 0; subset < SUBSETS; subset++) result.of[subset] = subset == 0;
    return result;
}

// An item goes down a column and up again. Only rows with the same id, which stand together, are multiplied.
__kernel void products(__global const T *x, __global const I *ids, __global T *before, __global T *out, const int length,
                       const int width)
{
    if (ITEM >= width) return;
    number running = one();
    for (int row = 0; row < length; row++) {
        size_t at = (size_t)row * width + ITEM;
        if (row && ids[row] != ids[row - 1]) running = one();
        for (int subset = 0; subset < SUBSETS; subset++) before[at * SUBSETS + subset] = running.of[subset];
        running = times(running, factor(x, at, length * width));
    }
    for (int row = length - 1; row >= 0; row--) {
        size_t at = (size_t)row * width + ITEM;
        number earlier;
        if (row == length - 1 || ids[row] != ids[row + 1]) running = one();
        for (int subset = 0; subset < SUBSETS; subset++) earlier.of[subset] = before[at * SUBSETS + subset];
        out[at] = times(earlier, running).of[SUBSETS - 1];
        running = times(running, factor(x, at, length * width));
    }
}
