"""Samples of minitfe.ops.broadcasting."""

SAMPLES = []
