"""No warnings for inf and nan: in TensorFlow, and so here, ``1 / 0`` and ``log(-1)`` are values like any other.

numpy warns about them. Switching that off around each kernel (np.errstate) would double the time of a small op, and
switching it off for good would silence people's own numpy code. So the warnings are filtered by where they arise. numpy
ascribes them to the module that calls the ufunc: the door in minitfe, or a kernel here. np.geterr() stays as it was.
"""

from __future__ import annotations

import warnings

MESSAGES = r"(divide by zero|overflow|underflow|invalid value) encountered"
MODULES = r"minitfe(_numpy)?(\.|$)"


def ignore_float_warnings() -> None:
    """Hides numpy's floating-point warnings that arise in minitfe's modules, and no others."""
    warnings.filterwarnings("ignore", message=MESSAGES, category=RuntimeWarning, module=MODULES)
