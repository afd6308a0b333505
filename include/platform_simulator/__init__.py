"""Speaks the platforms' interfaces from one scenario file, with a clock of its own. Says that it is a simulator."""
