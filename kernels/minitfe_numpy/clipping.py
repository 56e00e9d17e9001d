"""Keeping numbers within bounds: of this chapter only the check for finite numbers is an op of its own."""

from __future__ import annotations

import numpy as np

__all__ = ["check_numerics"]


def check_numerics(tensor, message):
    """The tensor itself, if all of it is finite."""
    if not np.isfinite(tensor).all():
        found = " and ".join(word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(tensor).any())
        raise ValueError(f"{message} : Tensor had {found} values")
    return tensor
