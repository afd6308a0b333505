"""rows.parquet: a capture's rows against the volume's latest accepted snapshot.

Full rows for what is new or changed, in the platform's order; then ids, pointers and counters of
what is unchanged, and ids and pointers of what is gone, each sorted by id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from muniment.errors import ParseError
from muniment.evidence.manifest import RowCounts
from muniment.records.rows import RowState
from muniment.records.series import RowKind
from muniment.tables.declared import compare_declared
from muniment.tables.engine import fetch_number, open_engine, open_rows
from muniment.tables.parquet import flush, new_file, restate_notes
from muniment.tables.parse_notes import KEY, ROW_SCHEMAS, DeclaredTotal, NotesTaken, ParseNotes, read_notes_taken
from muniment.tables.row_commitments import KEY as COMMITMENT_KEY
from muniment.tables.row_commitments import LeafWriter, commit_file, fold_leaves, leaves_path
from muniment.tables.row_picks import pick_rows, regroup, replace_columns
from muniment.tables.rows_file import open_rows_writer
from muniment.tables.schemas import schema_name

_SHORT_ROWS = 65_536
COUNTERS = ("like_count", "repost_count", "reply_count", "quote_count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The volume's latest accepted snapshot: its name, its rows file, the files of those that it reads."""

    snapshot: str
    rows: Path
    holders: Mapping[str, Path] = field(default_factory=dict)


def seal_rows(staging: Path, out: Path, *, kind: RowKind, basis: Basis | None) -> ParseNotes:
    """Make the rows file *out* of a staging file, which is used up, and return its notes.

    Identical duplicates are dropped after the first. Without *basis*, every row is new.

    Raises:
        ParseError: a file is not whole or of another kind, or the basis points to rows that
            its holders do not have.
    """
    taken = read_notes_taken(staging, kind)
    with open_engine(out.parent) as engine:
        open_rows(engine, "staging", staging, kind)
        dropped = _find_duplicates(engine)
        declared = compare_declared(engine, taken, kind)
        if basis is None and not dropped:
            return _keep_staging(staging, out, kind, _notes(taken, declared, engine=engine))
        _load_current(engine, basis, kind)
        _compare(engine)
        notes = _notes(taken, declared, engine=engine, previous=basis.snapshot if basis else None, dropped=dropped)
        _write(engine, staging, out, kind, notes)
    staging.unlink()
    leaves_path(staging).unlink(missing_ok=True)
    return notes


def _find_duplicates(engine: duckdb.DuckDBPyConnection) -> int:
    """Make `staged`, `twice` (ids that differ from themselves) and `dropped` (positions); count the dropped."""
    # 64-bit hashes find the few candidates in a tenth of the memory; the candidates are compared in full.
    engine.execute("""
        CREATE VIEW staged AS SELECT position, id, content_sha256 AS hash FROM staging;
        CREATE TABLE candidates AS SELECT position, id, hash FROM staged WHERE id <> '' AND hash(id) IN
            (SELECT hash(id) FROM staged GROUP BY hash(id) HAVING count(*) > 1);
        CREATE TABLE twice AS SELECT id FROM candidates GROUP BY id HAVING count(DISTINCT hash) > 1;
        CREATE TABLE dropped AS SELECT position FROM candidates
            QUALIFY row_number() OVER (PARTITION BY id, hash ORDER BY position) > 1;
    """)
    return fetch_number(engine, "SELECT count(*) FROM dropped")


def _keep_staging(staging: Path, out: Path, kind: RowKind, notes: ParseNotes) -> ParseNotes:
    leaves, schema = leaves_path(staging), ROW_SCHEMAS[kind]
    commitment = fold_leaves(leaves) if leaves.exists() else commit_file(staging, schema_name(schema))
    restate_notes(staging, schema, {KEY: notes.to_json(), COMMITMENT_KEY: commitment.to_json()})
    flush(staging)
    staging.replace(out)
    return notes


def _load_current(engine: duckdb.DuckDBPyConnection, basis: Basis | None, kind: RowKind) -> None:
    """Make `current`: each row of the basis that was there, its hash and who holds it."""
    engine.execute("CREATE TABLE current (id VARCHAR, hash BLOB, holder VARCHAR)")
    if basis is None:
        return
    open_rows(engine, "basis", basis.rows, kind)
    for snapshot, path in {basis.snapshot: basis.rows, **basis.holders}.items():
        open_rows(engine, "holder", path, kind)
        engine.execute(
            """
            INSERT INTO current SELECT id, content_sha256, $snapshot FROM holder WHERE row_state IN ('new', 'changed')
                AND ($own OR id IN (SELECT id FROM basis WHERE row_state = 'unchanged' AND row_snapshot = $snapshot))
            """,
            {"snapshot": snapshot, "own": snapshot == basis.snapshot},
        )
    listed = fetch_number(engine, "SELECT count(*) FROM basis WHERE row_state <> 'gone'")
    found = fetch_number(engine, "SELECT count(DISTINCT id) FROM current")
    if listed != found:
        raise ParseError(f"snapshot {basis.snapshot}: expected its {listed} rows in it and its holders, found {found}")


