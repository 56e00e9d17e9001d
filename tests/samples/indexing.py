"""Samples of minitfe.ops.indexing."""

SAMPLES = []
