"""Samples of minitfe.ops.complex."""

SAMPLES = []
