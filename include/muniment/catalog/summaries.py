"""What a list says of a snapshot: from its manifest, or from the catalog, which is quicker and says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from muniment.catalog.index import Catalog, check_built, check_version
from muniment.catalog.schema import FINDINGS, SCHEMA, SNAPSHOTS
from muniment.catalog.session import open_session
from muniment.evidence.layout import SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import Manifest
from muniment.records.names import format_instant

_OF_SNAPSHOT = " AND ".join(f"f.{name} = s.{name}" for name in SNAPSHOTS.key_columns)
_READ = f"""
    SELECT series, account, volume, snapshot, zone, began_at, locked_until, rows_new + rows_changed + rows_unchanged,
        rows_new, rows_changed, rows_gone, gaps, verdict,
        ARRAY(SELECT code FROM {SCHEMA}.{FINDINGS.name} AS f WHERE {_OF_SNAPSHOT} ORDER BY position),
        ARRAY(SELECT count FROM {SCHEMA}.{FINDINGS.name} AS f WHERE {_OF_SNAPSHOT} ORDER BY position)
    FROM {SCHEMA}.{SNAPSHOTS.name} AS s
    WHERE agency = %s AND account = coalesce(%s, account) AND series = coalesce(%s, series)
"""  # noqa: S608 - names of our own


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One line of a list. Instants are spelled as in the manifest; `zone` is the agency's."""

    address: SnapshotAddress
    zone: str
    began_at: str
    locked_until: str
    rows: int
    new: int
    changed: int
    gone: int
    gaps: int
    verdict: str
    findings: tuple[tuple[str, int], ...]

    def to_json(self) -> dict[str, Any]:
        """Return what a table, a notice or an asset event says of the snapshot: ids, counts, codes, dates."""
        volume = self.address.volume
        return {
            "account": volume.account,
            "series": volume.series,
            "volume": volume.volume,
            "snapshot": self.address.snapshot,
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "gone": self.gone,
            "gaps": self.gaps,
            "verdict": self.verdict,
            "findings": [[code, count] for code, count in self.findings],
            "locked_until": self.locked_until,
        }


def summarize_manifest(manifest: Manifest) -> Summary:
    """Return the line of *manifest*."""
    rows = manifest.rows
    return Summary(
        address=manifest.address,
        zone=manifest.zone,
        began_at=manifest.began_at,
        locked_until=manifest.retention.locked_until,
        rows=rows.new + rows.changed + rows.unchanged,
        new=rows.new,
        changed=rows.changed,
        gone=rows.gone,
        gaps=sum(gap.count for gap in manifest.gaps),
        verdict=manifest.verdict.outcome,
        findings=tuple((finding.code, finding.count) for finding in manifest.verdict.findings),
    )


def read_summaries(
    catalog: Catalog, agency: str, *, account: str | None, series: str | None
) -> dict[SnapshotAddress, Summary]:
    """Return the line of each snapshot of *agency* that is filed, of *account* and *series* where they are given.

    Raises:
        CatalogMissingError: the catalog was not built for the agency.
        CatalogVersionError: its tables are of another version.
        CatalogUnavailableError: the server did not answer in time.
    """
    with open_session(catalog.address) as session:
        check_version(session)
        check_built(session, agency)
        summaries = map(_read_row, session.ask(_READ, (agency, account, series)))
        return {summary.address: summary for summary in summaries}


def _read_row(row: Sequence[Any]) -> Summary:
    series, account, volume, snapshot, zone, began_at, locked_until, *counts, verdict, codes, times = row
    rows, new, changed, gone, gaps = counts
    return Summary(
        address=SnapshotAddress(VolumeAddress(series, account, volume), snapshot),
        zone=zone,
        began_at=format_instant(began_at),
        locked_until=format_instant(locked_until),
        rows=rows,
        new=new,
        changed=changed,
        gone=gone,
        gaps=gaps,
        verdict=verdict,
        findings=tuple(zip(codes, times, strict=True)),
    )
