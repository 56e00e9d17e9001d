"""The numbers that make the same kernels fast on different kinds of devices: one row per kind.

A CPU device wants few work-items that each do much, in vectors as wide as its registers, and work-groups of one item: a
group is what one core takes up. A GPU wants thousands of work-items that each do little, side by side, so that
neighbours read neighbouring memory in one go.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from . import platforms


class Tuning(NamedTuple):
    """How kernels are cut for one kind of device.

    Attributes:
        lanes: numbers to a vector in elementwise kernels.
        run: vectors that one work-item goes through, one after the other.
        group: work-items to a group. It is fixed: for each new size PoCL would compile the kernel again.
        chunk: numbers of a row that one work-item of a reduction adds up, before partial sums are added.
        slab: rows that it goes down, where it adds up columns,
        stripes: and vectors of columns that it takes.
        tile_rows: rows of C that one work-item of a matrix product keeps in registers,
        tile_vectors: and vectors of columns, each
        tile_lanes: numbers wide.
        span: elements that one work-item of a copy moves.
    """

    lanes: int
    run: int
    group: int
    chunk: int
    slab: int
    stripes: int
    tile_rows: int
    tile_vectors: int
    tile_lanes: int
    span: int = 4096


CPU = Tuning(lanes=16, run=16, group=1, chunk=16384, slab=512, stripes=128, tile_rows=6, tile_vectors=2, tile_lanes=8,
             span=4096)  # fmt: skip

TUNING = {
    "cpu": CPU,
    # AVX2 has 16 registers of 8 floats, AVX512 has 32 of 16: a tile fills most of them.
    "wide cpu": CPU._replace(tile_rows=8, tile_lanes=16),
    "gpu": Tuning(lanes=4, run=1, group=128, chunk=64, slab=256, stripes=1, tile_rows=4, tile_vectors=1, tile_lanes=4,
                  span=1),
}  # fmt: skip


def tuning_of(device: Any) -> Tuning:
    """The row for a device, which is pyopencl's."""
    if not platforms.is_processor(device):
        return TUNING["gpu"]
    return TUNING["wide cpu" if device.native_vector_width_float >= 16 else "cpu"]
