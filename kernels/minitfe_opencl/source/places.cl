// The coordinates of points as one number each: the place that (2, 3) has in rows of ten is 23. A point that lies outside
// of the sizes gets -1, which is no place.

__kernel void places(__global const I *indices, __global int *places, const int count, const int depth,
                     __global const int *sizes)
{
    if (ITEM >= count) return;
    int place = 0, inside = 1;
    for (int axis = 0; axis < depth; axis++) {
        long index = indices[(size_t)ITEM * depth + axis];
        inside &= (ulong)index < (ulong)sizes[axis];
        place = inside ? place * sizes[axis] + (int)index : -1;
    }
    places[ITEM] = inside ? place : -1;
}
