// Floats of 16 bits. Every device can store them, rounded to the nearest, though not every device computes with them.

__kernel void halve(__global const T *x, __global half *out, const int count, const int span)
{
    int i = ITEM * span;
    for (int end = min(count, i + span); i < end; i++) vstore_half((float)x[i], i, out);
}
