"""Hold the ledger against what captures show, for a span of days."""

from __future__ import annotations

from datetime import datetime

from muniment.errors import ModerationError
from muniment.evidence.findings import Finding
from muniment.policy.checks.moderation import observe
from muniment.policy.moderation.ledger import REGISTER, fold_ledger
from muniment.policy.moderation.matching import match_ledger
from muniment.workflows.policy.gather import gather_scene
from muniment.workflows.wiring import Workplace


def match(place: Workplace, *, since: datetime, until: datetime | None = None) -> tuple[Finding, ...]:
    """Return M001, M002 and M009 of [*since*, *until*) (aware; until now where it is left out). Nothing is entered.

    Raises:
        ModerationError: nothing of what the public wrote was captured, so that nothing can be told.
        EvidenceError: a manifest or an event is not of its form.
        ParseError: a rows file is not whole.
        StoreUnavailableError: the store did not answer.
    """
    scene = gather_scene(place, since=since, until=until)
    observed = observe(scene)
    if not observed.captured_at:
        raise ModerationError("match", ["expected an accepted capture of what the public wrote, found none"])
    return match_ledger(fold_ledger(scene.events(REGISTER)), observed)
