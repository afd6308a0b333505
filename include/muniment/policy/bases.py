"""The basis register: on what ground each captured field of a platform is kept, and what the platform's terms say.

claremont-social F.1 has the terms of third-party sites reviewed; claremont-privacy Purpose has
nothing collected that is not needed. A field that the register does not name is not captured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from muniment.records.agency import Agency, Platform
from muniment.records.canonical import JsonValue
from muniment.records.names import SeriesId
from muniment.records.policy import Basis, TermsRule
from muniment.records.row_columns import columns_of
from muniment.records.rows import ItemRow, SubscriberRow
from muniment.records.series import POLICIES

# Where a row was read, and what is concluded of a removal, are words of ours: no platform showed them.
_SHOWN = frozenset((*ItemRow._fields, *SubscriberRow._fields)) - {"page"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """The fields of one platform and series that may not be kept, for want of a basis or of counsel's note."""

    platform: Platform
    series: SeriesId
    fields: tuple[str, ...]
    needs_note: bool = False

    def __str__(self) -> str:
        what = "counsel's note, which the terms need" if self.needs_note else "a basis"
        return f"{self.platform} {self.series}: expected {what}, found none for {', '.join(self.fields)}"


def needed_fields(series: SeriesId) -> tuple[str, ...]:
    """Return the columns of *series* that need a ground on which they are kept."""
    return tuple(name for name in columns_of(series) if name in _SHOWN)


def find_lacking(bases: Iterable[Basis], platform: Platform, series: SeriesId) -> tuple[Lacking, ...]:
    """Return what *bases* lack for *series* of *platform*; nothing when every field may be kept.

    Where a field stands in several bases, one that is whole is enough.
    """
    mine = [basis for basis in bases if (basis.platform, basis.series) == (platform, series)]
    grounded = {name for basis in mine for name in basis.fields}
    sound = {name for basis in mine if not _lacks_note(basis) for name in basis.fields}
    needed = needed_fields(series)
    found = (
        Lacking(platform=platform, series=series, fields=tuple(name for name in needed if name not in grounded)),
        Lacking(
            platform=platform,
            series=series,
            fields=tuple(name for name in needed if name in grounded and name not in sound),
            needs_note=True,
        ),
    )
    return tuple(lacking for lacking in found if lacking.fields)


def draft_bases(pairs: Iterable[tuple[Platform, SeriesId]], basis: str) -> list[dict[str, JsonValue]]:
    """Return entries of ``policy.yaml`` that keep every field of *pairs* on one *basis*, for invented people."""
    return [
        {
            "platform": platform.value,
            "series": series,
            "fields": list(needed_fields(series)),
            "basis": basis,
            "terms": TermsRule.KEEP.value,
        }
        for platform, series in pairs
    ]


def captured_pairs(agency: Agency) -> tuple[tuple[Platform, SeriesId], ...]:
    """Return every platform and series that *agency*'s register, and its watched pages, have captured; each once."""
    pairs = [(account.platform, series) for account in agency.accounts for series in account.series]
    pages = agency.policy.pages if agency.policy is not None else ()
    return tuple(dict.fromkeys([*pairs, *((Platform.WEB_PAGE, POLICIES) for _ in pages)]))


def _lacks_note(basis: Basis) -> bool:
    return basis.terms is TermsRule.NEEDS_NOTE and not (basis.note or "").strip()
