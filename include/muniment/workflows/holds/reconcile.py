"""Reconcile: every night the bits of both copies are brought to what the matters say, in both directions.

Cut into shares of whole volumes for mapped tasks. What prepares them finishes the searches that are
still to do; each share reads the register itself, so that a matter placed meanwhile counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from muniment.errors import CustodyError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.register_event import RegisterEvent
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant
from muniment.retention.periods import zone_named
from muniment.workflows.copy_vault import share_out
from muniment.workflows.findings_register import open_findings
from muniment.workflows.holds.acknowledgements import find_overdue
from muniment.workflows.holds.bits import Progress
from muniment.workflows.holds.matters import CHECK, silent
from muniment.workflows.holds.room import HoldRoom, open_room, volumes_of
from muniment.workflows.holds.search import scope_matter
from muniment.workflows.holds.settle import find_lost, settle_volumes
from muniment.workflows.registers import enter
from muniment.workflows.wiring import now

Json = dict[str, Any]

REGISTER = "hold-checks"
BY = "muniment"


def prepare_holds(agency_id: str, *, room: HoldRoom | None = None, progress: Progress = silent) -> Json:
    """Finish the searches that are to do, count who has not acknowledged, and see whether the second copy answers.

    A second copy that does not answer is a finding; `second` then says that it is left out.

    Raises:
        EvidenceError: an object of the register is no event of it.
        StoreUnavailableError: the vault's store did not answer.
    """
    room = room or open_room(agency_id)
    findings: list[Finding] = []
    for matter in room.register.matters():
        findings += scope_matter(room, matter, by=BY, progress=progress)
    findings += find_overdue(room.register.matters(), now().astimezone(zone_named(room.zone)).date())
    answers = room.copy is not None
    try:
        _volumes_of_copy(room)
    except CustodyError as error:
        answers = False
        findings += [] if room.second is None else find_lost(room, room.second, error)
    opened = open_findings(room.place, findings, check=CHECK)
    return {"second": answers, "findings": dict(Counter(finding.code for finding in findings)), "opened": opened}


def plan_holds(agency_id: str, prepared: Json, *, room: HoldRoom | None = None) -> list[Json]:
    """Cut both copies into shares of whole volumes.

    Raises:
        StoreUnavailableError: a store did not answer.
    """
    room = room or open_room(agency_id)
    volumes = sorted({*room.volumes(), *(_volumes_of_copy(room) if prepared["second"] else ())})
    units = {volume.prefix: [volume.series, volume.account, volume.volume] for volume in volumes}
    return [
        {"agency": agency_id, "units": [units[prefix] for prefix in share], "second": prepared["second"]}
        for share in share_out(list(units), whole=True)
    ]


def reconcile_share(share: Json, *, room: HoldRoom | None = None, progress: Progress = silent) -> Json:
    """Settle every volume of *share*, and enter what was found.

    Raises:
        EvidenceError: an object of the register is no event of it.
        StoreUnavailableError: the vault's store did not answer.
    """
    room = room or open_room(share["agency"])
    if not share["second"]:
        room = replace(room, second=None, copy=None)
    volumes = [
        VolumeAddress(SeriesId(series), AccountId(account), VolumeId(name)) for series, account, name in share["units"]
    ]
    settled = settle_volumes(room, volumes, announced=False, progress=progress)
    opened = open_findings(room.place, settled.findings, check=CHECK)
    copies = settled.copies
    return {
        "volumes": settled.volumes,
        "objects": settled.vault.objects,
        "copies": None if copies is None else copies.objects,
        "held": settled.vault.held,
        "copies_held": None if copies is None else copies.held,
        "set": settled.vault.set + (0 if copies is None else copies.set),
        "let_go": settled.vault.let_go + (0 if copies is None else copies.let_go),
        "findings": settled.codes(),
        "opened": opened,
    }


def enter_reconciliation(
    agency_id: str, prepared: Json, results: Iterable[Json], *, room: HoldRoom | None = None
) -> Json:
    """Enter the night's result in the register, and return it.

    Raises:
        CustodyError: the vault did not keep it.
    """
    room, results, moment = room or open_room(agency_id), list(results), now()
    codes: Counter[str] = Counter(prepared["findings"])
    for result in results:
        codes.update(result["findings"])
    counted = ("volumes", "objects", "held", "set", "let_go")
    facts: Json = {name: sum(result[name] for result in results) for name in counted}
    whole = bool(results) and all(result["copies"] is not None for result in results)
    facts |= {name: sum(r[name] for r in results) if whole else None for name in ("copies", "copies_held")}
    facts |= {"findings": dict(codes), "open": sum(matter.is_open for matter in room.register.matters())}
    event = RegisterEvent(
        register=REGISTER,
        id=f"{moment:%Y%m%dt%H%M%S%f}z",
        event="reconciled",
        subject=agency_id,
        at=format_instant(moment),
        by=BY,
        facts=facts,
    )
    enter(room.place.vault, room.place.agency, event)
    return facts


def reconcile_holds(agency_id: str, *, room: HoldRoom | None = None, progress: Progress = silent) -> Json:
    """Reconcile everything in one go: plan, every share, and the night's result, which is returned.

    Raises:
        EvidenceError: an object of the register is no event of it.
        StoreUnavailableError: the vault's store did not answer.
    """
    prepared = prepare_holds(agency_id, room=room, progress=progress)
    shares = plan_holds(agency_id, prepared, room=room)
    results = [reconcile_share(share, room=room, progress=progress) for share in shares]
    return enter_reconciliation(agency_id, prepared, results, room=room)


def _volumes_of_copy(room: HoldRoom) -> list[VolumeAddress]:
    return [] if room.copy is None else volumes_of(room.copy)
