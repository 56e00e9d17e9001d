// Elements looked up by index. The host defines T, a type of the elements' size, and I, the indices' type.
//
// An index that does not exist reads 0. As unsigned numbers, negative indices are too large as well: one comparison
// finds both.
#define EXISTS(index) ((ulong)(index) < (ulong)length)

// x has blocks of `length` rows of `width` elements; out has a row for each of `count` indices, in each block. An item
// writes up to `span` elements, row by row.
__kernel void gather(__global const T *restrict x, __global const I *restrict indices, __global T *restrict out,
                     const uint size, const int length, const uint count, const uint width, const uint span)
{
    uint i = ITEM * span, end = i + span < size ? i + span : size;
    uint row = i / width, column = i % width;
    for (; i < end; row++, column = 0) {
        long index = indices[row % count];
        uint left = end - i, here = width - column < left ? width - column : left;
        __global const T *from = x + (EXISTS(index) ? (row / count * length + index) * width + column : 0);
        if (EXISTS(index))
            for (uint k = 0; k < here; k++) out[i + k] = from[k];
        else
            for (uint k = 0; k < here; k++) out[i + k] = 0;
        i += here;
    }
}

// Here each element has an index of its own: out has as many elements as there are indices, `count` rows to a block.
__kernel void gather_along(__global const T *restrict x, __global const I *restrict indices, __global T *restrict out,
                           const uint size, const int length, const uint count, const uint width, const uint span)
{
    uint i = ITEM * span, end = i + span < size ? i + span : size;
    for (; i < end; i++) {
        long index = indices[i];
        uint block = i / (count * width), column = i % width;
        T value = 0;
        if (EXISTS(index)) value = x[(block * length + index) * width + column];
        out[i] = value;
    }
}
