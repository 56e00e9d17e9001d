// Labels: the number of the right class for each row of logits. The host defines T, the type of the logits, and LABEL.
// A label that is no class gives a loss of NaN, since to complain would mean to wait; and no gradient.

// picked[row] = x[row, label of the row]
__kernel void pick(__global const T *restrict x, __global const LABEL *restrict labels, __global T *restrict picked,
                   const int rows, const int classes)
{
    if (ITEM >= rows) return;
    int row = ITEM;
    LABEL label = labels[row];
    picked[row] = label >= 0 && label < classes ? x[(size_t)row * classes + label] : (T)NAN;
}

// slope = g (p - 1 at the label), row by row; an item writes up to `run` numbers of a row.
__kernel void slope(__global const T *restrict g, __global const T *restrict p, __global const LABEL *restrict labels,
                    __global T *restrict slope, const int classes, const int run)
{
    int row = get_global_id(1), i = ITEM * run, end = min(classes, i + run);
    LABEL label = labels[row];
    T factor = label >= 0 && label < classes ? g[row] : 0;
    p += (size_t)row * classes;
    slope += (size_t)row * classes;
    for (int k = i; k < end; k++) slope[k] = factor * p[k];
    if (label >= i && label < end) slope[label] = factor * (p[label] - 1);
}
