"""Samples of minitfe.ops.sorting."""

SAMPLES = []
