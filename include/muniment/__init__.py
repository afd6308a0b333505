"""Muniment: keeps what a city says, and is told, on social media."""

__version__ = "0.1.0"
