"""Samples of minitfe.ops.linalg."""

SAMPLES = []
