"""Verification: every byte that a manifest names is read again.

Kept apart from everything that writes. It takes no index's word, does not stop at the first
fault, and names a check that it could not make instead of passing it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from muniment.errors import EvidenceError, ManifestError, ObjectKeyError, ObjectMissingError
from muniment.evidence.digest import sha256_of_chunks
from muniment.evidence.findings import Finding
from muniment.evidence.layout import MANIFEST, SnapshotAddress, VolumeAddress, parse_record_key
from muniment.evidence.manifest import Manifest, SealedObject, parse_manifest
from muniment.evidence.readers import ObjectReader
from muniment.records.names import SnapshotId, parse_instant

Progress = Callable[[int, int], None]  # objects read so far, objects known so far

RECORDS = "records/"
LOCKS = "locks against the manifests' dates"
HIDDEN = "later versions and delete markers"
LATEST = "the latest manifests against a copy kept elsewhere: nothing here could contradict a rewritten one"
_NAMES_SHOWN = 5
_MANIFEST_LIMIT = 64 << 20  # a manifest past this is not one of ours


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What was checked and what was found. Sound when `findings` is empty."""

    scope: str
    snapshots: int
    objects: int
    size_bytes: int
    findings: tuple[Finding, ...]
    checks_made: tuple[str, ...]
    checks_not_made: tuple[str, ...]
    heads: tuple[tuple[str, str], ...]  # the latest snapshots, and the SHA-256 of their manifests


@dataclass(slots=True)
class _Tally:
    snapshots: int = 0
    objects: int = 0
    size_bytes: int = 0
    findings: list[Finding] = field(default_factory=list)
    not_made: list[str] = field(default_factory=list)

    def find(self, code: str, subject: str, detail: str) -> None:
        self.findings.append(Finding(code, subject, detail))


def verify(reader: ObjectReader, prefix: str = RECORDS, *, progress: Progress | None = None) -> VerificationReport:
    """Check every snapshot under *prefix* against its manifest, by re-reading bytes."""
    tally = _Tally()
    snapshots, media = _sort_keys(_list_keys(reader, prefix, tally), tally)
    manifests = _read_manifests(reader, snapshots, tally)
    named = {sealed.key: sealed for manifest in manifests.values() for sealed in manifest.objects}
    for count, (key, sealed) in enumerate(sorted(named.items()), 1):
        _check_object(reader, key, sealed, tally)
        if progress is not None:
            progress(count, len(named))
    for manifest in manifests.values():
        _check_manifest_lock(reader, manifest, tally)
    for key, what in reader.find_hidden(prefix):
        tally.find("V008", key, what)
    _find_unnamed(snapshots, media, manifests, named, tally)
    _check_chain(manifests, tally, whole=reader.keeps_locks and prefix == RECORDS)
    if not manifests:
        tally.find("V009", prefix, "expected at least one manifest, found none")
    return _report(reader, prefix, tally, _find_heads(manifests))


def _report(reader: ObjectReader, prefix: str, tally: _Tally, heads: tuple[tuple[str, str], ...]) -> VerificationReport:
    made: tuple[str, ...] = (
        "manifest form",
        "object hashes by re-reading",
        "objects that no manifest names",
        "chain of snapshots",
    )
    if reader.keeps_locks:
        made += (LOCKS, HIDDEN)
    else:
        tally.not_made.append(f"{LOCKS}: this place keeps no locks")
    if heads:
        tally.not_made.append(LATEST)
    return VerificationReport(
        scope=prefix,
        snapshots=tally.snapshots,
        objects=tally.objects,
        size_bytes=tally.size_bytes,
        findings=tuple(sorted(tally.findings)),
        checks_made=made,
        checks_not_made=tuple(tally.not_made),
        heads=heads,
    )


def _list_keys(reader: ObjectReader, prefix: str, tally: _Tally) -> list[str]:
    if prefix != RECORDS:
        return list(reader.list_keys(prefix))
    keys = list(reader.list_keys(""))
    if beside := sorted({key.partition("/")[0] for key in keys if not key.startswith(RECORDS)}):
        more = f" and {len(beside) - _NAMES_SHOWN} more" if len(beside) > _NAMES_SHOWN else ""
        tally.not_made.append(f"what no manifest names beside {RECORDS}: {', '.join(beside[:_NAMES_SHOWN])}{more}")
    return [key for key in keys if key.startswith(RECORDS)]


def _sort_keys(keys: Iterable[str], tally: _Tally) -> tuple[dict[SnapshotAddress, list[str]], list[str]]:
    snapshots: dict[SnapshotAddress, list[str]] = defaultdict(list)
    media: list[str] = []
    for key in keys:
        try:
            volume, snapshot, _ = parse_record_key(key)
        except ObjectKeyError as error:
            tally.find("V005", key, str(error))
            continue
        if snapshot is None:
            media.append(key)
        else:
            snapshots[SnapshotAddress(volume, snapshot)].append(key)
    return snapshots, media


