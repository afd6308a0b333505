"""Disposition: propose, answer, authorize, destroy, certify. What deletes is `destroy` alone."""

from __future__ import annotations

from muniment.workflows.disposition.answers import record_answer
from muniment.workflows.disposition.authorize import authorize, withdraw
from muniment.workflows.disposition.destroy import destroy
from muniment.workflows.disposition.propose import propose, take_up

__all__ = ["authorize", "destroy", "propose", "record_answer", "take_up", "withdraw"]
