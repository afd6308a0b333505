"""The policy watch: capturing watched pages, reading them clause by clause, and their review by persons."""
