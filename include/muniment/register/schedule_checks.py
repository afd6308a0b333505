"""Checks of ``retention.yaml`` across its fields: the schedule.

Nothing here knows how long anything must be kept: a period is stated by the agency, on the
authority that it names, or it is a fault.
"""

from __future__ import annotations

import re
from datetime import date

from muniment.errors import RetentionError
from muniment.records.period import EXPECTED_PERIOD, parse_period
from muniment.records.schedule import RetentionSchedule
from muniment.records.series import SCHEDULED
from muniment.register.documents import Document
from muniment.register.entries import Entry, note_repeated, note_repeated_items, whole

CONFIDENTIALITY = ("PUB", "PUB-R", "RES", "CON")

_PII_CLASS = re.compile(r"([0-3])(?:-([0-3]))?")


def check_schedule(document: Document, today: date | None) -> None:
    """Note what the schedule says that does not hold together."""
    schedule = whole(document)
    rows = list(schedule.groups("rows"))
    if schedule.fields.get("rows") == []:
        schedule.fault("rows", "at least one row", "none")
    note_repeated(rows, "id")
    note_repeated(rows, "series")
    for row in rows:
        _check_row(row, today)


def scheduled_series(document: Document) -> frozenset[str] | None:
    """Return the series that the schedule has a row for; None when it cannot be told."""
    if not document.whole:
        return None
    return frozenset(filter(None, (row.text("series") for row in whole(document).groups("rows"))))


def retain_only_reason(schedule: RetentionSchedule) -> str | None:
    """Say why nothing may be disposed of under *schedule*; None when its adoption is evidenced."""
    if schedule.adoption is not None:
        return None
    return (
        f"Schedule {schedule.version} ({schedule.jurisdiction}) names no act that adopted it: adoption not evidenced. "
        "Records are captured, sealed and locked under it; nothing is disposed of."
    )


def _check_row(row: Entry, today: date | None) -> None:
    series = row.text("series")
    if series is not None and series not in SCHEDULED:
        row.fault("series", f"one of {', '.join(SCHEDULED)}", repr(series[:60]))
    _check_period(row)
    for name in ("authority", "approvals"):
        if row.fields.get(name) == []:
            row.fault(name, "at least one", "none")
        note_repeated_items(row, name)
    _check_classes(row)
    effective = row.day("effective_from")
    if today is not None and effective is not None and effective > today:
        row.fault("effective_from", f"a date not after today, {today}", str(effective))


def _check_period(row: Entry) -> None:
    period = row.text("period")
    if period is None:
        return
    try:
        parse_period(period)
    except RetentionError:
        row.fault("period", f"{EXPECTED_PERIOD}, longer than nothing", repr(period[:60]))


def _check_classes(row: Entry) -> None:
    pii = row.text("pii_class")
    if pii is not None:
        match = _PII_CLASS.fullmatch(pii)
        if match is None or (match.group(2) is not None and match.group(1) >= match.group(2)):
            row.fault("pii_class", 'a class from "0" to "3", or a range such as "0-1"', repr(pii[:60]))
    confidentiality = row.text("confidentiality")
    if confidentiality is not None and confidentiality not in CONFIDENTIALITY:
        row.fault("confidentiality", f"one of {', '.join(CONFIDENTIALITY)}", repr(confidentiality[:60]))
