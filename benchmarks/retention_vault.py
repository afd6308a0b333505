"""A made-up vault of many small objects: its manifests, and their sealing into a real store, many at once."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from itertools import repeat
from multiprocessing import get_context

from benchmarks.workspace import ACCOUNTS, AGENCY, COMMENTS, POSTS
from muniment.custody.client import connect
from muniment.evidence.layout import MANIFEST, MEDIA, PAGES, ROWS, SnapshotAddress, VolumeAddress, snapshot_id
from muniment.evidence.manifest import Manifest, Origin, Retention, RowCounts, SealedObject, Verdict
from muniment.evidence.row_commitment import Commitment
from muniment.records.names import AccountId, SeriesId, VolumeId, format_instant

SNAPSHOTS, OBJECTS = 10, 5  # of a volume; of a snapshot: pages, media list, rows, one medium, manifest
PER_VOLUME = SNAPSHOTS * OBJECTS
_PROCESSES, _THREADS = 2, 8
_FIRST_YEAR = 1990  # old enough that every volume is due


@dataclass(frozen=True, slots=True)
class Store:
    """Where to put objects, and the key to sign with."""

    endpoint: str
    region: str
    key: tuple[str, str]
    bucket: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One object to seal."""

    key: str
    body: bytes


def list_addresses(count: int) -> Iterator[VolumeAddress]:
    """Yield *count* volumes: month by month, for each account and series of the agency."""
    for number in range(count):
        month, account = divmod(number, 2 * len(ACCOUNTS))
        series = SeriesId((POSTS, COMMENTS)[account % 2])
        name = VolumeId(f"{_FIRST_YEAR + month // 12:04}-{month % 12 + 1:02}")
        yield VolumeAddress(series, AccountId(ACCOUNTS[account // 2]), name)


def make_parcels(volume: VolumeAddress, until: datetime) -> Iterator[Parcel]:
    """Yield the objects of *volume*, ten snapshots of five, a few bytes each; *until* (aware) is their lock's end."""
    began = datetime(int(volume.volume[:4]), int(volume.volume[5:]), 2, tzinfo=UTC)
    for number in range(SNAPSHOTS):
        taken = began + timedelta(days=number)
        address = SnapshotAddress(volume, snapshot_id("bench", taken, volume.series, volume.account))
        bodies = {address.key(name): f"{name} of {address.snapshot}".encode() for name in (PAGES, MEDIA, ROWS)}
        medium = f"a picture of {address.snapshot} of {volume.account}".encode()
        bodies[volume.media_key(sha256(medium).hexdigest())] = medium
        yield from (Parcel(key, body) for key, body in bodies.items())
        yield Parcel(address.key(MANIFEST), _manifest(address, bodies, taken, until).to_bytes())


def fill(store: Store, volumes: Sequence[VolumeAddress], until: datetime) -> int:
    """Put the objects of *volumes* into *store* under locks until *until* (aware); return how many."""
    shares = [volumes[at::_PROCESSES] for at in range(_PROCESSES)]
    # The store is quicker than one Python process can sign.
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        return sum(pool.map(_fill_share, repeat(store), shares, repeat(until)))


def _fill_share(store: Store, volumes: Sequence[VolumeAddress], until: datetime) -> int:
    client = connect(store.endpoint, store.region, *store.key)

    def put(volume: VolumeAddress) -> int:
        parcels = list(make_parcels(volume, until))
        for parcel in parcels:
            client.put_object(
                Bucket=store.bucket,
                Key=parcel.key,
                Body=parcel.body,
                Metadata={"sha256": sha256(parcel.body).hexdigest()},
                ContentMD5=b64encode(md5(parcel.body, usedforsecurity=False).digest()).decode(),
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=until,
            )
        return len(parcels)

    with ThreadPoolExecutor(_THREADS) as pool:
        return sum(pool.map(put, volumes))


def _manifest(address: SnapshotAddress, bodies: dict[str, bytes], taken: datetime, until: datetime) -> Manifest:
    at, lock, volume = format_instant(taken), format_instant(until), address.volume
    return Manifest(
        agency=AGENCY,
        zone="UTC",
        series=volume.series,
        account=volume.account,
        volume=volume.volume,
        snapshot=address.snapshot,
        began_at=at,
        ended_at=at,
        sealed_at=at,
        origin=_ORIGIN,
        scope="everything",
        pages=1,
        rows=RowCounts(new=1, changed=0, unchanged=0, gone=0),
        row_schema="items/1",
        commitment=Commitment(scheme="muniment.rows/1", rows=1, root="0" * 64),
        declared=(),
        gaps=(),
        verdict=Verdict(outcome="accepted", suite="items/1", rules_checked=1, findings=()),
        retention=_retention(at, lock),
        objects=tuple(
            SealedObject(
                key=key,
                size_bytes=len(body),
                sha256=sha256(body).hexdigest(),
                content_type="application/octet-stream",
                locked_until=lock,
            )
            for key, body in bodies.items()
        ),
        reads=(),
        previous=None,
    )


_ORIGIN = Origin(
    platform="mastodon",
    address="https://social.bench.example/@invented",
    api="https://social.bench.example",
    api_version="1",
    connector="mastodon-posts/1",
    parser="mastodon/1",
    software="muniment bench",
    run_id="bench",
    simulator=True,
)


def _retention(cutoff_at: str, lock: str) -> Retention:
    return Retention(
        row="B-1",
        schedule_version="1",
        schedule_sha256="0" * 64,
        title="made up",
        authority=("California Government Code 34090",),
        trigger="captured",
        period="P2Y",
        cutoff_at=cutoff_at,
        locked_until=lock,
        lock_mode="COMPLIANCE",
        steps=("made up for a benchmark",),
    )
