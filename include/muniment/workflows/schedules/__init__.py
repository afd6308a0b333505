"""Schedules through time: shown, compared before they take effect, adopted; and who holds which office."""
