"""Schedules through time: shown, compared before they take effect, adopted; and who holds which office."""

from __future__ import annotations

from muniment.workflows.schedules.officers import mirror_officers

__all__ = ["mirror_officers"]
