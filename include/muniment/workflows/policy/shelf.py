"""The files of the latest snapshots, fetched once and read by every check; gone when nobody needs them any more."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path

from muniment.evidence.layout import MANIFEST, MEDIA, ROWS, SnapshotAddress
from muniment.evidence.manifest import Manifest, parse_manifest
from muniment.policy.scene import SnapshotFact
from muniment.records.names import SnapshotId
from muniment.tables.media_file import read_media
from muniment.workflows.wiring import Workplace

Media = dict[str, str | None]  # of each medium: its SHA-256, or None where it was not kept and a gap says why


@dataclass(frozen=True, slots=True)
class Held:
    """The files of one snapshot, fetched: its rows, those it points to, and what came of its media."""

    rows: Path
    holders: dict[str, Path]
    media: Media


class Shelf:
    """A folder with the files of snapshots, each fetched when it is first asked for.

    The folder goes with the shelf: a scene that holds it needs no closing.
    """

    def __init__(self, place: Workplace) -> None:
        place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = Path(tempfile.mkdtemp(prefix="policy-", dir=place.settings.scratch))
        self._place = place
        self._held: dict[str, Held] = {}
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def fetch(self, fact: SnapshotFact) -> Held:
        """Return the files of the snapshot.

        Raises:
            CustodyError: one cannot be fetched.
            ManifestError: its manifest is not of its specified form.
        """
        if fact.key not in self._held:
            self._held[fact.key] = _fetch(self._place, fact, self.folder)
        return self._held[fact.key]


def _fetch(place: Workplace, fact: SnapshotFact, folder: Path) -> Held:
    manifest = parse_manifest(place.vault.read(fact.key))
    address = manifest.address
    rows = _download(place, address, ROWS, folder)
    holders: dict[str, Path] = {}
    for snapshot in manifest.reads:
        holders[snapshot] = _download(place, SnapshotAddress(address.volume, snapshot), ROWS, folder)
    media: Media = {}
    for snapshot in sorted(_with_media(place, manifest)):
        media |= _read_media(place, SnapshotAddress(address.volume, snapshot), folder)
    return Held(rows, holders, media)


def _download(place: Workplace, address: SnapshotAddress, name: str, folder: Path) -> Path:
    path = folder / address.key(name).replace("/", "-")
    if not path.exists():
        place.vault.download(address.key(name), path)
    return path


def _with_media(place: Workplace, manifest: Manifest) -> set[SnapshotId]:
    """Return the snapshots whose lists say what came of the media: this one asked for all that these do not have."""
    found = {manifest.snapshot, *manifest.reads}
    previous = manifest.previous
    if previous is not None and previous.volume == manifest.volume:
        before = SnapshotAddress(manifest.address.volume, previous.snapshot)
        found |= {previous.snapshot, *parse_manifest(place.vault.read(before.key(MANIFEST))).reads}
    return found


def _read_media(place: Workplace, address: SnapshotAddress, folder: Path) -> Media:
    if place.vault.find(address.key(MEDIA)) is None:
        return {}
    path = _download(place, address, MEDIA, folder)
    return {exchange.media_id: exchange.sha256 for exchange in read_media(path)}
