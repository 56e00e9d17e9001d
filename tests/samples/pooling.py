"""Samples of minitfe.ops.pooling."""

SAMPLES = []
