"""A capture that failed for good, as an event: which, when, and the class of the error, nothing personal."""

from __future__ import annotations

from contextlib import suppress

from muniment.changes.gap_register import CAPTURES, FAILED
from muniment.errors import AlreadySealedError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import format_instant, parse_instant
from muniment.workflows.registers import enter
from muniment.workflows.wiring import Workplace, open_workplace

SERVICE = "snapshot"


def record_failure(
    agency_id: str, *, run_id: str, taken_at: str, error: str, account: str | None, series: str | None
) -> None:
    """Enter that a capture of the agency failed for good with *error*; without *account*, the whole run did.

    *taken_at* is the run's instant, as `format_instant` spells it. The first failure of a run stands.

    Raises:
        ConfigurationError: there is no such agency.
        CustodyError: the vault did not keep the event.
        EvidenceError: *taken_at* is no instant.
    """
    record_failure_at(
        open_workplace(agency_id), run_id=run_id, taken_at=taken_at, error=error, account=account, series=series
    )


def record_failure_at(
    place: Workplace, *, run_id: str, taken_at: str, error: str, account: str | None, series: str | None
) -> None:
    """Enter as `record_failure` does, of an agency that is open."""
    taken = parse_instant(taken_at)
    what = sha256_hex("\0".join((run_id, account or "", series or "")).encode())[:12]
    event = RegisterEvent(
        register=CAPTURES,
        id=f"{taken:%Y%m%dt%H%M%S%f}z-{what}-{FAILED}",
        event=FAILED,
        subject=f"{account}/{series}" if account else place.agency.id,
        at=format_instant(place.clock()),
        by=SERVICE,
        facts={"account": account or "", "series": series or "", "taken_at": taken_at, "error": error},
    )
    with suppress(AlreadySealedError):
        enter(place.vault, place.agency, event)
