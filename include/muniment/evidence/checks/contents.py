"""What a place holds: its keys by kind, and its manifests, volume by volume so that memory stays small."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from muniment.errors import EvidenceError, ManifestError, ObjectKeyError, ObjectMissingError
from muniment.evidence.digest import sha256_hex
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress, VolumeAddress, parse_record_key
from muniment.evidence.manifest import Manifest, SealedObject, parse_manifest
from muniment.evidence.readers import ObjectReader

RECORDS, LOG, REGISTERS = "records/", "log/", "registers/"
THROWAWAYS = "doctor/"  # what proved the store's locks; it may itself be locked for a day
_LIMIT = 64 << 20  # bytes; what is read whole and is past this is not one of ours


@dataclass(frozen=True, slots=True)
class Listing:
    """Every key of a place, sorted, by kind; `beside` are those of no specified kind."""

    records: tuple[str, ...]
    log: tuple[str, ...]
    registers: tuple[str, ...]
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """The keys and manifests of one volume. `unread` are the snapshots whose manifest cannot be read."""

    address: VolumeAddress
    snapshots: Mapping[SnapshotAddress, tuple[str, ...]]
    media: tuple[str, ...]
    manifests: Mapping[SnapshotAddress, Manifest]
    digests: Mapping[SnapshotAddress, str]  # SHA-256 of each manifest's bytes
    unread: frozenset[SnapshotAddress]
    findings: tuple[Finding, ...]

    def doubting(self, logged: Mapping[str, str]) -> Volume:
        """Return the volume without the manifests that are not those *logged*, by key: they count as unread."""
        sound = {
            address: manifest
            for address, manifest in self.manifests.items()
            if logged.get(address.key(MANIFEST)) in (None, self.digests[address])
        }
        return replace(self, manifests=sound, unread=self.unread | (self.manifests.keys() - sound.keys()))

    def named(self) -> dict[str, SealedObject]:
        """Return every object that a manifest names, by key, sorted."""
        found = {sealed.key: sealed for manifest in self.manifests.values() for sealed in manifest.objects}
        return dict(sorted(found.items()))


def list_place(reader: ObjectReader, scope: str) -> Listing:
    """List what lies under *scope*, and the log and the registers beside it."""
    if scope != RECORDS:
        records, log, registers = (tuple(reader.list_keys(prefix)) for prefix in (scope, LOG, REGISTERS))
        return Listing(records, log, registers, ())
    kinds: dict[str, list[str]] = defaultdict(list)
    for key in reader.list_keys(""):
        if key.startswith(THROWAWAYS):
            continue
        kind = next((prefix for prefix in (RECORDS, LOG, REGISTERS) if key.startswith(prefix)), "")
        kinds[kind].append(key)
    return Listing(tuple(kinds[RECORDS]), tuple(kinds[LOG]), tuple(kinds[REGISTERS]), tuple(kinds[""]))


def find_misnamed(keys: Sequence[str]) -> Iterator[Finding]:
    """Find the *keys* under ``records/`` that are not of the specified form."""
    for key in keys:
        try:
            parse_record_key(key)
        except ObjectKeyError as error:
            yield Finding("V005", key, str(error))


def read_volumes(reader: ObjectReader, keys: Sequence[str]) -> Iterator[Volume]:
    """Yield the volumes that the sorted *keys* belong to, with their manifests; a misnamed key is left out."""
    for address, grouped in groupby(_parsed(keys), lambda found: found[0]):
        snapshots: dict[SnapshotAddress, list[str]] = defaultdict(list)
        media: list[str] = []
        for _, snapshot, key in grouped:
            (media if snapshot is None else snapshots[snapshot]).append(key)
        yield _read_volume(reader, address, {at: tuple(keys) for at, keys in snapshots.items()}, tuple(media))


def read_whole(reader: ObjectReader, key: str) -> bytes:
    """Return the bytes of *key*.

    Raises:
        EvidenceError: it is too large to be one of ours, or its key leads out of the place.
        ObjectMissingError: there is no such object.
    """
    body = bytearray()
    for chunk in reader.read_chunks(key):
        body += chunk
        if len(body) > _LIMIT:
            raise EvidenceError(f"{key}: expected at most {_LIMIT} bytes, found more")
    return bytes(body)


def _parsed(keys: Sequence[str]) -> Iterator[tuple[VolumeAddress, SnapshotAddress | None, str]]:
    for key in keys:
        try:
            volume, snapshot, _ = parse_record_key(key)
        except ObjectKeyError:
            continue
        yield volume, SnapshotAddress(volume, snapshot) if snapshot else None, key


def _read_volume(
    reader: ObjectReader,
    address: VolumeAddress,
    snapshots: Mapping[SnapshotAddress, tuple[str, ...]],
    media: tuple[str, ...],
) -> Volume:
    manifests: dict[SnapshotAddress, Manifest] = {}
    digests: dict[SnapshotAddress, str] = {}
    findings: dict[SnapshotAddress, Finding] = {}
    for snapshot in snapshots:
        key = snapshot.key(MANIFEST)
        try:
            body = read_whole(reader, key)
            manifests[snapshot], digests[snapshot] = _parse(body, snapshot), sha256_hex(body)
        except ObjectMissingError:
            continue
        except EvidenceError as error:
            findings[snapshot] = Finding("V003", key, str(error))
    return Volume(address, snapshots, media, manifests, digests, frozenset(findings), tuple(findings.values()))


def _parse(body: bytes, address: SnapshotAddress) -> Manifest:
    manifest = parse_manifest(body)
    if manifest.address != address:
        raise ManifestError(f"manifest: expected that of {address.prefix}, found {manifest.address.prefix}")
    for sealed in manifest.objects:
        _, snapshot, name = parse_record_key(sealed.key)
        if snapshot is None and sealed.sha256 != name:
            raise ManifestError(f"manifest: expected the hash in {sealed.key}, found {sealed.sha256}")
    return manifest
