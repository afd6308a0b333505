"""A small archive with its log and time stamps, an auditor who was there once before, an insider with every key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq

from muniment.evidence.checks.log import BroughtCheckpoint
from muniment.evidence.digest import sha256_hex
from muniment.evidence.layout import MANIFEST, ROWS, TimestampAddress, log_checkpoint_key
from muniment.evidence.log_records import MANIFEST_KIND, LogEntry
from muniment.evidence.manifest import Commitment, Manifest, Previous, SealedObject
from muniment.evidence.readers import FolderReader
from muniment.evidence.report import VerificationReport
from muniment.evidence.timestamp import make_request
from muniment.evidence.timestamp_chain import write_certificates
from muniment.evidence.verify import Means, verify
from muniment.tables.parquet import restate_notes
from muniment.tables.row_commitments import KEY, commit_file
from muniment.tables.row_roots import recompute_root
from muniment.tables.schemas import ITEMS
from tests.unit.evidence.log_folder import FolderLog
from tests.unit.evidence.stamping import Authority, make_authority
from tests.unit.evidence.vault_folder import SoundVault

STAMPED_AT = datetime(2026, 11, 21, 12, 2, tzinfo=UTC)
VISITED_AFTER = 1  # the auditor kept the checkpoint after this batch


@dataclass
class Archive:
    """Three snapshots, each logged in a batch of its own and each checkpoint stamped."""

    root: Path
    vault: SoundVault = field(init=False)
    log: FolderLog = field(init=False)
    authority: Authority = field(default_factory=make_authority)
    kept: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.vault = SoundVault(self.root)
        for number in (1, 2, 3):
            self.vault.add_snapshot(number, media=b"a picture" if number == 1 else None)
        self.log = FolderLog(self.root, self.manifests[0])
        self.relog(self.manifests)
        self.stamp(self.authority)
        self.kept = self.path(log_checkpoint_key(VISITED_AFTER)).read_bytes()
        self.means = Means(
            log_keys=(self.log.key.verifier,),
            checkpoints=(BroughtCheckpoint("kept.checkpoint", self.kept),),
            time_roots=self.authority.trust,
            row_root=recompute_root,
        )

    @property
    def manifests(self) -> list[Manifest]:
        return self.vault.manifests

    def path(self, key: str) -> Path:
        return self.root / key

    def verify(self, means: Means | None = None) -> VerificationReport:
        """Verify as the auditor does: with the log's key, an older checkpoint and the authority's root."""
        return verify(FolderReader(self.root), means=means or self.means)

    def flip(self, key: str, place: int | None = None) -> None:
        """Flip one bit of the object at *key*."""
        body = bytearray(self.path(key).read_bytes())
        body[len(body) // 2 if place is None else place] ^= 1
        self.path(key).write_bytes(bytes(body))

    def remove(self, *keys: str) -> None:
        for key in keys:
            self.path(key).unlink()

    def remove_snapshot(self, number: int) -> None:
        manifest = self.manifests[number]
        self.remove(*(sealed.key for sealed in manifest.objects), manifest.address.key(MANIFEST))

    def rewrite(self, number: int, key: str, body: bytes, **changes: object) -> list[Manifest]:
        """Write other bytes at *key* of snapshot *number*, and recompute its manifest and every one that follows."""
        forged = self.vault.write(key, body)
        objects = tuple(forged if sealed.key == key else sealed for sealed in self.manifests[number].objects)
        return self.reseal(number, objects=objects, **changes)

    def rewrite_rows(self, number: int, texts: Sequence[str]) -> list[Manifest]:
        """Seal other rows in the place of snapshot *number*'s, with a commitment to them, and all that follows."""
        body, commitment = forge_rows(texts)
        counts = replace(self.manifests[number].rows, new=len(texts))
        return self.rewrite(number, self.sealed(number, ROWS).key, body, rows=counts, commitment=commitment)

    def reseal(self, number: int, **changes: object) -> list[Manifest]:
        """Change the manifest of snapshot *number*, and the links of every one that follows."""
        manifests = [replace(self.manifests[number], **changes)]  # type: ignore[arg-type]
        for later in self.manifests[number + 1 :]:
            before = manifests[-1]
            link = Previous(volume=before.volume, snapshot=before.snapshot, manifest_sha256=before.sha256())
            manifests.append(replace(later, previous=link))
        for manifest in manifests:
            self.vault.write(manifest.address.key(MANIFEST), manifest.to_bytes())
        return manifests

    def relog(self, manifests: Iterable[Manifest]) -> None:
        """Make the whole log anew, of *manifests*, with the log's own key."""
        self.log.batches.clear()
        for manifest in manifests:
            self.log.append(manifest)
        self.remove_under("log/")
        self.log.write()

    def remove_under(self, prefix: str) -> None:
        for path in (self.root / prefix).rglob("*"):
            if path.is_file():
                path.unlink()

    def stamp(self, authority: Authority, at: datetime = STAMPED_AT) -> None:
        """Have *authority* stamp every checkpoint."""
        chain = write_certificates((authority.signer.certificate, authority.root.certificate))
        for seq in range(len(self.log.batches)):
            address = TimestampAddress(seq, "a", 0)
            note = self.path(log_checkpoint_key(seq)).read_bytes()
            self.log.put(address.key("tsr"), authority.answer(make_request(note), at))
            self.log.put(address.key("chain.pem"), chain)

    def sealed(self, number: int, name: str) -> SealedObject:
        return next(item for item in self.manifests[number].objects if item.key.endswith(name))

    def manifest_key(self, number: int) -> str:
        return self.manifests[number].address.key(MANIFEST)


def forge_rows(texts: Sequence[str]) -> tuple[bytes, Commitment]:
    """Make a whole rows file of *texts*, and the commitment to it."""
    rows = [dict.fromkeys(ITEMS.names) | {"item_id": text, "row_state": "new", "text": text} for text in texts]
    with TemporaryDirectory() as folder:
        path = Path(folder) / ROWS
        pq.write_table(pa.Table.from_pylist(rows, ITEMS), path)
        found = commit_file(path, "items/1")
        restate_notes(path, ITEMS, {KEY: found.to_json()})
        return path.read_bytes(), Commitment(scheme="muniment.rows/1", rows=found.rows, root=found.root.hex())


def entry_of(manifest: Manifest) -> LogEntry:
    return LogEntry(MANIFEST_KIND, manifest.address.key(MANIFEST), sha256_hex(manifest.to_bytes()))
