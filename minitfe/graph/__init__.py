"""Graphs: ops written down, to be run later."""
