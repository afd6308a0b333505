"""Identifiers, and the one spelling of an instant.

Identifiers become parts of object keys, so each is checked where it enters: lower-case
letters, digits and single hyphens, no dots, slashes or equal signs.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NewType

from muniment.errors import ConfigurationError, EvidenceError

AgencyId = NewType("AgencyId", str)
AccountId = NewType("AccountId", str)
SeriesId = NewType("SeriesId", str)
VolumeId = NewType("VolumeId", str)
SnapshotId = NewType("SnapshotId", str)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUG_MAX = 63  # fits a bucket name's limit: AWS S3 User Guide, "Bucket naming rules"


def is_slug(text: str) -> bool:
    """Tell whether *text* may be an identifier in an object key."""
    return len(text) <= _SLUG_MAX and _SLUG.fullmatch(text) is not None


def check_slug(text: str, what: str) -> str:
    """Return *text* when it is an identifier.

    Raises:
        ConfigurationError: it is not.
    """
    if not is_slug(text):
        raise ConfigurationError(f"{what}: expected lower-case letters, digits and single hyphens, found {text!r}")
    return text


def format_instant(moment: datetime) -> str:
    """Spell *moment* in UTC with microseconds: ``2026-11-21T21:24:40.000000Z``.

    Raises:
        EvidenceError: *moment* carries no zone.
    """
    if moment.tzinfo is None:
        raise EvidenceError(f"instant: expected an aware time, found {moment.isoformat()} without a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_instant(text: str) -> datetime:
    """Read an instant spelled by `format_instant`.

    Raises:
        EvidenceError: *text* is not of that spelling.
    """
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise EvidenceError(f"instant: expected YYYY-MM-DDTHH:MM:SS.ffffffZ, found {text!r}") from None
    if format_instant(moment) != text:
        raise EvidenceError(f"instant: expected six digits of a second, found {text!r}")
    return moment
