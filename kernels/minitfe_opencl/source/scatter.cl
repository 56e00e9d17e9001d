// Rows combined with those that an index names. The host defines T, the element type; I, the indices' type; and
// COMBINE(a, b), what becomes of a when b comes to it: their sum, or b itself.
//
// Two rows may have the same index. If two work-items added theirs to one place at the same time, one would be lost;
// and with atomic additions the order, and with it the last digit, would differ from run to run. So a place belongs to
// one item alone. An item owns `slab` rows of `columns` columns, and goes through all indices for those that lie there.
__kernel void scatter(__global const T *restrict rows, __global const I *restrict indices, __global T *restrict out,
                      const int count, const int length, const int width, const int slab, const int columns,
                      const int strips)
{
    long low = (long)(ITEM / strips) * slab, high = low + slab < length ? low + slab : length;
    int column = ITEM % strips * columns, here = width - column < columns ? width - column : columns;
    if (low >= length) return;
    rows += column;
    out += column;
    for (int i = 0; i < count; i++) {
        long index = indices[i];
        if (index < low || index >= high) continue;
        __global const T *from = rows + (size_t)i * width;
        __global T *to = out + (size_t)index * width;
        for (int k = 0; k < here; k++) to[k] = COMBINE(to[k], from[k]);
    }
}

// Along an axis: out has blocks of `length` rows of `width` elements, rows and indices have `count` to a block. An item
// owns one column of a block.
__kernel void scatter_along(__global const T *restrict rows, __global const I *restrict indices, __global T *restrict out,
                            const int columns, const int length, const int count, const int width)
{
    if (ITEM >= columns) return;
    size_t block = ITEM / width, column = ITEM % width;
    for (int i = 0; i < count; i++) {
        size_t at = (block * count + i) * width + column;
        long index = indices[at];
        if (0 <= index && index < length) {
            __global T *to = out + (block * length + index) * width + column;
            *to = COMBINE(*to, rows[at]);
        }
    }
}
