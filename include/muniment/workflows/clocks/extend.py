"""Lengthening locks: every object of a volume locked at least as long as its sum says, in both copies.

Only volumes are touched whose locks are not known to be long enough: because an event came, the
schedule grew, a lock that is rolled came near its end, or objects were added. A fault in one
volume is a finding, and holds back no other.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from muniment.custody.second_copy import list_kept
from muniment.custody.vault import Vault
from muniment.custody.versions import StoredVersion
from muniment.errors import CustodyError, StoreUnavailableError
from muniment.evidence.findings import Finding
from muniment.records.names import AgencyId, format_instant, parse_instant
from muniment.workflows.check_store import find_second
from muniment.workflows.clocks.extended import enter_extended
from muniment.workflows.clocks.known import Known, read_known
from muniment.workflows.clocks.work import Work, alarm_of, list_work, read_work
from muniment.workflows.copy_vault import share_out
from muniment.workflows.findings_register import open_findings
from muniment.workflows.wiring import Workplace, now, open_second, open_workplace

Json = dict[str, Any]

CHECK = "apply_retention"
_AT_ONCE = 8  # objects side by side


@dataclass(slots=True)
class _Tally:
    objects: int = 0
    extended: int = 0
    findings: list[Finding] = field(default_factory=list)
    silent: StoreUnavailableError | None = None  # why the second copy is not asked any more


def plan_extend(agency_id: str, *, at: datetime | None = None) -> list[Json]:
    """Choose the volumes whose locks are to grow, or end soon with no date to grow to, and cut them into shares.

    Raises:
        EvidenceError: an event of a register is not of its form.
        StoreUnavailableError: the vault's store did not answer.
    """
    place = open_workplace(agency_id)
    known = read_known(place, at or now())
    units = [work.prefix for work in list_work(place, known)]
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
        for prefix in share["units"]:
            work = read_work(place, known, prefix)
            if work is not None:  # else it was destroyed meanwhile
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


def _do(place: Workplace, known: Known, second: Vault | None, work: Work, tally: _Tally) -> None:
    due, prefix = work.due, work.prefix
    if due is None:
        _alarm(known, work, tally)
        return
    objects, findings = _extend_under(place.vault, prefix, due.lock_until)
    copies, more = _extend_copy(second, prefix, due.lock_until, tally)
    tally.objects += objects
    tally.findings += [*findings, *more]
    if findings or more:
        _alarm(known, work, tally)
    elif tally.silent is None:
        tally.extended += 1
        enter_extended(place, prefix, due, objects=objects, copies=copies)


def _alarm(known: Known, work: Work, tally: _Tally) -> None:
    alarm = alarm_of(known, work)
    tally.findings += [alarm] if alarm else []


def _extend_copy(second: Vault | None, prefix: str, until: datetime, tally: _Tally) -> tuple[int, list[Finding]]:
    """Lock the same in the second copy; return how many copies are done, and whose locks did not grow."""
    if second is None or tally.silent is not None:
        return 1, []
    try:
        return 2, _extend_under(second, prefix, until)[1]
    except StoreUnavailableError as error:
        tally.silent = error
        return 1, []


def _extend_under(copy: Vault, prefix: str, until: datetime) -> tuple[int, list[Finding]]:
    """Lock every object under *prefix* in one copy; return how many there are, and those whose lock did not grow."""

    def extend(record: StoredVersion) -> Finding | None:
        try:
            copy.extend_record(record, until)
        except StoreUnavailableError:
            raise
        except CustodyError as error:
            return Finding("R002", record.key, f"{copy.bucket}: {error}")
        return None

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(extend, list_kept(copy, prefix)))
    return len(outcomes), [finding for finding in outcomes if finding is not None]
