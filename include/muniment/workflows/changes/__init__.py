"""Changes: what happened to each item between the snapshots of an account and series, and what is missing."""
