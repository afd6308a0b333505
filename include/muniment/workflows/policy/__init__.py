"""The policies' clauses: gathering the evidence, running every check over it, and saying how each clause stands."""

from muniment.workflows.policy.gather import gather_scene
from muniment.workflows.policy.run import check_policies, check_policies_after_snapshot
from muniment.workflows.policy.status import PolicyStatus, policy_status

__all__ = ["PolicyStatus", "check_policies", "check_policies_after_snapshot", "gather_scene", "policy_status"]
