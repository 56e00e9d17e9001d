// Many numbers made one: sums, products, maxima.
//
// The host defines T, the element type; LANES; GROUP, how many items a work-group has; STRIPES, how many vectors of
// columns an item takes; INITIAL, what to begin with; and COMBINE(a, b), on vectors and on single numbers alike.
//
// Each kernel does a part of the way: it leaves one number for each chunk, and is called again on what it left. So the
// order of the additions depends on the sizes alone, and the same sum has the same last digit every time. It is also a
// more exact sum than going through all numbers one by one: small numbers are not added to large ones as often.

typedef VECTOR(T, LANES) V;
typedef struct __attribute__((packed)) { V vector; } unaligned;

V read_part(__global const T *from, int count)
{
    union { V vector; T lanes[LANES]; } part;
    part.vector = (V)(INITIAL);
    for (int k = 0; k < count; k++) part.lanes[k] = from[k];
    return part.vector;
}

T combine_lanes(V numbers)
{
    union { V vector; T lanes[LANES]; } part;
    part.vector = numbers;
    for (int left = LANES / 2; left > 0; left /= 2)
        for (int k = 0; k < left; k++) part.lanes[k] = COMBINE(part.lanes[k], part.lanes[k + left]);
    return part.lanes[0];
}

// ------------------------------------------------------------------------------------------------------ along a row

// x is a matrix of `rows` rows; out has one number per chunk of each. A group takes one chunk of `rows_per_group` rows,
// and its items take the chunk's vectors in turn: on a GPU neighbours read side by side, and on a CPU, where a group is
// one item, it reads straight on. Two running results, so that one addition need not wait for the other.
__kernel void along_rows(__global const T *x, __global T *out, const int rows, const int length, const int chunk,
                         const int chunks, const int rows_per_group)
{
#if GROUP > 1
    __local T results[GROUP];
#endif
    int member = get_local_id(0), part = get_group_id(0);
    int first = get_group_id(1) * rows_per_group, last = min(rows, first + rows_per_group);
    for (int row = first; row < last; row++) {
        __global const T *from = x + (size_t)row * length;
        int i = part * chunk + member * LANES, end = min(length, (part + 1) * chunk);
        V one = (V)(INITIAL), two = (V)(INITIAL);
        for (; i + (GROUP + 1) * LANES <= end; i += 2 * GROUP * LANES) {
            V next = ((__global const unaligned *)(from + i))->vector;
            V after = ((__global const unaligned *)(from + i + GROUP * LANES))->vector;
            one = COMBINE(one, next);
            two = COMBINE(two, after);
        }
        for (; i + LANES <= end; i += GROUP * LANES) {
            V next = ((__global const unaligned *)(from + i))->vector;
            one = COMBINE(one, next);
        }
        if (i < end) {
            V rest = read_part(from + i, end - i);
            two = COMBINE(two, rest);
        }
        one = COMBINE(one, two);
        T result = combine_lanes(one);
#if GROUP > 1
        // A tree: 64 items add the results of the other 64 to theirs, then 32, and so on.
        results[member] = result;
        for (int left = GROUP / 2; left > 0; left /= 2) {
            barrier(CLK_LOCAL_MEM_FENCE);
            if (member < left) results[member] = COMBINE(results[member], results[member + left]);
        }
        result = results[0];
        barrier(CLK_LOCAL_MEM_FENCE);
#endif
        if (member == 0) out[(size_t)row * chunks + part] = result;
    }
}

// --------------------------------------------------------------------------------------------------- down the columns

// x is `blocks` matrices of `length` rows and `width` columns; out has, for each slab of rows, one row of results. An
// item walks down its slab with STRIPES vectors of columns at once. On a CPU these are many, so that it reads a long
// piece of each row, as memory likes it. Beyond the last whole vector of columns is the next row: it is read as well,
// but for the very last one, and forgotten.
#define TOGETHER 4

__kernel void down_columns(__global const T *x, __global T *out, const int length, const int width, const int slab,
                           const int slabs)
{
    int column = ITEM * LANES * STRIPES, part = get_global_id(1) % slabs, block = get_global_id(1) / slabs;
    int row = part * slab, end = min(length, row + slab);
    if (column >= width) return;
    int columns = min(LANES * STRIPES, width - column), whole = columns / LANES, rest = columns % LANES;
    __global const T *from = x + ((size_t)block * length + row) * width + column;
    __global T *to = out + (size_t)get_global_id(1) * width + column;
    __global const T *last = x + (size_t)get_global_size(1) / slabs * length * width - LANES;

    V result[STRIPES], tail = (V)(INITIAL);
    for (int s = 0; s < whole; s++) result[s] = (V)(INITIAL);
    for (int together; row < end; row += together, from += (size_t)together * width) {
        together = row + TOGETHER <= end ? TOGETHER : 1;
        for (int s = 0; s < whole; s++) {
            V total = ((__global const unaligned *)from)[s].vector;
            if (together > 1)
                #pragma unroll
                for (int k = 1; k < TOGETHER; k++) {
                    V next = ((__global const unaligned *)(from + (size_t)k * width))[s].vector;
                    total = COMBINE(total, next);
                }
            result[s] = COMBINE(result[s], total);
        }
        for (int k = 0; rest && k < together; k++) {
            __global const T *at = from + (size_t)k * width + whole * LANES;
            V next = at <= last ? ((__global const unaligned *)at)->vector : read_part(at, rest);
            tail = COMBINE(tail, next);
        }
    }
    for (int s = 0; s < whole; s++) ((__global unaligned *)to)[s].vector = result[s];
    union { V vector; T lanes[LANES]; } numbers;
    numbers.vector = tail;
    for (int k = 0; k < rest; k++) to[whole * LANES + k] = numbers.lanes[k];
}
