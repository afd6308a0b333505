"""The frozen list: every version of every object that a disposition would destroy, in both copies.

Format ``muniment.disposition-list/1``, canonical JSON, sealed once. Its SHA-256 is what people
sign, and destruction touches nothing that is not on it. A version is spelled as
``[copy, key after the volume's prefix, version id, bytes]``; a delete marker has no bytes: -1.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from muniment.errors import EvidenceError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import VolumeAddress
from muniment.evidence.typed import read_typed
from muniment.records.canonical import JsonValue, canonical_json
from muniment.records.names import AccountId, AgencyId, SeriesId, VolumeId

LIST_FORMAT = "muniment.disposition-list/1"
VAULT, SECOND = "vault", "second"
COPIES = (VAULT, SECOND)
MARKER_BYTES = -1  # a delete marker's size


@dataclass(frozen=True, slots=True, order=True)
class ListedVersion:
    """One version of one object, or one delete marker, in one of `COPIES`."""

    copy: str
    key: str
    version_id: str
    size_bytes: int


@dataclass(frozen=True, slots=True, order=True)
class ListedManifest:
    """A manifest by its key and the SHA-256 of its bytes, and what it says, which nothing else tells once it is gone.

    When it was sealed, by which row, the date sum behind its lock, the shortest lock of its objects, and how
    many objects came with it: one that several snapshots of the volume list came with the first of them.
    """

    key: str
    sha256: str
    sealed_at: str = ""
    row: str = ""
    locked_until: str = ""
    least_until: str = ""
    objects: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVolume:
    """One volume of the list. `steps` is the sum of its due date; instants are spelled by `format_instant`.

    `objects` counts keys of the vault, `size_bytes` the bytes of the vault's records.
    """

    series: SeriesId
    account: AccountId
    volume: VolumeId
    row: str
    cutoff_at: str
    due_at: str
    steps: tuple[str, ...]
    snapshots: int
    objects: int
    rows: int
    size_bytes: int
    first_taken: str
    last_taken: str
    manifests: tuple[ListedManifest, ...]
    versions: tuple[ListedVersion, ...]

    @property
    def address(self) -> VolumeAddress:
        """Return where the volume lives."""
        return VolumeAddress(self.series, self.account, self.volume)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenList:
    """What one disposition would destroy: volumes of one row, under the schedule in force when it was frozen."""

    disposition: str
    agency: AgencyId
    action: str
    series: SeriesId
    row: str
    schedule_version: str
    schedule_sha256: str
    adoption_resolution: str
    adopted_on: str
    frozen_at: str
    volumes: tuple[ListedVolume, ...]

    def versions(self) -> Iterator[ListedVersion]:
        """Yield every version of the list."""
        for volume in self.volumes:
            yield from volume.versions

    def to_bytes(self) -> bytes:
        """Render the list as canonical JSON."""
        volumes = [
            {**asdict(replace(volume, versions=())), "versions": _spell(volume.address.prefix, volume.versions)}
            for volume in self.volumes
        ]
        fields = {**asdict(replace(self, volumes=())), "volumes": volumes}
        return canonical_json({"format": LIST_FORMAT, **fields})

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the canonical bytes, 64 lower hex digits."""
        return sha256_hex(self.to_bytes())


def parse_list(body: bytes) -> FrozenList:
    """Read a list from its canonical bytes.

    Raises:
        EvidenceError: the bytes are not canonical JSON of this format.
    """
    try:
        value = json.loads(body)
        canonical = canonical_json(value) == body
    except (ValueError, RecursionError):
        raise EvidenceError("disposition list: expected JSON, found other bytes") from None
    if not canonical or not isinstance(value, dict) or value.pop("format", None) != LIST_FORMAT:
        raise EvidenceError(f"disposition list: expected canonical JSON of {LIST_FORMAT}, found another")
    try:
        volumes = tuple(map(_read_volume, value.pop("volumes")))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"disposition list: expected its volumes, found {type(error).__name__}") from None
    found: FrozenList = read_typed(FrozenList, {**value, "volumes": []}, "disposition list")
    return replace(found, volumes=volumes)


def _spell(prefix: str, versions: Sequence[ListedVersion]) -> list[JsonValue]:
    return [[one.copy, one.key.removeprefix(prefix), one.version_id, one.size_bytes] for one in versions]


def _read_volume(fields: dict[str, Any]) -> ListedVolume:
    lines = fields.pop("versions")
    volume: ListedVolume = read_typed(ListedVolume, {**fields, "versions": []}, "volume")
    prefix = volume.address.prefix
    versions = tuple(
        ListedVersion(_copy(copy), prefix + _typed(str, name), _typed(str, version), _typed(int, size))
        for copy, name, version, size in lines
    )
    return replace(volume, versions=versions)


def _copy(value: object) -> str:
    if value not in COPIES:
        raise ValueError(value)
    return str(value)


def _typed(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(type(value).__name__)
    return value
