"""Disposition: propose, answer, authorize, destroy, certify. What may delete is `destroy` alone."""

from __future__ import annotations

from muniment.workflows.disposition.answers import record_answer
from muniment.workflows.disposition.authorize import authorize, withdraw
from muniment.workflows.disposition.propose import propose

__all__ = ["authorize", "propose", "record_answer", "withdraw"]
