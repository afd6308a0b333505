"""Import a CSV drop into the ledger: row by row, each whole or not at all; what is refused is handed back in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from muniment.errors import ModerationError
from muniment.policy.moderation.case_rows import COLUMNS, read_row
from muniment.policy.moderation.csv_drop import Drop, Record, read_drop, write_refused
from muniment.workflows.moderation.room import Desk, Taken, enter_case


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a drop: rows taken, entries new and known, rows refused by line and reason, columns not read."""

    rows: int
    new: int
    known: int
    refused: Mapping[int, str]
    refused_file: Path | None
    unread: tuple[str, ...]


def import_csv(
    desk: Desk, path: Path, *, by: str, refused: Path, headers: Mapping[str, str], encoding: str | None = None
) -> Imported:
    """Enter the rows of *path*; those that cannot be taken go to the file *refused*, with their line and reason.

    The same file again changes nothing. *headers* maps a column of ours to the file's own word.

    Raises:
        ModerationError: nothing of the file can be read.
        CustodyError: the vault did not keep an event. What was entered stands; importing again does the rest.
        OSError: the file cannot be read, or the refused rows cannot be written.
    """
    if unknown := sorted(headers.keys() - set(COLUMNS)):
        raise ModerationError("column", [f"expected one of {', '.join(COLUMNS)}, found {unknown[0]!r}"])
    drop = read_drop(path.name, path.read_bytes(), columns=COLUMNS, headers=headers, encoding=encoding)
    new = known = taken = 0
    faults: dict[int, str] = {}
    for record in drop.records:
        try:
            entered = _take(desk, record, by=by)
        except ModerationError as error:
            faults[record.line] = "; ".join(error.faults)
            continue
        taken, new, known = taken + 1, new + entered.new, known + entered.known
    _hand_back(drop, faults, refused)
    return Imported(
        rows=taken,
        new=new,
        known=known,
        refused=faults,
        refused_file=refused if faults else None,
        unread=drop.unread,
    )


def _take(desk: Desk, record: Record, *, by: str) -> Taken:
    if record.fault is not None:
        raise ModerationError("record", [record.fault])
    row = read_row(record.values, desk.place.agency.zone)
    return enter_case(desk, row.case, row.entries, by=by)


def _hand_back(drop: Drop, faults: Mapping[int, str], refused: Path) -> None:
    if not faults:
        return
    rows = {record.line: (record.cells, faults[record.line]) for record in drop.records if record.line in faults}
    part = refused.with_name(refused.name + ".part")
    # It names persons of the public: nobody but its owner reads it.
    part.touch(mode=0o600)
    part.write_bytes(write_refused(drop.header, rows))
    part.replace(refused)
