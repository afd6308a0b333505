"""What a person decides of very many items that vanished at once: an outage, or a removal."""

from __future__ import annotations

from collections.abc import Mapping

from muniment.custody.vault import Vault
from muniment.errors import ConfigurationError, EvidenceError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SnapshotId, format_instant
from muniment.workflows.findings_register import close_finding, list_entries
from muniment.workflows.registers import enter, read_events
from muniment.workflows.removed.earlier import list_runs
from muniment.workflows.wiring import Workplace, open_workplace

REGISTER = "change-decisions"
_OUTAGE, _REMOVAL = "outage", "removal"


def decide_outage(agency_id: str, *, account: AccountId, run: SnapshotId, outage: bool, reason: str, by: str) -> str:
    """Enter that what vanished at once in *run* was an outage, or that it was removed; return the event's key.

    Raises:
        ConfigurationError: there is no such run, it was decided before, or reason or name is blank.
        CustodyError: the vault did not keep the event.
    """
    return enter_decision(open_workplace(agency_id), account, run, outage=outage, reason=reason, by=by)


def enter_decision(place: Workplace, account: AccountId, run: SnapshotId, *, outage: bool, reason: str, by: str) -> str:
    """Enter a decision as `decide_outage` does; the finding that waits for it is closed with the same reason.

    Raises:
        ConfigurationError: as `decide_outage`.
        CustodyError: the vault did not keep the event.
    """
    for what, text in (("reason", reason), ("name", by)):
        if not text.strip() or not text.isprintable():
            raise ConfigurationError(f"run {run}: expected a {what} in words, found none")
    if all(one.snapshot != run for one in list_runs(place, account)):
        raise ConfigurationError(f"{account}: expected a run of probes {run}, found none")
    if run in read_decisions(place.vault):
        raise ConfigurationError(f"run {run}: expected it undecided, found a decision")
    event = RegisterEvent(
        register=REGISTER,
        id=f"{str(run).lower().replace('.', '-')}-decided",
        event=_OUTAGE if outage else _REMOVAL,
        subject=run,
        at=format_instant(place.clock()),
        by=by.strip(),
        facts={"account": account, "reason": reason.strip()},
    )
    key = enter(place.vault, place.agency, event)
    for entry in list_entries(place.vault):
        if entry.finding.code == "H001" and entry.finding.subject == f"{account} {run}":
            close_finding(place, entry.id, reason=reason, by=by)
    return key


def read_decisions(vault: Vault) -> Mapping[str, bool]:
    """Return, by run, whether a person decided that it met an outage.

    Raises:
        EvidenceError: an event is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    found: dict[str, bool] = {}
    for event in read_events(vault, REGISTER):
        if event.event not in (_OUTAGE, _REMOVAL):
            raise EvidenceError(f"{event.id}: expected {_OUTAGE} or {_REMOVAL}, found {event.event!r}")
        found[event.subject] = event.event == _OUTAGE
    return found
