"""Summaries: numbers, pictures and texts written down while a program runs, for TensorBoard to show."""
