"""Integers as rows of bits. Shifted by as many bits as there are, or more, nothing is left of a number but its sign."""

from __future__ import annotations

from .elementwise import Elementwise

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"]

bitwise_and, bitwise_or, bitwise_xor = (Elementwise(f"x {sign} y", "iub") for sign in "&|^")
invert = Elementwise({"i": "~x", "u": "~x", "b": "x ^ (XS)1"})
left_shift = Elementwise("y < (XS)BITS ? x << y : (XS)0", "iu")
right_shift = Elementwise({"i": "x >> min(y, (XS)(BITS - 1))", "u": "y < (XS)BITS ? x >> y : (XS)0"})
