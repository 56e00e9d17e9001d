"""Samples of minitfe.ops.segment."""

SAMPLES = []