def _read_manifests(
    reader: ObjectReader, snapshots: Iterable[SnapshotAddress], tally: _Tally
) -> dict[SnapshotAddress, Manifest]:
    manifests: dict[SnapshotAddress, Manifest] = {}
    for address in snapshots:
        key = address.key(MANIFEST)
        try:
            manifest = parse_manifest(_read_whole(reader, key))
            if manifest.address != address:
                raise ManifestError(f"manifest: expected that of {address.prefix}, found {manifest.address.prefix}")
        except ObjectMissingError:
            continue
        except EvidenceError as error:
            tally.find("V003", key, str(error))
            continue
        manifests[address] = manifest
        tally.snapshots += 1
    return manifests


def _read_whole(reader: ObjectReader, key: str) -> bytes:
    body = bytearray()
    for chunk in reader.read_chunks(key):
        body += chunk
        if len(body) > _MANIFEST_LIMIT:
            raise ManifestError(f"manifest: expected at most {_MANIFEST_LIMIT} bytes, found more")
    return bytes(body)


def _check_object(reader: ObjectReader, key: str, sealed: SealedObject, tally: _Tally) -> None:
    tally.objects += 1
    try:
        found, size = sha256_of_chunks(reader.read_chunks(key))
    except ObjectMissingError:
        tally.find("V001", key, f"expected {sealed.size_bytes} bytes, found no object")
        return
    except EvidenceError as error:
        tally.find("V001", key, str(error))
        return
    tally.size_bytes += size
    if found != sealed.sha256 or size != sealed.size_bytes:
        expected = f"{sealed.size_bytes} bytes with SHA-256 {sealed.sha256}"
        tally.find("V002", key, f"expected {expected}, found {size} bytes with SHA-256 {found}")
    _check_lock(reader, key, sealed.locked_until, tally)


def _check_manifest_lock(reader: ObjectReader, manifest: Manifest, tally: _Tally) -> None:
    _check_lock(reader, manifest.address.key(MANIFEST), manifest.retention.locked_until, tally)


def _check_lock(reader: ObjectReader, key: str, until: str, tally: _Tally) -> None:
    if not reader.keeps_locks:
        return
    lock = reader.lock_of(key)
    if lock is None:
        tally.find("V004", key, f"expected a lock until {until}, found none")
    elif lock.until < parse_instant(until) or lock.mode != "COMPLIANCE":
        tally.find("V004", key, f"expected COMPLIANCE until {until}, found {lock.mode} until {lock.until.isoformat()}")


def _find_unnamed(
    snapshots: dict[SnapshotAddress, list[str]],
    media: list[str],
    manifests: dict[SnapshotAddress, Manifest],
    named: dict[str, SealedObject],
    tally: _Tally,
) -> None:
    broken = {finding.subject for finding in tally.findings if finding.code == "V003"}
    for address, keys in snapshots.items():
        if address in manifests:
            strays = [key for key in keys if key not in named and key != address.key(MANIFEST)]
            for key in strays:
                tally.find("V005", key, "expected the manifest beside it to name it, found that it does not")
        elif address.key(MANIFEST) not in broken:
            tally.find("V007", address.prefix, f"expected a manifest, found {len(keys)} object(s) without one")
    # What a volume's unreadable or unfinished snapshot may name is told by that snapshot's own finding.
    open_volumes = {address.volume for address in snapshots.keys() - manifests.keys()}
    for key in media:
        if key not in named and parse_record_key(key)[0] not in open_volumes:
            tally.find("V005", key, "expected a manifest of its volume to name it, found none")


def _check_chain(manifests: dict[SnapshotAddress, Manifest], tally: _Tally, *, whole: bool) -> None:
    present: dict[tuple[VolumeAddress, SnapshotId], Manifest] = {
        (address.volume, address.snapshot): manifest for address, manifest in manifests.items()
    }
    for address, manifest in manifests.items():
        for needed in manifest.reads:
            if (address.volume, needed) not in present:
                tally.find("V006", address.prefix, f"expected snapshot {needed}, which its rows point to; found none")
        if manifest.previous is None:
            continue
        volume = VolumeAddress(address.volume.series, address.volume.account, manifest.previous.volume)
        before = present.get((volume, manifest.previous.snapshot))
        if before is None and whole:
            tally.find("V006", address.prefix, f"expected snapshot {manifest.previous.snapshot} before it, found none")
        elif before is None:
            tally.not_made.append(
                f"the link from {manifest.snapshot} to {manifest.previous.snapshot}: not in this scope"
            )
        elif before.sha256() != manifest.previous.manifest_sha256:
            tally.find("V006", address.prefix, "expected the hash of the manifest before it, found another")


def _find_heads(manifests: dict[SnapshotAddress, Manifest]) -> tuple[tuple[str, str], ...]:
    """Return what no other manifest's hash vouches for: the snapshots that none follows."""
    followed = {
        (address.volume.series, address.volume.account, manifest.previous.volume, manifest.previous.snapshot)
        for address, manifest in manifests.items()
        if manifest.previous is not None
    }
    return tuple(
        (address.prefix, manifest.sha256())
        for address, manifest in sorted(manifests.items())
        if (address.volume.series, address.volume.account, address.volume.volume, address.snapshot) not in followed
    )
