"""Clocks: what is due and what stops it, locks that must grow, events that start clocks, and why a record is kept."""

from __future__ import annotations

from muniment.workflows.clocks.due import DueLine, apply_retention, due_list, list_due
from muniment.workflows.clocks.extend import extend_share, plan_extend

__all__ = ["DueLine", "apply_retention", "due_list", "extend_share", "list_due", "plan_extend"]
