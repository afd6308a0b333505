"""Why a record is kept, until when, and who must act before it can go: for a page, for JSON, for the command line.

Everything is read at the time of asking: the schedule, the registers, and from both stores the
lock that stands on the objects now.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from muniment.custody.second_copy import list_kept
from muniment.custody.vault import Vault
from muniment.errors import CustodyError, RetentionError
from muniment.evidence.locks import ObjectLock
from muniment.records.names import format_instant
from muniment.records.schedule import RetentionSchedule, ScheduleRow
from muniment.retention.clock import DueSum
from muniment.retention.holds import Matter
from muniment.retention.periods import zone_named
from muniment.workflows.clocks.explain_next import NextStep, list_next, list_unanswered
from muniment.workflows.clocks.explain_target import Target, find_target
from muniment.workflows.clocks.known import Known, read_known
from muniment.workflows.volumes import VolumeState, read_volume
from muniment.workflows.wiring import Workplace, now, open_second, open_workplace

_READ_LOCKS = 20  # objects of a volume whose lock is read, spread over it


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLock:
    """The lock in one copy, read live from so many objects: the shortest of them, and how many are held.

    `until` is an instant; null where an object has no lock. `fault` says why nothing could be read.
    """

    copy: str  # vault or second
    objects_read: int
    until: str | None
    until_local: str | None
    held: int
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverIt:
    """An open matter that covers the volume: whose hold it is under."""

    id: str
    kind: str
    title: str
    placed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why one volume, and what lies in it, is kept. Instants are as in manifests; `_local` is the city's time."""

    target: str
    kind: str
    volume: str  # prefix
    also_in: tuple[str, ...]  # prefixes of other volumes that have the record
    agency: str
    zone: str
    at: str
    snapshots: int
    objects: int
    size_bytes: int
    series: str
    title: str | None
    row: str | None
    authority: tuple[str, ...]
    period: str | None
    trigger: str | None
    action: str | None
    disposition: str | None
    schedule_version: str
    schedule_sha256: str
    adoption: str
    retain_only: bool
    steps: tuple[str, ...]
    cutoff_at: str | None
    due_at: str | None
    due_local: str | None
    waits_for: str | None
    permanent: bool
    lock_until: str | None  # what every object must be locked until, by the sum
    locks: tuple[CopyLock, ...]
    matters: tuple[OverIt, ...]
    next: tuple[NextStep, ...]
    unanswered: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        return asdict(self)


def explain(agency_id: str, target: str, *, at: datetime | None = None) -> Explanation:
    """Explain *target*: a volume, an object's key, a snapshot's id or a record, as of *at* (aware; None is now).

    A record that lies in several volumes is explained by the latest, which is kept longest.

    Raises:
        ConfigurationError: the vault has nothing by that name.
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the vault's store did not answer.
    """
    place = open_workplace(agency_id)
    found = find_target(place, target)
    known = read_known(place, at or now())
    state = read_volume(place.vault, found.volumes[0])
    if state is None:
        raise RetentionError(f"{found.volumes[0].prefix}: expected a snapshot in it, found none")
    return explain_state(known, state, found, _read_locks(place, found))


def explain_state(known: Known, state: VolumeState, target: Target, locks: tuple[CopyLock, ...]) -> Explanation:
    """Explain the volume of *state* from what is *known*. Pure.

    Raises:
        RetentionError: no sum can be made.
    """
    row, schedule, agency = known.row(state.address), known.agency.schedule, known.agency
    due = None if row is None else known.sum_of(state, row)
    matters = known.matters_over(state.address)
    return Explanation(
        target=target.text,
        kind=target.kind,
        volume=state.address.prefix,
        also_in=tuple(address.prefix for address in target.volumes[1:]),
        agency=agency.id,
        zone=agency.zone,
        at=format_instant(known.at),
        snapshots=state.snapshots,
        objects=state.objects,
        size_bytes=state.size_bytes,
        series=state.address.series,
        **_of_row(row),
        schedule_version=schedule.version,
        schedule_sha256=agency.schedule_sha256,
        adoption=_tell_adoption(schedule),
        retain_only=schedule.is_retain_only,
        **_of_sum(due, agency.zone),
        locks=locks,
        matters=tuple(_of_matter(matter) for matter in matters),
        next=tuple(list_next(known, state, row, due, matters)),
        unanswered=tuple(list_unanswered(known, row)),
    )


