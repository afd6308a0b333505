"""When the snapshots that are filed were captured, and what they lacked: the facts of coverage, from the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from muniment.catalog.index import Catalog, check_built, check_version
from muniment.catalog.schema import FINDINGS, GAPS, SCHEMA, SNAPSHOTS
from muniment.catalog.session import open_session
from muniment.evidence.layout import SnapshotAddress, VolumeAddress

_OF_SNAPSHOT = " AND ".join(f"f.{name} = s.{name}" for name in SNAPSHOTS.key_columns)


def _column(name: str, table: str, condition: str = "") -> str:
    return f"ARRAY(SELECT {name} FROM {SCHEMA}.{table} AS f WHERE {_OF_SNAPSHOT}{condition} ORDER BY position)"  # noqa: S608


_READ = f"""
    SELECT series, account, volume, snapshot, began_at, ended_at, verdict,
        {_column("code", FINDINGS.name, " AND stops_seal")},
        {_column("purpose", GAPS.name)}, {_column("reason", GAPS.name)}, {_column("count", GAPS.name)}
    FROM {SCHEMA}.{SNAPSHOTS.name} AS s
    WHERE agency = %s AND snapshot >= %s AND snapshot < %s
"""  # noqa: S608 - names of our own


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledCapture:
    """One snapshot as it is filed. Instants are aware UTC; `gaps` are purpose, reason and count."""

    began_at: datetime
    ended_at: datetime
    verdict: str
    codes: tuple[str, ...]  # of the findings that stopped the seal
    gaps: tuple[tuple[str, str, int], ...]


def read_filed_captures(
    catalog: Catalog, agency: str, *, first: str, after: str
) -> dict[SnapshotAddress, FiledCapture]:
    """Return the snapshots of *agency* that are filed and whose id is from *first* to before *after*.

    Raises:
        CatalogMissingError: the catalog was not built for the agency.
        CatalogVersionError: its tables are of another version.
        CatalogUnavailableError: the server did not answer in time.
    """
    with open_session(catalog.address) as session:
        check_version(session)
        check_built(session, agency)
        return dict(map(_read_row, session.ask(_READ, (agency, first, after))))


def _read_row(row: Sequence[Any]) -> tuple[SnapshotAddress, FiledCapture]:
    series, account, volume, snapshot, began_at, ended_at, verdict, codes, purposes, reasons, counts = row
    return SnapshotAddress(VolumeAddress(series, account, volume), snapshot), FiledCapture(
        began_at=began_at.astimezone(UTC),
        ended_at=ended_at.astimezone(UTC),
        verdict=verdict,
        codes=tuple(codes),
        gaps=tuple(zip(purposes, reasons, counts, strict=True)),
    )
