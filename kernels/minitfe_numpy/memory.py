"""Keeping freed memory for the next step.

A training step allocates the same large arrays as the step before. The C library of most Linux systems (glibc) gives
freed memory back to the operating system again and again, and fetching fresh pages costs more than many an op: a
gradient through five elementwise ops on a million floats takes about twice as long. `keep_freed` asks glibc to keep the
memory instead. The price: the process stays as large as it has ever been, until it ends.

Set the environment variable ``MINITFE_KEEP_MEMORY=0`` before the import to leave the allocator as it is.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Any

SWITCH = "MINITFE_KEEP_MEMORY"

# From malloc.h: which setting of the allocator mallopt changes.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3

# Bytes. Older versions of glibc refuse a mapping threshold above 32 MB, so that is the second try.
THRESHOLDS = (1 << 30, 32 << 20)


def keep_freed() -> bool:
    """Makes glibc keep freed arrays for re-use. Says whether it does: not without glibc, nor if switched off."""
    if os.environ.get(SWITCH) == "0" or not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return False  # musl, as in Alpine Linux, has other ways
    return all(_set_threshold(libc.mallopt, setting) for setting in (M_MMAP_THRESHOLD, M_TRIM_THRESHOLD))


def _set_threshold(mallopt: Any, setting: int) -> bool:
    """Mallopt returns 1 where it accepted a value, 0 where it refused."""
    return any(mallopt(setting, threshold) == 1 for threshold in THRESHOLDS)
