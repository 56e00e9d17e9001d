"""Keeping numbers within bounds: of this chapter only the check for finite numbers is an op of its own."""

from __future__ import annotations

from .comparison import is_finite, is_inf, is_nan
from .reduction import reduce_all, reduce_any
from .runtime import Array, download

__all__ = ["check_numerics"]


def check_numerics(tensor: Array, message: str) -> Array:
    """The tensor itself, if all of it is finite.

    This must wait for the device, since to look is what it is for. It reads back a single number, where a gap would
    copy the whole tensor to the CPU and back.
    """
    if not download(reduce_all(is_finite(tensor), None, False)):
        found = [
            word for word, test in (("Inf", is_inf), ("NaN", is_nan)) if download(reduce_any(test(tensor), None, False))
        ]
        raise ValueError(f"{message} : Tensor had {' and '.join(found)} values")
    return tensor
