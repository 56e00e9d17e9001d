"""Initializers: what variables start with."""
