"""Samples of minitfe.ops.normalization."""

SAMPLES = []
