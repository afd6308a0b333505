"""What of a sealed object goes into the catalog: its rows, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from muniment.catalog.schema import (
    DECLARED,
    ENTRIES,
    FINDINGS,
    GAPS,
    OBJECTS,
    OF_SNAPSHOTS,
    SNAPSHOTS,
    UNREADABLE,
    Table,
)
from muniment.errors import EvidenceError, ManifestError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import MANIFEST, SnapshotAddress
from muniment.evidence.manifest import Manifest, Retention, parse_manifest
from muniment.records.names import parse_instant

Row = Mapping[str, object]
NOT_OF_ITS_FORM = "not of its form"
OF_ANOTHER_PLACE = "of another place"
MAX_BIGINT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Filing:
    """The rows of one sealed object. They replace those in *replaces* that have the values of *identity*."""

    identity: Row
    replaces: tuple[Table, ...]
    rows: tuple[tuple[Table, Row], ...]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Return the key and the fault of the object where it cannot be read."""
        return [(str(row["key"]), str(row["fault"])) for table, row in self.rows if table is UNREADABLE]


def file_manifest(agency: str, address: SnapshotAddress, body: bytes) -> Filing:
    """File the manifest whose bytes lie at *address* in the vault of *agency*, or the fault that makes it none."""
    try:
        manifest = parse_manifest(body)
        if manifest.agency != agency or manifest.address != address:
            return _file_fault(agency, address, body, OF_ANOTHER_PLACE)
        return file_snapshot(manifest, sha256_hex(body), len(body))
    except EvidenceError:
        # What the error says may quote the manifest, of which nothing is known.
        return _file_fault(agency, address, body, NOT_OF_ITS_FORM)


def file_snapshot(manifest: Manifest, manifest_sha256: str, manifest_bytes: int) -> Filing:
    """File *manifest*.

    Raises:
        ManifestError: a text holds U+0000, or a sum is past 2^63 - 1: PostgreSQL keeps neither.
    """
    place = {
        "agency": manifest.agency,
        "series": manifest.series,
        "account": manifest.account,
        "volume": manifest.volume,
        "snapshot": manifest.snapshot,
    }
    sealed = {"manifest_sha256": manifest_sha256, "manifest_bytes": manifest_bytes}
    rows = (
        (SNAPSHOTS, {**place, **sealed, **_snapshot(manifest)}),
        *((OBJECTS, {**place, **row}) for row in _objects(manifest)),
        *_numbered(FINDINGS, place, _findings(manifest)),
        *_numbered(GAPS, place, _gaps(manifest)),
        *_numbered(DECLARED, place, _declared(manifest)),
    )
    _check_values(rows)
    return Filing(place, OF_SNAPSHOTS, rows)


def file_entry(agency: str, key: str, kind: str, body: bytes) -> Filing:
    """File an entry of a register or of the log: its key, kind and SHA-256."""
    identity = {"agency": agency, "key": key}
    row = {**identity, "kind": kind, "sha256": sha256_hex(body), "size_bytes": len(body)}
    return Filing(identity, (ENTRIES,), ((ENTRIES, row),))


def _file_fault(agency: str, address: SnapshotAddress, body: bytes, fault: str) -> Filing:
    identity = {"agency": agency, "key": address.key(MANIFEST)}
    return Filing(identity, (UNREADABLE,), ((UNREADABLE, {**identity, "sha256": sha256_hex(body), "fault": fault}),))


def _snapshot(manifest: Manifest) -> Row:
    origin, previous = manifest.origin, manifest.previous
    return {
        **_schedule(manifest.retention),
        "manifest_key": manifest.address.key(MANIFEST),
        "zone": manifest.zone,
        "began_at": parse_instant(manifest.began_at),
        "ended_at": parse_instant(manifest.ended_at),
        "sealed_at": parse_instant(manifest.sealed_at),
        # Not the account's address: an official may post under a name of their own.
        "platform": origin.platform,
        "api": origin.api,
        "api_version": origin.api_version,
        "connector": origin.connector,
        "parser": origin.parser,
        "software": origin.software,
        "run_id": origin.run_id,
        "simulator": origin.simulator,
        "scope": manifest.scope,
        "pages": manifest.pages,
        "rows_new": manifest.rows.new,
        "rows_changed": manifest.rows.changed,
        "rows_unchanged": manifest.rows.unchanged,
        "rows_gone": manifest.rows.gone,
        "row_schema": manifest.row_schema,
        "gaps": sum(gap.count for gap in manifest.gaps),
        "verdict": manifest.verdict.outcome,
        "suite": manifest.verdict.suite,
        "rules_checked": manifest.verdict.rules_checked,
        "objects": len(manifest.objects),
        "size_bytes": sum(sealed.size_bytes for sealed in manifest.objects),
        "reads": list(manifest.reads),
        "previous_volume": previous.volume if previous else None,
        "previous_snapshot": previous.snapshot if previous else None,
        "previous_manifest_sha256": previous.manifest_sha256 if previous else None,
    }


def _schedule(kept: Retention) -> Row:
    return {
        "schedule_row": kept.row,
        "schedule_version": kept.schedule_version,
        "schedule_sha256": kept.schedule_sha256,
        "schedule_title": kept.title,
        "authority": list(kept.authority),
        "trigger": kept.trigger,
        "period": kept.period,
        "cutoff_at": parse_instant(kept.cutoff_at),
        "locked_until": parse_instant(kept.locked_until),
        "lock_mode": kept.lock_mode,
        "lock_steps": list(kept.steps),
    }


def _objects(manifest: Manifest) -> list[Row]:
    return [
        {
            "key": sealed.key,
            "size_bytes": sealed.size_bytes,
            "sha256": sealed.sha256,
            "content_type": sealed.content_type,
            "locked_until": parse_instant(sealed.locked_until),
        }
        for sealed in manifest.objects
    ]


def _findings(manifest: Manifest) -> list[Row]:
    return [
        {"code": item.code, "count": item.count, "detail": item.detail, "stops_seal": item.stops_seal}
        for item in manifest.verdict.findings
    ]


def _gaps(manifest: Manifest) -> list[Row]:
    return [{"purpose": gap.purpose, "reason": gap.reason, "count": gap.count} for gap in manifest.gaps]


def _declared(manifest: Manifest) -> list[Row]:
    return [{"what": item.what, "declared": item.declared, "captured": item.captured} for item in manifest.declared]


def _numbered(table: Table, place: Row, rows: Iterable[Row]) -> list[tuple[Table, Row]]:
    return [(table, {**place, "position": number, **row}) for number, row in enumerate(rows)]


def _check_values(rows: Iterable[tuple[Table, Row]]) -> None:
    for table, row in rows:
        for name, value in row.items():
            items = value if isinstance(value, list) else [value]
            if any(isinstance(item, str) and "\0" in item for item in items):
                raise ManifestError(f"manifest: {table.name}.{name}: expected text without U+0000, found one with it")
            if isinstance(value, int) and abs(value) > MAX_BIGINT:
                raise ManifestError(f"manifest: {table.name}.{name}: expected at most {MAX_BIGINT}, found more")
