"""Lengthening locks: every object of a volume locked at least as long as its sum says, in both copies.

Only volumes are touched whose locks are not known to be long enough: because an event came, the
schedule grew, a lock that is rolled came near its end, or objects were added. A fault in one
volume is a finding, and holds back no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from muniment.custody.second_copy import list_kept
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import CustodyError, RetentionError, StoreUnavailableError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import AgencyId, format_instant, parse_instant
from muniment.retention.clock import DueSum
from muniment.workflows.check_store import find_second
from muniment.workflows.clocks.extended import enter_extended
from muniment.workflows.clocks.known import Known, read_known, read_states
from muniment.workflows.copy_vault import share_out
from muniment.workflows.findings_register import open_findings
from muniment.workflows.volumes import VolumeState, parse_prefix, read_volume
from muniment.workflows.wiring import Workplace, now, open_second, open_workplace

Json = dict[str, Any]

CHECK = "apply_retention"
ALARM_AHEAD = timedelta(days=30)
_AT_ONCE = 8  # objects side by side


@dataclass(slots=True)
class _Tally:
    objects: int = 0
    extended: int = 0
    findings: list[Finding] = field(default_factory=list)
    silent: StoreUnavailableError | None = None  # why the second copy is not asked any more


@dataclass(frozen=True, slots=True)
class _Work:
    state: VolumeState
    due: DueSum | None  # None where no sum can be made
    why: str = ""


def plan_extend(agency_id: str, *, at: datetime | None = None) -> list[Json]:
    """Choose the volumes whose locks are to grow, or end soon with no date to grow to, and cut them into shares.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the vault's store did not answer.
    """
    place = open_workplace(agency_id)
    known = read_known(place, at or now())
    # A file that nobody adopted is said aloud every night, until somebody adopts it or puts the old one back.
    changed = [gate for gate in known.not_in_force if gate.code == "R050"]
    open_findings(place, [Finding(gate.code, gate.subject, gate.detail) for gate in changed], check=CHECK)
    units = [state.address.prefix for state in read_states(place) if _is_work(known, _weigh(known, state))]
    second = find_second(place) is not None
    return [
        {"agency": agency_id, "units": share, "at": format_instant(known.at), "second": second}
        for share in share_out(units, whole=True)
    ]


def extend_share(share: Json) -> Json:
    """Lengthen the locks of *share* in both copies; enter what was done, and what could not be.

    Raises:
        StoreUnavailableError: a store did not answer. The vault's locks have grown all the same where
            it was the second that was silent.
    """
    place = open_workplace(share["agency"])
    known, tally = read_known(place, parse_instant(share["at"])), _Tally()
    second = open_second(AgencyId(share["agency"]), place.settings) if share["second"] else None
    try:
        for work in _works(place, known, share["units"]):
            _do(place, known, second, work, tally)
    finally:
        opened = open_findings(place, tally.findings, check=CHECK)
    if tally.silent is not None:
        raise tally.silent
    return {
        "volumes": len(share["units"]),
        "extended": tally.extended,
        "objects": tally.objects,
        "findings": dict(Counter(finding.code for finding in tally.findings)),
        "opened": opened,
    }


def alarm_of(known: Known, state: VolumeState, due: DueSum | None, until: datetime | None, why: str) -> Finding | None:
    """Return R001 where the volume's lock *until* ends soon and *due* gives no date to lengthen it to."""
    if due is not None and (due.due_at is not None or until == due.lock_until):
        return None
    if until is not None and until - known.at > _alarm_window(due, known.at):
        return None
    ends = f"the locks end {format_instant(until)}" if until else "how long the locks last cannot be told"
    return Finding("R001", state.address.prefix, f"expected a date to keep it until, found that {why}; {ends}")


def _alarm_window(due: DueSum | None, at: datetime) -> timedelta:
    # A lock that is rolled half its short period ahead is never as far off as an alarm in days.
    return ALARM_AHEAD if due is None else min(ALARM_AHEAD, (due.lock_until - at) / 2)


def _weigh(known: Known, state: VolumeState) -> _Work:
    row = known.row(state.address)
    if row is None:
        return _Work(state, None, f"the schedule has no row for {state.address.series}")
    try:
        return _Work(state, known.sum_of(state, row))
    except RetentionError as error:
        return _Work(state, None, str(error))


def _is_work(known: Known, work: _Work) -> bool:
    until = known.locked_until(work.state)
    if work.due is None:
        return alarm_of(known, work.state, None, until, work.why) is not None
    # What is past needs no lock any more: a store refuses one that has ended.
    return work.due.lock_until > known.at and (until is None or until < work.due.lock_until)


def _works(place: Workplace, known: Known, units: list[str]) -> Iterator[_Work]:
    for prefix in units:
        state = read_volume(place.vault, parse_prefix(prefix))
        if state is not None:  # else it was destroyed meanwhile
            yield _weigh(known, state)


def _do(place: Workplace, known: Known, second: Vault | None, work: _Work, tally: _Tally) -> None:
    due, state = work.due, work.state
    if due is None:
        alarm = alarm_of(known, state, None, known.locked_until(state), work.why)
        tally.findings += [alarm] if alarm else []
        return
    objects, findings = _extend_volume(place.vault, state.address, due.lock_until)
    copies, more = _extend_copy(second, state.address, due.lock_until, tally)
    tally.objects += objects
    tally.findings += [*findings, *more]
    if findings or more:
        alarm = alarm_of(known, state, due, known.locked_until(state), "its locks did not grow")
        tally.findings += [alarm] if alarm else []
    elif tally.silent is None:
        tally.extended += 1
        enter_extended(place, due, objects=objects, copies=copies)


def _extend_copy(
    second: Vault | None, address: VolumeAddress, until: datetime, tally: _Tally
) -> tuple[int, list[Finding]]:
    """Lock the volume in the second copy as in the first; return how many copies there are, and what did not grow."""
    if second is None or tally.silent is not None:
        return 1, []
    try:
        return 2, _extend_volume(second, address, until)[1]
    except StoreUnavailableError as error:
        tally.silent = error
        return 1, []


def _extend_volume(copy: Vault, address: VolumeAddress, until: datetime) -> tuple[int, list[Finding]]:
    """Lock every object of the volume in one copy; return how many there are, and those whose lock did not grow."""

    def extend(record: StoredVersion) -> Finding | None:
        try:
            copy.extend_record(record, until)
        except StoreUnavailableError:
            raise
        except CustodyError as error:
            return Finding("R002", record.key, f"{copy.bucket}: {error}")
        return None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(extend, list_kept(copy, address.prefix)))
    return len(outcomes), [finding for finding in outcomes if finding is not None]
