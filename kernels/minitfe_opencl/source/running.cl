// Running sums and products. The host defines T, the element type; COMBINE(a, b), the sum or the product; and IDENTITY,
// what changes nothing: 0 or 1.
//
// x is blocks of `length` rows of `width` columns, to be gone down. A column is cut into chunks, and an item goes down
// one of them. It takes two passes: first each item finds its chunk's total, then the host has the totals' own running
// sums computed, and each item goes down again and begins with what was before its chunk. The sums of a column depend on
// the sizes alone, so that they are always the same.

// Row i of a chunk; in reverse everything is counted from the end.
#define AT(i) ((block * length + (reverse ? length - 1 - (i) : (i))) * width + column)

#define WHERE                                                                                                          \
    if (ITEM >= items) return;                                                                                         \
    size_t column = ITEM % width, part = ITEM / width % chunks, block = ITEM / width / chunks;                         \
    int i = part * chunk, end = i + chunk < length ? i + chunk : length;                                               \
    size_t place = (block * chunks + (reverse ? chunks - 1 - part : part)) * width + column;

__kernel void totals(__global const T *x, __global T *out, const int length, const int width, const int chunk,
                     const int chunks, const int items, const int reverse)
{
    WHERE
    T result = IDENTITY;
    for (; i < end; i++) result = COMBINE(result, x[AT(i)]);
    out[place] = result;
}

// `exclusive` leaves each element's own number out.
__kernel void running(__global const T *x, __global const T *starts, __global T *out, const int length, const int width,
                      const int chunk, const int chunks, const int items, const int reverse, const int exclusive)
{
    WHERE
    T result = IDENTITY;
    if (chunks > 1) result = starts[place];
    for (; i < end; i++) {
        T next = COMBINE(result, x[AT(i)]);
        out[AT(i)] = exclusive ? result : next;
        result = next;
    }
}
