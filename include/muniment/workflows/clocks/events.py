"""Recording an event that starts a clock. An event is corrected only by a later one, which takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from muniment.errors import ConfigurationError
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant
from muniment.records.schedule import TriggerEvent
from muniment.retention.cutoffs import form_of
from muniment.retention.periods import zone_named
from muniment.workflows.history import list_pairs
from muniment.workflows.registers import TRIGGERS, enter, read_events
from muniment.workflows.wiring import Workplace, now, open_workplace

KINDS = tuple(kind.value for kind in TriggerEvent if kind is not TriggerEvent.CUTOFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What an event happened to: an account, of which a series and a volume of it may be named."""

    account: str
    series: str | None = None
    volume: str | None = None


def record_event(agency_id: str, kind: str, about: About, *, on: date | None, note: str, by: str) -> RegisterEvent:
    """Seal that *kind* happened on the day *on* in the agency's zone; None takes an earlier event back.

    Raises:
        ConfigurationError: the kind, the account, the series or the volume is unknown, the day is yet
            to come, there is nothing to take back, or note or name is blank.
        CustodyError: the vault did not keep it.
    """
    place, moment = open_workplace(agency_id), now()
    _check_about(place, kind, about)
    today = moment.astimezone(zone_named(place.agency.zone)).date()
    if on is not None and on > today:
        raise ConfigurationError(f"event: expected a day that has come, {today} or before, found {on}")
    for what, text in (("note", note), ("name", by)):
        if not text.strip() or not text.isprintable():
            raise ConfigurationError(f"event: expected a {what} in words, found none")
    if on is None and not _is_recorded(place, kind, about):
        raise ConfigurationError(
            f"event: expected a {kind} of that account, series and volume to take back, found none"
        )
    facts = {"account": about.account, "series": about.series, "volume": about.volume}
    event = RegisterEvent(
        register=TRIGGERS,
        id=f"{moment:%Y%m%dt%H%M%S%f}z-{kind}",
        event=kind,
        subject=about.account,
        at=format_instant(moment),
        by=by.strip(),
        facts={**facts, "on": on.isoformat() if on else None, "note": note.strip()},
    )
    enter(place.vault, place.agency, event)
    return event


def list_events(agency_id: str) -> tuple[RegisterEvent, ...]:
    """Return every event of the register, earliest first, those that were superseded among them.

    Raises:
        EvidenceError: an object of the register is no event of it.
        StoreUnavailableError: the store did not answer.
    """
    return read_events(open_workplace(agency_id).vault, TRIGGERS)


def _check_about(place: Workplace, kind: str, about: About) -> None:
    if kind not in KINDS:
        raise ConfigurationError(f"event: expected one of {', '.join(KINDS)}, found {kind!r}")
    if about.account not in {account for account, _ in list_pairs(place.vault)}:
        place.account(AccountId(about.account))  # raises: neither vault nor register has it
    if about.series is not None and place.agency.schedule.row_for(SeriesId(about.series)) is None:
        raise ConfigurationError(f"event: expected a series that the schedule has a row for, found {about.series!r}")
    if about.volume is not None and form_of(VolumeId(about.volume)) is None:
        raise ConfigurationError(f"event: expected a volume as 2026-11, found {about.volume!r}")


def _is_recorded(place: Workplace, kind: str, about: About) -> bool:
    wanted = (kind, about.account, about.series, about.volume)
    events = read_events(place.vault, TRIGGERS)
    return any(
        (event.event, *(event.facts.get(n) for n in ("account", "series", "volume"))) == wanted for event in events
    )
