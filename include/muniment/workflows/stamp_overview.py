"""What the time stamps of an agency's log prove today: every one verified, none taken on an index's word."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from muniment.errors import TimestampError
from muniment.evidence.layout import TIMESTAMPS, TimestampAddress
from muniment.evidence.timestamp import Trust
from muniment.evidence.timestamp_audit import StampReport, audit_stamps
from muniment.records.names import format_instant
from muniment.settings import Settings
from muniment.workflows.stamp_checkpoints import describe, find_newest
from muniment.workflows.stamp_doors import trust_of
from muniment.workflows.wiring import Workplace, now, open_workplace

Json = dict[str, Any]


def show_time(agency_id: str, settings: Settings | None = None) -> Json:
    """Verify every time stamp of the agency's log, and say for each authority what its stamps come to.

    Raises:
        CustodyError: the store did not answer.
    """
    place = open_workplace(agency_id, settings)
    report = audit_stamps(place.vault.list_keys(TIMESTAMPS), place.vault.read, _trusts(place), now())
    newest = find_newest(place.vault)
    required = [authority.name for authority in place.agency.time_authorities if authority.required]
    missing = [] if newest is None else list(report.unstamped(newest, required))
    named = {authority.name for authority in place.agency.time_authorities}
    names = sorted(named | {address.authority for address in report.stamps})
    return {
        "checkpoint": newest,
        "authorities": [_summarize(name, report) for name in names],
        "findings": [[item.code, item.subject, item.detail] for item in (*report.findings, *missing)],
    }


def _trusts(place: Workplace) -> dict[str, Trust]:
    trusts: dict[str, Trust] = {}
    for authority in place.agency.time_authorities:
        # The local one has no root before it first ran; and then no stamps either.
        with suppress(TimestampError):
            trusts[authority.name] = trust_of(place.settings, place.agency, authority)
    return trusts


def _summarize(name: str, report: StampReport) -> Json:
    own: list[TimestampAddress] = sorted(address for address in report.stamps if address.authority == name)
    first = [address for address in own if address.number == 0]
    ends = [report.ends[address] for address in first]
    newest = describe(name, report.stamps[first[-1]]) if first else None
    return {
        "name": name,
        "stamps": len(first),
        "renewals": len(own) - len(first),
        "not_compared_with_a_known_root": sum(address in report.unanchored for address in own),
        "newest": {"checkpoint": first[-1].seq, **newest} if newest else None,
        "all_hold_until": format_instant(min(ends)) if ends else None,
    }
