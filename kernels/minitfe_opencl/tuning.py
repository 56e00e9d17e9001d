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
        slab: rows that it goes down, where it adds up columns.
        tile_rows: rows of C that one work-item of a matrix product keeps in registers,
        tile_vectors: and vectors of columns, each
        tile_lanes: numbers wide.
    """

    lanes: int
    run: int
    group: int
    chunk: int
    slab: int
    tile_rows: int
    tile_vectors: int
    tile_lanes: int


TUNING = {
    "cpu": Tuning(lanes=16, run=16, group=1, chunk=8192, slab=512, tile_rows=6, tile_vectors=2, tile_lanes=8),
    "gpu": Tuning(lanes=4, run=1, group=128, chunk=64, slab=256, tile_rows=4, tile_vectors=1, tile_lanes=4),
}


def tuning_of(device: Any) -> Tuning:
    """The row for a device, which is pyopencl's."""
    return TUNING["cpu" if platforms.is_processor(device) else "gpu"]
