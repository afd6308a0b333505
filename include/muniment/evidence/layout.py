"""Where every object of a vault lives. Pure functions: this module is the key specification.

    records/series=<series>/account=<account>/volume=<volume>/snapshot=<id>/{pages,media,rows}.parquet
    records/series=<series>/account=<account>/volume=<volume>/snapshot=<id>/manifest.json
    records/series=<series>/account=<account>/volume=<volume>/media/<sha256>
    registers/<register>/<volume>/<event id>.json
    log/batches/<seq>.json, log/checkpoints/<seq>, log/keys/<name>-<id>.json, log/tile/... (docs/spec/log.md)

Keys under ``records/`` are Hive-partitioned, so that any engine reads the bucket as it lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from muniment.errors import ObjectKeyError
from muniment.records.names import AccountId, SeriesId, SnapshotId, VolumeId, is_slug

PAGES, MEDIA, ROWS, MANIFEST = "pages.parquet", "media.parquet", "rows.parquet", "manifest.json"
LOG = "log/"
LOG_BATCHES, LOG_CHECKPOINTS, LOG_KEYS = f"{LOG}batches/", f"{LOG}checkpoints/", f"{LOG}keys/"
LOG_HEAD = f"{LOG}checkpoint"  # a copy of the newest checkpoint, written anew each time: no evidence
SNAPSHOT_PREFIX = "snapshot="
SNAPSHOT_OBJECTS = (PAGES, MEDIA, ROWS, MANIFEST)

# A calendar year or month; of an exercise, a minute in UTC: 2026-11-22T0415Z.
_VOLUME = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\dZ)?)?")
_SNAPSHOT = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}")
SNAPSHOT_EXAMPLE = "20261121T120000.000000Z-0123abcd"
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EVENT = re.compile(r"[0-9a-z][0-9a-z-]{0,127}")


@dataclass(frozen=True, slots=True, order=True)
class VolumeAddress:
    """The snapshots of one account and series in one cutoff period."""

    series: SeriesId
    account: AccountId
    volume: VolumeId

    def __post_init__(self) -> None:
        _check(is_slug(self.series), "series", self.series)
        _check(is_slug(self.account), "account", self.account)
        _check(is_volume(self.volume), "volume", self.volume)

    @property
    def prefix(self) -> str:
        """Return the prefix of every key of the volume, with its slash."""
        return f"{account_prefix(self.series, self.account)}volume={self.volume}/"

    def media_key(self, media_sha256: str) -> str:
        """Return the key of a medium by the SHA-256 of its bytes."""
        _check(_SHA256.fullmatch(media_sha256) is not None, "media", media_sha256)
        return f"{self.prefix}media/{media_sha256}"


@dataclass(frozen=True, slots=True, order=True)
class SnapshotAddress:
    """One snapshot within its volume."""

    volume: VolumeAddress
    snapshot: SnapshotId

    def __post_init__(self) -> None:
        _check(is_snapshot(self.snapshot), "snapshot", self.snapshot)

    @property
    def prefix(self) -> str:
        """Return the prefix of the snapshot's own keys, with its slash."""
        return f"{self.volume.prefix}snapshot={self.snapshot}/"

    def key(self, name: str) -> str:
        """Return the key of one of `SNAPSHOT_OBJECTS`."""
        _check(name in SNAPSHOT_OBJECTS, "object", name)
        return self.prefix + name


def is_volume(text: str) -> bool:
    """Tell whether *text* may name a volume."""
    return _VOLUME.fullmatch(text) is not None


def is_snapshot(text: str) -> bool:
    """Tell whether *text* may name a snapshot."""
    return _SNAPSHOT.fullmatch(text) is not None


def account_prefix(series: SeriesId, account: AccountId) -> str:
    """Return the prefix of every volume of *account* and *series*, with its slash."""
    return f"records/series={series}/account={account}/"


def register_key(register: str, volume: VolumeId, event: str) -> str:
    """Return the key of an event in a register."""
    _check(is_slug(register), "register", register)
    _check(is_volume(volume), "volume", volume)
    _check(_EVENT.fullmatch(event) is not None, "event", event)
    return f"registers/{register}/{volume}/{event}.json"


TIMESTAMPS = "log/timestamps/"
TIMESTAMP_PARTS = ("tsr", "chain.pem", "sums")
_TIMESTAMP = re.compile(r"log/timestamps/(\d{10})/([a-z0-9-]+)-(0|[1-9]\d{0,5})\.(tsr|chain\.pem|sums)")


@dataclass(frozen=True, slots=True, order=True)
class TimestampAddress:
    """Where one time stamp lives: which checkpoint's folder, which authority, which of its stamps there.

    Number 0 is over the checkpoint itself; every later one renews earlier stamps.
    """

    seq: int
    authority: str
    number: int

    def __post_init__(self) -> None:
        _check(0 <= self.seq < 10**10, "checkpoint", str(self.seq))
        _check(is_slug(self.authority), "authority", self.authority)
        _check(0 <= self.number < 10**6, "number", str(self.number))

    def key(self, part: str) -> str:
        """Return the key of one of `TIMESTAMP_PARTS`: the response, its certificates, what a renewal covers."""
        _check(part in TIMESTAMP_PARTS, "part", part)
        return f"{TIMESTAMPS}{self.seq:010}/{self.authority}-{self.number}.{part}"


