// Windows that slide over images, channel by channel: pooling, and convolutions with a filter for each channel.
//
// Results at the stops of the window go through its taps; results at the pixels go through the taps that may have seen
// them, and ask at which stop that was. So each number of a result is written by one item, and no two items meet.
//
// An item takes `run` numbers, which are all channels of one pixel on a CPU, where the compiler makes vectors of them,
// and one number on a GPU. The host defines T.

// What the host's Slide holds, in the same order: how the window slides along one axis.
typedef struct { int size, window, stride, dilation, stops, before, after; } Slide;

// Along both; the channels; and how many filters there are for each.
typedef struct { Slide rows, columns; int channels, filters; } Window;

// The pixel that a tap sees at a stop: -1 if it is an imagined one.
int pixel_at(__global const Slide *axis, int stop, int tap)
{
    int pixel = stop * axis->stride + tap * axis->dilation - axis->before;
    return pixel < axis->size ? pixel : -1;
}

// The stop at which a tap sees a pixel: negative if there is none.
int stop_at(__global const Slide *axis, int pixel, int tap)
{
    int ahead = pixel + axis->before - tap * axis->dilation, stop = ahead / axis->stride;
    return ahead >= 0 && stop * axis->stride == ahead && stop < axis->stops ? stop : -1;
}

// How many pixels that are not imagined the window sees at a stop.
int seen_at(__global const Slide *axis, int stop)
{
    int first = stop * axis->stride - axis->before;
    return min(first + axis->window, axis->size) - max(first, 0);
}

// Which numbers an item has: channels `begin` to `end` at a place in images of so many rows and columns.
#define PLACE(images_high, images_wide, numbers)                                                                       \
    int at = ITEM * run;                                                                                               \
    if (at >= total) return;                                                                                           \
    int begin = at % (numbers), end = begin + run, place = at / (numbers);                                             \
    int column = place % (images_wide), row = place / (images_wide) % (images_high);                                   \
    int image = place / (images_wide) / (images_high);

// The taps of the window, with the pixel y, x that they see from row, column.
#define FOR_TAPS_AND_PIXELS                                                                                            \
    for (int i = 0; i < w->rows.window; i++)                                                                           \
        for (int j = 0, y = pixel_at(&w->rows, row, i); j < w->columns.window; j++)                                    \
            for (int x = pixel_at(&w->columns, column, j), once = 1; once && y >= 0 && x >= 0; once = 0)

// The taps that see pixel row, column, with the stop y, x at which they do.
#define FOR_TAPS_AND_STOPS                                                                                             \
    for (int i = 0; i < w->rows.window; i++)                                                                           \
        for (int j = 0, y = stop_at(&w->rows, row, i); j < w->columns.window; j++)                                     \
            for (int x = stop_at(&w->columns, column, j), once = 1; once && y >= 0 && x >= 0; once = 0)

#define FOR_CHANNELS for (int c = begin; c < end; c++)
#define PIXEL ((((size_t)image * w->rows.size + y) * w->columns.size + x) * w->channels)
#define STOP ((((size_t)image * w->rows.stops + y) * w->columns.stops + x) * w->channels)
#define TAP (i * w->columns.window + j)

// ------------------------------------------------------------------------------------------------------------- pooling

__kernel void largest(__global const T *restrict images, __global T *restrict out, const int total, const int run,
                      __global const Window *restrict w)
{
    PLACE(w->rows.stops, w->columns.stops, w->channels)
    out += at - begin;
    FOR_CHANNELS out[c] = -INFINITY;
    FOR_TAPS_AND_PIXELS {
        __global const T *seen = images + PIXEL;
        FOR_CHANNELS out[c] = (seen[c] > out[c]) | (seen[c] != seen[c]) ? seen[c] : out[c];  // NaN wins
    }
}

// Which tap sees a window's first largest pixel: -1 for NaN, which equals nothing.
__kernel void first_largest(__global const T *restrict images, __global const T *restrict pooled,
                            __global int *restrict out, const int total, const int run,
                            __global const Window *restrict w)
{
    PLACE(w->rows.stops, w->columns.stops, w->channels)
    out += at - begin;
    pooled += at - begin;
    FOR_CHANNELS out[c] = -1;
    FOR_TAPS_AND_PIXELS {
        __global const T *seen = images + PIXEL;
        FOR_CHANNELS out[c] = (out[c] < 0) & (seen[c] == pooled[c]) ? TAP : out[c];
    }
}

// From each window, what this tap sees.
__kernel void seen_by(__global const T *restrict images, __global const int *restrict taps, __global T *restrict out,
                      const int total, const int run, __global const Window *restrict w)
{
    PLACE(w->rows.stops, w->columns.stops, w->channels)
    out += at - begin;
    taps += at - begin;
    FOR_CHANNELS out[c] = 0;
    FOR_TAPS_AND_PIXELS {
        __global const T *seen = images + PIXEL;
        FOR_CHANNELS out[c] = taps[c] == TAP ? seen[c] : out[c];
    }
}

