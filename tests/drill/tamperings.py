"""Every way of tampering that the drill tries: what is done, and what `verify` must say of it, no more and no less.

`python -m tests.drill.tamperings` writes docs/tampering-drill.md from this list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from muniment.evidence.checkpoint import Checkpoint, sign_checkpoint
from muniment.evidence.finding_types import CATALOGUE
from muniment.evidence.layout import (
    LOG_HEAD,
    MANIFEST,
    PAGES,
    ROWS,
    SnapshotAddress,
    TimestampAddress,
    log_batch_key,
    log_checkpoint_key,
)
from muniment.evidence.merkle import EMPTY_ROOT
from muniment.evidence.notes import make_signing_key
from muniment.records.names import SnapshotId
from tests.drill.archive import VISITED_AFTER, Archive, forge_rows
from tests.unit.evidence.log_folder import ORIGIN
from tests.unit.evidence.stamping import make_authority
from tests.unit.evidence.vault_folder import VOLUME, build_manifest

Expected = set[tuple[str, str]]  # finding codes, and the objects they blame
PAGE = Path(__file__).parents[2] / "docs" / "tampering-drill.md"


@dataclass(frozen=True)
class Tampering:
    """One way of tampering: `do` does it and tells what must be found."""

    done: str
    do: Callable[[Archive], Expected]
    codes: str  # as the document says them
    blamed: str

    @property
    def name(self) -> str:
        return self.do.__name__


OWN = (PAGES, ROWS)  # a snapshot's own objects

TAMPERINGS: list[Tampering] = []


def drill(
    done: str, codes: str, blamed: str
) -> Callable[[Callable[[Archive], Expected]], Callable[[Archive], Expected]]:
    def keep(do: Callable[[Archive], Expected]) -> Callable[[Archive], Expected]:
        TAMPERINGS.append(Tampering(done, do, codes, blamed))
        return do

    return keep


@drill("A byte flipped in the pages", "V002", "the pages")
def flip_pages(archive: Archive) -> Expected:
    key = archive.sealed(1, PAGES).key
    archive.flip(key)
    return {("V002", key)}


@drill("A byte flipped in the rows", "V002", "the rows")
def flip_rows(archive: Archive) -> Expected:
    key = archive.sealed(1, ROWS).key
    archive.flip(key)
    return {("V002", key)}


@drill("A byte flipped in a picture", "V002", "the picture")
def flip_medium(archive: Archive) -> Expected:
    key = archive.manifests[0].objects[-1].key
    archive.flip(key)
    return {("V002", key)}


@drill("A byte flipped in a manifest, which stays readable", "V015", "the manifest")
def flip_manifest(archive: Archive) -> Expected:
    key = archive.manifest_key(1)
    archive.flip(key, archive.path(key).read_bytes().index(b'"scope":"everything"') + 12)
    return {("V015", key)}


@drill("A byte flipped in a manifest, which breaks its form", "V003", "the manifest")
def break_manifest(archive: Archive) -> Expected:
    key = archive.manifest_key(1)
    archive.flip(key, 0)
    return {("V003", key)}


@drill("A byte flipped in a tile of the log", "V020", "the tile")
def flip_tile(archive: Archive) -> Expected:
    archive.flip("log/tile/0/000.p/4")
    return {("V020", "log/tile/0/000.p/4")}


@drill("A byte flipped in a bundle of the log's entries", "V020", "the bundle")
def flip_bundle(archive: Archive) -> Expected:
    archive.flip("log/tile/entries/000.p/4")
    return {("V020", "log/tile/entries/000.p/4")}


@drill("A byte flipped in a batch of the log", "V019", "the batch")
def flip_batch(archive: Archive) -> Expected:
    archive.flip(log_batch_key(1))
    return {("V019", log_batch_key(1))}


@drill("A byte flipped in a checkpoint", "V017", "the checkpoint")
def flip_checkpoint(archive: Archive) -> Expected:
    archive.flip(log_checkpoint_key(2))
    return {("V017", log_checkpoint_key(2))}


@drill("A byte flipped in a time stamp", "T001, T002 or T003", "the time stamp")
def flip_token(archive: Archive) -> Expected:
    key = TimestampAddress(1, "a", 0).key("tsr")
    archive.flip(key, -1)  # in the signature
    return {("T003", key)}


@drill("A row altered, and every hash above it recomputed, manifests and links", "V015", "every manifest rewritten")
def alter_row(archive: Archive) -> Expected:
    archive.rewrite_rows(1, ["Words 2, and nobody complained"])
    return {("V015", archive.manifest_key(1)), ("V015", archive.manifest_key(2))}


@drill(
    "A row altered and its file's hash recomputed, but not the root of the rows, before it was logged",
    "V011",
    "the rows",
)
def alter_row_under_root(archive: Archive) -> Expected:
    body, _ = forge_rows(["Words 3, and nobody complained"])
    key = archive.sealed(2, ROWS).key
    archive.relog([*archive.manifests[:2], *archive.rewrite(2, key, body)])
    return {("V011", key)}


@drill("A row altered, and the log made anew with its own key", "V022", "the log, by the checkpoint kept")
def alter_row_and_log(archive: Archive) -> Expected:
    forged = archive.rewrite_rows(1, ["Words 2, and nobody complained"])
    archive.relog([archive.manifests[0], *forged])
    return {("V022", "kept.checkpoint")}


@drill(
    "The same, and the time stamps left over the new checkpoints",
    "V022, T002",
    "the log; the stamps that do not fit it",
)
def alter_row_and_log_under_stamps(archive: Archive) -> Expected:
    stamps = {address: archive.path(address.key("tsr")).read_bytes() for address in _stamps()}
    chain = archive.path(TimestampAddress(0, "a", 0).key("chain.pem")).read_bytes()
    expected = alter_row_and_log(archive)
    for address, body in stamps.items():
        archive.log.put(address.key("tsr"), body)
        archive.log.put(address.key("chain.pem"), chain)
    return expected | {("T002", TimestampAddress(seq, "a", 0).key("tsr")) for seq in (1, 2)}


@drill("A row removed, and every hash above it recomputed", "V015", "every manifest rewritten")
def remove_row(archive: Archive) -> Expected:
    archive.rewrite_rows(1, [])
    return {("V015", archive.manifest_key(1)), ("V015", archive.manifest_key(2))}


@drill("A snapshot removed", "V013", "the snapshot")
def remove_snapshot(archive: Archive) -> Expected:
    archive.remove_snapshot(1)
    return {("V013", archive.manifest_key(1))}


@drill("A snapshot removed with its log entry, the log made anew with its own key", "V006, V022", "the gap; the log")
def remove_snapshot_and_entry(archive: Archive) -> Expected:
    archive.remove_snapshot(1)
    archive.relog([archive.manifests[0], archive.manifests[2]])
    # The third snapshot names the second by hash, and its rows point to it.
    return {("V006", archive.manifests[2].address.prefix), ("V022", "kept.checkpoint")}


@drill("A snapshot's manifest removed", "V013", "the manifest")
def remove_manifest(archive: Archive) -> Expected:
    archive.remove(archive.manifest_key(2))
    return {("V013", archive.manifest_key(2))}


@drill("A picture removed", "V001", "the picture")
def remove_medium(archive: Archive) -> Expected:
    key = archive.manifests[0].objects[-1].key
    archive.remove(key)
    return {("V001", key)}


@drill("A whole volume removed", "V014", "the volume")
def remove_volume(archive: Archive) -> Expected:
    archive.remove_under(VOLUME.prefix)
    return {("V014", VOLUME.prefix), ("V009", "records/")}


@drill("Two snapshots swapped", "V003", "both")
def swap_snapshots(archive: Archive) -> Expected:
    first, second = (archive.path(archive.manifests[number].address.prefix) for number in (0, 1))
    aside = archive.root / "aside"
    first.rename(aside)
    second.rename(first)
    aside.rename(second)
    return {("V003", archive.manifest_key(0)), ("V003", archive.manifest_key(1))}


@drill("Two snapshots swapped, their manifests rewritten to fit their places", "V015", "both, and what was linked anew")
def swap_snapshots_and_rewrite(archive: Archive) -> Expected:
    first, second = archive.manifests[:2]
    bodies = {name: [archive.path(item.address.key(name)).read_bytes() for item in (first, second)] for name in OWN}
    commitments = [first.commitment, second.commitment]
    for number, other in ((0, 1), (1, 0)):
        for name in OWN:
            key = archive.manifests[number].address.key(name)
            changed = archive.rewrite(number, key, bodies[name][other], commitment=commitments[other])
            archive.manifests[number:] = changed
    return {("V015", archive.manifest_key(number)) for number in (0, 1, 2)}


@drill("A snapshot slipped in that was never logged", "V016", "the snapshot")
def slip_in(archive: Archive) -> Expected:
    address = SnapshotAddress(VOLUME, SnapshotId("20261121T120009.000000Z-0123abcd"))
    body, commitment = forge_rows(["slipped in"])
    objects = (archive.vault.write(address.key(PAGES), b"x"), archive.vault.write(address.key(ROWS), body))
    manifest = build_manifest(address, objects, archive.manifests[-1], commitment)
    archive.vault.write(address.key(MANIFEST), manifest.to_bytes())
    return {("V016", address.key(MANIFEST))}


@drill("A later checkpoint forged without the log's key", "V017", "the checkpoint")
def forge_checkpoint(archive: Archive) -> Expected:
    forged = sign_checkpoint(Checkpoint(ORIGIN, 9, EMPTY_ROOT), [make_signing_key(ORIGIN)])
    archive.log.put(log_checkpoint_key(3), forged)
    return {("V017", log_checkpoint_key(3))}


@drill("A later checkpoint forged with the log's key, over entries that are not there", "V018", "the checkpoint")
def forge_checkpoint_with_key(archive: Archive) -> Expected:
    forged = sign_checkpoint(Checkpoint(ORIGIN, 9, EMPTY_ROOT), [archive.log.key])
    archive.log.put(log_checkpoint_key(3), forged)
    archive.log.put(LOG_HEAD, forged)
    return {("V018", log_checkpoint_key(3)), ("V018", LOG_HEAD)}


@drill("An older log put back", "V021", "the log, by the checkpoint kept")
def roll_back(archive: Archive) -> Expected:
    archive.relog(archive.manifests[:VISITED_AFTER])
    return {("V021", "kept.checkpoint")}


@drill("The last batch of the log removed", "V019", "the batch")
def remove_batch(archive: Archive) -> Expected:
    archive.remove(log_batch_key(2))
    return {("V019", log_batch_key(2))}


@drill("The lock's date shortened in a manifest", "V010, V015", "the manifest")
def shorten_lock(archive: Archive) -> Expected:
    manifest, sooner = archive.manifests[2], "2027-12-01T08:00:00.000000Z"
    objects = tuple(replace(sealed, locked_until=sooner) for sealed in manifest.objects)
    archive.reseal(2, retention=replace(manifest.retention, locked_until=sooner), objects=objects)
    return {("V010", archive.manifest_key(2)), ("V015", archive.manifest_key(2))}


@drill("The lock's date shortened in a manifest before it was logged", "V010", "the manifest")
def shorten_lock_before_logging(archive: Archive) -> Expected:
    manifest, sooner = archive.manifests[2], "2027-12-01T08:00:00.000000Z"
    objects = tuple(replace(sealed, locked_until=sooner) for sealed in manifest.objects)
    forged = archive.reseal(2, retention=replace(manifest.retention, locked_until=sooner), objects=objects)
    archive.relog([*archive.manifests[:2], *forged])
    return {("V010", archive.manifest_key(2))}


@drill("The log's key replaced, and everything signed anew", "V022, V023", "the log; the key")
def replace_key(archive: Archive) -> Expected:
    archive.log.key = make_signing_key(ORIGIN)
    archive.relog(archive.manifests)
    record, _ = archive.log.key_record()
    return {("V022", "kept.checkpoint"), ("V023", record.key)}


@drill("A foreign object dropped in among the records", "V005", "the object")
def drop_in(archive: Archive) -> Expected:
    archive.log.put(f"{VOLUME.prefix}notes.txt", b"x")
    return {("V005", f"{VOLUME.prefix}notes.txt")}


@drill("A foreign object dropped in beside a snapshot's own", "V005", "the object")
def drop_in_media(archive: Archive) -> Expected:
    key = VOLUME.media_key("b" * 64)
    archive.log.put(key, b"x")
    return {("V005", key)}


@drill("A foreign object dropped into the log", "V005", "the object")
def drop_into_log(archive: Archive) -> Expected:
    archive.log.put("log/notes.txt", b"x")
    return {("V005", "log/notes.txt")}


@drill("The clock set back before a snapshot was sealed", "V012", "the snapshot")
def set_clock_back(archive: Archive) -> Expected:
    sooner = "2026-11-21T11:00:00.000000Z"
    forged = archive.reseal(2, began_at=sooner, ended_at=sooner, sealed_at=sooner)
    archive.relog([*archive.manifests[:2], *forged])
    return {("V012", archive.manifest_key(2))}


@drill("A snapshot that claims a time after the stamp over it", "T011", "the snapshot")
def claim_the_future(archive: Archive) -> Expected:
    forged = archive.reseal(2, sealed_at="2026-11-21T13:00:00.000000Z")
    archive.relog([*archive.manifests[:2], *forged])
    archive.stamp(archive.authority)
    return {("T011", archive.manifest_key(2))}


@drill("The time stamps made anew by an authority that nobody knows", "T004", "the time stamps")
def replace_authority(archive: Archive) -> Expected:
    archive.stamp(make_authority(name="B"))
    return {("T004", address.key("tsr")) for address in _stamps()}


def _stamps() -> Iterator[TimestampAddress]:
    return (TimestampAddress(seq, "a", 0) for seq in range(3))


TESTED_APART = (
    ("A fork of the log shown to two auditors", "V022", "the log, by the other's checkpoint"),
    ("A delete marker laid over an object", "V008", "the object"),
    ("A shadow version put on top of an object", "V008", "the object"),
    ("A lock on the store shorter than the manifest's", "V004", "the object"),
    ("A foreign object dropped in beside the records of a bucket", "V005", "the object"),
)


def render() -> str:
    """Return the document."""
    rows = [(item.done, item.codes, item.blamed) for item in TAMPERINGS] + list(TESTED_APART)
    known = {code for code in CATALOGUE if any(code in codes for _, codes, _ in rows)}
    lines = "".join(f"| {done} | {codes} | {blamed} |\n" for done, codes, blamed in rows)
    meanings = "".join(f"| {code} | {CATALOGUE[code].sentence} |\n" for code in sorted(known))
    return (
        "<!-- made by `python -m tests.drill.tamperings`; change the source, not this file -->\n"
        "# The tampering drill\n\n"
        "Each line is a test: an insider with every key of the archive does it, and `muniment verify` must find it\n"
        "with the code named and blame nothing else. The auditor brings what an earlier visit left: a key of the log,\n"
        "a checkpoint, and the root of the time authority. The tests are in `tests/drill`.\n\n"
        f"| what was done | found as | what is blamed |\n|---|---|---|\n{lines}\n"
        f"| code | meaning |\n|---|---|\n{meanings}"
    )


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
