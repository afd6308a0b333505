"""Clocks: what is due and what stops it, locks that must grow, events that start clocks, and why a record is kept."""

from __future__ import annotations

from muniment.workflows.clocks.due import DueLine, apply_retention, due_list, list_due
from muniment.workflows.clocks.events import About, list_events, record_event
from muniment.workflows.clocks.explain import Explanation, explain
from muniment.workflows.clocks.extend import extend_share, plan_extend

__all__ = [
    "About",
    "DueLine",
    "Explanation",
    "apply_retention",
    "due_list",
    "explain",
    "extend_share",
    "list_due",
    "list_events",
    "plan_extend",
    "record_event",
]
