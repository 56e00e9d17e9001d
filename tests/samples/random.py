"""Samples of minitfe.ops.random."""

SAMPLES = []
