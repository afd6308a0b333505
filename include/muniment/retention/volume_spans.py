"""From when to when a volume collects."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from muniment.records.names import VolumeId
from muniment.records.schedule import Cutoff
from muniment.retention.cutoffs import cutoff_of, form_of
from muniment.retention.periods import find_first_instant, zone_named


def span_of(volume: VolumeId, zone: str) -> tuple[datetime, datetime]:
    """Return the first instant of *volume* and the first one after it (aware UTC), in the calendar of *zone*.

    Raises:
        RetentionError: *volume* is of no form, or *zone* is none.
    """
    ends = cutoff_of(volume, zone).at
    if form_of(volume) is Cutoff.UTC_MINUTE:
        return ends - timedelta(minutes=1), ends
    first = date(int(volume[:4]), int(volume[5:] or 1), 1)
    return find_first_instant(first, zone_named(zone)), ends
