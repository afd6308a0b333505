"""Place, amend and release matters: the event is sealed first, then the bits are settled.

A crash between the two leaves a matter that stands and bits that lag; the nightly
reconciliation brings them up.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from muniment.errors import HoldError
from muniment.evidence.findings import Finding
from muniment.evidence.layout import VolumeAddress
from muniment.records.canonical import JsonValue
from muniment.records.series import SCHEDULED
from muniment.retention.hold_rules import (
    MatterOrder,
    check_custodians,
    check_order,
    check_scope,
    check_text,
    find_matter,
    find_open,
    narrows,
)
from muniment.retention.holds import (
    AMENDED,
    HELD,
    LET_GO,
    PLACED,
    RELEASED,
    Matter,
    Notice,
    Scope,
    covers,
    matters_over,
)
from muniment.workflows.findings_register import open_findings
from muniment.workflows.history import list_pairs
from muniment.workflows.holds.bits import Progress
from muniment.workflows.holds.room import HoldRoom, open_room
from muniment.workflows.holds.search import scope_matter
from muniment.workflows.holds.settle import Settled, settle_volumes

Json = dict[str, Any]

CHECK = "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letting:
    """Who lets records go, on whose word and why."""

    by: str
    attorney: str
    reason: str


def silent(_more: int) -> None:
    """Tell nobody how far the work is."""


def place_matter(
    agency_id: str, order: MatterOrder, *, by: str, room: HoldRoom | None = None, progress: Progress = silent
) -> Json:
    """Place a matter, find what it is about, and hold every volume that it covers, in both copies.

    What the store did not hold is entered as a finding; the matter stands all the same.

    Raises:
        HoldError: the matter cannot be placed as asked.
        CustodyError: the vault did not answer, or did not keep the event.
    """
    room = room or open_room(agency_id)
    check_text(order.id, "name of who places it", by)
    taken = [matter.id for matter in room.register.matters()]
    check_order(order, taken=taken, accounts=_accounts(room), series=SCHEDULED)
    facts: dict[str, JsonValue] = {
        "kind": order.kind.value,
        "title": order.title,
        "notice": _notice(order.notice),
        "custodians": list[JsonValue](order.custodians),
        "scope": order.scope.to_json(),
    }
    room.enter_once(PLACED, order.id, "placed", by=by, facts=facts)
    return _bring_up(room, order.id, by=by, progress=progress)


def amend_matter(
    agency_id: str,
    matter_id: str,
    *,
    scope: Scope,
    by: str,
    custodians: tuple[str, ...] | None = None,
    everything: bool = False,
    letting: Letting | None = None,
    room: HoldRoom | None = None,
    progress: Progress = silent,
) -> Json:
    """Give an open matter another scope, and settle what either covers.

    A scope that may give something up is a release of part: it needs *letting*. `custodians` None
    leaves them as they are.

    Raises:
        HoldError: the matter cannot be amended as asked.
        CustodyError: the vault did not answer, or did not keep the event.
    """
    room = room or open_room(agency_id)
    matter = find_open(room.register.matters(), matter_id)
    check_text(matter_id, "name of who amends it", by)
    check_scope(matter_id, scope, accounts=_accounts(room), series=SCHEDULED, everything=everything)
    check_custodians(matter_id, named := matter.custodians if custodians is None else custodians)
    narrowing = narrows(matter.scope, scope)
    if narrowing:
        _check_letting(matter_id, letting)
    facts: dict[str, JsonValue] = {
        "scope": scope.to_json(),
        "custodians": list[JsonValue](named),
        "narrowing": narrowing,
        "attorney": letting.attorney if letting else None,
        "reason": letting.reason if letting else None,
    }
    before = _covered(room, [matter])
    room.enter_once(AMENDED, matter_id, f"amended-{matter.amendments + 1:04}", by=by, facts=facts)
    return _bring_up(room, matter_id, by=by, progress=progress, before=before)


def release_matter(
    agency_id: str, matter_id: str, *, letting: Letting, room: HoldRoom | None = None, progress: Progress = silent
) -> Json:
    """Release a matter, and let go of what no other open matter covers, in both copies.

    Raises:
        HoldError: there is no such open matter, or nobody says who, on whose word, and why.
        CustodyError: the vault did not answer, or did not keep the event.
    """
    room = room or open_room(agency_id)
    matters = room.register.matters()
    matter = find_open(matters, matter_id)
    _check_letting(matter_id, letting)
    volumes = _covered(room, [matter])
    others = [other for other in matters if other.id != matter_id]
    remaining = sorted({other.id for volume in volumes for other in matters_over(others, volume, zone=room.zone)})
    facts: dict[str, JsonValue] = {
        "attorney": letting.attorney,
        "reason": letting.reason,
        "scope": matter.scope.to_json(),
        "volumes": len(volumes),
        "remaining": list[JsonValue](remaining),
    }
    room.enter_once(RELEASED, matter_id, "released", by=letting.by, facts=facts)
    settled = settle_volumes(room, volumes, announced=False, progress=progress)
    result = _close(room, matter_id, settled, settled.findings)
    room.enter(LET_GO, matter_id, "let-go", by=letting.by, facts={**_counts(settled), "remaining": facts["remaining"]})
    return {**result, "remaining": remaining}


def _bring_up(
    room: HoldRoom, matter_id: str, *, by: str, progress: Progress, before: Collection[VolumeAddress] = ()
) -> Json:
    matter = find_matter(room.register.matters(), matter_id)
    unsearched = scope_matter(room, matter, by=by, progress=progress)
    matter = find_matter(room.register.matters(), matter_id)
    covered = _covered(room, [matter])
    settled = settle_volumes(room, covered, announced=True, progress=progress)
    given_up = settle_volumes(room, sorted(set(before) - set(covered)), announced=False, progress=progress)
    result = _close(room, matter_id, settled, [*unsearched, *settled.findings, *given_up.findings])
    facts = {"of": matter.coverage.event, "query_sha256": matter.scope.query_sha256(), **_counts(settled)}
    room.enter(HELD, matter_id, f"held-{matter.amendments:04}", by=by, facts=facts)
    return {**result, "volumes_given_up": len(set(before) - set(covered))}


def _close(room: HoldRoom, matter_id: str, settled: Settled, findings: list[Finding]) -> Json:
    opened = open_findings(room.place, findings, check=CHECK)
    codes = sorted({finding.code for finding in findings})
    return {"matter": matter_id, **_counts(settled), "findings": codes, "opened": opened}


def _counts(settled: Settled) -> dict[str, JsonValue]:
    copies = settled.copies
    return {
        "volumes": settled.volumes,
        "objects_held": settled.vault.held,
        "copies_held": None if copies is None else copies.held,
        "let_go": settled.vault.let_go + (0 if copies is None else copies.let_go),
    }


def _covered(room: HoldRoom, matters: Collection[Matter]) -> list[VolumeAddress]:
    return [
        volume
        for volume in room.volumes()
        if any(covers(matter.coverage, volume, zone=room.zone) for matter in matters)
    ]


def _accounts(room: HoldRoom) -> set[str]:
    """Return the accounts that may be named: those of the register, and those that the vault still has records of."""
    return {account.id for account in room.place.agency.accounts} | {pair[0] for pair in list_pairs(room.place.vault)}


def _check_letting(matter_id: str, letting: Letting | None) -> None:
    if letting is None:
        raise HoldError(
            f"matter {matter_id}: expected an attorney and a reason, as the new scope may give up records; found none"
        )
    check_text(matter_id, "name of who releases it", letting.by)
    check_text(matter_id, "attorney", letting.attorney)
    check_text(matter_id, "reason", letting.reason)


def _notice(notice: Notice) -> dict[str, JsonValue]:
    return {
        "attorney": notice.attorney,
        "contact": notice.contact,
        "authority": notice.authority,
        "number": notice.number,
        "acknowledge_by": notice.acknowledge_by.isoformat() if notice.acknowledge_by else None,
        "confidentiality": notice.confidentiality,
    }
