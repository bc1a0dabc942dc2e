"""Plenary runs a strategy as a living document."""

__version__ = "0.1.0"
