// Copies from one regular pattern of places to another. The host defines T, a type of the elements' size: what they mean
// does not matter here; TILE, the size of squares; and GROUP, how many items a work-group has.
//
// `axes` has the number of axes, and for each its size and how far apart the elements are along it, in x and in out. The
// first axis is the one along which out goes on in memory. The first two are copied together; the others count blocks.

#define SIZE(axis) axes[1 + 3 * (axis)]
#define STEP(axis) axes[2 + 3 * (axis)]
#define OUT_STEP(axis) axes[3 + 3 * (axis)]

// PoCL would call min() as a function, once for each row.
#define LESSER(a, b) ((a) < (b) ? (a) : (b))

// Where a block begins, in x and in out.
int2 corner(uint block, __global const int *axes)
{
    int2 at = (int2)(0, 0);
    for (int axis = 2; axis < axes[0]; axis++) {
        int i = block % SIZE(axis);
        at += (int2)(i * STEP(axis), i * OUT_STEP(axis));
        block /= SIZE(axis);
    }
    return at;
}

// Each item copies up to `span` elements, row by row of its block. A CPU gets thousands of elements at a time; on a GPU
// `span` is 1, so that neighbours read and write side by side.
__kernel void move(__global const T *restrict x, __global T *restrict out, const int start, const int out_start,
                   const uint parts, const uint span, const uint items, __global const int *restrict axes)
{
    if (ITEM >= items) return;
    uint item = ITEM, i = item % parts * span, length = SIZE(0), end = LESSER(i + span, length * SIZE(1));
    int2 at = corner(item / parts, axes);
    int row = i / length, column = i % length, step = STEP(0), out_step = OUT_STEP(0);
    while (i < end) {
        int count = LESSER(length - column, end - i);
        __global const T *from = x + start + at.x + row * STEP(1) + column * step;
        __global T *to = out + out_start + at.y + row * OUT_STEP(1) + column * out_step;
        // The compiler copies whole vectors where it can see that elements lie side by side.
        if (step == 1 && out_step == 1)
            for (int k = 0; k < count; k++) to[k] = from[k];
        else if (step == 0 && out_step == 1) {
            T same = *from;
            for (int k = 0; k < count; k++) to[k] = same;
        } else if (out_step == 1)
            for (int k = 0; k < count; k++) to[k] = from[k * step];
        else
            for (int k = 0; k < count; k++) to[k * out_step] = from[k * step];
        i += count;
        row++;
        column = 0;
    }
}

// Where x goes on in memory along the second axis instead, copying row by row would touch a new line of memory for each
// element: of x or of out, whichever is read the long way. So a group copies a square by way of its local memory: it
// reads the rows that x has, and writes those that out has. A square's rows are a little longer than needed, since local
// memory lies in banks, and elements one below the other would all be in the same one.
#define ACROSS (GROUP < TILE ? GROUP : TILE)
#define DOWN (GROUP / ACROSS)

__kernel void turn(__global const T *restrict x, __global T *restrict out, const int start, const int out_start,
                   const uint parts, const uint across, const uint items, __global const int *restrict axes)
{
    __local T square[TILE][TILE + 1];
    uint group = get_group_id(0), tile = group % parts;
    int2 at = corner(group / parts, axes);
    int column = tile % across * TILE, row = tile / across * TILE;
    int width = LESSER(TILE, SIZE(0) - column), height = LESSER(TILE, SIZE(1) - row), step = STEP(0), out_step = OUT_STEP(1);
    int lane = get_local_id(0) % ACROSS, first = get_local_id(0) / ACROSS;
    x += start + at.x + column * step + row;
    out += out_start + at.y + column + row * out_step;
    for (int i = first; i < width; i += DOWN)
        for (int j = lane; j < height; j += ACROSS) square[i][j] = x[i * step + j];
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int i = first; i < height; i += DOWN)
        for (int j = lane; j < width; j += ACROSS) out[i * out_step + j] = square[j][i];
}
