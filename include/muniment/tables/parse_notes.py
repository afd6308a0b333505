"""What a rows file says of itself beside its rows, in its metadata key ``muniment.parse``: canonical JSON.

Counts, codes and field names; no personal data.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import ParseError
from muniment.evidence.finding_types import CATALOGUE
from muniment.evidence.manifest import RowCounts
from muniment.records.canonical import canonical_json
from muniment.records.rows import PageFault, ParsedPage
from muniment.records.series import RowKind
from muniment.tables.parquet import read_note
from muniment.tables.schemas import ITEMS, REMOVALS, SUBSCRIBERS

KEY = "muniment.parse"
ROW_SCHEMAS = {RowKind.ITEMS: ITEMS, RowKind.SUBSCRIBERS: SUBSCRIBERS, RowKind.REMOVALS: REMOVALS}
FAULTS_KEPT = 1_000  # a footer is read whole; every fault is counted, the first thousand are told


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTotal:
    """A count that the platform states, beside what was captured.

    With `per_subject` both are sums over posts, `captured` never counting more under a post
    than the platform states for it, so that their difference is what is missing. `captured`
    is None where no rows of this file are what the platform counts.
    """

    what: str
    number: int
    captured: int | None
    per_subject: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseNotes:
    """What a rows file says of itself. `reads` are the snapshots that its rows point to."""

    previous: str | None
    reads: tuple[str, ...]
    rows: RowCounts
    declared: tuple[DeclaredTotal, ...]
    unknown_fields: tuple[str, ...]
    faults: tuple[PageFault, ...]
    fault_counts: dict[str, int]
    duplicates_dropped: int

    def to_json(self) -> str:
        """Spell the notes as canonical JSON."""
        rows = self.rows
        return canonical_json(
            {
                "previous": self.previous,
                "reads": self.reads,
                "rows": {"new": rows.new, "changed": rows.changed, "unchanged": rows.unchanged, "gone": rows.gone},
                "declared": [[total.what, total.number, total.captured, total.per_subject] for total in self.declared],
                "unknown_fields": self.unknown_fields,
                "faults": [[fault.page, fault.code, fault.detail] for fault in self.faults],
                "fault_counts": self.fault_counts,
                "duplicates_dropped": self.duplicates_dropped,
            }
        ).decode()


def read_parse_notes(path: Path, kind: RowKind) -> ParseNotes:
    """Read the notes of the rows file at *path*.

    Raises:
        ParseError: the file is not a whole rows file of *kind*, or has no such notes.
    """
    text = read_note(path, ROW_SCHEMAS[kind], KEY)
    try:
        value = json.loads(text)
        return ParseNotes(
            previous=value["previous"],
            reads=tuple(value["reads"]),
            rows=RowCounts(**value["rows"]),
            declared=tuple(
                DeclaredTotal(what=what, number=number, captured=captured, per_subject=per_subject)
                for what, number, captured, per_subject in value["declared"]
            ),
            unknown_fields=tuple(value["unknown_fields"]),
            faults=tuple(PageFault(*fault) for fault in value["faults"]),
            fault_counts=value["fault_counts"],
            duplicates_dropped=value["duplicates_dropped"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ParseError(f"{path}: metadata {KEY}: a field is missing or of another type: {error}") from None


class NotesTaken:
    """What parsing notes page by page; written into the staging file, read back when its rows are sealed."""

    KEY = "muniment.staging"

    def __init__(self) -> None:
        self.declared: dict[tuple[str, str | None], int] = {}
        self.unknown_fields: set[str] = set()
        self.faults: list[PageFault] = []
        self.fault_counts: Counter[str] = Counter()

    def take(self, parsed: ParsedPage) -> None:
        """Note what *parsed* says beside its rows. A count stated again replaces the one before.

        Raises:
            ParseError: a fault's code is not in the catalogue.
        """
        self.declared |= {(count.what, count.subject): count.number for count in parsed.declared}
        self.unknown_fields |= parsed.unknown_fields
        self._take_faults(parsed.faults)

    def take_later(self, notes: NotesTaken) -> None:
        """Note what *notes* say, taken of the pages that come next."""
        self.declared |= notes.declared
        self.unknown_fields |= notes.unknown_fields
        self.fault_counts += notes.fault_counts
        self.faults += notes.faults[: FAULTS_KEPT - len(self.faults)]

    def _take_faults(self, faults: Iterable[PageFault]) -> None:
        for fault in faults:
            if fault.code not in CATALOGUE:
                raise ParseError(f"page {fault.page}: expected a fault of the catalogue, found code {fault.code!r}")
            self.fault_counts[fault.code] += 1
            if len(self.faults) < FAULTS_KEPT:
                self.faults.append(fault)

    def to_json(self) -> str:
        """Spell what was noted."""
        declared = [[what, subject, number] for (what, subject), number in self.declared.items()]
        return json.dumps([declared, sorted(self.unknown_fields), self.faults, self.fault_counts])


def read_notes_taken(path: Path, kind: RowKind) -> NotesTaken:
    """Read back what a staging file noted.

    Raises:
        ParseError: the file is not a whole staging file of *kind*.
    """
    declared, unknown_fields, faults, fault_counts = json.loads(read_note(path, ROW_SCHEMAS[kind], NotesTaken.KEY))
    taken = NotesTaken()
    taken.declared = {(what, subject): number for what, subject, number in declared}
    taken.unknown_fields = set(unknown_fields)
    taken.faults = [PageFault(*fault) for fault in faults]
    taken.fault_counts = Counter(fault_counts)
    return taken
