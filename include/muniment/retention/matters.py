"""A matter as a value: its notice, its scope, and which volumes that covers. `holds` folds them from the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from muniment.errors import RetentionError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import AccountId, SeriesId, VolumeId
from muniment.retention.periods import find_first_instant, zone_named
from muniment.retention.volume_spans import span_of


class MatterKind(StrEnum):
    """Why records are held. An open request is a hold by policy; a CEQA flag keeps what Golden Door is about."""

    LITIGATION = "litigation"
    CLAIM = "claim"
    AUDIT = "audit"
    CEQA = "ceqa"  # Golden Door Properties, LLC v. Superior Court (2020) 53 Cal.App.5th 733
    RECORDS_REQUEST = "records-request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a matter covers. Empty accounts or series mean all of them.

    The dates are of capture, in the agency's zone, both days included: a volume captured after
    `captured_until` still shows what was published earlier, so that bound is there only when it
    was given. `persons` are handles or author ids; a row counts when it is of one of them, or
    has every word of `search`. Without `future`, only volumes that had begun are covered.
    """

    accounts: tuple[AccountId, ...] = ()
    series: tuple[SeriesId, ...] = ()
    captured_from: date | None = None
    captured_until: date | None = None
    persons: tuple[str, ...] = ()
    search: str | None = None
    future: bool = True

    @property
    def is_narrowed(self) -> bool:
        """Tell whether only what persons or words are found in is covered."""
        return bool(self.persons) or self.search is not None

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing bounds it."""
        bounds = (self.accounts, self.series, self.captured_from, self.captured_until)
        return not any(bounds) and not self.is_narrowed

    def to_json(self) -> dict[str, JsonValue]:
        """Return the scope as a register's facts state it."""
        return {
            "accounts": list(self.accounts),
            "series": list(self.series),
            "captured_from": self.captured_from.isoformat() if self.captured_from else None,
            "captured_until": self.captured_until.isoformat() if self.captured_until else None,
            "persons": list(self.persons),
            "search": self.search,
            "future": self.future,
        }

    def query_sha256(self) -> str:
        """Return the SHA-256 (lower hex) of the scope as canonical JSON: what was asked for, without saying it."""
        return sha256_hex(canonical_json(self.to_json()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a hold notice says beside the scope. `number` is a court's or a claim's; the date is a deadline."""

    attorney: str
    contact: str
    authority: str  # or what triggered it: a claim, a demand, a subpoena
    number: str | None = None
    acknowledge_by: date | None = None
    confidentiality: str | None = None  # its marking


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A scope as it stood from `as_of` (aware) on. `found` is None until a narrowed scope was searched."""

    event: str  # the id of the event that set it
    as_of: datetime
    scope: Scope
    found: frozenset[str] | None = None
    early: frozenset[str] = frozenset()  # found as it was sealed, before the first search was done
    searched_until: datetime | None = None

    @property
    def is_unsearched(self) -> bool:
        """Tell whether its search is still to do."""
        return self.scope.is_narrowed and self.found is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Who let a matter go, when and why."""

    at: str
    by: str
    attorney: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One matter as it stands. `acknowledged` maps a custodian to the instant; `past` has what it covered before."""

    id: str
    kind: MatterKind
    title: str
    notice: Notice
    custodians: tuple[str, ...]
    placed_at: str
    placed_by: str
    coverage: Coverage
    past: tuple[Coverage, ...] = ()
    amendments: int = 0
    acknowledged: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    release: Release | None = None

    @property
    def scope(self) -> Scope:
        """Return what it covers now, or covered last."""
        return self.coverage.scope

    @property
    def found(self) -> frozenset[str] | None:
        """Return the prefixes of the volumes that persons or words were found in; None where it is not narrowed."""
        return self.coverage.found

    @property
    def released_at(self) -> str | None:
        """Return when it was released, or None while it is open."""
        return self.release.at if self.release else None

    @property
    def is_open(self) -> bool:
        """Tell whether it still holds."""
        return self.release is None

    @property
    def unacknowledged(self) -> tuple[str, ...]:
        """Return the custodians who have not acknowledged it."""
        return tuple(name for name in self.custodians if name not in self.acknowledged)


def covers(coverage: Coverage, address: VolumeAddress, *, zone: str) -> bool:
    """Tell whether *coverage* holds the volume at *address*.

    Raises:
        RetentionError: as for `matters_over`.
    """
    if not may_cover(coverage, address, zone=zone):
        return False
    return coverage.found is None or address.prefix in coverage.found


def is_settled(coverage: Coverage, address: VolumeAddress) -> bool:
    """Tell whether it is known of the volume that it is covered: a search that is still to do may find nothing in it.

    Until then it is not destroyed, but its bits are left as they are.
    """
    return not coverage.is_unsearched or address.prefix in coverage.early


def may_cover(coverage: Coverage, address: VolumeAddress, *, zone: str) -> bool:
    """Tell whether the volume lies within accounts, series and dates, whatever its rows say.

    Raises:
        RetentionError: as for `matters_over`.
    """
    scope = coverage.scope
    if (scope.accounts and address.account not in scope.accounts) or (
        scope.series and address.series not in scope.series
    ):
        return False
    return _is_within(coverage, address.volume, zone)


def _is_within(coverage: Coverage, volume: VolumeId, zone: str) -> bool:
    scope, local = coverage.scope, zone_named(zone)
    try:
        begins, ends = span_of(volume, zone)
    except RetentionError:
        return True  # a folder named after no date of the calendar: better held than destroyed
    if scope.captured_from is not None and ends <= find_first_instant(scope.captured_from, local):
        return False
    if scope.captured_until is not None:
        after = scope.captured_until + timedelta(days=1)
        if begins >= find_first_instant(after, local):
            return False
    return scope.future or begins <= coverage.as_of


def parse_scope(value: Mapping[str, JsonValue]) -> Scope:
    """Read a scope as `Scope.to_json` states it.

    Raises:
        KeyError, TypeError, ValueError: it lacks a field or misspells one.
    """
    return Scope(
        accounts=tuple(AccountId(name) for name in texts_in(value["accounts"])),
        series=tuple(SeriesId(name) for name in texts_in(value["series"])),
        captured_from=day_in(value["captured_from"]),
        captured_until=day_in(value["captured_until"]),
        persons=texts_in(value["persons"]),
        search=text_in(value["search"]),
        future=bool(value["future"]),
    )


def texts_in(value: JsonValue) -> tuple[str, ...]:
    """Read a list of texts, or raise TypeError."""
    if not isinstance(value, list):
        raise TypeError("a list")
    return tuple(str(item) for item in value)


def text_in(value: JsonValue) -> str | None:
    """Read a text or null."""
    return None if value is None else str(value)


def day_in(value: JsonValue) -> date | None:
    """Read a day (YYYY-MM-DD) or null, or raise ValueError."""
    return None if value is None else date.fromisoformat(str(value))
