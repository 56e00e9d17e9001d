// s[i] = a[i] s[i - 1] + b[i], down each column of blocks of `length` rows; in reverse it begins with the last row.

__kernel void recurrence(__global const T *a, __global const T *b, __global T *out, const int length, const int width,
                         const int columns, const int reverse)
{
    if (ITEM >= columns) return;
    size_t first = (size_t)(ITEM / width) * length * width + ITEM % width;
    T s = 0;
    for (int i = 0; i < length; i++) {
        size_t at = first + (size_t)(reverse ? length - 1 - i : i) * width;
        s = i ? a[at] * s + b[at] : b[at];
        out[at] = s;
    }
}
