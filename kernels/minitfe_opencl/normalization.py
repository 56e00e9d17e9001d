"""Normalization needs no kernels of its own: all of it is written in other ops."""

from __future__ import annotations

__all__: list[str] = []
