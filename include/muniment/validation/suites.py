"""The rules of each series: which number must be nought, by which finding, and whether it stops the seal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from muniment.evidence.finding_types import CATALOGUE, FindingType
from muniment.records.names import SeriesId
from muniment.records.series import OFFICIAL_POSTS, POLICIES, PUBLIC_COMMENTS, SERIES, RowKind, row_kind

VERSION = 1  # of every suite; counted up when a rule is added, removed or means something else

# A city's account rarely doubles or halves between two captures; a lost token or an emptied list does that.
DRIFT_SHARE = 0.5
# Below this, a share says nothing: three posts where there was one.
DRIFT_ITEMS = 20

MOVED_FAR = "moved_far"
EMPTIED, EMPTIED_MANY = "emptied", "emptied_many"


@dataclass(frozen=True, slots=True)
class Rule:
    """One number that must be nought. `detail` is said of it when it is not, with the metrics filled in."""

    code: str
    metric: str
    detail: str
    advisory: bool = False  # does not stop the seal in this series, whatever the catalogue says

    @property
    def type(self) -> FindingType:
        """Return the sentence and the ground of the rule."""
        return CATALOGUE[self.code]

    @property
    def stops_seal(self) -> bool:
        """Tell whether breaking the rule quarantines a snapshot of this series."""
        return self.type.stops_seal and not self.advisory


_PAGES = (
    Rule("G001", "unreadable_pages", "{unreadable_pages} pages or parts of pages unreadable"),
    Rule("G002", "repeated_pages", "{repeated_pages} pages came again"),
    Rule("G003", "unknown_fields", "{unknown_fields} fields not known"),
    Rule("G004", "gaps", "{gaps} gaps"),
    Rule("G006", "irregular_pages", "{irregular_pages} pages break the rules of their format"),
    Rule("G007", "unlisted", "{unlisted} listings not captured to their end"),
)
_ITEMS = (
    *_PAGES,
    Rule("P001", "missing_ids", "{missing_ids} items without an id"),
    Rule("P002", "duplicates_dropped", "{duplicates_dropped} copies dropped"),
    Rule("P003", "missing_times", "{missing_times} items without a time"),
    Rule("P005", "items_before_account", "{items_before_account} items dated before the account was opened"),
    Rule("P006", "missing_authors", "{missing_authors} items without an author"),
    Rule("P008", "declared_missing", "{declared_missing} fewer captured than the platform states"),
    Rule("P009", MOVED_FAR, "{total} items, {previous_total} in the snapshot before"),
    Rule("P011", "contradicting_duplicates", "{contradicting_duplicates} ids with copies that differ"),
)
_FUTURE = ("P004", "future_items", "{future_items} items dated after the capture")
_ALL_GONE = "nothing listed, {previous_total} rows in the snapshot before"
_OFFICIAL = (
    *_ITEMS,
    Rule("P012", EMPTIED, _ALL_GONE),
    Rule(*_FUTURE),
    Rule("P010", "foreign_authors", "{foreign_authors} items by somebody else"),
    Rule("G005", "unverified_repositories", "{unverified_repositories} repositories that do not verify"),
)
_COMMENTS = (
    *_ITEMS,
    # A few comments may well go all at once: their writers take them back.
    Rule("P012", EMPTIED_MANY, _ALL_GONE),
    # A commenter's software states the date: nobody may quarantine a city's comments by misdating one.
    Rule(*_FUTURE, advisory=True),
    Rule("P007", "missing_parents", "{missing_parents} replies without the item they answer"),
)
_SUBSCRIBERS = (
    *_PAGES,
    Rule("S001", "missing_ids", "{missing_ids} subscribers without an id"),
    Rule("S002", "duplicates_dropped", "{duplicates_dropped} copies dropped"),
    Rule("S003", "malformed_rows", "{malformed_rows} rows set aside"),
    Rule("S004", "declared_difference", "{declared_difference} more or fewer than the platform states"),
    Rule("S005", MOVED_FAR, "{total} subscribers, {previous_total} in the snapshot before"),
    Rule("S006", "malformed_addresses", "{malformed_addresses} addresses not of that form"),
    Rule("S008", EMPTIED, _ALL_GONE),
    Rule("S007", "contradicting_duplicates", "{contradicting_duplicates} ids with copies that differ"),
)


# A run of probes lists nothing: it asks for what vanished, and its rows are what came of that.
_REMOVALS = (
    *(rule for rule in _PAGES if rule.code in {"G001", "G004"}),
    *(rule for rule in _ITEMS if rule.code in {"P001", "P002", "P011"}),
    Rule("P003", "missing_times", "{missing_times} removed items without a time or the reason for it"),
    Rule("P006", "missing_authors", "{missing_authors} removed items without an author or the reason for it"),
)
# A page of the web has clauses in place of posts: they have no author and no time of their own.
_WATCHED_PAGES = (
    *_PAGES,
    Rule("P001", "missing_ids", "{missing_ids} clauses without a label"),
    Rule("P002", "duplicates_dropped", "{duplicates_dropped} copies dropped"),
    Rule("P009", MOVED_FAR, "{total} clauses, {previous_total} in the snapshot before"),
    Rule("P011", "contradicting_duplicates", "{contradicting_duplicates} labels with copies that differ"),
    Rule("P012", EMPTIED, _ALL_GONE),
)


def _rules(series: SeriesId) -> tuple[Rule, ...]:
    if row_kind(series) is RowKind.SUBSCRIBERS:
        return _SUBSCRIBERS
    if row_kind(series) is RowKind.REMOVALS:
        return _REMOVALS
    own = {OFFICIAL_POSTS: _OFFICIAL, PUBLIC_COMMENTS: _COMMENTS, POLICIES: _WATCHED_PAGES}
    return own.get(series, (*_ITEMS, Rule("P012", EMPTIED, _ALL_GONE), Rule(*_FUTURE)))


SUITES: Mapping[SeriesId, tuple[Rule, ...]] = MappingProxyType(
    {series: _rules(series) for series in (*SERIES, POLICIES)}
)


def suite_name(series: SeriesId) -> str:
    """Name the rules of *series* and their version, as a manifest does."""
    return f"{series}/{VERSION}"


def moved_far(total: int | None, previous: int | None) -> int | None:
    """Return by how many items a snapshot moved, 0 when not far; None when there is none before."""
    if total is None or previous is None:
        return None
    moved = abs(total - previous)
    return moved if moved >= DRIFT_ITEMS and moved >= DRIFT_SHARE * previous else 0


def emptied(listed: int | None, total: int | None, previous: int | None, *, at_least: int = 1) -> int | None:
    """Return how many items went when all of them did, 0 when not all or fewer than *at_least*.

    *total* and *previous* count the account's own profile, *listed* does not. None when there is
    no snapshot before.
    """
    if listed is None or total is None or previous is None:
        return None
    before = previous - (total - listed)
    return before if listed == 0 and before >= at_least else 0
