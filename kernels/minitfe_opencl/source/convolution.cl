// Convolutions: products of matrices of which one is never written down.
//
// The rows of that matrix are patches, what the window sees at each stop; its columns are the numbers in a patch. They
// are all in the image already, which has its imagined pixels around it, so a tile of the product reads them there.
// Each row of a tile knows where its patch begins, and all step through their patches alike.
//
// The host defines T, LANES, ROWS and VECTORS; see tile.cl.

#include "tile.cl"

// Filters in panels of VECTORS * LANES columns, tap by tap, each number of a tap's channels after the other. The host
// says where the first tap stands and how far it is to the next: so the taps may be some of all, or the last one first.
__kernel void pack_taps(__global const T *restrict filters, __global T *restrict panels, const int lines,
                        const int line_step, const int numbers, const int number_step, const int first,
                        const int row_step, const int columns, const int column_step, const int taps, const int count)
{
    if (ITEM >= count) return;
    int panel = ITEM, tap = get_global_id(1), width = VECTORS * LANES, present = min(width, lines - panel * width);
    filters += first + tap / columns * row_step + tap % columns * column_step + panel * width * line_step;
    panels += ((size_t)panel * taps + tap) * numbers * width;
    for (int k = 0; k < numbers; k++)
        for (int line = 0; line < width; line++)
            panels[k * width + line] = line < present ? filters[k * number_step + line * line_step] : 0;
}

// y = patches times filters. An item takes ROWS stops of the window, wherever they are, and a panel of filters.
__kernel void multiply_patches(__global const T *restrict x, __global const V *restrict filters, __global T *restrict y,
                               const int stops, const int lines, __global const int *geometry)
{
    int first_stop = ITEM * ROWS;
    if (first_stop >= stops) return;
    // See `correlate` in convolution.py, which writes the table.
    int high = geometry[0], wide = geometry[1];
    int x_first = geometry[2], x_image = geometry[3], x_row = geometry[4], x_column = geometry[5];
    int y_first = geometry[6], y_image = geometry[7], y_row = geometry[8], y_column = geometry[9];
    int rows = geometry[10], tap_row = geometry[11], columns = geometry[12], tap_column = geometry[13];
    int run = geometry[14], first_line = get_global_id(1) * VECTORS * LANES;
    filters += (size_t)get_global_id(1) * rows * columns * run * VECTORS;

    size_t from[ROWS], to[ROWS];
    #pragma unroll
    for (int row = 0; row < ROWS; row++) {
        int stop = min(first_stop + row, stops - 1);  // beyond the last, do that again
        int image = stop / wide / high, r = stop / wide % high, c = stop % wide;
        from[row] = x_first + (size_t)image * x_image + r * x_row + c * x_column;
        to[row] = y_first + (size_t)image * y_image + r * y_row + c * y_column + first_line;
    }

    V tile[ROWS][VECTORS];
    FOR_THE_TILE tile[row][v] = (V)(0);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            __global const T *tap = x + i * tap_row + j * tap_column;
            for (int k = 0; k < run; k++, tap++, filters += VECTORS) {
                FOR_THE_TILE tile[row][v] += tap[from[row]] * filters[v];
            }
        }
    FOR_THE_TILE store(y + to[row] + v * LANES, tile[row][v], lines - first_line - v * LANES);
}

// The gradient of the filters: patches, lying on their sides, times g, which comes in panels of columns, one for each
// row of stops. An item takes ROWS of the numbers in a patch, and goes through `chunk` rows of stops; the host adds up
// what the items leave for each chunk.
__kernel void multiply_patches_by_slopes(__global const T *restrict x, __global const V *restrict g,
                                         __global T *restrict out, const int numbers, const int lines, const int chunk,
                                         __global const int *geometry)
{
    int first = ITEM * ROWS;
    if (first >= numbers) return;
    int images = geometry[15], high = geometry[0], wide = geometry[1];
    int x_image = geometry[3], x_row = geometry[4], x_column = geometry[5];
    int tap_row = geometry[11], columns = geometry[12], tap_column = geometry[13], run = geometry[14];
    int panel = get_global_id(1), panels = get_global_size(1), first_line = panel * VECTORS * LANES;

    size_t from[ROWS];
    #pragma unroll
    for (int row = 0; row < ROWS; row++) {
        int number = min(first + row, numbers - 1), tap = number / run;
        from[row] = tap / columns * tap_row + tap % columns * tap_column + number % run;
    }

    V tile[ROWS][VECTORS];
    FOR_THE_TILE tile[row][v] = (V)(0);
    int stops = get_global_id(2) * chunk;
    for (int end = min(images * high, stops + chunk); stops < end; stops++) {
        __global const T *patch = x + (size_t)(stops / high) * x_image + stops % high * x_row;
        __global const V *slopes = g + ((size_t)stops * panels + panel) * wide * VECTORS;
        for (int c = 0; c < wide; c++, patch += x_column, slopes += VECTORS) {
            FOR_THE_TILE tile[row][v] += patch[from[row]] * slopes[v];
        }
    }
    out += ((size_t)get_global_id(2) * numbers + first) * lines + first_line;
    FOR_THE_TILE if (first + row < numbers)
        store(out + row * lines + v * LANES, tile[row][v], lines - first_line - v * LANES);
}
