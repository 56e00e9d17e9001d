// Where the largest or the smallest number stands. The host defines T and BETTER(a, b); NaN is better than any number.

__kernel void best_place(__global const T *x, __global PLACE *out, const int length, const int width, const int results)
{
    if (ITEM >= results) return;
    int block = ITEM / width, column = ITEM % width, best = 0;
    __global const T *from = x + (size_t)block * length * width + column;
    T top = from[0];
    for (int i = 1; i < length; i++) {
        T next = from[(size_t)i * width];
        if (BETTER(next, top) || (next != next && top == top)) { top = next; best = i; }
    }
    out[ITEM] = best;
}
