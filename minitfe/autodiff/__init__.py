"""Automatic differentiation: the walker, the tape, and what stands on them."""
