"""The register of authorizations kept in step with the officers in the agency's file."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from muniment.custody.vault import Vault
from muniment.errors import AlreadySealedError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import Agency, Officer
from muniment.records.names import format_instant
from muniment.retention.officers import Grant, compare_officers, facts_of, fold_grants, term_of
from muniment.workflows.registers import AUTHORIZATIONS, enter, read_events
from muniment.workflows.wiring import now, open_workplace

SERVICE = "muniment"  # who mirrors what the file says; the facts name who granted it


def mirror_officers(agency_id: str, at: datetime | None = None) -> dict[str, int]:
    """Seal what the register lacks to say what the agency's file does, as of *at* (aware; now); return the counts.

    Raises:
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    place = open_workplace(agency_id)
    return mirror(place.agency, place.vault, at or now())


def mirror(agency: Agency, vault: Vault, at: datetime) -> dict[str, int]:
    """Do the same for an agency and vault that are open."""
    counts = {"granted": 0, "ended": 0}
    for happened, officer, number in compare_officers(agency.officers, fold_grants(read_events(vault, AUTHORIZATIONS))):
        # Another run may have mirrored it first.
        with suppress(AlreadySealedError):
            enter(vault, agency, _event(happened, officer, number, at))
            counts[happened] += 1
    return counts


def read_grants(vault: Vault) -> tuple[Grant, ...]:
    """Return every term of office that the register knows.

    Raises:
        EvidenceError: an event of the register is not of its form.
        StoreUnavailableError: the store did not answer.
    """
    return tuple(fold_grants(read_events(vault, AUTHORIZATIONS)).values())


def _event(happened: str, officer: Officer, number: int, at: datetime) -> RegisterEvent:
    # An id may hold no dots or underscores, as a sign-in may: the term is named by a hash.
    term = sha256("\0".join(map(str, term_of(officer))).encode()).hexdigest()[:16]
    return RegisterEvent(
        register=AUTHORIZATIONS,
        id=f"{happened}-{term}-{number:04}",
        event=happened,
        subject=officer.sign_in,
        at=format_instant(at),
        by=SERVICE,
        facts=facts_of(officer),
    )