def in_zone(moment: datetime, zone: str) -> str:
    """Spell *moment* as the city's clocks show it: ``2028-12-01 00:00:00 PST (America/Los_Angeles)``."""
    return f"{moment.astimezone(zone_named(zone)):%Y-%m-%d %H:%M:%S %Z} ({zone})"


def _of_row(row: ScheduleRow | None) -> dict[str, Any]:
    return {
        "title": row.title if row else None,
        "row": row.id if row else None,
        "authority": row.authority if row else (),
        "period": row.period if row else None,
        "trigger": row.trigger if row else None,
        "action": row.action.value if row else None,
        "disposition": row.disposition if row else None,
    }


def _of_sum(due: DueSum | None, zone: str) -> dict[str, Any]:
    if due is None:
        nothing = ("cutoff_at", "due_at", "due_local", "waits_for", "lock_until")
        told = "The schedule has no row for this series, so no date can be computed."
        return {**dict.fromkeys(nothing), "permanent": False, "steps": (told,)}
    return {
        "steps": due.steps,
        "cutoff_at": format_instant(due.cutoff_at),
        "due_at": format_instant(due.due_at) if due.due_at else None,
        "due_local": in_zone(due.due_at, zone) if due.due_at else None,
        "waits_for": due.waits_for.value if due.waits_for else None,
        "permanent": due.permanent,
        "lock_until": format_instant(due.lock_until),
    }


def _of_matter(matter: Matter) -> OverIt:
    return OverIt(id=matter.id, kind=matter.kind.value, title=matter.title, placed_at=matter.placed_at)


def _tell_adoption(schedule: RetentionSchedule) -> str:
    if schedule.adoption is None:
        return f"Schedule {schedule.version} names no act that adopted it: retain-only, nothing is disposed of."
    adopted = (
        f"Schedule {schedule.version} was adopted by {schedule.adoption.resolution} on {schedule.adoption.adopted_on}"
    )
    if schedule.disposition is None:
        return f"{adopted}, and has no disposition profile: retain-only, nothing is disposed of."
    return f"{adopted}."


def _read_locks(place: Workplace, target: Target) -> tuple[CopyLock, ...]:
    second = open_second(place.agency.id, place.settings, attempts=2)
    copies = {"vault": place.vault, **({"second": second} if second is not None else {})}
    return tuple(_read_lock(name, vault, target, place.agency.zone) for name, vault in copies.items())


def _read_lock(name: str, vault: Vault, target: Target, zone: str) -> CopyLock:
    try:
        keys = [target.key] if target.key else _some_keys(vault, target.under or target.volumes[0].prefix)
        locks = [vault.lock_of(key) for key in keys]
    except CustodyError as error:
        return CopyLock(copy=name, objects_read=0, until=None, until_local=None, held=0, fault=str(error))
    until = _shortest(locks)
    return CopyLock(
        copy=name,
        objects_read=len(locks),
        until=format_instant(until) if until else None,
        until_local=in_zone(until, zone) if until else None,
        held=sum(1 for lock in locks if lock is not None and lock.legal_hold),
    )


def _some_keys(vault: Vault, prefix: str) -> list[str]:
    keys = [record.key for record in list_kept(vault, prefix)]
    return keys[:: max(1, -(-len(keys) // _READ_LOCKS))]


def _shortest(locks: list[ObjectLock | None]) -> datetime | None:
    present = [lock.until for lock in locks if lock is not None]
    return min(present) if present and len(present) == len(locks) else None
