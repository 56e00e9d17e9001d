// The order of the elements of each row: a merge sort that leaves the elements where they are, and sorts their places.
// The host defines T, the element type, and BEFORE(a, b), whether a must stand before b; NaN is larger than any number.

// An item sorts a block by insertion.
__kernel void sort_blocks(__global const T *x, __global int *order, const int items, const int blocks, const int length,
                          const int block)
{
    if (ITEM >= items) return;
    size_t row = ITEM / blocks * (size_t)length;
    int first = ITEM % blocks * block, end = first + block < length ? first + block : length;
    x += row;
    order += row;
    for (int i = first; i < end; i++) {
        T next = x[i];
        int to = i;
        for (; to > first && BEFORE(next, x[order[to - 1]]); to--) order[to] = order[to - 1];
        order[to] = i;
    }
}

// How many of `count` places, which are in order, hold elements that stand before this one. Where `ties` is set, equal
// ones do too.
int number_before(__global const T *x, __global const int *places, int count, T element, int ties)
{
    int low = 0, high = count;
    while (low < high) {
        int middle = (low + high) / 2;
        T other = x[places[middle]];
        if (BEFORE(other, element) || (ties && !BEFORE(element, other))) low = middle + 1;
        else high = middle;
    }
    return low;
}

// Merges pairs of blocks of `width` places that are in order. An element's new place is its place in its own block, plus
// the number of elements of the other block that stand before it: a binary search finds that for the first of an item's
// `span` places, and then both blocks are gone through side by side. Of equal elements those of the left block come first.
__kernel void merge_blocks(__global const T *x, __global const int *order, __global int *merged, const int items,
                           const int parts, const int length, const int width, const int span)
{
    if (ITEM >= items) return;
    size_t row = ITEM / parts * (size_t)length;
    int i = ITEM % parts * span, end = i + span < length ? i + span : length;
    x += row;
    order += row;
    merged += row;
    while (i < end) {
        // The rest of the block that i is in, as far as this item goes; and the block beside it.
        int block = i / width, right = block % 2, pair = (block - right) * width;
        int stop = (block + 1) * width < end ? (block + 1) * width : end;
        int other = right ? pair : pair + width, size = length - other < width ? length - other : width;
        __global const int *places = order + other;
        if (size < 0) size = 0;
        int before = number_before(x, places, size, x[order[i]], right);
        for (; i < stop; i++) {
            T element = x[order[i]];
            while (before < size) {
                T next = x[places[before]];
                if (!(BEFORE(next, element) || (right && !BEFORE(element, next)))) break;
                before++;
            }
            merged[pair + i - block * width + before] = order[i];
        }
    }
}
