"""The catalog's tables. Every column is derived from sealed bytes; none holds personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SCHEMA = "muniment"
STAGED = "pg_temp"  # tables that only the session that builds them sees, and that end with it
VERSION = 1  # of the tables' form; a catalog of another version is built anew

_SNAPSHOT_KEY = dict.fromkeys(("agency", "series", "account", "volume", "snapshot"), "text")


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns with their types, of which the first *key* are its primary key."""

    name: str
    columns: Mapping[str, str]
    key: int

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Return the columns that tell one row from another."""
        return tuple(self.columns)[: self.key]


SNAPSHOTS = Table(
    "snapshots",
    {
        **_SNAPSHOT_KEY,
        "manifest_key": "text NOT NULL",
        "manifest_sha256": "text NOT NULL",
        "manifest_bytes": "bigint NOT NULL",
        "zone": "text NOT NULL",
        "began_at": "timestamptz NOT NULL",
        "ended_at": "timestamptz NOT NULL",
        "sealed_at": "timestamptz NOT NULL",
        "platform": "text NOT NULL",
        "api": "text NOT NULL",
        "api_version": "text NOT NULL",
        "connector": "text NOT NULL",
        "parser": "text NOT NULL",
        "software": "text NOT NULL",
        "run_id": "text NOT NULL",
        "simulator": "boolean NOT NULL",
        "scope": "text NOT NULL",
        "pages": "bigint NOT NULL",
        "rows_new": "bigint NOT NULL",
        "rows_changed": "bigint NOT NULL",
        "rows_unchanged": "bigint NOT NULL",
        "rows_gone": "bigint NOT NULL",
        "row_schema": "text NOT NULL",
        "gaps": "bigint NOT NULL",
        "verdict": "text NOT NULL",
        "suite": "text NOT NULL",
        "rules_checked": "bigint NOT NULL",
        "schedule_row": "text NOT NULL",
        "schedule_version": "text NOT NULL",
        "schedule_sha256": "text NOT NULL",
        "schedule_title": "text NOT NULL",
        "authority": "text[] NOT NULL",
        "trigger": "text NOT NULL",
        "period": "text NOT NULL",
        "cutoff_at": "timestamptz NOT NULL",
        "locked_until": "timestamptz NOT NULL",
        "lock_mode": "text NOT NULL",
        "lock_steps": "text[] NOT NULL",
        "objects": "bigint NOT NULL",
        "size_bytes": "bigint NOT NULL",
        "reads": "text[] NOT NULL",
        "previous_volume": "text",
        "previous_snapshot": "text",
        "previous_manifest_sha256": "text",
    },
    key=5,
)
OBJECTS = Table(
    "objects",
    {
        **_SNAPSHOT_KEY,
        "key": "text",
        "size_bytes": "bigint NOT NULL",
        "sha256": "text NOT NULL",
        "content_type": "text NOT NULL",
        "locked_until": "timestamptz NOT NULL",
    },
    key=6,
)
FINDINGS = Table(
    "findings",
    {
        **_SNAPSHOT_KEY,
        "position": "bigint",
        "code": "text NOT NULL",
        "count": "bigint NOT NULL",
        "detail": "text NOT NULL",
        "stops_seal": "boolean NOT NULL",
    },
    key=6,
)
GAPS = Table(
    "gaps",
    {
        **_SNAPSHOT_KEY,
        "position": "bigint",
        "purpose": "text NOT NULL",
        "reason": "text NOT NULL",
        "count": "bigint NOT NULL",
    },
    key=6,
)
DECLARED = Table(
    "declared",
    {
        **_SNAPSHOT_KEY,
        "position": "bigint",
        "what": "text NOT NULL",
        "declared": "bigint NOT NULL",
        "captured": "bigint",
    },
    key=6,
)
ENTRIES = Table(
    "entries",
    {"agency": "text", "key": "text", "kind": "text NOT NULL", "sha256": "text NOT NULL", "size_bytes": "bigint"},
    key=2,
)
UNREADABLE = Table(
    "unreadable",
    {"agency": "text", "key": "text", "sha256": "text NOT NULL", "fault": "text NOT NULL"},
    key=2,
)

OF_SNAPSHOTS = (SNAPSHOTS, OBJECTS, FINDINGS, GAPS, DECLARED)
TABLES = (*OF_SNAPSHOTS, ENTRIES, UNREADABLE)


def create_tables(schema: str) -> Iterator[str]:
    """Yield the statements that make `TABLES` in *schema*."""
    for table in TABLES:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in table.columns.items())
        yield f"CREATE TABLE {schema}.{table.name} ({columns}, PRIMARY KEY ({quote(table.key_columns)}))"


def create_bookkeeping() -> Iterator[str]:
    """Yield the statements that make what the catalog knows of itself: its version, which agencies it was built for."""
    yield f"CREATE TABLE {SCHEMA}.catalog (version integer NOT NULL)"
    yield f"INSERT INTO {SCHEMA}.catalog VALUES ({VERSION})"  # noqa: S608
    yield f"CREATE TABLE {SCHEMA}.agencies (agency text PRIMARY KEY, built_at timestamptz NOT NULL)"


def quote(columns: tuple[str, ...]) -> str:
    """Return *columns* as SQL lists them."""
    return ", ".join(f'"{name}"' for name in columns)
