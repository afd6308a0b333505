"""Custodians acknowledge a hold; who has not by the day of the notice is counted, never named, as a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from muniment.errors import HoldError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.retention.hold_rules import check_text, find_matter, find_open
from muniment.retention.holds import ACKNOWLEDGED, Matter
from muniment.workflows.holds.room import HoldRoom, open_room

Json = dict[str, Any]


def find_overdue(matters: Iterable[Matter], today: date) -> Iterator[Finding]:
    """Yield a finding for each open matter whose day of acknowledgement is before *today* with names missing."""
    for matter in matters:
        due, missing = matter.notice.acknowledge_by, len(matter.unacknowledged)
        if matter.is_open and due is not None and due < today and missing:
            detail = f"expected {len(matter.custodians)} acknowledgements by {due}, found {missing} missing"
            yield Finding("R015", matter.id, detail)


def acknowledge(agency_id: str, matter_id: str, *, custodian: str, by: str, room: HoldRoom | None = None) -> Json:
    """Enter that *custodian* has acknowledged a matter.

    Raises:
        HoldError: there is no such open matter, it does not name the custodian, or that was entered before.
        CustodyError: the vault did not answer, or did not keep the event.
    """
    room = room or open_room(agency_id)
    matter = find_open(room.register.matters(), matter_id)
    check_text(matter_id, "name of who enters it", by)
    if custodian not in matter.custodians:
        known = ", ".join(matter.custodians) or "nobody"
        raise HoldError(f"matter {matter_id}: custodian: expected one of {known}; found {custodian!r}")
    if custodian in matter.acknowledged:
        when = matter.acknowledged[custodian]
        raise HoldError(f"matter {matter_id}: expected no acknowledgement yet, found the one of {when}")
    # A name is no part of a key.
    suffix = f"acknowledged-{sha256_hex(custodian.encode())[:12]}"
    room.enter_once(ACKNOWLEDGED, matter_id, suffix, by=by, facts={"custodian": custodian})
    after = find_matter(room.register.matters(), matter_id)
    return {"matter": matter_id, "acknowledged": len(after.acknowledged), "missing": len(after.unacknowledged)}
