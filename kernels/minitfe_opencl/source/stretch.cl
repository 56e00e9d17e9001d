// An array written out in a larger shape, where some of its axes are repeated. The host defines T, a type of the
// elements' size: what they mean does not matter here.

// `geometry` has the number of axes, their sizes, and how far apart the input's elements are along each of them: 0 where
// it is repeated. The last axis has `length` elements, `step` apart in the input; an item writes up to `run` of them.
__kernel void stretch(__global const T *restrict x, __global T *restrict out, const int rows, const int length,
                      const int step, const int run, __global const int *geometry)
{
    int row = get_global_id(1), rest = row, at = 0, i = ITEM * run, end = min(length, i + run);
    for (int axes = geometry[0], axis = axes; axis > 0; axis--) {
        at += rest % geometry[axis] * geometry[axes + axis];
        rest /= geometry[axis];
    }
    out += (size_t)row * length;
    for (; i < end; i++) out[i] = x[at + i * step];
}
