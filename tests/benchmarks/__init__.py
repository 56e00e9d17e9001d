"""Benchmarks against the same work in other libraries: ``python -m tests.benchmarks``.

All run on one thread of one core, or the comparison would be one of thread pools. The mathematics libraries read these
settings when numpy is imported, so they are made here, before anything else.
"""

import os

for _setting in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_setting] = "1"
