"""Random numbers, drawn by the numpy kernels and sent to the device.

So a seed means the same numbers everywhere, to the last bit, and no draw waits for the device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minitfe_numpy import random as on_the_host

from .runtime import Array, Device, upload

__all__ = [
    "random_integers", "random_permutation", "random_standard_normal", "random_standard_uniform",
    "truncated_standard_normal",
]  # fmt: skip


def _sent(draw: Callable[..., Any]) -> Callable[..., Array]:
    def drawn(device: Device, **attributes: Any) -> Array:
        """Draws on the host."""
        return upload(device, draw(device, **attributes))

    return drawn


random_standard_uniform = _sent(on_the_host.random_standard_uniform)
random_standard_normal = _sent(on_the_host.random_standard_normal)
truncated_standard_normal = _sent(on_the_host.truncated_standard_normal)
random_integers = _sent(on_the_host.random_integers)
random_permutation = _sent(on_the_host.random_permutation)
