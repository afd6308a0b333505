"""A snapshot of a watched page, read back from the vault: its text, its surroundings, its clauses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import ROWS, SnapshotAddress, taken_at_of
from muniment.evidence.manifest import Manifest
from muniment.policy.pages.changes import Reading, digest_clauses
from muniment.records.names import AccountId
from muniment.records.page import Purpose
from muniment.records.rows import SURROUNDINGS, WHOLE_PAGE
from muniment.records.series import POLICIES
from muniment.tables.item_scan import scan_items
from muniment.workflows.history import list_snapshots, list_volumes, read_manifest_or_none
from muniment.workflows.wiring import Workplace


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What a page said at one capture. `clauses` maps labels to words; `whole` None: it had no words."""

    whole: str | None
    surroundings: str | None
    clauses: Mapping[str, str]

    def reading(self) -> Reading:
        """Return the hashes of what was read."""
        clauses = {label: sha256_hex(text.encode()) for label, text in self.clauses.items()}
        return Reading(
            sha256=digest_clauses(clauses) if clauses else sha256_hex((self.whole or "").encode()), clauses=clauses
        )


def list_page_manifests(place: Workplace, page: str, *, until: datetime | None = None) -> Iterator[Manifest]:
    """Yield the finished snapshots of *page* taken before *until* (aware), latest first.

    Raises:
        ManifestError: a manifest is not of its specified form.
        StoreUnavailableError: the store did not answer.
    """
    for volume in list_volumes(place.vault, POLICIES, AccountId(page)):
        for address in list_snapshots(place.vault, volume):
            if until is None or taken_at_of(address.snapshot) < until:
                manifest = read_manifest_or_none(place.vault, address)
                if manifest is not None:
                    yield manifest


def was_shown(manifest: Manifest) -> bool:
    """Tell whether the server showed the page; where it did not, a gap says so."""
    return not any(gap.purpose == Purpose.WEB_PAGE for gap in manifest.gaps)


def read_page_text(place: Workplace, manifest: Manifest) -> PageText:
    """Read the rows of the snapshot of *manifest*.

    Raises:
        ParseError: a rows file is not whole.
        CustodyError: it cannot be fetched.
    """
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="pages-", dir=place.settings.scratch) as folder:
        rows = _download(place, manifest.address, Path(folder))
        holders: dict[str, Path] = {
            snapshot: _download(place, SnapshotAddress(manifest.address.volume, snapshot), Path(folder))
            for snapshot in manifest.reads
        }
        batches = scan_items(rows, holders, ("item_id", "text"), scratch=Path(folder))
        texts = {str(row[0]): str(row[1] or "") for batch in batches for row in batch}
    whole, surroundings = texts.pop(WHOLE_PAGE, None), texts.pop(SURROUNDINGS, None)
    return PageText(whole=whole, surroundings=surroundings, clauses=texts)


def _download(place: Workplace, address: SnapshotAddress, folder: Path) -> Path:
    path = folder / f"{address.snapshot}-{ROWS}"
    place.vault.download(address.key(ROWS), path)
    return path
