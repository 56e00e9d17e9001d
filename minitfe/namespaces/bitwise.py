"""``tf.bitwise``: the bits of integers."""

from typing import Any as _Any

from minitfe.missing import explain as _explain
from minitfe.ops.bitwise import bitwise_and, bitwise_or, bitwise_xor, invert, left_shift, right_shift

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"]


def __getattr__(name: str) -> _Any:
    raise AttributeError(_explain(name, __all__, "tf.bitwise"))
