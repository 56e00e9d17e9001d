// Images resized: each new pixel looks for its place among the old ones, and, on the way back, each old pixel for the
// new ones that lie near it. Places are fractions of whole numbers: see the numpy kernels of the same name.
//
// The host defines T. An item takes `run` numbers, which are all channels of a pixel on a CPU, and one on a GPU.

// An axis of `size` old pixels and `count` new ones: number i lies at (i * step + offset) / unit. Only where the
// nearest pixel is looked for, there is an offset: of a half.
typedef struct { int size, count, step, unit, offset; } Axis;

// The old pixel at or before a new one.
int old_pixel(__global const Axis *axis, int i) { return ((long)i * axis->step + axis->offset) / axis->unit; }

// How far a new pixel lies behind that: less than 1.
T weight_of(__global const Axis *axis, int i) { return (T)((long)i * axis->step % axis->unit) / (T)axis->unit; }

// The first new pixel whose old one is this one, or later.
int first_new(__global const Axis *axis, int pixel)
{
    long ahead = (long)pixel * axis->unit - axis->offset;
    if (ahead <= 0) return 0;
    return axis->step ? min((ahead + axis->step - 1) / axis->step, (long)axis->count) : axis->count;
}

// How much an old pixel counts for a new one.
T share_of(__global const Axis *axis, int pixel, int i)
{
    int before = old_pixel(axis, i), after = min(before + 1, axis->size - 1);
    T weight = weight_of(axis, i);
    return (before == pixel ? 1 - weight : 0) + (after == pixel ? weight : 0);
}

// Which numbers an item has: channels `begin` to `end` of a pixel in images of so many rows and columns.
#define PLACE(images_high, images_wide)                                                                                \
    __global const Axis *rows = axes, *columns = axes + 1;                                                             \
    int at = ITEM * run;                                                                                               \
    if (at >= total) return;                                                                                           \
    int begin = at % channels, end = begin + run, place = at / channels;                                               \
    int column = place % (images_wide), row = place / (images_wide) % (images_high);                                   \
    int image = place / (images_wide) / (images_high);                                                                 \
    out += at - begin;

#define OLD(y, x) (images + (((size_t)image * rows->size + (y)) * columns->size + (x)) * channels)
#define NEW(y, x) (g + (((size_t)image * rows->count + (y)) * columns->count + (x)) * channels)

__kernel void nearest(__global const T *restrict images, __global T *restrict out, const int total, const int run,
                      const int channels, __global const Axis *restrict axes)
{
    PLACE(rows->count, columns->count)
    __global const T *shown = OLD(old_pixel(rows, row), old_pixel(columns, column));
    for (int c = begin; c < end; c++) out[c] = shown[c];
}

__kernel void nearest_gradient(__global const T *restrict g, __global T *restrict out, const int total, const int run,
                               const int channels, __global const Axis *restrict axes)
{
    PLACE(rows->size, columns->size)
    for (int c = begin; c < end; c++) out[c] = 0;
    for (int y = first_new(rows, row); y < first_new(rows, row + 1); y++)
        for (int x = first_new(columns, column); x < first_new(columns, column + 1); x++) {
            __global const T *slope = NEW(y, x);
            for (int c = begin; c < end; c++) out[c] += slope[c];
        }
}

__kernel void bilinear(__global const T *restrict images, __global T *restrict out, const int total, const int run,
                       const int channels, __global const Axis *restrict axes)
{
    PLACE(rows->count, columns->count)
    int y = old_pixel(rows, row), x = old_pixel(columns, column);
    int below = min(y + 1, rows->size - 1), right = min(x + 1, columns->size - 1);
    __global const T *a = OLD(y, x), *b = OLD(y, right), *c = OLD(below, x), *d = OLD(below, right);
    T down = weight_of(rows, row), along = weight_of(columns, column);
    for (int k = begin; k < end; k++) {
        T top = a[k] + along * (b[k] - a[k]), bottom = c[k] + along * (d[k] - c[k]);
        out[k] = top + down * (bottom - top);
    }
}

__kernel void bilinear_gradient(__global const T *restrict g, __global T *restrict out, const int total, const int run,
                                const int channels, __global const Axis *restrict axes)
{
    PLACE(rows->size, columns->size)
    for (int c = begin; c < end; c++) out[c] = 0;
    for (int y = first_new(rows, row - 1); y < first_new(rows, row + 1); y++)
        for (int x = first_new(columns, column - 1); x < first_new(columns, column + 1); x++) {
            __global const T *slope = NEW(y, x);
            T share = share_of(rows, row, y) * share_of(columns, column, x);
            for (int c = begin; c < end; c++) out[c] += share * slope[c];
        }
}
