"""The op-sample table: for every op, ways to call it and what must come out.

Each module holds the samples of one module of ``minitfe.ops``. The table drives the sweeps in ``tests/test_sweep.py`` and
the conformance suite in ``tests/conformance``: values against an independent reference, gradients to second order against
finite differences, graph against eager, and every kernel package against the same references.
"""

from minitfe.extend import SAMPLES

from . import (
    array,
    bitwise,
    broadcasting,
    clipping,
    comparison,
    complex,
    convolution,
    cross_entropy,
    cumulative,
    custom_gradient,
    elementary,
    generate,
    image,
    indexing,
    linalg,
    math,
    nn,
    normalization,
    pooling,
    random,
    rearrange,
    reduction,
    segment,
    sorting,
    special,
)

MODULES = (
    array, bitwise, broadcasting, clipping, comparison, complex, convolution, cross_entropy, cumulative, custom_gradient,
    elementary, generate, image, indexing, linalg, math, nn, normalization, pooling, random, rearrange, reduction, segment,
    sorting, special,
)  # fmt: skip

for _module in MODULES:
    SAMPLES.extend(_module.SAMPLES)
