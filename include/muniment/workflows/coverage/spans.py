"""Which days and instants coverage is about: local days, due captures, from when to when each account is captured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from muniment.changes.coverage import DueGrid, Term
from muniment.changes.due_instants import list_due_instants
from muniment.changes.exposure import Day
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.agency import AccountStatus, Agency
from muniment.register.timetable import timetable_crons
from muniment.retention.dispositions import fold_dispositions
from muniment.retention.periods import find_first_instant, zone_named
from muniment.retention.volume_spans import span_of
from muniment.workflows.volumes import parse_prefix

_DAY = timedelta(days=1)


def list_terms(agency: Agency, *, account: str | None = None, series: str | None = None) -> tuple[Term, ...]:
    """Return from when to when each account and series of the register, or those chosen, is to be captured."""
    zone = zone_named(agency.zone)
    return tuple(
        Term(
            account=one.id,
            series=name,
            begins=None if one.opened_on is None else find_first_instant(one.opened_on, zone),
            ends=None if one.terminated_on is None else find_first_instant(one.terminated_on + _DAY, zone),
        )
        for one in agency.accounts
        if one.status is not AccountStatus.PROPOSED and account in (None, one.id)
        for name in one.series
        if series in (None, name)
    )


def due_grid(agency: Agency, since: datetime, until: datetime) -> DueGrid:
    """Return the instants at which captures of *agency* were due in [*since*, *until*), by its timetable of today."""
    crons = timetable_crons(agency.timetable)
    return DueGrid(list_due_instants(crons, zone_named(agency.zone), since=since, until=until))


def local_days(since: datetime, until: datetime, zone: str) -> tuple[Day, ...]:
    """Return the days of *zone* that [*since*, *until*) touches."""
    return tuple(_days(since, until, zone_named(zone)))


def _days(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[Day]:
    day = since.astimezone(zone).date() - _DAY
    begins = find_first_instant(day, zone)
    while begins < until:
        ends = find_first_instant(day + _DAY, zone)
        if ends > since and ends > begins:
            yield Day(day, begins, ends)
        day, begins = day + _DAY, ends


def span_of_days(first: date, last: date, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of *first* and the first after *last*, in *zone* (aware UTC)."""
    named = zone_named(zone)
    return find_first_instant(first, named).astimezone(UTC), find_first_instant(last + _DAY, named).astimezone(UTC)


def list_destroyed(
    dispositions: Iterable[RegisterEvent], approvals: Iterable[RegisterEvent], zone: str
) -> dict[tuple[str, str], datetime]:
    """Return by account and series when the last volume ended that was lawfully destroyed, with what was made in it."""
    ends: dict[tuple[str, str], datetime] = {}
    for one in fold_dispositions(dispositions, approvals):
        for prefix in one.tombstones:
            volume: VolumeAddress = parse_prefix(prefix)
            pair, end = (volume.account, volume.series), span_of(volume.volume, zone)[1]
            ends[pair] = max(end, ends.get(pair, end))
    return ends
