"""Verification beside plain SHA-256 over the same bytes of the same store: ``python -m benchmarks.verify_speed``.

Both read a gigabyte in four objects, in turn, from a store that just started. Verification lists
versions, reads a manifest, checks locks and its arithmetic besides.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from muniment.custody.buckets import create_bucket
from muniment.custody.client import connect
from muniment.custody.vault import Vault
from muniment.embedded.seaweed import REGION, SeaweedFS
from muniment.evidence.commitments import SCHEME
from muniment.evidence.digest import CHUNK_BYTES
from muniment.evidence.layout import MANIFEST, PAGES, ROWS, SnapshotAddress, VolumeAddress
from muniment.evidence.manifest import (
    Commitment,
    Manifest,
    Origin,
    Retention,
    RowCounts,
    SealedObject,
    Verdict,
)
from muniment.evidence.verify import verify
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId, parse_instant

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

OBJECTS, OBJECT_BYTES, REPEATS = 4, 256 << 20, 3
_BUCKET = "verify-speed"
_VOLUME = VolumeAddress(SeriesId("official-posts"), AccountId("bench"), VolumeId("2026-11"))
_ADDRESS = SnapshotAddress(_VOLUME, SnapshotId("20261121T120000.000000Z-0123abcd"))
_MOMENT, _UNTIL = "2026-11-21T12:00:00.000000Z", "2028-12-01T08:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class VerifySpeed:
    """Seconds of each run, in turn, over `size_bytes`."""

    size_bytes: int
    objects: int
    plain_s: tuple[float, ...]
    verify_s: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return the bytes a second of verification against those of plain SHA-256: medians."""
        return median(self.plain_s) / median(self.verify_s)


def measure_verify(store: SeaweedFS, scratch: Path) -> VerifySpeed:
    """Seal a gigabyte in *store*, which runs, and read it both ways in turn. *scratch* takes one object."""
    create_bucket(connect(store.endpoint, REGION, *store.credentials("administrator")), _BUCKET)
    client = connect(store.endpoint, REGION, *store.credentials("operator"))
    vault = Vault(client, _BUCKET)
    manifest = _seal(vault, scratch)
    plain, verified = [], []
    for _ in range(REPEATS):
        plain.append(_time(lambda: _hash_plainly(client, manifest)))
        verified.append(_time(lambda: _verify(vault)))
    return VerifySpeed(OBJECTS * OBJECT_BYTES, OBJECTS, tuple(plain), tuple(verified))


def _hash_plainly(client: S3Client, manifest: Manifest) -> None:
    for sealed in manifest.objects:
        digest = sha256()
        with closing(client.get_object(Bucket=_BUCKET, Key=sealed.key)["Body"]) as body:
            for chunk in body.iter_chunks(CHUNK_BYTES):
                digest.update(chunk)
        if digest.hexdigest() != sealed.sha256:
            raise RuntimeError(f"{sealed.key}: expected the bytes sealed, found others")


def _verify(vault: Vault) -> None:
    report = verify(vault)
    if report.findings or report.size_bytes != OBJECTS * OBJECT_BYTES:
        raise RuntimeError(f"verify: expected a sound gigabyte, found {report.size_bytes} bytes, {report.findings}")


def _time(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _seal(vault: Vault, scratch: Path) -> Manifest:
    until = parse_instant(_UNTIL)
    objects = []
    for number in range(OBJECTS):
        path = scratch / "object"
        digest = sha256()
        with path.open("wb") as file:
            for _ in range(OBJECT_BYTES // CHUNK_BYTES):
                digest.update(chunk := os.urandom(CHUNK_BYTES))
                file.write(chunk)
        own = [_ADDRESS.key(PAGES), _ADDRESS.key(ROWS)]
        key = own[number] if number < len(own) else _VOLUME.media_key(digest.hexdigest())
        objects.append(vault.seal_file(key, path, lock_until=until, content_type="application/octet-stream"))
        path.unlink()
    manifest = _make_manifest(tuple(objects))
    vault.seal_bytes(_ADDRESS.key(MANIFEST), manifest.to_bytes(), lock_until=until, content_type="application/json")
    return manifest


def _make_manifest(objects: tuple[SealedObject, ...]) -> Manifest:
    origin = dict.fromkeys(Origin.__dataclass_fields__, "bench") | {"simulator": True}
    return Manifest(
        agency="bench",
        zone="America/Los_Angeles",
        series=_VOLUME.series,
        account=_VOLUME.account,
        volume=_VOLUME.volume,
        snapshot=_ADDRESS.snapshot,
        began_at=_MOMENT,
        ended_at=_MOMENT,
        sealed_at=_MOMENT,
        origin=Origin(**origin),  # type: ignore[arg-type]
        scope="random bytes",
        pages=1,
        rows=RowCounts(new=0, changed=0, unchanged=0, gone=0),
        row_schema="items/1",
        commitment=Commitment(scheme=SCHEME, rows=0, root="0" * 64),
        declared=(),
        gaps=(),
        verdict=Verdict(outcome="accepted", suite="none", rules_checked=0, findings=()),
        retention=Retention(
            row="bench",
            schedule_version="1",
            schedule_sha256="0" * 64,
            title="Benchmark",
            authority=(),
            trigger="captured",
            period="P2Y",
            cutoff_at="2026-12-01T08:00:00.000000Z",
            locked_until=_UNTIL,
            lock_mode="COMPLIANCE",
            steps=(),
        ),
        objects=objects,
        reads=(),
        previous=None,
    )


def main() -> None:
    """Measure with a store of its own, and print the figures as JSON."""
    with TemporaryDirectory() as folder:
        store = SeaweedFS(Path(folder) / "store", memory="1GiB")
        try:
            store.start()
            found = measure_verify(store, Path(folder))
        finally:
            store.stop()
    print(json.dumps({**asdict(found), "ratio": round(found.ratio, 3)}))


if __name__ == "__main__":
    main()
