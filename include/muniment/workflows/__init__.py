"""Use cases: one function one task. `wiring` is the only place that picks implementations."""
