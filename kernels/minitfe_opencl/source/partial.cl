
// Vectors of numbers made one, at the end of a fused kernel. The host puts names in the place of T, the element type, of
// V, a vector of it, and of what begins with REDUCE: one set for each op and dtype.

// The first lanes as they are, the others as if they were not there: what lies beyond the end of an array is padding.
V REDUCE_first(V numbers, int count)
{
    union { V vector; T lanes[LANES]; } part;
    part.vector = numbers;
    for (int k = count; k < LANES; k++) part.lanes[k] = REDUCE_INITIAL;
    return part.vector;
}

T REDUCE_lanes(V numbers)
{
    union { V vector; T lanes[LANES]; } part;
    part.vector = numbers;
    for (int left = LANES / 2; left > 0; left /= 2)
        for (int k = 0; k < left; k++) part.lanes[k] = REDUCE_COMBINE(part.lanes[k], part.lanes[k + left]);
    return part.lanes[0];
}
