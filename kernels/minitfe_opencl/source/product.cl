// C = A B, and batches of that. One work-item keeps a tile of C in registers; see tile.cl, also for what the host defines.
//
// For that to be fast, the numbers must lie in memory in the order in which they are used. So A is copied first into
// *panels*: ROWS rows of A side by side, k after k; and B likewise, VECTORS * LANES columns. The copy costs a tenth of
// the product. It also takes care of everything else: A or B may be transposed, which only changes how far apart their
// numbers are, and what is missing in the last panel is filled with zeros, so that the loop has no edges.
//
// The loop says c += a * b and reads through a pointer to vectors: with fma() and vload16(), which PoCL calls as
// functions, it would take three times as long.

#include "tile.cl"

// Panel p of P holds the lines p * LINES and following of X, a row or a column of a matrix being a line. Two kernels:
// one for lines that go on from k to k in memory, and one for lines that lie side by side.
__kernel void pack(__global const T *restrict x, __global T *restrict panels, const int lines, const int depth,
                   const int line_stride, const int k_stride, const int width, const int batch_stride, const int count)
{
    if (ITEM >= count) return;
    int panel = ITEM, first = panel * width, present = min(width, lines - first);
    x += (size_t)get_global_id(1) * batch_stride + (size_t)first * line_stride;
    panels += ((size_t)get_global_id(1) * count + panel) * depth * width;
    for (int line = 0; line < width; line++)
        for (int k = 0; k < depth; k++)
            panels[(size_t)k * width + line] = line < present ? x[(size_t)line * line_stride + (size_t)k * k_stride] : 0;
}

__kernel void pack_side_by_side(__global const T *restrict x, __global T *restrict panels, const int lines,
                                const int depth, const int k_stride, const int width, const int batch_stride,
                                const int count)
{
    if (ITEM >= count) return;
    int panel = ITEM, first = panel * width, present = min(width, lines - first);
    x += (size_t)get_global_id(1) * batch_stride + first;
    panels += ((size_t)get_global_id(1) * count + panel) * depth * width;
    for (int k = 0; k < depth; k++, x += k_stride, panels += width) {
        for (int line = 0; line < present; line++) panels[line] = x[line];
        for (int line = present; line < width; line++) panels[line] = 0;
    }
}

__kernel void multiply_panels(__global const T *restrict a, __global const V *restrict b, __global T *restrict c,
                              const int rows, const int columns, const int depth, const int row_panels,
                              const int column_panels)
{
    if (ITEM >= row_panels) return;
    int batch = get_global_id(2), first_row = ITEM * ROWS, first_column = get_global_id(1) * VECTORS * LANES;
    a += ((size_t)batch * row_panels + ITEM) * depth * ROWS;
    b += ((size_t)batch * column_panels + get_global_id(1)) * depth * VECTORS;

    V tile[ROWS][VECTORS];
    FOR_THE_TILE tile[row][v] = (V)(0);
    for (int k = 0; k < depth; k++, a += ROWS, b += VECTORS) {
        FOR_THE_TILE tile[row][v] += a[row] * b[v];
    }
    c += ((size_t)batch * rows + first_row) * columns + first_column;
    FOR_THE_TILE if (first_row + row < rows)
        store(c + (size_t)row * columns + v * LANES, tile[row][v], columns - first_column - v * LANES);
}