// The way back: to each pixel, the slopes of the windows in which this tap saw it.
__kernel void given_by(__global const T *restrict g, __global const int *restrict taps, __global T *restrict out,
                       const int total, const int run, __global const Window *restrict w)
{
    PLACE(w->rows.size, w->columns.size, w->channels)
    out += at - begin;
    FOR_CHANNELS out[c] = 0;
    FOR_TAPS_AND_STOPS {
        __global const T *slope = g + STOP;
        __global const int *tap = taps + STOP;
        FOR_CHANNELS out[c] += tap[c] == TAP ? slope[c] : 0;
    }
}

__kernel void mean(__global const T *restrict images, __global T *restrict out, const int total, const int run,
                   __global const Window *restrict w)
{
    PLACE(w->rows.stops, w->columns.stops, w->channels)
    out += at - begin;
    FOR_CHANNELS out[c] = 0;
    FOR_TAPS_AND_PIXELS {
        __global const T *seen = images + PIXEL;
        FOR_CHANNELS out[c] += seen[c];
    }
    T count = seen_at(&w->rows, row) * seen_at(&w->columns, column);
    FOR_CHANNELS out[c] /= count;
}

__kernel void shared(__global const T *restrict g, __global T *restrict out, const int total, const int run,
                     __global const Window *restrict w)
{
    PLACE(w->rows.size, w->columns.size, w->channels)
    out += at - begin;
    FOR_CHANNELS out[c] = 0;
    FOR_TAPS_AND_STOPS {
        __global const T *slope = g + STOP;
        T count = seen_at(&w->rows, y) * seen_at(&w->columns, x);
        FOR_CHANNELS out[c] += slope[c] / count;
    }
}

// ------------------------------------------------------------------------------------- convolutions channel by channel

// Number c of a stop is that of filter c % filters for channel c / filters.
__kernel void depthwise(__global const T *restrict images, __global const T *restrict filters, __global T *restrict out,
                        const int total, const int run, __global const Window *restrict w)
{
    int numbers = w->channels * w->filters;
    PLACE(w->rows.stops, w->columns.stops, numbers)
    out += at - begin;
    FOR_CHANNELS out[c] = 0;
    FOR_TAPS_AND_PIXELS {
        __global const T *seen = images + PIXEL, *filter = filters + TAP * numbers;
        if (w->filters == 1) { FOR_CHANNELS out[c] += seen[c] * filter[c]; }
        else { FOR_CHANNELS out[c] += seen[c / w->filters] * filter[c]; }
    }
}

__kernel void depthwise_images(__global const T *restrict g, __global const T *restrict filters,
                               __global T *restrict out, const int total, const int run,
                               __global const Window *restrict w)
{
    PLACE(w->rows.size, w->columns.size, w->channels)
    out += at - begin;
    FOR_CHANNELS out[c] = 0;
    FOR_TAPS_AND_STOPS {
        __global const T *slope = g + STOP * w->filters, *filter = filters + TAP * w->channels * w->filters;
        for (int k = 0, step = w->filters; k < step; k++) {
            if (step == 1) { FOR_CHANNELS out[c] += slope[c] * filter[c]; }
            else { FOR_CHANNELS out[c] += slope[c * step + k] * filter[c * step + k]; }
        }
    }
}

// What each image adds to the filters' slopes; here a place is a tap.
__kernel void depthwise_filters(__global const T *restrict g, __global const T *restrict images,
                                __global T *restrict out, const int total, const int run,
                                __global const Window *restrict w)
{
    int numbers = w->channels * w->filters;
    PLACE(w->rows.window, w->columns.window, numbers)
    out += at - begin;
    FOR_CHANNELS out[c] = 0;
    for (int r = 0; r < w->rows.stops; r++)
        for (int s = 0; s < w->columns.stops; s++) {
            int y = pixel_at(&w->rows, r, row), x = pixel_at(&w->columns, s, column);
            if (y < 0 || x < 0) continue;
            __global const T *seen = images + PIXEL;
            __global const T *slope = g + (((size_t)image * w->rows.stops + r) * w->columns.stops + s) * numbers;
            if (w->filters == 1) { FOR_CHANNELS out[c] += seen[c] * slope[c]; }
            else { FOR_CHANNELS out[c] += seen[c / w->filters] * slope[c]; }
        }
}

// ------------------------------------------------------------------------------------------ over neighbouring channels

__kernel void near_channels(__global const T *restrict x, __global T *restrict out, const int total, const int run,
                            const int channels, const int radius)
{
    int at = ITEM * run;
    if (at >= total) return;
    int begin = at % channels, end = begin + run;
    x += at - begin;
    out += at - begin;
    FOR_CHANNELS {
        T sum = 0;
        for (int k = max(0, c - radius), last = min(channels - 1, c + radius); k <= last; k++) sum += x[k];
        out[c] = sum;
    }
}
