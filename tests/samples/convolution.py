"""Samples of minitfe.ops.convolution."""

SAMPLES = []
