"""A small sound vault on disk, for tests to break."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import (
    Manifest,
    Origin,
    Previous,
    Retention,
    RowCounts,
    SealedObject,
    Verdict,
)
from muniment.evidence.row_commitment import Commitment
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId
from muniment.tables.parquet import restate_notes
from muniment.tables.row_commitments import KEY, commit_file
from muniment.tables.schemas import ITEMS

VOLUME = VolumeAddress(SeriesId("official-posts"), AccountId("city"), VolumeId("2026-11"))
UNTIL = "2028-12-01T08:00:00.000000Z"
MOMENT = "2026-11-21T12:00:00.000000Z"


@dataclass
class SoundVault:
    root: Path
    manifests: list[Manifest] = field(default_factory=list)

    def write(self, key: str, body: bytes) -> SealedObject:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return SealedObject(
            key=key, size_bytes=len(body), sha256=sha256_hex(body), content_type="x/y", locked_until=UNTIL
        )

    def add_snapshot(self, number: int, *, media: bytes | None = None) -> Manifest:
        address = SnapshotAddress(VOLUME, SnapshotId(f"20261121T12000{number}.000000Z-0123abcd"))
        rows, commitment = make_rows(number)
        objects = [self.write(address.key(PAGES), f"pages {number}".encode()), self.write(address.key(ROWS), rows)]
        if media is not None:
            objects.append(self.write(VOLUME.media_key(sha256_hex(media)), media))
        before = self.manifests[-1] if self.manifests else None
        manifest = build_manifest(address, tuple(objects), before, commitment)
        self.write(address.key(MANIFEST), manifest.to_bytes())
        self.manifests.append(manifest)
        return manifest


@cache
def make_rows(number: int) -> tuple[bytes, Commitment]:
    """Make a rows file of one row, and the commitment to it."""
    row = dict.fromkeys(ITEMS.names) | {"item_id": f"item-{number}", "row_state": "new", "text": f"Words {number}"}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        pq.write_table(pa.Table.from_pylist([row], ITEMS), path)
        found = commit_file(path, "items/1")
        restate_notes(path, ITEMS, {KEY: found.to_json()})
        return path.read_bytes(), Commitment(scheme="muniment.rows/1", rows=found.rows, root=found.root.hex())


def build_manifest(
    address: SnapshotAddress,
    objects: tuple[SealedObject, ...],
    before: Manifest | None,
    commitment: Commitment = Commitment(scheme="muniment.rows/1", rows=1, root="0" * 64),  # noqa: B008 - frozen
) -> Manifest:
    return Manifest(
        agency="x",
        zone="America/Los_Angeles",
        series=address.volume.series,
        account=address.volume.account,
        volume=address.volume.volume,
        snapshot=address.snapshot,
        began_at=MOMENT,
        ended_at=MOMENT,
        sealed_at=MOMENT,
        origin=Origin(
            platform="bluesky",
            address="https://social.example/city",
            api="https://api.example",
            api_version="1",
            connector="bluesky-posts/1",
            parser="bluesky/1",
            software="muniment 0",
            run_id="r",
            simulator=True,
        ),
        scope="everything",
        pages=1,
        rows=RowCounts(new=1, changed=0, unchanged=0, gone=0),
        row_schema="items/1",
        commitment=commitment,
        declared=(),
        gaps=(),
        verdict=Verdict(outcome="accepted", suite="items/1", rules_checked=1, findings=()),
        retention=Retention(
            row="CA-SM-01",
            schedule_version="1",
            schedule_sha256="0" * 64,
            title="Official posts",
            authority=("GC 34090",),
            trigger="captured",
            period="P2Y",
            cutoff_at="2026-12-01T08:00:00.000000Z",
            locked_until=UNTIL,
            lock_mode="COMPLIANCE",
            steps=("one", "two"),
        ),
        objects=objects,
        reads=(before.snapshot,) if before else (),
        previous=Previous(volume=before.volume, snapshot=before.snapshot, manifest_sha256=before.sha256())
        if before
        else None,
    )
