"""CRC-32C, the checksum of TFRecord files.

A CRC is linear: the checksum of a message is the exclusive or of what each of its bytes contributes, and that depends
on the byte and its distance from the end only. So there is a table for each distance, and numpy looks up and combines a
whole block at once. Blocks are chained as usual: what came out of one goes into the first four bytes of the next.

Castagnoli, Bräuer and Herrmann, "Optimization of cyclic redundancy-check codes with 24 and 32 parity bits", 1993; the
mask is that of the TFRecord format (tensorflow/core/lib/hash/crc32c.h).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

POLYNOMIAL = 0x82F63B78  # 0x1EDC6F41 with its bits reversed: the lowest bit goes first
BLOCK = 1024
MASK_DELTA = 0xA282EAD8


@cache
def _tables() -> np.ndarray[Any, Any]:
    """tables[d, b]: what the byte b contributes, with d bytes after it."""
    last = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        last = np.where(last & 1, (last >> 1) ^ POLYNOMIAL, last >> 1).astype(np.uint32)
    tables = np.empty((BLOCK, 256), np.uint32)
    tables[0] = last
    for distance in range(1, BLOCK):
        before = tables[distance - 1]
        tables[distance] = (before >> 8) ^ last[before & 0xFF]
    return tables


def crc32c(data: bytes) -> int:
    """Returns the checksum of some bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    state = 0xFFFFFFFF
    for begin in range(0, len(data), BLOCK):
        state = _advance(state, np.frombuffer(data, np.uint8, min(BLOCK, len(data) - begin), begin))
    return state ^ 0xFFFFFFFF


def _advance(state: int, block: np.ndarray[Any, Any]) -> int:
    size = len(block)
    block = block.copy()
    block[:4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)[:size]
    contributions = _tables()[np.arange(size - 1, -1, -1), block]
    return int(np.bitwise_xor.reduce(contributions)) ^ (state >> 8 * size)  # a short block leaves some of it


def masked_crc32c(data: bytes) -> int:
    """Returns the checksum as TFRecord files store it: turned and shifted, since they may hold checksums as data."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + MASK_DELTA) & 0xFFFFFFFF
