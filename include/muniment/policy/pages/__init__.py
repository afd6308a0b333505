"""What changed in a watched page, clause by clause, and what a person made of it."""
