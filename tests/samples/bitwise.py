"""Samples of minitfe.ops.bitwise."""

SAMPLES = []
