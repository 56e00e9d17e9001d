
// Vectors from places where rows begin and end anywhere. The host puts types in the place of T and V, and names in the
// place of `read_piece` and `write_piece`, for each dtype.
typedef struct __attribute__((packed)) { V vector; } anywhere;

V read_piece(__global const T *from, int count)
{
    if (count >= LANES) return ((__global const anywhere *)from)->vector;
    union { V vector; T lanes[LANES]; } part;
    part.vector = (V)(0);
    for (int k = 0; k < count; k++) part.lanes[k] = from[k];
    return part.vector;
}

void write_piece(V numbers, __global T *to, int count)
{
    if (count >= LANES) {
        ((__global anywhere *)to)->vector = numbers;
        return;
    }
    union { V vector; T lanes[LANES]; } part;
    part.vector = numbers;
    for (int k = 0; k < count; k++) to[k] = part.lanes[k];
}
