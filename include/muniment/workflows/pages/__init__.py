"""The policy watch: capturing watched pages, reading them clause by clause, and their review by persons."""

from muniment.workflows.pages.watch import plan_pages

__all__ = ["plan_pages"]
