"""What the catalog says of each volume: how much is in it, and until when its manifests lock it. One statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from muniment.catalog.index import Catalog, check_built, check_version
from muniment.catalog.schema import OBJECTS, SCHEMA, SNAPSHOTS
from muniment.catalog.session import PATIENT, open_session
from muniment.evidence.layout import VolumeAddress
from muniment.records.names import SnapshotId

# A medium that several snapshots of a volume name is one object. A manifest names every object but itself.
_READ = f"""
    WITH held AS (
        SELECT series, account, volume, count(*) AS objects, sum(size_bytes) AS size_bytes
        FROM (
            SELECT series, account, volume, key, max(size_bytes) AS size_bytes
            FROM {SCHEMA}.{OBJECTS.name} WHERE agency = %s GROUP BY series, account, volume, key
        ) AS kept GROUP BY series, account, volume
    ), sealed AS (
        SELECT series, account, volume, count(*) AS snapshots, sum(manifest_bytes) AS manifest_bytes,
            max(locked_until) AS sealed_until, min(locked_until) AS least_until,
            min(snapshot) AS first, max(snapshot) AS last
        FROM {SCHEMA}.{SNAPSHOTS.name} WHERE agency = %s GROUP BY series, account, volume
    )
    SELECT series, account, volume, snapshots, objects + snapshots, size_bytes + manifest_bytes,
        sealed_until, least_until, first, last
    FROM sealed JOIN held USING (series, account, volume) ORDER BY series, account, volume
"""  # noqa: S608 - names of our own


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledVolume:
    """One volume as it is filed. Its manifests state locks from `least_until` to `sealed_until` (aware UTC)."""

    address: VolumeAddress
    snapshots: int
    objects: int
    size_bytes: int
    sealed_until: datetime
    least_until: datetime
    first: SnapshotId
    last: SnapshotId


def read_filed_volumes(catalog: Catalog, agency: str) -> list[FiledVolume]:
    """Return each volume of *agency* that is filed, by its address.

    Raises:
        CatalogMissingError: the catalog was not built for the agency.
        CatalogVersionError: its tables are of another version.
        CatalogUnavailableError: the server did not answer in time.
    """
    with open_session(catalog.address, patience=PATIENT) as session:
        check_version(session)
        check_built(session, agency)
        return [_read_row(row) for row in session.ask(_READ, (agency, agency))]


def _read_row(row: Sequence[Any]) -> FiledVolume:
    series, account, volume, snapshots, objects, size_bytes, sealed_until, least_until, first, last = row
    return FiledVolume(
        address=VolumeAddress(series, account, volume),
        snapshots=snapshots,
        objects=int(objects),
        size_bytes=int(size_bytes),
        sealed_until=sealed_until.astimezone(UTC),
        least_until=least_until.astimezone(UTC),
        first=SnapshotId(first),
        last=SnapshotId(last),
    )
