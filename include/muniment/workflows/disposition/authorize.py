"""Authorize: every approval is there, so the days of grace begin. And withdraw: the proposal is taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from muniment.errors import ClosedGate, ConfigurationError, GateError
from muniment.records.names import format_instant
from muniment.records.schedule import DispositionProfile
from muniment.retention.approvals import Signing, judge_approvals
from muniment.retention.dispositions import WAITING_STATES, Disposition, DispositionState
from muniment.workflows.disposition.scene import Scene, after, open_scene
from muniment.workflows.wiring import now

Json = dict[str, Any]
_CODES = {DispositionState.REJECTED: "R030", DispositionState.EXPIRED: "R031"}
_AFTER = (DispositionState.AUTHORIZED, DispositionState.DESTROYING, DispositionState.CERTIFIED)


def authorize(agency_id: str, disposition_id: str) -> Json:
    """Enter that every step is approved; return ``grace_until``, before which nothing is deleted.

    Raises:
        GateError: an approval is missing or wrong; says which.
        ConfigurationError: there is no such disposition.
    """
    return authorize_in(open_scene(agency_id), disposition_id, now())


def authorize_in(scene: Scene, disposition_id: str, moment: datetime) -> Json:
    """Authorize at *moment* (aware), as `authorize` does."""
    found = scene.read(disposition_id)
    if found.state not in _AFTER:
        closed = judge_signatures(found, scene.signing(scene.row(found.series)), scene.profile())
        if found.state is not DispositionState.PROPOSED and not closed:
            code = _CODES.get(found.state, "R029")
            closed = [ClosedGate(code, found.id, f"expected it proposed, found it {found.state}")]
        if closed:
            raise GateError(found.id, closed)
        until = format_instant(scene.wait_end(moment, scene.profile().grace))
        scene.enter(found.id, "authorized", {"grace_until": until}, at=after(found, moment))
        found = scene.read(found.id)
    return {"disposition": found.id, "state": found.state.value, "grace_until": found.grace_until}


def judge_signatures(found: Disposition, signing: Signing, profile: DispositionProfile) -> list[ClosedGate]:
    """Return the gates that the approvals leave closed; where nobody is asked, the route must be automatic."""
    closed = [*judge_approvals(found, signing)]
    if not signing.steps and not profile.automatic:
        closed.append(ClosedGate("R029", found.id, "expected at least one approval, found a row that asks for none"))
    return closed


def withdraw(agency_id: str, disposition_id: str, *, by: str, reason: str) -> Json:
    """Take a disposition back before anything is deleted; *by* is the name of the person who does.

    Raises:
        ConfigurationError: there is none that waits, or nobody or nothing is given as *by* or *reason*.
    """
    scene = open_scene(agency_id)
    found = scene.read(disposition_id)
    if found.state not in WAITING_STATES:
        raise ConfigurationError(f"disposition {found.id}: expected one that waits, found it {found.state}")
    for name, text in (("by", by), ("reason", reason)):
        if not text.strip():
            raise ConfigurationError(f"{name}: expected it to be stated, found nothing")
    scene.enter(found.id, "withdrawn", {"reason": reason.strip()}, at=after(found, now()), by=by.strip())
    return {"disposition": found.id, "state": DispositionState.WITHDRAWN.value}
