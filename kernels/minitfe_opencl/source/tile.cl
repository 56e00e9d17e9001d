// A tile of a result, in registers: what matrix products and convolutions work on. The host defines T, the element
// type; LANES, the width of vectors; ROWS and VECTORS, the size of a tile: ROWS rows by VECTORS vectors of columns.
//
// The whole art of a product is to do much with each number that was fetched. For each term of its sums, a work-item
// reads ROWS numbers of one factor and VECTORS vectors of the other, and multiplies each of the former with all of the
// latter.

typedef VECTOR(T, LANES) V;
typedef struct __attribute__((packed)) { V vector; } unaligned;

#define FOR_THE_TILE                                                                                                   \
    _Pragma("unroll") for (int row = 0; row < ROWS; row++) _Pragma("unroll") for (int v = 0; v < VECTORS; v++)

// Writes a vector of the result, or the part of it that is inside: `columns` numbers are left up to the edge.
void store(__global T *to, V numbers, int columns)
{
    union { V vector; T lanes[LANES]; } part;
    if (columns >= LANES) ((__global unaligned *)to)->vector = numbers;
    else {
        part.vector = numbers;
        for (int lane = 0; lane < columns; lane++) to[lane] = part.lanes[lane];
    }
}
