"""The version, in a module that imports nothing so that the build can read it."""

__version__ = "0.1.0"

ARITHMETIC = 1
"""Counts the decisions to change the bits that training gives for one worker and one seed."""
