"""Removed content: ask for what listings no longer show, conclude, and seal it as a series of its own."""

from muniment.workflows.removed.decisions import decide_outage, enter_decision
from muniment.workflows.removed.listing import list_removals
from muniment.workflows.removed.run import probe_account
from muniment.workflows.removed.tasks import plan_probes, probe

__all__ = ["decide_outage", "enter_decision", "list_removals", "plan_probes", "probe", "probe_account"]
