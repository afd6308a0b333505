"""The date sum of a manifest, made again: volume, zone and period give the cutoff and the end of the lock.

A second implementation on purpose, apart from the one that computes locks: it does not look
for the first instant of a day, it tests whether an instant is one. Volumes of an exercise
are minutes of UTC, and their periods may count in seconds.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from muniment.errors import MunimentError, RetentionError
from muniment.evidence.checks.locks import MODE
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.records.names import VolumeId, parse_instant
from muniment.records.period import parse_period
from muniment.records.schedule import PERMANENT

_MINUTE = "%Y-%m-%dT%H%MZ"
_PERMANENT_LOCK = "P10Y"
_STEP, _STEPS = timedelta(minutes=15), 12  # no clock has been put back by more than three hours


def check_retention_sum(manifest: Manifest, zone: ZoneInfo) -> Iterator[Finding]:
    """Find where the lock of *manifest* is not what its own volume, *zone*, period and floor give."""
    check = _check_minute if manifest.volume.endswith("Z") else _check_days
    key = manifest.address.key(MANIFEST)
    try:
        wrong = list(check(manifest, zone))
    except (MunimentError, ValueError, OverflowError) as error:
        wrong = [f"expected a sum that can be made, found {error}"]
    if manifest.retention.lock_mode != MODE:
        wrong.append(f"expected lock mode {MODE}, found {manifest.retention.lock_mode!r}")
    for detail in wrong:
        yield Finding("V010", key, detail)


def _check_days(manifest: Manifest, zone: ZoneInfo) -> Iterator[str]:
    kept = manifest.retention
    cutoff = cutoff_day(manifest.volume)
    end = max(add_period(cutoff, period) for period in _periods(manifest))
    taken = taken_at_of(manifest.snapshot).astimezone(zone)
    if not taken.strftime("%Y-%m").startswith(manifest.volume):
        yield f"expected a snapshot of {manifest.volume}, found one of {taken.date()} there"
    for what, instant, day in (("cutoff", kept.cutoff_at, cutoff), ("lock until", kept.locked_until, end)):
        if not begins_day(parse_instant(instant), day, zone):
            yield f"{what}: expected the first instant of {day} in {manifest.zone}, found {instant}"


def _check_minute(manifest: Manifest, zone: ZoneInfo) -> Iterator[str]:
    kept = manifest.retention
    cutoff = datetime.strptime(manifest.volume, _MINUTE).replace(tzinfo=UTC) + timedelta(minutes=1)
    end = max(_end(cutoff, period) for period in _periods(manifest))
    taken = taken_at_of(manifest.snapshot)
    if not cutoff - timedelta(minutes=1) <= taken < cutoff:
        yield f"expected a snapshot of {manifest.volume}, found one of {taken.astimezone(zone).isoformat()}"
    for what, instant, moment in (("cutoff", kept.cutoff_at, cutoff), ("lock until", kept.locked_until, end)):
        if parse_instant(instant) != moment:
            yield f"{what}: expected {moment.isoformat()}, found {instant}"


def _periods(manifest: Manifest) -> list[str]:
    """Return the periods of which the longest binds; what is kept for ever is locked for ten years at a time."""
    kept = manifest.retention
    return [_PERMANENT_LOCK if kept.period == PERMANENT else kept.period, *([kept.floor] if kept.floor else [])]


def _end(cutoff: datetime, period: str) -> datetime:
    span = parse_period(period, drill=True)
    if span.seconds:
        return cutoff + timedelta(seconds=span.seconds)
    return datetime.combine(add_period(cutoff.date(), period), cutoff.timetz())


def cutoff_day(volume: VolumeId) -> date:
    """Return the first day after *volume*, a calendar year or month."""
    year, month = int(volume[:4]), int(volume[5:] or 12)
    return date(year + month // 12, month % 12 + 1, 1)


def add_period(start: date, period: str) -> date:
    """Return the first day on which *period* (ISO 8601) has wholly passed since *start*.

    Raises:
        RetentionError: *period* is none.
    """
    span = parse_period(period)
    year, month = divmod(start.year * 12 + start.month - 1 + span.years * 12 + span.months, 12)
    overhang = start.day - monthrange(year, month + 1)[1]  # a day that its month lacks is the first of the next
    reached = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
    return reached + timedelta(days=(overhang > 0) + span.weeks * 7 + span.days)


def begins_day(instant: datetime, day: date, zone: ZoneInfo) -> bool:
    """Tell whether *zone* reads *day* or later from *instant* on, and an earlier day just before it."""
    before = (instant - timedelta(microseconds=1)).astimezone(zone).date()
    after = (instant + _STEP * step for step in range(_STEPS + 1))
    return before < day and all(moment.astimezone(zone).date() >= day for moment in after)


def zone_of(name: str) -> ZoneInfo | None:
    """Return the zone called *name*, or None where this machine has no table of it.

    Raises:
        RetentionError: *name* cannot be the name of a zone.
    """
    try:
        return ZoneInfo(name)
    except (OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return None
    except ValueError:
        raise RetentionError(f"zone: expected the name of a time zone, found {name!r}") from None
