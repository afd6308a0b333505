"""The checks of the clauses: each judges a `Scene`, and nothing else."""
