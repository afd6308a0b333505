"""The embedded default: real engines on one machine, started, supervised and stopped by the project."""