def _compare(engine: duckdb.DuckDBPyConnection) -> None:
    """Make `standing` of the rows that stay, `full_rows` in order of position, and `gone`."""
    engine.execute("""
        CREATE TABLE standing AS SELECT s.position, s.id, c.holder,
            CASE WHEN c.id IS NULL THEN 'new'
                 WHEN c.hash = s.hash AND s.id NOT IN (FROM twice) THEN 'unchanged' ELSE 'changed' END AS state
            FROM (FROM staged WHERE position NOT IN (FROM dropped)) s LEFT JOIN current c ON s.id = c.id;
        CREATE TABLE full_rows AS SELECT position, state FROM standing WHERE state <> 'unchanged' ORDER BY position;
        CREATE TABLE gone AS SELECT id, holder FROM current WHERE id NOT IN (SELECT id FROM staged);
    """)


def _notes(
    taken: NotesTaken,
    declared: tuple[DeclaredTotal, ...],
    *,
    engine: duckdb.DuckDBPyConnection,
    previous: str | None = None,
    dropped: int = 0,
) -> ParseNotes:
    counts, reads = dict.fromkeys(RowState, 0), []
    if previous is None and not dropped:
        counts[RowState.NEW] = fetch_number(engine, "SELECT count(*) FROM staged")
    else:
        counts |= {
            RowState(state): count
            for state, count in engine.execute("SELECT state, count(*) FROM standing GROUP BY state").fetchall()
        }
        counts[RowState.GONE] = fetch_number(engine, "SELECT count(*) FROM gone")
        reads = engine.execute(
            "SELECT holder FROM standing WHERE state = 'unchanged' UNION SELECT holder FROM gone ORDER BY holder"
        ).fetchall()
    return ParseNotes(
        previous=previous,
        reads=tuple(row[0] for row in reads),
        rows=RowCounts(**{state.value: count for state, count in counts.items()}),
        declared=declared,
        unknown_fields=tuple(sorted(taken.unknown_fields)),
        faults=tuple(taken.faults),
        fault_counts=dict(taken.fault_counts),
        duplicates_dropped=dropped,
    )


def _write(engine: duckdb.DuckDBPyConnection, staging: Path, out: Path, kind: RowKind, notes: ParseNotes) -> None:
    counters = "".join(f", {name}" for name in COUNTERS) if kind is RowKind.ITEMS else ""
    gone_counters = ", NULL" * len(COUNTERS) if kind is RowKind.ITEMS else ""
    short = (
        f"SELECT t.id, 'unchanged' AS row_state, t.holder AS row_snapshot{counters} FROM standing t "  # noqa: S608 - column names of ours
        "JOIN staging s ON t.position = s.position WHERE t.state = 'unchanged' "
        f"UNION ALL SELECT id, 'gone', holder{gone_counters} FROM gone ORDER BY row_state DESC, id"
    )
    full = (
        replace_columns(rows, {"row_state": picks["state"]})
        for rows, picks in pick_rows(engine, "full_rows", staging, kind)
    )
    with new_file(out) as part, open_rows_writer(part, kind) as writer:
        with LeafWriter(leaves_path(out), schema_name(ROW_SCHEMAS[kind])) as leaves:
            for rows in chain(regroup(full), _read_short_rows(engine, short, kind)):
                leaves.add(rows)
                writer.write_table(rows)
        commitment = fold_leaves(leaves_path(out))
        writer.add_key_value_metadata({KEY: notes.to_json(), COMMITMENT_KEY: commitment.to_json()})


def _read_short_rows(engine: duckdb.DuckDBPyConnection, sql: str, kind: RowKind) -> Iterator[Any]:
    # A generator, for the connection holds one result at a time and the full rows come first.
    for batch in engine.sql(sql).to_arrow_reader(_SHORT_ROWS):
        yield _short_rows(batch, kind)


def _short_rows(batch: Any, kind: RowKind) -> Any:
    schema = ROW_SCHEMAS[kind]
    given = dict(zip([schema.names[0], *batch.schema.names[1:]], batch.columns, strict=True))
    columns = [
        given[field.name].cast(field.type) if field.name in given else pa.nulls(len(batch), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)
