"""From everything that a vault tells to the report of one instant. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from muniment.errors import ConfigurationError
from muniment.evidence.layout import VolumeAddress
from muniment.records.agency import Agency
from muniment.retention.clock import fold_triggers
from muniment.retention.disposition import Disposition
from muniment.retention.dispositions import fold_dispositions
from muniment.retention.holds import fold_matters
from muniment.retention.periods import find_first_instant, zone_named
from muniment.workflows.clocks.due import DueLine, reckon
from muniment.workflows.clocks.extended import REGISTER as LOCKS
from muniment.workflows.clocks.known import Known, read_terminations
from muniment.workflows.registers import APPROVALS, DISPOSITIONS, HOLDS, SCHEDULES, TRIGGERS
from muniment.workflows.reports.gather import Facts
from muniment.workflows.reports.lengthened import fold_extended
from muniment.workflows.reports.register_tables import list_destroyed, list_failed, list_on_hold
from muniment.workflows.reports.report import Report
from muniment.workflows.reports.schedule_then import ScheduleThen, schedule_then
from muniment.workflows.reports.sealed import fold_volumes
from muniment.workflows.reports.standing import Standing
from muniment.workflows.reports.timeline import draw_up
from muniment.workflows.reports.volume_tables import list_due, list_due_volumes, list_holdings, list_locks
from muniment.workflows.volumes import VolumeState

OnStore = Callable[[VolumeAddress], datetime | None]
_NO_SCHEDULE = "R020 expected an adopted schedule in the register by then, found none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which instant is asked about; whether it is the present; and what reads a volume's lock on the store, if any."""

    moment: datetime
    is_now: bool
    on_store: OnStore | None = None


def instant_of(day: date | None, *, zone: str, now: datetime) -> Asked:
    """Return what a report of *day* is about: its last instant in *zone*; *now* (aware) where it is None.

    Raises:
        ConfigurationError: the day is not over yet.
    """
    if day is None:
        return Asked(moment=now, is_now=True)
    end = find_first_instant(day + timedelta(days=1), zone_named(zone)) if day < date.max else None
    if end is None or end > now:
        raise ConfigurationError(f"as of: expected a day that is over in {zone}, found {day}")
    return Asked(moment=end - timedelta(microseconds=1), is_now=False)


def compose(facts: Facts, agency: Agency, asked: Asked) -> Report:
    """Return the report of *agency* at the instant that is *asked* about.

    Raises:
        EvidenceError: an event lacks a fact.
        RetentionError: an event that starts a clock is not of its form.
    """
    then = facts.until(asked.moment)
    schedule = schedule_then(then.events[SCHEDULES], agency, asked.moment, is_now=asked.is_now)
    known = _known(then, agency, schedule, asked.moment)
    standings = stand(then, known, schedule)
    return Report(
        agency=agency.id,
        name=agency.name,
        zone=agency.zone,
        moment=asked.moment,
        schedule=schedule.words,
        remarks=then.remarks,
        tables=(
            list_holdings(standings),
            list_due(standings, asked.moment),
            list_due_volumes(standings, asked.moment),
            list_on_hold(known.matters, standings),
            list_destroyed(known.dispositions, _gone(facts, known.dispositions)),
            list_failed(known.dispositions, then.findings),
            list_locks(standings, asked.on_store),
        ),
        timeline=draw_up(standings, zone_named(agency.zone)),
    )


def stand(then: Facts, known: Known, schedule: ScheduleThen) -> list[Standing]:
    """Return how every volume that was held stood."""
    volumes = dict(fold_volumes(one for one in then.snapshots if one.is_there(known.at)))
    if schedule.schedule is None:
        return [_stand_as_sealed(state, row, known) for state, row in volumes.items()]
    lines = reckon(known, volumes)
    return [_stand(line, row, known) for line, row in zip(lines, volumes.values(), strict=True)]


def _known(then: Facts, agency: Agency, schedule: ScheduleThen, moment: datetime) -> Known:
    return Known(
        agency=replace(agency, schedule=schedule.schedule or agency.schedule),
        at=moment,
        triggers=(*fold_triggers(then.events[TRIGGERS]), *read_terminations(agency)),
        matters=fold_matters(then.events[HOLDS]),
        dispositions=fold_dispositions(then.events[DISPOSITIONS], then.events[APPROVALS]),
        extended=fold_extended(then.events[LOCKS]),
        adopted=schedule.beside,
    )


def _stand(line: DueLine, row: str, known: Known) -> Standing:
    due, plain = line.due, _plain(line.state, row, known)
    if due is None:
        return plain
    return replace(
        plain,
        row=due.row,
        due_at=due.due_at,
        lock_until=due.lock_until,
        waits_for=due.waits_for,
        permanent=due.permanent,
        stops=tuple(f"{stop.code} {stop.detail}" for stop in line.stops),
    )


def _stand_as_sealed(state: VolumeState, row: str, known: Known) -> Standing:
    """Return how the volume stood where no schedule is known to have governed: by the sum that it was sealed with."""
    until = state.sealed_until
    return replace(_plain(state, row, known), due_at=until, lock_until=until, stops=(_NO_SCHEDULE,))


def _plain(state: VolumeState, row: str, known: Known) -> Standing:
    return Standing(
        address=state.address,
        snapshots=state.snapshots,
        objects=state.objects,
        size_bytes=state.size_bytes,
        first_taken=state.first_taken,
        last_taken=state.last_taken,
        row=row,
        locked_until=known.locked_until(state),
        lock_until=None,
        due_at=None,
        matters=tuple(matter.id for matter in known.matters_over(state.address)),
    )


def _gone(facts: Facts, dispositions: Iterable[Disposition]) -> Mapping[str, Sequence[VolumeState]]:
    """Return by each disposition the volumes that have their tombstone, as they were before."""
    return {
        one.id: [
            state
            for state, _ in fold_volumes(snapshot for snapshot in facts.snapshots if snapshot.gone_by == one.id)
            if state.address.prefix in one.tombstones
        ]
        for one in dispositions
    }