def timestamps_prefix(seq: int) -> str:
    """Return the prefix of the time stamps in the folder of checkpoint *seq*, with its slash."""
    return f"{TIMESTAMPS}{seq:010}/"


def parse_timestamp_key(key: str) -> tuple[TimestampAddress, str]:
    """Split a key under ``log/timestamps/`` into the stamp's address and one of `TIMESTAMP_PARTS`.

    Raises:
        ObjectKeyError: *key* is not of the specified form.
    """
    match = _TIMESTAMP.fullmatch(key)
    if match is None:
        raise ObjectKeyError(f"key: expected {TIMESTAMPS}<checkpoint>/<authority>-<number>.<part>, found {key!r}")
    return TimestampAddress(int(match[1]), match[2], int(match[3])), match[4]


def is_manifest_key(key: str) -> bool:
    """Tell whether *key* is that of a snapshot's manifest."""
    try:
        return parse_record_key(key)[2] == MANIFEST
    except ObjectKeyError:
        return False


def is_register_key(key: str) -> bool:
    """Tell whether *key* is that of an event in a register."""
    match key.split("/"):
        case ["registers", register, volume, event]:
            name = event.removesuffix(".json")
            return is_slug(register) and is_volume(volume) and _EVENT.fullmatch(name) is not None and name != event
        case _:
            return False


def log_batch_key(seq: int) -> str:
    """Return the key of batch *seq* of the log, counted from 0."""
    return f"{LOG_BATCHES}{seq:010}.json"


def log_checkpoint_key(seq: int) -> str:
    """Return the key of the checkpoint after batch *seq* of the log."""
    return f"{LOG_CHECKPOINTS}{seq:010}"


def log_key_key(name: str, key_id: str) -> str:
    """Return the key of the record of a key of the log, by its name and its id of 8 hex digits."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].rstrip("-")
    _check(slug != "" and re.fullmatch(r"[0-9a-f]{8}", key_id) is not None, "log key", f"{name} {key_id}")
    return f"{LOG_KEYS}{slug}-{key_id}.json"


def snapshot_id(run_id: str, taken_at: datetime, series: SeriesId, account: AccountId) -> SnapshotId:
    """Name the snapshot that one run takes of one account and series.

    The same run gives the same name, so that a run repeated seals the same objects once;
    names sort by *taken_at* (aware), to the microsecond.
    """
    digest = sha256("\0".join((run_id, series, account)).encode()).hexdigest()[:8]
    return SnapshotId(f"{snapshot_stamp(taken_at)}-{digest}")


def snapshot_stamp(taken_at: datetime) -> str:
    """Return how the name of a snapshot taken at *taken_at* (aware) begins."""
    return taken_at.astimezone(UTC).strftime(_STAMP)


def taken_at_of(snapshot: SnapshotId) -> datetime:
    """Return the instant (UTC) that the name *snapshot* begins with.

    Raises:
        ObjectKeyError: *snapshot* is not of the form of `snapshot_id`.
    """
    _check(is_snapshot(snapshot), "snapshot", snapshot)
    try:
        return datetime.fromisoformat(snapshot.partition("-")[0])
    except ValueError:
        raise ObjectKeyError(f"snapshot: expected a name that begins with an instant, found {snapshot!r}") from None


def parse_record_key(key: str) -> tuple[VolumeAddress, SnapshotId | None, str]:
    """Split a key under ``records/`` into volume, snapshot (None for a medium) and name.

    Raises:
        ObjectKeyError: *key* is not of the specified form.
    """
    match key.split("/"):
        case ["records", series, account, volume, "media", name]:
            address = _volume_address(series, account, volume)
            _check(address.media_key(name) == key, "key", key)
            return address, None, name
        case ["records", series, account, volume, snapshot, name] if snapshot.startswith("snapshot="):
            address = _volume_address(series, account, volume)
            snapshot_address = SnapshotAddress(address, SnapshotId(snapshot.removeprefix("snapshot=")))
            _check(snapshot_address.key(name) == key, "key", key)
            return address, snapshot_address.snapshot, name
        case _:
            raise ObjectKeyError(f"key: expected records/series=/account=/volume=/..., found {key!r}")


def _volume_address(series: str, account: str, volume: str) -> VolumeAddress:
    return VolumeAddress(
        SeriesId(_value("series", series)), AccountId(_value("account", account)), VolumeId(_value("volume", volume))
    )


def _value(name: str, part: str) -> str:
    _check(part.startswith(f"{name}="), name, part)
    return part.removeprefix(f"{name}=")


def _check(holds: bool, what: str, found: str) -> None:
    if not holds:
        raise ObjectKeyError(f"key: {what} is not of the specified form: {found!r}")
