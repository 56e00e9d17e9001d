"""Samples of minitfe.ops.image."""

SAMPLES = []
