"""Make the compliance report of a month, and seal it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from muniment.workflows.compliance.compose import compose
from muniment.workflows.compliance.gather import gather
from muniment.workflows.compliance.month import month_before, read_month
from muniment.workflows.compliance.report import ComplianceReport
from muniment.workflows.compliance.sealed import read_document_at, report_key, seal_report
from muniment.workflows.wiring import Workplace, open_workplace


def make_report(place: Workplace, month: str | None = None) -> ComplianceReport:
    """Return the report of *month*, as 2026-11; of the last one that is over where it is None. Nothing is sealed.

    Raises:
        ConfigurationError: *month* is none.
        MunimentError: a part of it could not be read: no report is made without it.
    """
    zone = place.agency.zone
    found = month_before(place.clock(), zone) if month is None else read_month(month, zone)
    return compose(gather(place, found))


def report_compliance(agency_id: str, *, month: str | None = None, at: datetime | None = None) -> dict[str, Any]:
    """Make and seal the agency's report; return its key, its month, and whether everything was sound.

    *at* (aware) is the instant of the run that makes it: a run that is repeated finds what it sealed.

    Raises:
        MunimentError: as for `make_report`, or the vault did not keep it.
    """
    return report_place(open_workplace(agency_id), month=month, at=at)


def report_place(place: Workplace, *, month: str | None = None, at: datetime | None = None) -> dict[str, Any]:
    """Make and seal as `report_compliance` does, of an agency that is open."""
    zone, moment = place.agency.zone, at or place.clock()
    about = month_before(moment, zone) if month is None else read_month(month, zone)
    key = report_key(about.name, moment)
    if place.vault.find(key) is None:
        seal_report(place.vault, place.agency, make_report(place, about.name), key)
    found = read_document_at(place.vault, key)
    return {"agency": place.agency.id, "month": found.month, "key": key, "sound": found.is_sound}
