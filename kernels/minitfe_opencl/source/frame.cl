// A part of images, or more than them: with zeros where there are no pixels. The host defines T, a type of the elements'
// size. An item writes up to `run` numbers of a row of the part, which begins at pixel `left` of row `top`.
__kernel void frame(__global const T *restrict x, __global T *restrict out, const int height, const int width,
                    const int channels, const int top, const int left, const int rows, const int columns, const int run)
{
    int y = (int)(get_global_id(1) % rows) + top, i = ITEM * run, end = min(columns * channels, i + run);
    int inside = y >= 0 && y < height;
    int first = min(end, inside ? -left * channels : end), last = min(end, inside ? (width - left) * channels : end);
    x += ((long)(get_global_id(1) / rows) * height + y) * width * channels + (long)left * channels;
    out += get_global_id(1) * columns * channels;
    for (; i < first; i++) out[i] = 0;
    for (; i < last; i++) out[i] = x[i];
    for (; i < end; i++) out[i] = 0;
}
