"""Samples of minitfe.ops.nn."""

SAMPLES = []
