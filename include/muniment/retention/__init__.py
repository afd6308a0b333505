"""Cutoffs, periods and locks: the dates of a schedule, in the agency's own calendar."""
